//! Least ways between two points on weights that do not change over the day: walks up the elimination tree.
//!
//! All nodes that a least way passes above its two ends are ancestors of them, so two walks to the root, one from either
//! end, meet at its top; no queue is needed. The way itself is found by taking arcs apart until links are left: an arc
//! is a link of its weight where there is one, else it leads over the lowest node whose two arcs add up to it.

use super::hierarchy::{Hierarchy, NONE};
use super::metric::{FAR, Metric};

/// Memory of queries, one per thread.
#[derive(Clone, Debug)]
pub struct PointScratch {
    /// Weight from the origin up to a rank, and from a rank down to the destination; [`FAR`] between queries.
    ways: Vec<[u32; 2]>,
    /// The rank before on the way from the origin, and the one after on the way to the destination.
    next: Vec<[u32; 2]>,
}

impl PointScratch {
    /// Memory for a hierarchy of so many nodes.
    pub fn new(nodes: usize) -> PointScratch {
        PointScratch { ways: vec![[FAR; 2]; nodes], next: vec![[NONE; 2]; nodes] }
    }
}

/// Queries on a metric of one lane.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    /// The hierarchy.
    pub hierarchy: &'a Hierarchy,
    /// Its weights.
    pub metric: &'a Metric<1>,
}

impl Points<'_> {
    /// The least weight of a way from a node to another; `None` when there is none.
    pub fn least(&self, from: u32, to: u32, scratch: &mut PointScratch) -> Option<u32> {
        let (weight, _) = self.search(from, to, scratch);
        self.clear(from, to, scratch);
        (weight < FAR).then_some(weight)
    }

    /// The same with the nodes of the way, ends included, put into `way`.
    pub fn way(&self, from: u32, to: u32, scratch: &mut PointScratch, way: &mut Vec<u32>) -> Option<u32> {
        way.clear();
        let (weight, top) = self.search(from, to, scratch);
        if weight < FAR {
            let (from, to) = (self.hierarchy.rank[from as usize], self.hierarchy.rank[to as usize]);
            let mut up = vec![top];
            while let Some(&node) = up.last().filter(|&&node| node != from) {
                up.push(scratch.next[node as usize][0]);
            }
            way.push(from);
            up.reverse();
            up.windows(2).for_each(|step| self.unpack(step[0], step[1], way));
            let mut node = top;
            while node != to {
                let after = scratch.next[node as usize][1];
                self.unpack(node, after, way);
                node = after;
            }
        }
        self.clear(from, to, scratch);
        (weight < FAR).then_some(weight)
    }

    /// The least weight, and the top of its way.
    fn search(&self, from: u32, to: u32, scratch: &mut PointScratch) -> (u32, u32) {
        let hierarchy = self.hierarchy;
        let (mut a, mut b) = (hierarchy.rank[from as usize], hierarchy.rank[to as usize]);
        scratch.ways[a as usize][0] = 0;
        scratch.ways[b as usize][1] = 0;
        while a != b {
            // An absent node is above all: two trees of the forest do not meet.
            if a < b {
                self.climb::<0>(a, FAR, scratch);
                a = hierarchy.parent[a as usize];
            } else {
                self.climb::<1>(b, FAR, scratch);
                b = hierarchy.parent[b as usize];
            }
        }
        let (mut best, mut top) = (FAR, NONE);
        while a != NONE {
            let [up, down] = scratch.ways[a as usize];
            if up + down < best {
                (best, top) = (up + down, a);
            }
            self.climb::<0>(a, best, scratch);
            self.climb::<1>(a, best, scratch);
            a = hierarchy.parent[a as usize];
        }
        (best, top)
    }

    /// Carries a rank's weight up its arcs unless it is no better than a way that was found.
    #[inline(always)]
    fn climb<const SIDE: usize>(&self, rank: u32, best: u32, scratch: &mut PointScratch) {
        let weight = scratch.ways[rank as usize][SIDE];
        if weight >= best {
            return;
        }
        let up = self.hierarchy.up(rank);
        for (&head, arc) in self.hierarchy.heads[up.clone()].iter().zip(&self.metric.arcs[up]) {
            let there = &mut scratch.ways[head as usize][SIDE];
            let longer = weight + arc[SIDE][0];
            if longer < *there {
                *there = longer;
                scratch.next[head as usize][SIDE] = rank;
            }
        }
    }

    fn clear(&self, from: u32, to: u32, scratch: &mut PointScratch) {
        for end in [from, to] {
            let mut node = self.hierarchy.rank[end as usize];
            while node != NONE {
                scratch.ways[node as usize] = [FAR; 2];
                node = self.hierarchy.parent[node as usize];
            }
        }
    }

    fn weight(&self, from: u32, to: u32) -> u32 {
        let arc = self.hierarchy.arc(from.min(to), from.max(to)) as usize;
        self.metric.arcs[arc][usize::from(from > to)][0]
    }

    /// Appends the nodes of an arc behind its first.
    fn unpack(&self, from: u32, to: u32, way: &mut Vec<u32>) {
        let weight = self.weight(from, to);
        let (a, b) = (self.hierarchy.down(from), self.hierarchy.down(to));
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            match a[i].0.cmp(&b[j].0) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    let [_, to_low] = self.metric.arcs[a[i].1 as usize];
                    let [from_low, _] = self.metric.arcs[b[j].1 as usize];
                    if to_low[0] + from_low[0] == weight {
                        let low = a[i].0;
                        self.unpack(from, low, way);
                        self.unpack(low, to, way);
                        return;
                    }
                    (i, j) = (i + 1, j + 1);
                }
            }
        }
        way.push(to);
    }
}
