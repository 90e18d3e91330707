//! What a link costs at a volume: the volume-delay function of the Bureau of Public Roads, its slope and its integral.
//!
//! t(v) = t₀·(1 + B·(v/c)ᵖ), and a fixed part for tolls and lengths that no volume changes. Units are those of the
//! network. For the system optimum the marginal cost t(v) + v·t'(v) takes the place of t(v); it is the same function with
//! B·(p + 1) for B.

/// Cost of a link as it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VolumeDelay {
    /// Time without traffic, ≥ 0.
    pub free_flow_time: f64,
    /// Coefficient B ≥ 0.
    pub b: f64,
    /// Capacity c, in the unit of volumes. Of 0 where the cost rises with the volume, the link takes no traffic: any at
    /// all would cost more than can be told.
    pub capacity: f64,
    /// Power p ≥ 0.
    pub power: f64,
    /// Fixed cost ≥ 0 that is added to the time.
    pub fixed: f64,
}

/// What one traveller pays, or adds to the costs of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// User equilibrium: nobody gains by another path.
    #[default]
    UserEquilibrium,
    /// System optimum: the total cost is least.
    SystemOptimum,
}

/// Cost and its derivative by volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cost {
    pub value: f64,
    pub slope: f64,
}

/// Most that the volume-dependent part of a cost comes to: a sum over any path stays finite, and no network in use comes
/// near it.
const MOST: f64 = 1e200;
/// Volume over capacity below which the slope of a power under 1 is taken as the one here: at 0 it is infinite, and a
/// step of Newton's method would stand still.
const LEAST_RATIO: f64 = 1e-3;

/// Capacities below this one are none: in files they mean that there is no such road.
const LEAST_CAPACITY: f64 = 1e-30;

/// How the power is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    /// The cost does not depend on the volume.
    None,
    /// 4, the power of nearly all links of nearly all networks: three multiplications.
    Fourth,
    /// A small whole number, by repeated squaring.
    Whole(u32),
    /// Any other number: `libm::pow`, the same bits on every platform, at ten times the time of the others.
    Real,
}

/// A cost made ready for many evaluations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Law {
    /// Cost at volume 0.
    base: f64,
    /// t₀·B, for the system optimum times p + 1.
    rise: f64,
    /// `rise`·p/c, the slope at capacity.
    steepness: f64,
    /// 1/c.
    per_capacity: f64,
    exponent: f64,
    power: Power,
}

impl Law {
    pub fn new(given: &VolumeDelay, objective: Objective) -> Law {
        let p = given.power;
        let rise = given.free_flow_time * given.b;
        let base = given.free_flow_time + given.fixed;
        let flat = Law { base, rise: 0.0, steepness: 0.0, per_capacity: 0.0, exponent: p, power: Power::None };
        if rise == 0.0 || given.is_closed() {
            return flat;
        }
        if p == 0.0 {
            return Law { base: base + rise, ..flat };
        }
        let rise = match objective {
            Objective::UserEquilibrium => rise,
            Objective::SystemOptimum => rise * (p + 1.0),
        };
        let power = match p {
            4.0 => Power::Fourth,
            _ if p == p.floor() && p <= 64.0 => Power::Whole(p as u32),
            _ => Power::Real,
        };
        Law { base, rise, steepness: rise * p / given.capacity, per_capacity: 1.0 / given.capacity, exponent: p, power }
    }

    /// Cost and slope at a volume ≥ 0.
    #[inline]
    pub fn at(&self, volume: f64) -> Cost {
        let r = volume * self.per_capacity;
        match self.power {
            Power::Fourth => {
                let r2 = r * r;
                Cost { value: self.base + self.rise * (r2 * r2), slope: self.steepness * (r2 * r) }
            }
            Power::None => Cost { value: self.base, slope: 0.0 },
            Power::Whole(p) => self.bounded(r, whole_power(r, p - 1)),
            Power::Real if self.exponent < 1.0 => {
                let value = self.rise * libm::pow(r, self.exponent);
                let slope = self.steepness * libm::pow(r.max(LEAST_RATIO), self.exponent - 1.0);
                Cost { value: self.base + value, slope }
            }
            Power::Real => self.bounded(r, libm::pow(r, self.exponent - 1.0)),
        }
    }

