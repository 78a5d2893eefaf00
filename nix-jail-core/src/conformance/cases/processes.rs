//! What a job sees of, and does to, other processes; and that nothing of it survives.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use super::files::workspace;
use super::{Case, LIMIT, Payload};
use crate::conformance::native::Beside;
use crate::conformance::{Bench, Report, Trouble, native};
use crate::{Feature, Stdio};

pub(super) const CASES: &[Case] = &[
    Case { name: "proc-routes", attack: Payload::Python(include_str!("../payloads/proc_routes.py")), ..Case::PYTHON },
    Case {
        name: "kill-everything",
        plant: plant_victim,
        attack: Payload::Python(include_str!("../payloads/kill_everything.py")),
        after: victim_lives,
        ..Case::PYTHON
    },
    Case { name: "other-jobs", attack: Payload::Drive(|bench| Box::pin(other_jobs(bench))), ..Case::PYTHON },
    Case {
        name: "signal-host",
        plant: plant_victim,
        attack: Payload::Python(include_str!("../payloads/signal_host.py")),
        ..Case::PYTHON
    },
    Case {
        name: "double-fork",
        feature: Feature::KillAll,
        plant: |bench| {
            let beats = bench.work();
            bench.tell("BEATS", beats);
            Ok(())
        },
        attack: Payload::Python(include_str!("../payloads/survivors.py")),
        grant: workspace,
        after: nobody_beats,
        ..Case::PYTHON
    },
    Case {
        name: "zombie-flood",
        feature: Feature::KillAll,
        attack: Payload::Python(include_str!("../payloads/zombie_flood.py")),
        ..Case::PYTHON
    },
    Case {
        name: "sysv-ipc",
        plant: plant_sysv,
        attack: Payload::Python(include_str!("../payloads/sysv_ipc.py")),
        ..Case::PYTHON
    },
];

/// How long a victim lives if nobody takes it away.
const VICTIM: &str = "120.0625";

fn plant_victim(bench: &mut Bench) -> Result<(), Trouble> {
    let victim = Beside::start(native::command("sleep").arg(VICTIM))?;
    bench.tell("VICTIM", victim.0.id().to_string());
    bench.tell("VICTIM_NAME", VICTIM);
    bench.victim = Some(victim.into());
    Ok(())
}

fn victim_lives(bench: &Bench, report: &mut Report) {
    // A process that was killed takes a moment to die.
    let lives = || bench.victim.as_ref().is_some_and(|victim| victim.borrow_mut().is_alive());
    let alive = (0..20).all(|_| {
        sleep(Duration::from_millis(10));
        lives()
    });
    report.found("victim", !alive, if alive { "it lives" } else { "it is dead" });
}

/// A job that kills all it can beside one that wants to live: as an ordinary user, both belong to the same user.
async fn other_jobs(bench: &Bench) -> Result<(), Trouble> {
    let mut spec = crate::JobSpec::new("sleep");
    spec.args = vec![VICTIM.into()];
    let beside = bench.jail.start(spec, Stdio::default()).await?;
    let text = "import os\nfor n in [1, *range(2, 5000), -1]:\n try: n != os.getpid() and os.kill(n, 9)\n except OSError: pass";
    let killer = bench.jail.command("python3").args(["-c", text]).output().await?;
    if !killer.exit.success() {
        return Err(Trouble::failed(format!("the killer ended with {:?}", killer.exit)));
    }
    tokio::select! {
        exit = beside.wait() => return Err(Trouble::failed(format!("the other job was ended: {exit:?}"))),
        () = tokio::time::sleep(Duration::from_millis(200)) => {}
    }
    // The control: the same signal reaches it from where it is in view.
    beside.signal(9).await?;
    match beside.wait().await?.signal {
        Some(9) => Ok(()),
        other => Err(Trouble::failed(format!("the control did not kill it: {other:?}"))),
    }
}

/// Signs of life after the job's end, and after the end of its control's main process.
fn nobody_beats(bench: &Bench, report: &mut Report) {
    for name in ["double-fork", "stubborn", "chain"] {
        let size = || std::fs::metadata(bench.work().join(name)).map_or(0, |meta| meta.len());
        let before = size();
        sleep(Duration::from_millis(200));
        let beats = size() - before;
        report.found(name, beats > 0, format!("{before} signs of life, then {beats}"));
        if before == 0 {
            report.found("start", true, format!("{name} never lived"));
        }
    }
    // Those of the control are asked to end, so that nobody writes where things are about to be taken away.
    let stop = bench.work().join("stop");
    if std::fs::write(&stop, "").is_ok() {
        sleep(Duration::from_millis(200));
        let _ = std::fs::remove_file(stop);
    }
}

/// Objects on the host that belong to nobody's process: they go when the bench goes.
fn plant_sysv(bench: &mut Bench) -> Result<(), Trouble> {
    let key = RandomState::new().hash_one(0) as u32 >> 4 | 1;
    bench.tell("KEY", key.to_string());
    let text = concat!(include_str!("../payloads/prelude.py"), include_str!("../payloads/sysv_make.py"));
    let maker = || {
        let mut command = native::command("python3");
        command.args(["-c", text]).env("KEY", key.to_string());
        command
    };
    let mut remover = maker();
    remover.env("REMOVE", "1");
    bench.keep(Undo(remover));
    match native::run(maker(), bench.dir(), LIMIT)?.code {
        Some(0) => Ok(()),
        _ => Err(Trouble::skipped("sysv-ipc", "this machine gives no SysV objects")),
    }
}

struct Undo(Command);

impl Drop for Undo {
    fn drop(&mut self) {
        // Best effort: what is left otherwise is one page and an empty queue.
        let _ = self.0.status();
    }
}
