//! Building the arrays of a day's road traffic from the network.

use super::wheel::Wheel;
use super::{CLOCK_BITS, Input, LEAST_MS, Link, Place, RoadCounts, RoadTraffic, Vehicle};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::roads::Roads;
use std::collections::VecDeque;

/// How the traffic of a day is set up.
#[derive(Clone, Copy, Debug)]
pub struct RoadSetup {
    /// First moment, milliseconds after midnight.
    pub start_ms: u32,
    /// Window, milliseconds; divides [`LEAST_MS`].
    pub window_ms: u32,
    /// Seconds of waiting after which a blocked cycle is rotated, milliseconds.
    pub gridlock_ms: u32,
    /// Share of the population that the vehicles stand for: flow and storage scale with it.
    pub sample: f64,
}

impl RoadTraffic {
    /// Empty roads for agents `0..agents`, whose routes lie one after the other in `routes`.
    pub fn new(roads: &Roads, setup: RoadSetup, agents: usize, routes: Vec<LinkIx>) -> RoadTraffic {
        let mut counts = RoadCounts::default();
        let mut first = 0;
        let links: Vec<Link> = (0..roads.links())
            .map(|l| {
                let link = new_link(roads, LinkIx::from(l), setup.sample, first, &mut counts);
                first += link.slots;
                link
            })
            .collect();
        let total = first as usize;
        let mut traffic = RoadTraffic {
            places: vec![Place::default(); total],
            holes: vec![setup.start_ms; total],
            head_input: vec![0; links.len()],
            source_input: vec![0; links.len()],
            first_input: Vec::with_capacity(roads.nodes() + 1),
            inputs: Vec::with_capacity(2 * links.len()),
            turns: Vec::new(),
            waiting: vec![VecDeque::new(); links.len()],
            vehicles: vec![Vehicle::default(); agents],
            routes,
            wheel: Wheel::new(2 * links.len(), u64::from(setup.start_ms), u64::from(setup.window_ms)),
            window_ms: setup.window_ms,
            gridlock_ms: setup.gridlock_ms,
            held: vec![0; links.len().div_ceil(64)],
            active: Vec::new(),
            counts,
            links,
        };
        traffic.number_inputs(roads);
        traffic
    }

    /// Inputs node after node: first the links that reach it, then its departures, each in index order, so that the
    /// inputs that wake at a node lie side by side.
    fn number_inputs(&mut self, roads: &Roads) {
        for n in 0..roads.nodes() {
            self.first_input.push(self.inputs.len() as u32);
            let node = NodeIx::from(n);
            let reaching = roads.reaching.at(node).iter().map(|&l| (l, false));
            let departing = roads.leaving.at(node).iter().map(|&l| (l, true));
            for (link, source) in reaching.chain(departing) {
                let place = if source { &mut self.source_input } else { &mut self.head_input };
                place[link.i()] = self.inputs.len() as u32;
                let first_turn = self.turns.len() as u32;
                self.turns.resize(self.turns.len() + roads.leaving.at(node).len(), 0);
                self.inputs.push(Input { link: link.0, node: node.0, source, first_turn, next_out: 0 });
            }
        }
        self.first_input.push(self.inputs.len() as u32);
    }
}

/// A link with its slots at `first`. A sampled link keeps its wave speed and at least two slots; slots are rounded up
/// there, because rounding down would cut its capacity. A link too short to pass its capacity with whole slots gets as
/// many as that takes.
fn new_link(roads: &Roads, link: LinkIx, sample: f64, first: u32, counts: &mut RoadCounts) -> Link {
    let capacity = roads.capacity_pcu_h[link.i()];
    let headway_ms = if capacity > 0.0 { 3_600_000.0 / capacity } else { 3_600_000.0 };
    let storage = roads.storage_pcu[link.i()];
    let whole = storage.round().max(1.0);
    let mut raise = |time_ms: f64| {
        let raised = time_ms.max(f64::from(LEAST_MS));
        counts.clamped_ms += (raised - time_ms) as u64;
        raised.round() as u32
    };
    let exact_free_ms = roads.free_flow_ms(link, VehicleClass::Car) as f64;
    let free_ms = raise(exact_free_ms);
    let backward_ms = raise(whole * headway_ms - exact_free_ms);
    let slots = if sample < 1.0 { (storage * sample).ceil().max(2.0) } else { whole };
    let least = (f64::from(free_ms) + f64::from(backward_ms)) / (headway_ms / sample);
    let slots = slots.max((least - 1e-6).ceil()) as u32;
    let half_headway = (headway_ms / sample / 2.0 * f64::from(1u32 << CLOCK_BITS)).round() as u64;
    let class_free_ms = VehicleClass::ALL.map(|c| free_ms.max(roads.free_flow_ms(link, c) as u32));
    Link {
        first,
        slots,
        head: 0,
        vehicles: 0,
        hole: 0,
        holes: slots,
        debt: 0,
        backward_ms,
        class_free_ms,
        half_headway,
        next_in: 0,
        waiters: 0,
        upstream: roads.from[link.i()].0,
        place: roads.leaving.at(roads.from[link.i()]).iter().position(|l| *l == link).unwrap_or(0) as u32,
        virtual_time: 0,
    }
}