    /// Cost and slope from r and rᵖ⁻¹.
    fn bounded(&self, r: f64, below: f64) -> Cost {
        Cost { value: self.base + (self.rise * below * r).min(MOST), slope: (self.steepness * below).min(MOST) }
    }

    /// ∫₀ᵛ of the cost: its sum over links is what the equilibrium makes least [Beckmann, McGuire, Winsten 1956]. Under
    /// the system optimum it is v·t(v), the total cost.
    pub fn integral(&self, volume: f64) -> f64 {
        let risen = self.at(volume).value - self.base;
        let power = if self.power == Power::None { 0.0 } else { self.exponent };
        self.base * volume + risen * volume / (power + 1.0)
    }
}

impl VolumeDelay {
    /// Travel time at a volume, without the fixed part.
    pub fn time(&self, volume: f64) -> f64 {
        Law::new(&VolumeDelay { fixed: 0.0, ..*self }, Objective::UserEquilibrium).at(volume).value
    }

    /// Whether the link has no capacity and would need one; its cost is told as that without traffic.
    pub fn is_closed(&self) -> bool {
        self.b > 0.0 && self.power > 0.0 && self.capacity < LEAST_CAPACITY
    }

    /// What would be right, where the numbers are not those of a cost.
    pub(super) fn wanted(&self) -> Option<&'static str> {
        let numbers = [self.free_flow_time, self.b, self.capacity, self.power, self.fixed];
        numbers.iter().any(|x| !x.is_finite() || *x < 0.0).then_some("finite numbers ≥ 0")
    }
}

fn whole_power(mut base: f64, mut exponent: u32) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_by_hand() {
        // 2·(1 + 0.15·(50/100)⁴) + 1 = 3.01875; slope 2·0.15·4·0.5³/100 = 0.0015; integral 3·50 + 0.3·0.0625·50/5.
        let given = VolumeDelay { free_flow_time: 2.0, b: 0.15, capacity: 100.0, power: 4.0, fixed: 1.0 };
        let law = Law::new(&given, Objective::UserEquilibrium);
        let at = law.at(50.0);
        assert!((at.value - 3.01875).abs() < 1e-15 && (at.slope - 0.0015).abs() < 1e-17);
        assert!((law.integral(50.0) - (150.0 + 0.3 * 0.0625 * 10.0)).abs() < 1e-12);
        assert_eq!(given.time(0.0), 2.0);
        // Power 0: the rise is there at any volume.
        let flat = Law::new(&VolumeDelay { power: 0.0, ..given }, Objective::SystemOptimum);
        assert_eq!((flat.at(0.0).value, flat.at(9.0).value, flat.integral(2.0)), (3.3, 3.3, 6.6));
    }

    proptest! {
        #[test]
        fn slopes_and_integrals_fit(
            power in prop_oneof![Just(0.0), Just(1.0), Just(4.0), Just(17.0), 0.2..17.0f64], volume in 1.0..300.0f64,
        ) {
            let given = VolumeDelay { free_flow_time: 2.0, b: 0.5, capacity: 100.0, power, fixed: 0.5 };
            for objective in [Objective::UserEquilibrium, Objective::SystemOptimum] {
                let law = Law::new(&given, objective);
                let h = 1e-4 * volume;
                let (low, high) = (law.at(volume - h), law.at(volume + h));
                let at = law.at(volume);
                prop_assert!(((high.value - low.value) / (2.0 * h) - at.slope).abs() <= 1e-5 * (at.slope + 1e-3));
                let rise = (law.integral(volume + h) - law.integral(volume - h)) / (2.0 * h);
                prop_assert!((rise - at.value).abs() <= 1e-5 * at.value);
            }
            // The optimum's integral is the total cost.
            let total = volume * (given.time(volume) + given.fixed);
            let integral = Law::new(&given, Objective::SystemOptimum).integral(volume);
            prop_assert!((integral - total).abs() <= 1e-12 * total);
        }
    }
}
