//! Journeys by lines of many agents, packed: the best by the timetable, searched once, and those found on the services of
//! a day since.
//!
//! An agent has up to four: the best by bus alone, the best that uses a train, the best from or to a lot where it parks,
//! and the best from or to a stop to which it is driven. The latter two hold only what is ridden; the drive is searched
//! when it is chosen, on the times of the day.

use super::alternatives::{Planner, Scratch};
use super::journey::{DrivenEnd, Found, Riding};
use super::services::Services;
use super::trip::{Trip, modes};
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Agent, Tour};
use crate::ids::{HubIx, LineIx, StopIx};
use crate::mode::Mode;
use crate::units::Time;

/// Modes by lines that an agent's journeys are packed for, in their order.
pub const PACKED: [Mode; 4] = [Mode::Bus, Mode::Rail, Mode::ParkAndRide, Mode::KissAndRide];

/// The journeys by lines of a chunk of agents, packed: 56 bytes an agent and mode that anybody of the chunk has, and 12 a
/// leg.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    /// By mode of [`PACKED`] and agent of the chunk; empty where nobody of the chunk has such a journey. No legs when an
    /// agent has none.
    entries: [Vec<Entry>; PACKED.len()],
    legs: Vec<PackedLeg>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    departure: Time,
    arrival: Time,
    boards: Time,
    cost_cny: f64,
    change: StopIx,
    driven_last: bool,
    first_leg: u32,
    legs: u32,
}

#[derive(Clone, Copy, Debug)]
enum PackedLeg {
    Walk(u32),
    Ride { line: LineIx, from: u16, to: u16 },
    Visit { hub: HubIx, chain: u16 },
}

/// A packed journey.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// When one sets out; of one with a drive first, as it was searched.
    pub departure: Time,
    /// When it is at its end, before the visit of a hub; of one with a drive, as it was searched.
    pub arrival: Time,
    /// When the first vehicle leaves.
    pub boards: Time,
    /// Generalised cost, yuan; of one with a drive, of what is ridden and walked, without the wait for the first vehicle.
    pub cost_cny: f64,
    /// Where one changes between car and line, if one drives.
    pub change: StopIx,
    /// Whether the drive comes last.
    pub driven_last: bool,
    legs: &'a [PackedLeg],
}

impl Journeys {
    /// Searches for all agents of a chunk; `before` is the agent before the first one.
    pub fn search(planner: &Planner<'_>, agents: &[Agent], before: Option<&Agent>, scratch: &mut Scratch) -> Journeys {
        let mut journeys = Journeys::default();
        for (i, agent) in agents.iter().enumerate() {
            if !modes(agent).iter().any(|mode| mode.rides_lines()) {
                continue;
            }
            let trip = planner.trip(agent);
            journeys.by_lines(planner, &trip, i, agents.len(), scratch);
            let before = i.checked_sub(1).map_or(before, |b| Some(&agents[b]));
            for (kind, mode) in [(2, Mode::ParkAndRide), (3, Mode::KissAndRide)] {
                if modes(agent).contains(&mode)
                    && let Some((stop, found)) = planner.drive_and_ride(agent, out(agent, before), mode, scratch)
                {
                    let cost_cny = planner.ridden_cny(&trip, &found);
                    journeys.put(planner, (kind, i, agents.len()), &trip, &found, (cost_cny, stop), scratch);
                }
                scratch.journey.driven = DrivenEnd::None;
            }
        }
        journeys.legs.shrink_to_fit();
        journeys
    }

    /// The best journeys by bus and by rail.
    fn by_lines(&mut self, planner: &Planner<'_>, trip: &Trip<'_>, i: usize, of: usize, scratch: &mut Scratch) {
        planner.by_lines(trip, &planner.services, scratch, |kind, found, scratch| {
            let cost_cny = found.cost_cny + planner.schedule_cny(trip, found.arrival);
            self.put(planner, (kind, i, of), trip, found, (cost_cny, found.first_stop), scratch);
        });
    }

    /// Packs the journey that was searched last, unless it comes too late for the agent's service: the first train of the
    /// day may be too late.
    fn put(
        &mut self,
        planner: &Planner<'_>,
        (kind, i, of): (usize, usize, usize),
        trip: &Trip<'_>,
        found: &Found,
        (cost_cny, change): (f64, StopIx),
        scratch: &Scratch,
    ) {
        if found.arrival > trip.latest {
            return;
        }
        let entry = Entry {
            departure: planner.journey_departure(trip, found),
            arrival: found.arrival,
            boards: found.boards,
            cost_cny,
            change,
            driven_last: scratch.journey.driven == DrivenEnd::Last,
            ..Entry::default()
        };
        self.push((kind, i, of), entry, scratch.journey.legs().iter().map(PackedLeg::of));
    }

    fn push(&mut self, (kind, i, of): (usize, usize, usize), entry: Entry, legs: impl Iterator<Item = PackedLeg>) {
        if self.entries[kind].is_empty() {
            self.entries[kind] = vec![Entry::default(); of];
        }
        let first_leg = self.legs.len() as u32;
        self.legs.extend(legs);
        self.entries[kind][i] = Entry { first_leg, legs: self.legs.len() as u32 - first_leg, ..entry };
    }

