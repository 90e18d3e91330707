//! All journeys that are not beaten in both arrival and generalised cost [McRAPTOR; Delling, Pajor, Werneck 2012].
//!
//! Cost is felt time in millionths of a second: riding × crowding, walking, waiting (the processes of a hub among it),
//! changes, fares; whole numbers, so that sums do not depend on their order.
//!
//! **Who may get on a run may let it pass** and take any later one: an empty vehicle behind a full one can be worth the
//! wait. That makes dominance sound: a label that is at a stop earlier than another, and would cost no more if it waited
//! for it, can do all that the other one can. Comparing costs alone would not do, as the wait costs, too; nor can
//! journeys in different runs of a line be compared, as the later one may be less crowded. Labels with fewer rides beat
//! those with more. A journey that has not begun is not compared with others: it still owes the base fare.

use super::raptor::{Raptor, Step};
use super::timetable::{NEVER, OFF, ON, Riding, Timetable, moment};
use crate::ids::{LineIx, StopIx};
use crate::units::Time;

/// How time and money are felt, against riding with room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// A millisecond of walking, thousandths.
    pub walk: i64,
    /// A millisecond of waiting, thousandths.
    pub wait: i64,
    /// A change between vehicles, millionths of a second.
    pub change: i64,
    /// A thousandth of a yuan, millionths of a second.
    pub money: i64,
}

/// A journey that no other one beats in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// When one is there.
    pub arrival: Time,
    /// Generalised cost, felt millionths of a second.
    pub cost: i64,
    /// Its rides with the walks before them.
    pub steps: Vec<Step>,
}

/// Memory of a search, one per thread.
#[derive(Clone, Debug)]
pub struct Pareto {
    /// Which lines the next search rides.
    pub riding: Riding,
    max_rides: usize,
    /// Finds a first bound.
    first: Raptor,
    labels: Vec<Label>,
    /// Labels of alighting at a stop that nothing beats.
    alighted: Vec<Vec<u32>>,
    /// Moments and costs of coming to a stop after a ride that nothing beats.
    ready: Vec<Vec<(i32, i64)>>,
    /// News of the round: who comes to a stop.
    boarding: Vec<Vec<Coming>>,
    fresh: Vec<u32>,
    used: Vec<u32>,
    scan_from: Vec<u32>,
    egress_ms: Vec<i32>,
    /// What arrives at the destination: arrival, cost, label.
    there: Vec<(i32, i64, u32)>,
    /// Arrival and cost of a journey that is known to be possible.
    bound: (i32, i64),
}

/// Somebody leaves a vehicle.
#[derive(Clone, Copy, Debug)]
struct Label {
    ms: i32,
    cost: i64,
    stop: u32,
    before: u32,
    step: Step,
}

/// Somebody comes to a stop.
#[derive(Clone, Copy, Debug)]
struct Coming {
    ms: i32,
    cost: i64,
    /// The label of the ride before.
    before: u32,
    walk_ms: i32,
}

/// Somebody is in a run of the line that is scanned.
#[derive(Clone, Copy, Debug)]
struct Aboard {
    run: usize,
    cost: i64,
    from: usize,
    before: u32,
    walk_ms: i32,
}

const NONE: u32 = u32::MAX;

impl Pareto {
    /// Memory for journeys of so many rides at most.
    pub fn new(table: &Timetable, max_rides: usize) -> Pareto {
        let stops = table.stops();
        Pareto {
            riding: Riding::Any,
            max_rides,
            first: Raptor::new(table, max_rides),
            labels: Vec::new(),
            alighted: vec![Vec::new(); stops],
            ready: vec![Vec::new(); stops],
            boarding: vec![Vec::new(); stops],
            fresh: Vec::new(),
            used: Vec::new(),
            scan_from: vec![u32::MAX; table.lines.len()],
            egress_ms: vec![NEVER; stops],
            there: Vec::new(),
            bound: (NEVER, i64::MAX),
        }
    }

    /// The journeys from a moment on, the earliest first.
    pub fn search(
        &mut self,
        table: &Timetable,
        weights: &Weights,
        start: Time,
        access: &[(StopIx, i64)],
        egress: &[(StopIx, i64)],
    ) -> Vec<Choice> {
        self.begin(table, weights, start, access, egress);
        for &(stop, walk_ms) in access {
            let ms = moment(Time(walk_ms));
            let coming =
                Coming { ms: moment(start.plus(walk_ms)), cost: walk_ms * weights.walk, before: NONE, walk_ms: ms };
            self.news(stop.0, coming);
        }
        for round in 1..=self.max_rides {
            let lines = self.collect(table);
            if lines.is_empty() {
                break;
            }
            let first_label = self.labels.len();
            for line in lines {
                self.scan(table, weights, line, round);
            }
            for stop in std::mem::take(&mut self.fresh) {
                self.boarding[stop as usize].clear();
            }
            for label in first_label..self.labels.len() {
                self.change(table, weights, label);
            }
        }
        for stop in std::mem::take(&mut self.fresh) {
            self.boarding[stop as usize].clear();
        }
        self.there.sort_unstable();
        self.there.iter().map(|&(ms, cost, label)| self.told(ms, cost, label)).collect()
    }

