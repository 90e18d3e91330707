//! Hub processes: banks of servers with one queue each, first come first served.
//!
//! Because nobody overtakes, the moment at which service begins is known when an agent joins: the earliest moment at
//! which any server is free and staffed. A sampled population (share f) meets `max(1, round(c·f))` servers, and each
//! keeps a server for so much longer than its own service that the bank serves `c·f` turns per service time: capacity
//! scales exactly, while what the agent feels is its own service time.

use super::DaySetup;
use super::calendar::Calendar;
use super::world::{Given, Happened, Released, Window};
use crate::events::{Event, What};
use crate::ids::{AgentIx, ProcessIx};
use crate::network::hubs::Process;
use crate::random::{Draws, Purpose, mix};
use crate::scenario::hubs::ServiceLaw;
use crate::units::Time;
use bevy_ecs::prelude::*;
use rustc_hash::FxHashMap;

/// Agents that join queues in this window: (moment, agent, process), in the order of time.
#[derive(Resource, Default)]
pub(super) struct HubInbox(pub Vec<(Time, AgentIx, ProcessIx)>);

/// The entities of all processes, and the services under way.
#[derive(Resource)]
pub(super) struct Banks {
    entities: Vec<Entity>,
    ends: Calendar,
    under_way: FxHashMap<AgentIx, Service>,
}

/// A service of one agent.
#[derive(Clone, Copy, Debug)]
struct Service {
    process: ProcessIx,
    arrived: Time,
    began: Time,
}

/// A bank of servers.
#[derive(Component, Clone, Debug)]
pub(super) struct Bank {
    /// Shifts: from, to, servers that the sample meets, factor on the time that a server is kept.
    shifts: Vec<(Time, Time, usize, f64)>,
    /// When each server is free again.
    free: Vec<Time>,
    law: ServiceLaw,
    mean_ms: f64,
    phases: u32,
    cv: f64,
    /// Signature of the process, which keys its draws.
    key: u64,
}

impl Banks {
    pub fn new(entities: Vec<Entity>, setup: DaySetup) -> Banks {
        let ends = Calendar::new(setup.start, setup.end, i64::from(setup.window_ms));
        Banks { entities, ends, under_way: FxHashMap::default() }
    }
}

impl Bank {
    pub fn new(process: &Process, key: u64, sample: f64) -> Bank {
        let shifts: Vec<_> = (process.shifts.iter())
            .filter(|s| s.2 > 0)
            .map(|&(from, to, servers)| {
                let scaled = f64::from(servers) * sample;
                let met = scaled.round().max(1.0);
                (from, to, met as usize, met / scaled)
            })
            .collect();
        let most = shifts.iter().map(|s| s.2).max().unwrap_or(0);
        let Process { law, mean_ms, phases, cv, .. } = *process;
        Bank { shifts, free: vec![Time(i64::MIN / 4); most], law, mean_ms, phases, cv, key }
    }

    /// The earliest moment from `time` on at which server `k` is staffed, with the factor of that shift.
    fn staffed(&self, k: usize, time: Time) -> Option<(Time, f64)> {
        let shift = self.shifts.iter().find(|s| s.2 > k && s.1 > time)?;
        Some((time.max(shift.0), shift.3))
    }

    /// When the service of an agent that joins at `time` begins; its server is then kept for the service time.
    fn begin(&mut self, time: Time, service_ms: i64) -> Option<Time> {
        let mut best: Option<(Time, usize, f64)> = None;
        for k in 0..self.free.len() {
            if let Some((began, factor)) = self.staffed(k, time.max(self.free[k]))
                && best.is_none_or(|b| began < b.0)
            {
                best = Some((began, k, factor));
                if began == time {
                    break;
                }
            }
        }
        let (began, k, factor) = best?;
        self.free[k] = began.plus((service_ms as f64 * factor).round() as i64);
        Some(began)
    }

    /// Time of `turns` services one after the other, milliseconds, at least one.
    fn service_ms(&self, draws: &mut Draws, turns: u16) -> i64 {
        let total: f64 = (0..turns).map(|_| self.one_service_ms(draws)).sum();
        (total.round() as i64).max(1)
    }

    fn one_service_ms(&self, draws: &mut Draws) -> f64 {
        match self.law {
            ServiceLaw::Deterministic | ServiceLaw::Empirical => self.mean_ms,
            ServiceLaw::Exponential => draws.exponential(self.mean_ms),
            ServiceLaw::Erlang => {
                let phase_ms = self.mean_ms / f64::from(self.phases);
                (0..self.phases).map(|_| draws.exponential(phase_ms)).sum()
            }
            ServiceLaw::Lognormal => {
                let variance = libm::log(1.0 + self.cv * self.cv);
                self.mean_ms * libm::exp(libm::sqrt(variance) * draws.normal() - variance / 2.0)
            }
        }
    }
}

/// Serves those who joined, and releases those whose service ends in the window.
pub(super) fn serve(
    window: Res<Window>,
    given: Res<Given>,
    mut inbox: ResMut<HubInbox>,
    mut banks: ResMut<Banks>,
    mut facilities: Query<&mut Bank>,
    mut released: ResMut<Released>,
    mut happened: ResMut<Happened>,
) {
    let Banks { entities, ends, under_way } = &mut *banks;
    for (time, agent, process) in inbox.0.drain(..) {
        let mut bank = facilities.get_mut(entities[process.i()]).expect("every process is an entity for the whole day");
        let who = &given.input.demand.agents[agent.i()];
        let mut draws = Draws::new(given.setup.seed, Purpose::Service, mix(who.key, bank.key), 0);
        let service_ms = bank.service_ms(&mut draws, who.party);
        if let Some(began) = bank.begin(time, service_ms) {
            ends.enter(began.plus(service_ms), agent);
            under_way.insert(agent, Service { process, arrived: time, began });
        }
    }
    for (time, agent) in ends.take(window.start, |agent| given.key(agent)) {
        let Service { process, arrived, began } = under_way.remove(&agent).expect("a service that ends was begun");
        happened.0.push(Event { time, agent, what: What::Served { process, arrived, began } });
        released.0.push((time, agent));
    }
}
