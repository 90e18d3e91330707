//! Named roads: expressways and ring roads as polylines with junctions where they cross and interchanges every four
//! kilometres or so, tied to the arterial mesh by ramps.

use crate::facts::Facts;
use crate::geometry::{Polyline, gap, length_m, to_lonlat, to_plane};
use crate::network::{ALL, Kind, Link, MOTOR, Network};

/// An open road that ends this close to another expressway joins it, metres.
const SNAP_M: f64 = 1_500.0;
/// Junctions closer than this are one node, metres.
const MERGE_M: f64 = 450.0;
/// Spacing of interchanges that the rule aims at, metres; arterials have one every half of it.
const SPACING_M: f64 = 4_000.0;
/// Farthest place to which an interchange has a ramp, metres.
const RAMP_M: f64 = 5_000.0;
/// Capacity from which a road counts as an expressway, PCU per hour and lane.
const EXPRESSWAY_PCU_H: f64 = 1_500.0;

/// A named road.
struct Road<'a> {
    fact: &'a crate::facts::Road,
    closed: bool,
    line: Polyline,
    /// Distance from the start and node of every junction and interchange.
    stops: Vec<(f64, usize)>,
}

impl Road<'_> {
    fn expressway(&self) -> bool {
        self.fact.capacity_pcu_h_lane >= EXPRESSWAY_PCU_H
    }
}

/// Adds the named roads to the network and returns the nodes of the expressways (for ramps).
pub fn build(facts: &Facts, network: &mut Network) -> Vec<usize> {
    let mut roads: Vec<Road> = facts.roads.iter().map(|fact| road(facts, fact)).collect();
    snap_ends(&mut roads);
    junctions(&mut roads, network);
    for road in &mut roads {
        interchanges(road, network);
        add_links(road, network);
    }
    let mut nodes: Vec<usize> = roads.iter().flat_map(|r| r.stops.iter().map(|s| s.1)).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

fn road<'a>(facts: &Facts, fact: &'a crate::facts::Road) -> Road<'a> {
    let closed = fact.closed == "yes";
    let mine = facts.alignments.iter().filter(|a| a.road_id == fact.road_id);
    let mut points: Vec<[f64; 2]> = mine.map(|a| to_plane([a.lon, a.lat])).collect();
    assert!(points.len() > 1, "facts/alignments.csv: road {} has fewer than two points", fact.road_id);
    if closed {
        points.push(points[0]);
    }
    Road { fact, closed, line: Polyline::new(points), stops: Vec::new() }
}

/// Moves the ends of open expressways that all but touch another one onto it.
fn snap_ends(roads: &mut [Road]) {
    for i in 0..roads.len() {
        if roads[i].closed || !roads[i].expressway() {
            continue;
        }
        for end in [0, roads[i].line.points.len() - 1] {
            let p = roads[i].line.points[end];
            let others = (0..roads.len()).filter(|&j| j != i && roads[j].expressway());
            let near = others.map(|j| (j, roads[j].line.nearest(p))).min_by(|a, b| a.1.1.total_cmp(&b.1.1));
            if let Some((j, (at, away))) = near
                && away < SNAP_M
            {
                let mut points = roads[i].line.points.clone();
                points[end] = roads[j].line.point(at);
                roads[i].line = Polyline::new(points);
            }
        }
    }
}

/// One node wherever two expressways cross or meet; crossings close together are one junction.
fn junctions(roads: &mut [Road], network: &mut Network) {
    let first = network.nodes.len();
    for i in 0..roads.len() {
        for j in i + 1..roads.len() {
            if !(roads[i].expressway() && roads[j].expressway()) {
                continue;
            }
            let mut met = roads[i].line.crossings(&roads[j].line);
            met.extend(touching(&roads[i], &roads[j]));
            met.extend(touching(&roads[j], &roads[i]).map(|(on_j, on_i)| (on_i, on_j)));
            for (on_i, on_j) in met {
                let p = roads[i].line.point(on_i);
                let known = (first..network.nodes.len()).find(|&n| gap(network.nodes[n].at, p) < MERGE_M);
                let node = known.unwrap_or_else(|| {
                    let id = format!("{}_{}", roads[i].fact.road_id, roads[j].fact.road_id);
                    let taken = network.nodes.iter().filter(|n| n.id.starts_with(&id)).count();
                    let id = if taken == 0 { id } else { format!("{id}_{}", taken + 1) };
                    let name = format!("{}×{}", roads[i].fact.name_zh, roads[j].fact.name_zh);
                    network.node(&id, &name, p, None)
                });
                add_stop(&mut roads[i], on_i, node);
                add_stop(&mut roads[j], on_j, node);
            }
        }
    }
}

/// Ends of an open road that lie on another: distances along the other and along itself.
fn touching<'a>(other: &'a Road, road: &'a Road) -> impl Iterator<Item = (f64, f64)> + 'a {
    let ends = if road.closed { vec![] } else { vec![0.0, road.line.length()] };
    ends.into_iter().filter_map(move |at| {
        let (on_other, away) = other.line.nearest(road.line.point(at));
        (away < 60.0).then_some((on_other, at))
    })
}

