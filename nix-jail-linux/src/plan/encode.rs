//! A plan as bytes.
use super::{Bind, Command, Landlock, Op, Plan, decode, ops};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What cannot be said to the helper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodeError {
    /// As a path: `argv[2]`, `ops[5].target`.
    pub(crate) field: String,
    pub(crate) problem: &'static str,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl std::error::Error for EncodeError {}

type Result<T = ()> = std::result::Result<T, EncodeError>;

impl Plan {
    /// The bytes for the helper, which would be accepted by it.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut to = Writer(Vec::with_capacity(64 << 10));
        let Self { identity, limits, .. } = self;
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        to.u32(decode::JAIL);
        to.u32(
            flag(identity.privileged, decode::PRIVILEGED)
                | flag(self.private_network, decode::PRIVATE_NET)
                | flag(self.mdwe, decode::MDWE)
                | flag(self.terminal, decode::TERMINAL)
                | flag(self.exact_cpu, decode::EXACT_CPU),
        );
        to.bytes(format!("{} {} 1\n", identity.uid, identity.host_uid).as_bytes());
        to.bytes(format!("{} {} 1\n", identity.gid, identity.host_gid).as_bytes());
        for id in [identity.uid, identity.gid, identity.host_uid, identity.host_gid] {
            to.u32(id);
        }
        if self.hostname.len() > 64 || self.hostname.contains('\0') {
            return Err(error("hostname", "more than 64 bytes, or a NUL byte"));
        }
        to.bytes(self.hostname.as_bytes());
        for number in [self.memory_bytes, self.memory_inodes, limits.wall_ns, limits.cpu_ns, limits.output_bytes] {
            to.u64(number);
        }
        to.u32(self.umask);
        to.list("rlimits", &self.rlimits, |to, limit, _| {
            to.u32(limit.resource);
            to.u64(limit.soft);
            to.u64(limit.hard);
            Ok(())
        })?;
        to.list("ops", &self.ops, operation)?;
        landlock(&mut to, self.landlock.as_ref())?;
        to.bytes(&self.seccomp);
        command(&mut to, &self.command)?;
        check(&to.0, decode::Plan::decode(&to.0).err())?;
        Ok(to.0)
    }
}

impl Command {
    /// The bytes for a further program in a jail that runs.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut to = Writer::default();
        to.u32(decode::COMMAND);
        command(&mut to, self)?;
        check(&to.0, decode::Command::decode(&to.0).err())?;
        Ok(to.0)
    }
}

/// What the fields' own checks let pass the helper's reader still finds: better here than there.
fn check(bytes: &[u8], wrong: Option<super::read::Invalid>) -> Result {
    match wrong {
        None => Ok(()),
        Some(at) => Err(error(format!("byte {} of {}", at.0, bytes.len()), "the helper would refuse this plan here")),
    }
}

fn operation(to: &mut Writer, op: &Op, field: &str) -> Result {
    let target = format!("{field}.target");
    match op {
        Op::Dir { path, mode } => {
            to.start(ops::kind::DIR, path, &format!("{field}.path"))?;
            to.u32(*mode);
        }
        Op::File { path, mode, data } => {
            to.start(ops::kind::FILE, path, &format!("{field}.path"))?;
            to.u32(*mode);
            to.bytes(data);
        }
        Op::Link { path, target: to_what } => {
            to.start(ops::kind::LINK, path, &format!("{field}.path"))?;
            to.text(to_what.as_os_str(), &target)?;
        }
        Op::Bind(this) => bind(to, this, field)?,
        Op::Tmpfs { target: path, mode, bytes, inodes, writable, exec } => {
            to.start(ops::kind::TMPFS, path, &target)?;
            to.u32(*mode);
            to.u32(mount_flags(*writable, *exec));
            to.u64(*bytes);
            to.u64(*inodes);
        }
        Op::Scratch { target: path, mode, name, exec } => {
            to.start(ops::kind::SCRATCH, path, &target)?;
            to.u32(*mode);
            to.u32(mount_flags(true, *exec));
            to.text(OsStr::new(name), &format!("{field}.name"))?;
        }
        Op::Proc { target: path } => to.start(ops::kind::PROC, path, &target)?,
        Op::Devpts { target: path } => to.start(ops::kind::DEVPTS, path, &target)?,
        Op::Mask { target: path } => to.start(ops::kind::MASK, path, &target)?,
        Op::Inner { path, dir } => {
            to.start(ops::kind::INNER, path, &format!("{field}.path"))?;
            to.u32(u32::from(*dir));
        }
    }
    Ok(())
}

