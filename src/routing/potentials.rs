//! Lower bounds of the way that is left to a destination: they make the road search go straight for it.
//!
//! Two kinds of bounds on free-flow times, both consistent. For the destinations that are used most, within a budget of
//! memory, a **tree** of least time and one of least distance to all nodes, ready when the search begins: a route can be no
//! faster than the one and no shorter than the other, so time + weighted distance of the two is a bound for every value of
//! time. For all others **climbing**: bounds out of the hierarchy where the search looks ([`Bounds`]).
//! Trees are also what tells quickly whether a way is worth a search at all.

use super::bounds::{Bounds, Kept, LANES, Parts, hierarchy_of, mixed};
use super::deadlines::Deadlines;
use super::hierarchy::{Hierarchy, NONE};
use super::metric::{FAR, Metric, least, sum};
use super::streets::Streets;
use super::trade::{TRADE_SHIFT, Trade};
use crate::ids::NodeIx;
use crate::network::roads::Roads;
use crate::units::Time;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::sync::Arc;

/// Memory that the trees may take, bytes.
pub const TREE_BYTES: usize = 256 << 20;

/// Slot of a node without trees.
const NO_TREE: u32 = u32::MAX;

/// Bounds of the roads of one class to the destinations of a run.
#[derive(Clone, Debug)]
pub struct Potentials {
    bounds: Arc<Bounds>,
    /// Slot of a node's trees, [`NO_TREE`] when it has none.
    slot: Vec<u32>,
    /// Least milliseconds and least centimetres to a destination, by slot and node.
    trees: Vec<Vec<[u32; 2]>>,
    /// Nodes on the unit sphere: the chord between two is never longer than the way.
    spots: Vec<[f64; 3]>,
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
    /// Out of the hierarchy.
    Climb(&'a Arc<Bounds>),
    /// By latest departures on the times that are searched on.
    Deadlines(&'a Deadlines),
}

/// Bounds for a search under way.
pub(super) enum Left<'a> {
    Nothing,
    Tree(&'a [[u32; 2]], Trade),
    Climb(&'a mut Kept, Parts),
    Deadlines(&'a Deadlines, Trade, usize),
}

impl<'a> Bound<'a> {
    /// Makes ready for a search to a node.
    pub(super) fn aim(&self, trade: Trade, to: NodeIx, kept: &'a mut Kept) -> Left<'a> {
        match self {
            Bound::Nothing => Left::Nothing,
            Bound::Tree(tree) => Left::Tree(tree, trade),
            Bound::Climb(bounds) => {
                kept.aim(bounds, to);
                Left::Climb(kept, bounds.parts(trade))
            }
            Bound::Deadlines(deadlines) => Left::Deadlines(deadlines, trade, 0),
        }
    }
}

impl Left<'_> {
    /// Lower bound of what is left from a node at a moment, 2⁻¹⁶ milliseconds; `None` where no open road leads to the
    /// destination.
    #[inline]
    pub fn left(&mut self, node: NodeIx, now: Time) -> Option<i64> {
        match self {
            Left::Nothing => Some(0),
            Left::Tree(tree, trade) => {
                let [ms, cm] = tree[node.i()];
                (ms < FAR).then(|| (i64::from(ms) << TRADE_SHIFT) + i64::from(cm) * trade.per_cm)
            }
            Left::Climb(kept, parts) => {
                let left = kept.left(node);
                (left[0] < FAR).then(|| mixed(left, parts))
            }
            Left::Deadlines(deadlines, trade, missed) => {
                let [ms, cm] = deadlines.left(node, now, missed)?;
                Some((ms << TRADE_SHIFT) + cm * trade.per_cm)
            }
        }
    }
}

impl Potentials {
    /// Orders and contracts the roads, and works out trees for the destinations that are used most; `uses` counts how
    /// often a node is one. `bytes` is the memory that trees may take; `rates` are those of the lanes of other bounds.
    pub fn new(roads: &Roads, streets: &Streets, rates: [Trade; LANES], uses: &[u32], bytes: usize) -> Potentials {
        let hierarchy = Arc::new(hierarchy_of(streets, &roads.node_position));
        let room = bytes / (8 * streets.nodes()).max(1);
        let mut wanted: Vec<usize> = (0..streets.nodes()).filter(|&n| uses[n] > 0).collect();
        wanted.sort_by_key(|&n| (Reverse(uses[n]), n));
        wanted.truncate(room);
        let hops = (0..streets.nodes()).flat_map(|node| streets.leaving(NodeIx::from(node)));
        let free = Metric::new(&hierarchy, hops.map(|hop| [hop.figures.free_ms.min(FAR), hop.figures.cm.min(FAR)]));
        let trees: Vec<_> = wanted.par_iter().map(|&n| tree(&hierarchy, &free, n as u32)).collect();
        let mut slot = vec![NO_TREE; streets.nodes()];
        wanted.iter().enumerate().for_each(|(s, &n)| slot[n] = s as u32);
        let spots: Vec<[f64; 3]> = roads.node_position.iter().map(|&p| on_unit_sphere(p)).collect();
        let per_chord = least_per_chord(streets, &spots);
        let bounds = Arc::new(Bounds::new(&hierarchy, streets, rates, |hop| hop.figures.free_ms));
        Potentials { bounds, slot, trees, spots, per_chord }
    }

    /// The bounds to a destination.
    pub fn to(&self, node: NodeIx) -> Bound<'_> {
        match self.slot[node.i()] {
            NO_TREE => Bound::Climb(&self.bounds),
            slot => Bound::Tree(&self.trees[slot as usize]),
        }
    }

    /// Free-flow times and least distances from all nodes to one of the destinations that are used most; `None` for others.
    pub fn tree(&self, to: NodeIx) -> Option<&[[u32; 2]]> {
        self.trees.get(self.slot[to.i()] as usize).map(Vec::as_slice)
    }

    /// Milliseconds and centimetres that a way between two nodes takes at least: exact where the destination has a tree,
    /// else by the straight line at the greatest speed and the least circuity of the network. `None` when no open road leads
    /// there, as far as that can be told at once.
    pub fn least(&self, from: NodeIx, to: NodeIx) -> Option<[i64; 2]> {
        match self.slot[to.i()] {
            NO_TREE => {
                let chord = chord(self.spots[from.i()], self.spots[to.i()]);
                Some(self.per_chord.map(|least| (chord * least) as i64))
            }
            slot => {
                let least = self.trees[slot as usize][from.i()];
                (least[0] < FAR).then(|| least.map(i64::from))
            }
        }
    }

    /// Memory of trees, hierarchy and weights, bytes.
    pub fn bytes(&self) -> usize {
        self.bounds.bytes() + self.trees.iter().map(|tree| 8 * tree.len()).sum::<usize>()
    }
}

/// Least weights from all nodes to one, by node: up from it, then down from the root.
fn tree(hierarchy: &Hierarchy, metric: &Metric<2>, to: u32) -> Vec<[u32; 2]> {
    let mut left = vec![[FAR; 2]; hierarchy.nodes()];
    let mut rank = hierarchy.rank[to as usize];
    left[rank as usize] = [0; 2];
    while rank != NONE {
        let here = left[rank as usize];
        for arc in hierarchy.up(rank) {
            let there = &mut left[hierarchy.heads[arc] as usize];
            *there = least(*there, sum(here, metric.arcs[arc][1]));
        }
        rank = hierarchy.parent[rank as usize];
    }
    for rank in (0..hierarchy.nodes()).rev() {
        let up = hierarchy.up(rank as u32);
        let arcs = hierarchy.heads[up.clone()].iter().zip(&metric.arcs[up]);
        left[rank] = arcs.fold(left[rank], |so_far, (&head, arc)| least(so_far, sum(left[head as usize], arc[0])));
    }
    hierarchy.rank.iter().map(|&rank| left[rank as usize]).collect()
}

/// Least milliseconds and centimetres of any open link for a unit of the chord between its ends. A thousandth is taken
/// off, so that rounding cannot lift a bound above the truth.
fn least_per_chord(streets: &Streets, spots: &[[f64; 3]]) -> [f64; 2] {
    let mut least = [f64::INFINITY; 2];
    for n in 0..streets.nodes() {
        for hop in streets.leaving(NodeIx::from(n)) {
            let chord = chord(spots[n], spots[streets.node_of(hop.to).i()]);
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
        let potentials = Potentials::new(&roads, &streets, toy::rates(), &[5, 1, 7], 2 * 3 * 8);
        assert!(matches!(potentials.to(NodeIx(2)), Bound::Tree(_)));
        assert_eq!(potentials.least(NodeIx(0), NodeIx(2)), Some([200_000, 200_000]));
        // One way only: nothing leads back to node 0.
        assert_eq!(potentials.least(NodeIx(2), NodeIx(0)), None);
        // The one that is used least has the straight line: below the truth, and by little, for the road is straight.
        assert!(matches!(potentials.to(NodeIx(1)), Bound::Climb(_)));
        let [ms, cm] = potentials.least(NodeIx(0), NodeIx(1)).expect("always a bound");
        assert!((99_000..=100_000).contains(&ms) && (99_000..=100_000).contains(&cm), "{ms} {cm}");
    }
}
