//! A cursor over a plan's bytes. Shared by the helper and the library; no allocation, and no bytes make it panic.
use core::ffi::CStr;

/// The bytes are not a plan: at which offset reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(pub u32);

/// What is left to read, and how much was read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: u32,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte; offsets in errors count from here.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The error "it is wrong here".
    pub fn invalid(&self) -> Invalid {
        Invalid(self.at)
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Invalid> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(self.invalid())?;
        self.rest = rest;
        self.at = self.at.saturating_add(count as u32);
        Ok(taken)
    }

    /// A little-endian number of 32 bits.
    pub fn u32(&mut self) -> Result<u32, Invalid> {
        let at = self.invalid();
        Ok(u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| at)?))
    }

    /// A little-endian number of 64 bits.
    pub fn u64(&mut self) -> Result<u64, Invalid> {
        let at = self.invalid();
        Ok(u64::from_le_bytes(self.take(8)?.try_into().map_err(|_| at)?))
    }

    /// A length of 32 bits and as many bytes, at most `most`.
    pub fn bytes(&mut self, most: usize) -> Result<&'a [u8], Invalid> {
        let at = self.invalid();
        let count = self.u32()? as usize;
        if count > most { Err(at) } else { self.take(count) }
    }

    /// Bytes that end with their only NUL.
    pub fn cstr(&mut self, most: usize) -> Result<&'a CStr, Invalid> {
        let at = self.invalid();
        CStr::from_bytes_with_nul(self.bytes(most)?).map_err(|_| at)
    }

    /// An absolute path.
    pub fn path(&mut self) -> Result<&'a CStr, Invalid> {
        let at = self.invalid();
        let path = self.cstr(PATH_MAX)?;
        if path.to_bytes().starts_with(b"/") { Ok(path) } else { Err(at) }
    }

    /// An absolute path below `/` in its only spelling: no empty, `.` or `..` component.
    pub fn target(&mut self) -> Result<&'a CStr, Invalid> {
        let at = self.invalid();
        let path = self.path()?;
        let plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..") && part.len() <= 255;
        if path.to_bytes().split(|byte| *byte == b'/').skip(1).all(plain) { Ok(path) } else { Err(at) }
    }

    /// A counted list whose items `item` reads: checked to its end now, read again when it is iterated.
    pub fn list<T>(&mut self, most: u32, item: Item<'a, T>) -> Result<List<'a, T>, Invalid> {
        let at = self.invalid();
        let count = self.u32()?;
        if count > most {
            return Err(at);
        }
        let list = List { reader: *self, count, item };
        for _ in 0..count {
            item(self)?;
        }
        Ok(list)
    }
}

/// The longest path that the kernel takes, with its NUL.
pub const PATH_MAX: usize = 4096;

/// How one item of a list is read.
pub type Item<'a, T> = fn(&mut Reader<'a>) -> Result<T, Invalid>;

/// A list that was checked when the plan was read.
pub struct List<'a, T> {
    reader: Reader<'a>,
    count: u32,
    item: Item<'a, T>,
}

impl<T> List<'_, T> {
    /// How many items are left.
    pub fn len(&self) -> usize {
        self.count as usize
    }
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        Self { reader: self.reader, count: self.count, item: self.item }
    }
}

impl<T> Iterator for List<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.count = self.count.checked_sub(1)?;
        (self.item)(&mut self.reader).ok()
    }
}

impl<T> core::fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} items", self.count)
    }
}
