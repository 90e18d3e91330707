//! Arterial mesh and local streets: a Gabriel graph over the places, and street nodes around each of them that carry
//! the zone's access.

use crate::districts::District;
use crate::geometry::{CENTRE, around, gap, to_plane};
use crate::network::{ALL, Kind, MOTOR, Network};
use crate::places::{self, Place, SEED};
use hubflow::random::{Draws, Purpose, signature};

/// Ratio of the length of a street to the straight distance.
const CIRCUITY: f64 = 1.3;
/// Street nodes within an easy walk of a place (250–400 m) …
const NEAR: usize = 4;
/// … and beyond it; four of seven, 57 %, against 36.5 % (city) and 54.8 % (centre) of residents and jobs that are
/// published to lie within 800 m of a station.
const FAR: usize = 3;
/// Street nodes of different places closer than this are joined, metres.
const JOIN_M: f64 = 850.0;

/// Adds one mesh node per place, in the order of the places, and returns them.
pub fn mesh_nodes(places: &[Place], network: &mut Network) -> Vec<usize> {
    places.iter().map(|p| network.node(&p.id, &p.name, p.at, None)).collect()
}

/// The arterial mesh over all places but the cities seen from outside.
pub fn mesh(districts: &[District], places: &[Place], nodes: &[usize], network: &mut Network) {
    let seats: Vec<[f64; 2]> = districts.iter().map(|d| d.seat).collect();
    let inner: Vec<usize> = (0..places.len()).filter(|&i| places[i].kind != places::Kind::City).collect();
    for (k, &a) in inner.iter().enumerate() {
        for &b in &inner[k + 1..] {
            if neighbours(places, &inner, a, b) {
                let kind = arterial(&seats, &places[a], &places[b]);
                network.two_way(&format!("{}–{}", places[a].name, places[b].name), nodes[a], nodes[b], kind);
            }
        }
    }
}

/// Gabriel graph: no third place lies in the circle whose diameter joins the two.
fn neighbours(places: &[Place], all: &[usize], a: usize, b: usize) -> bool {
    let (p, q) = (places[a].at, places[b].at);
    let (middle, radius) = ([(p[0] + q[0]) / 2.0, (p[1] + q[1]) / 2.0], gap(p, q) / 2.0);
    all.iter().all(|&c| c == a || c == b || gap(places[c].at, middle) >= radius)
}

/// Lanes and speed by distance of the middle from the centre of Guangzhou: four lanes within 10 km, three within 22 km
/// and within 6 km of a district's seat, two elsewhere; one more where the two places have more than 100,000 residents or
/// jobs each in the mean. Free speeds hold the mean delay at signals, which the network does not have.
fn arterial(seats: &[[f64; 2]], a: &Place, b: &Place) -> Kind {
    let (p, q) = (a.at, b.at);
    let middle = [(p[0] + q[0]) / 2.0, (p[1] + q[1]) / 2.0];
    let seat = seats.iter().map(|&s| gap(middle, s)).fold(f64::INFINITY, f64::min);
    let out = gap(middle, to_plane(CENTRE)).min(10_000.0 + 2.0 * seat);
    let (lanes, speed_kmh) = match out {
        d if d < 10_000.0 => (4, 35.0),
        d if d < 22_000.0 => (3, 40.0),
        _ => (2, 50.0),
    };
    let busy = (a.population.max(a.jobs) + b.population.max(b.jobs)) / 2 > 100_000;
    let lanes = lanes + u32::from(busy);
    let facility = if lanes > 2 { "primary" } else { "secondary" };
    Kind { facility, capacity_pcu_h_lane: 900.0, lanes, speed_kmh, uses: ALL, circuity: CIRCUITY }
}

/// Street nodes around every place, with the zone's access.
pub fn local(places: &[Place], nodes: &[usize], network: &mut Network) {
    let mut far = Vec::new();
    for (i, place) in places.iter().enumerate() {
        if place.kind == places::Kind::City {
            city(place, nodes[i], network);
            continue;
        }
        let next =
            (0..places.len()).filter(|&j| j != i).map(|j| gap(places[j].at, place.at)).fold(f64::INFINITY, f64::min);
        far.extend(around_place(place, nodes[i], next, network).into_iter().map(|n| (i, n)));
    }
    join(&far, network);
}

