//! Doubly constrained gravity model: trips_ij = a_i b_j P_i A_j w_ij with the balancing factors of Furness (iterative
//! proportional fitting) [Furness 1965; Wilson 1967; Ortúzar & Willumsen 2011, ch. 5]. Units: trips a day.
//!
//! Rows are summed in index order within a round, so the result is the same bit for bit on every machine.

/// Largest relative error of an attraction at which balancing stops. Productions are exact at every stop.
pub const MARGIN: f64 = 1e-6;

/// Most rounds of balancing.
pub const ROUNDS: u32 = 100;

/// A balanced trip matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// Trips from `i` to `j` at `i * zones + j`.
    pub trips: Vec<f64>,
    /// Attractions that were aimed at: those of zones within reach, scaled to the sum of the productions.
    pub attractions: Vec<f64>,
    /// Productions that no weight leads away from and that are left out.
    pub left_out: f64,
    /// Rounds that were needed.
    pub rounds: u32,
    /// Largest relative error of an attraction that is left.
    pub margin: f64,
}

/// Balances `weights` (`i * zones + j`, 0 where no trip is possible) to productions (rows) and attractions (columns).
pub fn balance(productions: &[f64], attractions: &[f64], weights: &[f64]) -> Balanced {
    let zones = productions.len();
    let row = |i: usize| &weights[i * zones..(i + 1) * zones];
    let leads = |i: usize| row(i).iter().zip(attractions).any(|(&w, &a)| w * a > 0.0);
    let produced: Vec<f64> = (0..zones).map(|i| if leads(i) { productions[i] } else { 0.0 }).collect();
    let aimed = aims(&produced, attractions, weights);
    let mut b: Vec<f64> = aimed.iter().map(|&a| if a > 0.0 { 1.0 } else { 0.0 }).collect();
    let mut a = vec![0.0; zones];
    let (mut rounds, mut margin) = (0, f64::INFINITY);
    while rounds < ROUNDS && margin > MARGIN {
        rounds += 1;
        let mut arriving = vec![0.0; zones];
        for i in 0..zones {
            let pull: f64 = row(i).iter().zip(&b).map(|(w, b)| w * b).sum();
            a[i] = if pull > 0.0 { produced[i] / pull } else { 0.0 };
            for (sum, w) in arriving.iter_mut().zip(row(i)) {
                *sum += a[i] * w;
            }
        }
        margin = 0.0;
        for j in (0..zones).filter(|&j| aimed[j] > 0.0) {
            margin = f64::max(margin, (arriving[j] * b[j] - aimed[j]).abs() / aimed[j]);
        }
        if margin > MARGIN && rounds < ROUNDS {
            for j in (0..zones).filter(|&j| arriving[j] > 0.0) {
                b[j] = aimed[j] / arriving[j];
            }
        }
    }
    let trips = (0..zones).flat_map(|i| row(i).iter().zip(&b).map(move |(w, b)| (i, w * b)));
    let trips = trips.map(|(i, pull)| a[i] * pull).collect();
    let left_out = productions.iter().zip(&produced).map(|(all, kept)| all - kept).sum();
    Balanced { trips, attractions: aimed, left_out, rounds, margin }
}

/// Attractions of zones that a production reaches, scaled to the sum of the productions.
fn aims(produced: &[f64], attractions: &[f64], weights: &[f64]) -> Vec<f64> {
    let zones = produced.len();
    let mut reached = vec![false; zones];
    for i in (0..zones).filter(|&i| produced[i] > 0.0) {
        for (seen, &w) in reached.iter_mut().zip(&weights[i * zones..(i + 1) * zones]) {
            *seen |= w > 0.0;
        }
    }
    let kept: Vec<f64> = attractions.iter().zip(reached).map(|(&a, seen)| if seen { a } else { 0.0 }).collect();
    let (supply, pull) = (produced.iter().sum::<f64>(), kept.iter().sum::<f64>());
    kept.into_iter().map(|a| if pull > 0.0 { a * supply / pull } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Purpose};

    #[test]
    fn ipf_margins() {
        let zones = 40;
        let mut draws = Draws::new(5, Purpose::Generate, 1, 0);
        let productions: Vec<f64> = (0..zones).map(|_| 100.0 + 900.0 * draws.uniform()).collect();
        let attractions: Vec<f64> = (0..zones).map(|_| 10.0 + 500.0 * draws.uniform()).collect();
        let weights: Vec<f64> = (0..zones * zones).map(|_| libm::exp(-3.0 * draws.uniform())).collect();
        let balanced = balance(&productions, &attractions, &weights);
        assert!(balanced.margin <= MARGIN && balanced.rounds < ROUNDS);
        let scale = productions.iter().sum::<f64>() / attractions.iter().sum::<f64>();
        for z in 0..zones {
            let row: f64 = balanced.trips[z * zones..(z + 1) * zones].iter().sum();
            let column: f64 = (0..zones).map(|i| balanced.trips[i * zones + z]).sum();
            assert!((row / productions[z] - 1.0).abs() < 1e-12);
            assert!((column / (attractions[z] * scale) - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn equal_weights_give_the_proportional_matrix() {
        // T_ij = P_i A_j / ΣA: 30·(1/4, 3/4) and 10·(1/4, 3/4)
        let balanced = balance(&[30.0, 10.0], &[1.0, 3.0], &[0.5; 4]);
        assert_eq!(balanced.trips, [7.5, 22.5, 2.5, 7.5]);
    }

    #[test]
    fn the_cross_product_ratio_of_the_weights_survives_balancing() {
        let w = [1.0, 0.2, 0.4, 0.8];
        let t = balance(&[70.0, 30.0], &[45.0, 55.0], &w).trips;
        let ratio = |m: &[f64]| m[0] * m[3] / (m[1] * m[2]);
        assert!((ratio(&t) / ratio(&w) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn pairs_that_no_trip_joins_stay_empty_and_what_cannot_leave_is_told() {
        let mut weights = vec![1.0; 9];
        weights[0] = 0.0;
        weights[6..].fill(0.0);
        let balanced = balance(&[10.0, 20.0, 5.0], &[10.0, 10.0, 10.0], &weights);
        assert_eq!(balanced.trips[0], 0.0);
        assert_eq!(balanced.left_out, 5.0);
        assert!((balanced.trips.iter().sum::<f64>() - 30.0).abs() < 1e-9);
    }
}
