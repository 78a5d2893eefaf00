//! Every subject once, again and again.

use std::thread::sleep;
use std::time::Duration;

/// The first rounds warm the caches and are not counted.
const WARM_UP: usize = 5;

/// What is measured: `run` does it once and says how long that took.
pub(crate) struct Subject {
    name: &'static str,
    run: Box<dyn FnMut() -> Duration>,
    times: Vec<Duration>,
    /// The first of `times` that criterion has not seen yet, or longest ago.
    seen: usize,
}

impl Subject {
    pub(crate) fn new(name: &'static str, run: impl FnMut() -> Duration + 'static) -> Self {
        Self { name, run: Box::new(run), times: Vec::new(), seen: 0 }
    }
}

/// The subjects, and how long each took in each round.
pub(crate) struct Rounds {
    subjects: Vec<Subject>,
    /// Of xorshift: what comes after what has to vary, not to be secret.
    random: u64,
    /// Before each subject. The kernel takes namespaces apart after their last process is gone.
    pause: Duration,
}

impl Rounds {
    pub(crate) fn new(subjects: Vec<Subject>) -> Self {
        let pause = std::env::var("NIX_JAIL_BENCH_PAUSE_MS").map_or(0, |ms| ms.parse().expect("milliseconds"));
        Self { subjects, random: 0x2545_f491_4f6c_dd1d, pause: Duration::from_millis(pause) }
    }

    /// Runs all subjects this often.
    pub(crate) fn run(&mut self, rounds: usize) {
        (0..WARM_UP).for_each(|_| self.round());
        self.subjects.iter_mut().for_each(|subject| subject.times.clear());
        (0..rounds).for_each(|_| self.round());
    }

    /// In a new order each time, so that nobody always follows the same one.
    fn round(&mut self) {
        let mut order: Vec<usize> = (0..self.subjects.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, self.below(last + 1));
        }
        for at in order {
            sleep(self.pause);
            let subject = &mut self.subjects[at];
            let time = (subject.run)();
            subject.times.push(time);
        }
    }

    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % end as u64) as usize
    }

    /// How long the subject took in `count` of the rounds, the ones that were asked for least recently. As criterion also
    /// looks at its own clock, the time passes once more.
    pub(crate) fn replay(&mut self, at: usize, count: u64) -> Duration {
        let Subject { times, seen, .. } = &mut self.subjects[at];
        let time = (0..count).map(|n| times[(*seen + n as usize) % times.len()]).sum();
        *seen = (*seen + count as usize) % times.len();
        sleep(time);
        time
    }

    pub(crate) fn len(&self) -> usize {
        self.subjects.len()
    }

    pub(crate) fn rounds(&self) -> usize {
        self.subjects.first().map_or(0, |subject| subject.times.len())
    }

    pub(crate) fn name(&self, at: usize) -> &'static str {
        self.subjects[at].name
    }

    pub(crate) fn median(&self, at: usize) -> Duration {
        let times = self.sorted(at);
        times[times.len() / 2]
    }

    pub(crate) fn minimum(&self, at: usize) -> Duration {
        self.sorted(at)[0]
    }

    /// Which subject has this name.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.subjects.iter().position(|subject| subject.name == name)
    }

    fn sorted(&self, at: usize) -> Vec<Duration> {
        let mut times = self.subjects[at].times.clone();
        times.sort_unstable();
        times
    }
}
