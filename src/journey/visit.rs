//! Processes of hubs at the ends of a journey: check-in, security, border; and the service that is to be caught.
//!
//! A process takes its mean service time, and what people waited for it in the hour where a finished run is given; a step
//! that only a share of the users take counts with this share, as in choice.

use super::Finder;
use super::place::Spot;
use super::told::{Leg, VISIT};
use crate::error::{Problem, shown};
use crate::ids::{HubIx, ProcessIx};
use crate::network::Network;
use crate::network::hubs::Service;
use crate::scenario::hubs::{ChainUser, Direction, Scope};
use crate::table::Table;
use crate::units::{HOUR_MS, MINUTE_MS, Time, ms};
use rustc_hash::FxHashMap;

/// Mean waits of a finished run by process and hour of the day, milliseconds; nobody waits where none is told.
#[derive(Clone, Debug, Default)]
pub struct Waits(FxHashMap<(ProcessIx, i64), i64>);

impl Waits {
    /// From the table `process_hours` of a run.
    pub fn of_run(network: &Network, table: &Table) -> Waits {
        let process = table.column("process");
        let row = |row: usize| {
            let process = process.and_then(|p| p.values.word(row)).and_then(|p| network.names.processes.find(p))?;
            let hour = table.number("hour", row)? as i64;
            Some(((ProcessIx(process), hour), ms(table.number("wait_s", row)?)))
        };
        Waits((0..table.rows()).filter_map(row).collect())
    }

    fn ms(&self, process: ProcessIx, at: Time) -> i64 {
        self.0.get(&(process, at.0.div_euclid(HOUR_MS))).copied().unwrap_or(0)
    }
}

/// A service of a hub that a journey is for.
#[derive(Clone, Debug)]
pub(super) struct Catch {
    /// Its hub.
    pub hub: HubIx,
    /// Terminal of the hub that it is at.
    pub terminal: Option<u8>,
    pub direction: Direction,
    pub scope: Scope,
    /// The moment until which it takes passengers, or at which it comes.
    pub moment: Time,
    /// The service in words.
    pub words: String,
}

/// The service of a name at the hub at the one end or the other, or what is wrong with the option.
pub(super) fn catch(network: &Network, id: &str, ends: [&Spot; 2]) -> Result<Catch, Box<Problem>> {
    let hubs: Vec<HubIx> = ends.iter().filter_map(|spot| spot.hub()).collect();
    let told = || format!("\"{}\"", shown(id));
    if hubs.is_empty() {
        return Err(Problem::new("--service", told(), "a hub at one end of the journey").into());
    }
    let names = &network.names.services;
    let found = hubs.iter().find_map(|hub| names.find(&format!("{}/{id}", network.names.hubs.name(hub.0))));
    let Some(found) = found else {
        let of_hubs = hubs.iter().map(|hub| format!("{}/", network.names.hubs.name(hub.0)));
        let known: Vec<&str> = of_hubs
            .flat_map(|hub| names.all().iter().filter_map(move |name| name.strip_prefix(hub.as_str())))
            .collect();
        let problem = Problem::new("--service", told(), "a service of the hub's schedule");
        return Err(problem.did_you_mean(id, known).into());
    };
    let service = &network.hubs.services[found as usize];
    if service.passengers <= 0.0 {
        return Err(Problem::new("--service", told(), "a service that carries passengers").into());
    }
    let hub = &network.hubs.hubs[service.hub.i()];
    let at_end = |end: usize| ends[end].hub() == Some(service.hub);
    let (fits, wanted) = match service.direction {
        Direction::Departure => (at_end(1), "--to the hub that it leaves from"),
        Direction::Arrival => (at_end(0), "--from the hub that it comes to"),
    };
    if !fits {
        return Err(Problem::new("--service", told(), wanted).into());
    }
    let cut_off = (hub.users.cut_off_min * MINUTE_MS as f64).round() as i64;
    let (moment, words) = match service.direction {
        Direction::Departure => (service.time.plus(-cut_off), format!("{id}, which leaves at {}", service.time)),
        Direction::Arrival => (service.time, format!("{id}, which comes at {}", service.time)),
    };
    let Service { hub, terminal, direction, scope, .. } = *service;
    Ok(Catch { hub, terminal, direction, scope, moment, words })
}

impl Finder<'_> {
    /// The processes that are passed at an end of the journey, from a moment on, and how long they take.
    pub(super) fn visit(&self, spot: &Spot, user: ChainUser, at: Time) -> (Vec<Leg>, i64) {
        let none = (Vec::new(), 0);
        let (Some(hub), Some(scope)) = (spot.hub(), self.passes) else { return none };
        let Some(chain) = self.network.hubs.hubs[hub.i()].chain_for(user, scope, spot.terminal) else { return none };
        self.pass(hub, chain, at)
    }

    /// The processes of a chain from a moment on, and how long they take.
    pub(super) fn pass(&self, hub: HubIx, chain: usize, at: Time) -> (Vec<Leg>, i64) {
        let hubs = &self.network.hubs;
        let name = hubs.hubs[hub.i()].name.clone();
        let (mut now, mut legs) = (at, Vec::new());
        for step in &hubs.hubs[hub.i()].chains[chain].steps {
            let process = &hubs.processes[step.process.i()];
            let share = step.share_of(&hubs.hubs[hub.i()].users, self.passes.unwrap_or_default());
            let part = |ms: f64| (share * ms).round() as i64;
            let wait_ms = part(self.waits.ms(step.process, now) as f64);
            let took_ms = step.walk_ms + part(process.mean_ms);
            let called = if process.name.is_empty() { &process.name_en } else { &process.name };
            legs.push(Leg::new(VISIT, now.plus(wait_ms), took_ms, name.clone(), called.clone()).after(wait_ms));
            now = now.plus(wait_ms + took_ms);
        }
        (legs, now.since(at))
    }
}
