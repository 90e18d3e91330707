//! Walks between streets and stops and from stop to stop, at walking speed, milliseconds: over straight distance ×
//! circuity, or where the network holds streets and paths along those.

use super::doors::{Doors, KnownLines};
use super::lines::Lines;
use super::points::Points;
use super::roads::Roads;
use super::street_walks::{Foothold, reached};
use crate::ids::{LineIx, NodeIx, StopIx};
use crate::scenario::Scenario;
use crate::scenario::settings::{NetworkSettings, ServiceSettings, Settings, Walks};
use crate::scenario::tables::TransferRow;
use crate::units::{distance_m, ms};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Stops that a node keeps at most, beyond the nearest of each line and those that are near …
pub(super) const NEAREST_STOPS: usize = 8;
/// … which are the ones within this walk, metres on foot: a person knows them all.
pub(super) const NEAR_M: f64 = 500.0;

/// How people walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walking {
    speed_mps: f64,
    circuity: f64,
}

impl Walking {
    fn new(settings: &NetworkSettings) -> Walking {
        Walking { speed_mps: settings.walk_speed_mps, circuity: settings.walk_circuity }
    }

    /// Duration of a walk over a straight distance, milliseconds.
    pub fn ms(self, straight_m: f64) -> i64 {
        ms(straight_m * self.circuity / self.speed_mps)
    }

    /// The straight distance that a walk of so many metres covers.
    pub fn straight_m(self, walked_m: f64) -> f64 {
        walked_m / self.circuity
    }

    /// Duration of so many metres on foot, milliseconds.
    fn walked_ms(self, walked_m: f64) -> i64 {
        ms(walked_m / self.speed_mps)
    }
}

impl Lines {
    /// The stops that are walked to from a place without streets, nearest first, with the walks, milliseconds.
    pub fn stops_from(&self, position: [f64; 2], settings: &Settings) -> Vec<(StopIx, i64)> {
        let Some(services) = &settings.services else { return Vec::new() };
        Doors::new(self, &[]).near(position, Walking::new(&settings.network), services.access_m)
    }

    /// Joins the stops to the streets and to each other. Only stops that a line serves are walked to.
    pub(super) fn walk(&mut self, scenario: &Scenario, roads: &Roads) {
        self.node_stops = vec![Vec::new(); roads.nodes()];
        self.transfers = vec![Vec::new(); self.stops.len()];
        let Some(services) = &scenario.settings.services else { return };
        let walking = Walking::new(&scenario.settings.network);
        let served = self.stop_lines.iter().enumerate().filter(|(_, lines)| !lines.is_empty()).map(|(s, _)| s);
        let served = Points::new(served.map(|s| (s, self.stops[s].position)));
        self.set_nodes(roads, walking.straight_m(services.access_m));
        match scenario.settings.network.walks {
            Walks::Straight => {
                let doors = Doors::new(self, &scenario.timetable.entrances);
                for (n, stops) in self.node_stops.iter_mut().enumerate() {
                    *stops = doors.near(roads.node_position[n], walking, services.access_m);
                }
                let near = |s: usize| {
                    let straight = served.within(self.stops[s].position, walking.straight_m(services.transfer_m));
                    straight.into_iter().map(|(other, m)| (StopIx::from(other), walking.ms(m))).collect()
                };
                let near = (0..self.stops.len()).map(near).collect();
                self.set_transfers(scenario, near, walking);
            }
            Walks::Streets => {
                let near = self.along_streets(roads, services, &served, walking);
                self.set_transfers(scenario, near, walking);
            }
        }
    }

