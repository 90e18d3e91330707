//! The leg boundary: agents end a leg, begin the next one, and are handed to the station that it needs.

use super::TRANSFER_MS;
use super::hubs::{Enters, HubTraffic};
use super::kerb::{self, At};
use super::lines::{BUS, Buses, LineInbox, Replanned, Waiting};
use super::services::{Late, Services};
use super::world::{Counted, Given, Happened, Released, Road, Wakes, Window, itinerary, kind};
use crate::demand::Agent;
use crate::demand::plan::{Leg, Plan};
use crate::events::{Event, What};
use crate::ids::AgentIx;
use crate::mode::{Mode, VehicleClass};
use crate::random::round_keyed;
use crate::units::Time;
use bevy_ecs::prelude::*;

/// Where an agent stands in its plan.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Itinerary {
    /// Leg of the plan.
    pub leg: u16,
    /// Drive legs begun.
    pub drives: u16,
    pub state: State,
}

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It will begin the leg.
    Begins,
    /// It walks or cycles and will end the leg.
    Walks,
    /// It has come to its vehicle and will drive off.
    DrivesOff,
    /// The taxi rank, forecourt or car park from which it will drive off has it.
    AtKerb,
    /// It waits in the hall of a hub for the service that it was moved to.
    Waits,
    /// A station has it.
    InStation,
    /// It has reached the end of its plan.
    Done,
}

/// One entity per agent, in index order.
pub(super) fn spawn_agents(world: &mut World, agents: usize) -> Vec<Entity> {
    let fresh = Itinerary { leg: 0, drives: 0, state: State::Begins };
    world.spawn_batch(std::iter::repeat_n(fresh, agents)).collect()
}

/// Stations to which agents are handed.
pub(super) struct Stations<'a> {
    road: &'a mut Road,
    lines: &'a mut LineInbox,
    hubs: &'a mut HubTraffic,
    services: &'a mut Services,
    wakes: &'a mut Wakes,
    happened: &'a mut Happened,
    counted: &'a mut Counted,
}

/// Agents whose moment has come go on with their plans, and buses pull out of their stops.
#[expect(clippy::too_many_arguments, reason = "a system names every resource that it takes")]
pub(super) fn go_on(
    window: Res<Window>,
    given: Res<Given>,
    mut agents: Query<&mut Itinerary>,
    mut road: ResMut<Road>,
    mut lines: ResMut<LineInbox>,
    mut hubs: ResMut<HubTraffic>,
    mut services: ResMut<Services>,
    mut buses: ResMut<Buses>,
    replanned: Res<Replanned>,
    mut wakes: ResMut<Wakes>,
    mut happened: ResMut<Happened>,
    mut counted: ResMut<Counted>,
) {
    let moments = wakes.0.take(window.start, |agent| given.key(agent));
    let mut stations = Stations {
        road: &mut road,
        lines: &mut lines,
        hubs: &mut hubs,
        services: &mut services,
        wakes: &mut wakes,
        happened: &mut happened,
        counted: &mut counted,
    };
    for (time, agent) in moments {
        if let Some(run) = buses.run_of(agent) {
            let sampled = VehicleClass::Bus.pcu() * given.input.demand.sample;
            let slots = round_keyed(sampled, given.setup.seed, given.key(agent)).max(1) as u8;
            stations.road.traffic.depart(agent, buses.way(run), time.0 as u32, BUS, slots);
            continue;
        }
        let mut itinerary = itinerary(&given, &mut agents, agent);
        Going { given: &given, agent, time, plan: replanned.plan(&given, agent) }.go(&mut itinerary, &mut stations);
    }
}

