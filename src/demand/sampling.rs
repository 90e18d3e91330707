//! From expected amounts to whole numbers: rounding by thresholds that are spread evenly, parties, and picks by weight.
//!
//! An expected amount x becomes ⌊x + u⌋ with a threshold u in [0, 1), whose expectation is x. Two ways to get an even u:
//! - *along a list* (systematic sampling): the running sum of a list is rounded with one u, so that every stretch of the
//!   list is exact to ±1. Each count then depends on all earlier ones in the list.
//! - *by position* (ordered dithering): u = frac(start + φ·position) with φ the golden ratio, the most even of additive
//!   sequences [Weyl 1916; Niederreiter 1992]. Each count depends on nothing but its own amount and position, and grows
//!   only when its own amount grows.

use crate::random::Draws;

/// Fractional part of the golden ratio.
pub const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The threshold in [0, 1) at a position of a sequence.
pub fn threshold(start: f64, position: f64) -> f64 {
    let u = (start + GOLDEN * position).rem_euclid(1.0);
    // rem_euclid may round up to 1 for tiny negative arguments
    if u < 1.0 { u } else { 0.0 }
}

/// The whole number that an expected amount becomes under a threshold.
pub fn whole(amount: f64, threshold: f64) -> u32 {
    (amount + threshold).floor().max(0.0) as u32
}

/// Rounds the amounts of a list so that every partial sum is exact to ±1: gives `take` each position and its count.
pub fn along(amounts: impl Iterator<Item = f64>, start: f64, mut take: impl FnMut(usize, u32)) {
    let (mut sum, mut given) = (start, start.floor());
    for (i, amount) in amounts.enumerate() {
        sum += amount;
        let count = (sum.floor() - given).max(0.0);
        given += count;
        if count > 0.0 {
            take(i, count as u32);
        }
    }
}

/// Persons of a party: one and two companions that come or not, each with the same chance, so that the mean is `mean`
/// (from 1 to 3). Always uses two draws.
pub fn party_size(draws: &mut Draws, mean: f64) -> u32 {
    let chance = ((mean - 1.0) / 2.0).clamp(0.0, 1.0);
    1 + u32::from(draws.uniform() < chance) + u32::from(draws.uniform() < chance)
}

/// Weights to pick from, as running sums.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    sums: Vec<f64>,
}

impl Weights {
    /// From weights in index order; none is negative.
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Weights {
        let mut total = 0.0;
        let sums = weights
            .into_iter()
            .map(|w| {
                total += w;
                total
            })
            .collect();
        Weights { sums }
    }

    /// Their sum.
    pub fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    /// The index that a uniform variate in (0, 1) picks; never one of weight zero. `None` when no weight is positive.
    pub fn pick(&self, uniform: f64) -> Option<usize> {
        let target = uniform * self.total();
        let i = self.sums.partition_point(|&s| s <= target);
        if i < self.sums.len() {
            Some(i)
        } else if self.total() > 0.0 {
            // rounding put the target on the total: the last index that adds anything
            Some(self.sums.partition_point(|&s| s < self.total()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn systematic_sampling_is_exact_at_every_point_of_the_list() {
        let amounts: Vec<f64> = (0..1000).map(|i| f64::from(i % 7) * 0.13).collect();
        for start in [0.0, 0.3, 0.999] {
            let mut counts = vec![0; 1000];
            along(amounts.iter().copied(), start, |i, n| counts[i] = n);
            let (mut sum, mut given) = (0.0, 0);
            for (amount, count) in amounts.iter().zip(counts) {
                sum += amount;
                given += count;
                assert!((sum - f64::from(given)).abs() < 1.0 + 1e-9);
            }
        }
    }

    #[test]
    fn thresholds_by_position_are_even_at_every_usual_headway() {
        // equal vehicles of 2.5 sampled persons at a headway of h minutes: a day's sum is off by at most 3 persons
        for headway in [1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 60] {
            for start in [0.0, 0.21, 0.77] {
                let times: Vec<i32> = (0..1440).step_by(headway).collect();
                let persons: u32 = times.iter().map(|&t| whole(2.5, threshold(start, f64::from(t)))).sum();
                let expected = 2.5 * times.len() as f64;
                assert!((f64::from(persons) - expected).abs() <= 3.0, "headway {headway}: {persons} for {expected}");
            }
        }
    }

    #[test]
    fn parties_have_their_mean() {
        let persons: u32 = (0..50_000)
            .map(|key| party_size(&mut Draws::new(1, Purpose::Synthesis, key, 0), 1.4))
            .inspect(|size| assert!((1..=3).contains(size)))
            .sum();
        assert!((f64::from(persons) / 50_000.0 - 1.4).abs() < 0.01);
    }

    #[test]
    fn nothing_of_no_weight_is_picked() {
        let weights = Weights::new([0.0, 2.0, 0.0, 1.0, 0.0]);
        let picks: Vec<_> = [1e-17, 0.5, 0.667, 1.0].iter().map(|&u| weights.pick(u)).collect();
        assert_eq!(picks, [Some(1), Some(1), Some(3), Some(3)]);
        assert_eq!(Weights::new([0.0, 0.0]).pick(0.5), None);
        assert_eq!(Weights::new([]).pick(0.5), None);
    }
}
