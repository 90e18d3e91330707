//! The iterations: look for better paths origin by origin, level the paths in use, until nobody has anything to gain.
//!
//! Origins are taken in blocks. The trees of a block are searched side by side on the costs that the block before left;
//! then the flows of the block are levelled one pair after the other. Blocks are cut by index and levelling is in order,
//! so the number of threads changes nothing. Between two rounds over the origins, only pairs with several paths are
//! levelled, again and again, while that still pays.

use super::level::Level;
use super::network::{StaticNetwork, Trips};
use super::paths::{Found, Origin};
use super::star::{Loads, Star};
use super::tree::Tree;
use super::{Iteration, Options};
use rayon::prelude::*;
use std::sync::atomic::Ordering;

/// Origins whose trees are searched on the same costs. Measured to a gap of 1e-10 (CPU s, city of 387 zones, 2026-11):
/// 1: 0.70, 4: 0.75, 8: 0.75, 16: 0.90, 32: 0.89, all 387: 2.1; more side by side is more for threads to do.
const BLOCK: usize = 8;
/// Levelling between two rounds ends when what could be saved among the paths in use is this share of what the round
/// before found. Measured as above: 0.3: 1.9, 0.1: 0.75, 0.03: 0.67.
const LEVELLED: f64 = 0.05;
/// Most times that pairs are levelled between two rounds. Measured as above: 10: 1.1, 30: 0.77, 60: 0.67.
const LEVELLINGS: u32 = 60;
/// Pairs are not levelled that could save less than this share of their part of the goal of levelling.
const SKIPPED: f64 = 0.3;
/// A path is added when it saves its pair more than this share of a pair's part of the excess. The shares of all pairs
/// make less than one, so what is not added can never be what is left. Measured as above: any saving, however
/// small: 1.5 and twice the paths; 0.3: 0.92, 0.5: 0.74, 0.9: 0.71.
const WORTH: f64 = 0.6;
/// A round that leaves more than this share of the excess makes paths worth a tenth of that: where costs on a path differ
/// by orders of magnitude, the path that is missing may save nearly nothing over the best one in use, and yet flow cannot
/// come off a dear one without it.
const SLOW: f64 = 0.7;
/// Rounds without a better gap after which it is at the limit of the arithmetic.
const PATIENCE: u32 = 30;

/// An assignment under way.
pub(super) struct Solver<'a> {
    pub star: Star,
    pub loads: Loads,
    pub origins: Vec<Origin>,
    options: &'a Options<'a>,
    pool: Option<rayon::ThreadPool>,
    trees: Vec<Tree>,
    level: Level,
    pairs: usize,
}