    /// Joins nodes and stops along the streets; gives the stops near each stop. Two stops at one node are joined by the
    /// straight way.
    fn along_streets(
        &mut self,
        roads: &Roads,
        services: &ServiceSettings,
        served: &Points,
        walking: Walking,
    ) -> Vec<Vec<(StopIx, i64)>> {
        let hold = |s: usize| {
            let node = self.stops[s].node.filter(|_| !self.stop_lines[s].is_empty())?;
            let straight_m = distance_m(roads.node_position[node.i()], self.stops[s].position);
            Some(Foothold { node, away_m: straight_m * walking.circuity })
        };
        let holds: Vec<Option<Foothold>> = (0..self.stops.len()).map(hold).collect();
        let reached = reached(roads, &holds, services.access_m.max(services.transfer_m));
        let mut by_node: Vec<Vec<(f64, StopIx)>> = vec![Vec::new(); roads.nodes()];
        for (s, nodes) in reached.iter().enumerate() {
            for &(node, metres) in nodes {
                by_node[node.i()].push((metres, StopIx::from(s)));
            }
        }
        for (stops, known) in by_node.iter_mut().zip(&mut self.node_stops) {
            stops.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut lines = KnownLines::default();
            let kept = stops.iter().enumerate().filter(|&(rank, &(metres, stop))| {
                let of: Vec<LineIx> = self.stop_lines[stop.i()].iter().map(|call| call.0).collect();
                metres <= services.access_m && (lines.has_new(&of) || rank < NEAREST_STOPS || metres <= NEAR_M)
            });
            *known = kept.map(|(_, &(metres, stop))| (stop, walking.walked_ms(metres))).collect();
        }
        let near = |s: usize| {
            let Some(own) = holds[s] else { return Vec::new() };
            let at: FxHashMap<NodeIx, f64> = reached[s].iter().copied().collect();
            let others = served.within(self.stops[s].position, services.transfer_m).into_iter();
            let walk = |(other, straight_m): (usize, f64)| {
                let hold = holds[other]?;
                let metres = match hold.node == own.node {
                    true => straight_m * walking.circuity,
                    false => at.get(&hold.node)? + hold.away_m,
                };
                (metres <= services.transfer_m).then(|| (StopIx::from(other), walking.walked_ms(metres)))
            };
            others.filter_map(walk).collect()
        };
        (0..self.stops.len()).map(near).collect()
    }

    /// The nearest node of every stop within reach, among those where a walk can begin.
    fn set_nodes(&mut self, roads: &Roads, reach_m: f64) {
        let mut walkable = vec![false; roads.nodes()];
        for l in (0..roads.links()).filter(|&l| roads.uses[l].walk) {
            walkable[roads.from[l].i()] = true;
            walkable[roads.to[l].i()] = true;
        }
        let nodes = Points::new(roads.node_position.iter().copied().enumerate().filter(|&(n, _)| walkable[n]));
        for stop in &mut self.stops {
            let nearest = nodes.nearest(stop.position, |_| true);
            stop.node = nearest.filter(|&(_, d)| d <= reach_m).map(|(n, _)| NodeIx::from(n));
        }
    }

    /// Changes between stops: walks to those near and within a station, and what `transfers.txt` says in their place.
    /// None is shorter than a change at one stop.
    fn set_transfers(&mut self, scenario: &Scenario, near: Vec<Vec<(StopIx, i64)>>, walking: Walking) {
        let stations = stations(scenario);
        let given = given(&scenario.timetable.transfers, scenario, self.stops.len());
        let pathways = &scenario.timetable.station_walks;
        for (s, stop) in self.stops.iter().enumerate().filter(|&(s, _)| !self.stop_lines[s].is_empty()) {
            let mut changes: BTreeMap<StopIx, i64> = near[s].iter().copied().collect();
            if let Some(station) = scenario.timetable.stops[s].parent.as_deref().and_then(|p| stations.get(p)) {
                for &other in station.iter().filter(|o| !self.stop_lines[o.i()].is_empty()) {
                    let straight_m = distance_m(stop.position, self.stops[other.i()].position);
                    changes.insert(other, walking.ms(straight_m));
                }
            }
            let pathways =
                pathways.partition_point(|w| w.from < s as u32)..pathways.partition_point(|w| w.from <= s as u32);
            for walk in &scenario.timetable.station_walks[pathways] {
                match walk.seconds {
                    Some(seconds) => _ = changes.insert(StopIx(walk.to), ms(seconds)),
                    None => _ = changes.remove(&StopIx(walk.to)),
                }
            }
            for &(to, given) in &given[s] {
                match given {
                    Given::Least(ms) => _ = changes.insert(to, ms),
                    Given::Walk => {
                        let walk = || walking.ms(distance_m(stop.position, self.stops[to.i()].position));
                        changes.entry(to).or_insert_with(walk);
                    }
                    Given::Forbidden => _ = changes.remove(&to),
                }
            }
            changes.remove(&StopIx::from(s));
            self.transfers[s] = changes.into_iter().map(|(to, ms)| (to, ms.max(self.change_ms))).collect();
        }
    }
}

/// The stops of every station.
fn stations(scenario: &Scenario) -> FxHashMap<&str, Vec<StopIx>> {
    let mut stations: FxHashMap<&str, Vec<StopIx>> = FxHashMap::default();
    for (s, row) in scenario.timetable.stops.iter().enumerate() {
        if let Some(parent) = row.parent.as_deref() {
            stations.entry(parent).or_default().push(StopIx::from(s));
        }
    }
    stations
}

