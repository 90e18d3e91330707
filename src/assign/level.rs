//! Levelling the paths of a pair: flow moves from costlier paths to the cheapest one until they cost the same.
//!
//! Gradient projection, one path at a time, each on the costs that the last one left [Jayakrishnan, Tsai, Prashker,
//! Rajadhyaksha 1994; Xie, Nie, Liu 2018, "A greedy path-based algorithm for traffic assignment"]. A step is Newton's,
//! (difference of costs)/(sum of slopes over the links that the two paths do not share), a little longer than that: see
//! [`OVER`]. Where a steep power makes it far too long, the step is searched between nothing and itself.

use super::paths::Pair;
use super::star::Loads;

/// Length of a step in Newton's steps. Pairs share links, so each levels against what the others will yet move;
/// over-relaxation makes up for it. Measured on a city of 387 zones and 2,950 links to a gap of 1e-10 (CPU s, 2026-11):
/// 1.0: 1.08, 1.3: 0.88, 1.6: 0.75, 1.8: 1.30.
const OVER: f64 = 1.6;
/// A step that ends further on the other side than this share of where it began is searched for its length: steep powers
/// would else go to and fro for ever.
const FAR: f64 = 0.75;
/// Share of a pair's trips below which the rest of a path's flow goes with a step: below it flows are rounding.
const REST: f64 = 1e-14;
/// Most steps of the search for a length. Each halves the bracket at worst every other time.
const STEPS: usize = 40;

/// Memory of levelling.
pub(super) struct Level {
    /// Which links are on the cheapest path, and on both, by the number of the comparison.
    mark: Vec<u64>,
    round: u64,
    /// Links that a step takes flow from, and those that it gives to.
    leave: Vec<u32>,
    join: Vec<u32>,
}

impl Level {
    pub fn new(links: usize) -> Level {
        Level { mark: vec![0; links], round: 0, leave: Vec::new(), join: Vec::new() }
    }

    /// Moves flow between the paths of a pair, unless its travellers could save no more than `skip` together. Returns
    /// what they could have saved before.
    pub fn pair(&mut self, pair: &mut Pair, links: &[u32], loads: &mut Loads, skip: f64) -> f64 {
        let mut best = 0;
        for k in 0..pair.paths.len() {
            pair.paths[k].cost = loads.path_cost(pair.middle(&pair.paths[k], links));
            if pair.paths[k].cost < pair.paths[best].cost {
                best = k;
            }
        }
        let least = pair.paths[best].cost;
        let excess = pair.paths.iter().fold(0.0, |sum, path| sum + path.flow * (path.cost - least));
        if excess <= skip {
            return excess;
        }
        for k in 0..pair.paths.len() {
            if k != best && pair.paths[k].flow > 0.0 {
                self.compare(pair.middle(&pair.paths[k], links), pair.middle(&pair.paths[best], links));
                let moved = self.shift(loads, pair.paths[k].flow, REST * pair.trips);
                pair.paths[k].flow -= moved;
                pair.paths[best].flow += moved;
            }
        }
        excess
    }

    /// Finds the links of either path that the other has not.
    fn compare(&mut self, from: &[u32], to: &[u32]) {
        self.round += 2;
        let (on_to, on_both) = (self.round, self.round + 1);
        self.leave.clear();
        self.join.clear();
        for &slot in to {
            self.mark[slot as usize] = on_to;
        }
        for &slot in from {
            let mark = &mut self.mark[slot as usize];
            if *mark == on_to {
                *mark = on_both;
            } else {
                self.leave.push(slot);
            }
        }
        let mark = &self.mark;
        self.join.extend(to.iter().filter(|slot| mark[**slot as usize] == on_to));
    }

    /// Moves flow, at most `most`, towards equal costs; all of it when no more than `rest` would stay. Returns how much.
    fn shift(&mut self, loads: &mut Loads, most: f64, rest: f64) -> f64 {
        let (difference, slope) = self.difference(loads);
        if difference <= 0.0 {
            return 0.0;
        }
        let mut step = if slope * most > OVER * difference { OVER * difference / slope } else { most };
        if most - step <= rest {
            step = most;
        }
        self.carry(loads, step);
        let after = self.difference(loads).0;
        // A step of this length ends at −0.6 of where it began when slopes are constant.
        if after < -FAR * difference { self.search(loads, (difference, after), step) } else { step }
    }

    /// How much dearer the path is that flow leaves, and how fast that changes with flow that moves.
    #[inline]
    fn difference(&self, loads: &Loads) -> (f64, f64) {
        let (mut difference, mut slope) = (0.0, 0.0);
        for &slot in &self.leave {
            let cost = loads.cost[slot as usize];
            difference += cost.value;
            slope += cost.slope;
        }
        for &slot in &self.join {
            let cost = loads.cost[slot as usize];
            difference -= cost.value;
            slope += cost.slope;
        }
        (difference, slope)
    }

    #[inline]
    fn carry(&self, loads: &mut Loads, flow: f64) {
        for &slot in &self.leave {
            loads.add(slot, -flow);
        }
        for &slot in &self.join {
            loads.add(slot, flow);
        }
    }

    /// Shortens a step that was too long: the length at which the difference is nil lies between nothing and `step`,
    /// found by false position with the Illinois rule. `ends` are the differences at both.
    fn search(&self, loads: &mut Loads, ends: (f64, f64), step: f64) -> f64 {
        let goal = 0.5 * ends.0;
        let (mut low, mut high) = ((0.0, ends.0), (step, ends.1));
        let mut at = step;
        for _ in 0..STEPS {
            let share = low.1 / (low.1 - high.1);
            // Costs that differ by many orders of magnitude make false position creep; then the middle is taken.
            let share = if share.is_finite() { share.clamp(0.05, 0.95) } else { 0.5 };
            let next = low.0 + (high.0 - low.0) * share;
            self.carry(loads, next - at);
            at = next;
            let difference = self.difference(loads).0;
            if difference.abs() <= goal {
                break;
            }
            if difference > 0.0 {
                low = (at, difference);
                high.1 *= 0.5;
            } else {
                high = (at, difference);
                low.1 *= 0.5;
            }
        }
        at
    }
}
