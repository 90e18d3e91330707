//! What parameter draws say about a figure: its interval, the chance of its sign, and which parameters it hangs on.

/// A figure with the defaults and what the draws give around it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// Value with all parameters at their defaults.
    pub value: f64,
    /// 5 % quantile over the draws; `None` without draws.
    pub p05: Option<f64>,
    /// Median over the draws.
    pub p50: Option<f64>,
    /// 95 % quantile over the draws.
    pub p95: Option<f64>,
    /// Share of the draws in which the figure is above zero.
    pub positive: Option<f64>,
}

impl Interval {
    /// From a figure by parameter set: the first set holds the defaults, the others are draws.
    pub fn over_sets(values: &[f64]) -> Interval {
        let Some((&value, draws)) = values.split_first() else { return Interval::default() };
        let mut sorted = draws.to_vec();
        sorted.sort_by(f64::total_cmp);
        let above = sorted.iter().filter(|&&x| x > 0.0).count();
        Interval {
            value,
            p05: quantile(&sorted, 0.05),
            p50: quantile(&sorted, 0.50),
            p95: quantile(&sorted, 0.95),
            positive: (!sorted.is_empty()).then(|| above as f64 / sorted.len() as f64),
        }
    }
}

/// Quantile of sorted values, linear between order statistics [Hyndman & Fan 1996, definition 7].
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p * last as f64;
    let below = place as usize;
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    Some(a + (b - a) * (place - below as f64))
}

/// Share of a figure's explained variance that comes from each parameter: squared correlations over the draws, scaled to
/// sum to one. Exact in the limit where the figure is linear in independently drawn parameters; a first-order measure
/// otherwise. All zero when nothing varies.
///
/// `parameters` holds the draws of each parameter, `figure` the figure by draw.
pub fn variance_shares(parameters: &[Vec<f64>], figure: &[f64]) -> Vec<f64> {
    let squared: Vec<f64> = parameters.iter().map(|p| squared_correlation(p, figure)).collect();
    let sum: f64 = squared.iter().sum();
    squared.into_iter().map(|r| if sum > 0.0 { r / sum } else { 0.0 }).collect()
}

fn squared_correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len()) as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (&x, &y) in a.iter().zip(b) {
        aa += (x - mean_a) * (x - mean_a);
        bb += (y - mean_b) * (y - mean_b);
        ab += (x - mean_a) * (y - mean_b);
    }
    if aa > 0.0 && bb > 0.0 { ab * ab / (aa * bb) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_read_off_the_draws_and_not_off_the_default() {
        // Draws −1, 0, …, 19 (21 of them): place of 5 % is 1 → 0, of 50 % is 10 → 9, of 95 % is 19 → 18.
        let values: Vec<f64> = std::iter::once(100.0).chain((-1..20).map(f64::from)).collect();
        let interval = Interval::over_sets(&values);
        assert_eq!(
            (interval.value, interval.p05, interval.p50, interval.p95),
            (100.0, Some(0.0), Some(9.0), Some(18.0))
        );
        assert_eq!(interval.positive, Some(19.0 / 21.0));
        assert_eq!(Interval::over_sets(&[5.0]), Interval { value: 5.0, ..Interval::default() });
        assert_eq!(quantile(&[1.0, 2.0], 0.25), Some(1.25));
    }

    #[test]
    fn variance_is_shared_out_by_what_moves_the_figure() {
        // figure = 2a + b on the four corners of a square: variances 4 and 1, so 80 % and 20 %; c is constant.
        let a = vec![0.0, 0.0, 1.0, 1.0];
        let b = vec![0.0, 1.0, 0.0, 1.0];
        let figure: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a + b).collect();
        let shares = variance_shares(&[a, b, vec![3.0; 4]], &figure);
        assert!((shares[0] - 0.8).abs() < 1e-12 && (shares[1] - 0.2).abs() < 1e-12 && shares[2] == 0.0);
        assert_eq!(variance_shares(&[vec![1.0, 2.0]], &[5.0, 5.0]), vec![0.0]);
    }
}
