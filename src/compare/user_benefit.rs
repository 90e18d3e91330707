//! User benefit by the rule of a half: ½·(trips before + trips after)·(cost before − cost after), summed over pairs of
//! places. It is what those who travelled before save, and half of it for those who come or go.

use crate::ids::DistrictIx;
use crate::table::Table;
use rustc_hash::FxHashMap;

/// Benefit of one pair of places, in the unit of cost; negative for a loss.
pub fn rule_of_half(trips_base: f64, trips_variant: f64, cost_base: f64, cost_variant: f64) -> f64 {
    0.5 * (trips_base + trips_variant) * (cost_base - cost_variant)
}

/// Which columns of a table hold the pairs of places, their trips and their cost.
#[derive(Clone, Copy, Debug)]
pub struct PairColumns<'a> {
    /// Key columns that name the pair.
    pub keys: [&'a str; 2],
    /// The key column that names the district to which the benefit counts.
    pub district: &'a str,
    /// Columns whose sum is the number of trips a day.
    pub trips: &'a [&'a str],
    /// Generalised cost of a trip, yuan.
    pub cost_cny: &'a str,
}

/// Benefit by district over all pairs that both tables know, yuan a day, and how many trips a day of the base had to be
/// left out because one side knows no cost for them.
pub fn by_district(
    base: &Table,
    variant: &Table,
    columns: PairColumns,
    district: impl Fn(&str) -> Option<DistrictIx>,
    districts: usize,
) -> (Vec<f64>, f64) {
    let key = |table: &Table, row: usize| columns.keys.map(|k| table.texts(k).get(row).cloned().unwrap_or_default());
    let place: FxHashMap<[String; 2], usize> = (0..variant.rows()).map(|row| (key(variant, row), row)).collect();
    let trips = |table: &Table, row: usize| columns.trips.iter().filter_map(|c| table.number(c, row)).sum::<f64>();
    let mut benefit = vec![0.0; districts];
    let mut left_out = 0.0;
    for row in 0..base.rows() {
        let Some(to) = base.texts(columns.district).get(row).and_then(|id| district(id)) else { continue };
        let other = place.get(&key(base, row)).copied();
        let costs = (base.number(columns.cost_cny, row), other.and_then(|r| variant.number(columns.cost_cny, r)));
        match (other, costs) {
            (Some(r), (Some(before), Some(after))) => {
                benefit[to.i()] += rule_of_half(trips(base, row), trips(variant, r), before, after);
            }
            _ => left_out += trips(base, row),
        }
    }
    (benefit, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_of_half_equals_logsum_for_small_changes() {
        // Binary logit of scale μ = 0.2 per yuan: a way for c yuan against staying for 20 yuan, 1,000 persons.
        let (mu, persons, stay) = (0.2, 1000.0, 20.0);
        let trips = |c: f64| persons / (1.0 + libm::exp(-mu * (stay - c)));
        let logsum = |c: f64| persons / mu * libm::log(libm::exp(-mu * c) + libm::exp(-mu * stay));
        let mut last = f64::INFINITY;
        for step in [1.0, 0.1, 0.01] {
            let half = rule_of_half(trips(18.0), trips(18.0 - step), 18.0, 18.0 - step);
            let exact = logsum(18.0 - step) - logsum(18.0);
            // The trapezoid rule errs with the third power of the step: a tenth of the step, a thousandth of the error.
            let error = (half - exact).abs();
            assert!(error < 1.5 * step * step * step && error < last / 500.0, "step {step}: {half} against {exact}");
            last = error;
        }
    }

    #[test]
    fn those_who_come_get_half_of_what_those_who_stay_save() {
        // 100 trips save 3 yuan each, 20 new trips half of that: 300 + 30 = 330; dearer travel loses.
        assert_eq!(rule_of_half(100.0, 120.0, 10.0, 7.0), 330.0);
        assert_eq!(rule_of_half(120.0, 100.0, 7.0, 10.0), -330.0);
    }

    #[test]
    fn trips_without_a_cost_are_left_out_and_told() {
        let table = |trips: [f64; 2], cost: [Option<f64>; 2]| {
            Table::new("t")
                .key("hub_id", "", vec!["h".into(), "h".into()])
                .key("district_id", "", vec!["W".into(), "E".into()])
                .real("n", "", "", trips.to_vec())
                .real_or_none("c", "", "", cost.to_vec())
        };
        let columns =
            PairColumns { keys: ["hub_id", "district_id"], district: "district_id", trips: &["n"], cost_cny: "c" };
        let base = table([10.0, 7.0], [Some(5.0), None]);
        let variant = table([10.0, 7.0], [Some(4.0), Some(1.0)]);
        let district = |id: &str| ["W", "E"].iter().position(|d| *d == id).map(DistrictIx::from);
        assert_eq!(by_district(&base, &variant, columns, district, 2), (vec![10.0, 0.0], 7.0));
    }
}
