//! What the tests need of a machine: what is there, what can be installed, and what must be skipped without it.

use crate::Result;
use crate::proc::Cmd;
use crate::test::skips::Skip;
use crate::test::user;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a jail with this machine's programs finds them: what lies elsewhere (under a home, say) is no use to a test.
const DIRS: &[&str] = &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// One thing that some tests need.
struct Part {
    /// What `--require` and `SKIPPED` lines call it.
    name: &'static str,
    /// The program that proves it is there.
    program: &'static str,
    packages: &'static [&'static str],
    why: &'static str,
    fits: fn(&Path) -> bool,
}

#[rustfmt::skip]
const PARTS: &[Part] = &[
    Part { name: "cc", program: "cc", packages: &["gcc", "libc6-dev"], why: "links the helper and the attack programs", fits: any },
    Part { name: "busybox", program: "busybox", packages: &["busybox-static"], why: "a static userland: roots of their own, attacks without a libc", fits: is_static },
    Part { name: "bwrap", program: "bwrap", packages: &["bubblewrap"], why: "the peer we are measured against", fits: any },
    Part { name: "python3", program: "python3", packages: &["python3"], why: "a real program, and attacks by raw system call", fits: any },
    Part { name: "node", program: "node", packages: &["nodejs"], why: "a real program with many threads", fits: any },
    Part { name: "git", program: "git", packages: &["git"], why: "a real program that starts others", fits: any },
    Part { name: "perl", program: "perl", packages: &["perl"], why: "a real program with loadable modules", fits: any },
    Part { name: "bash", program: "bash", packages: &["bash"], why: "a real shell", fits: any },
    Part { name: "setpriv", program: "setpriv", packages: &["util-linux"], why: "root runs the tests a second time as an ordinary user", fits: any },
    Part { name: "tmux", program: "tmux", packages: &["tmux"], why: "a real terminal for what a person types", fits: any },
];

/// What set-up found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Names of what this machine can do, for `--require available`.
    pub(crate) available: Vec<String>,
    pub(crate) skips: Vec<Skip>,
}

/// Finds each part, and installs what is missing where that is ours to do: as root, with apt, and not told otherwise.
pub(crate) fn set_up(root: bool, install: bool) -> Found {
    let missing: Vec<&Part> = PARTS.iter().filter(|part| find(part).is_none()).collect();
    let unasked = if missing.is_empty() {
        String::new()
    } else if !install {
        "not installed, as --no-install says".to_owned()
    } else if !root {
        "installing it takes root, which we never ask for".to_owned()
    } else if which("apt-get").is_none() {
        "this machine has no apt-get".to_owned()
    } else {
        apt_install(&missing);
        "apt-get could not install it".to_owned()
    };
    let mut found = Found::default();
    for part in PARTS {
        match find(part) {
            Some(path) => {
                println!("   ok {:<10} {}", part.name, path.display());
                found.available.push(part.name.to_owned());
            }
            None => found.skips.push(Skip::new(part.name, &absent(part, &unasked))),
        }
    }
    if can_unshare(root) {
        println!("   ok user-namespaces");
        found.available.push("user-namespaces".to_owned());
    }
    found
}

/// The first program of that name in the directories a jail shows.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    DIRS.iter().map(|dir| Path::new(dir).join(program)).find(|path| path.is_file())
}

fn find(part: &Part) -> Option<PathBuf> {
    DIRS.iter().map(|dir| Path::new(dir).join(part.program)).find(|path| path.is_file() && (part.fits)(path))
}

fn absent(part: &Part, unasked: &str) -> String {
    let unfit = if which(part.program).is_some() { " that fits" } else { "" };
    format!("no {}{unfit} ({}); package {}: {unasked}", part.program, part.why, part.packages.join(" "))
}

/// One update, then all at once; one by one where that fails, so that one unknown package does not cost the others.
fn apt_install(missing: &[&Part]) {
    let apt = |args: &[&str]| -> Result {
        let apt = Cmd::new("apt-get").args(["-qq", "-o", "DPkg::Lock::Timeout=300"]).args(args);
        apt.env("DEBIAN_FRONTEND", "noninteractive").run()
    };
    let install = |packages: &[&str]| apt(&[&["install", "-y", "--no-install-recommends"], packages].concat());
    let packages: Vec<&str> = missing.iter().flat_map(|part| part.packages.iter().copied()).collect();
    let tried = apt(&["update"]).and_then(|()| install(&packages));
    if let Err(why) = tried {
        println!("   {why}; trying one by one");
        for part in missing {
            if let Err(why) = install(part.packages) {
                println!("   {why}");
            }
        }
    }
}

/// By doing it: no sysctl tells the whole truth about who may make a user namespace. As root both we and the ordinary
/// user must be able to, since the tests run as both.
fn can_unshare(root: bool) -> bool {
    const UNSHARE: [&str; 7] = ["unshare", "--user", "--map-root-user", "--mount", "--net", "--fork", "true"];
    let here = Cmd::new(UNSHARE[0]).args(&UNSHARE[1..]).succeeds();
    here && (!root || user::ordinary().args(UNSHARE).succeeds())
}

fn any(_: &Path) -> bool {
    true
}

/// Whether it needs no dynamic loader: a test puts it, alone, into an empty root. A file that is no ELF is not static.
fn is_static(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| elf_is_static(&bytes) == Some(true))
}

/// Walks the program headers of a 64-bit little-endian ELF file (elf(5)) for PT_INTERP. None: not such a file.
fn elf_is_static(bytes: &[u8]) -> Option<bool> {
    const PT_INTERP: usize = 3;
    let field = |at: usize, size: usize| -> Option<usize> {
        let raw = bytes.get(at..at.checked_add(size)?)?;
        Some(raw.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
    };
    if bytes.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let (start, size, count) = (field(32, 8)?, field(54, 2)?, field(56, 2)?);
    let mut interpreter = false;
    for index in 0..count {
        interpreter |= field(start.checked_add(index * size)?, 4)? == PT_INTERP;
    }
    Some(!interpreter)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header and one program header of the given type.
    fn elf(kind: u8) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (bytes[32], bytes[54], bytes[56], bytes[64]) = (64, 56, 1, kind);
        bytes
    }

    #[test]
    fn a_static_elf_names_no_interpreter() {
        assert_eq!(elf_is_static(&elf(1)), Some(true));
        assert_eq!(elf_is_static(&elf(3)), Some(false));
    }

    #[test]
    fn what_is_no_elf_is_not_static() {
        assert_eq!(elf_is_static(b"#!/bin/sh\n"), None);
        assert_eq!(elf_is_static(&elf(1)[..70]), Some(true));
        assert_eq!(elf_is_static(&elf(1)[..66]), None);
    }

    #[test]
    fn part_names_are_words_for_require() {
        for part in PARTS {
            assert!(part.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{}", part.name);
        }
    }
}
