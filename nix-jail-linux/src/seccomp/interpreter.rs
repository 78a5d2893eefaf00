//! Runs a filter as the kernel would, for the tests: the part of classic BPF that the assembler may use.
//!
//! It panics at anything else, at a jump out of the program and at a load that is not one of the words that seccomp(2)
//! offers: what the kernel would refuse to load, or worse, would not.

/// What a filter looks at: `struct seccomp_data`.
pub(super) struct Call {
    pub(super) number: u32,
    pub(super) arch: u32,
    pub(super) args: [u64; 6],
}

/// What came out, and the number of instructions that it took.
pub(super) struct Outcome {
    pub(super) answer: u32,
    pub(super) steps: usize,
}

pub(super) fn run(program: &[u8], call: &Call) -> Outcome {
    assert_eq!(program.len() % 8, 0);
    let data = call.bytes();
    let (mut at, mut accumulator) = (0, 0u32);
    for steps in 1.. {
        let (code, jt, jf, k) = decode(&program[8 * at..8 * at + 8]);
        at += 1;
        match code {
            0x20 => accumulator = word(&data, k as usize),
            0x54 => accumulator &= k,
            0x05 => at += k as usize,
            0x15 => at += usize::from(if accumulator == k { jt } else { jf }),
            0x35 => at += usize::from(if accumulator >= k { jt } else { jf }),
            0x06 => return Outcome { answer: k, steps },
            _ => panic!("instruction {code:#x} is not one that the assembler may use"),
        }
    }
    unreachable!("a filter only jumps forward")
}

fn decode(bytes: &[u8]) -> (u16, u8, u8, u32) {
    let code = u16::from_ne_bytes([bytes[0], bytes[1]]);
    let k = u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    (code, bytes[2], bytes[3], k)
}

fn word(data: &[u8; 64], at: usize) -> u32 {
    assert_eq!(at % 4, 0, "the kernel refuses a load that is not aligned");
    u32::from_ne_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]])
}

impl Call {
    fn bytes(&self) -> [u8; 64] {
        let mut data = [0; 64];
        data[0..4].copy_from_slice(&self.number.to_ne_bytes());
        data[4..8].copy_from_slice(&self.arch.to_ne_bytes());
        for (at, arg) in self.args.iter().enumerate() {
            data[16 + 8 * at..][..8].copy_from_slice(&arg.to_ne_bytes());
        }
        data
    }
}
