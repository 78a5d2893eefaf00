//! What works without a jail must work in one. See the cases of the field (P1, P2, ..) in the docs.

use super::{Case, Control, Payload};
use crate::conformance::{Bench, Trouble};
use crate::{Feature, Reason, Stream};

/// Reads what is blocked and ignored. `sh` ignores nothing by itself.
const SIGNALS: &str = "
    while read -r name mask; do case $name in
        SigBlk:) [ $((0x$mask)) = 0 ] && held blocked || escaped blocked $mask ;;
        # SIGPIPE is bit 12, SIGCHLD bit 16.
        SigIgn:) [ $((0x$mask & 0x11000)) = 0 ] && held ignored || escaped ignored $mask ;;
    esac; done </proc/self/status
    (exit 3); [ $? = 3 ] && held status || escaped status $?";

/// The state that some programs leave to the programs that they start.
const BLOCKED: &str = "exec python3 -c 'import os, signal as s, sys
s.pthread_sigmask(s.SIG_BLOCK, {s.SIGTERM, s.SIGINT, s.SIGCHLD})
s.signal(s.SIGCHLD, s.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])' \"$@\"";

pub(super) const CASES: &[Case] = &[
    Case {
        // P1
        name: "asyncio-wakeup",
        attack: Payload::Python(
            "import asyncio, threading\n\
             loop = asyncio.new_event_loop()\n\
             threading.Thread(target=loop.run_forever, daemon=True).start()\n\
             got = asyncio.run_coroutine_threadsafe(asyncio.sleep(0, 42), loop).result(2)\n\
             held('woken') if got == 42 else escaped('woken', got)",
        ),
        control: Control::Same,
        ..Case::PYTHON
    },
    Case {
        // P2
        name: "default-signals",
        attack: Payload::Drive(|bench| Box::pin(default_signals(bench))),
        ..Case::PLAIN
    },
    Case {
        // P3
        name: "blocked-signals",
        needs: &["sh", "python3"],
        embedder: &[BLOCKED, "trap '' PIPE TERM"],
        attack: Payload::Sh(SIGNALS),
        control: Control::Behind(BLOCKED),
        ..Case::PLAIN
    },
    Case {
        // P5
        name: "closed-stdio",
        embedder: &["exec <&-", "exec 2>&-", "exec <&- 2>&-"],
        attack: Payload::Drive(|bench| Box::pin(closed_stdio(bench))),
        ..Case::PLAIN
    },
    Case {
        name: "stdin-passthrough",
        attack: Payload::Drive(|bench| Box::pin(stdin_passthrough(bench))),
        ..Case::PLAIN
    },
    Case {
        // H1. Nothing of the caller's umask: neither in the job nor in the modes of what was made for it.
        name: "umask",
        embedder: &["umask 000", "umask 077"],
        attack: Payload::Sh(
            "[ $(umask) = 0022 ] && held umask || escaped umask $(umask)
             [ -n \"$CONTROL\" ] || for is in 755:/ 1777:/tmp 755:/etc 1777:/dev/shm 755:/workspace 755:/dev 755:/jail; do
                 got=$(stat -c %a ${is#*:}):${is#*:}; [ $got = $is ] && held modes || escaped modes $got
             done",
        ),
        ..Case::PLAIN
    },
    Case {
        // H4. What the filter does not know looks unimplemented, so that libc falls back.
        name: "unknown-syscalls",
        feature: Feature::SyscallFilter,
        attack: Payload::Python(
            "import ctypes, threading\n\
             libc = ctypes.CDLL(None, use_errno=True)\n\
             for number, good in ((435, (38, 22)), (999, (38,)), (600, (38,))):\n\
             \x20   libc.syscall(number, 0, 0)\n\
             \x20   got = ctypes.get_errno()\n\
             \x20   held(str(number), got) if got in good else escaped(str(number), got)\n\
             thread = threading.Thread(target=held, args=('thread',))\n\
             thread.start()\n\
             thread.join()",
        ),
        control: Control::Same,
        ..Case::PYTHON
    },
    Case {
        // N1
        name: "localhost",
        attack: Payload::Python(
            "import socket\n\
             for host in ('localhost', socket.gethostname()):\n\
             \x20   address = socket.getaddrinfo(host, 80)[0][4][0]\n\
             \x20   loopback = address == '::1' or address.startswith('127.') or CONTROL\n\
             \x20   held('names', address) if loopback else escaped('names', address)\n\
             port = 0 if CONTROL else 8080\n\
             for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):\n\
             \x20   listener = socket.create_server((address, port), family=family)\n\
             \x20   caller = socket.create_connection(listener.getsockname()[:2])\n\
             \x20   listener.accept()[0].send(b'ok')\n\
             \x20   got = caller.recv(2)\n\
             \x20   held(address) if got == b'ok' else escaped(address, got)",
        ),
        control: Control::Same,
        ..Case::PYTHON
    },
];

/// The program is not pid 1, to which signals do nothing: what it does to itself, happens.
async fn default_signals(bench: &Bench) -> Result<(), Trouble> {
    for (name, number) in [("TERM", 15), ("HUP", 1), ("ABRT", 6), ("USR1", 10), ("SEGV", 11), ("KILL", 9)] {
        let text = format!("kill -{name} $$; echo alive");
        let output = bench.jail.command("sh").args(["-c", &text]).output().await?;
        let native = bench.native_sh(&text)?;
        if native.signal != Some(number) || !native.output.is_empty() {
            return Err(Trouble::skipped("native", format!("{name} does not end a shell here: {native:?}")));
        }
        if (output.exit.reason, output.exit.signal) != (Reason::Signalled, Some(number)) || !output.stdout.is_empty() {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            return Err(Trouble::failed(format!("after {name}: {:?}, {said}", output.exit)));
        }
    }
    Ok(())
}

/// Whatever is closed in the embedder: the job has three streams, and none of them is something else of ours.
async fn closed_stdio(bench: &Bench) -> Result<(), Trouble> {
    let text = "cat; ls -l /proc/self/fd | while read -r line; do echo \"$line\"; done; echo x; exit 4";
    let mut command = bench.jail.command("sh");
    let output = command.args(["-c", text]).stdin(Stream::Inherit).output().await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let stdin = said.lines().find_map(|line| line.split_once(" 0 -> ")).map(|(_, to)| to);
    if output.exit.code != Some(4) || !said.ends_with("x\n") {
        return Err(Trouble::failed(format!("{:?}: {said}", output.exit)));
    }
    if std::env::var_os("NIX_JAIL_CASE_DIR").is_some() && !matches!(stdin, Some("/dev/null") | None) {
        // With stdin open, it is what the harness gave us: /dev/null as well.
        return Err(Trouble::failed(format!("standard input is {stdin:?}: {said}")));
    }
    // A stream that leads nowhere costs nothing but what is written to it.
    let mut command = bench.jail.command("sh");
    let exit = command.args(["-c", "echo lost; echo lost >&2; exit 4"]).stdout(Stream::Null).stderr(Stream::Null);
    let exit = exit.status().await?;
    if exit.code != Some(4) {
        return Err(Trouble::failed(format!("without stdout: {exit:?}")));
    }
    // The control: a descriptor that is passed on shows in the same listing.
    let native = bench.native_sh("exec 5</dev/zero; ls -l /proc/self/fd")?;
    let listed = String::from_utf8_lossy(&native.output).into_owned();
    match listed.contains("5 -> /dev/zero") && !said.contains(" 5 -> ") {
        true => Ok(()),
        false => Err(Trouble::failed(format!("descriptors in the jail: {said}; in the control: {listed}"))),
    }
}

/// More than a pipe holds, both ways; a file; nothing.
async fn stdin_passthrough(bench: &Bench) -> Result<(), Trouble> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let data: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
    let mut job = bench.jail.command("cat").stdin(Stream::Piped).stdout(Stream::Piped).spawn().await?;
    let (Some(mut stdin), Some(mut stdout)) = (job.stdin.take(), job.stdout.take()) else {
        return Err(Trouble::failed("no pipes"));
    };
    let mut got = Vec::new();
    let write = async {
        stdin.write_all(&data).await?;
        drop(stdin);
        Ok(())
    };
    tokio::try_join!(write, stdout.read_to_end(&mut got))?;
    if got != data || !job.wait().await?.success() {
        return Err(Trouble::failed(format!("{} bytes in, {} out", data.len(), got.len())));
    }

    let path = bench.dir().join("input");
    std::fs::write(&path, &data)?;
    let file = std::fs::File::open(&path)?;
    let output = bench.jail.command("cat").stdin(Stream::Fd(file.into())).output().await?;
    if output.stdout != data {
        return Err(Trouble::failed(format!("{} bytes in a file, {} out", data.len(), output.stdout.len())));
    }

    let output = bench.jail.command("cat").output().await?;
    match output.exit.success() && output.stdout.is_empty() {
        true => Ok(()),
        false => Err(Trouble::failed("a job that is given no input finds some")),
    }
}
