//! Accessibility: what can be reached from a zone or district, and for how much.
//!
//! Effective density is D_i = Σ_j E_j·g_ij^(−α). Its cost g must be positive and scale with the costs it is made of, so that
//! the closed form of [`super::agglomeration`] holds. A logit logsum does neither (it is negative between near zones,
//! and doubling all costs does not double it), so g is the composite cost of a multinomial weibit over car and transit
//! [Castillo et al. 2008], g = (car^(−ν) + transit^(−ν))^(−1/ν): homogeneous of degree one, never above the cheaper mode,
//! and a mode without a path drops out. Within a zone g is half the cost to the nearest other zone.

use crate::ids::{HubIx, ZoneIx};
use crate::network::districts::{District, Places};
use crate::network::skims::{Skims, UNREACHABLE_CNY};
use rayon::prelude::*;

/// Shape ν of the weibit composite: near the costs of usual trips (20 yuan) it has the sensitivity of a logit of scale
/// 0.2 per yuan, the default of the mode choice, as ν ≈ scale · cost.
const COMPOSITE_SHAPE: f64 = 4.0;

/// Least cost between two places, yuan: a walk of about three minutes at 20 yuan per hour. It keeps powers finite when
/// two zones touch, and binds for no pair of zones of a sound scenario.
const LEAST_COST_CNY: f64 = 1.0;

/// Generalised cost g between all pairs of zones, yuan, at `from * zones + to`, the intrazonal costs included.
pub fn general_costs(skims: &Skims) -> Vec<f64> {
    let n = skims.zones;
    let mut costs: Vec<f64> =
        skims.car_cny.iter().zip(&skims.transit_cny).map(|(&car, &transit)| composite(car, transit)).collect();
    for i in 0..n {
        let nearest = (0..n).filter(|&j| j != i).map(|j| costs[i * n + j]).fold(UNREACHABLE_CNY, f64::min);
        // A zone without reachable neighbours keeps what its own skim says.
        if nearest < UNREACHABLE_CNY {
            costs[i * n + i] = (nearest / 2.0).max(LEAST_COST_CNY);
        }
    }
    costs
}

fn composite(car: f64, transit: f64) -> f64 {
    let usable = |cost: f64| (cost.is_finite() && cost < UNREACHABLE_CNY).then_some(cost.max(LEAST_COST_CNY));
    match (usable(car), usable(transit)) {
        (None, None) => UNREACHABLE_CNY,
        (Some(only), None) | (None, Some(only)) => only,
        (Some(a), Some(b)) => {
            // The cheaper mode is taken out of the power, so that nothing under- or overflows.
            let (low, high) = (a.min(b), a.max(b));
            let gain = libm::pow(1.0 + libm::pow(low / high, COMPOSITE_SHAPE), -1.0 / COMPOSITE_SHAPE);
            (low * gain).max(LEAST_COST_CNY)
        }
    }
}

/// Effective densities by district and exponent: `[district][exponent]`, in jobs · yuan^(−α), the mean of the district's
/// zones weighted by their jobs (where the workers are whom it makes more productive).
///
/// `costs` comes from [`general_costs`]; zones that no path joins add nothing.
pub fn densities(places: &Places, costs: &[f64], exponents: &[f64]) -> Vec<Vec<f64>> {
    let n = places.zones.len();
    let jobs: Vec<f64> = places.zones.iter().map(|z| z.jobs).collect();
    let by_zone: Vec<Vec<f64>> = (0..n)
        .into_par_iter()
        .map(|i| {
            // Logarithms once per pair, exponentials once per pair and exponent.
            let reached: Vec<(f64, f64)> = costs[i * n..(i + 1) * n]
                .iter()
                .zip(&jobs)
                .filter(|&(&g, &e)| g < UNREACHABLE_CNY && e > 0.0)
                .map(|(&g, &e)| (libm::log(g), e))
                .collect();
            exponents.iter().map(|a| reached.iter().map(|(ln_g, e)| e * libm::exp(-a * ln_g)).sum()).collect()
        })
        .collect();
    let mean = |d: &District, k: usize| mean_over(d, |z| places.zones[z.i()].jobs, |z| Some(by_zone[z.i()][k]));
    places.districts.iter().map(|d| (0..exponents.len()).map(|k| mean(d, k).unwrap_or(0.0)).collect()).collect()
}

