//! People who wait for a line at a stop, in the order in which they came.

use crate::ids::AgentIx;
use crate::units::Time;
use std::collections::VecDeque;

/// A party that waits for a vehicle of a line.
#[derive(Clone, Copy, Debug)]
pub(in crate::mobsim) struct Waiting {
    pub agent: AgentIx,
    /// Position of the stop at which it gets off.
    pub to: u16,
    pub party: u16,
    /// Vehicles that have left without it.
    pub denials: u16,
    /// When it came to the stop.
    pub since: Time,
}

/// The queue of a stop and line, and the vehicles that stand there.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub waiting: VecDeque<Waiting>,
    /// Runs that stand at the stop, in the order in which they came; the first with room takes people on.
    pub standing: Vec<u32>,
    /// Latest coming of those who got on.
    pub last_on: Option<Time>,
}

impl Queue {
    pub fn new() -> Queue {
        Queue { waiting: VecDeque::new(), standing: Vec::new(), last_on: None }
    }

    /// The latest coming with which one gets on a vehicle that leaves at `time`, or on one before it.
    pub fn closes(&self, time: Time) -> Time {
        match self.waiting.front() {
            None => time,
            // Where nobody has found room yet, one had to come before the first.
            Some(first) => self.last_on.map_or(first.since.plus(-1), |last| last.min(time)),
        }
    }
}
