//! The paths in use from an origin: for every destination its few paths with their flows, links of all of them in one
//! array.
//!
//! Paths of a pair mostly begin and end alike. How many links all of them share at either end is kept, so that what
//! compares them reads only the links between: about a third on a city grid.

use super::star::{Loads, Star};
use super::tree::{Order, Tree};
use crate::ids::ZoneIx;

/// A path of a pair: a piece of the origin's array of links.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    start: u32,
    length: u32,
    /// Trips that take it.
    pub flow: f64,
    /// Cost when last looked at; of the whole path or of its middle, as the caller says.
    pub cost: f64,
}

impl Path {
    /// Its links.
    pub fn of<'a>(&self, links: &'a [u32]) -> &'a [u32] {
        &links[self.start as usize..(self.start + self.length) as usize]
    }
}

/// Trips to a destination and the paths that they take.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub destination: u32,
    pub trips: f64,
    /// Links at the beginning and at the end that all paths share.
    shared: (u32, u32),
    pub paths: Vec<Path>,
}

impl Pair {
    /// The links of a path between those that all paths of the pair share.
    #[inline]
    pub fn middle<'a>(&self, path: &Path, links: &'a [u32]) -> &'a [u32] {
        let (start, end) = (path.start + self.shared.0, path.start + path.length - self.shared.1);
        &links[start as usize..end as usize]
    }

    /// Counts anew what all paths share.
    fn share(&mut self, links: &[u32]) {
        let Some((first, others)) = self.paths.split_first() else { return };
        let first = first.of(links);
        let (mut begin, mut end) = (first.len(), first.len());
        for other in others {
            let other = other.of(links);
            begin = begin.min(first.iter().zip(other).take_while(|(a, b)| a == b).count());
            end = end.min(first.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count());
        }
        self.shared = if others.is_empty() { (0, 0) } else { (begin as u32, end as u32) };
    }

    /// Gives the path with the largest flow what the others leave of the trips, so that rounding never adds up.
    fn balance(&mut self) {
        let mut largest = 0;
        for (k, path) in self.paths.iter().enumerate() {
            if path.flow > self.paths[largest].flow {
                largest = k;
            }
        }
        let others: f64 = self.paths.iter().enumerate().filter(|(k, _)| *k != largest).map(|(_, p)| p.flow).sum();
        self.paths[largest].flow = self.trips - others;
    }
}

/// What a look at all paths of an origin, or of several, found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// Σ flow·(cost − least cost of the pair): what travellers could save.
    pub excess: f64,
    /// Σ flow·cost.
    pub total: f64,
}

impl Found {
    pub fn gap(&self) -> f64 {
        if self.total > 0.0 { self.excess / self.total } else { 0.0 }
    }

    pub fn add(&mut self, other: Found) {
        self.excess += other.excess;
        self.total += other.total;
    }
}

/// An origin with its pairs.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub node: u32,
    pub pairs: Vec<Pair>,
    /// Links of all paths; those of paths no longer in use stay until there are as many as of the others.
    pub links: Vec<u32>,
    unused: usize,
    /// Pairs with more than one path.
    pub several: Vec<u32>,
    order: Order,
}

impl Origin {
    pub fn new(node: u32) -> Origin {
        Origin { node, pairs: Vec::new(), links: Vec::new(), unused: 0, several: Vec::new(), order: Order::new() }
    }

    /// Adds a destination that has no path yet.
    pub fn add(&mut self, destination: ZoneIx, trips: f64) {
        self.pairs.push(Pair { destination: destination.0, trips, shared: (0, 0), paths: Vec::new() });
    }

    /// Gives all trips of every pair the least-cost path.
    pub fn start(&mut self, star: &Star, loads: &Loads, tree: &mut Tree) {
        tree.search(star, &loads.cost, self.node, &mut self.order);
        for pair in &mut self.pairs {
            let start = self.links.len();
            tree.trace(star, pair.destination, &mut self.links);
            let length = (self.links.len() - start) as u32;
            pair.paths.push(Path { start: start as u32, length, flow: pair.trips, cost: 0.0 });
        }
    }

    /// What travellers could save at the costs as they are; with `worth`, also adds the least-cost path of each pair
    /// that is not there yet and could save that much.
    pub fn look(&mut self, star: &Star, loads: &Loads, tree: &mut Tree, worth: Option<f64>) -> Found {
        tree.search(star, &loads.cost, self.node, &mut self.order);
        let mut found = Found::default();
        for (place, pair) in self.pairs.iter_mut().enumerate() {
            let least = tree.cost[pair.destination as usize];
            let mut best = f64::INFINITY;
            for path in &pair.paths {
                let cost = loads.path_cost(path.of(&self.links));
                found.excess += path.flow * (cost - least);
                found.total += path.flow * cost;
                best = best.min(cost);
            }
            // A path costs what the tree says to the last bit, so one that costs less is another path.
            if worth.is_some_and(|worth| best > least && (best - least) * pair.trips > worth) {
                let start = self.links.len();
                tree.trace(star, pair.destination, &mut self.links);
                let length = (self.links.len() - start) as u32;
                pair.paths.push(Path { start: start as u32, length, flow: 0.0, cost: 0.0 });
                pair.share(&self.links);
                if pair.paths.len() == 2 {
                    self.several.push(place as u32);
                }
            }
        }
        found
    }

    /// Adds the flows of all paths to the volumes of their links.
    pub fn load(&self, volume: &mut [f64]) {
        for path in self.pairs.iter().flat_map(|pair| &pair.paths) {
            for &slot in path.of(&self.links) {
                volume[slot as usize] += path.flow;
            }
        }
    }

    /// Drops paths that nobody takes any more.
    pub fn drop_unused(&mut self) {
        let Origin { pairs, links, unused, several, .. } = self;
        several.retain(|&place| {
            let pair = &mut pairs[place as usize];
            let before = pair.paths.len();
            pair.paths.retain(|path| {
                let used = path.flow > 0.0;
                *unused += if used { 0 } else { path.length as usize };
                used
            });
            if pair.paths.len() < before {
                pair.share(links);
            }
            pair.balance();
            pair.paths.len() > 1
        });
        several.sort_unstable();
        if self.unused * 2 > self.links.len() {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let mut kept = Vec::with_capacity(self.links.len() - self.unused);
        for path in self.pairs.iter_mut().flat_map(|pair| &mut pair.paths) {
            let start = kept.len() as u32;
            kept.extend_from_slice(path.of(&self.links));
            path.start = start;
        }
        self.links = kept;
        self.unused = 0;
    }
}
