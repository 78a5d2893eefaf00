//! Just enough of a Rust lexer to tell code from comments and strings, so that a check is neither fooled by a word in a
//! comment nor blind to one in code.

/// A Rust file taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// The text with comments and the insides of literals blanked: offsets and lines stay.
    pub(super) code: String,
    /// What stood between the quotes of each string literal, as written.
    pub(super) strings: Vec<String>,
}

impl Source {
    pub(super) fn of(text: &str) -> Source {
        let mut lexer = Lexer { rest: text, done: Source::default() };
        while !lexer.rest.is_empty() {
            lexer.step();
        }
        lexer.done
    }

    /// Lines (from 1) on which `word` stands alone, not as a part of a longer name.
    pub(super) fn lines_with_word(&self, word: &str) -> Vec<usize> {
        let lines = self.code.lines().enumerate();
        let found = lines.filter(|(_, line)| {
            line.match_indices(word).any(|(at, _)| {
                let named = |char: Option<char>| char.is_some_and(|char| char == '_' || char.is_alphanumeric());
                !named(line[..at].chars().next_back()) && !named(line[at + word.len()..].chars().next())
            })
        });
        found.map(|(index, _)| index + 1).collect()
    }
}

struct Lexer<'a> {
    rest: &'a str,
    done: Source,
}

impl Lexer<'_> {
    /// One token: a comment, a literal, or one character of code.
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            return self.blank(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
        if self.rest.starts_with("/*") {
            return self.blank(block_comment(self.rest));
        }
        if let Some(hashes) = raw_string(self.rest) {
            // The prefix, the hashes and the quote; then up to the quote with as many hashes.
            let open = self.rest.find('"').map_or(0, |at| at + 1);
            let close = format!("\"{}", "#".repeat(hashes));
            let inside = self.rest[open..].find(&close).unwrap_or(self.rest.len() - open);
            return self.literal(open, inside, close.len());
        }
        if self.rest.starts_with('"') {
            return self.literal(1, quoted(&self.rest[1..], '"'), 1);
        }
        if self.rest.starts_with('\'') {
            return match char_literal(self.rest) {
                Some(len) => self.blank(len),
                None => self.keep(1),
            };
        }
        // A whole name at once, so that the r of `for` is not taken for the start of a raw string.
        let name = self.rest.find(|char: char| char != '_' && !char.is_alphanumeric()).unwrap_or(self.rest.len());
        self.keep(name.max(self.rest.chars().next().map_or(0, char::len_utf8)));
    }

    fn keep(&mut self, len: usize) {
        let (kept, rest) = self.rest.split_at(len);
        self.done.code.push_str(kept);
        self.rest = rest;
    }

    fn blank(&mut self, len: usize) {
        let (blanked, rest) = self.rest.split_at(len);
        self.done.code.extend(blanked.chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    fn literal(&mut self, open: usize, inside: usize, close: usize) {
        self.keep(open);
        self.done.strings.push(self.rest[..inside].to_owned());
        self.blank(inside);
        self.keep(close.min(self.rest.len()));
    }
}

/// The length of a `/* .. */`, which may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// The number of hashes where a raw string (`r"`, `br#"`, `cr"`) begins.
fn raw_string(text: &str) -> Option<usize> {
    let text = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
    let after = text.trim_start_matches('#');
    after.starts_with('"').then_some(text.len() - after.len())
}

/// The length of what stands before an unescaped `quote`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of `'x'` or `'\n'`; None for a lifetime.
fn char_literal(text: &str) -> Option<usize> {
    let inside = &text[1..];
    let first = inside.chars().next()?;
    if first == '\\' {
        return Some(1 + quoted(inside, '\'') + 1).filter(|len| *len <= text.len());
    }
    inside[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::of(text).code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_strings_are_blanked() {
        assert_eq!(code("a // unsafe\nb /* unsafe /* x */ y */ c"), "a b c");
        assert_eq!(code(r#"f("a \" // b", c)"#), "f(\" \", c)");
        assert_eq!(code(r##"f(r#"a " b"#, br"x\", d)"##), "f(r#\" \"#, br\" \", d)");
        assert_eq!(Source::of("a\n/* x\ny */\nb").code.lines().count(), 4);
    }

    #[test]
    fn quotes_of_chars_and_lifetimes() {
        assert_eq!(code(r#"f::<'a>('"', '\'', '\\', "s")"#), "f::<'a>( , , , \" \")");
        assert_eq!(code("for r in r\"x\" {}"), "for r in r\" \" {}");
        assert_eq!(code("impl<'a> X<'a> { fn f(&'a self) {} }"), "impl<'a> X<'a> { fn f(&'a self) {} }");
    }

    #[test]
    fn strings_are_kept_as_written() {
        assert_eq!(Source::of(r##"f("host-files", r#"a"b"#) // "no""##).strings, ["host-files", "a\"b"]);
    }

    #[test]
    fn what_does_not_end_does_not_panic() {
        for text in ["\"abc", "/* abc", "r#\"abc", "'\\", "'", "b'", "\"abc\\", "é'é'"] {
            let _ = Source::of(text);
        }
    }

    #[test]
    fn words_stand_alone() {
        let source = Source::of("unsafe_op\nunsafe { }\n// unsafe\nan unsafe fn");
        assert_eq!(source.lines_with_word("unsafe"), [2, 4]);
    }
}
