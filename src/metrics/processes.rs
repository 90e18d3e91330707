//! Processes of hubs: the tables `processes` (a day) and `process_hours`.
//!
//! Little's law is kept as two identities of whole numbers. The waits of all who queued, added up token by token, equal
//! the queue's length added up over time; and the times that all spent at the process – waiting, in service, and blocked on
//! their server after it – equal the number of those present added up over time. The times come from what the events of
//! service tell; the lengths from the events of joining and leaving. Who has not been served when the day ends counts as
//! waiting until then, in service or blocked where the hub tells it.
//!
//! Counts are in the process's unit (persons, vehicles, bags, consignments), expanded by 1/sample, and so is the time for
//! which servers are busy: a token tells of its own service, and those whom it stands for need theirs as well.

mod tables;

use crate::events::{Event, EventSink, What};
use crate::ids::ProcessIx;
use crate::metrics::queue::{Left, Queue};
use crate::metrics::tokens::{Tokens, Unit};
use crate::metrics::{Context, Hours, Indicator};
use crate::network::passages::{AtProcess, LinkTraffic};
use crate::table::Table;
use crate::units::Time;
use tables::Lengths;

/// A process in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    served: u64,
    busy_ms: i64,
    blocked_ms: i64,
}

/// Who had to stay on a server after service.
#[derive(Clone, Copy, Debug, Default)]
struct Blocked {
    /// How many, in the unit of the process.
    count: u64,
    /// Time of all of them, in the unit of the process times milliseconds.
    unit_ms: i64,
    /// Those still there when the day ended.
    at_end: u64,
}

/// One process over the day.
#[derive(Clone, Debug)]
struct Record {
    unit: Unit,
    /// Share of its users that is simulated: all where they are vehicles of services alone.
    sample: f64,
    /// Turns that a server takes at once, and whether a party takes one.
    batch: i64,
    one_turn: bool,
    /// Those who wait for service.
    queue: Queue,
    /// Those who wait, are in service or blocked after it.
    present: Queue,
    hours: Vec<Hour>,
    blocked: Blocked,
    waiting_at_end: u64,
    in_service_at_end: u64,
}

/// Where a token is.
#[derive(Clone, Copy, Debug)]
enum Whereabouts {
    /// At no process.
    Away,
    /// It has joined a queue.
    Waits { process: ProcessIx, since: Time },
    /// It was served and is gone, if nothing tells that it was blocked.
    Served { process: ProcessIx, arrived: Time, ended: Time },
}

/// Processes of all hubs.
#[derive(Debug)]
pub struct Processes {
    hours: Hours,
    tokens: Tokens,
    of: Vec<Record>,
    /// By token.
    at: Vec<Whereabouts>,
}

impl Processes {
    /// All queues are empty.
    pub fn new(context: &Context) -> Processes {
        let (hours, hubs, tokens) = (context.hours(), &context.network.hubs, Tokens::new(context));
        let units = Unit::of_processes(hubs);
        let (whole, _) = hubs.of_services();
        let record = |((p, unit), whole): ((&crate::network::hubs::Process, Unit), bool)| Record {
            unit,
            sample: if whole { 1.0 } else { context.demand.sample },
            batch: p.batch.map_or(1, |b| i64::from(b.size.max(1))),
            one_turn: p.one_turn,
            queue: Queue::default(),
            present: Queue::default(),
            hours: vec![Hour::default(); hours.count()],
            blocked: Blocked::default(),
            waiting_at_end: 0,
            in_service_at_end: 0,
        };
        let of = hubs.processes.iter().zip(units).zip(whole).map(record).collect();
        Processes { hours, of, at: vec![Whereabouts::Away; tokens.count()], tokens }
    }

    fn weight(&self, token: usize, process: ProcessIx) -> u16 {
        self.tokens.weight(token, self.of[process.i()].unit)
    }

    fn joins(&mut self, token: usize, process: ProcessIx, time: Time) {
        self.settle(token);
        let weight = self.weight(token, process);
        self.at[token] = Whereabouts::Waits { process, since: time };
        let record = &mut self.of[process.i()];
        record.queue.join(time, weight);
        record.present.join(time, weight);
    }

    fn served(&mut self, token: usize, process: ProcessIx, (arrived, began, ended): (Time, Time, Time)) {
        let weight = self.weight(token, process);
        self.at[token] = Whereabouts::Served { process, arrived, ended };
        let turns =
            self.tokens.weight(token, if self.of[process.i()].one_turn { Unit::Vehicles } else { Unit::Persons });
        let record = &mut self.of[process.i()];
        record.queue.leave(Left { time: began, wait_ms: began.since(arrived), persons: weight, to_service: true });
        record.hours[self.hours.of(ended)].served += u64::from(weight);
        record.busy(self.hours, began, ended, turns);
    }

    /// A token that was served, and of which nothing more is told, left when its service ended.
    fn settle(&mut self, token: usize) {
        if let Whereabouts::Served { ended, .. } = self.at[token] {
            self.leaves(token, ended);
        }
    }

