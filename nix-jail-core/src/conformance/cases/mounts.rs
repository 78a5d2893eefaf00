//! Attacks on what is mounted, and on those who mount it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{Case, Control, LIMIT, Payload};
use crate::conformance::{Bench, Trouble, native};
use crate::{Access, Error, Feature, MountSpec, Root};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "mount-escape",
        feature: Feature::HideHostFiles,
        plant: |bench| {
            let spot = bench.dir().join("spot");
            bench.tell("SPOT", spot);
            Ok(())
        },
        attack: Payload::Python(include_str!("../payloads/mount_escape.py")),
        control: Control::Privileged,
        ..Case::PYTHON
    },
    Case {
        name: "chroot-escape",
        feature: Feature::HideHostFiles,
        plant: |bench| {
            let cage = bench.dir().join("cage");
            bench.tell("CAGE", cage);
            Ok(())
        },
        attack: Payload::Python(include_str!("../payloads/chroot_escape.py")),
        control: Control::Privileged,
        ..Case::PYTHON
    },
    Case {
        name: "hostile-root",
        feature: Feature::HideHostFiles,
        needs: &["sh", "ldd"],
        attack: Payload::Drive(|bench| Box::pin(hostile_root(bench))),
        ..Case::PLAIN
    },
];

/// Places of the jail's own, and some that set-up might want to make: all of them links to a directory outside.
const LINKS: [&str; 14] =
    ["dev", "proc", "tmp", "workspace", "jail", "etc", "sys", "run", "var", "home", "root", "nix", "mnt", "link"];

/// What a job on that root does: writes wherever a link of the root might lead outside.
const JOB: &str = "for d in /tmp /workspace /dev /dev/shm /jail /etc /sys /run /var /home /root /nix /mnt /link; do
    echo x > $d/planted; while read -r line; do echo \"seen $line\"; done < $d/secret; done 2>/dev/null; echo DONE";

async fn hostile_root(bench: &Bench) -> Result<(), Trouble> {
    let (root, outside) = (bench.dir().join("root"), bench.dir().join("outside"));
    fs::create_dir(&root)?;
    for dir in ["", "place", "shm", "pts", "deep", "deep/place"] {
        fs::create_dir(outside.join(dir))?;
    }
    fs::write(outside.join("secret"), "secret")?;
    for link in LINKS {
        symlink(&outside, root.join(link))?;
    }
    copy_shell(&root, bench)?;
    let before = everything_in(&outside)?;

    let work = bench.work();
    for target in [None, Some("/link/place"), Some("/link/new"), Some("/link/deep/place"), Some("/mnt"), Some("/new")] {
        let mut command = bench.jail.command("/bin/sh");
        command.args(["-c", JOB]).root(Root::Dir(root.clone()));
        if let Some(target) = target {
            command.mount(MountSpec::host(&work, target, Access::ReadWrite));
        }
        match command.output().await {
            // A root that is refused has touched nothing either; but without extra mounts, it is a root like any other.
            Err(Error::InvalidSpec { .. } | Error::Backend { .. }) if target.is_some() => {}
            Err(e) => return Err(e.into()),
            Ok(output) if output.exit.success() && output.stdout == b"DONE\n" => {}
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                return Err(Trouble::failed(format!("with a mount on {target:?}: {:?}, {said}", output.exit)));
            }
        }
        if everything_in(&outside)? != before {
            return Err(Trouble::failed(format!("with a mount on {target:?}, something outside the root has changed")));
        }
    }

    // The control: whoever follows a link of this root does change what is outside.
    fs::write(root.join("tmp/planted"), "x")?;
    match everything_in(&outside)? == before {
        true => Err(Trouble::failed("the control changed nothing outside")),
        false => Ok(()),
    }
}

/// A shell and its libraries, at their own paths.
fn copy_shell(root: &Path, bench: &Bench) -> Result<(), Trouble> {
    let mut ldd = native::command("ldd");
    ldd.arg("/bin/sh");
    let listed = native::run(ldd, bench.dir(), LIMIT)?.output;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    for path in listed.split_whitespace().filter(|word| word.starts_with('/')).chain(["/bin/sh"]) {
        let copy = root.join(path.trim_start_matches('/'));
        fs::create_dir_all(copy.parent().unwrap_or(root))?;
        fs::copy(path, copy)?;
    }
    Ok(())
}

/// Every path below a directory, links not followed, with what is in the files.
fn everything_in(dir: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Trouble> {
    let mut found = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next)? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            let content = if kind.is_file() { fs::read(&path)? } else { Vec::new() };
            found.push((path.clone(), content));
            left.extend(kind.is_dir().then_some(path));
        }
    }
    found.sort();
    Ok(found)
}