/// What `transfers.txt` says about a change.
#[derive(Clone, Copy)]
enum Given {
    /// It takes so many milliseconds.
    Least(i64),
    /// It takes what the walk takes.
    Walk,
    /// One cannot change.
    Forbidden,
}

/// The rows of `transfers.txt` by the stop that one leaves. A row may name a station for all its stops; rows of places
/// that are not in the timetable are about trips that do not run.
fn given(rows: &[TransferRow], scenario: &Scenario, stops: usize) -> Vec<Vec<(StopIx, Given)>> {
    let stations = stations(scenario);
    let mut of_name: FxHashMap<&str, Vec<StopIx>> = stations;
    for (s, row) in scenario.timetable.stops.iter().enumerate() {
        of_name.insert(row.stop_id.as_str(), vec![StopIx::from(s)]);
    }
    let of = |name: &str| of_name.get(name).map_or(&[][..], Vec::as_slice);
    let mut given = vec![Vec::new(); stops];
    for row in rows {
        for from in of(&row.from_stop_id) {
            let what = match row.min_s {
                _ if row.forbidden => Given::Forbidden,
                Some(least) => Given::Least(ms(least)),
                None => Given::Walk,
            };
            given[from.i()].extend(of(&row.to_stop_id).iter().map(|&to| (to, what)));
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::network::fixture::{CENTRE, link, node, north, route, scenario, stop, trip};

    /// Served stops at so many metres north of the centre, named after the metres, all on one line.
    fn stops_at(metres: &[f64]) -> Scenario {
        let mut s = scenario();
        let ids: Vec<String> = metres.iter().map(|m| m.to_string()).collect();
        s.timetable.stops = metres.iter().zip(&ids).map(|(&m, id)| stop(id, north(CENTRE, m))).collect();
        s.timetable.routes = vec![route("r")];
        let calls: Vec<(u32, f64, f64)> =
            (0..ids.len() as u32).map(|i| (i, 60.0 * f64::from(i), 60.0 * f64::from(i))).collect();
        s.timetable.trips = vec![trip("t", "r", &calls)];
        s
    }

    #[test]
    fn a_stop_400_m_away_is_reached_in_400_s() {
        // 400 m straight · 1.3 = 520 m on foot; / 1.3 m/s = 400 s.
        let mut s = stops_at(&[400.0, 5000.0]);
        s.nodes = vec![node("n", CENTRE), node("m", north(CENTRE, 700.0))];
        s.links = vec![link("nm", "n", "m"), link("mn", "m", "n")];
        let lines = Network::build(&s).expect("a street").lines;
        assert_eq!(lines.node_stops[0], [(StopIx(0), 400_000)]);
        // 300 m from the other node, which is therefore its own; the stop at 5 km has none within 1,500 m on foot.
        assert_eq!((lines.stops[0].node, lines.stops[1].node), (Some(NodeIx(1)), None));
    }

    #[test]
    fn the_metro_is_known_behind_any_number_of_stops_of_one_bus() {
        // Ten stops of one line from 400 to 490 m and one stop of another at 600 m, 780 m on foot: the first eight, and it.
        let metres: Vec<f64> = (0..10).map(|i| 400.0 + 10.0 * f64::from(i)).chain([600.0, 5_000.0]).collect();
        let mut s = stops_at(&metres);
        s.timetable.trips[0].calls.truncate(10);
        s.timetable.trips.push(trip("m", "r", &[(10, 0.0, 0.0), (11, 60.0, 60.0)]));
        s.nodes = vec![node("n", CENTRE)];
        let lines = Network::build(&s).expect("a node").lines;
        let stops: Vec<u32> = lines.node_stops[0].iter().map(|(stop, _)| stop.0).collect();
        assert_eq!(stops, [0, 1, 2, 3, 4, 5, 6, 7, 10]);
    }

    #[test]
    fn where_streets_are_known_people_walk_along_them() {
        // Stop 0 stands at node n, stop 400 at node m, joined by a street of 1,000 m, not by the straight 400 m. From n:
        // stop 0 at once, stop 400 after 1,000 / 1.3 = 769.231 s. Between the stops 1,000 m, out of the reach of a change.
        let mut s = stops_at(&[0.0, 400.0]);
        s.nodes = vec![node("n", CENTRE), node("m", north(CENTRE, 400.0))];
        s.links = vec![link("nm", "n", "m")];
        s.links[0].length_m = 1_000.0;
        s.settings.network.walks = Walks::Streets;
        let lines = Network::build(&s).expect("a street").lines;
        assert_eq!(lines.node_stops[0], [(StopIx(0), 0), (StopIx(1), 769_231)]);
        assert_eq!(lines.node_stops[1], [(StopIx(1), 0), (StopIx(0), 769_231)]);
        assert!(lines.transfers[0].is_empty());
        // Within reach: the street of 390 m takes 300 s.
        s.links[0].length_m = 390.0;
        let lines = Network::build(&s).expect("a street").lines;
        assert_eq!(lines.transfers[0], [(StopIx(1), 300_000)]);
    }

    #[test]
    fn a_node_knows_its_eight_nearest_stops_and_all_within_500_m() {
        // 500 m on foot are 384.6 m straight. Ten stops up to 370 m: all ten. Ten stops from 400 m on: eight.
        let near: Vec<f64> = (1..=10).map(|i| 37.0 * f64::from(i)).collect();
        let far: Vec<f64> = (1..=10).map(|i| 390.0 + 10.0 * f64::from(i)).collect();
        for (metres, known) in [(near, 10), (far, 8)] {
            let mut s = stops_at(&metres);
            s.nodes = vec![node("n", CENTRE)];
            let lines = Network::build(&s).expect("a node").lines;
            let stops: Vec<u32> = lines.node_stops[0].iter().map(|(stop, _)| stop.0).collect();
            assert_eq!(stops, (0..known).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn a_stop_that_no_line_serves_is_not_walked_to() {
        let mut s = stops_at(&[100.0, 200.0, 50.0]);
        s.timetable.trips[0].calls.pop();
        s.nodes = vec![node("n", CENTRE)];
        let lines = Network::build(&s).expect("a node").lines;
        assert_eq!(lines.node_stops[0].iter().map(|(stop, _)| stop.0).collect::<Vec<u32>>(), [0, 1]);
        assert!(lines.transfers[2].is_empty());
    }

    #[test]
    fn walks_between_stops_lead_both_ways_and_are_no_shorter_than_a_change() {
        // 0, 50, 300 and 900 m. 500 m on foot = 384.6 m straight. 300 m take 300 s, 250 m take 250 s, 50 m take 50 s and
        // count as the least change of 120 s; 900 m are out of reach of all.
        let lines = Network::build(&stops_at(&[0.0, 50.0, 300.0, 900.0])).expect("stops").lines;
        assert_eq!(lines.transfers[0], [(StopIx(1), 120_000), (StopIx(2), 300_000)]);
        assert_eq!(lines.transfers[1], [(StopIx(0), 120_000), (StopIx(2), 250_000)]);
        assert_eq!(lines.transfers[2], [(StopIx(0), 300_000), (StopIx(1), 250_000)]);
        assert!(lines.transfers[3].is_empty());
    }

    #[test]
    fn a_given_transfer_time_stands_in_place_of_the_walk_but_not_below_a_change() {
        let mut s = stops_at(&[0.0, 300.0, 4000.0]);
        let given = |from: &str, to: &str, min_s| TransferRow {
            from_stop_id: from.into(),
            to_stop_id: to.into(),
            min_s: Some(min_s),
            forbidden: false,
            row: 2,
        };
        s.timetable.transfers = vec![given("0", "300", 480.0), given("300", "4000", 10.0), given("0", "0", 60.0)];
        let lines = Network::build(&s).expect("stops").lines;
        assert_eq!(lines.transfers[0], [(StopIx(1), 480_000)]);
        // Back from 300 m nothing is given: the walk of 300 s. To 4 km: 10 s are raised to the change of 120 s.
        assert_eq!(lines.transfers[1], [(StopIx(0), 300_000), (StopIx(2), 120_000)]);
    }

    #[test]
    fn platforms_of_one_station_are_joined_however_far_apart_they_lie() {
        // 500 m straight would be out of reach: 500 s on foot.
        let mut s = stops_at(&[0.0, 500.0]);
        s.timetable.stops.iter_mut().for_each(|stop| stop.parent = Some("station".into()));
        let lines = Network::build(&s).expect("stops").lines;
        assert_eq!((lines.transfers[0][0], lines.transfers[1][0]), ((StopIx(1), 500_000), (StopIx(0), 500_000)));
        // A transfer of the station holds between its stops.
        s.timetable.transfers = vec![TransferRow {
            from_stop_id: "station".into(),
            to_stop_id: "station".into(),
            min_s: Some(240.0),
            forbidden: false,
            row: 2,
        }];
        let lines = Network::build(&s).expect("stops").lines;
        assert_eq!(lines.transfers[0], [(StopIx(1), 240_000)]);
    }
}
