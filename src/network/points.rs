//! Points on the Earth in the order of their latitude: which of them lie near a place. Distances in metres.
//!
//! A distance is never shorter than the difference in latitude, so a search that walks outwards by latitude may stop as
//! soon as that difference alone exceeds what it looks for. No projection is needed, and results are exact.

use crate::units::distance_m;

/// Numbered points, sorted by latitude.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Latitude first, for the search; then number and position.
    by_latitude: Vec<(f64, usize, [f64; 2])>,
    /// Metres in a degree of latitude.
    degree_m: f64,
}

/// Slack that covers rounding of distances, metres.
const ROUNDING_M: f64 = 1e-3;

impl Points {
    /// From numbers and lon/lat positions.
    pub fn new(points: impl IntoIterator<Item = (usize, [f64; 2])>) -> Points {
        let mut by_latitude: Vec<_> = points.into_iter().map(|(i, p)| (p[1], i, p)).collect();
        by_latitude.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Points { by_latitude, degree_m: distance_m([0.0, 0.0], [0.0, 1.0]) }
    }

    /// The points within a radius: number and distance in metres, nearest first, then by number.
    pub fn within(&self, from: [f64; 2], radius_m: f64) -> Vec<(usize, f64)> {
        let band = (radius_m + ROUNDING_M) / self.degree_m;
        let first = self.by_latitude.partition_point(|p| p.0 < from[1] - band);
        let mut near: Vec<(usize, f64)> = self.by_latitude[first..]
            .iter()
            .take_while(|p| p.0 <= from[1] + band)
            .map(|&(_, i, p)| (i, distance_m(from, p)))
            .filter(|&(_, d)| d <= radius_m)
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        near
    }

    /// The nearest point that is accepted, with its distance in metres; of equally near ones the lowest number.
    pub fn nearest(&self, from: [f64; 2], accept: impl Fn(usize) -> bool) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        let mut above = self.by_latitude.partition_point(|p| p.0 < from[1]);
        let mut below = above;
        loop {
            let gap_m = |i: Option<usize>| {
                i.and_then(|i| self.by_latitude.get(i)).map(|p| (p.0 - from[1]).abs() * self.degree_m)
            };
            let (up, down) = (gap_m(Some(above)), gap_m(below.checked_sub(1)));
            let goes_up = match (up, down) {
                (Some(u), Some(d)) => u <= d,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => return best,
            };
            let gap = if goes_up { up } else { down };
            if best.is_some_and(|(_, d)| gap.is_some_and(|g| g > d + ROUNDING_M)) {
                return best;
            }
            let at = if goes_up { above } else { below - 1 };
            if goes_up {
                above += 1
            } else {
                below -= 1
            }
            let (_, i, p) = self.by_latitude[at];
            let d = distance_m(from, p);
            if best.is_none_or(|(j, b)| d < b || (d == b && i < j)) && accept(i) {
                best = Some((i, d));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_search_by_latitude_finds_what_looking_at_every_point_finds(
            points in prop::collection::vec((113.0..113.5f64, 23.0..23.5f64), 1..60),
            from in (113.0..113.5f64, 23.0..23.5f64),
            radius in 0.0..40_000.0f64,
        ) {
            let from = [from.0, from.1];
            let positions: Vec<[f64; 2]> = points.iter().map(|&(x, y)| [x, y]).collect();
            let index = Points::new(positions.iter().copied().enumerate());
            let mut all: Vec<(usize, f64)> =
                positions.iter().enumerate().map(|(i, &p)| (i, distance_m(from, p))).collect();
            all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            prop_assert_eq!(index.nearest(from, |_| true), all.first().copied());
            prop_assert_eq!(index.nearest(from, |i| i % 2 == 1), all.iter().copied().find(|(i, _)| i % 2 == 1));
            all.retain(|&(_, d)| d <= radius);
            prop_assert_eq!(index.within(from, radius), all);
        }
    }

    #[test]
    fn of_two_points_at_one_place_the_first_is_the_nearest() {
        let index = Points::new([(7, [113.0, 23.0]), (3, [113.0, 23.0])]);
        assert_eq!(index.nearest([113.0, 23.1], |_| true).map(|(i, _)| i), Some(3));
        assert_eq!(Points::new([]).nearest([0.0, 0.0], |_| true), None);
    }
}
