//! Short strings put together without a heap.
use core::ffi::CStr;

/// At most `N - 1` bytes and a NUL; what does not fit is cut.
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    pub fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    pub fn push(&mut self, bytes: &[u8]) -> &mut Self {
        let fit = bytes.len().min(N - 1 - self.len);
        self.bytes[self.len..self.len + fit].copy_from_slice(&bytes[..fit]);
        self.len += fit;
        self
    }

    /// Appends a number in base 8 or 10.
    pub fn number(&mut self, value: u64, base: u64) -> &mut Self {
        if value >= base {
            self.number(value / base, base);
        }
        self.push(&[b'0' + (value % base) as u8])
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn as_cstr(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }
}
