//! A hub of a day as one net of finite servers that push back: processes, stores and the chains that pass them.
//!
//! *Event by event, in one order.* Whatever happens inside a hub may have its effect at the same moment, for a hub is one
//! station. Moments are taken in the order (time, rank, key, token): the servers' own moments (shift, reset, breakdown), ends of
//! service, the road's taking those who hold their last server, appointments, who enters, who joins a queue, who is out, and at
//! last batches that leave before they are full. After each of them the net settles: who waits for a place moves while there is
//! one, then servers that are free begin. So neither the window nor the order of the calls of one window can matter.
//!
//! *Places* bound the parties at a process: on the way to it, waiting, in service, and those who are through but find no
//! place in the next one and so keep their server, blocking after service [Perros 1994]. Who enters has no place on the way
//! to its first process: it queues from when it comes there, at first before the door, in one line with those who are blocked. *Stores* bound what is taken at one
//! step and freed at another. Who waits for room in a store, or for what the hub owes it, holds no server and lets those
//! behind pass.
//!
//! *Sample.* A share f of the users meets ceil(c·f) servers, each kept met/(c·f) times as long, so that capacity scales
//! exactly while what a user feels is its own service time; places and stores shrink by f.
//!
//! Times are milliseconds; the contents of stores are thousandths of their unit.

mod agenda;
mod bank;
mod layout;
mod moves;
mod serve;
mod ties;
mod tokens;

use crate::ids::{AgentIx, HubIx, ProcessIx, StoreIx};
use crate::network::hubs::{Classes, Hubs};
use crate::network::passages::AtProcess;
use crate::scenario::hubs::HandOver;
use crate::units::Time;
use agenda::{Agenda, Moment, Rank};
use bank::Bank;
use layout::{Layout, Room};
use rustc_hash::FxHashMap;
use serve::Servings;
use ties::{Follower, Ties};
use tokens::{State, Tokens};

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
    setup: NetSetup,
    layout: Layout,
    banks: Vec<Bank>,
    rooms: Vec<Room>,
    tokens: Tokens,
    /// Slots of those inside by their number.
    slots: FxHashMap<u32, u32>,
    ties: Ties,
    agenda: Agenda,
    /// All moments before have been taken.
    reached: Time,
    /// The moment at hand.
    now: Time,
    /// Turns given so far.
    turns: u32,
    /// Processes with a free place for those who wait for one.
    placed: Vec<u32>,
    servings: Servings,
}

/// Numbers that stand for a server's own moments that are no breakdown: those of the lowest number come first.
const SHIFT: u32 = u32::MAX - 1;
const RESET: u32 = u32::MAX;

impl Net {
    /// The net of a hub, empty, before the day begins. `keys` tells the signature of each process.
    pub fn new(hubs: &Hubs, hub: HubIx, keys: &dyn Fn(ProcessIx) -> u64, setup: NetSetup) -> Net {
        let layout = Layout::new(hubs, hub);
        // The vehicles of services are all there in a sample.
        let (whole, whole_stores) = hubs.of_services();
        let sampled = |whole: bool| if whole { 1.0 } else { setup.sample };
        let bank = |&ix: &ProcessIx| {
            let setup = NetSetup { sample: sampled(whole[ix.i()]), ..setup };
            Bank::new(ix, &hubs.processes[ix.i()], keys(ix), setup)
        };
        let mut banks: Vec<Bank> = layout.processes.iter().map(bank).collect();
        let rooms = Room::all(&layout, hubs, &|store| sampled(whole_stores[store.i()]));
        for (r, room) in rooms.iter().enumerate() {
            room.takers.iter().for_each(|&taker| banks[taker as usize].takes(r as u32));
        }
        let mut agenda = Agenda::new(setup.start);
        for (b, bank) in banks.iter_mut().enumerate() {
            bank.roll_call(setup.start);
            let mut enter = |time: Time, what: u32| {
                if setup.start <= time && time < setup.end {
                    agenda.push(Moment::new(time, Rank::Servers, (bank.key, what), b as u32));
                }
            };
            bank.changes().for_each(|time| enter(time, SHIFT));
            for server in bank.breaking() {
                let works_ms = bank.first_breakdown(server);
                let moment = Moment::new(setup.start.plus(works_ms), Rank::Servers, (bank.key, server), b as u32);
                agenda.push(moment);
            }
        }
        Net {
            told: Vec::new(),
            setup,
            layout,
            banks,
            rooms,
            tokens: Tokens::default(),
            slots: FxHashMap::default(),
            ties: Ties::default(),
            agenda,
            reached: setup.start,
            now: setup.start,
            turns: 0,
            placed: Vec::new(),
            servings: Servings::default(),
        }
    }