fn bind(to: &mut Writer, bind: &Bind, field: &str) -> Result {
    to.start(ops::kind::BIND, &bind.target, &format!("{field}.target"))?;
    let flag = |on: bool, bit: u32| if on { bit } else { 0 };
    to.u32(
        mount_flags(bind.writable, bind.exec)
            | flag(bind.outer || bind.idmap.is_some(), ops::OUTER)
            | flag(bind.idmap.is_some(), ops::IDMAP)
            | flag(bind.device, ops::DEVICE)
            | flag(bind.optional, ops::OPTIONAL)
            | flag(bind.identity.is_some(), ops::IDENTITY),
    );
    let ((dev, ino), (uid, gid)) = (bind.identity.unwrap_or_default(), bind.idmap.unwrap_or_default());
    to.u64(dev);
    to.u64(ino);
    to.u32(uid);
    to.u32(gid);
    to.path(&bind.source, &format!("{field}.source"))
}

fn mount_flags(writable: bool, exec: bool) -> u32 {
    (if writable { 0 } else { ops::RDONLY }) | (if exec { 0 } else { ops::NOEXEC })
}

fn landlock(to: &mut Writer, landlock: Option<&Landlock>) -> Result {
    to.u32(u32::from(landlock.is_some()));
    let Some(landlock) = landlock else { return Ok(()) };
    for bits in [landlock.handled_fs, landlock.handled_net, landlock.scoped] {
        to.u64(bits);
    }
    to.list("landlock", &landlock.rules, |to, (path, access), field| {
        to.u64(*access);
        to.path(path, field)
    })
}

fn command(to: &mut Writer, command: &Command) -> Result {
    to.path(&command.cwd, "cwd")?;
    to.list("candidates", &command.candidates, |to, path, field| to.path(path, field))?;
    to.list("argv", &command.argv, |to, text, field| to.text(text, field))?;
    to.list("envp", &command.envp, |to, text, field| to.text(text, field))
}

fn error(field: impl Into<String>, problem: &'static str) -> EncodeError {
    EncodeError { field: field.into(), problem }
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &OsStr, field: &str) -> Result {
        let bytes = text.as_bytes();
        if bytes.contains(&0) {
            return Err(error(field, "holds a NUL byte"));
        }
        self.u32(bytes.len() as u32 + 1);
        self.0.extend_from_slice(bytes);
        self.0.push(0);
        Ok(())
    }

    fn path(&mut self, path: &Path, field: &str) -> Result {
        if !path.is_absolute() {
            return Err(error(field, "is not an absolute path"));
        }
        if path.as_os_str().len() >= super::read::PATH_MAX {
            return Err(error(field, "is longer than 4095 bytes"));
        }
        self.text(path.as_os_str(), field)
    }

    /// The kind of an operation, and the path in the jail that it makes or covers.
    fn start(&mut self, kind: u32, path: &Path, field: &str) -> Result {
        let parts = path.as_os_str().as_bytes().split(|byte| *byte == b'/').skip(1);
        if !parts.clone().all(|part| !matches!(part, b"" | b"." | b"..") && part.len() <= 255) {
            return Err(error(field, "is not a plain path below / (no `.`, `..`, `//`, final `/`)"));
        }
        self.u32(kind);
        self.path(path, field)
    }

    fn list<T>(&mut self, field: &str, items: &[T], item: impl Fn(&mut Self, &T, &str) -> Result) -> Result {
        self.u32(items.len() as u32);
        for (index, this) in items.iter().enumerate() {
            item(self, this, &format!("{field}[{index}]"))?;
        }
        Ok(())
    }
}