impl<'a> Solver<'a> {
    /// A solver with all trips that leave their zones, none of them on a path yet.
    pub fn new(network: &StaticNetwork, trips: &Trips, options: &'a Options<'a>) -> crate::error::Result<Solver<'a>> {
        let star = Star::new(network);
        let loads = Loads::new(network, &star, options.objective);
        let mut origins: Vec<Origin> = Vec::new();
        let leaving = trips.pairs().iter().filter(|p| p.origin != p.destination);
        for pair in leaving.clone() {
            if origins.last().is_none_or(|o| o.node != pair.origin.0) {
                origins.push(Origin::new(pair.origin.0));
            }
            origins.last_mut().expect("one was pushed").add(pair.destination, pair.trips);
        }
        let pool = match options.threads {
            1 => None,
            threads => Some(
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .map_err(|e| crate::error::Error::Model(format!("no pool of {threads} threads: {e}")))?,
            ),
        };
        let trees = (0..BLOCK.min(origins.len().max(1))).map(|_| Tree::new(star.nodes())).collect();
        let level = Level::new(star.head.len());
        Ok(Solver { star, loads, origins, options, pool, trees, level, pairs: leaving.count() })
    }

    /// Assigns all trips. Returns what is found in the end at costs that are those of the volumes, and the iterations.
    pub fn solve(&mut self) -> (Found, Vec<Iteration>) {
        self.start();
        let mut iterations: Vec<Iteration> = Vec::new();
        let (mut excess, mut best, mut idle) = (f64::INFINITY, f64::INFINITY, 0);
        let (mut worth, mut slow) = (0.0, false);
        while iterations.len() < self.options.iterations as usize {
            let round = self.round(excess, worth, slow);
            let iteration = Iteration { number: iterations.len() as u32 + 1, relative_gap: round.gap() };
            iterations.push(iteration);
            if let Some(progress) = self.options.progress {
                progress(iteration);
            }
            idle = if round.gap() < best { 0 } else { idle + 1 };
            best = best.min(round.gap());
            // A round finds its excess while costs change, so it is measured once more when it looks reached.
            if round.gap() <= self.options.gap || idle == PATIENCE || self.stopped() {
                let measured = self.measure();
                if measured.gap() <= self.options.gap || idle == PATIENCE || self.stopped() {
                    return (measured, iterations);
                }
            }
            slow = round.excess > SLOW * excess;
            worth = if slow { worth * 0.1 } else { (worth * 10.0).clamp(0.01, WORTH) };
            excess = round.excess;
            self.settle(LEVELLED * excess);
        }
        (self.measure(), iterations)
    }

    fn stopped(&self) -> bool {
        self.options.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Loads every pair on one path, block after block on the costs that the blocks before leave.
    fn start(&mut self) {
        let Solver { star, loads, origins, pool, trees, .. } = self;
        for block in origins.chunks_mut(BLOCK) {
            side_by_side(pool.as_ref(), block, trees, |origin, tree| {
                origin.start(star, loads, tree);
            });
            block.iter().for_each(|origin| origin.load(&mut loads.volume));
            loads.recost();
        }
    }

    /// One round over all origins: better paths are added, and the pairs of each block levelled. `excess` is that of the
    /// round before; the first round knows none, and every path that saves anything is worth it.
    fn round(&mut self, excess: f64, worth: f64, slow: bool) -> Found {
        let part = |of: usize| if excess.is_finite() { excess / of.max(1) as f64 } else { 0.0 };
        let several: usize = self.origins.iter().map(|o| o.several.len()).sum();
        let (worth, skip) = (worth * part(self.pairs), SKIPPED * LEVELLED * part(several));
        let Solver { star, loads, origins, pool, trees, level, .. } = self;
        let mut sum = Found::default();
        // A slow round takes origins one by one and levels each before it looks.
        for block in origins.chunks_mut(if slow { 1 } else { BLOCK }) {
            if slow {
                level_origin(&mut block[0], level, loads, 0.0);
            }
            let found =
                side_by_side(pool.as_ref(), block, trees, |origin, tree| origin.look(star, loads, tree, Some(worth)));
            found.into_iter().for_each(|f| sum.add(f));
            for origin in block {
                level_origin(origin, level, loads, skip);
            }
        }
        sum
    }

    /// Levels the pairs with several paths until they could save no more than `goal` among those, then drops paths that
    /// nobody takes.
    fn settle(&mut self, goal: f64) {
        let several: usize = self.origins.iter().map(|o| o.several.len()).sum();
        let skip = SKIPPED * goal / several.max(1) as f64;
        let Solver { loads, origins, level, .. } = self;
        for _ in 0..LEVELLINGS {
            let excess = origins.iter_mut().fold(0.0, |sum, origin| sum + level_origin(origin, level, loads, skip));
            if excess <= goal {
                break;
            }
        }
        origins.iter_mut().for_each(Origin::drop_unused);
    }

    /// Loads the flows of all paths anew, so that volumes are their sums and no rounding of many steps is left, and
    /// looks what travellers could save at these costs.
    fn measure(&mut self) -> Found {
        let Solver { star, loads, origins, pool, trees, .. } = self;
        origins.iter_mut().for_each(Origin::drop_unused);
        loads.volume.fill(0.0);
        origins.iter().for_each(|origin| origin.load(&mut loads.volume));
        loads.recost();
        let mut sum = Found::default();
        for block in origins.chunks_mut(BLOCK) {
            let found = side_by_side(pool.as_ref(), block, trees, |origin, tree| origin.look(star, loads, tree, None));
            found.into_iter().for_each(|f| sum.add(f));
        }
        sum
    }
}

/// Levels all pairs of an origin with several paths; returns what they could have saved among those.
fn level_origin(origin: &mut Origin, level: &mut Level, loads: &mut Loads, skip: f64) -> f64 {
    let Origin { pairs, links, several, .. } = origin;
    several.iter().fold(0.0, |sum, &place| sum + level.pair(&mut pairs[place as usize], links, loads, skip))
}

/// Does something for each origin of a block with a tree of its own; results in the order of the block.
fn side_by_side<T: Send>(
    pool: Option<&rayon::ThreadPool>,
    block: &mut [Origin],
    trees: &mut [Tree],
    work: impl Fn(&mut Origin, &mut Tree) -> T + Sync,
) -> Vec<T> {
    match pool {
        None => block.iter_mut().zip(trees).map(|(origin, tree)| work(origin, tree)).collect(),
        Some(pool) => pool.install(|| {
            block.par_iter_mut().zip(trees.par_iter_mut()).map(|(origin, tree)| work(origin, tree)).collect()
        }),
    }
}
