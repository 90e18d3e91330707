//! Lines of scheduled services: vehicles run from stop to stop, stand while people get off and on, keep their distance on
//! rails, and pass their lateness on to the next run; people wait in one queue per stop and line, board while there is
//! room, and are denied when there is none.
//!
//! A vehicle leaves its first stop at the timetable's moment, or as soon as its last run has ended and it has turned round.
//! From stop to stop it takes what the timetable gives, so lateness is made up where it stands longer than it must, and
//! nowhere else. It stands while its doors are in use ([`crate::network::vehicles`]); whoever comes meanwhile boards. A line
//! that keeps times ([`Line::keeps_times`]) then waits for the timetable's departure; another one leaves when it is ready,
//! though not before the time that the timetable lets it stand.
//!
//! Lines on the road run in its traffic ([`buses`]).
//!
//! On rails a vehicle comes to a stop at the earliest `min_headway_s` after the one before it on the same section (two stops
//! in a row, of any line) has left, and enters a section so much later than it did. Neither is more than the timetable
//! itself has between the two, and two that it has at a stop at once do not bind each other there: what a timetable keeps
//! to can be run.

mod buses;
mod denied;
mod queue;
mod rails;
mod record;
mod vehicle;

use super::DaySetup;
use super::transfer::Itinerary;
use super::world::{Counted, Given, Happened, Released, Window};
use crate::events::{Event, What};
use crate::ids::{AgentIx, DepartureIx, LineIx, StopIx};
use crate::network::line_times::LineTimes;
use crate::network::lines::{Line, Lines};
use crate::random::round_keyed;
use crate::units::Time;
use bevy_ecs::prelude::*;
pub(super) use buses::{Buses, KIND as BUS};
pub(super) use denied::Replanned;
use queue::Queue;
pub(super) use queue::Waiting;
use rails::{Planned, Rails};
use record::Left;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use vehicle::{Call, State, Vehicle};

/// People who come to stops in this window: line, position, who; in the order of time.
#[derive(Resource, Default)]
pub(super) struct LineInbox(pub Vec<(LineIx, u16, Waiting)>);

/// Vehicles of all lines and queues of all stops.
#[derive(Resource)]
pub(super) struct LineTraffic {
    moments: BinaryHeap<Reverse<Moment>>,
    /// Queues by line and position.
    queues: Vec<Vec<Queue>>,
    /// Vehicle runs by departure.
    vehicles: Vec<Entity>,
    rails: Rails,
    times: LineTimes,
}

/// A vehicle comes to a stop, or is to leave it. The derived order (time, line, run, position, come before leave) keeps the
/// moments of one run in their sequence even where a timetable gives them the same minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    time: Time,
    line: LineIx,
    run: u32,
    position: u16,
    leaves: bool,
}

const ENTITY: &str = "every vehicle run is an entity for the whole day";

/// Before any day.
const LONG_AGO: Time = Time(i64::MIN / 4);

impl LineTraffic {
    pub fn new(world: &mut World, lines: &Lines, sample: f64, setup: DaySetup) -> LineTraffic {
        let mut vehicles = Vec::with_capacity(lines.departures as usize);
        let mut moments = Vec::with_capacity(lines.departures as usize);
        for (l, line) in lines.lines.iter().enumerate() {
            let seats = f64::from(line.vehicle.seats) * sample;
            for run in 0..line.runs() {
                // Places that the sample may take: capacity × sample, rounded by a keyed draw per run, at least one.
                let sampled = f64::from(line.capacity) * sample;
                vehicles.push(Vehicle::new(round_keyed(sampled, setup.seed, line.run_key(run)).max(1), seats));
                let (time, line, run) = (line.departure(run, 0), LineIx::from(l), run as u32);
                moments.push(Reverse(Moment { time, line, run, position: 0, leaves: false }));
            }
        }
        for (next, before) in (0..).zip(&lines.operation.before) {
            if let Some(before) = before {
                vehicles[before.i()].next = Some(DepartureIx(next));
            }
        }
        LineTraffic {
            moments: BinaryHeap::from(moments),
            queues: lines.lines.iter().map(|l| vec![Queue::new(); l.stops.len()]).collect(),
            vehicles: world.spawn_batch(vehicles).collect(),
            rails: Rails::new(lines),
            times: LineTimes::timetable(lines),
        }
    }

