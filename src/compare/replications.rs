//! Replications: the same pair of scenarios with several seeds. The difference is paired within each seed, so that what
//! chance does to both sides cancels; its interval is d̄ ± t·s_d/√R [Law & Kelton, paired-t confidence interval].

use super::Comparison;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// A difference over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedDifference {
    /// What differs.
    pub name: String,
    /// Unit in words.
    pub unit: String,
    /// Replications R.
    pub replications: usize,
    /// Mean of the paired differences.
    pub mean: f64,
    /// Half-width of the 95 % interval; `None` with fewer than two replications.
    pub half_width: Option<f64>,
    /// How often more replications an unpaired comparison would need for the same interval: (s²_base + s²_variant) / s²_d.
    /// `None` where the differences do not vary, or no base and variant are known.
    pub variance_reduction: Option<f64>,
}

impl PairedDifference {
    /// From the paired differences alone.
    pub fn of_differences(name: &str, unit: &str, differences: &[f64]) -> PairedDifference {
        let n = differences.len();
        let half_width =
            (n >= 2).then(|| student_quantile(0.975, n as u32 - 1) * libm::sqrt(variance(differences) / n as f64));
        PairedDifference {
            name: name.to_owned(),
            unit: unit.to_owned(),
            replications: n,
            mean: mean(differences),
            half_width,
            variance_reduction: None,
        }
    }

    /// From the figure in base and variant by replication.
    pub fn of_pairs(name: &str, unit: &str, base: &[f64], variant: &[f64]) -> PairedDifference {
        let differences: Vec<f64> =
            base.iter().zip(variant).map(|(b, v)| super::difference::difference(*b, *v)).collect();
        let paired = variance(&differences);
        PairedDifference {
            variance_reduction: (paired > 0.0).then(|| (variance(base) + variance(variant)) / paired),
            ..PairedDifference::of_differences(name, unit, &differences)
        }
    }

    /// Whether the half-width is at most this share of the mean: the test for having enough replications. A difference
    /// that is zero in every replication has a half-width of zero and passes.
    pub fn within(&self, share: f64) -> bool {
        self.half_width.is_some_and(|h| h <= share * self.mean.abs())
    }
}

/// Paired differences of every key figure and of every increment of the whole region, over the comparisons of all
/// replications; figures that are missing in one of them are left out.
pub fn over_replications(comparisons: &[Comparison]) -> Vec<PairedDifference> {
    let Some(first) = comparisons.first() else { return Vec::new() };
    let mut all = Vec::new();
    for kpi in &first.kpis {
        let pairs: Option<Vec<(f64, f64)>> =
            comparisons.iter().map(|c| c.kpi(&kpi.name).and_then(|k| Some((k.base?, k.variant?)))).collect();
        if let Some(pairs) = pairs {
            let (base, variant): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            all.push(PairedDifference::of_pairs(&kpi.name, &kpi.unit, &base, &variant));
        }
    }
    for row in &first.totals {
        let values: Option<Vec<f64>> = comparisons.iter().map(|c| c.total(&row.channel).map(|t| t.value)).collect();
        if let Some(values) = values {
            all.push(PairedDifference::of_differences(&row.channel, &row.unit, &values));
        }
    }
    all
}

/// Table `replications` of paired differences.
pub fn table(rows: &[PairedDifference]) -> Table {
    let unit = "as in column unit";
    Table::new("replications")
        .key("name", "key figure or channel", rows.iter().map(|r| r.name.clone()).collect())
        .key("unit", "unit of the figures", rows.iter().map(|r| r.unit.clone()).collect())
        .int("replications", "", "replications", rows.iter().map(|r| r.replications as i64).collect())
        .real("mean", unit, "mean of the paired differences", rows.iter().map(|r| r.mean).collect())
        .real_or_none(
            "half_width",
            unit,
            "half-width of the 95 % interval",
            rows.iter().map(|r| r.half_width).collect(),
        )
        .real_or_none(
            "variance_reduction",
            "",
            "how often more replications an unpaired comparison would need",
            rows.iter().map(|r| r.variance_reduction).collect(),
        )
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Variance of a sample, with n − 1 below; 0 for fewer than two values.
fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let m = mean(values);
    values.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (values.len() - 1) as f64
}

/// Quantile of Student's t distribution with `df` degrees of freedom, for 0.5 ≤ p < 1: the finite series for whole degrees of
/// freedom [Abramowitz & Stegun 1964, 26.7.3 and 26.7.4] inverted by bisection on the angle θ = atan(t/√ν).
pub fn student_quantile(p: f64, df: u32) -> f64 {
    let wanted = 2.0 * p - 1.0;
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    // 60 halvings of a quarter turn go below the spacing of doubles near 1.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if two_sided(middle, df) < wanted { low = middle } else { high = middle }
    }
    libm::tan((low + high) / 2.0) * libm::sqrt(f64::from(df))
}

/// P(|T| ≤ t) at the angle θ = atan(t/√ν).
fn two_sided(theta: f64, df: u32) -> f64 {
    let (sin, cos) = (libm::sin(theta), libm::cos(theta));
    let odd = df % 2 == 1;
    // Terms: odd cos θ · 2/3 cos³ θ · …; even 1 + 1/2 cos² θ + (1·3)/(2·4) cos⁴ θ …, up to the power ν − 2.
    let (mut term, mut power) = if odd { (cos, 1) } else { (1.0, 0) };
    let mut sum = 0.0;
    while power + 2 <= df {
        sum += term;
        term *= cos * cos * f64::from(power + 1) / f64::from(power + 2);
        power += 2;
    }
    if odd { 2.0 / std::f64::consts::PI * (theta + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_quantiles_are_those_of_the_printed_tables() {
        // 97.5 % column of any table of the t distribution.
        let printed = [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (9, 2.262),
            (10, 2.228),
            (30, 2.042),
            (120, 1.980),
        ];
        for (df, t) in printed {
            assert!((student_quantile(0.975, df) - t).abs() < 6e-4, "{df}: {}", student_quantile(0.975, df));
        }
        assert!((student_quantile(0.95, 7) - 1.895).abs() < 6e-4);
        assert!(student_quantile(0.5, 4).abs() < 1e-12);
    }

    #[test]
    fn pairing_takes_out_what_both_sides_share() {
        // Base 10, 20, 30; variant 11, 21.5, 31.5: differences 1, 1.5, 1.5, mean 4/3, s² = 1/12, s = 0.28868;
        // t(0.975, 2) = 4.30265: half-width 4.30265·0.28868/√3 = 0.71711; unpaired (100 + 105.0833)/(1/12) = 2461.
        let d = PairedDifference::of_pairs("x", "", &[10.0, 20.0, 30.0], &[11.0, 21.5, 31.5]);
        assert!((d.mean - 4.0 / 3.0).abs() < 1e-12);
        assert!((d.half_width.unwrap() - 0.717_11).abs() < 1e-4);
        assert!((d.variance_reduction.unwrap() - 2461.0).abs() < 1e-6);
        assert!(!d.within(0.5) && d.within(0.6));
    }

    #[test]
    fn nothing_that_differs_needs_no_more_replications_and_one_replication_has_no_interval() {
        let same = PairedDifference::of_pairs("x", "", &[1.0, 2.0], &[1.0, 2.0]);
        assert_eq!((same.mean, same.half_width, same.variance_reduction), (0.0, Some(0.0), None));
        assert!(same.within(0.05));
        let one = PairedDifference::of_pairs("x", "", &[1.0], &[2.0]);
        assert_eq!((one.mean, one.half_width, one.within(9.0)), (1.0, None, false));
    }
}
