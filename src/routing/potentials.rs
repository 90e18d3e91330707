//! Lower bounds of the way that is left to a destination: they make the road search go straight for it.
//!
//! Per destination two reverse trees, one of free-flow time and one of distance. A route can be no faster than the one
//! and no shorter than the other, so time + weighted distance of the two is a bound for every value of time, and a
//! consistent one. Tolls are left out: nearly every tolled road has a free one beside it, and a bound may be low.
//! Trees are kept for the destinations that are used most, within a budget of memory; for the others the straight line
//! serves, at the greatest speed and the least circuity found in the network.

use super::streets::Streets;
use super::trade::{TRADE_SHIFT, Trade};
use crate::ids::NodeIx;
use crate::network::roads::Roads;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Memory that the trees may take, bytes.
pub const TREE_BYTES: usize = 256 << 20;

/// A value in a tree for a node from which no open road leads to the destination.
const NO_ROAD: u32 = u32::MAX;

/// Bounds of the roads of one class to the destinations of a run.
#[derive(Clone, Debug)]
pub struct Potentials {
    /// Slot of a node's trees, [`NO_ROAD`] when it has none.
    slot: Vec<u32>,
    /// Least milliseconds and least centimetres to a destination, by slot and node.
    trees: Vec<Vec<[u32; 2]>>,
    /// Nodes on the unit sphere: the chord between two is never longer than the way.
    places: Vec<[f64; 3]>,
    /// Least milliseconds and centimetres of road for a unit of chord.
    per_chord: [f64; 2],
}

/// Bounds to one destination.
#[derive(Clone, Copy, Debug)]
pub enum Bound<'a> {
    /// None: the search is a plain Dijkstra.
    Nothing,
    /// Exact free-flow times and distances.
    Tree(&'a [[u32; 2]]),
    /// The straight line.
    Straight(&'a Potentials, [f64; 3]),
}

impl Bound<'_> {
    /// Least milliseconds and centimetres from a node to the destination; `None` when no open road leads there.
    pub fn least(&self, node: NodeIx) -> Option<[i64; 2]> {
        match self {
            Bound::Nothing => Some([0, 0]),
            Bound::Tree(tree) => {
                let [ms, cm] = tree[node.i()];
                (ms != NO_ROAD).then_some([i64::from(ms), i64::from(cm)])
            }
            Bound::Straight(potentials, to) => {
                let chord = chord(potentials.places[node.i()], *to);
                Some(potentials.per_chord.map(|least| (chord * least) as i64))
            }
        }
    }

    /// Least generalised time from a node to the destination, 2⁻¹⁶ milliseconds; `None` when no open road leads there.
    pub fn left(&self, node: NodeIx, trade: Trade) -> Option<i64> {
        if let Bound::Straight(potentials, to) = self {
            // In one go and in fine units: rounding stays below the thousandth that was taken off.
            let [ms, cm] = potentials.per_chord;
            let per_chord = ms * f64::from(1u32 << TRADE_SHIFT) + cm * trade.per_cm as f64;
            return Some((chord(potentials.places[node.i()], *to) * per_chord) as i64);
        }
        self.least(node).map(|[ms, cm]| (ms << TRADE_SHIFT) + cm * trade.per_cm)
    }
}

impl Potentials {
    /// Builds the trees for the destinations, each given with the number of its uses, within `bytes` of memory.
    pub fn new(roads: &Roads, streets: &Streets, uses: &[u32], bytes: usize) -> Potentials {
        let room = bytes / (8 * streets.nodes().max(1));
        let mut wanted: Vec<usize> = (0..uses.len()).filter(|&n| uses[n] > 0).collect();
        wanted.sort_by_key(|&n| (Reverse(uses[n]), n));
        wanted.truncate(room);
        let back = Backward::new(streets);
        let trees: Vec<Vec<[u32; 2]>> = wanted.par_iter().map(|&n| back.tree(NodeIx::from(n))).collect();
        let mut slot = vec![NO_ROAD; streets.nodes()];
        for (s, &n) in wanted.iter().enumerate() {
            slot[n] = s as u32;
        }
        let places: Vec<[f64; 3]> = roads.node_position.iter().map(|&p| on_unit_sphere(p)).collect();
        let per_chord = least_per_chord(streets, &places);
        Potentials { slot, trees, places, per_chord }
    }

    /// The bounds to a destination.
    pub fn to(&self, node: NodeIx) -> Bound<'_> {
        match self.slot[node.i()] {
            NO_ROAD => Bound::Straight(self, self.places[node.i()]),
            slot => Bound::Tree(&self.trees[slot as usize]),
        }
    }

    /// Memory of the trees, bytes.
    pub fn bytes(&self) -> usize {
        self.trees.iter().map(|tree| 8 * tree.len()).sum()
    }
}