    fn begin(
        &mut self,
        table: &Timetable,
        weights: &Weights,
        start: Time,
        access: &[(StopIx, i64)],
        egress: &[(StopIx, i64)],
    ) {
        self.labels.clear();
        self.there.clear();
        for stop in self.used.drain(..) {
            self.alighted[stop as usize].clear();
            self.ready[stop as usize].clear();
            self.egress_ms[stop as usize] = NEVER;
        }
        for &(stop, walk_ms) in egress {
            self.used.push(stop.0);
            let least = &mut self.egress_ms[stop.i()];
            *least = moment(Time(walk_ms)).min(*least);
        }
        self.bound = (NEVER, i64::MAX);
        self.first.riding = self.riding;
        self.first.search(table, start, access, Some(egress));
        // The earliest journey with fewest rides: its cost bounds what others may cost that arrive no earlier.
        let earliest = self.first.earliest();
        let rides = (1..=self.first.rounds()).find(|&k| self.first.last_stop(k, egress).map(|l| l.0) == earliest);
        if let Some((rides, (arrival, stop, walk_ms))) =
            rides.and_then(|rides| Some((rides, self.first.last_stop(rides, egress)?)))
        {
            let mut steps = Vec::new();
            self.first.steps(table, rides, stop, &mut steps);
            let cost = table.cost(weights, start, &steps) + walk_ms * weights.walk;
            self.bound = (moment(arrival), cost);
        }
    }

    fn told(&self, ms: i32, cost: i64, label: u32) -> Choice {
        let mut steps = Vec::new();
        let mut at = label;
        while at != NONE {
            let label = &self.labels[at as usize];
            steps.push(label.step);
            at = label.before;
        }
        steps.reverse();
        Choice { arrival: Time(i64::from(ms)), cost, steps }
    }

    fn news(&mut self, stop: u32, coming: Coming) {
        let news = &mut self.boarding[stop as usize];
        if news.is_empty() {
            self.fresh.push(stop);
        }
        news.push(coming);
    }

    /// Lines that serve a stop with news, each with the first such position.
    fn collect(&mut self, table: &Timetable) -> Vec<u32> {
        let mut lines = Vec::new();
        for &stop in &self.fresh {
            for call in table.calls.at(stop as usize) {
                if !self.riding.takes(table.lines[call.line as usize].rail) {
                    continue;
                }
                let first = &mut self.scan_from[call.line as usize];
                if *first == u32::MAX {
                    lines.push(call.line);
                }
                *first = call.position.min(*first);
            }
        }
        lines
    }

    /// Whether something at the destination beats whoever is anywhere at a moment at a cost: both only grow from there.
    fn beaten(&self, ms: i32, cost: i64) -> bool {
        (self.bound.0 <= ms && self.bound.1 < cost) || self.there.iter().any(|t| t.0 <= ms && t.1 <= cost)
    }

    fn scan(&mut self, table: &Timetable, weights: &Weights, line: u32, round: usize) {
        let rows = table.lines[line as usize];
        let first = std::mem::replace(&mut self.scan_from[line as usize], u32::MAX) as usize;
        let mut aboard: Vec<Aboard> = Vec::new();
        for position in first..rows.positions as usize {
            let place = rows.place as usize + position;
            let stop = table.stop[place];
            for one in &mut aboard {
                one.cost += table.felt(&rows, one.run, position - 1, false)
                    + i64::from(table.fare_milli[place - 1]) * weights.money;
            }
            if table.flags[place] & OFF != 0 {
                let leaves_ms = table.leaves_ms[place];
                for one in &aboard {
                    let ms = table.arrivals[Timetable::at(&rows, one.run, position)];
                    let step = Step {
                        walk_ms: i64::from(one.walk_ms),
                        line: LineIx(line),
                        run: one.run as u32,
                        from: one.from as u16,
                        to: position as u16,
                    };
                    let cost = one.cost + i64::from(leaves_ms) * weights.wait;
                    let ms = (ms + leaves_ms).min(NEVER);
                    self.alight(weights, Label { ms, cost, stop, before: one.before, step });
                }
            }
            for one in &mut aboard {
                one.cost += table.felt_standing(&rows, one.run, position);
            }
            if table.flags[place] & ON != 0 && !self.boarding[stop as usize].is_empty() {
                self.board(table, weights, (line, position, round), &mut aboard);
            }
        }
    }

