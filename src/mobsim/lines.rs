//! Lines of scheduled services: vehicles call at stops by timetable, people wait in one queue per stop and line, board
//! while there is room, and are denied when there is none.

use super::DaySetup;
use super::world::{Counted, Given, Happened, Released, Window};
use crate::events::{Event, What};
use crate::ids::{AgentIx, DepartureIx, LineIx};
use crate::network::lines::{Line, Lines};
use crate::random::round_keyed;
use crate::units::Time;
use bevy_ecs::prelude::*;
use std::collections::VecDeque;

/// People who come to stops in this window: line, position, who; in the order of time.
#[derive(Resource, Default)]
pub(super) struct LineInbox(pub Vec<(LineIx, u16, Waiting)>);

/// A party that waits for a vehicle of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub agent: AgentIx,
    /// Position of the stop at which it gets off.
    pub to: u16,
    pub party: u16,
    /// When it came to the stop.
    pub since: Time,
}

/// A vehicle run: an entity of the day.
#[derive(Component, Debug, Default)]
pub(super) struct Vehicle {
    /// Persons that fit in.
    places: u32,
    /// Persons aboard.
    load: u32,
    /// Who is aboard, with the position at which the party gets off and its persons.
    aboard: Vec<(AgentIx, u16, u16)>,
}

/// Calls of all vehicles and queues of all stops.
#[derive(Resource)]
pub(super) struct LineTraffic {
    /// All calls of the day in their order.
    calls: Vec<Call>,
    next_call: usize,
    /// Queues by line and position.
    queues: Vec<Vec<VecDeque<Waiting>>>,
    /// Vehicle runs by departure.
    vehicles: Vec<Entity>,
}

/// A vehicle lets people off at a stop, or takes them on. The derived order (time, line, run, position, off before on)
/// keeps the calls of one run in their sequence even where a timetable gives them the same minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    time: Time,
    line: LineIx,
    run: u32,
    position: u16,
    takes_on: bool,
}

impl LineTraffic {
    pub fn new(world: &mut World, lines: &Lines, sample: f64, setup: DaySetup) -> LineTraffic {
        let vehicles = (lines.lines.iter())
            .flat_map(|line| (0..line.runs()).map(move |run| (line, run)))
            .map(|(line, run)| {
                // Places that the sample may take: capacity × sample, rounded by a keyed draw per run, at least one.
                let sampled = f64::from(line.capacity) * sample;
                let places = round_keyed(sampled, setup.seed, line.run_key(run)).max(1);
                Vehicle { places, ..Vehicle::default() }
            })
            .collect::<Vec<_>>();
        LineTraffic {
            calls: calls_of(lines),
            next_call: 0,
            queues: lines.lines.iter().map(|l| vec![VecDeque::new(); l.stops.len()]).collect(),
            vehicles: world.spawn_batch(vehicles).collect(),
        }
    }
}

fn calls_of(lines: &Lines) -> Vec<Call> {
    let mut calls = Vec::new();
    for (l, line) in lines.lines.iter().enumerate() {
        let last = line.stops.len().saturating_sub(1);
        for run in 0..line.runs() {
            let call = |time, position: usize, takes_on| Call {
                time,
                line: LineIx::from(l),
                run: run as u32,
                position: position as u16,
                takes_on,
            };
            // The first stop has nobody to let off, the last nobody to take on.
            calls.extend((1..=last).map(|position| call(line.arrival(run, position), position, false)));
            calls.extend((0..last).map(|position| call(line.departure(run, position), position, true)));
        }
    }
    calls.sort_unstable();
    calls
}