/// Least milliseconds and centimetres of any open link for a unit of the chord between its ends. A thousandth is taken
/// off, so that rounding cannot lift a bound above the truth.
fn least_per_chord(streets: &Streets, places: &[[f64; 3]]) -> [f64; 2] {
    let mut least = [f64::INFINITY; 2];
    for n in 0..streets.nodes() {
        for hop in streets.leaving(NodeIx::from(n)) {
            let chord = chord(places[n], places[hop.to.i()]);
            if chord > 0.0 {
                least[0] = least[0].min(f64::from(hop.figures.free_ms) / chord);
                least[1] = least[1].min(f64::from(hop.figures.cm) / chord);
            }
        }
    }
    least.map(|l| if l.is_finite() { l * 0.999 } else { 0.0 })
}

fn on_unit_sphere(position: [f64; 2]) -> [f64; 3] {
    let (lon, lat) = (position[0].to_radians(), position[1].to_radians());
    [libm::cos(lat) * libm::cos(lon), libm::cos(lat) * libm::sin(lon), libm::sin(lat)]
}

fn chord(a: [f64; 3], b: [f64; 3]) -> f64 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    libm::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
}

/// The open links by the node that they reach: the node they leave, milliseconds, centimetres.
struct Backward {
    first: Vec<u32>,
    hops: Vec<(NodeIx, [u32; 2])>,
}

impl Backward {
    fn new(streets: &Streets) -> Backward {
        let nodes = streets.nodes();
        let hops = || (0..nodes).map(NodeIx::from).flat_map(|n| streets.leaving(n).iter().map(move |hop| (n, hop)));
        let mut first = vec![0u32; nodes + 1];
        for (_, hop) in hops() {
            first[hop.to.i() + 1] += 1;
        }
        for n in 0..nodes {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut sorted = vec![(NodeIx(0), [0; 2]); first[nodes] as usize];
        for (from, hop) in hops() {
            let place = &mut next[hop.to.i()];
            sorted[*place as usize] = (from, [hop.figures.free_ms, hop.figures.cm]);
            *place += 1;
        }
        Backward { first, hops: sorted }
    }

    fn tree(&self, to: NodeIx) -> Vec<[u32; 2]> {
        let mut tree = vec![[NO_ROAD; 2]; self.first.len() - 1];
        for figure in 0..2 {
            let mut heap = BinaryHeap::from([Reverse((0u32, to))]);
            tree[to.i()][figure] = 0;
            while let Some(Reverse((value, node))) = heap.pop() {
                if value > tree[node.i()][figure] {
                    continue;
                }
                for (from, figures) in &self.hops[self.first[node.i()] as usize..self.first[node.i() + 1] as usize] {
                    let longer = value.saturating_add(figures[figure]).min(NO_ROAD - 1);
                    if longer < tree[from.i()][figure] {
                        tree[from.i()][figure] = longer;
                        heap.push(Reverse((longer, *from)));
                    }
                }
            }
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::VehicleClass;
    use crate::routing::toy;

    #[test]
    fn trees_are_kept_for_the_destinations_that_are_used_most() {
        // A chain of three nodes, 1,000 m apart at 10 m/s; room for two trees of three nodes at 8 bytes.
        let positions = [[113.0, 23.0], [113.005, 23.0], [113.01, 23.0]];
        let roads = toy::roads(&positions, &[(0, 1, 1_000.0, 10.0, 0.0), (1, 2, 1_000.0, 10.0, 0.0)]);
        let streets = Streets::new(&roads, VehicleClass::Car);
        let potentials = Potentials::new(&roads, &streets, &[5, 1, 7], 2 * 3 * 8);
        assert_eq!(potentials.bytes(), 48);
        let to_end = potentials.to(NodeIx(2));
        assert!(matches!(to_end, Bound::Tree(_)));
        assert_eq!(to_end.least(NodeIx(0)), Some([200_000, 200_000]));
        // One way only: nothing leads back to node 0.
        assert_eq!(potentials.to(NodeIx(0)).least(NodeIx(2)), None);
        // The one that is used least has the straight line: below the truth, and by little, for the road is straight.
        let straight = potentials.to(NodeIx(1));
        assert!(matches!(straight, Bound::Straight(..)));
        let [ms, cm] = straight.least(NodeIx(0)).expect("always a bound");
        assert!((99_000..=100_000).contains(&ms) && (99_000..=100_000).contains(&cm), "{ms} {cm}");
    }
}