    /// The same with journeys that were found since in place of those that they are told of, in a chunk of `of` agents;
    /// `new` are told with the places of their agents in the chunk.
    pub(super) fn with(&self, new: &[(usize, Rode)], of: usize) -> Journeys {
        let mut all = Journeys::default();
        for kind in 0..PACKED.len() {
            for (i, old) in self.entries[kind].iter().enumerate().filter(|(_, old)| old.legs > 0) {
                if !new.iter().any(|(agent, rode)| (*agent, rode.kind) == (i, kind)) {
                    let legs = &self.legs[old.first_leg as usize..][..old.legs as usize];
                    all.push((kind, i, of), *old, legs.iter().copied());
                }
            }
        }
        for (i, Rode { kind, departure, cost_cny, legs, .. }) in new {
            let entry = Entry { departure: *departure, cost_cny: *cost_cny, ..Entry::default() };
            all.push((*kind, *i, of), entry, legs.iter().map(PackedLeg::of));
        }
        all.legs.shrink_to_fit();
        all
    }

    /// The journey of the i-th agent of the chunk by a mode, if there is one.
    pub fn at(&self, i: usize, mode: Mode) -> Option<Packed<'_>> {
        let kind = PACKED.iter().position(|&packed| packed == mode)?;
        let &Entry { departure, arrival, boards, cost_cny, change, driven_last, first_leg, legs } =
            self.entries[kind].get(i)?;
        let legs = &self.legs[first_leg as usize..][..legs as usize];
        (!legs.is_empty()).then_some(Packed { departure, arrival, boards, cost_cny, change, driven_last, legs })
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let entries: usize = self.entries.iter().map(Vec::len).sum();
        entries * size_of::<Entry>() + self.legs.len() * size_of::<PackedLeg>()
    }
}

/// A journey by lines that was found on the services of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Rode {
    /// 0 for the way out of a tour or a trip alone, 1 for the way back.
    pub way: usize,
    /// Place of its mode in [`PACKED`].
    pub kind: usize,
    /// When one sets out.
    pub departure: Time,
    /// Generalised cost on that day, yuan.
    pub cost_cny: f64,
    /// Walks, rides, and visits of hubs beside them.
    pub legs: Vec<Leg>,
}

impl Planner<'_> {
    /// The best journeys by bus and by rail on given services, told with their place in [`PACKED`]: the best of all is one
    /// of the two, and the best of the other kind alone the other.
    pub(super) fn by_lines(
        &self,
        trip: &Trip<'_>,
        services: &Services<'_>,
        scratch: &mut Scratch,
        mut found: impl FnMut(usize, &Found, &mut Scratch),
    ) {
        let both = self.rides_both();
        let mut riding = Riding::Any;
        loop {
            scratch.journey.riding = riding;
            let Some(best) = self.journey(trip, services, &mut scratch.journey) else { break };
            let rail = best.journey.rail_rides > 0;
            found(usize::from(rail), &best, scratch);
            if !both || riding != Riding::Any {
                break;
            }
            riding = if rail { Riding::Bus } else { Riding::Rail };
        }
        scratch.journey.riding = Riding::Any;
    }

    /// Searches for the journeys of a trip on the services of a day; what is found lies in `scratch.lines`.
    pub(super) fn rode(&self, way: usize, trip: &Trip<'_>, services: &Services<'_>, scratch: &mut Scratch) {
        self.by_lines(trip, services, scratch, |kind, found, scratch| {
            if found.arrival > trip.latest {
                return;
            }
            let cost_cny = found.cost_cny + self.schedule_cny(trip, found.arrival);
            let departure = self.journey_departure(trip, found);
            scratch.lines.push(Rode { way, kind, departure, cost_cny, legs: scratch.journey.legs().to_vec() });
        });
    }
}

/// The way out of the tour of which an agent is the way back; `before` is the agent before it.
fn out<'a>(agent: &Agent, before: Option<&'a Agent>) -> Option<&'a Agent> {
    before.filter(|_| agent.tour == Some(Tour::Back))
}

impl PackedLeg {
    fn of(leg: &Leg) -> PackedLeg {
        match leg {
            Leg::Walk { ms } => PackedLeg::Walk(u32::try_from(*ms).unwrap_or(u32::MAX)),
            Leg::Ride { line, from, to } => PackedLeg::Ride { line: *line, from: *from, to: *to },
            Leg::Visit { hub, chain } => PackedLeg::Visit { hub: *hub, chain: *chain },
            Leg::Cycle { .. } | Leg::Drive { .. } => {
                unreachable!("a journey by lines has walks, rides and visits only")
            }
        }
    }

    fn leg(self) -> Leg {
        match self {
            PackedLeg::Walk(ms) => Leg::Walk { ms: i64::from(ms) },
            PackedLeg::Ride { line, from, to } => Leg::Ride { line, from, to },
            PackedLeg::Visit { hub, chain } => Leg::Visit { hub, chain },
        }
    }
}

impl<'a> Packed<'a> {
    /// What the journey takes from setting out, the visit of a hub at the origin left out, milliseconds.
    pub fn travel_ms(&self, trip: &Trip<'_>) -> i64 {
        self.arrival.since(self.departure) - trip.from.visit_ms()
    }

    /// Its legs in order: walks, rides and visits beside them.
    pub fn legs(&self) -> impl Iterator<Item = Leg> + Clone + 'a {
        self.legs.iter().map(|leg| leg.leg())
    }

    /// The plan that it makes as a whole.
    pub fn plan(&self, trip: &Trip<'_>, mode: Mode) -> Plan {
        let legs = trip.around(self.legs()).into();
        Plan { mode, departure: self.departure, legs, cost_cny: self.cost_cny }
    }
}
