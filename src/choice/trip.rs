//! A trip of an agent with its ends resolved: where road vehicles stop, which stops are within reach, which processes
//! of a hub are passed.

use super::cost::{Party, is_truck};
use crate::demand::plan::Leg;
use crate::demand::{Agent, Class, Place, Timing};
use crate::ids::{HubIx, NodeIx, StopIx};
use crate::mode::{Mode, VehicleClass};
use crate::network::Network;
use crate::network::hubs::Hub;
use crate::scenario::hubs::ChainUser;
use crate::units::Time;

/// One end of a trip.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// Node at which a road vehicle starts or stops.
    pub node: Option<NodeIx>,
    /// Node at which a truck that was there leaves.
    pub leave: Option<NodeIx>,
    /// Walk between that node and the door or hall, milliseconds.
    pub walk_ms: i64,
    /// Stops within reach with the walk, milliseconds.
    pub stops: &'a [(StopIx, i64)],
    /// Position, lon/lat degrees.
    pub position: [f64; 2],
    /// Processes that are passed there.
    pub visit: Option<Visit>,
}

/// A visit of a hub's processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Hub.
    pub hub: HubIx,
    /// Chain.
    pub chain: u16,
    /// Expected duration without queues, milliseconds.
    pub ms: i64,
}

/// When a trip wants to be at its end, where its departure can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The wished moment, before the visit of a hub.
    pub time: Time,
    /// The last moment at which the service is still reached; [`Time::NEVER`] without one.
    pub latest: Time,
}

/// A trip of an agent with its ends resolved.
#[derive(Clone, Copy, Debug)]
pub struct Trip<'a> {
    /// Who and how many.
    pub party: Party,
    /// Origin.
    pub from: End<'a>,
    /// Destination.
    pub to: End<'a>,
    /// Class of the road vehicle that can be used.
    pub class: VehicleClass,
    /// Moment of the agent, see [`Agent::time`].
    pub time: Time,
    /// What it means.
    pub timing: Timing,
    /// The last moment at which its service is still reached, before the visit of a hub; [`Time::NEVER`] without one.
    pub latest: Time,
    /// When it wants to be there; `None` where it sets out at its moment, or is to be there to the minute.
    pub wish: Option<Wish>,
    /// Whether the vehicle drives back to the origin.
    pub returns: bool,
    /// Whether the household has a car at hand.
    pub car: bool,
}

/// The modes that an agent can choose from, as far as there are ways; none when it keeps a given route or never leaves its hub.
pub fn modes(agent: &Agent) -> &'static [Mode] {
    if agent.route.is_some() || agent.class == Class::Transfer {
        &[]
    } else if is_truck(agent) {
        &[Mode::Truck]
    } else if agent.drives || agent.vehicle == VehicleClass::Bus {
        &[Mode::Car]
    } else if agent.hub.is_none() && agent.car {
        &[Mode::Walk, Mode::Cycle, Mode::Car, Mode::Taxi, Mode::Bus, Mode::Rail, Mode::ParkAndRide, Mode::KissAndRide]
    } else if agent.hub.is_none() {
        &[Mode::Walk, Mode::Cycle, Mode::Taxi, Mode::Bus, Mode::Rail, Mode::KissAndRide]
    } else if agent.car {
        &[Mode::Walk, Mode::Car, Mode::Taxi, Mode::Bus, Mode::Rail, Mode::ParkAndRide, Mode::KissAndRide]
    } else {
        &[Mode::Walk, Mode::Taxi, Mode::Bus, Mode::Rail, Mode::KissAndRide]
    }
}

/// Resolves the ends of trips on a network.
#[derive(Clone, Debug)]
pub struct Ends<'a> {
    network: &'a Network,
    /// Walks between the stops around a hub and its hall, by hub: those of the hub itself, then those of its terminals.
    hub_stops: Vec<Vec<Vec<(StopIx, i64)>>>,
}

