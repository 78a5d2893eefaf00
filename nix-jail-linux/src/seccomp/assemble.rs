//! From verdicts by number to classic BPF (seccomp(2), and `linux/filter.h`).
//!
//! Loading a filter costs more the longer its paths are: the kernel walks it once for every number it knows, to learn
//! which calls it may let through without running it at all. So numbers with the same verdict are joined to ranges, and a
//! balanced tree of `JGE` finds the range of a number in as many steps as its depth.
//!
//! Jumps go forward, and conditional ones reach 255 instructions. The program is therefore built from its end: every
//! target is placed, and its distance known, before the jump to it.

use std::collections::BTreeMap;

use super::arguments::Question;
use super::{ENOSYS, Verdict};

/// The verdict on a number that no row names.
const UNKNOWN: Verdict = Verdict::Errno(ENOSYS);

// linux/bpf_common.h and linux/seccomp.h
const LD_W_ABS: u16 = 0x20;
const ALU_AND_K: u16 = 0x54;
const JMP_JA: u16 = 0x05;
const JMP_JEQ_K: u16 = 0x15;
const JMP_JGE_K: u16 = 0x35;
const RET_K: u16 = 0x06;
const KILL_PROCESS: u32 = 0x8000_0000;
const ERRNO: u32 = 0x0005_0000;
const ALLOW: u32 = 0x7FFF_0000;

// struct seccomp_data
const NR: u32 = 0;
const ARCH: u32 = 4;
const ARGS: u32 = 16;

/// The filter that gives each number its verdict, as an array of `struct sock_filter` in the machine's byte order.
///
/// `arch` is the `AUDIT_ARCH_*` value whose numbers these are. A call made under another one is not answered but ends the
/// process: its numbers mean other calls. A number that is not in `verdicts` is ENOSYS, and so is one with the x32 bit
/// (`1 << 30`), which lies above all of them.
pub(super) fn assemble(arch: u32, verdicts: &BTreeMap<u32, Verdict>) -> Vec<u8> {
    let mut program = Program::default();
    program.search(&ranges(verdicts));
    let number = program.push(LD_W_ABS, 0, 0, NR);
    let kill = program.place(Verdict::Kill);
    program.branch(JMP_JEQ_K, arch, number, kill);
    program.push(LD_W_ABS, 0, 0, ARCH);
    program.bytes()
}

/// `(first, verdict)`: the verdict holds from that number up to the next range's first.
fn ranges(verdicts: &BTreeMap<u32, Verdict>) -> Vec<(u32, Verdict)> {
    let mut ranges: Vec<(u32, Verdict)> = Vec::new();
    let mut extend = |first, verdict| {
        if ranges.last().is_none_or(|&(_, last)| last != verdict) {
            ranges.push((first, verdict));
        }
    };
    let mut next = 0;
    for (&number, &verdict) in verdicts {
        if number > next {
            extend(next, UNKNOWN);
        }
        extend(number, verdict);
        next = number + 1;
    }
    extend(next, UNKNOWN);
    ranges
}

/// `struct sock_filter`.
#[derive(Clone, Copy)]
struct Instruction {
    code: u16,
    jt: u8,
    jf: u8,
    k: u32,
}

/// The place of an instruction, counted from the program's end.
type Label = usize;

/// A program, last instruction first.
#[derive(Default)]
struct Program {
    reversed: Vec<Instruction>,
    /// Where each value is returned, most lately placed.
    returns: BTreeMap<u32, Label>,
}

impl Program {
    /// Places the tree that finds a number among `ranges`, of which there is at least one.
    fn search(&mut self, ranges: &[(u32, Verdict)]) -> Label {
        if let [(_, verdict)] = ranges {
            return self.place(*verdict);
        }
        let (lower, upper) = ranges.split_at(ranges.len() / 2);
        let first = upper[0].0;
        let (upper, lower) = (self.search(upper), self.search(lower));
        // The one that is made near first may move away by the jump that the other one needs.
        let upper = self.near(upper, 1);
        let lower = self.near(lower, 0);
        self.branch(JMP_JGE_K, first, upper, lower)
    }

    fn place(&mut self, verdict: Verdict) -> Label {
        match verdict {
            Verdict::Allow => self.place_return(ALLOW),
            Verdict::Errno(errno) => self.place_return(ERRNO | u32::from(errno)),
            Verdict::Kill => self.place_return(KILL_PROCESS),
            Verdict::Ask(question) => self.place_question(question),
        }
    }

    /// Returns are shared among those who can reach one.
    fn place_return(&mut self, value: u32) -> Label {
        // Not farther than this, so that a subtree still fits between the return and the jump to it.
        const SHARED_WITHIN: usize = 160;
        match self.returns.get(&value) {
            Some(&label) if self.distance(label) <= SHARED_WITHIN => label,
            _ => {
                let label = self.push(RET_K, 0, 0, value);
                self.returns.insert(value, label);
                label
            }
        }
    }

