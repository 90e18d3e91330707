//! The road search: the route of least generalised time at a departure, on experienced times.
//!
//! A label is generalised time: milliseconds from departure plus distance and toll weighed in time ([`Trade`]), and it
//! carries its moment of arrival, since link times change over the day. The search is A* with the bounds of
//! [`Potentials`](super::potentials::Potentials): a node is settled once, at its least label, ties going to the lower
//! node index.
//!
//! **Exactness.** Link times are FIFO, so with [`Trade::TIME_ONLY`], and with any trade while times do not change over
//! the day, the route found is the best. With money *and* changing times a label that is dearer but earlier could win
//! further on, where times rise; only the cheapest label of a node is kept, so the route is then an approximation
//! (the test measures it against all undominated labels: a few per mille at worst on wild random networks). No gap is
//! overstated by it: a best response is never taken to be worse than the plan at hand.

use super::cost::{Driven, TRADE_SHIFT, Trade};
use super::potentials::Bound;
use super::streets::Streets;
use crate::ids::{LinkIx, NodeIx};
use crate::network::times::LinkTimes;
use crate::units::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a search runs on.
#[derive(Clone, Copy, Debug)]
pub struct Roadway<'a> {
    /// Roads of the class of vehicle.
    pub streets: &'a Streets,
    /// Experienced times.
    pub times: &'a LinkTimes,
}

/// From where, when, and what counts.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Node of departure.
    pub from: NodeIx,
    /// Moment of departure.
    pub departure: Time,
    /// Weights of distance and toll.
    pub trade: Trade,
}

/// Memory of a search, one per thread: queries allocate nothing.
#[derive(Clone, Debug)]
pub struct RoadScratch {
    labels: Vec<Label>,
    generation: u32,
    heap: BinaryHeap<Reverse<(i64, NodeIx)>>,
}

#[derive(Clone, Copy, Debug)]
struct Label {
    /// Search in which the label was made; older ones count as absent.
    generation: u32,
    /// Link by which the node was reached, and the node that the link leaves.
    by: LinkIx,
    before: NodeIx,
    settled: bool,
    /// Generalised time so far, 2⁻¹⁶ milliseconds.
    value: i64,
    driven: Driven,
}

impl RoadScratch {
    /// Memory for a network of so many nodes.
    pub fn new(nodes: usize) -> RoadScratch {
        let absent = Label {
            generation: 0,
            by: LinkIx(0),
            before: NodeIx(0),
            settled: false,
            value: 0,
            driven: Driven::default(),
        };
        RoadScratch { labels: vec![absent; nodes], generation: 0, heap: BinaryHeap::new() }
    }

    fn begin(&mut self) {
        self.heap.clear();
        if self.generation == u32::MAX {
            self.labels.iter_mut().for_each(|label| label.generation = 0);
            self.generation = 0;
        }
        self.generation += 1;
    }

    /// What it took to reach a node in the last search, if it was reached and settled.
    pub fn reached(&self, node: NodeIx) -> Option<Driven> {
        let label = &self.labels[node.i()];
        (label.generation == self.generation && label.settled).then_some(label.driven)
    }

    fn offer(&mut self, node: NodeIx, label: Label, left: i64) {
        let old = &mut self.labels[node.i()];
        let better = old.generation != label.generation || (label.value, label.driven.ms) < (old.value, old.driven.ms);
        if better {
            *old = label;
            self.heap.push(Reverse((label.value + left, node)));
        }
    }
}

impl Roadway<'_> {
    /// The best route to a node: its time, distance and toll; its links are put into `route`. `None` when no open road
    /// leads there.
    pub fn route(
        &self,
        start: Start,
        to: NodeIx,
        bound: Bound<'_>,
        scratch: &mut RoadScratch,
        route: &mut Vec<LinkIx>,
    ) -> Option<Driven> {
        route.clear();
        self.search(start, Some(to), bound, scratch);
        let driven = scratch.reached(to)?;
        let mut node = to;
        while node != start.from {
            let label = &scratch.labels[node.i()];
            route.push(label.by);
            node = label.before;
        }
        route.reverse();
        Some(driven)
    }

    /// Searches to all nodes; [`RoadScratch::reached`] tells what each one takes.
    pub fn tree(&self, start: Start, scratch: &mut RoadScratch) {
        self.search(start, None, Bound::Nothing, scratch);
    }

    fn search(&self, start: Start, to: Option<NodeIx>, bound: Bound<'_>, scratch: &mut RoadScratch) {
        let Trade { per_cm, per_milli_cny } = start.trade;
        let left = |node: NodeIx| bound.left(node, start.trade);
        scratch.begin();
        let generation = scratch.generation;
        let Some(all) = left(start.from) else { return };
        let first = Label {
            generation,
            by: LinkIx(0),
            before: start.from,
            settled: false,
            value: 0,
            driven: Driven::default(),
        };
        scratch.offer(start.from, first, all);
        while let Some(Reverse((_, node))) = scratch.heap.pop() {
            let label = &mut scratch.labels[node.i()];
            if label.settled {
                continue;
            }
            label.settled = true;
            if to == Some(node) {
                return;
            }
            let here = *label;
            for hop in self.streets.leaving(node) {
                let next = &scratch.labels[hop.to.i()];
                if next.generation == generation && next.settled {
                    continue;
                }
                let Some(left) = left(hop.to) else { continue };
                let step = hop.figures.driven(hop.link, self.times, start.departure.plus(here.driven.ms));
                let value =
                    here.value + (step.ms << TRADE_SHIFT) + step.cm * per_cm + step.toll_milli_cny * per_milli_cny;
                let driven = here.driven.and(step);
                let label = Label { generation, by: hop.link, before: node, settled: false, value, driven };
                scratch.offer(hop.to, label, left);
            }
        }
    }
}
