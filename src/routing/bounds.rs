//! Lower bounds of the way that is left, out of the hierarchy: exact on weights that no way can undercut, worked out only
//! where a search looks, and kept for as long as searches go to the same node.
//!
//! A node's bound is the least over its arcs up of the arc's weight and the bound of its upper end, all of which are its
//! ancestors; the nodes above the destination get theirs by one walk up the tree ("lazy RPHAST": Strasser and Zeitz, "A
//! fast and tight heuristic for A* in road networks", 2021). So a bound costs some tens of sums, once.
//!
//! **Time against money.** Parties trade time for money at rates of their own, so the weights stand in several lanes: time
//! alone, and time with money at a few rates. The least of time + rate · money over all ways is a concave function of the
//! rate, so between two lanes the straight line is a bound for every rate in between, and a consistent one: it is the sum
//! of two consistent ones in parts.

use super::hierarchy::{Hierarchy, NONE};
use super::metric::{FAR, Metric, least, sum};
use super::streets::Streets;
use super::trade::{TRADE_SHIFT, Trade};
use crate::ids::NodeIx;
use std::sync::Arc;

/// Sets of weights: time alone and three rates of time against money. The walk over the arcs costs more than the sums of
/// four lanes.
pub const LANES: usize = 4;

/// Bounds on one set of link weights, for any destination.
#[derive(Clone, Debug)]
pub struct Bounds {
    hierarchy: Arc<Hierarchy>,
    metric: Metric<LANES>,
    rates: [Trade; LANES],
}

/// Bounds of the nodes to one destination as far as they were asked for, one per thread.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    of: Option<(Arc<Bounds>, NodeIx)>,
    left: Vec<[u32; LANES]>,
    /// Destination count in which a rank was worked out.
    done: Vec<u32>,
    count: u32,
    stack: Vec<u32>,
}

/// The rates of the lanes for the trades of a demand: time alone, the least, one near the middle, and the greatest.
pub fn rates(in_use: impl IntoIterator<Item = Trade>) -> [Trade; LANES] {
    let mut trades: Vec<Trade> = in_use.into_iter().collect();
    trades.sort_by_key(|trade| (trade.per_milli_cny, trade.per_cm));
    let (Some(&least), Some(&greatest)) = (trades.first(), trades.last()) else { return [Trade::TIME_ONLY; LANES] };
    let middle = libm::sqrt(least.per_milli_cny as f64 * greatest.per_milli_cny as f64) as i64;
    let middle = trades[trades.partition_point(|trade| trade.per_milli_cny < middle).min(trades.len() - 1)];
    [Trade::TIME_ONLY, least, middle, greatest]
}

/// Parts of 2¹⁶ that the lanes have in the bound for a party's trade.
pub type Parts = [i64; LANES];

impl Bounds {
    /// Bounds on the hierarchy of the open links of a class (see [`hierarchy_of`]); `least_ms` tells the time of a hop that
    /// nobody undercuts.
    pub fn new(
        hierarchy: &Arc<Hierarchy>,
        streets: &Streets,
        rates: [Trade; LANES],
        least_ms: impl Fn(&super::streets::Hop) -> u32,
    ) -> Bounds {
        let weights = (0..streets.nodes()).flat_map(|node| streets.leaving(NodeIx::from(node))).map(|hop| {
            let (time, cm, toll) = (least_ms(hop), hop.figures.cm, hop.figures.least_toll_milli_cny);
            rates.map(|rate| {
                let money = i64::from(cm) * rate.per_cm + i64::from(toll) * rate.per_milli_cny;
                (i64::from(time) + (money >> TRADE_SHIFT)).min(i64::from(FAR)) as u32
            })
        });
        Bounds { hierarchy: hierarchy.clone(), metric: Metric::new(hierarchy, weights), rates }
    }

    /// How the lanes share in the bound for a trade: as far up between two lanes as neither distance nor toll weighs more
    /// than in the trade.
    pub fn parts(&self, trade: Trade) -> Parts {
        let whole = 1i64 << TRADE_SHIFT;
        let below = |rate: &Trade| rate.per_cm <= trade.per_cm && rate.per_milli_cny <= trade.per_milli_cny;
        let lane = (0..LANES).rev().find(|&lane| below(&self.rates[lane])).unwrap_or(0);
        let mut parts = [0; LANES];
        parts[lane] = whole;
        if let Some(upper) = self.rates.get(lane + 1) {
            let lower = &self.rates[lane];
            let share =
                |at: i64, low: i64, high: i64| if high > low { (at - low) * whole / (high - low) } else { whole };
            let cm = share(trade.per_cm, lower.per_cm, upper.per_cm);
            let toll = share(trade.per_milli_cny, lower.per_milli_cny, upper.per_milli_cny);
            let up = cm.min(toll).clamp(0, whole);
            (parts[lane], parts[lane + 1]) = (whole - up, up);
        }
        parts
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.metric.bytes()
    }
}