/// Enters those whom stations have released into the calendar: they go on the least transfer time later; and buses that
/// left a stop.
#[expect(clippy::too_many_arguments, reason = "a system names every resource that it takes")]
pub(super) fn release(
    given: Res<Given>,
    mut agents: Query<&mut Itinerary>,
    mut released: ResMut<Released>,
    mut buses: ResMut<Buses>,
    replanned: Res<Replanned>,
    mut wakes: ResMut<Wakes>,
    mut happened: ResMut<Happened>,
    mut counted: ResMut<Counted>,
) {
    for (time, agent) in buses.leaving.drain(..) {
        wakes.0.enter(time, agent);
    }
    for (time, agent) in released.0.drain(..) {
        let mut itinerary = itinerary(&given, &mut agents, agent);
        if itinerary.state == State::AtKerb {
            itinerary.state = State::DrivesOff;
            wakes.0.enter(time.plus(TRANSFER_MS), agent);
            continue;
        }
        let plan = replanned.plan(&given, agent);
        if truck_is_late(&given, agent, plan, &itinerary, time) {
            counted.0.missed += 1;
            happened.0.push(Event { time, agent, what: What::Missed });
        }
        let what = What::LegEnded { leg: itinerary.leg, mode: mode(&given, plan, itinerary.leg) };
        happened.0.push(Event { time, agent, what });
        itinerary.leg += 1;
        itinerary.state = State::Begins;
        wakes.0.enter(time.plus(TRANSFER_MS), agent);
    }
}

/// Whether a truck has come to the end of its visit, from which it drives home, after its service took no more.
fn truck_is_late(given: &Given, agent: AgentIx, plan: &Plan, itinerary: &Itinerary, time: Time) -> bool {
    let of = &given.input.demand.agents[agent.i()];
    let Leg::Visit { hub, chain } = plan.legs[usize::from(itinerary.leg)] else { return false };
    let late = of.deadline.is_some_and(|last| last < time);
    late && of.leaves_by().is_none() && !given.input.network.hubs.is_gate(hub, chain)
}

fn mode(given: &Given, plan: &Plan, leg: u16) -> Option<Mode> {
    match plan.legs[usize::from(leg)] {
        Leg::Visit { hub, chain } if given.input.network.hubs.is_gate(hub, chain) => Some(Mode::Walk),
        ref leg => leg.mode(plan.mode),
    }
}

/// An agent at a moment at which it goes on.
struct Going<'a> {
    given: &'a Given,
    agent: AgentIx,
    time: Time,
    plan: &'a Plan,
}