/// Runs the calls of the window.
#[expect(clippy::too_many_arguments, reason = "a system names every resource that it takes")]
pub(super) fn run_lines(
    window: Res<Window>,
    given: Res<Given>,
    mut inbox: ResMut<LineInbox>,
    mut traffic: ResMut<LineTraffic>,
    mut vehicles: Query<&mut Vehicle>,
    mut released: ResMut<Released>,
    mut happened: ResMut<Happened>,
    mut counted: ResMut<Counted>,
) {
    let lines = &given.input.network.lines.lines;
    // Whoever comes in this window waits before any call of the window is made; a call takes only those who are there.
    for (line, position, waiting) in inbox.0.drain(..) {
        traffic.queues[line.i()][usize::from(position)].push_back(waiting);
    }
    while let Some(call) = traffic.calls.get(traffic.next_call).copied().filter(|c| c.time < window.end) {
        traffic.next_call += 1;
        let line = &lines[call.line.i()];
        let travellers = given.input.demand.agents.len();
        let someone = |queue: &VecDeque<Waiting>| queue.front().is_some_and(|w| w.since <= call.time);
        if !call.takes_on {
            let mut vehicle = traffic.vehicle(line, call.run, &mut vehicles);
            alight(line, call, &mut vehicle, &mut released, &mut happened);
            if usize::from(call.position) + 1 == line.stops.len() {
                leave(line, call, &vehicle, travellers, &mut happened);
            }
        } else if someone(&traffic.queues[call.line.i()][usize::from(call.position)]) {
            let mut vehicle = traffic.vehicle(line, call.run, &mut vehicles);
            board(&mut traffic, line, call, &mut vehicle, &mut happened, &mut counted);
            leave(line, call, &vehicle, travellers, &mut happened);
        } else {
            let vehicle = traffic.vehicle(line, call.run, &mut vehicles);
            leave(line, call, &vehicle, travellers, &mut happened);
        }
    }
}

/// Tells that a vehicle is done with a stop.
fn leave(line: &Line, call: Call, vehicle: &Vehicle, travellers: usize, happened: &mut Happened) {
    let (departure, position) = (departure_ix(line, call.run), usize::from(call.position));
    let arrived = if position == 0 { call.time } else { line.arrival(call.run as usize, position) };
    let what = What::VehicleLeft { departure, position: call.position, load: vehicle.load, arrived };
    happened.0.push(Event { time: call.time, agent: Lines::vehicle(departure, travellers), what });
}

impl LineTraffic {
    fn vehicle<'a>(&self, line: &Line, run: u32, vehicles: &'a mut Query<&mut Vehicle>) -> Mut<'a, Vehicle> {
        let entity = self.vehicles[departure_ix(line, run).i()];
        vehicles.get_mut(entity).expect("every vehicle run is an entity for the whole day")
    }
}

fn departure_ix(line: &Line, run: u32) -> DepartureIx {
    DepartureIx(line.first_departure.0 + run)
}

fn alight(line: &Line, call: Call, vehicle: &mut Vehicle, released: &mut Released, happened: &mut Happened) {
    let (departure, stop) = (departure_ix(line, call.run), line.stops[usize::from(call.position)]);
    let load = &mut vehicle.load;
    vehicle.aboard.retain(|&(agent, to, party)| {
        if to != call.position {
            return true;
        }
        *load -= u32::from(party);
        happened.0.push(Event { time: call.time, agent, what: What::Alighted { departure, stop } });
        released.0.push((call.time, agent));
        false
    });
}

/// Takes people on in the order in which they came, until one party does not fit; the rest are denied.
fn board(
    traffic: &mut LineTraffic,
    line: &Line,
    call: Call,
    vehicle: &mut Vehicle,
    happened: &mut Happened,
    counted: &mut Counted,
) {
    let queue = &mut traffic.queues[call.line.i()][usize::from(call.position)];
    let (departure, stop) = (departure_ix(line, call.run), line.stops[usize::from(call.position)]);
    while let Some(first) = queue.front().copied().filter(|w| w.since <= call.time) {
        // A party larger than an empty sampled vehicle boards all the same, or it would wait for ever.
        if vehicle.load + u32::from(first.party) > vehicle.places && vehicle.load > 0 {
            break;
        }
        queue.pop_front();
        vehicle.load += u32::from(first.party);
        vehicle.aboard.push((first.agent, first.to, first.party));
        let what = What::Boarded { departure, line: call.line, position: call.position, arrived: first.since };
        happened.0.push(Event { time: call.time, agent: first.agent, what });
    }
    for denied in queue.iter().take_while(|w| w.since <= call.time) {
        counted.0.denied += 1;
        happened.0.push(Event { time: call.time, agent: denied.agent, what: What::Denied { departure, stop } });
    }
}
