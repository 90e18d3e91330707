//! A journey by lines: the way to the first stop, waits, rides, changes, the way from the last stop.
//!
//! Who sets out at a moment takes the journey of least generalised cost among all that no other beats in both arrival and
//! cost (where one walks to the stop and waits there; that one knows the timetable is reckoned afterwards), and the earliest
//! is told beside it where that is another one. Over a
//! span of departures all journeys are told that no other beats in both departure and arrival; who must be there by a
//! moment takes the last of them.

use super::approach::{Approach, How};
use super::place::Spot;
use super::told::{Leg, Told};
use super::{Finder, Means, When};
use crate::choice::cost::Journey;
use crate::choice::journey::{FIRST_WAIT_MS, MAX_RIDES};
use crate::ids::StopIx;
use crate::mode::Mode;
use crate::transit::pareto::Pareto;
use crate::transit::range::Profile;
use crate::transit::raptor::{Raptor, Step};
use crate::transit::timetable::Riding;
use crate::units::{HOUR_MS, Time};

/// How long before the moment at which one must be there one sets out, milliseconds: first tried and at most.
const LOOKED_BACK_MS: [i64; 2] = [6 * HOUR_MS, 24 * HOUR_MS];

/// A journey before it is told: how one comes to its first stop and away from the last one, and its rides.
#[derive(Clone, Copy)]
struct Ridden<'a> {
    how: [How; 2],
    steps: &'a [Step],
    last_stop: StopIx,
    /// The walk from the last stop, where one walks.
    last_walk_ms: i64,
}

