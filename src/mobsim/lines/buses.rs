//! Buses in the traffic of the road: a vehicle that leaves a stop pulls out of its bay and is on the road the least transfer
//! time later, as a vehicle of its class like any other; where its way ends it is at the next stop, again in a bay, so that
//! nobody queues behind it while it stands.
//!
//! Its agent is the vehicle run, numbered after all travellers. It keeps its way. In a sampled day a bus is a whole bus on
//! roads that are scaled down: it is the one vehicle that stands for itself alone.

use super::super::TRANSFER_MS;
use super::super::road::{LaidRoute, RoadTraffic};
use crate::ids::{AgentIx, DepartureIx, LineIx};
use crate::mode::VehicleClass;
use crate::network::lines::Lines;
use crate::network::passages::Kind;
use crate::routing::sections::Sections;
use crate::units::Time;
use bevy_ecs::prelude::Resource;

/// The kind of a bus among the vehicles on the road.
pub(in crate::mobsim) const KIND: Kind = Kind { class: VehicleClass::Bus, of_hub: false };

/// Buses between their stops.
#[derive(Resource, Debug, Default)]
pub(in crate::mobsim) struct Buses {
    /// Travellers, after whom vehicle runs are numbered.
    travellers: usize,
    /// Laid ways by line and position.
    ways: Vec<Vec<Option<LaidRoute>>>,
    /// Way that a run takes when it is on the road, by departure.
    next: Vec<Option<LaidRoute>>,
    /// Buses that pull out in this window, with the moment at which they are on the road.
    pub leaving: Vec<(Time, AgentIx)>,
    /// Buses whose way ended in this window.
    pub came: Vec<(Time, DepartureIx)>,
}

impl Buses {
    pub fn new(lines: &Lines, sections: &Sections, travellers: usize, traffic: &mut RoadTraffic) -> Buses {
        if sections.is_empty() {
            return Buses { travellers, ..Buses::default() };
        }
        traffic.keep_routes_from(AgentIx::from(travellers));
        let mut lay = |line: usize| -> Vec<Option<LaidRoute>> {
            let ways = sections.of(LineIx::from(line)).iter();
            ways.map(|way| traffic.lay(way.as_ref()?.iter().copied(), None)).collect()
        };
        Buses {
            travellers,
            ways: (0..lines.lines.len()).map(&mut lay).collect(),
            next: vec![None; lines.departures as usize],
            ..Buses::default()
        }
    }

    /// The run that an agent is; `None` for a traveller.
    pub fn run_of(&self, agent: AgentIx) -> Option<DepartureIx> {
        agent.i().checked_sub(self.travellers).map(DepartureIx::from)
    }

    /// A vehicle leaves a position for the next one; whether it goes by road.
    pub fn leave(&mut self, line: LineIx, position: usize, departure: DepartureIx, time: Time) -> bool {
        let way = self.ways.get(line.i()).and_then(|ways| *ways.get(position)?);
        if way.is_some() {
            self.next[departure.i()] = way;
            self.leaving.push((time.plus(TRANSFER_MS), Lines::vehicle(departure, self.travellers)));
        }
        way.is_some()
    }

    /// The way that a run takes now.
    pub fn way(&mut self, departure: DepartureIx) -> LaidRoute {
        self.next[departure.i()].take().expect("a bus pulls out once for each way")
    }
}