impl<'a> Ends<'a> {
    /// Collects the stops around the hubs.
    pub fn new(network: &'a Network) -> Ends<'a> {
        let of_places = |hub: &Hub| hub.places().map(|place| stops_around(network, place.stops)).collect();
        Ends { network, hub_stops: network.hubs.hubs.iter().map(of_places).collect() }
    }

    /// One end of an agent's trip, as the origin or as the destination.
    pub fn end(&self, agent: &Agent, place: Place, origin: bool) -> End<'_> {
        match place {
            Place::Node(node) => End {
                node: Some(node),
                leave: Some(node),
                walk_ms: 0,
                stops: &self.network.lines.node_stops[node.i()],
                position: self.network.roads.node_position[node.i()],
                visit: None,
            },
            Place::Hub(h, user) => {
                let hubs = &self.network.hubs;
                let hub = &hubs.hubs[h.i()];
                // Who comes by a service of another hub gets off at that one's terminal.
                let ix = if origin { agent.came_by.or(agent.service) } else { agent.service };
                let service = ix.map(|ix| &hubs.services[ix.i()]);
                let terminal = service.and_then(|service| service.terminal);
                let scope = service.filter(|_| agent.came_by.is_some()).map_or(agent.scope, |service| service.scope);
                let place = hub.place(terminal);
                let (node, leave, walk_ms) = match (user, origin) {
                    (ChainUser::Truck, true) => (hub.truck_out, hub.truck_out, 0),
                    (ChainUser::Truck, false) => (hub.truck_in, hub.truck_out.or(hub.truck_in), 0),
                    (_, true) => (place.pick_up, place.pick_up, place.kerb_walk_ms),
                    (_, false) => (place.drop_off, place.drop_off, place.kerb_walk_ms),
                };
                let visit = hub.chain_at(user, scope, terminal).map(|chain| {
                    let chain = chain as u16;
                    Visit { hub: h, chain, ms: hubs.visit_ms(h, chain, agent.party, scope) }
                });
                let stops = &self.hub_stops[h.i()][terminal.map_or(0, |t| usize::from(t) + 1)];
                End { node, leave, walk_ms, stops, position: hub.position, visit }
            }
        }
    }
}

impl End<'_> {
    /// Expected duration of the visit there, milliseconds; 0 without one.
    pub fn visit_ms(&self) -> i64 {
        self.visit.map_or(0, |visit| visit.ms)
    }
}

impl Trip<'_> {
    /// Walks between doors or halls and road vehicles at both ends, milliseconds.
    pub fn walk_ms(&self) -> i64 {
        self.from.walk_ms + self.to.walk_ms
    }

    /// Whether a visit in the legs of a plan belongs to the ride beside it, and not to an end of the trip.
    pub(super) fn on_the_way(&self, legs: &[Leg], at: usize) -> bool {
        let rides = |leg: Option<&Leg>| matches!(leg, Some(Leg::Ride { .. }));
        let beside = rides(legs.get(at + 1)) || at.checked_sub(1).is_some_and(|before| rides(legs.get(before)));
        let first = at == 0 && self.from.visit.is_some();
        let last = at + 1 == legs.len() && self.to.visit.is_some();
        beside && !first && !last
    }

    /// Legs with the visits at both ends around them; walks that take no time are left out.
    pub fn around(&self, legs: impl IntoIterator<Item = Leg>) -> Vec<Leg> {
        let visit = |end: &End<'_>| end.visit.map(|v| Leg::Visit { hub: v.hub, chain: v.chain });
        let moves = legs.into_iter().filter(|leg| !matches!(leg, Leg::Walk { ms: 0 }));
        visit(&self.from).into_iter().chain(moves).chain(visit(&self.to)).collect()
    }
}

/// The walks to the hall of a hub: from its own stops, and by footpath over them from the stops around.
pub fn stops_around(network: &Network, own: &[(StopIx, i64)]) -> Vec<(StopIx, i64)> {
    let mut walks = own.to_vec();
    for &(stop, walk_ms) in own {
        walks.extend(network.lines.transfers[stop.i()].iter().map(|&(near, ms)| (near, ms + walk_ms)));
    }
    walks.sort_by_key(|&(stop, ms)| (stop, ms));
    walks.dedup_by_key(|(stop, _)| *stop);
    walks
}
