//! The servers of a process: how many are on duty, how long they serve, and who waits for them.

use super::NetSetup;
use super::tokens::Queue;
use crate::ids::ProcessIx;
use crate::network::hubs::{Batch, Classes, Process};
use crate::random::{Draws, Purpose, mix};
use crate::scenario::hubs::{ServiceLaw, UserClass};
use crate::units::Time;

/// Salt of the draws of breakdowns, which keeps them apart from those of service times.
const BREAKDOWN: u64 = 0x6272_6561_6b64_6f77;

/// Those of one class who wait at a process.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// In the order of their turns.
    pub queue: Queue,
    /// Those whom room in a store is missing, store by store.
    pub parked: Vec<Parked>,
}

/// Those of one class whom room in one store is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parked {
    pub room: u32,
    /// In the order of their turns.
    pub queue: Queue,
    /// None of them needs less. Without it each room that is freed would look at all of them: with a store that is full in
    /// the peak, `benches/hubs.rs` then had not ended after 230 s of CPU, and takes 2 s a run with it (November 2026).
    pub least: i64,
}

/// A server that breaks down.
#[derive(Clone, Debug)]
struct Server {
    draws: Draws,
    broken: bool,
}

/// The law of service times.
#[derive(Clone, Debug)]
struct Law {
    law: ServiceLaw,
    mean_ms: f64,
    phases: u32,
    /// Variance of the logarithm of a lognormal law, and its root.
    log_variance: f64,
    log_deviation: f64,
    values_ms: Vec<i64>,
}

/// A process with its servers.
#[derive(Clone, Debug)]
pub(super) struct Bank {
    pub process: ProcessIx,
    /// Signature of the process, which keys its draws.
    pub key: u64,
    /// Servers that are staffed and not broken.
    pub on_duty: u32,
    /// Servers that serve, are held or are being reset.
    pub busy: u32,
    /// Places; `u32::MAX` where there is room for all.
    pub places: u32,
    /// Places that are taken, those of the road's gate aside.
    pub occupied: u32,
    /// Those who wait for a place, in the order of coming.
    pub outside: Queue,
    /// Those who wait for a server by class, first served first.
    pub classes: Vec<Class>,
    /// How many they are.
    pub waiting: u32,
    /// Whether some step takes room in a store before service begins here.
    pub takes: bool,
    pub one_turn: bool,
    pub batch: Option<Batch>,
    /// The next moment at which a batch may leave that is not full.
    pub batch_at: Time,
    law: Law,
    priority: Vec<UserClass>,
    /// Shifts: from, to, servers that the sample meets, factor on the time that a server is kept.
    shifts: Vec<(Time, Time, u32, f64)>,
    /// Factor of the shift, or of the one before while there is none.
    factor: f64,
    reset_ms: i64,
    /// Servers that break down; none where they do not.
    servers: Vec<Server>,
    /// Mean times of breakdowns, milliseconds: until the next one, and of the repair.
    every_ms: f64,
    repair_ms: f64,
}

/// What of a count a sample meets, at least one, and that number for the share of one that it exceeds. A part of 10⁻⁹ is
/// the rounding of the product.
pub(super) fn met(count: u32, sample: f64) -> (u32, f64) {
    let scaled = f64::from(count) * sample;
    let met = (scaled - 1e-9).ceil().max(1.0);
    (met as u32, met / scaled)
}

impl Bank {
    pub fn new(ix: ProcessIx, process: &Process, key: u64, setup: NetSetup) -> Bank {
        let NetSetup { seed, sample, .. } = setup;
        let shifts: Vec<_> = (process.shifts.iter())
            .filter(|s| s.2 > 0)
            .map(|&(from, to, servers)| {
                let (met, factor) = met(servers, sample);
                (from, to, met, if factor < 1.0 + 1e-9 { 1.0 } else { factor })
            })
            .collect();
        let most = shifts.iter().map(|s| s.2).max().unwrap_or(0);
        let (every_ms, repair_ms) = process.breakdown.map_or((0.0, 0.0), |b| (b.every_ms, b.repair_ms));
        let server = |k: u32| Server {
            draws: Draws::new(seed, Purpose::Service, mix(mix(key, BREAKDOWN), u64::from(k)), 0),
            broken: false,
        };
        let log_variance = libm::log(1.0 + process.cv * process.cv);
        let class = Class { queue: Queue::EMPTY, parked: Vec::new() };
        Bank {
            process: ix,
            key,
            on_duty: 0,
            busy: 0,
            places: process.places.map_or(u32::MAX, |places| met(places, sample).0),
            occupied: 0,
            outside: Queue::EMPTY,
            classes: vec![class; process.priority.len() + 1],
            waiting: 0,
            takes: false,
            one_turn: process.one_turn,
            batch: process.batch,
            batch_at: Time::NEVER,
            law: Law {
                law: process.law,
                mean_ms: process.mean_ms,
                phases: process.phases.max(1),
                log_variance,
                log_deviation: libm::sqrt(log_variance),
                values_ms: process.values_ms.clone(),
            },
            priority: process.priority.clone(),
            factor: shifts.first().map_or(1.0, |s| s.3),
            shifts,
            reset_ms: process.reset_ms,
            servers: process.breakdown.map_or(Vec::new(), |_| (0..most).map(server).collect()),
            every_ms,
            repair_ms,
        }
    }

