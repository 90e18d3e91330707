//! The choice of a mode: the agent takes what it likes best, by generalised cost, the mode's constant and a frozen error.
//!
//! The error term is drawn once per agent and mode and never again: it is keyed by the agent's signature and the mode's
//! word, so a choice is a best response, the relative gap is real, and a variant that does not touch an alternative does
//! not move its draw. Gumbel errors of the given scale make the shares of many agents those of a logit. Constant and
//! error are of a person and count for every person of the party, as costs do: the choice of a party is the one that
//! its costs per head would lead to.

use super::cost::{Party, Prices};
use crate::mode::Mode;
use crate::random::{Draws, Purpose, mix, signature};

/// Smallest scale that is reckoned with, per yuan: errors stay finite.
const LEAST_SCALE_PER_CNY: f64 = 1e-6;

/// What agents like besides what costs say.
#[derive(Clone, Debug)]
pub struct Taste {
    seed: u64,
    scale_per_cny: f64,
    /// Constant by [`Mode`], yuan a head.
    constant_cny: [f64; Mode::COUNT],
    /// Signature of the mode's word by [`Mode`].
    signature: [u64; Mode::COUNT],
}

impl Taste {
    /// Taste under prices, with errors of the given scale drawn from a seed.
    pub fn new(prices: &Prices, scale_per_cny: f64, seed: u64) -> Taste {
        Taste {
            seed,
            scale_per_cny: scale_per_cny.max(LEAST_SCALE_PER_CNY),
            constant_cny: Mode::ALL.map(|mode| prices.constant_cny(mode)),
            signature: Mode::ALL.map(|mode| signature(mode.word())),
        }
    }

    /// What is added to the generalised cost of a mode to make the cost as an agent feels it, yuan for the party:
    /// constant less error.
    pub fn added_cny(&self, key: u64, party: &Party, mode: Mode) -> f64 {
        let entity = mix(key, self.signature[mode as usize]);
        let error = Draws::new(self.seed, Purpose::ErrorTerm, entity, 0).gumbel() / self.scale_per_cny;
        party.persons * (self.constant_cny[mode as usize] - error)
    }
}

/// Expected least cost of a logit over alternatives, yuan: −ln Σ exp(−scale · cost) / scale. Costs at or above
/// `unreachable` are left out; `unreachable` when none is left.
pub fn logsum_cny(costs: &[f64], scale_per_cny: f64, unreachable: f64) -> f64 {
    let scale = scale_per_cny.max(LEAST_SCALE_PER_CNY);
    let least = costs.iter().copied().fold(unreachable, f64::min);
    if least >= unreachable {
        return unreachable;
    }
    // Taken relative to the least cost, so that no exponential can underflow to a sum of zero.
    let sum: f64 = costs.iter().filter(|&&c| c < unreachable).map(|&c| libm::exp(-scale * (c - least))).sum();
    least - libm::log(sum) / scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Purpose as Why;
    use crate::scenario::settings::ChoiceSettings;

    #[test]
    fn shares_of_many_agents_are_those_of_a_logit() {
        // Scale 0.2 per yuan, costs 10 and 15: the first is taken by 1 / (1 + e^−1) = 0.7311 of the agents.
        let settings = ChoiceSettings::default();
        let prices = Prices::new(&settings);
        let taste = Taste::new(&prices, settings.scale_per_cny, 7);
        let party = prices.party_of(Why::Other, 1.0, false);
        let n = 40_000;
        let first = (0..n)
            .filter(|&key| {
                10.0 + taste.added_cny(key, &party, Mode::Car) < 15.0 + taste.added_cny(key, &party, Mode::Transit)
            })
            .count();
        assert!((first as f64 / n as f64 - 0.7311).abs() < 0.008);
    }

    #[test]
    fn an_error_stays_the_same_whatever_else_is_on_offer() {
        let settings = ChoiceSettings::default();
        let prices = Prices::new(&settings);
        let one = prices.party_of(Why::Other, 1.0, false);
        let two = prices.party_of(Why::Other, 2.0, false);
        let taste = Taste::new(&prices, 0.2, 7);
        let drawn = taste.added_cny(5, &one, Mode::Taxi);
        taste.added_cny(5, &one, Mode::Car);
        assert_eq!(drawn, taste.added_cny(5, &one, Mode::Taxi));
        assert_eq!(2.0 * drawn, taste.added_cny(5, &two, Mode::Taxi));
        assert_ne!(drawn, taste.added_cny(6, &one, Mode::Taxi));
    }

    #[test]
    fn a_logsum_of_two_equal_costs_is_ln_2_below_them() {
        // −ln(2 e^(−0.2·30)) / 0.2 = 30 − ln 2 / 0.2 = 30 − 3.4657
        assert!((logsum_cny(&[30.0, 30.0, 1e6], 0.2, 1e6) - (30.0 - std::f64::consts::LN_2 / 0.2)).abs() < 1e-9);
        assert_eq!(logsum_cny(&[1e6], 0.2, 1e6), 1e6);
        // Far above zero nothing underflows.
        assert!((logsum_cny(&[90_000.0], 0.2, 1e6) - 90_000.0).abs() < 1e-9);
    }
}
