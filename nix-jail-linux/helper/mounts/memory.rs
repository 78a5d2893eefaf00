//! File systems that the kernel makes for the jail.
use crate::sys::{E2BIG, EEXIST, Fd, Result, fs};
use crate::text::Text;
use core::ffi::CStr;

/// The one file system in memory behind the root, the scratch directories and the masks.
pub struct Pool {
    pub mount: Fd,
}

impl Pool {
    /// With the directories `root` and `scratch`.
    pub fn make(bytes: u64, inodes: u64) -> Result<Self> {
        let mount = tmpfs(bytes, inodes, 0o755, 0)?;
        fs::mkdir(mount.raw(), c"root", 0o755)?;
        Ok(Self { mount })
    }

    /// A mount of the directory `scratch/name`.
    pub fn scratch(&self, name: &CStr, mode: u32, flags: u64) -> Result<Fd> {
        ignore_existing(fs::mkdir(self.mount.raw(), c"scratch", 0o755))?;
        let parent = fs::open(self.mount.raw(), c"scratch", fs::O_PATH, fs::RESOLVE_BENEATH)?;
        ignore_existing(fs::mkdir(parent.raw(), name, mode))?;
        let mount = fs::clone_tree(parent.raw(), name)?;
        if flags != 0 {
            fs::restrict(mount.raw(), flags, false)?;
        }
        Ok(mount)
    }

    /// A read-only mount of an empty file or directory.
    pub fn nothing(&self, dir: bool) -> Result<Fd> {
        let name = if dir { c"hole" } else { c"void" };
        let made = if dir {
            fs::mkdir(self.mount.raw(), name, 0o555)
        } else {
            fs::create(self.mount.raw(), name, 0o444).map(drop)
        };
        ignore_existing(made)?;
        let mount = fs::clone_tree(self.mount.raw(), name)?;
        fs::restrict(mount.raw(), fs::MOUNT_RDONLY | fs::MOUNT_NOEXEC, false)?;
        Ok(mount)
    }
}

/// Whoever made it first.
pub fn ignore_existing(made: Result) -> Result {
    if made == Err(EEXIST) { Ok(()) } else { made }
}

/// The file systems in memory that were made here, by their device numbers.
#[derive(Default)]
pub struct Own {
    devices: [u64; 32],
    count: usize,
}

impl Own {
    pub fn add(&mut self, mount: &Fd) -> Result {
        let Some(place) = self.devices.get_mut(self.count) else { return Err(E2BIG) };
        *place = fs::stat(mount.raw())?.dev;
        self.count += 1;
        Ok(())
    }

    /// Whether a file lies on one of them.
    pub fn has(&self, file: &Fd) -> Result<bool> {
        let device = fs::stat(file.raw())?.dev;
        Ok(self.devices.iter().take(self.count).any(|own| *own == device))
    }
}

/// tmpfs(5); zero: the kernel's default, half of the machine's memory, so that there always is an end.
pub fn tmpfs(bytes: u64, inodes: u64, mode: u32, flags: u64) -> Result<Fd> {
    let fs = fs::fsopen(c"tmpfs")?;
    fs::set(&fs, c"source", c"tmpfs")?;
    for (key, value, base) in [(c"size", bytes, 10), (c"nr_inodes", inodes, 10), (c"mode", u64::from(mode), 8)] {
        if value != 0 {
            let mut text = Text::<32>::new();
            text.number(value, base);
            fs::set(&fs, key, text.as_cstr())?;
        }
    }
    fs::mount(&fs, flags)
}

const STRICT: u64 = fs::MOUNT_NOSUID | fs::MOUNT_NODEV | fs::MOUNT_NOEXEC;

/// The processes of this pid namespace; each user sees only what it may trace.
pub fn proc() -> Result<Fd> {
    let fs = fs::fsopen(c"proc")?;
    fs::set(&fs, c"hidepid", c"2")?;
    fs::mount(&fs, STRICT)
}

/// The root of a mount, to list.
pub fn listing(mount: &Fd) -> Result<Fd> {
    fs::open(mount.raw(), c".", fs::O_RDONLY | fs::O_DIRECTORY, 0)
}

/// A fresh instance of devpts.
pub fn devpts() -> Result<Fd> {
    let fs = fs::fsopen(c"devpts")?;
    fs::set(&fs, c"ptmxmode", c"0666")?;
    fs::set(&fs, c"mode", c"0620")?;
    fs::mount(&fs, fs::MOUNT_NOSUID | fs::MOUNT_NOEXEC)
}