/// Access of a district to a hub: means over its residents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HubAccess {
    /// Logsum over the modes as a cost, yuan.
    pub logsum_cny: Option<f64>,
    /// Door-to-hall time by car, minutes.
    pub car_min: Option<f64>,
    /// Door-to-hall time by transit, minutes, of those who have a journey.
    pub transit_min: Option<f64>,
    /// Share of the residents who have a journey by transit.
    pub transit_share: f64,
    /// Passengers a day of the hub's services per 1,000 residents who compete for them (see [`catchment`]).
    pub service_per_1000: f64,
}

/// Access of every district to every hub, at `hub * districts + district`.
///
/// `supply` is what each hub serves, passengers a day, and `decay_per_min` how fast its catchment thins out.
pub fn hub_access(places: &Places, skims: &Skims, supply: &[f64], decay_per_min: &[f64]) -> Vec<HubAccess> {
    let (n, hubs) = (places.zones.len(), supply.len());
    let population: Vec<f64> = places.zones.iter().map(|z| z.population).collect();
    let minutes = |h: usize, z: usize| skims.hub_car_min[h * n + z].min(skims.hub_transit_min[h * n + z]);
    let weights: Vec<f64> = (0..hubs * n)
        .map(|k| {
            let fastest = minutes(k / n, k % n);
            if reached(fastest) { libm::exp(-decay_per_min[k / n] * fastest) } else { 0.0 }
        })
        .collect();
    let mut access = Vec::with_capacity(hubs * places.districts.len());
    for h in 0..hubs {
        let share = catchment(&population, &supply[h..=h], &weights[h * n..(h + 1) * n]);
        let pick = |values: &'_ [f64], z: ZoneIx| Some(values[skims.to_hub(z, HubIx::from(h))]).filter(|&v| reached(v));
        for d in &places.districts {
            let mean = |value: &dyn Fn(ZoneIx) -> Option<f64>| mean_over(d, |z| population[z.i()], value);
            access.push(HubAccess {
                logsum_cny: mean(&|z| pick(&skims.hub_logsum_cny, z)),
                car_min: mean(&|z| pick(&skims.hub_car_min, z)),
                transit_min: mean(&|z| pick(&skims.hub_transit_min, z)),
                transit_share: mean(&|z| Some(f64::from(u8::from(pick(&skims.hub_transit_min, z).is_some()))))
                    .unwrap_or(0.0),
                service_per_1000: 1000.0 * mean(&|z| Some(share[z.i()])).unwrap_or(0.0),
            });
        }
    }
    access
}

/// Supply per head with competition, the two-step floating catchment [Luo & Wang 2003] with a smooth weight:
/// A_i = Σ_j f_ij·S_j / Σ_k P_k·f_kj. What is shared out is what there is: Σ_i P_i·A_i = Σ_j S_j over all supplied places that
/// somebody can reach.
///
/// `weight[j * people + i]` is f of place `j` for zone `i`.
pub fn catchment(population: &[f64], supply: &[f64], weight: &[f64]) -> Vec<f64> {
    let n = population.len();
    let mut access = vec![0.0; n];
    for (j, s) in supply.iter().enumerate() {
        let row = &weight[j * n..(j + 1) * n];
        let competing: f64 = population.iter().zip(row).map(|(p, f)| p * f).sum();
        if competing > 0.0 {
            for (a, f) in access.iter_mut().zip(row) {
                *a += f * s / competing;
            }
        }
    }
    access
}

/// Jobs within `minutes` by the faster of car and transit, by district (mean over its residents). Jobs of the own zone
/// always count.
pub fn jobs_within(places: &Places, skims: &Skims, minutes: f64) -> Vec<f64> {
    let n = places.zones.len();
    let by_zone: Vec<f64> = (0..n)
        .map(|i| {
            let near = |j: usize| j == i || skims.car_min[i * n + j].min(skims.transit_min[i * n + j]) <= minutes;
            (0..n).filter(|&j| near(j)).map(|j| places.zones[j].jobs).sum()
        })
        .collect();
    let mean = |d| mean_over(d, |z: ZoneIx| places.zones[z.i()].population, |z| Some(by_zone[z.i()]));
    places.districts.iter().map(|d| mean(d).unwrap_or(0.0)).collect()
}