/// A node once per road, unless the road passes it again far away (a ring at its seam).
fn add_stop(road: &mut Road, at: f64, node: usize) {
    let near =
        |a: f64| (a - at).abs() < 3.0 * MERGE_M || road.closed && (a - at).abs() > road.line.length() - 3.0 * MERGE_M;
    if !road.stops.iter().any(|s| s.1 == node && near(s.0)) {
        road.stops.push((at, node));
    }
}

/// Nodes at the ends of an open road, and evenly in gaps wider than five quarters of the spacing.
fn interchanges(road: &mut Road, network: &mut Network) {
    let length = road.line.length();
    let spacing = if road.expressway() { SPACING_M } else { SPACING_M / 2.0 };
    road.stops.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut marks: Vec<f64> = road.stops.iter().map(|s| s.0).collect();
    let mut new = Vec::new();
    if !road.closed {
        if marks.first().is_none_or(|&m| m > MERGE_M) {
            new.push(0.0);
        }
        if marks.last().is_none_or(|&m| m < length - MERGE_M) {
            new.push(length);
        }
    } else if marks.is_empty() {
        new.push(0.0);
    }
    marks.extend(&new);
    marks.sort_by(f64::total_cmp);
    if road.closed {
        marks.push(marks[0] + length);
    }
    for w in marks.windows(2) {
        let parts = if w[1] - w[0] > 1.25 * spacing { ((w[1] - w[0]) / spacing).round().max(2.0) as usize } else { 1 };
        new.extend((1..parts).map(|k| (w[0] + (w[1] - w[0]) * k as f64 / parts as f64) % length));
    }
    for at in new {
        let km = at / 1_000.0;
        let id = format!("{}_k{:04.1}", road.fact.road_id, km).replace('.', "");
        let node = network.node(&id, &format!("{} K{km:.1}", road.fact.name_zh), road.line.point(at), None);
        road.stops.push((at, node));
    }
    road.stops.sort_by(|a, b| a.0.total_cmp(&b.0));
}

/// Links both ways between neighbouring nodes, stretched so that they sum to the published length.
fn add_links(road: &Road, network: &mut Network) {
    let fact = road.fact;
    let kind = Kind {
        facility: if !road.expressway() {
            "primary"
        } else if fact.speed_kmh >= 80.0 {
            "motorway"
        } else {
            "trunk"
        },
        capacity_pcu_h_lane: fact.capacity_pcu_h_lane,
        lanes: fact.lanes,
        speed_kmh: fact.speed_kmh,
        uses: if road.expressway() { MOTOR } else { ALL },
        circuity: 1.0,
    };
    let mut pieces = Vec::new();
    let length = road.line.length();
    for (k, &(at, from)) in road.stops.iter().enumerate() {
        let (next, to) = match road.stops.get(k + 1) {
            Some(&stop) => stop,
            None if road.closed => (road.stops[0].0 + length, road.stops[0].1),
            None => break,
        };
        let mut shape = road.line.between(at, next);
        shape.extend(road.line.between(at - length, next - length).iter().filter(|_| next > length));
        let ends = [network.nodes[from].at, network.nodes[to].at];
        let all: Vec<[f64; 2]> =
            std::iter::once(&ends[0]).chain(&shape).chain(std::iter::once(&ends[1])).map(|&p| to_lonlat(p)).collect();
        pieces.push((from, to, length_m(&all), shape));
    }
    let drawn: f64 = pieces.iter().map(|p| p.2).sum();
    let stretch = fact.length_km.map_or(1.0, |km| km * 1_000.0 / drawn);
    for (k, (from, to, metres, shape)) in pieces.into_iter().enumerate() {
        let (id, name) = (format!("{}_{:02}", fact.road_id, k + 1), fact.name_zh.clone());
        let back: Vec<[f64; 2]> = shape.iter().rev().copied().collect();
        let length_m = metres * stretch;
        network.links.push(Link { id: id.clone(), name: name.clone(), from, to, length_m, kind, shape });
        network.links.push(Link { id: format!("{id}_r"), name, from: to, to: from, length_m, kind, shape: back });
    }
}

/// Ramps between the nodes of named roads and the mesh: to the nearest mesh node, and to the second nearest when both
/// are near. Past 1.5 km the ramp is an access road.
pub fn ramps(road_nodes: &[usize], mesh: &[usize], network: &mut Network) {
    for &node in road_nodes {
        let at = network.nodes[node].at;
        let mut near: Vec<(f64, usize)> = mesh.iter().map(|&m| (gap(network.nodes[m].at, at), m)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let reach = near.iter().enumerate().filter(|(k, n)| n.0 < if *k == 0 { RAMP_M } else { 1_800.0 }).take(2);
        let targets: Vec<(f64, usize)> = reach.map(|(_, &n)| n).collect();
        for (away, m) in targets {
            let (facility, speed_kmh) = if away < 1_500.0 { ("ramp", 40.0) } else { ("primary", 60.0) };
            let kind =
                Kind { facility, capacity_pcu_h_lane: 1_400.0, lanes: 2, speed_kmh, uses: MOTOR, circuity: 1.25 };
            let name = format!("{}匝道", network.nodes[node].name);
            network.two_way(&name, node, m, kind);
        }
    }
}
