//! What a job may use up. The machine itself is never in danger: each attack ends by itself where there is no limit.

use std::time::Duration;

use super::{Case, Payload};
use crate::conformance::MustEnd;
use crate::{ByteSize, Feature};

/// For [`Feature::Output`].
const OUTPUT: ByteSize = ByteSize::mib(1);
/// What may come on top: what was on its way when the limit was reached.
const SLACK: usize = 256 << 10;

/// For [`Feature::Tasks`].
const TASKS: u32 = 40;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "fork-bomb",
        feature: Feature::Tasks,
        plant: |bench| {
            bench.tell("LIMIT", TASKS.to_string());
            Ok(())
        },
        attack: Payload::Python(include_str!("../payloads/fork_bomb.py")),
        grant: |_, command| command.spec().limits.tasks = Some(TASKS),
        ..Case::PYTHON
    },
    Case {
        name: "busy-loop",
        feature: Feature::CpuTime,
        attack: Payload::Python(include_str!("../payloads/busy_loop.py")),
        grant: |_, command| command.spec().limits.cpu_time = Some(Duration::from_millis(500)),
        must_end: MustEnd::Limit(Feature::CpuTime),
        ..Case::PYTHON
    },
    Case {
        name: "output-flood",
        feature: Feature::Output,
        attack: Payload::Python(include_str!("../payloads/output_flood.py")),
        grant: |_, command| command.spec().limits.output = Some(OUTPUT),
        must_end: MustEnd::Limit(Feature::Output),
        after: |_, report| {
            let written = report.written();
            let most = usize::try_from(OUTPUT.as_u64()).unwrap_or(usize::MAX) + SLACK;
            report.found("amount", written > most, format!("{written} bytes"));
        },
        ..Case::PYTHON
    },
    Case {
        name: "wall-clock",
        feature: Feature::WallClock,
        attack: Payload::Sh("trap '' TERM INT HUP; sleep 2; escaped clock 'it ran to its end'"),
        grant: |_, command| command.spec().limits.wall_clock = Some(Duration::from_millis(300)),
        must_end: MustEnd::TimedOut,
        ..Case::PLAIN
    },
    Case {
        name: "file-size",
        feature: Feature::FileSize,
        attack: Payload::Python(include_str!("../payloads/file_size.py")),
        grant: |_, command| command.spec().limits.file_size = Some(ByteSize::mib(1)),
        ..Case::PYTHON
    },
    Case {
        name: "open-files",
        feature: Feature::OpenFiles,
        attack: Payload::Python(include_str!("../payloads/open_files.py")),
        grant: |_, command| command.spec().limits.open_files = Some(64),
        ..Case::PYTHON
    },
];
