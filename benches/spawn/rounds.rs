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
