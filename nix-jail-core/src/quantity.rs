//! Sizes and durations as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A number of bytes. Written with binary suffixes: `512`, `64K`, `512M`, `4G`, `1T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteSize(u64);

impl ByteSize {
    /// This many bytes.
    pub const fn bytes(n: u64) -> Self {
        Self(n)
    }

    /// This many times 1024 * 1024 bytes.
    pub const fn mib(n: u32) -> Self {
        Self((n as u64) << 20)
    }

    /// The number of bytes.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self> {
        let (digits, suffix) = split_number(s);
        let shift = match suffix {
            "" | "B" => 0,
            "K" | "KiB" | "k" => 10,
            "M" | "MiB" => 20,
            "G" | "GiB" => 30,
            "T" | "TiB" => 40,
            _ => return Err(bad_number("size", s, "a size is a whole number and K, M, G or T (binary): 512M, 4G")),
        };
        digits
            .parse::<u64>()
            .ok()
            .and_then(|n| n.checked_mul(1 << shift))
            .filter(|n| *n > 0)
            .map(Self)
            .ok_or_else(|| bad_number("size", s, "a size is between 1 byte and 16 EiB: 512M, 4G"))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shift, suffix) = match self.0 {
            n if n != 0 && n % (1 << 30) == 0 => (30, "G"),
            n if n != 0 && n % (1 << 20) == 0 => (20, "M"),
            n if n != 0 && n % (1 << 10) == 0 => (10, "K"),
            _ => (0, ""),
        };
        write!(f, "{}{suffix}", self.0 >> shift)
    }
}

/// Reads `500ms`, `90s`, `15m`, `1h`, `2d`; a bare number is seconds.
///
/// # Errors
/// [`Error::InvalidSpec`] for a duration of zero, negative, too large, or with another suffix.
pub fn parse_duration(s: &str) -> Result<Duration> {
    let hint = "a duration is a whole number and ms, s, m, h or d: 90s, 15m, 2d";
    let (digits, suffix) = split_number(s);
    let millis_each = match suffix {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(bad_number("duration", s, hint)),
    };
    // The kernel's timers count nanoseconds in a signed 64-bit number: 292 years.
    let longest = u64::MAX / 2_000_000;
    digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(millis_each))
        .filter(|n| (1..=longest).contains(n))
        .map(Duration::from_millis)
        .ok_or_else(|| bad_number("duration", s, hint))
}

fn split_number(s: &str) -> (&str, &str) {
    s.split_at(s.bytes().take_while(u8::is_ascii_digit).count())
}

fn bad_number(field: &str, s: &str, fix: &str) -> Error {
    Error::invalid(field, format!("{s:?} is not a {field}"), fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in
            [("1", 1), ("64K", 65_536), ("512M", 536_870_912), ("4G", 4 << 30), ("16777215T", 16_777_215 << 40)]
        {
            assert_eq!(text.parse::<ByteSize>().unwrap().as_u64(), bytes, "{text}");
        }
        for bad in ["", "0", "-1", "1X", "1.5G", "M", "16777216T", "99999999999999999999", "5 M", "5m"] {
            assert!(bad.parse::<ByteSize>().is_err(), "{bad}");
        }
        assert_eq!(ByteSize::mib(512).to_string(), "512M");
        assert_eq!(ByteSize::bytes(1025).to_string(), "1025");
    }

    #[test]
    fn durations() {
        for (text, ms) in [("1", 1_000), ("500ms", 500), ("90s", 90_000), ("15m", 900_000), ("2d", 172_800_000)] {
            assert_eq!(parse_duration(text).unwrap(), Duration::from_millis(ms), "{text}");
        }
        for bad in ["", "0", "0s", "-1s", "1w", "1.5s", "99999999999999999d", "s"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
