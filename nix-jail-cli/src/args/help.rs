//! Texts. Each line below "Examples:" is run by a test, so each works anywhere and leaves nothing behind outside of the
//! directory that it runs in.

pub(crate) const TREE: &str = "\
Examples:
  nix-jail run ls /                       # what a job sees
  nix-jail run -w . -- sh -c 'ls -A'      # this directory, and nothing else of yours
  nix-jail doctor                         # what this machine can enforce
  nix-jail help run                       # all options of a job";

pub(crate) const RUN: &str = "\
The job sees this machine's programs (/usr, read-only), a directory of its own at /workspace, and
nothing of /home, /root, /var, /run, /mnt, /opt and /srv. It has no network and no variable of yours,
and when its first process ends, all of them do.

Signals that nix-jail gets are handed on to the job; the third SIGINT or SIGTERM ends it.

Exit code: the job's own; 128+n when signal n ended it; 124 at its time limit; 137 at another limit;
130 when it was cancelled; 125 when nix-jail refused or failed, so that nothing ran; 126 when the
program cannot be executed; 127 when the jail does not have it.

Examples:
  nix-jail run ls /
  nix-jail run -w . -- sh -c 'echo hello > greeting'
  nix-jail run -w .:ro --time 10s --tasks 50 -- sh -c 'ls | wc -l'
  nix-jail run -v /etc/hosts:/data/hosts:ro cat /data/hosts
  nix-jail run -e GREETING=hello -e LANG --summary -- sh -c 'echo $GREETING'
  nix-jail run --tmpfs /scratch:size=1M --json -- sh -c 'echo to a file > /scratch/f'
  nix-jail run --dry-run -w . cat greeting";

pub(crate) const DOCTOR: &str = "\
To find out, it builds a jail and throws it away.

Exit code: 0 when every wall that each job needs is enforced; 1 otherwise: then every job is refused
unless it is told --allow-degraded.

Examples:
  nix-jail doctor
  nix-jail doctor --json";

pub(crate) const CAPABILITIES: &str = "\
This is what can be had on a machine that lacks nothing. What *this* machine lacks, 'nix-jail doctor'
says.

Examples:
  nix-jail capabilities
  nix-jail capabilities --json
  nix-jail capabilities --markdown";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  nix-jail completions bash > nix-jail.bash
  nix-jail completions zsh > _nix-jail
  nix-jail completions fish > nix-jail.fish";

pub(crate) const MAN: &str = "\
Examples:
  nix-jail man > nix-jail.1";
