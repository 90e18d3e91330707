//! The journey searches against slow truths: a connection scan, Dijkstra on the time-expanded graph by petgraph, all
//! departures one by one, and the least cost of every event.

use super::pareto::{Pareto, Weights};
use super::range::Profile;
use super::raptor::{Raptor, turn_round};
use super::timetable::{NEVER, OFF, ON, Timetable};
use super::toy::{Size, draws, of_random_day, random_lines, random_walks};
use crate::ids::StopIx;
use crate::units::{HOUR_MS, MINUTE_MS, Time};
use proptest::prelude::*;

/// One run from one position to the next.
struct Connection {
    line: usize,
    run: usize,
    position: usize,
    left: i32,
}

fn connections(table: &Timetable) -> Vec<Connection> {
    let mut all = Vec::new();
    for (line, rows) in table.lines.iter().enumerate() {
        for run in 0..rows.runs as usize {
            for position in 0..(rows.positions as usize).saturating_sub(1) {
                let left = table.departures[Timetable::at(rows, run, position)];
                all.push(Connection { line, run, position, left });
            }
        }
    }
    all.sort_by_key(|c| (c.left, c.line, c.run, c.position));
    all
}

/// Earliest arrival by scanning all connections in the order of their departures [Dibbelt et al. 2013], again and again
/// until nothing changes: where a ride takes no time the order alone does not tell what comes first.
fn scanned(
    table: &Timetable,
    connections: &[Connection],
    start: Time,
    access: &[(StopIx, i64)],
    egress: &[(StopIx, i64)],
) -> Option<Time> {
    let mut ready = vec![NEVER; table.stops()];
    for &(stop, ms) in access {
        ready[stop.i()] = ready[stop.i()].min((start.0 + ms) as i32);
    }
    let first: Vec<usize> = table
        .lines
        .iter()
        .scan(0, |next, rows| {
            let first = *next;
            *next += rows.runs as usize;
            Some(first)
        })
        .collect();
    let runs = table.lines.iter().map(|rows| rows.runs as usize).sum();
    let mut aboard = vec![false; runs];
    let mut since = vec![usize::MAX; runs];
    let mut alighted = vec![NEVER; table.stops()];
    loop {
        let mut changed = false;
        for c in connections {
            let rows = &table.lines[c.line];
            let place = rows.place as usize + c.position;
            let coming = ready[table.stop[place] as usize].saturating_add(table.enters_ms[place]);
            let run = first[c.line] + c.run;
            if table.flags[place] & ON != 0 && coming <= table.closes(rows, c.position)[c.run] {
                changed |= since[run] > c.position;
                since[run] = since[run].min(c.position);
                aboard[run] = true;
            }
            if !aboard[run] || since[run] > c.position || table.flags[place + 1] & OFF == 0 {
                continue;
            }
            let ms = table.arrivals[Timetable::at(rows, c.run, c.position + 1)] + table.leaves_ms[place + 1];
            let stop = table.stop[place + 1] as usize;
            if ms < alighted[stop] {
                alighted[stop] = ms;
                ready[stop] = ready[stop].min(ms + table.change_ms);
                for &(to, walk_ms) in table.walks.at(stop) {
                    ready[to as usize] = ready[to as usize].min(ms + walk_ms);
                }
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let there = egress.iter().filter(|(stop, _)| alighted[stop.i()] < NEVER);
    there.map(|&(stop, ms)| Time(i64::from(alighted[stop.i()]) + ms)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;
    use crate::network::Network;
    use crate::network::lines::Lines;
    use petgraph::algo::dijkstra;
    use petgraph::graph::{DiGraph, NodeIndex};
    use std::path::Path;

    /// The time-expanded graph: a node for each way of being somewhere at a moment, weights in milliseconds.
    pub struct Expanded {
        graph: DiGraph<(), u32>,
        /// In time for a run at a position, in the layout of `closes`.
        in_time: Vec<NodeIndex>,
        /// Off a run at a position: stop, moment, node.
        off: Vec<(usize, i32, NodeIndex)>,
    }

    impl Expanded {
        pub fn new(table: &Timetable) -> Expanded {
            let mut graph = DiGraph::new();
            let in_time: Vec<NodeIndex> = table.closes.iter().map(|_| graph.add_node(())).collect();
            let mut off = Vec::new();
            for rows in &table.lines {
                let first = rows.first as usize;
                for run in 0..rows.runs as usize {
                    let mut aboard: Option<(NodeIndex, i32)> = None;
                    for p in 0..rows.positions as usize {
                        let (place, at) = (rows.place as usize + p, Timetable::at(rows, run, p));
                        let waits = first + p * rows.runs as usize + run;
                        let closes = table.closes[waits];
                        if run > 0 {
                            let before = table.closes[waits - 1];
                            graph.add_edge(in_time[waits - 1], in_time[waits], (closes - before) as u32);
                        }
                        let arrives = graph.add_node(());
                        if let Some((node, left)) = aboard {
                            graph.add_edge(node, arrives, (table.arrivals[at] - left) as u32);
                            if table.flags[place] & OFF != 0 {
                                let (node, leaves) = (graph.add_node(()), table.leaves_ms[place]);
                                graph.add_edge(arrives, node, leaves as u32);
                                off.push((table.stop[place] as usize, table.arrivals[at] + leaves, node));
                            }
                        }
                        let leaves = graph.add_node(());
                        let departure = table.departures[at];
                        graph.add_edge(arrives, leaves, (departure - table.arrivals[at]) as u32);
                        if table.flags[place] & ON != 0 {
                            graph.add_edge(in_time[waits], leaves, (departure - closes) as u32);
                        }
                        aboard = Some((leaves, departure));
                    }
                }
            }
            let mut expanded = Expanded { graph, in_time, off };
            for i in 0..expanded.off.len() {
                let (stop, ms, node) = expanded.off[i];
                let change = std::iter::once((stop as u32, table.change_ms));
                for (to, walk_ms) in change.chain(table.walks.at(stop).iter().copied()) {
                    expanded.comes(table, node, ms, (to as usize, walk_ms));
                }
            }
            expanded
        }

        /// Joins a node to the first runs that one is in time for.
        fn comes(&mut self, table: &Timetable, node: NodeIndex, now: i32, (stop, walk_ms): (usize, i32)) {
            for call in table.calls.at(stop) {
                let rows = &table.lines[call.line as usize];
                let (p, place) = (call.position as usize, (rows.place + call.position) as usize);
                let coming = now + walk_ms + table.enters_ms[place];
                let run = table.closes(rows, p).iter().position(|&closes| closes >= coming);
                if let Some(run) = run {
                    let waits = rows.first as usize + p * rows.runs as usize + run;
                    self.graph.add_edge(node, self.in_time[waits], (table.closes[waits] - now) as u32);
                }
            }
        }

        /// Earliest arrival; the origin of a query stays in the graph, where no edge leads to it.
        pub fn earliest(
            &mut self,
            table: &Timetable,
            start: Time,
            access: &[(StopIx, i64)],
            egress: &[(StopIx, i64)],
        ) -> Option<Time> {
            let source = self.graph.add_node(());
            for &(stop, ms) in access {
                self.comes(table, source, start.0 as i32, (stop.i(), ms as i32));
            }
            let found = dijkstra(&self.graph, source, None, |edge| *edge.weight());
            let ends = self.off.iter().flat_map(|&(stop, ms, node)| {
                let here = egress.iter().filter(move |walk| walk.0.i() == stop);
                here.map(move |walk| (i64::from(ms) + walk.1, node))
            });
            ends.filter(|(_, node)| found.contains_key(node)).map(|(there, _)| Time(there)).min()
        }
    }

    #[test]
    fn raptor_equals_connection_scan() {
        // 1,000 random timetables, on time and late, between random walks.
        let (mut found, mut changed) = (0, 0);
        for seed in 0..1_000u64 {
            let lines = random_lines(seed, Size { stops: 12, routes: 8, runs: 8 });
            let table = if seed % 2 == 0 { Timetable::planned(&lines) } else { of_random_day(seed, &lines) };
            let (connections, mut expanded, back) = (connections(&table), Expanded::new(&table), table.mirrored());
            // No stop is boarded twice, so there are no more rides than stops.
            let (mut raptor, mut reverse) = (Raptor::new(&table, 12), Raptor::new(&back, 12));
            let mut draws = draws(seed, 3);
            for _ in 0..4 {
                let (access, egress) = (random_walks(&mut draws, 12), random_walks(&mut draws, 12));
                let start = Time(22 * HOUR_MS + draws.below(150) as i64 * MINUTE_MS);
                let truth = scanned(&table, &connections, start, &access, &egress);
                raptor.search(&table, start, &access, Some(&egress));
                assert_eq!(raptor.earliest(), truth, "seed {seed}");
                assert_eq!(expanded.earliest(&table, start, &access, &egress), truth, "seed {seed}");
                raptor.search(&table, start, &access, None);
                let last = raptor.last_stop(raptor.rounds(), &egress);
                assert_eq!(last.map(|last| last.0), truth, "seed {seed}");
                let Some(truth) = truth else { continue };
                found += 1;
                changed += usize::from(raptor.last_stop(1, &egress).is_none_or(|one| one.0 > truth));
                // Backwards from the arrival: who sets out then is there by then, and a millisecond later is late.
                reverse.search(&back, Time(-truth.0), &egress, Some(&access));
                let latest = Time(-reverse.earliest().expect("a way back").0);
                assert!(latest >= start, "seed {seed}");
                raptor.search(&table, latest, &access, Some(&egress));
                assert!(raptor.earliest().is_some_and(|there| there <= truth), "seed {seed}");
                raptor.search(&table, latest.plus(1), &access, Some(&egress));
                assert!(raptor.earliest().is_none_or(|there| there > truth), "seed {seed}");
            }
        }
        assert!(found > 1_000 && changed > 200, "{found} journeys, {changed} with a change");
    }

    /// The lines of a feed on a day, as a scenario of two nodes reads them.
    fn feed(path: &Path, date: &str) -> Lines {
        let folder = tempfile::tempdir().expect("a folder");
        let text = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).expect("a file");
        text("node.csv", "node_id,x_coord,y_coord\na,0,0\nb,0.01,0\n");
        text(
            "link.csv",
            "link_id,from_node_id,to_node_id,directed,length,facility_type,capacity,free_speed,lanes,allowed_uses\n\
             ab,a,b,true,1.1,primary,1800,50,1,walk\n",
        );
        let services = format!("gtfs = {path:?}\n{date}\n[services.capacity]\ndefault = 100\n");
        text("scenario.toml", &format!("title = \"A feed\"\n[network]\nfolder = \".\"\n[services]\n{services}"));
        let scenario = Scenario::read(folder.path()).expect("a scenario");
        Network::build(&scenario).expect("a network").lines
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
    fn raptor_equals_connection_scan_on_every_feed() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
        let feeds = [
            ("gtfs/cairns_gtfs.zip", "20140604"),
            ("gtfs/addisoncounty-vt-us-gtfs.zip", "20170308"),
            ("gtfs/fake-agency.zip", ""),
            ("city-poa/poa_eptc.zip", "20190515"),
            ("city-poa/poa_trensurb.zip", "20190515"),
        ];
        for (name, date) in feeds {
            let path = data.join(name);
            if !path.is_file() {
                eprintln!("left out: there is no {}", path.display());
                continue;
            }
            let date = if date.is_empty() { String::new() } else { format!("date = \"{date}\"") };
            equal_on(name, &feed(&path, &date));
        }
    }

    /// 200 queries between stops that are served, at moments from six in the morning on.
    fn equal_on(name: &str, lines: &Lines) {
        let (table, mut draws) = (Timetable::planned(lines), draws(1, 7));
        let (connections, mut expanded) = (connections(&table), Expanded::new(&table));
        let served: Vec<usize> = (0..lines.stops.len()).filter(|&s| !lines.stop_lines[s].is_empty()).collect();
        let mut raptor = Raptor::new(&table, 20);
        let mut found = 0;
        // The graph of a large feed takes half a second a query.
        let every = 1 + expanded.graph.node_count() / 20_000;
        for query in 0..200 {
            let mut stop = || [(StopIx::from(served[draws.below(served.len())]), 0)];
            let (access, egress) = (stop(), stop());
            let start = Time(6 * HOUR_MS + draws.below(12 * 60) as i64 * MINUTE_MS);
            raptor.search(&table, start, &access, Some(&egress));
            let truth = scanned(&table, &connections, start, &access, &egress);
            assert_eq!(raptor.earliest(), truth, "{name}: {access:?} to {egress:?} at {start}");
            if query % every == 0 {
                assert_eq!(expanded.earliest(&table, start, &access, &egress), truth, "{name}");
            }
            found += usize::from(truth.is_some());
        }
        assert!(found > 0 || lines.lines.is_empty(), "{name}: no journey at all");
    }
}

/// Checks that steps lead from the origin to a moment at a stop.
fn walked(table: &Timetable, start: Time, access: &[(StopIx, i64)], steps: &[super::raptor::Step]) -> (Time, StopIx) {
    let mut now = start.0 as i32;
    let mut here = None;
    for step in steps {
        let rows = &table.lines[step.line.i()];
        let (place, run) = (rows.place as usize, step.run as usize);
        let (from, to) = (usize::from(step.from), usize::from(step.to));
        let stop = table.stop[place + from];
        let walk = |ms: i32| i64::from(ms) == step.walk_ms;
        let possible = match here {
            None => access.contains(&(StopIx(stop), step.walk_ms)),
            Some(here) if here == stop && walk(table.change_ms) => true,
            Some(here) => table.walks.at(here as usize).iter().any(|&(to, ms)| to == stop && walk(ms)),
        };
        assert!(possible, "{step:?} from {here:?}");
        let coming = now + step.walk_ms as i32 + table.enters_ms[place + from];
        assert!(coming <= table.closes(rows, from)[run] && from < to, "{step:?}");
        assert!(table.flags[place + from] & ON != 0 && table.flags[place + to] & OFF != 0);
        now = table.arrivals[Timetable::at(rows, run, to)] + table.leaves_ms[place + to];
        here = Some(table.stop[place + to]);
    }
    (Time(i64::from(now)), StopIx(here.expect("a ride")))
}

#[test]
fn a_span_of_departures_is_the_union_of_single_searches() {
    for seed in 0..300u64 {
        let lines = random_lines(seed, Size { stops: 10, routes: 7, runs: 8 });
        let table = if seed % 2 == 0 { Timetable::planned(&lines) } else { of_random_day(seed, &lines) };
        let mut draws = draws(seed, 4);
        let (mut single, mut range) = (Raptor::new(&table, 4), Raptor::new(&table, 4));
        let mut profile = Profile::default();
        for _ in 0..2 {
            let (access, egress) = (random_walks(&mut draws, 10), random_walks(&mut draws, 10));
            let first = Time(22 * HOUR_MS + draws.below(150) as i64 * MINUTE_MS);
            let span = [first, first.plus(40 * MINUTE_MS)];
            range.profile(&table, span, &access, &egress, &mut profile);
            for departure in &profile.departures {
                let (there, stop) = walked(&table, departure.start, &access, profile.steps(departure));
                assert_eq!(stop, departure.last_stop);
                let walks = egress.iter().filter(|walk| walk.0 == stop).map(|walk| walk.1);
                assert_eq!(walks.min().map(|ms| there.plus(ms)), Some(departure.arrival));
            }
            // At every moment a journey begins, just after it, and in between: by rides.
            let starts = profile.departures.iter().map(|d| d.start);
            let all =
                starts.clone().chain(starts.map(|s| s.plus(1))).chain((0..=40).map(|m| first.plus(m * MINUTE_MS)));
            for start in all.filter(|&start| start <= span[1]).collect::<Vec<Time>>() {
                single.search(&table, start, &access, Some(&egress));
                assert_eq!(profile.arrival(start), single.earliest(), "seed {seed}");
                for rides in 1..=4 {
                    let of = |d: &&super::range::Departure| d.start >= start && d.rides <= rides;
                    let by_profile = profile.departures.iter().filter(of).map(|d| d.arrival).min();
                    let by_search = single.latest[..=rides.min(single.rounds)].iter().min().filter(|&&ms| ms < NEVER);
                    assert_eq!(by_profile, by_search.map(|&ms| Time(i64::from(ms))), "seed {seed}");
                }
            }
        }
    }
}

const WEIGHTS: Weights = Weights { walk: 2_000, wait: 1_700, change: 300_000_000, money: 130_000 };

/// The slow truth of arrival against cost: the least cost of being in each run at each position after each number of rides.
fn least_costs(
    table: &Timetable,
    rides: usize,
    start: Time,
    access: &[(StopIx, i64)],
    egress: &[(StopIx, i64)],
) -> Vec<(i64, i64)> {
    let mut ready: Vec<(usize, i64, i64)> =
        access.iter().map(|&(stop, ms)| (stop.i(), start.0 + ms, ms * WEIGHTS.walk)).collect();
    let mut ends: Vec<(i64, i64)> = Vec::new();
    for ride in 0..rides {
        let mut next = Vec::new();
        for rows in &table.lines {
            for run in 0..rows.runs as usize {
                let mut aboard: Option<i64> = None;
                for p in 0..rows.positions as usize {
                    let (place, at) = (rows.place as usize + p, Timetable::at(rows, run, p));
                    let stop = table.stop[place] as usize;
                    if let Some(cost) = &mut aboard {
                        let felt = table.crowding.get(at - 1).map_or(1_000, |&felt| i64::from(felt));
                        *cost += felt * i64::from(table.arrivals[at] - table.departures[at - 1]);
                        *cost += i64::from(table.fare_milli[place - 1]) * WEIGHTS.money;
                        if table.flags[place] & OFF != 0 {
                            let leaves = i64::from(table.leaves_ms[place]);
                            let (ms, cost) = (i64::from(table.arrivals[at]) + leaves, *cost + leaves * WEIGHTS.wait);
                            let here = egress.iter().filter(|walk| walk.0.i() == stop);
                            ends.extend(here.map(|&(_, walk)| (ms + walk, cost + walk * WEIGHTS.walk)));
                            let change = std::iter::once((stop as u32, table.change_ms));
                            for (to, walk) in change.chain(table.walks.at(stop).iter().copied()) {
                                let walk = i64::from(walk);
                                next.push((to as usize, ms + walk, cost + walk * WEIGHTS.walk));
                            }
                        }
                        let felt = table.crowding.get(at).map_or(1_000, |&felt| i64::from(felt));
                        *cost += felt * i64::from(table.departures[at] - table.arrivals[at]);
                    }
                    if table.flags[place] & ON == 0 {
                        continue;
                    }
                    let closes = i64::from(table.closes(rows, p)[run]);
                    let in_time =
                        |r: &&(usize, i64, i64)| r.0 == stop && r.1 + i64::from(table.enters_ms[place]) <= closes;
                    let paid = if ride == 0 { i64::from(rows.base_milli) * WEIGHTS.money } else { WEIGHTS.change };
                    let boards = ready
                        .iter()
                        .filter(in_time)
                        .map(|&(_, ms, cost)| cost + (i64::from(table.departures[at]) - ms) * WEIGHTS.wait + paid);
                    aboard = boards.chain(aboard).min();
                }
            }
        }
        ready = next;
    }
    ends.sort_unstable();
    let mut best = i64::MAX;
    ends.retain(|&(_, cost)| {
        let kept = cost < best;
        best = best.min(cost);
        kept
    });
    ends
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_beats_what_the_slow_truth_keeps_of_arrival_and_cost(seed in any::<u64>(), full in any::<bool>()) {
        let lines = random_lines(seed, Size { stops: 8, routes: 6, runs: 8 });
        let table = if full { of_random_day(seed, &lines) } else { Timetable::planned(&lines) };
        let mut draws = draws(seed, 5);
        let mut pareto = Pareto::new(&table, 3);
        for _ in 0..4 {
            let (access, egress) = (random_walks(&mut draws, 8), random_walks(&mut draws, 8));
            let start = Time(22 * HOUR_MS + draws.below(150) as i64 * MINUTE_MS);
            let truth = least_costs(&table, 3, start, &access, &egress);
            let found = pareto.search(&table, &WEIGHTS, start, &access, &egress);
            let pairs: Vec<(i64, i64)> = found.iter().map(|f| (f.arrival.0, f.cost)).collect();
            prop_assert_eq!(&pairs, &truth);
            for choice in &found {
                let (there, stop) = walked(&table, start, &access, &choice.steps);
                let cost = table.cost(&WEIGHTS, start, &choice.steps);
                let mut ends = egress.iter().filter(|walk| walk.0 == stop);
                let ends = ends.any(|&(_, ms)| (there.plus(ms), cost + ms * WEIGHTS.walk) == (choice.arrival, choice.cost));
                prop_assert!(ends);
            }
        }
    }

    #[test]
    fn a_journey_found_backwards_is_ridden_forwards(seed in any::<u64>()) {
        let lines = random_lines(seed, Size { stops: 10, routes: 8, runs: 8 });
        let table = of_random_day(seed, &lines);
        let back = table.mirrored();
        let mut draws = draws(seed, 6);
        let mut reverse = Raptor::new(&back, 5);
        let (access, egress) = (random_walks(&mut draws, 10), random_walks(&mut draws, 10));
        let deadline = Time(24 * HOUR_MS + draws.below(60) as i64 * MINUTE_MS);
        reverse.search(&back, Time(-deadline.0), &egress, Some(&access));
        for rides in 1..=reverse.rounds() {
            let Some((there, first, walk_ms)) = reverse.last_stop(rides, &access) else { continue };
            if reverse.last_stop(rides - 1, &access).is_some_and(|fewer| fewer.0 <= there) {
                continue;
            }
            let mut steps = Vec::new();
            reverse.steps(&back, rides, first, &mut steps);
            let last_walk_ms = turn_round(&table, &mut steps, walk_ms);
            let (alighted, stop) = walked(&table, Time(-there.0), &access, &steps);
            prop_assert!(egress.contains(&(stop, last_walk_ms)));
            prop_assert!(alighted.plus(last_walk_ms) <= deadline);
        }
    }
}
