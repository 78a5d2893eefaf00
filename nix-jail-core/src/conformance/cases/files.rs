//! What a job sees of the host's files.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use super::{Case, Control, Payload};
use crate::conformance::{Bench, Report, Trouble, native};
use crate::{Access, Feature, JailCommand, MountSpec};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "host-files",
        feature: Feature::HideHostFiles,
        attack: Payload::Python(include_str!("../payloads/host_files.py")),
        ..Case::PYTHON
    },
    Case {
        name: "list-root",
        feature: Feature::HideHostFiles,
        attack: Payload::Python(include_str!("../payloads/list_root.py")),
        ..Case::PYTHON
    },
    Case {
        name: "write-root",
        feature: Feature::HideHostFiles,
        plant: plant_shown,
        attack: Payload::Python(include_str!("../payloads/write_root.py")),
        grant: |bench, command| {
            command.mount(MountSpec::host(bench.dir().join("shown"), "/shown", Access::ReadOnly));
        },
        after: |bench, report| {
            if !bench.dir().join("shown/file").exists() {
                report.found("unlink", true, "the file is gone from the host");
            }
        },
        ..Case::PYTHON
    },
    Case {
        name: "inherited-descriptors",
        feature: Feature::HideHostFiles,
        attack: Payload::Python(include_str!("../payloads/descriptors.py")),
        ..Case::PYTHON
    },
    Case {
        name: "environment",
        feature: Feature::HideHostFiles,
        attack: Payload::Python(include_str!("../payloads/environment.py")),
        ..Case::PYTHON
    },
    Case {
        name: "workspace-symlinks",
        feature: Feature::HideHostFiles,
        plant: |bench| Ok(symlink(bench.dir().join("secret"), bench.work().join("link"))?),
        attack: Payload::Sh("cat link 2>/dev/null | grep -q secret && escaped link || held link"),
        grant: workspace,
        ..Case::PLAIN
    },
    Case {
        name: "workspace-ownership",
        feature: Feature::HideHostFiles,
        attack: Payload::Sh("mkdir dir && echo x > dir/file && ln -s file dir/link && chmod 750 dir && held made"),
        grant: workspace,
        after: owned_by_the_caller,
        control: Control::Same,
        ..Case::PLAIN
    },
    Case {
        // F3. Rule sets that know files by their directories refuse this with EXDEV, which `mv` would hide by copying.
        name: "rename-across",
        feature: Feature::HideHostFiles,
        attack: Payload::Python(
            "open('a', 'w').close()\n\
             os.mkdir('d')\n\
             os.rename('a', 'd/a')\n\
             os.link('d/a', 'b')\n\
             os.rename('b', 'd/b')\n\
             os.unlink('d/a'), os.unlink('d/b'), os.rmdir('d')\n\
             held('rename and link')",
        ),
        grant: workspace,
        control: Control::Same,
        ..Case::PYTHON
    },
    Case {
        name: "workspace-nosuid-nodev",
        feature: Feature::NoNewPrivileges,
        plant: plant_device,
        attack: Payload::Python(include_str!("../payloads/mount_flags.py")),
        grant: workspace,
        ..Case::PYTHON
    },
];

pub(super) fn workspace(bench: &Bench, command: &mut JailCommand) {
    command.workspace(bench.work(), Access::ReadWrite);
}

/// A directory that the caller may write to, for a job that may not.
fn plant_shown(bench: &mut Bench) -> Result<(), Trouble> {
    let shown = bench.dir().join("shown");
    fs::create_dir(&shown)?;
    fs::write(shown.join("file"), "x")?;
    bench.tell("SHOWN", shown);
    Ok(())
}

/// A device node, where the caller may make one.
fn plant_device(bench: &mut Bench) -> Result<(), Trouble> {
    if rustix::process::geteuid().is_root() {
        let mut mknod = native::command("mknod");
        mknod.arg(bench.work().join("device")).args(["c", "1", "5"]);
        native::run(mknod, bench.dir(), super::LIMIT)?;
    }
    Ok(())
}

/// Run after the attack and after the control: what was made must be the caller's, who then can take it away.
fn owned_by_the_caller(bench: &Bench, report: &mut Report) {
    let us = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    for name in ["dir", "dir/file", "dir/link"] {
        match fs::symlink_metadata(bench.work().join(name)) {
            Ok(meta) if (meta.uid(), meta.gid()) == us => report.found(name, false, "ours"),
            Ok(meta) => report.found(name, true, format!("owned by {}:{}, not {us:?}", meta.uid(), meta.gid())),
            Err(e) => report.found(name, true, e.to_string()),
        }
    }
    if let Err(e) = fs::remove_dir_all(bench.work().join("dir")) {
        report.found("removal", true, e.to_string());
    }
}
