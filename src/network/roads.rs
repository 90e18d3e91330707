//! Nodes and links of roads and paths as arrays by index, with forward and backward stars.

use crate::ids::{DistrictIx, HubIx, LinkIx, NodeIx, ZoneIx};
use crate::mode::{Uses, VehicleClass};
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Nodes and links; arrays by [`NodeIx`] or [`LinkIx`] as named.
#[derive(Clone, Debug, Default)]
pub struct Roads {
    /// Position of a node, lon/lat degrees.
    pub node_position: Vec<[f64; 2]>,
    /// Zone that a node gives access to.
    pub node_zone: Vec<Option<ZoneIx>>,
    /// District that a node lies in (its zone's, else by position).
    pub node_district: Vec<Option<DistrictIx>>,
    /// Node that a link leaves.
    pub from: Vec<NodeIx>,
    /// Node that a link reaches.
    pub to: Vec<NodeIx>,
    /// Length, metres.
    pub length_m: Vec<f64>,
    /// Free speed, metres per second.
    pub free_speed_mps: Vec<f64>,
    /// Flow capacity of all lanes, PCU per hour; 0 for a closed link.
    pub capacity_pcu_h: Vec<f64>,
    /// Storage of all lanes at jam density, PCU.
    pub storage_pcu: Vec<f64>,
    /// Lanes.
    pub lanes: Vec<f64>,
    /// Toll, yuan.
    pub toll_cny: Vec<f64>,
    /// Allowed uses.
    pub uses: Vec<Uses>,
    /// Facility type in GMNS words.
    pub facility: Vec<String>,
    /// Street or road name.
    pub name: Vec<String>,
    /// District of a link (of its downstream node).
    pub district: Vec<Option<DistrictIx>>,
    /// Hub whose kerb, forecourt or gate the link is (links that touch a hub's access node and have facility type kerb,
    /// forecourt or gate).
    pub hub: Vec<Option<HubIx>>,
    /// Points between the ends, lon/lat; empty when straight.
    pub shape: Vec<Vec<[f64; 2]>>,
    /// Links that leave a node.
    pub leaving: Star,
    /// Links that reach a node.
    pub reaching: Star,
}

/// The links at each node: a compressed sparse row, links of a node in order of their index.
#[derive(Clone, Debug, Default)]
pub struct Star {
    first: Vec<u32>,
    links: Vec<LinkIx>,
}

impl Star {
    /// Groups links by the node that `node_of` gives, for `nodes` nodes.
    pub fn new(nodes: usize, node_of: &[NodeIx]) -> Star {
        let mut first = vec![0u32; nodes + 1];
        for node in node_of {
            first[node.i() + 1] += 1;
        }
        for n in 0..nodes {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut links = vec![LinkIx(0); node_of.len()];
        for (l, node) in node_of.iter().enumerate() {
            links[next[node.i()] as usize] = LinkIx::from(l);
            next[node.i()] += 1;
        }
        Star { first, links }
    }

    /// The links at a node.
    pub fn at(&self, node: NodeIx) -> &[LinkIx] {
        &self.links[self.first[node.i()] as usize..self.first[node.i() + 1] as usize]
    }
}

impl Roads {
    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.node_position.len()
    }

    /// Number of links.
    pub fn links(&self) -> usize {
        self.from.len()
    }

    /// Whether vehicles of the class may use the link (it is open and allows them).
    pub fn open_to(&self, link: LinkIx, class: VehicleClass) -> bool {
        self.capacity_pcu_h[link.i()] > 0.0 && self.uses[link.i()].allows(class)
    }

    /// Free-flow travel time of a vehicle of the class, milliseconds, at least one.
    pub fn free_flow_ms(&self, link: LinkIx, class: VehicleClass) -> i64 {
        let speed = self.free_speed_mps[link.i()].min(class.max_speed_mps());
        ((self.length_m[link.i()] / speed * 1000.0).round() as i64).max(1)
    }
}

impl Roads {
    /// Free-flow times of a vehicle of the class from a node to every node (`reverse`: from every node to it),
    /// milliseconds by node; [`Time::NEVER`] where no path leads. [Dijkstra 1959]
    pub fn free_flow_tree(&self, from: NodeIx, class: VehicleClass, reverse: bool) -> Vec<i64> {
        let (star, far_end) = if reverse { (&self.reaching, &self.from) } else { (&self.leaving, &self.to) };
        let mut best = vec![Time::NEVER.0; self.nodes()];
        let mut open = BinaryHeap::from([Reverse((0, from))]);
        best[from.i()] = 0;
        while let Some(Reverse((time, node))) = open.pop() {
            if time > best[node.i()] {
                continue;
            }
            for &link in star.at(node).iter().filter(|&&l| self.open_to(l, class)) {
                let (next, later) = (far_end[link.i()], time + self.free_flow_ms(link, class));
                if later < best[next.i()] {
                    best[next.i()] = later;
                    open.push(Reverse((later, next)));
                }
            }
        }
        best
    }
}
