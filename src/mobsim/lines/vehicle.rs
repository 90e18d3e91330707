//! A vehicle of a line: who is aboard, and when it is ready to leave the stop at which it stands.

use super::queue::{Queue, Waiting};
use crate::events::{Event, What};
use crate::ids::{AgentIx, DepartureIx, LineIx, StopIx};
use crate::network::lines::Line;
use crate::network::vehicles::VehicleType;
use crate::units::Time;
use bevy_ecs::prelude::Component;

/// A vehicle run: an entity of the day.
#[derive(Component, Debug, Default)]
pub(in crate::mobsim) struct Vehicle {
    /// Persons that fit in.
    places: u32,
    /// Persons who find a seat.
    seats: f64,
    /// Persons aboard.
    pub(super) load: u32,
    /// Who is aboard, with the position at which the party gets off and its persons.
    aboard: Vec<(AgentIx, u16, u16)>,
    /// Position at which it stands, or to which it is on its way.
    pub(super) position: u16,
    pub(super) state: State,
    /// When it came to the position.
    pub(super) came: Time,
    /// Boarding and alighting at the position began at this moment …
    from: Time,
    /// … and takes so long, milliseconds.
    work_ms: f64,
    /// The vehicle that went before it over the section that ends at the position, where both are on rails, and
    /// that position in its own line.
    pub(super) ahead: Option<(DepartureIx, u16)>,
    /// The vehicle on rails that waits for it to leave the position.
    pub(super) follower: Option<DepartureIx>,
    /// The run that its vehicle makes next.
    pub(super) next: Option<DepartureIx>,
    /// Whether it waits for its vehicle to end the run before.
    pub(super) parked: bool,
}

/// What a vehicle does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    /// It is on its way to its position, or its run has not begun.
    #[default]
    Coming,
    /// It stands at its position.
    Stands,
    /// Its run is over.
    Done,
}

/// A vehicle at a stop at a moment.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub time: Time,
    pub line: &'a Line,
    pub line_ix: LineIx,
    pub departure: DepartureIx,
    pub position: usize,
    /// Share of the persons that the sample is.
    pub sample: f64,
}

impl Call<'_> {
    pub fn stop(&self) -> StopIx {
        self.line.stops[self.position]
    }

    pub fn run(&self) -> usize {
        (self.departure.0 - self.line.first_departure.0) as usize
    }

    pub fn is_last(&self) -> bool {
        self.position + 1 == self.line.stops.len()
    }
}

impl Vehicle {
    /// An empty one, for persons of the sample.
    pub(super) fn new(places: u32, seats: f64) -> Vehicle {
        Vehicle { places, seats, ..Vehicle::default() }
    }

    /// When it is ready to leave.
    pub(super) fn ready(&self) -> Time {
        self.from.plus(self.work_ms.round() as i64)
    }

    /// Persons aboard as a share of the places.
    pub(super) fn share(&self) -> f32 {
        self.load as f32 / self.places as f32
    }

    /// It stands at a stop and opens its doors; at its first stop it may have stood there before.
    pub(super) fn open(&mut self, call: Call, since: Time) {
        self.state = State::Stands;
        self.came = call.time;
        self.from = since;
        self.work_ms = call.line.vehicle.door_ms as f64;
    }

    /// Time that a party takes at the doors, milliseconds: it stands for 1/sample parties, which spread evenly over the
    /// doors.
    fn at_doors(&self, each_ms: i64, party: u16, call: Call) -> f64 {
        let VehicleType { doors, crowded, .. } = call.line.vehicle;
        let crowd = if f64::from(self.load) > self.seats { crowded } else { 1.0 };
        each_ms as f64 * f64::from(party) * crowd / (f64::from(doors.max(1)) * call.sample)
    }

    /// Lets off whoever wants to, at the last stop everybody; tells them to `off`.
    pub(super) fn alight(&mut self, call: Call, happened: &mut Vec<Event>, off: &mut Vec<(Time, AgentIx)>) {
        let (departure, stop, last) = (call.departure, call.stop(), call.is_last());
        if !last && !call.line.lets_off(call.position) {
            return;
        }
        let mut aboard = std::mem::take(&mut self.aboard);
        aboard.retain(|&(agent, to, party)| {
            if usize::from(to) > call.position && !last {
                return true;
            }
            self.work_ms += self.at_doors(call.line.vehicle.alighting_ms, party, call);
            self.load -= u32::from(party);
            happened.push(Event { time: call.time, agent, what: What::Alighted { departure, stop } });
            off.push((call.time, agent));
            false
        });
        self.aboard = aboard;
    }

    /// Takes people on in the order in which they came, until one party does not fit.
    pub(super) fn board(&mut self, call: Call, queue: &mut Queue, happened: &mut Vec<Event>) {
        if !call.line.takes_on(call.position) || call.is_last() {
            return;
        }
        // Doors that have been idle open again.
        if !queue.waiting.is_empty() && self.ready() < call.time && call.position > 0 {
            (self.from, self.work_ms) = (call.time, 0.0);
        }
        while let Some(&Waiting { agent, to, party, since, .. }) = queue.waiting.front() {
            // A party larger than an empty sampled vehicle boards all the same, or it would wait for ever.
            if self.load + u32::from(party) > self.places && self.load > 0 {
                break;
            }
            queue.waiting.pop_front();
            queue.last_on = queue.last_on.max(Some(since));
            self.load += u32::from(party);
            self.work_ms += self.at_doors(call.line.vehicle.boarding_ms, party, call);
            self.aboard.push((agent, to, party));
            let (departure, line, position) = (call.departure, call.line_ix, call.position as u16);
            let what = What::Boarded { departure, line, position, arrived: since };
            happened.push(Event { time: call.time, agent, what });
        }
    }
}
