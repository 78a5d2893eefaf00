//! What the embedder is told.
use crate::CONTROL;
use crate::sys::{self, Errno, net, task};
use crate::wire::{Report, SIZE, Step};

/// A step that failed: there will be no jail.
pub struct Refusal {
    pub step: Step,
    /// The operation it failed at, where the step belongs to one.
    pub index: u32,
    pub errno: Errno,
}

/// Says what was being done when a call failed.
pub trait During<T> {
    fn during(self, step: Step) -> Result<T, Refusal>;
    fn at(self, step: Step, index: usize) -> Result<T, Refusal>;
}

impl<T> During<T> for sys::Result<T> {
    fn during(self, step: Step) -> Result<T, Refusal> {
        self.at(step, 0)
    }

    fn at(self, step: Step, index: usize) -> Result<T, Refusal> {
        self.map_err(|errno| Refusal { step, index: index as u32, errno })
    }
}

/// Sends a report. One that cannot be sent has nobody to read it: the poll that follows notices.
pub fn send(to: i32, report: Report) {
    let _ = net::send(to, &report.encode(), None);
}

/// Sends the last report of a control socket. Requests that nobody will read are taken out first, and no more can
/// come: the kernel would make them an error that the embedder meets before the report.
pub fn send_last(to: i32, report: Report) {
    net::refuse_more(to);
    while net::receive(to, &mut [0; SIZE], false).is_ok_and(|received| received.len > 0) {}
    send(to, report);
}

/// Tells why there is no jail, and ends.
pub fn refuse(refusal: Refusal) -> ! {
    let Refusal { step, index, errno } = refusal;
    send_last(CONTROL, Report::Refused { step: step as u32, index, errno: errno.0 });
    task::exit(125)
}