impl Going<'_> {
    fn go(&self, itinerary: &mut Itinerary, stations: &mut Stations) {
        match itinerary.state {
            State::Walks => {
                self.end_leg(itinerary, stations);
                self.begin_leg(itinerary, stations);
            }
            State::Begins => self.begin_leg(itinerary, stations),
            State::DrivesOff => self.drive(itinerary, stations),
            State::Waits => {
                let service = stations.services.of_moved(self.agent);
                self.happens(stations, What::Embarked { service });
                self.arrive(itinerary, stations);
            }
            State::InStation | State::AtKerb | State::Done => {
                unreachable!("{:?} has no moment of its own", itinerary.state)
            }
        }
    }

    fn happens(&self, stations: &mut Stations, what: What) {
        stations.happened.0.push(Event { time: self.time, agent: self.agent, what });
    }

    fn end_leg(&self, itinerary: &mut Itinerary, stations: &mut Stations) {
        let mode = mode(self.given, self.plan, itinerary.leg);
        self.happens(stations, What::LegEnded { leg: itinerary.leg, mode });
        itinerary.leg += 1;
    }

    fn begin_leg(&self, itinerary: &mut Itinerary, stations: &mut Stations) {
        let Some(leg) = self.plan.legs.get(usize::from(itinerary.leg)) else {
            return self.end_plan(itinerary, stations);
        };
        let mode = mode(self.given, self.plan, itinerary.leg);
        self.happens(stations, What::LegBegan { leg: itinerary.leg, mode });
        itinerary.state = State::InStation;
        match leg {
            Leg::Walk { ms } | Leg::Cycle { ms } => {
                itinerary.state = State::Walks;
                // A change between lines is timed from the arrival of the vehicle, as the search for journeys has it.
                let before = usize::from(itinerary.leg).checked_sub(1).map(|k| &self.plan.legs[k]);
                let since = if matches!(before, Some(Leg::Ride { .. })) { TRANSFER_MS } else { 0 };
                stations.wakes.0.enter(self.time.plus((*ms - since).max(TRANSFER_MS)), self.agent);
            }
            Leg::Drive { .. } => {
                let of = &self.given.input.demand.agents[self.agent.i()];
                let hubs = &self.given.input.network.hubs;
                match kerb::beginning(hubs, of, self.plan, usize::from(itinerary.leg)) {
                    Some(at) => {
                        itinerary.state = State::AtKerb;
                        let how = Enters { at, by_road: false, holds: true };
                        stations.hubs.enter(self.given, self.agent, self.time, how);
                    }
                    None => self.drive(itinerary, stations),
                }
            }
            Leg::Ride { line, from, to } => {
                let party = self.given.input.demand.agents[self.agent.i()].party;
                let waiting = Waiting { agent: self.agent, to: *to, party, denials: 0, since: self.time };
                stations.lines.0.push((*line, *from, waiting));
            }
            Leg::Visit { hub, chain } => {
                let hubs = &self.given.input.network.hubs;
                let how = Enters {
                    at: At { hub: *hub, chain: *chain },
                    by_road: stations.hubs.has_place(self.agent),
                    holds: kerb::drives_off(hubs, self.plan, usize::from(itinerary.leg)),
                };
                stations.hubs.enter(self.given, self.agent, self.time, how);
            }
        }
    }

    /// The last leg has ended: who leaves by a service of a hub gets on, waits for another one, or is stranded.
    fn end_plan(&self, itinerary: &mut Itinerary, stations: &mut Stations) {
        let agent = &self.given.input.demand.agents[self.agent.i()];
        let Some(service) = agent.leaves_by() else { return self.arrive(itinerary, stations) };
        let Some(deadline) = agent.deadline.filter(|last| *last < self.time) else {
            self.happens(stations, What::Embarked { service });
            return self.arrive(itinerary, stations);
        };
        stations.counted.0.missed += 1;
        self.happens(stations, What::Missed);
        let late = Late { service, deadline, time: self.time, party: agent.party, end: self.given.setup.end };
        match stations.services.moves(self.agent, &late, &self.given.input.network.hubs) {
            Some(moment) => {
                itinerary.state = State::Waits;
                stations.wakes.0.enter(moment, self.agent);
            }
            None => {
                stations.counted.0.stranded += 1;
                self.arrive(itinerary, stations);
            }
        }
    }

    fn arrive(&self, itinerary: &mut Itinerary, stations: &mut Stations) {
        itinerary.state = State::Done;
        stations.counted.0.agents.arrived += 1;
        self.happens(stations, What::Arrived);
    }

    fn drive(&self, itinerary: &mut Itinerary, stations: &mut Stations) {
        let agent = &self.given.input.demand.agents[self.agent.i()];
        let route = self.given.route(self.agent, itinerary.drives);
        itinerary.drives += 1;
        itinerary.state = State::InStation;
        let Some(route) = route else {
            stations.hubs.left(self.agent, self.time);
            itinerary.state = State::Walks;
            return stations.wakes.0.enter(self.time.plus(TRANSFER_MS), self.agent);
        };
        let slots = slots(self.given.setup.seed, agent);
        stations.road.traffic.depart(self.agent, route, self.time.0 as u32, kind(agent), slots);
    }
}

/// Slots that an agent's vehicle takes: its PCU, the fraction rounded by a keyed draw.
fn slots(seed: u64, agent: &Agent) -> u8 {
    match agent.vehicle {
        VehicleClass::Car => 1,
        class => round_keyed(class.pcu(), seed, agent.key).max(1) as u8,
    }
}
