//! Starting a program in the finished jail.
//!
//! The child is made as by vfork(2): it runs in the memory of process 1, which stands still until the child has
//! executed the program or given up. So process 1 knows at once how that went. Descriptors, limits, credentials and
//! signal masks are the child's own; in memory it writes only its stack and [`Job::failure`].
use crate::landlock;
use crate::plan::{Command, MDWE, Plan, TERMINAL};
use crate::sys::{self, E2BIG, EACCES, ENODEV, ENOENT, ENOEXEC, ENOTDIR, ESTALE, ETIMEDOUT, Errno, fs, rights, task};
use crate::wire::ExecError;

/// Why a program was not executed.
#[derive(Clone, Copy)]
pub struct Failure {
    pub kind: ExecError,
    pub errno: Errno,
    pub candidate: u32,
}

/// What the child needs to know.
struct Job<'a> {
    plan: &'a Plan<'static>,
    command: &'a Command<'static>,
    stdio: [i32; 3],
    ruleset: Option<i32>,
    argv: *const usize,
    envp: *const usize,
    failure: Option<Failure>,
}

const STACK: usize = 32 << 10;

/// Executes `command` with `stdio` (negative: /dev/null): the child's pid.
pub fn start(
    plan: &Plan<'static>,
    command: &Command<'static>,
    stdio: [i32; 3],
    ruleset: Option<i32>,
) -> Result<i32, Failure> {
    let failed = |errno| Failure { kind: ExecError::Clone, errno, candidate: 0 };
    let pointers = command.argv.len() + command.envp.len() + 2;
    let memory = sys::memory(STACK + pointers * size_of::<usize>()).map_err(failed)?;
    let (stack, array) = memory.split_at_mut(STACK);
    let null = core::iter::once(0);
    let strings = command.argv.clone().map(|text| text.as_ptr() as usize).chain(null.clone());
    let strings = strings.chain(command.envp.clone().map(|text| text.as_ptr() as usize)).chain(null);
    for (place, pointer) in array.chunks_exact_mut(size_of::<usize>()).zip(strings) {
        place.copy_from_slice(&pointer.to_ne_bytes());
    }
    let argv = array.as_ptr().cast::<usize>();
    let envp = argv.wrapping_add(command.argv.len() + 1);
    let mut job = Job { plan, command, stdio, ruleset, argv, envp, failure: None };
    // SAFETY: `enter` gets a Job, never returns, and writes only to `stack` and to the Job, which live until the child
    // has executed or exited; nobody else uses them until then.
    let started = unsafe { task::vfork(stack, enter, (&raw mut job).cast()) };
    let failure = job.failure;
    sys::free(memory);
    match (started, failure) {
        (Ok(pid), None) => Ok(pid),
        (Ok(_), Some(failure)) => Err(failure),
        (Err(errno), _) => Err(failed(errno)),
    }
}

/// The child's first and last function.
///
/// # Safety
/// `job` points to a [`Job`] that nobody else uses while this runs.
unsafe extern "C" fn enter(job: *mut u8) -> ! {
    // SAFETY: by the contract above.
    let job = unsafe { &mut *job.cast::<Job<'_>>() };
    let failure = match job.prepare() {
        Ok(()) => job.execute(),
        Err(failure) => failure,
    };
    job.failure = Some(failure);
    task::exit(127)
}

/// Says at which step before execve a call failed.
fn during<T>(result: sys::Result<T>, kind: ExecError) -> Result<T, Failure> {
    result.map_err(|errno| Failure { kind, errno, candidate: 0 })
}

impl Job<'_> {
    /// From process 1 to a process without any right but its user's.
    fn prepare(&self) -> Result<(), Failure> {
        const PR_SET_MDWE: usize = 65;
        during(task::setsid(), ExecError::Other)?;
        during(self.descriptors(), ExecError::Stdio)?;
        if self.plan.flags & TERMINAL != 0 {
            during(task::controlling_terminal(0), ExecError::Terminal)?;
        }
        task::umask(self.plan.umask);
        during(fs::chdir(self.command.cwd), ExecError::WorkingDirectory)?;
        for limit in self.plan.rlimits.clone() {
            during(rights::limit(limit.resource, limit.soft, limit.hard), ExecError::Rlimit)?;
        }
        if self.plan.flags & MDWE != 0 {
            during(rights::prctl(PR_SET_MDWE, 1), ExecError::Mdwe)?;
        }
        during(rights::capabilities(0), ExecError::Capabilities)?;
        if let Some(ruleset) = self.ruleset {
            landlock::admit_stdio(ruleset, self.plan.landlock.as_ref().map_or(0, |wanted| wanted.handled_fs));
            during(rights::landlock_restrict(ruleset), ExecError::Landlock)?;
        }
        during(sys::close_range(3, i32::MAX), ExecError::Stdio)?;
        task::block_signals(0);
        if !self.plan.seccomp.is_empty() {
            during(rights::seccomp(self.plan.seccomp), ExecError::Seccomp)?;
        }
        Ok(())
    }

    /// Every source lies above the three places, so that none is covered before it was used.
    fn descriptors(&self) -> sys::Result {
        for (at, fd) in self.stdio.into_iter().enumerate() {
            if fd >= 0 {
                task::place(fd, at as i32)?;
            } else {
                let null = fs::open(fs::AT_FDCWD, c"/dev/null", fs::O_RDWR, 0)?;
                task::place(task::raise(null)?.raw(), at as i32)?;
            }
        }
        Ok(())
    }

    /// Tries the candidates in their order, as execvp(3) does; comes back with what a user should be told.
    fn execute(&self) -> Failure {
        let mut denied = None;
        let mut last = Failure { kind: ExecError::NotFound, errno: ENOENT, candidate: 0 };
        for (at, path) in self.command.candidates.clone().enumerate() {
            // SAFETY: `start` built both arrays: pointers to strings of the plan, each ended by a null pointer.
            let errno = unsafe { task::execve(path, self.argv, self.envp) };
            last = Failure { kind: ExecError::Other, errno, candidate: at as u32 };
            match errno {
                ENOENT | ENOTDIR if fs::exists(path) => {
                    return Failure { kind: ExecError::InterpreterMissing, ..last };
                }
                ENOENT | ENOTDIR | ESTALE | ENODEV | ETIMEDOUT => last.kind = ExecError::NotFound,
                EACCES => denied = denied.or(Some(Failure { kind: ExecError::Permission, ..last })),
                ENOEXEC => return Failure { kind: ExecError::NoInterpreter, ..last },
                E2BIG => return Failure { kind: ExecError::TooBig, ..last },
                _ => return last,
            }
        }
        denied.unwrap_or(last)
    }
}