/// Mean cost of travel between districts, yuan, at `from * districts + to`: logsums weighted by residents at the origin
/// and jobs at the destination. The weights do not depend on the flows, so a difference is a difference of costs.
pub fn district_costs(places: &Places, skims: &Skims) -> Vec<Option<f64>> {
    let resident = |z: ZoneIx| places.zones[z.i()].population;
    let job = |z: ZoneIx| places.zones[z.i()].jobs;
    let cost = |a, b| Some(skims.logsum_cny[skims.pair(a, b)]).filter(|&c| reached(c));
    let from_to = |a: &District, b: &District| mean_over(a, resident, |i| mean_over(b, job, |j| cost(i, j)));
    places
        .districts
        .iter()
        .flat_map(|a| places.districts.iter().map(move |b| (a, b)))
        .map(|(a, b)| from_to(a, b))
        .collect()
}

/// Whether a time or cost is one, and not the mark of a pair that no path joins.
fn reached(value: f64) -> bool {
    value.is_finite() && value < UNREACHABLE_CNY
}

/// Weighted mean over the zones of a district that have a value; a plain mean when no such zone has weight.
fn mean_over(
    district: &District,
    weight: impl Fn(ZoneIx) -> f64,
    value: impl Fn(ZoneIx) -> Option<f64>,
) -> Option<f64> {
    let (mut weighted, mut weights, mut plain, mut count) = (0.0, 0.0, 0.0, 0.0);
    for &zone in &district.zones {
        let Some(v) = value(zone) else { continue };
        let w = weight(zone);
        weighted += w * v;
        weights += w;
        plain += v;
        count += 1.0;
    }
    if weights > 0.0 { Some(weighted / weights) } else { (count > 0.0).then(|| plain / count) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ids::DistrictIx;
    use crate::network::districts::Zone;

    /// Two districts: west with zones 0 and 1, east with zone 2; one hub in the east.
    pub(crate) fn three_zones() -> (Places, Skims) {
        let zone = |d: u32, population, jobs| Zone {
            district: DistrictIx(d),
            name: String::new(),
            position: [113.0, 23.0],
            population,
            jobs,
            external: false,
            nodes: Vec::new(),
        };
        let district = |name: &str, jobs: [f64; 4], zones: Vec<ZoneIx>| District {
            name: name.into(),
            name_en: name.into(),
            population: 3000.0,
            gdp_cny: 4e8,
            jobs,
            rings: Vec::new(),
            zones,
        };
        let places = Places {
            districts: vec![
                district("west", [400.0, 100.0, 300.0, 200.0], vec![ZoneIx(0), ZoneIx(1)]),
                district("east", [100.0, 100.0, 200.0, 600.0], vec![ZoneIx(2)]),
            ],
            zones: vec![zone(0, 2000.0, 400.0), zone(0, 1000.0, 600.0), zone(1, 3000.0, 1000.0)],
        };
        let car_cny = vec![5.0, 20.0, 40.0, 20.0, 5.0, 30.0, 40.0, 30.0, 5.0];
        let transit_cny = vec![5.0, 20.0, UNREACHABLE_CNY, 20.0, 5.0, 30.0, UNREACHABLE_CNY, 30.0, 5.0];
        let minutes: Vec<f64> = vec![0.0, 20.0, 61.0, 20.0, 0.0, 45.0, 61.0, 45.0, 0.0];
        let skims = Skims {
            zones: 3,
            logsum_cny: car_cny.iter().map(|c| c - 2.0).collect(),
            car_cny,
            transit_cny,
            transit_min: minutes.iter().map(|m| m + 9.0).collect(),
            car_min: minutes,
            hub_logsum_cny: vec![40.0, 28.0, 10.0],
            hub_car_min: vec![60.0, 30.0, 10.0],
            hub_transit_min: vec![f64::INFINITY, 50.0, 20.0],
        };
        (places, skims)
    }

    #[test]
    fn costs_are_positive_and_scale_with_what_they_are_made_of() {
        let (_, skims) = three_zones();
        let g = general_costs(&skims);
        // Two equal modes of 20 yuan: 20·2^(−1/4) = 16.8179; no transit between 0 and 2, so 40; within zone 0 half of 16.8179.
        assert!((g[1] - 16.817_928_305).abs() < 1e-8);
        assert_eq!(g[2], 40.0);
        assert!((g[0] - 8.408_964_152).abs() < 1e-8);
        let mut doubled = skims.clone();
        doubled.car_cny.iter_mut().chain(&mut doubled.transit_cny).for_each(|c| *c *= 2.0);
        for (a, b) in g.iter().zip(general_costs(&doubled)) {
            assert!((b / a - 2.0).abs() < 1e-14);
        }
        assert_eq!(composite(-3.0, UNREACHABLE_CNY), LEAST_COST_CNY);
        assert_eq!(composite(f64::INFINITY, UNREACHABLE_CNY), UNREACHABLE_CNY);
    }

    #[test]
    fn effective_density_counts_jobs_by_cost_and_weights_zones_by_jobs() {
        let (places, _) = three_zones();
        let costs = [2.0, 10.0, 20.0, 10.0, 4.0, 20.0, 20.0, 20.0, UNREACHABLE_CNY];
        // α = 1: zone 0: 400/2 + 600/10 + 1000/20 = 310; zone 1: 40 + 150 + 50 = 240; west = (400·310 + 600·240)/1000 = 268.
        // east: 400/20 + 600/20 and nothing of its own zone = 50. α = 0 counts the jobs reached.
        let d = densities(&places, &costs, &[1.0, 0.0]);
        assert!((d[0][0] - 268.0).abs() < 1e-9 && (d[1][0] - 50.0).abs() < 1e-9);
        assert!((d[0][1] - 2000.0).abs() < 1e-9 && (d[1][1] - 1000.0).abs() < 1e-9);
    }

    #[test]
    fn access_to_a_hub_is_the_mean_of_the_residents_who_have_it() {
        let (places, skims) = three_zones();
        let access = hub_access(&places, &skims, &[500.0], &[0.0]);
        // West: 2,000 residents at 60 min, 1,000 at 30: 50 min by car; by transit only the 1,000 at 50 min, a third.
        assert_eq!(access[0].car_min, Some(50.0));
        assert_eq!(access[0].transit_min, Some(50.0));
        assert!((access[0].transit_share - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(access[0].logsum_cny, Some(36.0));
        // Without decay 500 passengers a day are shared by 6,000 residents: 83.33 per 1,000 everywhere.
        assert!(access.iter().all(|a| (a.service_per_1000 - 500.0 / 6.0).abs() < 1e-9));
    }

    #[test]
    fn catchment_identity() {
        // Σ P_i A_i = Σ S_j for any weights, of the places that somebody reaches: the third is reached by nobody.
        let population = [100.0, 2500.0, 70.0];
        let weight = [1.0, 0.2, 0.0, 0.5, 0.5, 0.9, 0.0, 0.0, 0.0];
        let access = catchment(&population, &[30.0, 8.0, 99.0], &weight);
        let shared: f64 = population.iter().zip(&access).map(|(p, a)| p * a).sum();
        assert!((shared - 38.0).abs() < 1e-12);
        // One place, two zones: 30 / (100 + 2500·0.2) = 0.05 a head in the first zone, a fifth of it in the second.
        let one = catchment(&population[..2], &[30.0], &weight[..2]);
        assert!((one[0] - 0.05).abs() < 1e-15 && (one[1] - 0.01).abs() < 1e-15);
    }

    #[test]
    fn jobs_within_reach_count_the_border_minute() {
        let (places, skims) = three_zones();
        // 45 min: zone 0 reaches 0 and 1 (1,000 jobs), zone 1 all 2,000: west (2·1,000 + 1·2,000)/3; east 600 + 1,000.
        let within = jobs_within(&places, &skims, 45.0);
        assert!((within[0] - 4000.0 / 3.0).abs() < 1e-9);
        assert_eq!(within[1], 1600.0);
        // At 61 min everything.
        assert_eq!(jobs_within(&places, &skims, 61.0), vec![2000.0, 2000.0]);
    }

    #[test]
    fn cost_between_districts_is_weighted_by_residents_and_jobs() {
        let (places, skims) = three_zones();
        // West to east: (2,000·38 + 1,000·28)/3,000 = 34.667; east to west: (400·38 + 600·28)/1,000 = 32.
        let costs = district_costs(&places, &skims);
        assert!((costs[1].unwrap() - 104.0 / 3.0).abs() < 1e-12);
        assert!((costs[2].unwrap() - 32.0).abs() < 1e-12);
    }
}
