//! The network as the search wants it: links in the order of their start nodes, so that the links that leave a node lie
//! side by side, and their costs with them. Positions in that order are called slots (u32).

use super::cost::{Cost, Law, Objective};
use super::network::StaticNetwork;
use crate::ids::LinkIx;

/// Topology in forward-star order, without links that take no traffic.
pub(super) struct Star {
    /// Slots of node v: `first[v]..first[v + 1]`.
    pub first: Vec<u32>,
    /// End node by slot.
    pub head: Vec<u32>,
    /// Start node by slot.
    pub tail: Vec<u32>,
    /// Link by slot.
    pub link: Vec<LinkIx>,
    /// The first node that may be passed through.
    pub first_thru: usize,
}

impl Star {
    pub fn new(network: &StaticNetwork) -> Star {
        let open = |l: &LinkIx| !network.links[l.i()].cost.is_closed();
        let mut order: Vec<LinkIx> = (0..network.links.len()).map(LinkIx::from).filter(open).collect();
        let mut first = vec![0u32; network.nodes + 1];
        for link in &order {
            first[network.links[link.i()].from.i() + 1] += 1;
        }
        for node in 0..network.nodes {
            first[node + 1] += first[node];
        }
        // Links of a node keep the order of the file.
        order.sort_by_key(|l| network.links[l.i()].from);
        Star {
            first,
            head: order.iter().map(|l| network.links[l.i()].to.0).collect(),
            tail: order.iter().map(|l| network.links[l.i()].from.0).collect(),
            link: order,
            first_thru: network.first_thru_node,
        }
    }

    pub fn nodes(&self) -> usize {
        self.first.len() - 1
    }

    /// Slots of the links that leave a node.
    pub fn leaving(&self, node: usize) -> std::ops::Range<usize> {
        self.first[node] as usize..self.first[node + 1] as usize
    }
}

/// Volumes and costs by slot, always in step.
pub(super) struct Loads {
    pub law: Vec<Law>,
    pub volume: Vec<f64>,
    pub cost: Vec<Cost>,
}

impl Loads {
    pub fn new(network: &StaticNetwork, star: &Star, objective: Objective) -> Loads {
        let law: Vec<Law> = star.link.iter().map(|l| Law::new(&network.links[l.i()].cost, objective)).collect();
        let cost = law.iter().map(|law| law.at(0.0)).collect();
        Loads { volume: vec![0.0; law.len()], cost, law }
    }

    /// Adds to the volume of a link, or takes from it, and costs it anew.
    #[inline]
    pub fn add(&mut self, slot: u32, volume: f64) {
        let slot = slot as usize;
        // Volumes are sums and differences of path flows; rounding may leave −1e-12 where nothing is left.
        let volume = (self.volume[slot] + volume).max(0.0);
        self.volume[slot] = volume;
        self.cost[slot] = self.law[slot].at(volume);
    }

    /// Costs all links anew.
    pub fn recost(&mut self) {
        for ((cost, law), volume) in self.cost.iter_mut().zip(&self.law).zip(&self.volume) {
            *cost = law.at(*volume);
        }
    }

    /// Cost of the links of a path, in their order: the sum that a tree forms too, to the last bit.
    #[inline]
    pub fn path_cost(&self, path: &[u32]) -> f64 {
        path.iter().fold(0.0, |sum, &slot| sum + self.cost[slot as usize].value)
    }
}
