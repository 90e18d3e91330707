//! Roads of the hubs' own: kerbs, forecourts and truck gates, and what ties them to the mesh and the expressways.

use crate::facts::Facts;
use crate::geometry::{gap, to_plane};
use crate::network::{ALL, Kind, MOTOR, Network};

/// A kerb or forecourt: label, name, position relative to the hub (east, north, metres), lanes.
type Side = (&'static str, &'static str, [f64; 2], u32);

/// How a passenger hub meets the road.
struct Front {
    id: &'static str,
    hub: &'static str,
    name: &'static str,
    /// Where its roads meet, relative to the hub.
    land: [f64; 2],
    kerbs: &'static [Side],
    forecourts: &'static [Side],
    /// Whether each kerb ends at a drop-off node of its own, and each forecourt begins at one: terminals.
    apart: bool,
    /// Named roads to whose nearest node it is tied.
    roads: &'static [&'static str],
}

/// Lanes are for the access shares of the facts at 1.5 persons a car and the peak hour of the schedule, at about 80 %
/// of capacity; kerb 500, forecourt 550 PCU per hour and lane (general knowledge).
const FRONTS: [Front; 3] = [
    Front {
        id: "can",
        hub: "CAN",
        name: "白云机场",
        land: [-60.0, -900.0],
        // Beside the terminals (facts, T3 by inference); terminal 3 has no services before its opening.
        kerbs: &[
            ("t1", "T1出发层", [-150.0, -510.0], 3),
            ("t2", "T2出发层", [90.0, 620.0], 4),
            ("t3", "T3出发层", [1_740.0, -2_260.0], 4),
        ],
        forecourts: &[
            ("t1", "T1到达层", [-200.0, -470.0], 3),
            ("t2", "T2到达层", [180.0, 620.0], 4),
            ("t3", "T3到达层", [1_800.0, -2_260.0], 4),
        ],
        apart: true,
        roads: &["S41S", "APX2N"],
    },
    Front {
        id: "gzs",
        hub: "GZS",
        name: "广州站",
        land: [60.0, -260.0],
        kerbs: &[("s", "进站口", [-40.0, -120.0], 4)],
        forecourts: &[("s", "出站口", [140.0, -130.0], 4)],
        apart: false,
        roads: &["GYX"],
    },
    Front {
        id: "gby",
        hub: "GBY",
        name: "白云站",
        land: [260.0, -300.0],
        kerbs: &[("e", "东进站口", [150.0, -60.0], 3), ("w", "西进站口", [-150.0, -60.0], 2)],
        forecourts: &[("e", "东出站口", [170.0, 120.0], 3), ("w", "西出站口", [-170.0, 120.0], 2)],
        apart: false,
        roads: &["JCR", "S41S"],
    },
];

