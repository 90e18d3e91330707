//! Walks along the streets: bounded searches from stops over the links that one may walk, in metres on foot.
//!
//! People walk a one-way street both ways. A stop hangs on its nearest node where a walk can begin, by the straight way
//! times circuity. Each search ends at the reach, so it costs what lies around the stop and not the size of the network.

use super::roads::Roads;
use crate::ids::{LinkIx, NodeIx};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Millimetres in a metre: sums of lengths are whole, so that no order of adding matters.
const MM: f64 = 1_000.0;

/// Where a stop hangs on the streets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foothold {
    /// The node.
    pub node: NodeIx,
    /// The way between the stop and the node, metres on foot.
    pub away_m: f64,
}

/// The nodes that each stop's walk reaches, metres on foot, sorted by node; of a stop without a foothold none.
pub(super) fn reached(roads: &Roads, stops: &[Option<Foothold>], reach_m: f64) -> Vec<Vec<(NodeIx, f64)>> {
    let around = |hold: &Option<Foothold>| hold.map_or_else(Vec::new, |hold| search(roads, hold, reach_m));
    stops.par_iter().map(around).collect()
}

fn search(roads: &Roads, from: Foothold, reach_m: f64) -> Vec<(NodeIx, f64)> {
    let reach = (reach_m * MM) as u64;
    let mut least: FxHashMap<NodeIx, u64> = FxHashMap::default();
    let mut heap = BinaryHeap::new();
    let mut offer = |node: NodeIx, mm: u64, heap: &mut BinaryHeap<Reverse<(u64, NodeIx)>>| {
        if mm <= reach && least.get(&node).is_none_or(|&old| mm < old) {
            least.insert(node, mm);
            heap.push(Reverse((mm, node)));
        }
    };
    offer(from.node, (from.away_m * MM).round() as u64, &mut heap);
    let mut reached: Vec<(NodeIx, u64)> = Vec::new();
    while let Some(Reverse((mm, node))) = heap.pop() {
        reached.push((node, mm));
        let mut walk = |links: &[LinkIx], ends: &[NodeIx]| {
            for link in links.iter().filter(|link| roads.uses[link.i()].walk) {
                offer(ends[link.i()], mm + (roads.length_m[link.i()] * MM).round() as u64, &mut heap);
            }
        };
        walk(roads.leaving.at(node), &roads.to);
        walk(roads.reaching.at(node), &roads.from);
    }
    // A node may leave the heap more than once, the first time with its least.
    reached.sort_unstable();
    reached.dedup_by_key(|(node, _)| *node);
    reached.into_iter().map(|(node, mm)| (node, mm as f64 / MM)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::roads;

    #[test]
    fn people_walk_against_one_way_streets_and_not_along_motorways() {
        // 0 → 1 → 2 one way, 300 m each, and a motorway 0 → 3 of 100 m. From node 2, 20 m from the stop: node 1 after
        // 320 m, node 0 after 620 m; node 3 is not walked to, and nothing beyond 700 m.
        let mut net = roads(4, &[(0, 1, 300.0, 10.0), (1, 2, 300.0, 10.0), (0, 3, 50.0, 30.0)]);
        net.uses[2].walk = false;
        let hold = Foothold { node: NodeIx(2), away_m: 20.0 };
        let far = reached(&net, &[Some(hold), None], 700.0);
        assert_eq!(far, [vec![(NodeIx(0), 620.0), (NodeIx(1), 320.0), (NodeIx(2), 20.0)], vec![]]);
        let near = reached(&net, &[Some(hold)], 400.0);
        assert_eq!(near[0], [(NodeIx(1), 320.0), (NodeIx(2), 20.0)]);
    }
}
