//! The least that has to be mounted so that a program of this machine works in a jail.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::missing::normal;
use crate::caller::Caller;
use crate::output::shown;

/// Links are followed this often at most.
const HOPS: usize = 16;

/// The options, each to be pasted into a shell, that make `program` work where `in_view` says what is there anyway.
pub(crate) fn options(program: &Path, caller: &Caller, in_view: impl Fn(&Path) -> bool) -> Vec<String> {
    if let Some(rustup) = rustup(program, caller) {
        return rustup;
    }
    let mut wanted: Vec<PathBuf> = Vec::new();
    let mut look_at = vec![program.to_owned()];
    for _ in 0..HOPS {
        let Some(file) = look_at.pop() else { break };
        let unit = unit(&file, caller);
        if !in_view(&file) && !wanted.iter().any(|have| unit.starts_with(have)) {
            wanted.retain(|have| !have.starts_with(&unit));
            wanted.push(unit);
        }
        look_at.extend(points_to(&file));
    }
    wanted.iter().map(|path| volume(path, path, caller)).collect()
}

/// A word that a shell leaves as it is, and a terminal too.
pub(crate) fn quoted(word: &OsStr) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"/._-+:=@,%".contains(b);
    let text = shown(word);
    if word.as_bytes().iter().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The interpreter that a script's first line names.
pub(crate) fn interpreter(script: &Path) -> Option<PathBuf> {
    let mut head = [0; 256];
    // Whatever lies there is the job's to choose: a FIFO must not hold us up.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let mut file = File::options().read(true).custom_flags(flags.bits() as i32).open(script).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let n = file.read(&mut head).ok()?;
    let line = head[..n].strip_prefix(b"#!")?.split(|b| *b == b'\n').next()?.trim_ascii_start();
    let interpreter = line.split(u8::is_ascii_whitespace).next()?;
    Some(Path::new(OsStr::from_bytes(interpreter)).to_owned()).filter(|path| path.is_absolute())
}

/// What a file leads to: a symlink's target, a script's interpreter.
fn points_to(file: &Path) -> Option<PathBuf> {
    match fs::read_link(file) {
        Ok(to) => Some(normal(&file.parent()?.join(to))),
        Err(_) => interpreter(file),
    }
}

/// The directory, or the file alone, that is shown for a program. The installation that a `bin` belongs to comes with it,
/// unless that holds more than one: `~/.local` and `~/.cargo` hold keys.
fn unit(file: &Path, caller: &Caller) -> PathBuf {
    let Some(dir) = file.parent() else { return file.to_owned() };
    let Some(prefix) = dir.parent() else { return file.to_owned() };
    // Shims of pyenv and its kin lead to what lies beside them.
    let of_one_tool = match dir.file_name().map(OsStr::as_bytes) {
        Some(b"shims") => true,
        Some(b"bin") => match caller.home().and_then(|home| prefix.strip_prefix(home).ok()) {
            Some(below) => below.components().count() > 1 || prefix.join("pyvenv.cfg").exists(),
            None => prefix.components().count() > 2,
        },
        _ => false,
    };
    match () {
        () if of_one_tool && !is_broad(prefix, caller) => prefix.to_owned(),
        () if !is_broad(dir, caller) => dir.to_owned(),
        () => file.to_owned(),
    }
}

/// A directory that holds far more than a program.
fn is_broad(dir: &Path, caller: &Caller) -> bool {
    dir.components().count() <= 2 || caller.home().is_some_and(|home| home.starts_with(dir))
}

/// Programs in `~/.cargo/bin` are rustup, which finds the real ones by a directory of its own.
fn rustup(program: &Path, caller: &Caller) -> Option<Vec<String>> {
    let dir = program.parent()?;
    let same = |a: &Path, b: &Path| {
        use std::os::unix::fs::MetadataExt;
        let id = |path| fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
        id(a).is_some() && id(a) == id(b)
    };
    if !same(program, &dir.join("rustup")) {
        return None;
    }
    let toolchains = match caller.variable(OsStr::new("RUSTUP_HOME")) {
        Some(set) => PathBuf::from(set),
        None => caller.home()?.join(".rustup"),
    };
    let home = format!("-e RUSTUP_HOME={}", quoted(toolchains.as_os_str()));
    Some(vec![volume(dir, dir, caller), volume(&toolchains, &toolchains, caller), home])
}

fn volume(source: &Path, target: &Path, caller: &Caller) -> String {
    let (from, to) = (quoted(source.as_os_str()), quoted(target.as_os_str()));
    match caller.home().and_then(|home| source.strip_prefix(home).ok()) {
        // A shell replaces ~ at the start of a word that is not quoted.
        Some(below) if !from.starts_with('\'') => format!("-v ~/{}:{to}:ro", shown(below)),
        _ => format!("-v {from}:{to}:ro"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_least_that_works() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let h = home.display();
        let caller = Caller::fake(&home, "", &home);
        let options =
            |path: &str| options(&home.join(path), &caller, |p| p.starts_with("/usr") || p.starts_with("/bin"));
        write(&home.join("go/bin/gopls"), "x");
        assert_eq!(options("go/bin/gopls"), [format!("-v ~/go/bin:{h}/go/bin:ro")]);
        write(&home.join(".pyenv/shims/python"), "#!/usr/bin/env bash\n");
        assert_eq!(options(".pyenv/shims/python"), [format!("-v ~/.pyenv:{h}/.pyenv:ro")]);
        write(&home.join("node/v20/lib/npm.js"), "#!/usr/bin/env node\n");
        write(&home.join("node/v20/bin/node"), "x");
        symlink("../lib/npm.js", home.join("node/v20/bin/npm")).unwrap();
        assert_eq!(options("node/v20/bin/npm"), [format!("-v ~/node/v20:{h}/node/v20:ro")]);
        write(&home.join("venv/pyvenv.cfg"), "");
        write(&home.join("venv/bin/pip"), &format!("#!{h}/venv/bin/python\n"));
        symlink("/usr/bin/python3", home.join("venv/bin/python")).unwrap();
        assert_eq!(options("venv/bin/pip"), [format!("-v ~/venv:{h}/venv:ro")]);
        write(&home.join(".local/share/tool/run"), "x");
        fs::create_dir_all(home.join(".local/bin")).unwrap();
        symlink(home.join(".local/share/tool/run"), home.join(".local/bin/tool")).unwrap();
        let both = [".local/bin", ".local/share/tool"].map(|d| format!("-v ~/{d}:{h}/{d}:ro"));
        assert_eq!(options(".local/bin/tool"), both);
        write(&home.join("script"), "x");
        assert_eq!(options("script"), [format!("-v ~/script:{h}/script:ro")]);
    }

    #[test]
    fn rustup_needs_its_toolchains() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        write(&home.join(".cargo/bin/rustup"), "x");
        symlink("rustup", home.join(".cargo/bin/cargo")).unwrap();
        let caller = Caller::fake(&home, "", &home);
        let found = options(&home.join(".cargo/bin/cargo"), &caller, |_| false);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], format!("-v ~/.cargo/bin:{0}/.cargo/bin:ro", home.display()));
        assert!(found[2].starts_with("-e RUSTUP_HOME="));
    }

    #[test]
    fn words_for_a_shell() {
        assert_eq!(quoted(OsStr::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(OsStr::new("/a b/it's")), r"'/a b/it'\''s'");
        assert_eq!(quoted(OsStr::new("$(x)")), "'$(x)'");
    }
}
