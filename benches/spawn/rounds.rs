//! Every subject once, again and again.

use std::time::Duration;

/// The first rounds warm the caches and are not counted.
const WARM_UP: usize = 5;
/// How many rounds are run for one answer.
const AT_ONCE: u64 = 8;

/// What is measured: `run` does it once and says how long that took.
pub(crate) struct Subject {
    name: &'static str,
    run: Box<dyn FnMut() -> Duration>,
    times: Vec<Duration>,
    /// How many of `times` criterion has seen.
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
    first: usize,
}

impl Rounds {
    pub(crate) fn new(subjects: Vec<Subject>) -> Self {
        let mut rounds = Self { subjects, first: 0 };
        (0..WARM_UP).for_each(|_| rounds.round());
        rounds.subjects.iter_mut().for_each(|subject| subject.times.clear());
        rounds
    }

    /// Everybody has a turn at being first, so that nobody always follows the same one.
    fn round(&mut self) {
        let count = self.subjects.len();
        for at in 0..count {
            let subject = &mut self.subjects[(self.first + at) % count];
            let time = (subject.run)();
            subject.times.push(time);
        }
        self.first = (self.first + 1) % count;
    }

    /// Goes on until there are this many rounds.
    pub(crate) fn run_until(&mut self, rounds: usize) {
        while self.rounds() < rounds {
            self.round();
        }
    }

    /// How long the subject takes to run `count` times, from the next rounds that were not asked for yet. From a few of
    /// them: what is fast is run as often as what is slow.
    pub(crate) fn take(&mut self, at: usize, count: u64) -> Duration {
        let (first, few) = (self.subjects[at].seen, count.clamp(1, AT_ONCE));
        let end = first + few as usize;
        self.run_until(end);
        self.subjects[at].seen = end;
        let time: Duration = self.subjects[at].times[first..end].iter().sum();
        time.mul_f64(count as f64 / few as f64)
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

    /// What to expect of a subject, from a few more rounds.
    pub(crate) fn typical(&mut self, at: usize) -> Duration {
        self.run_until(10);
        self.median(at)
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
