//! Journeys by lines of many agents, packed: timetables do not change over the iterations, so each is searched once.

use super::alternatives::{Planner, Scratch};
use super::trip::{Trip, modes};
use crate::demand::Agent;
use crate::demand::plan::{Leg, Plan};
use crate::ids::LineIx;
use crate::mode::Mode;
use crate::units::Time;

/// The journeys by lines of a chunk of agents, packed: 32 bytes an agent and 12 a leg.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    /// By agent of the chunk; no legs when there is no journey. None at all when nobody of the chunk could take a line.
    entries: Vec<Entry>,
    legs: Vec<PackedLeg>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    departure: Time,
    arrival: Time,
    cost_cny: f64,
    first_leg: u32,
    legs: u32,
}

#[derive(Clone, Copy, Debug)]
enum PackedLeg {
    Walk(u32),
    Ride { line: LineIx, from: u16, to: u16 },
}

/// A packed journey.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    departure: Time,
    /// When it is at its end, before the visit of a hub.
    pub arrival: Time,
    /// Generalised cost, yuan.
    pub cost_cny: f64,
    legs: &'a [PackedLeg],
}

impl Journeys {
    /// Searches for all agents of a chunk.
    pub fn search(planner: &Planner<'_>, agents: &[Agent], scratch: &mut Scratch) -> Journeys {
        let mut journeys = Journeys::default();
        if !agents.iter().any(|agent| modes(agent).contains(&Mode::Transit)) {
            return journeys;
        }
        journeys.entries.reserve_exact(agents.len());
        let mut legs = Vec::new();
        for agent in agents {
            let trip = planner.trip(agent);
            let first_leg = journeys.legs.len() as u32;
            let mut entry = Entry { departure: agent.time, arrival: agent.time, cost_cny: 0.0, first_leg, legs: 0 };
            if modes(agent).contains(&Mode::Transit)
                && let Some(found) = planner.journey(&trip, &mut scratch.journey)
                // A journey that comes too late for the service is none: the first train of the day may be too late.
                && agent.deadline.is_none_or(|last| found.arrival.plus(trip.to.visit_ms()) <= last)
            {
                legs.clear();
                scratch.journey.legs(&planner.network.lines, &found, &mut legs);
                journeys.legs.extend(legs.iter().map(PackedLeg::of));
                entry.departure = planner.journey_departure(&trip, &found);
                entry.arrival = found.arrival;
                entry.cost_cny = found.cost_cny + planner.schedule_cny(&trip, found.arrival);
                entry.legs = legs.len() as u32;
            }
            journeys.entries.push(entry);
        }
        journeys.legs.shrink_to_fit();
        journeys
    }

    /// The journey of the i-th agent of the chunk, if there is one.
    pub fn at(&self, i: usize) -> Option<Packed<'_>> {
        let entry = self.entries.get(i)?;
        let legs = &self.legs[entry.first_leg as usize..][..entry.legs as usize];
        (!legs.is_empty()).then_some(Packed {
            departure: entry.departure,
            arrival: entry.arrival,
            cost_cny: entry.cost_cny,
            legs,
        })
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.entries.len() * size_of::<Entry>() + self.legs.len() * size_of::<PackedLeg>()
    }
}

impl PackedLeg {
    fn of(leg: &Leg) -> PackedLeg {
        match leg {
            Leg::Walk { ms } => PackedLeg::Walk(u32::try_from(*ms).unwrap_or(u32::MAX)),
            Leg::Ride { line, from, to } => PackedLeg::Ride { line: *line, from: *from, to: *to },
            Leg::Cycle { .. } | Leg::Drive { .. } | Leg::Visit { .. } => {
                unreachable!("a journey by lines has walks and rides only")
            }
        }
    }

    fn leg(self) -> Leg {
        match self {
            PackedLeg::Walk(ms) => Leg::Walk { ms: i64::from(ms) },
            PackedLeg::Ride { line, from, to } => Leg::Ride { line, from, to },
        }
    }
}

impl Packed<'_> {
    /// What the journey takes from setting out, the visit of a hub at the origin left out, milliseconds.
    pub fn travel_ms(&self, trip: &Trip<'_>) -> i64 {
        self.arrival.since(self.departure) - trip.from.visit_ms()
    }

    /// The plan that it makes.
    pub fn plan(&self, trip: &Trip<'_>) -> Plan {
        let legs = trip.around(self.legs.iter().map(|leg| leg.leg())).into();
        Plan { mode: Mode::Transit, departure: self.departure, legs, cost_cny: self.cost_cny }
    }
}