    /// Gets on the first run and on those after it, as long as the wait for them can pay.
    fn board(
        &mut self,
        table: &Timetable,
        weights: &Weights,
        (line, position, round): (u32, usize, usize),
        aboard: &mut Vec<Aboard>,
    ) {
        let rows = &table.lines[line as usize];
        let place = rows.place as usize + position;
        let closes = table.closes(rows, position);
        let paid = match round {
            1 => i64::from(rows.base_milli) * weights.money,
            _ => weights.change,
        };
        for coming in &self.boarding[table.stop[place] as usize] {
            let ready = (coming.ms + table.enters_ms[place]).min(NEVER);
            let from = closes.partition_point(|&at| at < ready);
            for run in from..closes.len() {
                let left = table.departures[Timetable::at(rows, run, position)];
                let cost = coming.cost + i64::from(left - coming.ms) * weights.wait + paid;
                if self.beaten(left, cost) {
                    // Later runs leave no earlier and cost no less.
                    break;
                }
                let new = Aboard { run, cost, from: position, before: coming.before, walk_ms: coming.walk_ms };
                match aboard.iter_mut().find(|old| old.run == run) {
                    Some(old) if old.cost <= cost => {}
                    Some(old) => *old = new,
                    None => aboard.push(new),
                }
            }
        }
    }

    /// Keeps somebody who gets off, if nothing beats it.
    fn alight(&mut self, weights: &Weights, label: Label) {
        if label.ms >= NEVER || self.beaten(label.ms, label.cost) {
            return;
        }
        let labels = &self.labels;
        let kept = &mut self.alighted[label.stop as usize];
        // Whether a is no later than b and would cost no more if it waited for it.
        let beats = |a: (i32, i64), b: (i32, i64)| a.0 <= b.0 && a.1 + i64::from(b.0 - a.0) * weights.wait <= b.1;
        let new = (label.ms, label.cost);
        let of = |at: u32| (labels[at as usize].ms, labels[at as usize].cost);
        if kept.iter().any(|&old| beats(of(old), new)) {
            return;
        }
        kept.retain(|&old| !beats(new, of(old)));
        let at = labels.len() as u32;
        kept.push(at);
        self.used.push(label.stop);
        self.labels.push(label);
        let walk_ms = self.egress_ms[label.stop as usize];
        if walk_ms < NEVER {
            let (ms, cost) = (label.ms + walk_ms, label.cost + i64::from(walk_ms) * weights.walk);
            if !self.there.iter().any(|t| t.0 <= ms && t.1 <= cost) {
                self.there.retain(|t| !(ms <= t.0 && cost <= t.1));
                self.there.push((ms, cost, at));
            }
        }
    }

    /// Changes of one who got off in this round, unless a later label of the stop beats it.
    fn change(&mut self, table: &Timetable, weights: &Weights, at: usize) {
        let label = self.labels[at];
        if !self.alighted[label.stop as usize].contains(&(at as u32)) {
            return;
        }
        let mut offer = |to: u32, walk_ms: i32| {
            let (ms, cost) = (label.ms.saturating_add(walk_ms), label.cost + i64::from(walk_ms) * weights.walk);
            if ms >= NEVER || self.beaten(ms, cost) {
                return;
            }
            let beats = |a: (i32, i64), b: (i32, i64)| a.0 <= b.0 && a.1 + i64::from(b.0 - a.0) * weights.wait <= b.1;
            let kept = &mut self.ready[to as usize];
            if kept.iter().any(|&old| beats(old, (ms, cost))) {
                return;
            }
            kept.retain(|&old| !beats((ms, cost), old));
            kept.push((ms, cost));
            self.used.push(to);
            self.news(to, Coming { ms, cost, before: at as u32, walk_ms });
        };
        offer(label.stop, table.change_ms);
        for &(to, walk_ms) in table.walks.at(label.stop as usize) {
            offer(to, walk_ms);
        }
    }
}

impl Timetable {
    /// What the steps of a journey cost that sets out at a moment, without the walk from the last stop.
    pub fn cost(&self, weights: &Weights, start: Time, steps: &[Step]) -> i64 {
        let (mut now, mut cost) = (moment(start), 0);
        for (ride, step) in steps.iter().enumerate() {
            let rows = &self.lines[step.line.i()];
            let (run, from, to) = (step.run as usize, usize::from(step.from), usize::from(step.to));
            now += step.walk_ms as i32;
            let left = self.departures[Self::at(rows, run, from)];
            cost += step.walk_ms * weights.walk + i64::from(left - now) * weights.wait;
            cost += if ride == 0 { i64::from(rows.base_milli) * weights.money } else { weights.change };
            let place = rows.place as usize;
            for p in from..to {
                cost += self.felt(rows, run, p, p > from) + i64::from(self.fare_milli[place + p]) * weights.money;
            }
            cost += i64::from(self.leaves_ms[place + to]) * weights.wait;
            now = self.arrivals[Self::at(rows, run, to)] + self.leaves_ms[place + to];
        }
        cost
    }
}