/// A truck gate: hub, prefix, name, where its road begins relative to the hub, roads.
type Gate = (&'static str, &'static str, &'static str, [f64; 2], &'static [&'static str]);

const GATES: [Gate; 2] = [
    ("CAN", "can_cargo", "白云机场货运区", [-900.0, 1_500.0], &["S41S", "S41N"]),
    ("GIP", "gip", "广州国际港", [400.0, -500.0], &["S110", "G1508N"]),
];

/// Where a hub is, plane.
pub fn position(facts: &Facts, hub: &str) -> [f64; 2] {
    to_plane([facts.hub(hub, "lon", ""), facts.hub(hub, "lat", "")])
}

/// Adds the hubs' roads, tied to mesh nodes and named roads that are in the network already.
pub fn build(facts: &Facts, mesh: &[usize], named: &[usize], network: &mut Network) {
    for front in &FRONTS {
        let land = passenger_front(front, position(facts, front.hub), network);
        tie(land, front.name, front.roads, mesh, named, network);
    }
    for (hub, id, name, offset, roads) in GATES {
        let land = truck_gate(id, name, position(facts, hub), offset, network);
        tie(land, name, roads, mesh, named, network);
    }
}

fn shifted(p: [f64; 2], by: [f64; 2]) -> [f64; 2] {
    [p[0] + by[0], p[1] + by[1]]
}

fn kind(facility: &'static str, capacity_pcu_h_lane: f64, lanes: u32, speed_kmh: f64) -> Kind {
    Kind { facility, capacity_pcu_h_lane, lanes, speed_kmh, uses: MOTOR, circuity: 1.2 }
}

/// Approach, kerbs that end at a drop-off node, pick-up node with forecourts that lead out; one of each for the hub, or for
/// each terminal.
fn passenger_front(front: &Front, hub: [f64; 2], network: &mut Network) -> usize {
    let (id, name) = (front.id, front.name);
    let land = network.node(&format!("{id}_land"), name, shifted(hub, front.land), None);
    if front.apart {
        for (kerb, forecourt) in front.kerbs.iter().zip(front.forecourts) {
            let (of, label) = (format!("_{}", kerb.0), format!("{name}{}", kerb.0.to_uppercase()));
            side(
                front,
                hub,
                (&of, &label),
                land,
                (std::slice::from_ref(kerb), std::slice::from_ref(forecourt)),
                network,
            );
        }
    } else {
        side(front, hub, ("", name), land, (front.kerbs, front.forecourts), network);
    }
    land
}

/// A drop-off and a pick-up node with the kerbs and forecourts that they have.
fn side(
    front: &Front,
    hub: [f64; 2],
    (of, label): (&str, &str),
    land: usize,
    (kerbs, forecourts): (&[Side], &[Side]),
    network: &mut Network,
) {
    let (id, name) = (front.id, front.name);
    // A terminal's own nodes lie 150 m from where its kerb begins; a hub's common ones at its middle.
    let near = if front.apart { shifted(kerbs[0].2, [150.0, 0.0]) } else { [0.0, 0.0] };
    let drop = network.node(&format!("{id}_drop{of}"), &format!("{label}落客区"), shifted(hub, near), None);
    let pick_at = shifted(hub, shifted(near, [40.0, 40.0]));
    let pick = network.node(&format!("{id}_pick{of}"), &format!("{label}上客区"), pick_at, None);
    let lanes: u32 = kerbs.iter().map(|k| k.3).sum();
    for &(part, label, by, lanes) in kerbs {
        let start = network.node(&format!("{id}_kerb_{part}"), &format!("{name}{label}"), shifted(hub, by), None);
        network.one_way(&format!("{name}{label}进场"), land, start, kind("primary", 900.0, lanes.max(2), 40.0));
        let link = kind("kerb", 500.0, lanes, 25.0);
        kerb(&format!("{id}_kerb_{part}"), &format!("{name}{label}"), start, drop, link, network);
    }
    network.one_way(&format!("{label}离场"), drop, land, kind("primary", 900.0, lanes.min(6), 40.0));
    network.one_way(&format!("{label}接客进场"), land, pick, kind("primary", 900.0, 3, 40.0));
    for &(part, label, by, lanes) in forecourts {
        let end = network.node(&format!("{id}_court_{part}"), &format!("{name}{label}"), shifted(hub, by), None);
        let court = kind("forecourt", 550.0, lanes, 25.0);
        kerb(&format!("{id}_court_{part}"), &format!("{name}{label}"), pick, end, court, network);
        network.one_way(&format!("{name}{label}离场"), end, land, kind("primary", 900.0, lanes.max(2), 40.0));
    }
}

/// A kerb or forecourt link of 300 m with an id of its own; kerbs have the length of a terminal front, not the
/// distance of their nodes.
fn kerb(id: &str, name: &str, from: usize, to: usize, kind: Kind, network: &mut Network) {
    network.one_way(name, from, to, kind);
    let link = network.links.last_mut().expect("a link was just added");
    link.id = id.to_owned();
    link.length_m = 300.0;
}

/// Approach, gate link, yard road, exit gate: trucks queue on the approach when the gate is slow.
fn truck_gate(id: &str, name: &str, hub: [f64; 2], offset: [f64; 2], network: &mut Network) -> usize {
    let at = shifted(hub, offset);
    let land = network.node(&format!("{id}_land"), name, at, None);
    let queue = network.node(&format!("{id}_queue"), &format!("{name}候检区"), shifted(at, [0.0, 450.0]), None);
    let inside = network.node(&format!("{id}_in"), &format!("{name}闸口内"), shifted(at, [0.0, 650.0]), None);
    let out = network.node(&format!("{id}_out"), &format!("{name}出闸"), shifted(at, [-150.0, 200.0]), None);
    network.one_way(&format!("{name}进港路"), land, queue, kind("primary", 900.0, 2, 40.0));
    kerb(&format!("{id}_gate_in"), &format!("{name}进闸"), queue, inside, kind("gate", 180.0, 4, 20.0), network);
    network.one_way(&format!("{name}场内道路"), inside, out, kind("residential", 600.0, 2, 20.0));
    kerb(&format!("{id}_gate_out"), &format!("{name}出闸"), out, land, kind("gate", 240.0, 3, 20.0), network);
    land
}

/// Ties a hub to its three nearest mesh nodes and to the nearest node of each of its named roads.
fn tie(land: usize, name: &str, roads: &[&str], mesh: &[usize], named: &[usize], network: &mut Network) {
    let at = network.nodes[land].at;
    let nearest = |of: &mut dyn Iterator<Item = usize>, count: usize| {
        let mut near: Vec<(f64, usize)> = of.map(|n| (gap(network.nodes[n].at, at), n)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.into_iter().take(count).map(|n| n.1).collect::<Vec<_>>()
    };
    let streets = nearest(&mut mesh.iter().copied(), 3);
    let mut expressways = Vec::new();
    for road in roads {
        let on = |n: &usize| network.nodes[*n].id.split('_').any(|part| part == *road);
        expressways.extend(nearest(&mut named.iter().copied().filter(on), 1));
    }
    expressways.sort_unstable();
    expressways.dedup();
    let street = Kind { uses: ALL, circuity: 1.3, ..kind("primary", 900.0, 3, 45.0) };
    for node in streets {
        network.two_way(&format!("{name}联络道"), land, node, street);
    }
    for node in expressways {
        network.two_way(&format!("{name}高速联络线"), land, node, kind("trunk", 1_700.0, 3, 60.0));
    }
}