    fn place_question(&mut self, question: &Question) -> Label {
        let (no, yes) = (self.place(question.no), self.place(question.yes));
        let no = self.near(no, 1);
        let yes = self.near(yes, question.values.len());
        let mut next = no;
        for &value in question.values.iter().rev() {
            next = self.branch(JMP_JEQ_K, value, yes, next);
        }
        if question.mask != u32::MAX {
            self.push(ALU_AND_K, 0, 0, question.mask);
        }
        self.push(LD_W_ABS, 0, 0, low_half(question.arg))
    }

    /// `label`, or a jump to it that a branch can reach even after `room` more instructions.
    fn near(&mut self, label: Label, room: usize) -> Label {
        let distance = self.distance(label);
        if distance + room <= usize::from(u8::MAX) { label } else { self.push(JMP_JA, 0, 0, distance as u32) }
    }

    /// Both labels must be near.
    fn branch(&mut self, code: u16, k: u32, yes: Label, no: Label) -> Label {
        let [jt, jf] = [yes, no].map(|label| u8::try_from(self.distance(label)).expect("a branch reaches its targets"));
        self.push(code, jt, jf, k)
    }

    /// How many instructions the next one would have to jump over.
    fn distance(&self, label: Label) -> usize {
        self.reversed.len() - 1 - label
    }

    fn push(&mut self, code: u16, jt: u8, jf: u8, k: u32) -> Label {
        self.reversed.push(Instruction { code, jt, jf, k });
        self.reversed.len() - 1
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.reversed.len() * size_of::<Instruction>());
        for &Instruction { code, jt, jf, k } in self.reversed.iter().rev() {
            bytes.extend_from_slice(&code.to_ne_bytes());
            bytes.extend_from_slice(&[jt, jf]);
            bytes.extend_from_slice(&k.to_ne_bytes());
        }
        bytes
    }
}

/// Where `struct seccomp_data` holds the low 32 bits of an argument.
fn low_half(arg: u8) -> u32 {
    let upper_first = if cfg!(target_endian = "big") { 4 } else { 0 };
    ARGS + 8 * u32::from(arg) + upper_first
}

#[cfg(test)]
mod tests {
    use super::super::interpreter::{Call, run};
    use super::*;

    const ARCH_HERE: u32 = 7;
    const EPERM: Verdict = Verdict::Errno(1);

    fn answer(verdicts: &BTreeMap<u32, Verdict>, number: u32) -> u32 {
        run(&assemble(ARCH_HERE, verdicts), &Call { number, arch: ARCH_HERE, args: [0; 6] }).answer
    }

    #[test]
    fn numbers_with_one_verdict_are_one_range() {
        let verdicts = BTreeMap::from([(0, Verdict::Allow), (1, Verdict::Allow), (2, EPERM), (5, EPERM)]);
        let expected = vec![(0, Verdict::Allow), (2, EPERM), (3, UNKNOWN), (5, EPERM), (6, UNKNOWN)];
        assert_eq!(ranges(&verdicts), expected);
    }

    #[test]
    fn no_rows_let_nothing_through() {
        assert_eq!(answer(&BTreeMap::new(), 0), ERRNO | 38);
        assert_eq!(answer(&BTreeMap::new(), u32::MAX), ERRNO | 38);
    }

    /// Thousands of ranges, so that targets lie beyond the 255 instructions of a branch, with every kind of verdict.
    #[test]
    fn far_targets_are_reached() {
        static QUESTION: Question =
            Question { arg: 0, mask: 0xFF, values: &[1, 2, 3, 4], yes: Verdict::Allow, no: Verdict::Ask(&SECOND) };
        static SECOND: Question = Question { arg: 0, mask: u32::MAX, values: &[0], yes: EPERM, no: Verdict::Allow };
        let verdict = |number: u32| match number.wrapping_mul(2_654_435_761) >> 29 {
            0 | 1 => Verdict::Allow,
            2 | 3 => EPERM,
            4 => Verdict::Errno(38),
            5 => Verdict::Kill,
            _ => Verdict::Ask(&QUESTION),
        };
        let verdicts: BTreeMap<u32, Verdict> = (0..600).map(|number| (number * 2, verdict(number))).collect();
        let program = assemble(ARCH_HERE, &verdicts);
        assert!(program.len() / 8 > 1000, "too short to hold a far jump: {}", program.len() / 8);
        for number in 0..1300 {
            let expected = match verdicts.get(&number).unwrap_or(&UNKNOWN) {
                Verdict::Allow => ALLOW,
                Verdict::Errno(errno) => ERRNO | u32::from(*errno),
                Verdict::Kill => KILL_PROCESS,
                Verdict::Ask(_) => ERRNO | 1,
            };
            let call = Call { number, arch: ARCH_HERE, args: [0; 6] };
            assert_eq!(run(&program, &call).answer, expected, "{number}");
        }
    }
}