    /// Whether who comes now has to wait for a place.
    pub fn is_full(&self) -> bool {
        self.occupied >= self.places || !self.outside.is_empty()
    }

    /// Lets users of this process take room in a store before service begins.
    pub fn takes(&mut self, room: u32) {
        self.takes = true;
        for class in &mut self.classes {
            class.parked.push(Parked { room, queue: Queue::EMPTY, least: 0 });
        }
    }

    /// The moments at which the number of staffed servers may change.
    pub fn changes(&self) -> impl Iterator<Item = Time> {
        self.shifts.iter().flat_map(|s| [s.0, s.1])
    }

    /// Servers that break down, by number.
    pub fn breaking(&self) -> std::ops::Range<u32> {
        0..self.servers.len() as u32
    }

    /// How long a server works until its first breakdown, milliseconds.
    pub fn first_breakdown(&mut self, server: u32) -> i64 {
        (self.servers[server as usize].draws.exponential(self.every_ms).round() as i64).max(1)
    }

    /// A server breaks down or is repaired. Returns how long it stays so, milliseconds.
    pub fn turn(&mut self, server: u32) -> i64 {
        let server = &mut self.servers[server as usize];
        server.broken = !server.broken;
        let mean_ms = if server.broken { self.repair_ms } else { self.every_ms };
        (server.draws.exponential(mean_ms).round() as i64).max(1)
    }

    /// Counts the servers on duty anew.
    pub fn roll_call(&mut self, now: Time) {
        let shift = self.shifts.iter().find(|s| s.0 <= now && now < s.1);
        let staffed = shift.map_or(0, |s| s.2);
        self.factor = shift.map_or(self.factor, |s| s.3);
        let broken = self.servers.iter().take(staffed as usize).filter(|s| s.broken).count();
        self.on_duty = staffed - broken as u32;
    }

    /// Rank of a user in the queue.
    pub fn rank(&self, classes: Classes) -> u8 {
        self.priority.iter().position(|c| classes.has(*c)).unwrap_or(self.priority.len()) as u8
    }

    /// How long a server is not free after one has left that it has served for a time, milliseconds: the reset, and what a
    /// sample keeps it longer.
    pub fn after_ms(&self, served_ms: i64) -> i64 {
        if self.factor == 1.0 {
            return self.reset_ms;
        }
        ((self.factor - 1.0) * served_ms as f64 + self.factor * self.reset_ms as f64).round() as i64
    }

    /// Time of `turns` services one after the other, milliseconds, at least one. `pass` numbers the passes of one visit
    /// through this process.
    pub fn service_ms(&self, seed: u64, token: u64, turns: u16, pass: u32) -> i64 {
        if self.law.law == ServiceLaw::Deterministic {
            let total: f64 = (0..turns).map(|_| self.law.mean_ms).sum();
            return (total.round() as i64).max(1);
        }
        let mut draws = Draws::new(seed, Purpose::Service, mix(token, self.key), pass);
        let total: f64 = (0..turns).map(|_| self.law.one_ms(&mut draws)).sum();
        (total.round() as i64).max(1)
    }
}

impl Law {
    fn one_ms(&self, draws: &mut Draws) -> f64 {
        match self.law {
            ServiceLaw::Deterministic => self.mean_ms,
            ServiceLaw::Exponential => draws.exponential(self.mean_ms),
            ServiceLaw::Erlang => {
                let phase_ms = self.mean_ms / f64::from(self.phases);
                (0..self.phases).map(|_| draws.exponential(phase_ms)).sum()
            }
            ServiceLaw::Lognormal => {
                self.mean_ms * libm::exp(self.log_deviation * draws.normal() - self.log_variance / 2.0)
            }
            ServiceLaw::Empirical if self.values_ms.is_empty() => self.mean_ms,
            ServiceLaw::Empirical => self.values_ms[draws.below(self.values_ms.len())] as f64,
        }
    }
}
