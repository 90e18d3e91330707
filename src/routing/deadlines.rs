//! Lower bounds that know the traffic of the day: for a destination that many set out to, such as a hub, the latest
//! departures from all nodes for arrivals every few minutes.
//!
//! Who leaves a node after its deadline for an arrival arrives later than that, so what is left is more than the time
//! until then: a bound that is too low by less than the step between arrivals, where bounds of free flow are too low by
//! all delays of the way. It is consistent: who is too late at a node, drives on and is not too late at the next would
//! not have been too late. Forbidden turns and their penalties are left out, which only lowers the bound.
//!
//! Deadlines are the least solution of: the deadline of a node is the greatest, over its links, of the latest entry that
//! leaves the link by the deadline of its end. It is one whatever order they are worked out in: here for all arrivals at
//! once, node by node in the order of free-flow times, again and again until nothing changes, since a link's times lie
//! together in memory.
//!
//! Measured on one 2.6 GHz core of a shared machine in November 2026 (`benches/router.rs`: 99,856 nodes, 398,160 links, 96
//! bins, morning peak up to five times free flow, 200 links a route): bounds of free flow let a query settle 12,300 labels
//! in 4.8 ms (trees) to 6.1 ms (climbing), deadlines every minute 1,260 in 0.78 ms, a hundredth of the oracle's 78 ms. Three
//! hundred arrivals of a hub take 615 ms and 115 MiB, so they pay from some 150 routes on. Every 3 min instead of every
//! minute: 2.8 times the labels; every 5 min: 4.3 times.

use super::metric::FAR;
use super::streets::Streets;
use crate::ids::{LinkIx, NodeIx};
use crate::network::times::LinkTimes;
use crate::units::Time;

/// A deadline that nobody can meet, and of nodes from which no way leads.
const NOT_AT_ALL: i32 = i32::MIN;

/// The open links of a class by the node that they lead to.
#[derive(Clone, Debug)]
pub struct Backward {
    first: Vec<u32>,
    /// Node that a link leaves, the link, and its free-flow time in milliseconds.
    links: Vec<(NodeIx, LinkIx, u32)>,
}

/// Arrivals for which deadlines are worked out: so many, a step apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// The first.
    pub first: Time,
    /// Time between two, milliseconds.
    pub step_ms: i64,
    /// How many.
    pub count: usize,
}

/// Latest departures from all nodes for arrivals at one.
#[derive(Clone, Debug)]
pub struct Deadlines {
    arrivals: Arrivals,
    /// Free-flow time in milliseconds and least distance in centimetres to the destination, by node.
    tree: Vec<[u32; 2]>,
    /// Milliseconds after the first arrival, ascending, of each node one for each arrival.
    latest: Vec<i32>,
}

impl Backward {
    /// The links of a class, turned round.
    pub fn new(streets: &Streets) -> Backward {
        let mut first = vec![0u32; streets.nodes() + 1];
        let hops = || {
            let nodes = (0..streets.nodes()).map(NodeIx::from);
            nodes.flat_map(|from| streets.leaving(from).iter().map(move |hop| (from, streets.node_of(hop.to), hop)))
        };
        hops().for_each(|(_, to, _)| first[to.i() + 1] += 1);
        (0..streets.nodes()).for_each(|n| first[n + 1] += first[n]);
        let mut next = first.clone();
        let mut links = vec![(NodeIx(0), LinkIx(0), 0); first[streets.nodes()] as usize];
        for (from, to, hop) in hops() {
            links[next[to.i()] as usize] = (from, hop.link, hop.figures.free_ms);
            next[to.i()] += 1;
        }
        Backward { first, links }
    }

    fn reaching(&self, node: u32) -> &[(NodeIx, LinkIx, u32)] {
        &self.links[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

impl Deadlines {
    /// Deadlines for arrivals at a node; `tree` is what [`Potentials`](super::potentials::Potentials) has for it.
    pub fn new(
        backward: &Backward,
        times: &LinkTimes,
        to: NodeIx,
        tree: Vec<[u32; 2]>,
        arrivals: Arrivals,
    ) -> Deadlines {
        let count = arrivals.count;
        let mut latest = vec![NOT_AT_ALL; tree.len() * count];
        let goal = (0..count).map(|k| (k as i64 * arrivals.step_ms) as i32);
        latest[to.i() * count..][..count].iter_mut().zip(goal).for_each(|(place, at)| *place = at);
        let mut order: Vec<u32> = (0..tree.len() as u32).filter(|&n| tree[n as usize][0] < FAR).collect();
        order.sort_by_key(|&n| (tree[n as usize][0], n));
        let mut changed = vec![false; tree.len()];
        changed[to.i()] = true;
        let mut here = vec![NOT_AT_ALL; count];
        let mut again = true;
        while std::mem::take(&mut again) {
            for &node in &order {
                if !std::mem::take(&mut changed[node as usize]) {
                    continue;
                }
                here.copy_from_slice(&latest[node as usize * count..][..count]);
                for &(from, link, free_ms) in backward.reaching(node) {
                    let there = &mut latest[from.i() * count..][..count];
                    if earlier(times, (link, free_ms), arrivals.first, &here, there) {
                        changed[from.i()] = true;
                        again = true;
                    }
                }
            }
        }
        Deadlines { arrivals, tree, latest }
    }

    /// Milliseconds and centimetres that are left at least from a node at a moment; `None` where no open road leads to the
    /// destination. `missed` is where looking begins, and then how many deadlines were missed: those of the labels of one
    /// search are near each other.
    #[inline]
    pub fn left(&self, node: NodeIx, now: Time, missed: &mut usize) -> Option<[i64; 2]> {
        let [free_ms, cm] = self.tree[node.i()];
        if free_ms >= FAR {
            return None;
        }
        let count = self.arrivals.count;
        let since = now.since(self.arrivals.first);
        let latest = &self.latest[node.i() * count..][..count];
        while *missed < count && i64::from(latest[*missed]) < since {
            *missed += 1;
        }
        while *missed > 0 && i64::from(latest[*missed - 1]) >= since {
            *missed -= 1;
        }
        let ms = match *missed {
            0 => i64::from(free_ms),
            _ => i64::from(free_ms).max((*missed as i64 - 1) * self.arrivals.step_ms - since),
        };
        Some([ms, i64::from(cm)])
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        8 * self.tree.len() + 4 * self.latest.len()
    }
}

/// Takes the deadlines of a link's end to its start; whether any became later.
fn earlier(times: &LinkTimes, (link, free_ms): (LinkIx, u32), first: Time, end: &[i32], start: &mut [i32]) -> bool {
    let mut later = false;
    let row = times.row(link);
    for (place, &at) in start.iter_mut().zip(end) {
        // Free flow alone tells most links that lead back to where one comes from.
        if at == NOT_AT_ALL || i64::from(at) - i64::from(free_ms) <= i64::from(*place) {
            continue;
        }
        let leaves = first.plus(i64::from(at));
        let entry = row.latest_entry(leaves).min(leaves.plus(-i64::from(free_ms))).since(first);
        let entry = entry.max(i64::from(NOT_AT_ALL) + 1) as i32;
        if entry > *place {
            *place = entry;
            later = true;
        }
    }
    later
}