/// Street nodes of one place; returns the far ones.
fn around_place(place: &Place, centre: usize, next_m: f64, network: &mut Network) -> Vec<usize> {
    let mut draws = Draws::new(SEED, Purpose::Generate, signature(&place.id), 3);
    let turn = draws.uniform();
    let mut near = Vec::new();
    let kind = street(place, NEAR + FAR);
    for k in 0..NEAR {
        let r = 250.0 + 150.0 * draws.uniform();
        let at = around(place.at, r, turn + (k as f64 + 0.3 * draws.uniform()) / NEAR as f64);
        let node = network.node(&format!("{}n{}", place.id, k + 1), &place.name, at, Some(&place.id));
        // The streets next to the centre also carry those who live beyond them.
        let lanes = (kind.lanes * (NEAR + FAR) as u32).div_ceil(NEAR as u32).min(4);
        network.two_way(&place.name, centre, node, Kind { lanes, ..kind });
        near.push(node);
    }
    let reach = (0.5 * next_m).clamp(650.0, 1_500.0);
    let mut far = Vec::new();
    for k in 0..FAR {
        let r = reach * (0.85 + 0.3 * draws.uniform());
        let at = around(place.at, r, turn + 0.1 + (k as f64 + 0.4 * draws.uniform()) / FAR as f64);
        let node = network.node(&format!("{}f{}", place.id, k + 1), &place.name, at, Some(&place.id));
        let gate = |&n: &usize| gap(network.nodes[n].at, at);
        let via = *near.iter().min_by(|a, b| gate(a).total_cmp(&gate(b))).expect("there are near nodes");
        network.two_way(&place.name, via, node, Kind { lanes: kind.lanes.max(2), ..kind });
        far.push(node);
    }
    far
}

/// A local street: lanes for an outflow in the busiest hour of 1.9 % of residents or jobs (0.55 trips a day, 40 % by
/// car, 1.3 persons a car, 11 % in the hour), shared by the street nodes, at 60 % of capacity.
fn street(place: &Place, ways: usize) -> Kind {
    let peak = 0.019 * place.population.max(place.jobs) as f64;
    let lanes = ((peak / (600.0 * 0.6 * ways as f64)).ceil() as u32).clamp(1, 3);
    let speed_kmh = if gap(place.at, to_plane(CENTRE)) < 15_000.0 { 25.0 } else { 35.0 };
    Kind { facility: "residential", capacity_pcu_h_lane: 600.0, lanes, speed_kmh, uses: ALL, circuity: CIRCUITY }
}

/// A city seen from outside: four street nodes and one at every station inside it, on roads wide enough not to matter.
fn city(place: &Place, centre: usize, network: &mut Network) {
    let kind = Kind {
        facility: "primary",
        capacity_pcu_h_lane: 1_200.0,
        lanes: 6,
        speed_kmh: 50.0,
        uses: ALL,
        circuity: CIRCUITY,
    };
    for k in 0..4 {
        let at = around(place.at, 1_500.0, 0.125 + k as f64 / 4.0);
        let node = network.node(&format!("{}n{}", place.id, k + 1), &place.name, at, Some(&place.id));
        network.two_way(&place.name, centre, node, kind);
    }
    for (k, (name, at)) in place.gates.iter().enumerate() {
        let node = network.node(&format!("{}s{}", place.id, k + 1), name, *at, Some(&place.id));
        network.two_way(&format!("{}–{name}", place.name), centre, node, kind);
    }
}

/// Joins street nodes of neighbouring places that lie close together, each to the nearest.
fn join(far: &[(usize, usize)], network: &mut Network) {
    let kind = Kind {
        facility: "tertiary",
        capacity_pcu_h_lane: 600.0,
        lanes: 2,
        speed_kmh: 30.0,
        uses: ALL,
        circuity: CIRCUITY,
    };
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for &(place, node) in far {
        let away = |n: usize| gap(network.nodes[n].at, network.nodes[node].at);
        let others = far.iter().filter(|o| o.0 != place && away(o.1) < JOIN_M);
        let Some(&(_, other)) = others.min_by(|a, b| away(a.1).total_cmp(&away(b.1))) else { continue };
        let pair = (node.min(other), node.max(other));
        if !joined.contains(&pair) {
            joined.push(pair);
            network.two_way("支路", pair.0, pair.1, kind);
        }
    }
}

/// Ties the cities seen from outside to the nearest node of a named road, and to all others within 12 km.
pub fn tie_cities(places: &[Place], nodes: &[usize], road_nodes: &[usize], network: &mut Network) {
    let kind =
        Kind { facility: "trunk", capacity_pcu_h_lane: 1_800.0, lanes: 4, speed_kmh: 70.0, uses: MOTOR, circuity: 1.2 };
    for (i, place) in places.iter().enumerate().filter(|(_, p)| p.kind == places::Kind::City) {
        let mut near: Vec<(f64, usize)> = road_nodes.iter().map(|&n| (gap(network.nodes[n].at, place.at), n)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let reach = near.iter().enumerate().filter(|(k, n)| *k == 0 || n.0 < 12_000.0).take(2);
        let targets: Vec<usize> = reach.map(|(_, n)| n.1).collect();
        for n in targets {
            network.two_way(&format!("{}出入口", place.name), nodes[i], n, kind);
        }
    }
}
