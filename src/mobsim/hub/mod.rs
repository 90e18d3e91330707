//! A hub of a day as one net of finite servers that push back: processes, stores and the chains that pass them.
//!
//! *Event by event, in one order.* Whatever happens inside a hub may have its effect at the same moment, for a hub is one
//! station. Moments are taken in the order (time, rank, key, token): ends of service, the road's taking those who hold their
//! last server, the servers' own moments (reset, shift, breakdown), who enters, who joins a queue, who is out, and at last
//! batches that leave before they are full. After each of them the net settles: who waits for a place moves while there is
//! one, then servers that are free begin. So neither the window nor the order of the calls of one window can matter.
//!
//! *Places* bound the parties at a process: on the way to it, waiting, in service, and those who are through but find no
//! place in the next one and so keep their server, blocking after service [Perros 1994]. *Stores* bound what is taken at one
//! step and freed at another. Who waits for room in a store, or for what the hub owes it, holds no server and lets those
//! behind pass.
//!
//! *Sample.* A share f of the users meets ceil(c·f) servers, each kept met/(c·f) times as long, so that capacity scales
//! exactly while what a user feels is its own service time; places and stores shrink by f.
//!
//! Times are milliseconds; the contents of stores are thousandths of their unit.

use crate::ids::{HubIx, ProcessIx, StoreIx};
use crate::network::hubs::{Classes, Hubs};
use crate::scenario::hubs::HandOver;
use crate::units::Time;

/// How the net of a hub is set up.
#[derive(Clone, Copy, Debug)]
pub struct NetSetup {
    /// Seed of service times, optional steps and breakdowns.
    pub seed: u64,
    /// Share of the users that is simulated.
    pub sample: f64,
    /// First moment of the day.
    pub start: Time,
    /// Last moment of the day.
    pub end: Time,
}

/// Who enters a hub.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Number by which it is told of; unique among those inside.
    pub token: u32,
    /// Stable signature, which keys its draws and orders it among those of one moment.
    pub key: u64,
    /// Chain of the hub that it passes.
    pub chain: u16,
    /// Persons.
    pub party: u16,
    /// Classes that it is of.
    pub classes: Classes,
    /// What it brings to stores of freight, thousandths of TEU or tonnes.
    pub brings: i64,
    /// What it fetches from stores of freight, thousandths of TEU or tonnes.
    pub fetches: i64,
    /// Whether it keeps its last server until [`Net::left`].
    pub holds: bool,
    /// Whether it has a place at its first process already, which the gate of the road gave it.
    pub by_road: bool,
    /// Appointment: service at its first process begins no earlier.
    pub not_before: Time,
}

/// What a net tells, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It joined the queue of a process.
    Queued {
        /// When.
        time: Time,
        /// Who.
        token: u32,
        /// The process.
        process: ProcessIx,
    },
    /// A process finished serving it.
    Served {
        /// When.
        time: Time,
        /// Who.
        token: u32,
        /// The process.
        process: ProcessIx,
        /// When it joined the queue.
        arrived: Time,
        /// When service began.
        began: Time,
    },
    /// It left a server that it had held after its service.
    Cleared {
        /// When.
        time: Time,
        /// Who.
        token: u32,
        /// The process.
        process: ProcessIx,
        /// When its service had ended.
        since: Time,
    },
    /// It took room in a store, or freed it.
    Stored {
        /// When.
        time: Time,
        /// Who.
        token: u32,
        /// The store.
        store: StoreIx,
        /// What came into it, thousandths of its unit; below zero what went.
        change: i64,
    },
    /// It is through its chain.
    Done {
        /// When.
        time: Time,
        /// Who.
        token: u32,
    },
    /// A place of a process that the road feeds is free.
    Placed {
        /// When.
        time: Time,
        /// The process.
        process: ProcessIx,
    },
}

/// The net of one hub.
#[derive(Clone, Debug)]
pub struct Net {
    /// What happened since the caller last drained it.
    pub told: Vec<Told>,
}

impl Net {
    /// The net of a hub, empty, before the day begins. `keys` tells the signature of each process.
    pub fn new(hubs: &Hubs, hub: HubIx, keys: &dyn Fn(ProcessIx) -> u64, setup: NetSetup) -> Net {
        let _ = (hubs, hub, keys, setup);
        Net { told: Vec::new() }
    }

    /// Sets what a store holds at the start, thousandths of its unit.
    pub fn set_content(&mut self, store: StoreIx, thousandths: i64) {
        let _ = (store, thousandths);
    }

    /// What a store holds, thousandths of its unit.
    pub fn content(&self, store: StoreIx) -> i64 {
        let _ = store;
        0
    }

    /// Somebody enters at a moment, which may lie ahead.
    pub fn enter(&mut self, time: Time, entry: Entry) {
        let _ = (time, entry);
    }

    /// Somebody enters as soon as `by` hands `what` over, but not before a moment. To be said before `by` does so.
    pub fn enter_when_dropped(&mut self, by: u32, what: HandOver, not_before: Time, entry: Entry) {
        let _ = (by, what, not_before, entry);
    }

    /// `token` is owed an item: its step that waits for `what` waits until that item is through its chain. To be said before
    /// the item is through.
    pub fn owe(&mut self, token: u32, what: HandOver, item: u32) {
        let _ = (token, what, item);
    }

    /// The road has taken one that holds its last server.
    pub fn left(&mut self, time: Time, token: u32) {
        let _ = (time, token);
    }

    /// The process of the first step that a user of a chain takes.
    pub fn first_step(&self, chain: u16, key: u64, classes: Classes) -> Option<ProcessIx> {
        let _ = (chain, key, classes);
        None
    }

    /// Takes all moments before `until`.
    pub fn run(&mut self, until: Time) {
        let _ = until;
    }

    /// Those who wait for a place: on a server that they hold, or before their first process. At the end of a day they are
    /// those whom the net has locked in.
    pub fn locked(&self) -> usize {
        0
    }
}
