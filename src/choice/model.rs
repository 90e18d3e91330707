//! The choice of a mode: the agent takes what it likes best, by generalised cost, the mode's constant and a frozen error.
//!
//! **Nested logit by best responses.** Modes that are alike share a part of their errors: car and taxi; bus, rail,
//! park-and-ride and kiss-and-ride; walking and cycling. In the nested logit [McFadden 1978] errors ε of a nest with
//! dissimilarity λ have the joint distribution exp(−(Σ exp(−ε_i/λ))^λ). They are drawn exactly as ε_i = λ (g_i + ln S):
//! g_i are independent Gumbel draws of the alternatives, S is one positive stable draw of the nest with index λ, whose
//! Laplace transform is exp(−t^λ) [Kanter 1975]. Given S, P(ε_i ≤ x) = exp(−S exp(−x/λ)); the mean over S is that
//! distribution. With λ = 1, S is 1 and nothing is shared. So the shares of many agents are those of the closed form,
//! and every agent has errors of its own that never change.
//!
//! **Frozen.** A draw is keyed by the agent's signature and the word of the mode or nest. A choice is a best response, the
//! relative gap is real, and a variant that adds, drops or changes an alternative moves no other draw. Constant and
//! error are of a person and count for every person of the party, as costs do: the choice of a party is the one that
//! its costs per head would lead to.

use super::cost::{Party, Prices};
use crate::mode::Mode;
use crate::random::{Draws, Purpose, mix, signature};
use crate::scenario::settings::{ChoiceSettings, NestSettings};
use std::f64::consts::PI;

/// Smallest scale that is reckoned with, per yuan: errors stay finite.
const LEAST_SCALE_PER_CNY: f64 = 1e-6;

/// Modes that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nest {
    /// In a car or taxi for the whole way; trucks, which have nothing else, count here.
    Road,
    /// By lines.
    Lines,
    /// On foot or by bicycle.
    OwnPower,
}

impl Nest {
    /// All of them; the position is `nest as usize`.
    pub const ALL: [Nest; 3] = [Nest::Road, Nest::Lines, Nest::OwnPower];

    /// The nest of a mode.
    pub fn of(mode: Mode) -> Nest {
        match mode {
            Mode::Car | Mode::Taxi | Mode::Truck => Nest::Road,
            Mode::Transit | Mode::Bus | Mode::Rail | Mode::ParkAndRide | Mode::KissAndRide => Nest::Lines,
            Mode::Walk | Mode::Cycle => Nest::OwnPower,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Nest::Road => "nest road",
            Nest::Lines => "nest lines",
            Nest::OwnPower => "nest own power",
        }
    }
}

/// What agents like besides what costs say.
#[derive(Clone, Debug)]
pub struct Taste {
    seed: u64,
    scale_per_cny: f64,
    /// Constant by [`Mode`], yuan a head.
    constant_cny: [f64; Mode::COUNT],
    /// Signature of the mode's word by [`Mode`].
    signature: [u64; Mode::COUNT],
    /// Dissimilarity and signature by [`Nest`].
    nests: [(f64, u64); 3],
}

/// Dissimilarity by [`Nest`].
fn dissimilarities(nest: &NestSettings) -> [f64; 3] {
    [nest.road, nest.lines, nest.own_power]
}

impl Taste {
    /// Taste under prices and settings, with errors drawn from a seed.
    pub fn new(prices: &Prices, choice: &ChoiceSettings, seed: u64) -> Taste {
        let lambda = dissimilarities(&choice.nest);
        Taste {
            seed,
            scale_per_cny: choice.scale_per_cny.max(LEAST_SCALE_PER_CNY),
            constant_cny: Mode::ALL.map(|mode| prices.constant_cny(mode)),
            signature: Mode::ALL.map(|mode| signature(mode.word())),
            nests: Nest::ALL.map(|nest| (lambda[nest as usize], signature(nest.word()))),
        }
    }

    /// What is added to the generalised cost of a mode to make the cost as an agent feels it, yuan for the party:
    /// constant less error.
    pub fn added_cny(&self, key: u64, party: &Party, mode: Mode) -> f64 {
        let draws = |signature| Draws::new(self.seed, Purpose::ErrorTerm, mix(key, signature), 0);
        let (lambda, nest) = self.nests[Nest::of(mode) as usize];
        let own = draws(self.signature[mode as usize]).gumbel();
        let shared = if lambda < 1.0 { ln_stable(&mut draws(nest), lambda) } else { 0.0 };
        let error = lambda * (own + shared) / self.scale_per_cny;
        party.persons * (self.constant_cny[mode as usize] - error)
    }
}

/// Logarithm of a positive stable draw S of index λ in (0, 1), with E exp(−tS) = exp(−t^λ) [Kanter 1975]:
/// ln S = ln sin(λu) − ln sin(u)/λ + (1 − λ)/λ · (ln sin((1 − λ)u) − ln w), u uniform on (0, π), w exponential of mean 1.
fn ln_stable(draws: &mut Draws, lambda: f64) -> f64 {
    let (u, w) = (PI * draws.uniform(), draws.exponential(1.0));
    let ln_sin = |x: f64| libm::log(libm::sin(x));
    let rest = (1.0 - lambda) / lambda;
    ln_sin(lambda * u) - ln_sin(u) / lambda + rest * (ln_sin((1.0 - lambda) * u) - libm::log(w))
}

