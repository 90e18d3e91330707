//! Scheduled services of hubs – flights, long-distance trains – as vehicles with seats.
//!
//! Who is through the hub's processes before the cut-off gets on the service of its booking. Who comes too late goes on
//! with the next service of the same hub to the same region (and of the same mode and scope) whose cut-off is still ahead
//! and that has room for the whole party, waits in the hall until that cut-off and gets on; where there is none before the
//! end of the day, the party is stranded. Free are the seats that nobody has booked: those of no-shows are known to be free
//! only when nobody can get on any more. Who changes here from another service and is too late goes on in the same way.
//!
//! Parties are moved to other services one after the other in the order of (time, key), so that neither threads nor the
//! window matter. A sampled day meets seats by its share, rounded by a keyed draw, and never fewer than are booked.

use super::{DayInput, DaySetup, TRANSFER_MS};
use crate::ids::{AgentIx, HubIx, ServiceIx};
use crate::network::hubs::Hubs;
use crate::random::{round_keyed, signature};
use crate::scenario::hubs::{Direction, Scope, ServiceMode};
use crate::units::{MINUTE_MS, Time};
use bevy_ecs::prelude::*;
use rustc_hash::FxHashMap;

/// The services of all hubs with their free seats.
#[derive(Resource)]
pub(super) struct Services {
    /// Persons of the sample who could still be moved to the service, by [`ServiceIx`].
    free: Vec<u32>,
    /// Departures that may stand in for each other, in the order of time: by group.
    alike: Vec<Vec<ServiceIx>>,
    /// Group of a service; meaningless for what takes nobody.
    group: Vec<u32>,
    /// Those who wait in the hall for another service.
    moved: FxHashMap<AgentIx, ServiceIx>,
}

impl Services {
    pub fn new(input: &DayInput, setup: DaySetup) -> Services {
        let (hubs, demand) = (&input.network.hubs, &input.demand);
        let mut persons = vec![0u32; hubs.services.len()];
        for agent in &demand.agents {
            if let Some(service) = agent.leaves_by() {
                persons[service.i()] += u32::from(agent.party);
            }
        }
        let seats = |s: usize| {
            // Networks made by hand may have no names; their services are told apart by number.
            let name = input.network.names.services.all().get(s);
            let key = name.map_or(s as u64, |name| signature(name));
            round_keyed(hubs.services[s].seats * demand.sample, setup.seed, key)
        };
        let free = persons.iter().enumerate().map(|(s, &booked)| seats(s).saturating_sub(booked)).collect();
        let (alike, group) = groups(hubs);
        Services { free, alike, group, moved: FxHashMap::default() }
    }

    /// Moves a party that came too late for its service to another one; gives the moment at which it gets on there.
    pub fn moves(&mut self, agent: AgentIx, late: &Late, hubs: &Hubs) -> Option<Time> {
        let group = &self.alike[self.group[late.service.i()] as usize];
        let own = &hubs.services[late.service.i()];
        // A service after midnight may be met on the next day; others of that day are as much later.
        let cut_off_ms = (hubs.hubs[own.hub.i()].users.cut_off_min * MINUTE_MS as f64).round() as i64;
        let shift_ms = late.deadline.since(own.time) + cut_off_ms;
        let closes = |s: ServiceIx| hubs.services[s.i()].time.plus(shift_ms - cut_off_ms);
        let is_ahead = |s: ServiceIx| closes(s) >= late.time.plus(TRANSFER_MS);
        let leaves_today = |s: ServiceIx| closes(s).plus(cut_off_ms) < late.end;
        let mut ahead = group.iter().copied().filter(|&s| is_ahead(s) && leaves_today(s));
        let next = ahead.find(|s| self.free[s.i()] >= u32::from(late.party))?;
        self.free[next.i()] -= u32::from(late.party);
        self.moved.insert(agent, next);
        Some(closes(next))
    }

    /// The service that a party gets on that has waited in the hall.
    pub fn of_moved(&mut self, agent: AgentIx) -> ServiceIx {
        self.moved.remove(&agent).expect("only who was moved to a service waits for it")
    }
}

/// A party that came too late.
pub(super) struct Late {
    /// Its service.
    pub service: ServiceIx,
    /// Until when it would have been taken.
    pub deadline: Time,
    /// When it came.
    pub time: Time,
    /// Persons.
    pub party: u16,
    /// End of the day.
    pub end: Time,
}

/// Departures that may stand in for each other, and the group of each service.
fn groups(hubs: &Hubs) -> (Vec<Vec<ServiceIx>>, Vec<u32>) {
    let mut place = FxHashMap::<(HubIx, ServiceMode, Scope, &str), u32>::default();
    let mut alike: Vec<Vec<ServiceIx>> = Vec::new();
    let mut of_service = Vec::with_capacity(hubs.services.len());
    // Services stand hub after hub in the order of time, so those of a group do as well.
    for (s, service) in hubs.services.iter().enumerate() {
        let key = (service.hub, service.mode, service.scope, service.region.as_str());
        let group = *place.entry(key).or_insert(alike.len() as u32);
        if group as usize == alike.len() {
            alike.push(Vec::new());
        }
        if service.direction == Direction::Departure {
            alike[group as usize].push(ServiceIx::from(s));
        }
        of_service.push(group);
    }
    (alike, of_service)
}
