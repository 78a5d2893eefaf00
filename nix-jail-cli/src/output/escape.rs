//! Names that others chose, made safe for a terminal: nothing in them moves the cursor, changes a colour, starts a line
//! or turns the direction of the text.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// A text with what is not to be printed shown as an escape.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut safe, c);
    }
    safe
}

/// The same for a string of the operating system, which may not be text at all.
pub(crate) fn shown(s: impl AsRef<OsStr>) -> String {
    let mut safe = String::new();
    for chunk in s.as_ref().as_bytes().utf8_chunks() {
        chunk.valid().chars().for_each(|c| push(&mut safe, c));
        for byte in chunk.invalid() {
            let _ = write!(safe, "\\x{byte:02x}");
        }
    }
    safe
}

fn push(safe: &mut String, c: char) {
    match c {
        '\n' => safe.push_str("\\n"),
        '\t' => safe.push_str("\\t"),
        '\r' => safe.push_str("\\r"),
        c if c.is_ascii_control() => drop(write!(safe, "\\x{:02x}", c as u32)),
        c if c.is_control() || is_invisible(c) => drop(write!(safe, "\\u{{{:x}}}", c as u32)),
        c => safe.push(c),
    }
}

/// Marks of direction, separators and characters without width: what is read is not what is there.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        for (raw, safe) in [
            ("plain ä 日本", "plain ä 日本"),
            ("\x1b[31mred", "\\x1b[31mred"),
            ("a\nb\r\t\0", "a\\nb\\r\\t\\x00"),
            ("\u{9b}1m\u{202e}x\u{7f}", "\\u{9b}1m\\u{202e}x\\x7f"),
        ] {
            assert_eq!(escaped(raw), safe);
            assert_eq!(shown(raw), safe);
        }
        assert_eq!(shown(OsStr::from_bytes(b"a\xff\x1bb")), "a\\xff\\x1bb");
    }
}