/// The hierarchy of the open links of a class, in the order in which [`Streets::leaving`] lists them node by node.
pub fn hierarchy_of(streets: &Streets, positions: &[[f64; 2]]) -> Hierarchy {
    let nodes = (0..streets.nodes()).map(NodeIx::from);
    let links: Vec<(u32, u32)> = nodes
        .flat_map(|node| streets.leaving(node).iter().map(move |hop| (node.0, streets.node_of(hop.to).0)))
        .collect();
    // Degrees of longitude are shorter than those of latitude.
    let middle = positions.iter().map(|p| p[1]).sum::<f64>() / positions.len().max(1) as f64;
    let narrow = libm::cos(middle.to_radians());
    let places: Vec<[f32; 2]> = positions.iter().map(|p| [(p[0] * narrow) as f32, p[1] as f32]).collect();
    let order = super::dissection::order(&places, links.iter().copied());
    Hierarchy::new(&order, &links)
}

impl Kept {
    /// Makes ready for searches to a node.
    pub fn aim(&mut self, bounds: &Arc<Bounds>, to: NodeIx) {
        if self.of.as_ref().is_some_and(|(of, node)| Arc::ptr_eq(of, bounds) && *node == to) {
            return;
        }
        let nodes = bounds.hierarchy.nodes();
        if self.left.len() != nodes {
            self.left = vec![[FAR; LANES]; nodes];
            self.done = vec![0; nodes];
            self.count = 0;
        }
        if self.count == u32::MAX {
            self.done.fill(0);
            self.count = 0;
        }
        self.count += 1;
        let hierarchy = &bounds.hierarchy;
        // From the destination up: what is left from its ancestors if one only goes down.
        let target = hierarchy.rank[to.i()];
        self.stack.clear();
        let mut rank = target;
        while rank != NONE {
            self.left[rank as usize] = [FAR; LANES];
            self.stack.push(rank);
            rank = hierarchy.parent[rank as usize];
        }
        self.left[target as usize] = [0; LANES];
        for i in 0..self.stack.len() {
            let here = self.left[self.stack[i] as usize];
            for arc in hierarchy.up(self.stack[i]) {
                let there = &mut self.left[hierarchy.heads[arc] as usize];
                *there = least(*there, sum(here, bounds.metric.arcs[arc][1]));
            }
        }
        // And from the root down: or if one goes up first.
        self.of = Some((bounds.clone(), to));
        while let Some(rank) = self.stack.pop() {
            self.finish(bounds, rank, self.left[rank as usize]);
        }
    }

    /// Least weights from a node to the destination aimed at, [`FAR`] where no way leads there.
    #[inline]
    pub fn left(&mut self, node: NodeIx) -> [u32; LANES] {
        let (bounds, _) = self.of.as_ref().expect("aimed first");
        let rank = bounds.hierarchy.rank[node.i()];
        if self.done[rank as usize] != self.count {
            self.work_out(rank);
        }
        self.left[rank as usize]
    }

    #[cold]
    fn work_out(&mut self, rank: u32) {
        let (bounds, _) = self.of.clone().expect("aimed first");
        let mut rank = rank;
        while rank != NONE && self.done[rank as usize] != self.count {
            self.stack.push(rank);
            rank = bounds.hierarchy.parent[rank as usize];
        }
        while let Some(rank) = self.stack.pop() {
            self.finish(&bounds, rank, [FAR; LANES]);
        }
    }

    /// Works out a rank whose upper neighbours are done.
    #[inline]
    fn finish(&mut self, bounds: &Bounds, rank: u32, so_far: [u32; LANES]) {
        let up = bounds.hierarchy.up(rank);
        let (heads, arcs) = (&bounds.hierarchy.heads[up.clone()], &bounds.metric.arcs[up]);
        self.left[rank as usize] = (heads.iter().zip(arcs))
            .fold(so_far, |so_far, (&head, arc)| least(so_far, sum(self.left[head as usize], arc[0])));
        self.done[rank as usize] = self.count;
    }
}

/// The bound for a trade, 2⁻¹⁶ milliseconds.
#[inline]
pub fn mixed(left: [u32; LANES], parts: &Parts) -> i64 {
    (0..LANES).map(|lane| i64::from(left[lane]) * parts[lane]).sum()
}
