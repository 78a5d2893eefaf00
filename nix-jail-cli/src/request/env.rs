//! `-e` and `--env-file`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use nix_jail::Environment;

use crate::caller::Caller;
use crate::output::{Failure, shown};

/// The variables of a job: files first, in their order, so that `-e` wins. What the terminal is, the job is told unasked.
pub(crate) fn variables(files: &[OsString], flags: &[OsString], caller: &Caller) -> Result<Environment, Failure> {
    let mut env = Environment::default();
    if let Some(term) = caller.term() {
        env.set("TERM", term);
    }
    for file in files {
        let shown_name = shown(file);
        let text = fs::read(file).map_err(|e| {
            Failure::invalid("--env-file", &format!("{shown_name}: {e}"), "name a file of K=V lines that you can read")
        })?;
        for (i, line) in lines(&text).enumerate() {
            let at = || format!("--env-file {shown_name}:{}", i + 1);
            if let Some(line) = line {
                read_line(line, caller, &mut env).map_err(|(reason, fix)| Failure::invalid(at(), &reason, fix))?;
            }
        }
    }
    for flag in flags {
        let (name, value) = assignment(flag.as_bytes());
        if name.is_empty() || name.contains(&b'\n') {
            let reason = format!("\"{}\" is not the name of a variable", shown(OsStr::from_bytes(name)));
            return Err(Failure::invalid("-e", &reason, "-e NAME=VALUE, or -e NAME for the value that it has here"));
        }
        set(name, value, caller, &mut env);
    }
    Ok(env)
}

/// The lines of a file, `None` for those that say nothing.
fn lines(text: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    text.split(|b| *b == b'\n').map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_start();
        Some(line).filter(|line| !line.is_empty() && !line.starts_with(b"#"))
    })
}

fn read_line(line: &[u8], caller: &Caller, env: &mut Environment) -> Result<(), (String, &'static str)> {
    let (name, value) = assignment(line);
    let quoted = || shown(OsStr::from_bytes(name));
    if name.starts_with(b"export ") {
        return Err((
            format!("\"{}\" is shell", quoted()),
            "leave 'export' out: a line is K=V, and V is taken as it is",
        ));
    }
    if name.is_empty() || name.iter().any(|b| b.is_ascii_whitespace() || *b == 0) {
        return Err((
            format!("\"{}\" is not the name of a variable", quoted()),
            "a line is K=V, K, empty, or a # comment",
        ));
    }
    if value.is_some_and(|value| value.contains(&0)) {
        return Err((format!("the value of {} holds a NUL byte", quoted()), "take it out: no variable can hold one"));
    }
    set(name, value, caller, env);
    Ok(())
}

fn assignment(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|b| *b == b'=') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// A name alone takes the caller's value; where the caller has none, neither has the job.
fn set(name: &[u8], value: Option<&[u8]>, caller: &Caller, env: &mut Environment) {
    let name = OsStr::from_bytes(name);
    match value.map(|value| OsString::from_vec(value.to_vec())).or_else(|| caller.variable(name)) {
        Some(value) => env.set(name, value),
        None => env.remove(name),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(file: &[u8], flags: &[&str]) -> Result<Vec<(String, String)>, Failure> {
        let mut f = tempfile::NamedTempFile::new().unwrap();
        f.write_all(file).unwrap();
        let flags: Vec<OsString> = flags.iter().map(Into::into).collect();
        let env = variables(&[f.path().into()], &flags, &Caller::default())?;
        Ok(env.iter().map(|(k, v)| (shown(k), shown(v))).collect())
    }

    #[test]
    fn files_and_flags() {
        let file = b"\xef\xbb\xbf# a comment\n\nA=1\r\n  B = 2 \nC==\"x\"\nD=\nSURELY_NOT_SET_HERE\n";
        assert!(read(file, &[]).unwrap_err().message.ends_with(":4: \"B \" is not the name of a variable"));
        let file = b"# a comment\nA=1\r\n  B= 2 \nC==\"x\"\nD=\nSURELY_NOT_SET_HERE\nE=x";
        let env = read(file, &["E=y", "F=a\nb", "PATH"]).unwrap();
        let path = std::env::var("PATH").unwrap();
        let want = [("A", "1"), ("B", " 2 "), ("C", "=\"x\""), ("D", ""), ("E", "y"), ("F", "a\\nb"), ("PATH", &path)];
        assert_eq!(env, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn bad_lines_have_a_number() {
        for (file, line) in [(&b"A=1\nexport B=2"[..], 2), (b"=x", 1), (b"\n\nA=\0", 3), (b"A\0=1", 1)] {
            let failure = read(file, &[]).unwrap_err();
            assert!(failure.message.contains(&format!(":{line}: ")) && failure.fix.is_some(), "{failure:?}");
        }
        for flag in ["", "=x", "A\nB=1"] {
            let failure = read(b"", &[flag]).unwrap_err();
            assert!(failure.message.starts_with("-e: "), "{failure:?}");
        }
    }
}