/// Expected least cost over modes of a nested logit, yuan: the logsum over nests of the logsums within them. Modes that
/// cost `unreachable` or more are left out; `unreachable` when none is left.
pub fn nested_logsum_cny(modes: &[(Mode, f64)], choice: &ChoiceSettings, unreachable: f64) -> f64 {
    let lambda = dissimilarities(&choice.nest);
    let nests = Nest::ALL.map(|nest| {
        let of_nest = modes.iter().filter(|(mode, _)| Nest::of(*mode) == nest).map(|m| m.1);
        let costs: Vec<f64> = of_nest.collect();
        logsum_cny(&costs, choice.scale_per_cny / lambda[nest as usize], unreachable)
    });
    logsum_cny(&nests, choice.scale_per_cny, unreachable)
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
        let taste = Taste::new(&prices, &settings, 7);
        let party = prices.party_of(Why::Other, 1.0, false);
        let n = 40_000;
        let first = (0..n)
            .filter(|&key| {
                10.0 + taste.added_cny(key, &party, Mode::Car) < 15.0 + taste.added_cny(key, &party, Mode::Transit)
            })
            .count();
        assert!((first as f64 / n as f64 - 0.7311).abs() < 0.008);
    }

    /// Share of 60,000 agents by mode, of modes with costs.
    fn shares(settings: &ChoiceSettings, modes: &[(Mode, f64)]) -> Vec<f64> {
        let prices = Prices::new(settings);
        let taste = Taste::new(&prices, settings, 7);
        let party = prices.party_of(Why::Other, 1.0, false);
        let n = 60_000;
        let mut counts = vec![0u32; modes.len()];
        for key in 0..n {
            let felt = modes.iter().map(|&(mode, cost)| cost + taste.added_cny(key, &party, mode));
            let best = felt.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).expect("some mode");
            counts[best.0] += 1;
        }
        counts.iter().map(|&c| f64::from(c) / n as f64).collect()
    }

    #[test]
    fn shares_of_many_agents_are_those_of_the_closed_nested_logit() {
        // Scale 0.2, λ of lines 0.5, of own power 0.7. In lines exp(−0.2·c/0.5) of 10, 11, 13: e^−4, e^−4.4, e^−5.2, sum S
        // = 0.018316 + 0.012277 + 0.005517 = 0.036110, S^0.5 = 0.190026. Walking and cycling at 12 and 9, exp(−0.2·c/0.7):
        // 0.032450 + 0.076456 = 0.108906, to the 0.7: 0.211737. Car at 14: e^−2.8 = 0.060810. All: 0.462573. Bus 0.190026/
        // 0.462573 · 0.018316/0.036110 = 0.20837, rail 0.13967, park-and-ride 0.06276; walk 0.13639, cycle 0.32135; car
        // 0.13146.
        let nest = NestSettings { lines: 0.5, own_power: 0.7, ..NestSettings::default() };
        let settings = ChoiceSettings { nest, ..ChoiceSettings::default() };
        let modes = [
            (Mode::Bus, 10.0),
            (Mode::Rail, 11.0),
            (Mode::ParkAndRide, 13.0),
            (Mode::Walk, 12.0),
            (Mode::Cycle, 9.0),
            (Mode::Car, 14.0),
        ];
        let wanted = [0.20837, 0.13967, 0.06276, 0.13639, 0.32135, 0.13146];
        for ((mode, _), (found, wanted)) in modes.iter().zip(shares(&settings, &modes).iter().zip(wanted)) {
            // Four deviations of a share of 60,000: 4 · √(0.25/60,000) = 0.008 at the most.
            assert!((found - wanted).abs() < 4.0 * libm::sqrt(wanted * (1.0 - wanted) / 6e4), "{mode:?} {found}");
        }
        // −ln 0.462573 / 0.2 = 3.8547.
        assert!((nested_logsum_cny(&modes, &settings, 1e6) - 3.8547).abs() < 1e-3);
    }

    #[test]
    fn who_loses_the_bus_goes_by_rail_rather_than_by_car() {
        // Without the bus the rest of its nest takes more than its part: without nests rail, walk and car would grow alike.
        let settings = ChoiceSettings::default();
        let with = shares(&settings, &[(Mode::Bus, 10.0), (Mode::Rail, 10.0), (Mode::Car, 10.0)]);
        let without = shares(&settings, &[(Mode::Rail, 10.0), (Mode::Car, 10.0)]);
        // λ = 0.6: the nest of two has 2^0.6 = 1.5157 against 1: rail 0.3012 and car 0.3975 before, half each after.
        assert!((with[1] - 0.3012).abs() < 0.008 && (with[2] - 0.3975).abs() < 0.008, "{with:?}");
        assert!((without[0] - 0.5).abs() < 0.008);
    }

    #[test]
    fn a_stable_draw_has_its_laplace_transform() {
        // E exp(−t S) = exp(−t^λ): for λ = 0.6, t = 1: e^−1 = 0.36788; t = 2: exp(−2^0.6) = 0.21965.
        let n = 100_000;
        let mean = |t: f64| {
            let one = |e| libm::exp(-t * libm::exp(ln_stable(&mut Draws::new(5, Purpose::ErrorTerm, e, 0), 0.6)));
            (0..n).map(one).sum::<f64>() / n as f64
        };
        assert!((mean(1.0) - 0.36788).abs() < 0.004, "{}", mean(1.0));
        assert!((mean(2.0) - 0.21965).abs() < 0.004, "{}", mean(2.0));
    }

    #[test]
    fn an_error_stays_the_same_whatever_else_is_on_offer() {
        let settings = ChoiceSettings::default();
        let prices = Prices::new(&settings);
        let one = prices.party_of(Why::Other, 1.0, false);
        let two = prices.party_of(Why::Other, 2.0, false);
        let taste = Taste::new(&prices, &settings, 7);
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
