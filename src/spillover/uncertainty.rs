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

/// Share of a figure's explained variance that comes from each parameter: squared standardised regression coefficients
/// [Saltelli et al. 2008, Global Sensitivity Analysis, 1.2.5], scaled to sum to one. Exact where the figure is linear in
/// independently drawn parameters; a first-order measure otherwise. With too few draws for a regression the squared
/// correlations stand in. All zero when nothing varies.
///
/// `parameters` holds the draws of each parameter, `figure` the figure by draw.
pub fn variance_shares(parameters: &[Vec<f64>], figure: &[f64]) -> Vec<f64> {
    let Some(y) = standardised(figure) else { return vec![0.0; parameters.len()] };
    let drawn: Vec<Option<Vec<f64>>> = parameters.iter().map(|p| standardised(p)).collect();
    let columns: Vec<&Vec<f64>> = drawn.iter().flatten().collect();
    let correlation: Vec<f64> = columns.iter().map(|x| dot(x, &y)).collect();
    let among: Vec<Vec<f64>> = columns.iter().map(|a| columns.iter().map(|b| dot(a, b)).collect()).collect();
    let enough = figure.len() > columns.len() + 1;
    let coefficients = if enough { solve(among, &correlation) } else { None }.unwrap_or(correlation);
    let sum: f64 = coefficients.iter().map(|c| c * c).sum();
    let mut left = coefficients.into_iter();
    let mut share = |drawn: &Option<Vec<f64>>| match drawn {
        Some(_) => left.next().map_or(0.0, |c| if sum > 0.0 { c * c / sum } else { 0.0 }),
        None => 0.0,
    };
    drawn.iter().map(&mut share).collect()
}

/// Values with mean 0 and sum of squares 1; `None` when they do not vary.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|x| x - mean).collect();
    let length = libm::sqrt(dot(&centred, &centred));
    // A spread far below the rounding of the values is no spread.
    (length > 1e-12 * mean.abs() * libm::sqrt(values.len() as f64) && length > 0.0)
        .then(|| centred.iter().map(|x| x / length).collect())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Solves a·x = b for a symmetric positive definite matrix by Cholesky's factors; `None` when it is not one.
fn solve(mut a: Vec<Vec<f64>>, b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    let mut x = b.to_vec();
    for i in 0..n {
        for j in 0..=i {
            let rest = a[i][j] - (0..j).map(|k| a[i][k] * a[j][k]).sum::<f64>();
            if i == j {
                a[i][i] = (rest > 1e-9).then(|| libm::sqrt(rest))?;
            } else {
                a[i][j] = rest / a[j][j];
            }
        }
        x[i] = (x[i] - (0..i).map(|k| a[i][k] * x[k]).sum::<f64>()) / a[i][i];
    }
    for i in (0..n).rev() {
        x[i] = (x[i] - (i + 1..n).map(|k| a[k][i] * x[k]).sum::<f64>()) / a[i][i];
    }
    Some(x)
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

    #[test]
    fn a_parameter_that_only_runs_along_with_another_gets_no_share() {
        // The figure is a alone; b correlates with a (0.6) but adds nothing: the regression sees it, a correlation does not.
        let a = vec![-2.0, -1.0, 0.0, 1.0, 2.0];
        let b = vec![-1.0, -2.0, 1.0, 2.0, 0.0];
        let shares = variance_shares(&[a.clone(), b], &a);
        assert!((shares[0] - 1.0).abs() < 1e-12 && shares[1] < 1e-12);
        // Two draws are too few for two coefficients: correlations, here both perfect.
        let few = variance_shares(&[vec![0.0, 1.0], vec![1.0, 0.0]], &[3.0, 4.0]);
        assert!((few[0] - 0.5).abs() < 1e-12 && (few[1] - 0.5).abs() < 1e-12);
    }
}