    /// The times and loads of the day, when it is over.
    pub fn finish(world: &mut World, lines: &Lines) -> LineTimes {
        let traffic = world.remove_resource::<LineTraffic>().expect("the day has lines, though perhaps none that runs");
        let world = &*world;
        let vehicle = |line: &Line, run: usize| {
            world.get::<Vehicle>(traffic.vehicles[departure_ix(line, run as u32).i()]).expect(ENTITY)
        };
        record::finish(traffic.times, lines, vehicle)
    }
}

fn departure_ix(line: &Line, run: u32) -> DepartureIx {
    DepartureIx(line.first_departure.0 + run)
}

/// Runs the lines through the window.
#[expect(clippy::too_many_arguments, reason = "a system names every resource that it takes")]
pub(super) fn run_lines(
    window: Res<Window>,
    given: Res<Given>,
    mut inbox: ResMut<LineInbox>,
    mut traffic: ResMut<LineTraffic>,
    mut vehicles: Query<&'static mut Vehicle>,
    mut buses: ResMut<Buses>,
    agents: Query<&'static Itinerary>,
    mut replanned: ResMut<Replanned>,
    mut released: ResMut<Released>,
    mut happened: ResMut<Happened>,
    mut counted: ResMut<Counted>,
) {
    let mut yard = Yard {
        lines: &given.input.network.lines,
        sample: given.input.demand.sample,
        travellers: given.input.demand.agents.len(),
        traffic: &mut traffic,
        vehicles: &mut vehicles,
        buses: &mut buses,
        given: &given,
        agents: &agents,
        replanned: &mut replanned,
        released: &mut released,
        happened: &mut happened,
        counted: &mut counted,
    };
    for (time, departure) in std::mem::take(&mut yard.buses.came) {
        yard.wake(departure, time);
    }
    // Whoever comes at the moment of a vehicle is there before it.
    for (line, position, waiting) in inbox.0.drain(..) {
        yard.run_until(waiting.since);
        yard.join(line, usize::from(position), waiting);
    }
    yard.run_until(window.end);
}

/// All that the vehicles of a window touch.
struct Yard<'a, 'w, 's> {
    lines: &'a Lines,
    sample: f64,
    travellers: usize,
    traffic: &'a mut LineTraffic,
    vehicles: &'a mut Query<'w, 's, &'static mut Vehicle>,
    buses: &'a mut Buses,
    given: &'a Given,
    agents: &'a Query<'a, 'a, &'static Itinerary>,
    replanned: &'a mut Replanned,
    released: &'a mut Released,
    happened: &'a mut Happened,
    counted: &'a mut Counted,
}

impl<'a> Yard<'a, '_, '_> {
    /// Runs what happens before `end`.
    fn run_until(&mut self, end: Time) {
        while let Some(&Reverse(moment)) = self.traffic.moments.peek()
            && moment.time < end
        {
            self.traffic.moments.pop();
            let call = self.call(moment);
            if moment.leaves { self.leave(call) } else { self.come(call) }
        }
    }