    /// Sets what a store holds at the start, thousandths of its unit.
    pub fn set_content(&mut self, store: StoreIx, thousandths: i64) {
        if let Ok(room) = self.layout.stores.binary_search(&store) {
            self.rooms[room].content = thousandths.max(0);
        }
    }

    /// What a store of the hub holds, thousandths of its unit.
    pub fn content(&self, store: StoreIx) -> i64 {
        self.layout.stores.binary_search(&store).map_or(0, |room| self.rooms[room].content)
    }

    /// Servers of a process that are staffed and not broken.
    pub fn on_duty(&self, process: ProcessIx) -> u32 {
        self.layout.processes.binary_search(&process).map_or(0, |bank| self.banks[bank].on_duty)
    }

    /// Somebody enters at a moment, which may lie ahead.
    pub fn enter(&mut self, time: Time, entry: Entry) {
        let time = time.max(self.reached);
        let slot = self.tokens.add(&entry);
        self.slots.insert(entry.token, slot);
        self.tokens[slot].tied = self.ties.has(entry.token);
        self.tokens[slot].appointed = entry.not_before > time;
        self.moment(time, Rank::Enter, slot);
    }

    /// Somebody enters as soon as `by` hands `what` over, but not before a moment; when `by` leaves without having passed a
    /// step that does so, then. What is handed over after `not_after` ([`Time::NEVER`]: there is no such moment) never enters.
    /// To be said before `by` does so.
    pub fn enter_when_dropped(&mut self, by: u32, what: HandOver, not_before: Time, not_after: Time, entry: Entry) {
        self.ties.follows(by, Follower { what, not_before, not_after, entry });
        self.tie(by);
    }

    /// `token` is owed an item: its step that waits for `what` waits until that item is through its chain. To be said before
    /// the item is through.
    pub fn owe(&mut self, token: u32, what: HandOver, item: u32) {
        self.ties.owe(token, what, item);
        self.tie(token);
        self.tie(item);
    }

    fn tie(&mut self, token: u32) {
        if let Some(&slot) = self.slots.get(&token) {
            self.tokens[slot].tied = true;
        }
    }

    /// The road has taken one that holds its last server.
    pub fn left(&mut self, time: Time, token: u32) {
        if let Some(&slot) = self.slots.get(&token) {
            self.moment(time.max(self.reached), Rank::Left, slot);
        }
    }

    /// Places of a process that a sample meets.
    pub fn places(places: u32, sample: f64) -> u32 {
        bank::met(places, sample).0
    }

    /// The process of the first step that a user of a chain takes.
    pub fn first_step(&self, chain: u16, key: u64, classes: Classes) -> Option<ProcessIx> {
        let (step, _) = self.layout.next_step(self.setup.seed, (key, classes), chain, 0);
        step.map(|step| self.layout.processes[self.layout.step(chain, step).process as usize])
    }

    /// Takes all moments before `until`.
    pub fn run(&mut self, until: Time) {
        while let Some(moment) = self.agenda.pop_before(until) {
            self.now = moment.time();
            self.take(moment);
            self.settle();
        }
        self.reached = self.reached.max(until);
    }

    /// Those who wait for a place: on a server that they hold, or before their first process. At the end of a day they are
    /// those whom the net has locked in.
    pub fn locked(&self) -> usize {
        self.count(|state| matches!(state, State::Blocked | State::Outside))
    }

    /// Those whom a server serves or keeps, with when their service began and, where it is over, ended.
    pub fn at_servers(&self) -> Vec<AtProcess> {
        let mut found = Vec::new();
        for token in self.tokens.all() {
            let ended = match token.state {
                State::Served => None,
                State::Blocked | State::Holds => Some(token.since),
                _ => continue,
            };
            let process = self.layout.processes[self.layout.step(token.chain, token.step).process as usize];
            found.push(AtProcess { agent: AgentIx(token.token), process, began: token.began, ended });
        }
        found
    }

    /// Those who are inside, or on whom the road has not called yet.
    pub fn inside(&self) -> usize {
        self.count(|state| state != State::Ahead)
    }

    fn count(&self, is: impl Fn(State) -> bool) -> usize {
        self.tokens.all().iter().filter(|token| is(token.state)).count()
    }

    fn moment(&mut self, time: Time, rank: Rank, slot: u32) {
        let token = &self.tokens[slot];
        self.agenda.push(Moment::new(time, rank, (token.key, token.token), slot));
    }
}