    /// A token that was served leaves its server.
    fn leaves(&mut self, token: usize, time: Time) {
        let Whereabouts::Served { process, arrived, .. } = self.at[token] else { return };
        let weight = self.weight(token, process);
        self.at[token] = Whereabouts::Away;
        let left = Left { time, wait_ms: time.since(arrived), persons: weight, to_service: true };
        self.of[process.i()].present.leave(left);
    }

    fn cleared(&mut self, token: usize, process: ProcessIx, (since, until): (Time, Time)) {
        let weight = self.weight(token, process);
        self.leaves(token, until);
        self.of[process.i()].block(self.hours, since, until, weight);
    }

    /// A token that is still in a queue goes out of it unserved.
    fn gives_up(&mut self, token: usize, time: Time) -> Option<(ProcessIx, u16)> {
        let Whereabouts::Waits { process, since } = self.at[token] else { return None };
        let weight = self.weight(token, process);
        self.at[token] = Whereabouts::Away;
        let left = Left { time, wait_ms: time.since(since), persons: weight, to_service: false };
        self.of[process.i()].queue.leave(left);
        self.of[process.i()].present.leave(left);
        Some((process, weight))
    }

    /// The end of the day finds a token in service or blocked.
    fn ends_at(&mut self, token: usize, found: AtProcess, end: Time) {
        let (process, weight) = (found.process, self.weight(token, found.process));
        match (found.ended, self.at[token]) {
            (Some(ended), Whereabouts::Served { process: p, .. }) if p == process => {
                self.leaves(token, end);
                let record = &mut self.of[process.i()];
                record.block(self.hours, ended, end, weight);
                record.blocked.at_end += u64::from(weight);
            }
            (None, Whereabouts::Waits { process: p, since }) if p == process => {
                self.at[token] = Whereabouts::Away;
                let began = found.began.min(end);
                let left = |time: Time| Left { time, wait_ms: time.since(since), persons: weight, to_service: true };
                let record = &mut self.of[process.i()];
                let turns = self.tokens.weight(token, if record.one_turn { Unit::Vehicles } else { Unit::Persons });
                record.queue.leave(left(began));
                record.present.leave(left(end));
                record.in_service_at_end += u64::from(weight);
                record.busy(self.hours, began, end, turns);
            }
            _ => debug_assert!(false, "{found:?} is not where its events left it"),
        }
    }
}

impl Record {
    /// A server works for turns of a token; a batch of several is busy with each of them in part.
    fn busy(&mut self, hours: Hours, began: Time, ended: Time, turns: u16) {
        let parts = if self.batch > 1 { i64::from(turns) } else { 1 };
        hours.split(began, ended, |h, ms| self.hours[h].busy_ms += ms * parts);
    }

    /// A token stays on its server after service.
    fn block(&mut self, hours: Hours, since: Time, until: Time, weight: u16) {
        hours.split(since, until, |h, ms| self.hours[h].blocked_ms += ms);
        self.blocked.count += u64::from(weight);
        self.blocked.unit_ms += until.since(since) * i64::from(weight);
    }
}

impl EventSink for Processes {
    fn event(&mut self, event: &Event) {
        let Some(token) = self.tokens.place(event.agent) else { return };
        let time = event.time;
        match event.what {
            What::Served { process, arrived, began } => self.served(token, process, (arrived, began, time)),
            What::Cleared { process, since } => self.cleared(token, process, (since, time)),
            What::Queued { process } => self.joins(token, process, time),
            What::LegEnded { mode: None, .. } | What::Missed | What::Arrived => {
                self.gives_up(token, time);
            }
            _ => {}
        }
    }
}

impl Indicator for Processes {
    fn name(&self) -> &'static str {
        "processes"
    }

    fn close(&mut self, context: &Context, traffic: &LinkTraffic) {
        for &found in &traffic.at_processes {
            if let Some(token) = self.tokens.place(found.agent) {
                self.ends_at(token, found, context.end);
            }
        }
        for token in 0..self.at.len() {
            self.settle(token);
            if let Some((process, weight)) = self.gives_up(token, context.end) {
                self.of[process.i()].waiting_at_end += u64::from(weight);
            }
        }
        for record in &mut self.of {
            record.queue.close();
            record.present.close();
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let lengths: Vec<Lengths> = self.of.iter().map(|r| Lengths::of(r, self.hours)).collect();
        for (record, lengths) in self.of.iter().zip(&lengths) {
            debug_assert_eq!(record.queue.waiting_agent_ms(), lengths.queue.agent_ms, "Little's law as an identity");
            debug_assert_eq!(
                record.present.waiting_agent_ms(),
                lengths.present.agent_ms,
                "Little's law of all present"
            );
        }
        vec![self.day_table(context, &lengths), self.hours_table(context, &lengths)]
    }
}

#[cfg(test)]
mod tests;
