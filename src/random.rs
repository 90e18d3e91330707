//! Keyed randomness: every draw is a pure function of (seed, purpose, entity, iteration, draw number).
//!
//! Philox4x32-10 [Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"], checked against the
//! known answers published with it. Nothing is drawn from a sequence that somebody else may also draw from, so adding,
//! removing or reordering agents moves nobody else's draws, and threads cannot matter.

use rand::rand_core::{Infallible, TryRng};

/// What a draw is for: draws of different purposes are independent even for the same entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Which zone, node, hour a traveller gets.
    Synthesis = 1,
    /// Frozen error term of an alternative.
    ErrorTerm = 2,
    /// Whether an agent switches in an iteration.
    Switch = 3,
    /// Service times of hub processes.
    Service = 4,
    /// Rounding of fractions to whole numbers (PCU, sampled counts).
    Rounding = 5,
    /// Parameter draws of the spillover estimate.
    Parameter = 6,
    /// Synthetic cities and scenarios.
    Generate = 7,
    /// Which optional steps of a process chain an agent takes.
    Step = 8,
}

/// A generator for one (seed, purpose, entity, iteration): its draws are numbered 0, 1, 2, …
#[derive(Clone, Debug)]
pub struct Draws {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Draws {
    /// The draws of an entity for a purpose in an iteration.
    pub fn new(seed: u64, purpose: Purpose, entity: u64, iteration: u32) -> Draws {
        Draws {
            key: [seed as u32, (seed >> 32) as u32],
            // Purpose and iteration share a word: 8 bits of purpose, 24 of iteration.
            counter: [0, entity as u32, (entity >> 32) as u32, (purpose as u32) << 24 | iteration & 0x00ff_ffff],
            block: [0; 4],
            used: 4,
        }
    }

    fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox4x32_10(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// A uniform variate in the open interval (0, 1), from 53 bits: never exactly 0 or 1, so logarithms are finite.
    pub fn uniform(&mut self) -> f64 {
        let high = u64::from(self.word()) << 32 | u64::from(self.word());
        ((high >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A whole number in 0..n (multiply-shift; bias below 2⁻³² for the sizes used here).
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(u64::from(self.word()) << 32 | u64::from(self.word())) * n as u128) >> 64) as usize
    }

    /// An exponential variate with the given mean, by inversion.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.uniform())
    }

    /// A standard Gumbel variate, by inversion: the error term of a logit.
    pub fn gumbel(&mut self) -> f64 {
        -libm::log(-libm::log(self.uniform()))
    }

    /// A standard normal variate, by inversion [Acklam's rational approximation, relative error below 1.2e-9].
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// The position at which the running sum of `weights` passes a uniform share of `total`. The last positive weight
    /// takes what rounding leaves over. `None` when no weight is positive.
    pub fn pick(&mut self, weights: &[f64], total: f64) -> Option<usize> {
        let mut left = self.uniform() * total;
        let mut last = None;
        for (i, &w) in weights.iter().enumerate() {
            if w > 0.0 {
                last = Some(i);
                left -= w;
                if left < 0.0 {
                    break;
                }
            }
        }
        last
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(4) {
            let bytes = self.word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

/// A 64-bit signature of a name that stays the same on every platform and in every version: the first eight bytes of
/// its BLAKE3 hash. It keys the draws of whatever the name names.
pub fn signature(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}

/// A signature made of an earlier one and a number.
pub fn mix(signature: u64, number: u64) -> u64 {
    let k = [signature as u32, (signature >> 32) as u32];
    let out = philox4x32_10([number as u32, (number >> 32) as u32, 0x6d69_7821, 0], k);
    u64::from(out[0]) | u64::from(out[1]) << 32
}

/// `amount` rounded to a whole number so that the expectation is `amount`: the fraction is the chance of rounding up.
pub fn round_keyed(amount: f64, seed: u64, entity: u64) -> u32 {
    let whole = amount.floor();
    let up = Draws::new(seed, Purpose::Rounding, entity, 0).uniform() < amount - whole;
    whole as u32 + u32::from(up)
}

fn philox4x32_10(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let p0 = u64::from(c[0]) * 0xD251_1F53;
        let p1 = u64::from(c[2]) * 0xCD9E_8D57;
        c = [(p1 >> 32) as u32 ^ c[1] ^ k[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ k[1], p0 as u32];
        k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
    }
    c
}

/// Quantile of the standard normal distribution [P. J. Acklam 2003].
pub fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209_460_984_245_205e2,
        -2.759285104469687e2,
        1.383_577_518_672_69e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let poly = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, &a| sum * x + a);
    let tail = |q: f64| poly(&C, q) / (poly(&D, q) * q + 1.0);
    if p < 0.02425 {
        tail(libm::sqrt(-2.0 * libm::log(p)))
    } else if p > 1.0 - 0.02425 {
        -tail(libm::sqrt(-2.0 * libm::log(1.0 - p)))
    } else {
        let q = p - 0.5;
        let r = q * q;
        poly(&A, r) * q / (poly(&B, r) * r + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_known_answers() {
        // kat_vectors of Random123 1.09: philox4x32 10 rounds
        assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox4x32_10([u32::MAX; 4], [u32::MAX; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox4x32_10([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn draws_do_not_depend_on_other_draws() {
        let one = Draws::new(7, Purpose::Switch, 42, 3).uniform();
        let mut other = Draws::new(7, Purpose::Switch, 41, 3);
        for _ in 0..100 {
            other.uniform();
        }
        assert_eq!(one, Draws::new(7, Purpose::Switch, 42, 3).uniform());
        assert_ne!(one, Draws::new(7, Purpose::Synthesis, 42, 3).uniform());
        assert_ne!(one, Draws::new(8, Purpose::Switch, 42, 3).uniform());
    }

    #[test]
    fn variates_have_their_moments() {
        let n = 200_000;
        let draws = |f: fn(&mut Draws) -> f64| -> f64 {
            (0..n).map(|e| f(&mut Draws::new(1, Purpose::Synthesis, e, 0))).sum::<f64>() / n as f64
        };
        assert!((draws(|d| d.uniform()) - 0.5).abs() < 0.003);
        assert!((draws(|d| d.exponential(2.0)) - 2.0).abs() < 0.02);
        assert!((draws(|d| d.gumbel()) - 0.577_215_664_9).abs() < 0.01);
        assert!(draws(|d| d.normal()).abs() < 0.01);
        assert!((normal_quantile(0.975) - 1.959_963_985).abs() < 1e-7);
    }

    #[test]
    fn picking_follows_the_weights_and_skips_zeros() {
        let weights = [0.0, 1.0, 3.0, 0.0];
        let mut counts = [0; 4];
        for e in 0..40_000 {
            counts[Draws::new(3, Purpose::Synthesis, e, 0).pick(&weights, 4.0).unwrap()] += 1;
        }
        assert_eq!((counts[0], counts[3]), (0, 0));
        assert!((f64::from(counts[2]) / 40_000.0 - 0.75).abs() < 0.01);
        assert_eq!(Draws::new(3, Purpose::Synthesis, 0, 0).pick(&[0.0], 0.0), None);
    }
}
