//! Agglomeration: workers produce more where more jobs can be reached for less [TAG A2.4; Graham et al. 2009].
//!
//! ΔY_zs = [(D¹/D⁰)^(κρ_s) − 1]·y_z·E_zs, between the effective densities of two finished runs. If all costs are multiplied
//! by c, D is multiplied by c^(−α) and the relative increment is exactly c^(−ακρ) − 1.

/// Increment of value added of one sector in one district, yuan a year.
///
/// `exponent` is κρ; `value_added` is y·E, what the sector makes in the district in the base. A district that reaches
/// no job in one of the two runs has no ratio and no increment.
pub fn increment(density_base: f64, density_variant: f64, exponent: f64, value_added: f64) -> f64 {
    if density_base <= 0.0 || density_variant <= 0.0 {
        return 0.0;
    }
    value_added * libm::expm1(exponent * libm::log(density_variant / density_base))
}

/// Value added per worker, yuan a year; 0 where there is no job.
pub fn value_added_per_worker(gdp_cny: f64, jobs: f64) -> f64 {
    if jobs > 0.0 { gdp_cny / jobs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::tables::SECTORS;
    use crate::spillover::accessibility::tests::three_zones;
    use crate::spillover::accessibility::{densities, general_costs};
    use crate::spillover::parameters::Parameter;
    use crate::spillover::parameters::Parameters;
    use crate::spillover::parameters::tests::table;

    #[test]
    fn agglomeration_scaling() {
        // 0.9^(−αρ) − 1: manufacturing 1.097·0.021 = 0.023037, −ln 0.9 = 0.1053605, exp(0.00242719) − 1 = 0.2430 %.
        let hand = [0.002430, 0.005611, 0.004608, 0.015386];
        let set = Parameters::read(&table(), "p.csv").unwrap().defaults();
        let (places, skims) = three_zones();
        let mut cheaper = skims.clone();
        cheaper.car_cny.iter_mut().chain(&mut cheaper.transit_cny).for_each(|c| *c *= 0.9);
        let alphas: Vec<f64> = (0..SECTORS.len()).map(|s| set.of(Parameter::alpha(s))).collect();
        let base = densities(&places, &general_costs(&skims), &alphas);
        let variant = densities(&places, &general_costs(&cheaper), &alphas);
        for (d0, d1) in base.iter().zip(&variant) {
            for (s, expected) in hand.iter().enumerate() {
                let rho = set.of(Parameter::rho(s));
                let growth = increment(d0[s], d1[s], rho, 1.0);
                assert!((growth - expected).abs() < 5e-7, "{}: {growth} against {expected}", SECTORS[s]);
                assert!((growth - (libm::pow(0.9, -alphas[s] * rho) - 1.0)).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn dearer_travel_is_a_loss_and_the_same_travel_is_nothing() {
        assert!(increment(10.0, 9.0, 0.1, 1e9) < 0.0);
        assert_eq!(increment(10.1, 10.1, 0.1, 1e9), 0.0);
        assert_eq!(increment(0.0, 9.0, 0.1, 1e9), 0.0);
        assert_eq!(value_added_per_worker(100.0, 0.0), 0.0);
        assert_eq!(value_added_per_worker(100.0, 4.0), 25.0);
    }
}
