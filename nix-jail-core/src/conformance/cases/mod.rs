//! All cases, by topic.

mod behaviour;
mod files;
mod kernel;
mod lifecycle;
mod limits;
mod mounts;
mod network;
mod processes;
mod programs;
mod terminal;

use super::case::{Case, Control, Payload};
use super::run::LIMIT;

/// Every case.
pub const CASES: &[Case] = &collect::<COUNT>(TOPICS);

const TOPICS: &[&[Case]] = &[
    files::CASES,
    mounts::CASES,
    processes::CASES,
    kernel::CASES,
    terminal::CASES,
    network::CASES,
    limits::CASES,
    behaviour::CASES,
    programs::CASES,
    lifecycle::CASES,
];

const COUNT: usize = {
    let (mut count, mut topic) = (0, 0);
    while topic < TOPICS.len() {
        count += TOPICS[topic].len();
        topic += 1;
    }
    count
};

/// One list of many, before the program runs.
const fn collect<const N: usize>(topics: &[&[Case]]) -> [Case; N] {
    let mut all = [Case::PLAIN; N];
    let (mut at, mut topic) = (0, 0);
    while topic < topics.len() {
        let mut case = 0;
        while case < topics[topic].len() {
            all[at] = topics[topic][case];
            at += 1;
            case += 1;
        }
        topic += 1;
    }
    all
}