impl Finder<'_> {
    /// The journeys by lines, or why there is none.
    pub(super) fn by_lines(
        &self,
        means: Means,
        riding: Riding,
        ends: (&Spot, &Spot),
        when: When,
    ) -> Result<Vec<Told>, String> {
        let (mut found, mut why) = (Vec::new(), None);
        for &how in means.approaches() {
            match self.tried(means, riding, how, ends, when) {
                Ok(told) => found.extend(told),
                Err(none) => why = why.or(Some(none)),
            }
        }
        let by_cost = |a: &Told, b: &Told| a.cost_cny.total_cmp(&b.cost_cny);
        match (when, self.until) {
            (When::SetsOut(_), Some(_)) => found.sort_by_key(|told| (told.span, told.legs.len())),
            (When::SetsOut(_), None) => {
                found.sort_by(by_cost);
                let earliest = found.iter().map(|told| told.span.1).min();
                let mut first = true;
                found.retain(|told| std::mem::take(&mut first) || Some(told.span.1) == earliest);
                // The cheapest may be the earliest; of several that are, the cheapest is told.
                let earlier = found.len() > 1 && found[1].span.1 < found[0].span.1;
                found.truncate(if earlier { 2 } else { 1 });
            }
            (When::ArrivesBy(_), _) => {
                let latest = found.iter().map(|told| told.span.0).max();
                found.retain(|told| Some(told.span.0) == latest);
                found = found.into_iter().min_by(by_cost).into_iter().collect();
            }
        }
        match (found.is_empty(), when) {
            (false, _) => Ok(found),
            (true, When::SetsOut(at)) => Err(why.unwrap_or_else(|| format!("no line leads there after {at}"))),
            (true, When::ArrivesBy(by)) => Err(why.unwrap_or_else(|| format!("no line leads there by {by}"))),
        }
    }

    fn tried(
        &self,
        means: Means,
        riding: Riding,
        how: [How; 2],
        (from, to): (&Spot, &Spot),
        when: When,
    ) -> Result<Vec<Told>, String> {
        let about = match when {
            When::SetsOut(at) => at,
            When::ArrivesBy(by) => by.plus(-HOUR_MS),
        };
        let access = self.stops(how[0], from, true, about)?;
        let egress = self.stops(how[1], to, false, about)?;
        let (mut raptor, mut pareto) = (Raptor::new(&self.table, MAX_RIDES), Pareto::new(&self.table, MAX_RIDES));
        (raptor.riding, pareto.riding) = (riding, riding);
        let (ends, stops) = ((from, to), [access.as_slice(), egress.as_slice()]);
        let mut from_moment =
            |at: Time, raptor: &mut Raptor| self.setting_out(means, (raptor, &mut pareto), how, ends, at, stops);
        Ok(match (when, self.until) {
            (When::SetsOut(at), None) => from_moment(at, &mut raptor),
            (When::SetsOut(first), Some(last)) => {
                let mut told = self.span(means, &mut raptor, how, ends, [first, last], stops);
                // The profile goes by times; what is cheaper at the same moments pays as well.
                let starts: Vec<Time> = told.iter().map(|told| told.span.0).collect();
                told.extend(starts.into_iter().flat_map(|start| from_moment(start, &mut raptor)));
                told.retain(|told| told.span.0 <= last);
                unbeaten(told)
            }
            (When::ArrivesBy(by), _) => {
                let mut told = Vec::new();
                for back_ms in LOOKED_BACK_MS {
                    told = self.span(means, &mut raptor, how, ends, [by.plus(-back_ms), by], stops);
                    told.retain(|told| told.span.1 <= by);
                    if let Some(latest) = told.iter().map(|told| told.span.0).max() {
                        told.extend(from_moment(latest, &mut raptor));
                        told.retain(|told| told.span.1 <= by);
                        break;
                    }
                }
                told
            }
        })
    }

    /// Journeys of one who sets out at a moment, among them that of least cost and the earliest. Where one does not walk,
    /// each stop has its own cost and is searched on its own.
    fn setting_out(
        &self,
        means: Means,
        (raptor, pareto): (&mut Raptor, &mut Pareto),
        how: [How; 2],
        ends: (&Spot, &Spot),
        at: Time,
        [access, egress]: [&[(StopIx, i64)]; 2],
    ) -> Vec<Told> {
        let groups = |how: How, stops: &[(StopIx, i64)]| -> Vec<Vec<(StopIx, i64)>> {
            if how == How::Foot { vec![stops.to_vec()] } else { stops.iter().map(|&stop| vec![stop]).collect() }
        };
        let mut found = Vec::new();
        let weights = self.prices.weights(&self.party);
        for first in groups(how[0], access) {
            for last in groups(how[1], egress) {
                for choice in pareto.search(&self.table, &weights, at, &first, &last) {
                    let Some(step) = choice.steps.last() else { continue };
                    let last_stop = self.network.lines.lines[step.line.i()].stops[usize::from(step.to)];
                    let walks = last.iter().filter(|walk| walk.0 == last_stop).map(|walk| walk.1);
                    let last_walk_ms = walks.min().unwrap_or(0);
                    let ridden = Ridden { how, steps: &choice.steps, last_stop, last_walk_ms };
                    found.extend(self.ride(means, ends, ridden, at, true));
                }
                // One who waits at the origin feels that less than waiting at the stop, which the search does not know: the
                // earliest with 1, 2, … rides are looked at as well.
                raptor.search(&self.table, at, &first, Some(&last));
                let mut earliest = Time::NEVER;
                for rides in 1..=raptor.rounds() {
                    let Some((arrival, last_stop, last_walk_ms)) = raptor.last_stop(rides, &last) else { continue };
                    if arrival >= earliest {
                        continue;
                    }
                    earliest = arrival;
                    let mut steps = Vec::new();
                    raptor.steps(&self.table, rides, last_stop, &mut steps);
                    let ridden = Ridden { how, steps: &steps, last_stop, last_walk_ms };
                    found.extend(self.ride(means, ends, ridden, at, true));
                }
            }
        }
        found
    }

    /// The journeys of a span of departures, the latest first.
    fn span(
        &self,
        means: Means,
        raptor: &mut Raptor,
        how: [How; 2],
        ends: (&Spot, &Spot),
        span: [Time; 2],
        [access, egress]: [&[(StopIx, i64)]; 2],
    ) -> Vec<Told> {
        let mut profile = Profile::default();
        raptor.profile(&self.table, span, access, egress, &mut profile);
        let mut told: Vec<Told> = Vec::new();
        for departure in &profile.departures {
            let walk = egress.iter().find(|(stop, _)| *stop == departure.last_stop);
            let (last_stop, last_walk_ms) = (departure.last_stop, walk.map_or(0, |walk| walk.1));
            let ridden = Ridden { how, steps: profile.steps(departure), last_stop, last_walk_ms };
            // Only the first of a profile, found from the end of the span, may let one wait.
            let Some(new) = self.ride(means, ends, ridden, departure.start, true) else { continue };
            told.push(new);
        }
        unbeaten(told)
    }

    /// Tells a journey of one who is ready at a moment. With `timed` one sets out late enough to wait at the first stop for
    /// five minutes at most. `None` where the day's roads let one miss the vehicle.
    fn ride(&self, means: Means, ends: (&Spot, &Spot), ridden: Ridden<'_>, at: Time, timed: bool) -> Option<Told> {
        let first = ridden.steps.first()?;
        let lines = &self.network.lines.lines;
        let board = lines[first.line.i()].stops[usize::from(first.from)];
        let come = |start: Time| match ridden.how[0] {
            How::Foot => Some(self.walk_to(ends.0, board, first.walk_ms, start)),
            how => self.approach(how, ends.0, board, true, start),
        };
        let [enters_ms, _] = self.table.passed_ms(first.line, usize::from(first.from), usize::from(first.to));
        let (mut start, mut way) = (at, come(at)?);
        // Nobody knows the moments of a service by headways.
        if timed && lines[first.line.i()].timed {
            let coming = at.plus(way.ms);
            let ride = self.table.ride(first.line, usize::from(first.from), usize::from(first.to), coming)?;
            let mut spare_ms = ride.left.since(coming) - enters_ms - FIRST_WAIT_MS;
            // A drive may take longer when one sets out later.
            while spare_ms > 0 {
                let later = come(at.plus(spare_ms))?;
                if at.plus(spare_ms + later.ms + enters_ms) <= ride.left {
                    (start, way) = (at.plus(spare_ms), later);
                    break;
                }
                spare_ms /= 2;
            }
        }
        let mut teller = Teller { finder: self, now: start.plus(way.ms), legs: way.legs, journey: Journey::default() };
        let origin_wait_ms = start.since(at);
        teller.journey.origin_wait_ms = origin_wait_ms;
        if ridden.how[0] == How::Foot {
            teller.journey.walk_ms += way.ms;
        }
        for (i, step) in ridden.steps.iter().enumerate() {
            teller.step(step, i > 0)?;
        }
        let last = match ridden.how[1] {
            How::Foot => self.walk_from(ends.1, ridden.last_stop, ridden.last_walk_ms, teller.now),
            how => self.approach(how, ends.1, ridden.last_stop, false, teller.now)?,
        };
        if ridden.how[1] == How::Foot {
            teller.journey.walk_ms += last.ms;
        }
        let Teller { mut legs, journey, .. } = teller;
        legs.extend(last.legs);
        let cost_cny = self.prices.journey_cny(&self.party, &journey) + way.cost_cny + last.cost_cny;
        let money_cny = self.party.persons * journey.fare_cny + way.money_cny + last.money_cny;
        Some(Told::new(means.word(), start, legs, cost_cny, money_cny))
    }

    fn walk_to(&self, from: &Spot, stop: StopIx, ms: i64, at: Time) -> Approach {
        let (here, there) = (from.called(self.network), self.stop(stop));
        self.walk((here, there), ms, at)
    }

    fn walk_from(&self, to: &Spot, stop: StopIx, ms: i64, at: Time) -> Approach {
        let (here, there) = (self.stop(stop), to.called(self.network));
        self.walk((here, there), ms, at)
    }

    fn walk(&self, (here, there): (String, String), ms: i64, at: Time) -> Approach {
        let leg = (ms > 0).then(|| Leg::new(Mode::Walk.word(), at, ms, here, there));
        Approach { ms, legs: leg.into_iter().collect(), cost_cny: 0.0, money_cny: 0.0 }
    }

    fn stop(&self, stop: StopIx) -> String {
        self.network.lines.stops[stop.i()].name.clone()
    }
}

