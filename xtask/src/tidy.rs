//! `cargo xtask tidy`: the rules of the house that no compiler knows. Each check is a pure function of the tree (and of
//! what cargo says of the packages), in a module of its own, with a good and a bad input beside it.

mod arrows;
mod attacks;
mod docs;
mod paths;
mod sizes;
mod source;
mod words;

use crate::Result;
use crate::proc::Cmd;
use arrows::Package;
use source::Source;
use std::fmt;
use std::fs;
use std::path::Path;

/// The files of the checkout that git tracks or would add, by their path from its root.
#[derive(Debug, Default)]
struct Tree {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: String,
    text: String,
    /// For Rust files, what of the text is code.
    source: Option<Source>,
}

#[derive(Debug, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
}

/// Something that a check does not like, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    level: Level,
    place: String,
    what: String,
}

pub(crate) fn main(args: &[String]) -> Result {
    if let Some(arg) = args.first() {
        return Err(format!("tidy takes no options, not {arg:?}"));
    }
    check()
}

/// Prints every finding; an error among them is the answer.
pub(crate) fn check() -> Result {
    let root = crate::test::root();
    let tree = Tree::read(root)?;
    let metadata = Cmd::cargo().args(["metadata", "--no-deps", "--format-version", "1"]).cwd(root).read()?;
    let packages = arrows::packages(&metadata)?;
    let findings = all(&tree, &packages, &root.to_string_lossy());
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let warnings = findings.len() - errors;
    println!(
        "tidy: {} files, {errors} errors, {warnings} warnings; attacks: {}",
        tree.files.len(),
        attacks::state(&tree)
    );
    if errors == 0 { Ok(()) } else { Err(format!("{errors} errors, listed above")) }
}

fn all(tree: &Tree, packages: &[Package], checkout: &str) -> Vec<Finding> {
    [
        arrows::check(packages),
        sizes::check(tree),
        words::check(tree),
        paths::check(tree, checkout),
        docs::check(tree, packages),
        attacks::check(tree),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Tree {
    fn read(root: &Path) -> Result<Tree> {
        let listed = Cmd::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let names = listed.cwd(root).read()?;
        let mut files = Vec::new();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            // Not there: deleted, but still tracked. Not UTF-8: no text of ours.
            if let Ok(text) = fs::read_to_string(root.join(name)) {
                files.push(File::new(name, text));
            }
        }
        Ok(Tree { files })
    }

    fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| Some((file, file.source.as_ref()?)))
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Tree {
        Tree { files: files.iter().map(|(path, text)| File::new(path, (*text).to_owned())).collect() }
    }
}

impl File {
    fn new(path: &str, text: String) -> File {
        let source = path.ends_with(".rs").then(|| Source::of(&text));
        File { path: path.to_owned(), text, source }
    }
}

impl Finding {
    fn error(place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding { level: Level::Error, place: place.into(), what: what.into() }
    }

    fn warning(place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding { level: Level::Warning, place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{level}: {}: {}", self.place, self.what)
    }
}