    fn call(&self, Moment { time, line, run, position, .. }: Moment) -> Call<'a> {
        let (lines, position) = (self.lines, usize::from(position));
        let (line_ix, line) = (line, &lines.lines[line.i()]);
        Call { time, line, line_ix, departure: departure_ix(line, run), position, sample: self.sample }
    }

    fn vehicle(&mut self, departure: DepartureIx) -> Mut<'_, Vehicle> {
        self.vehicles.get_mut(self.traffic.vehicles[departure.i()]).expect(ENTITY)
    }

    /// Somebody comes to a stop, and boards at once where a vehicle stands that has room.
    fn join(&mut self, line: LineIx, position: usize, waiting: Waiting) {
        let queue = &mut self.traffic.queues[line.i()][position];
        queue.waiting.push_back(waiting);
        self.serve(line, position, waiting.since);
    }

    /// The vehicles that stand at a stop take on whom they have room for.
    fn serve(&mut self, line_ix: LineIx, position: usize, time: Time) {
        let (line, sample) = (&self.lines.lines[line_ix.i()], self.sample);
        let queue = &mut self.traffic.queues[line_ix.i()][position];
        for k in 0..queue.standing.len() {
            if queue.waiting.is_empty() {
                return;
            }
            let departure = departure_ix(line, queue.standing[k]);
            let mut vehicle = self.vehicles.get_mut(self.traffic.vehicles[departure.i()]).expect(ENTITY);
            vehicle.board(Call { time, line, line_ix, departure, position, sample }, queue, &mut self.happened.0);
        }
    }

    /// A vehicle comes to a stop, unless it must wait for its last run or for a train ahead of it.
    fn come(&mut self, call: Call) {
        let since = if call.position == 0 { self.turned_round(call) } else { self.platform_is_free(call) };
        let Some(since) = since else { return };
        if since > call.time {
            return self.push(Call { time: since, ..call }, false);
        }
        let mut vehicle = self.vehicles.get_mut(self.traffic.vehicles[call.departure.i()]).expect(ENTITY);
        vehicle.open(call, if call.position == 0 { since } else { call.time });
        if call.position > 0 {
            vehicle.alight(call, &mut self.happened.0, &mut self.released.0);
        }
        self.traffic.queues[call.line_ix.i()][call.position].standing.push(call.run() as u32);
        self.serve(call.line_ix, call.position, call.time);
        let due = self.due(call);
        self.push(Call { time: due, ..call }, true);
    }

    /// Since when the vehicle of a run has been ready for it: long ago where the run is its first, `None` while it is still
    /// under way.
    fn turned_round(&mut self, call: Call) -> Option<Time> {
        let operation = &self.lines.operation;
        let Some(before) = operation.before(call.departure) else { return Some(LONG_AGO) };
        let (line, run) = self.lines.run_of(before);
        let line = &self.lines.lines[line.i()];
        let layover = call.line.departure(call.run(), 0).since(line.arrival(run, line.stops.len() - 1)).max(0);
        let turnaround_ms = operation.turnaround_ms.min(layover);
        let vehicle = self.vehicle(before);
        if vehicle.state == State::Done {
            return Some(vehicle.ready().plus(turnaround_ms));
        }
        self.vehicle(call.departure).parked = true;
        None
    }

    /// The earliest moment at which a vehicle can come to its next stop for the one ahead of it on rails; `None` while that
    /// one has not left.
    fn platform_is_free(&mut self, call: Call) -> Option<Time> {
        let Some((ahead, position)) = self.vehicle(call.departure).ahead else { return Some(call.time) };
        let own = Planned::of(call.line, call.run(), call.position);
        let planned = self.planned(ahead, position);
        let Some(headway_ms) = rails::before_arrival(planned, own, self.lines.operation.min_headway_ms) else {
            return Some(call.time);
        };
        let mut vehicle = self.vehicle(ahead);
        if vehicle.state != State::Done && vehicle.position <= position {
            vehicle.follower = Some(call.departure);
            return None;
        }
        let (line, run) = self.lines.run_of(ahead);
        let at = run * self.lines.lines[line.i()].stops.len() + usize::from(position);
        Some(self.traffic.times.lines[line.i()].departures[at].plus(headway_ms).max(call.time))
    }

    fn planned(&self, departure: DepartureIx, position: u16) -> Planned {
        let (line, run) = self.lines.run_of(departure);
        Planned::of(&self.lines.lines[line.i()], run, usize::from(position))
    }

    /// When the vehicle that stands at a stop can leave it, as far as is known.
    fn due(&mut self, call: Call) -> Time {
        let (line, run, position) = (call.line, call.run(), call.position);
        let vehicle = self.vehicle(call.departure);
        let (ready, came) = (vehicle.ready().max(call.time), vehicle.came);
        if call.is_last() {
            return ready;
        }
        let leaves = line.departure(run, position);
        let wanted = match position == 0 || line.keeps_times() {
            true => leaves,
            false => came.plus(leaves.since(line.arrival(run, position))),
        };
        let due = ready.max(wanted);
        let Some(last) = self.traffic.rails.last(call.line_ix, position) else { return due };
        let own = Planned::of(line, run, position);
        let other = self.planned(last.departure, last.position);
        due.max(last.time.plus(rails::between_departures(own, other, self.lines.operation.min_headway_ms)))
    }

    /// A vehicle leaves a stop, unless more people came or somebody else took the rails ahead of it.
    fn leave(&mut self, call: Call) {
        let due = self.due(call);
        if due > call.time {
            return self.push(Call { time: due, ..call }, true);
        }
        let follower = self.vehicle(call.departure).follower.take();
        let closes = self.deny(call);
        self.look_again(call);
        self.tell(call, closes);
        if call.is_last() {
            self.end(call);
        } else {
            self.set_out(call);
        }
        if let Some(follower) = follower {
            self.wake(follower, call.time);
        }
        self.serve(call.line_ix, call.position, call.time);
    }

    /// Those who are left behind are denied. Gives the latest coming with which one gets on.
    fn deny(&mut self, call: Call) -> Time {
        let run = call.run() as u32;
        let queue = &mut self.traffic.queues[call.line_ix.i()][call.position];
        queue.standing.retain(|&standing| standing != run);
        if call.is_last() || !call.line.takes_on(call.position) {
            return call.time;
        }
        for denied in &mut queue.waiting {
            denied.denials += 1;
            self.counted.0.denied += 1;
            let what = What::Denied { departure: call.departure, stop: call.stop() };
            self.happened.0.push(Event { time: call.time, agent: denied.agent, what });
        }
        queue.closes(call.time)
    }

    /// Those who have been denied often enough look for another way and give the queue up where they find one.
    fn look_again(&mut self, call: Call) {
        let Some(router) = &self.given.input.replan else { return };
        let after = self.lines.operation.replan_after;
        let queue = &mut self.traffic.queues[call.line_ix.i()][call.position];
        let asking: Vec<AgentIx> =
            queue.waiting.iter().filter(|w| denied::looks(w, after)).map(|waiting| waiting.agent).collect();
        let mut rests = Vec::with_capacity(asking.len());
        for agent in asking {
            let itinerary = self.agents.get(self.given.entities[agent.i()]).expect(ENTITY);
            let plan = self.replanned.plan(self.given, agent);
            rests.extend(denied::rest(plan, itinerary, self.lines).map(|rest| (agent, rest)));
        }
        if rests.is_empty() {
            return;
        }
        let goals: Vec<StopIx> = rests.iter().map(|(_, rest)| rest.goal).collect();
        // The run that has just left is no way on, though the timetable may have it leave now.
        let found = router.replan(self.lines, call.stop(), call.time.plus(1), &goals);
        let waits_for = (call.line_ix, call.position as u16);
        for ((agent, rest), journey) in rests.into_iter().zip(found) {
            let plan = self.replanned.plan(self.given, agent);
            let new = journey.and_then(|journey| denied::with(plan, rest, &journey, waits_for, self.lines));
            let Some(new) = new else { continue };
            self.replanned.0.insert(agent, new);
            queue.waiting.retain(|waiting| waiting.agent != agent);
            let what = What::Replanned { departure: call.departure, stop: call.stop() };
            self.happened.0.push(Event { time: call.time, agent, what });
            self.released.0.push((call.time, agent));
        }
    }

    /// Tells and records that a vehicle is done with a stop.
    fn tell(&mut self, call: Call, closes: Time) {
        let vehicle = self.vehicle(call.departure);
        let (load, share, arrived) = (vehicle.load, vehicle.share(), vehicle.came);
        let at = call.run() * call.line.stops.len() + call.position;
        let left = Left { arrived, time: call.time, closes, load: share };
        record::write(&mut self.traffic.times.lines[call.line_ix.i()], at, left);
        let (departure, position) = (call.departure, call.position as u16);
        let what = What::VehicleLeft { departure, position, load, arrived };
        self.happened.0.push(Event { time: call.time, agent: Lines::vehicle(departure, self.travellers), what });
    }

    /// A vehicle sets out for its next stop.
    fn set_out(&mut self, call: Call) {
        let (line, run, position) = (call.line, call.run(), call.position);
        let entry = rails::Entry { departure: call.departure, position: position as u16, time: call.time };
        let ahead = self.traffic.rails.enter(call.line_ix, position, entry);
        let mut vehicle = self.vehicle(call.departure);
        vehicle.state = State::Coming;
        vehicle.position += 1;
        vehicle.ahead = ahead.map(|entry| (entry.departure, entry.position + 1));
        if self.buses.leave(call.line_ix, position, call.departure, call.time) {
            return;
        }
        let running_ms = line.planned_arrival(run, position + 1).since(line.departure(run, position)).max(0);
        self.push(Call { time: call.time.plus(running_ms), position: position + 1, ..call }, false);
    }

    /// A run is over, and its vehicle goes on with the next one.
    fn end(&mut self, call: Call) {
        let mut vehicle = self.vehicle(call.departure);
        vehicle.state = State::Done;
        if let Some(next) = vehicle.next
            && std::mem::take(&mut self.vehicle(next).parked)
        {
            self.wake(next, call.time);
        }
    }

    /// A vehicle that waited tries again to come to its stop.
    fn wake(&mut self, departure: DepartureIx, time: Time) {
        let (line, run) = self.lines.run_of(departure);
        let position = self.vehicle(departure).position;
        self.traffic.moments.push(Reverse(Moment { time, line, run: run as u32, position, leaves: false }));
    }

    fn push(&mut self, call: Call, leaves: bool) {
        let (run, position) = (call.run() as u32, call.position as u16);
        self.traffic.moments.push(Reverse(Moment { time: call.time, line: call.line_ix, run, position, leaves }));
    }
}