/// The journeys that no other one beats in departure, arrival and cost together, each once.
fn unbeaten(told: Vec<Told>) -> Vec<Told> {
    let key = |told: &Told| (told.span.0.0, -told.span.1.0, -told.cost_cny);
    let mut kept: Vec<Told> = Vec::new();
    for new in told {
        let (start, arrival, cost) = key(&new);
        let beats = |a: (i64, i64, f64), b: (i64, i64, f64)| a.0 >= b.0 && a.1 >= b.1 && a.2 >= b.2 - 1e-9;
        if kept.iter().any(|old| beats(key(old), (start, arrival, cost))) {
            continue;
        }
        kept.retain(|old| !beats((start, arrival, cost), key(old)));
        kept.push(new);
    }
    kept
}

/// Goes through a journey ride by ride.
struct Teller<'a> {
    finder: &'a Finder<'a>,
    now: Time,
    legs: Vec<Leg>,
    journey: Journey,
}

impl Teller<'_> {
    /// A ride with the change before it, and the processes of hubs on the way.
    fn step(&mut self, step: &Step, changes: bool) -> Option<()> {
        let (finder, network) = (self.finder, self.finder.network);
        let line = &network.lines.lines[step.line.i()];
        let (board, alight) = (usize::from(step.from), usize::from(step.to));
        let (on, off) = (finder.stop(line.stops[board]), finder.stop(line.stops[alight]));
        let mut waited_ms = 0;
        if changes {
            let here =
                self.legs.iter().rev().find(|leg| leg.line.is_some()).map_or(String::new(), |leg| leg.to.clone());
            // A change at the same stop is told as part of the wait.
            match here == on {
                true => waited_ms = step.walk_ms,
                false => self.legs.push(Leg::new(Mode::Walk.word(), self.now, step.walk_ms, here, on.clone())),
            }
            self.now = self.now.plus(step.walk_ms);
            self.journey.walk_ms += step.walk_ms;
        }
        let ride = finder.table.ride(step.line, board, alight, self.now)?;
        let [enters_ms, leaves_ms] = finder.table.passed_ms(step.line, board, alight);
        if let Some(way) = line.enters(board) {
            self.legs.extend(finder.pass(way.hub, usize::from(way.chain), self.now).0);
        }
        let wait_ms = ride.left.since(self.now) - enters_ms;
        let base_cny = if self.journey.rides == 0 { line.fare_base_cny } else { 0.0 };
        let fare_cny = base_cny + line.distance_fare_cny(board, alight);
        let named = if line.name.is_empty() { &line.route_id } else { &line.name };
        let leg = Leg::new(Mode::Transit.word(), ride.left, ride.arrived.since(ride.left), on, off);
        self.legs.push(
            Leg {
                line: Some(named.clone()),
                stops_between: Some(alight - board - 1),
                distance_m: Some(line.chainage_m[alight] - line.chainage_m[board]),
                fare_cny,
                ..leg
            }
            .after(wait_ms + waited_ms),
        );
        self.now = ride.arrived.plus(leaves_ms);
        if let Some(way) = line.leaves(alight) {
            self.legs.extend(finder.pass(way.hub, usize::from(way.chain), ride.arrived).0);
        }
        self.journey.ride_ms += ride.arrived.since(ride.left);
        self.journey.wait_ms += wait_ms + enters_ms + leaves_ms;
        self.journey.rides += 1;
        self.journey.rail_rides += u32::from(line.rail);
        self.journey.fare_cny += fare_cny;
        Some(())
    }
}
