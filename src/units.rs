//! Units at the public seams: time of day in integer milliseconds, and the readings that files allow for it.
//!
//! Raw arrays carry their unit as a suffix instead (`length_m`, `dwell_ms`, `capacity_pcu_h`).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment of the simulated day: integer milliseconds after midnight of the service day; may pass 24:00.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub i64);

/// Milliseconds in a second, a minute, an hour.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

impl Time {
    /// Later than any moment that a run can reach. A quarter of the range, so that adding any day-sized duration
    /// to it, or it to itself, cannot overflow.
    pub const NEVER: Time = Time(i64::MAX / 4);

    /// From seconds after midnight, rounded to the nearest millisecond.
    pub fn from_seconds(seconds: f64) -> Time {
        Time(ms(seconds))
    }

    /// Seconds after midnight.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / SECOND_MS as f64
    }

    /// The moment `duration_ms` later.
    pub fn plus(self, duration_ms: i64) -> Time {
        Time(self.0 + duration_ms)
    }

    /// Milliseconds from `earlier` to `self`; negative when `self` is the earlier one.
    pub fn since(self, earlier: Time) -> i64 {
        self.0 - earlier.0
    }

    /// Reads `HH:MM`, `HH:MM:SS` (hours of any width, past 24 allowed) or plain seconds after midnight.
    pub fn parse(text: &str) -> Option<Time> {
        let text = text.trim();
        if !text.contains(':') {
            let seconds: f64 = text.parse().ok()?;
            let sound = seconds.is_finite() && (0.0..1e7).contains(&seconds);
            return sound.then(|| Time::from_seconds(seconds));
        }
        let parts: Vec<&str> = text.split(':').collect();
        if parts.len() > 3
            || parts.iter().any(|p| p.is_empty() || p.len() > 3 || !p.bytes().all(|b| b.is_ascii_digit()))
        {
            return None;
        }
        let number = |i: usize| parts.get(i).map_or(Some(0), |p| p.parse::<i64>().ok());
        let (hours, minutes, seconds) = (number(0)?, number(1)?, number(2)?);
        (minutes < 60 && seconds < 60).then_some(Time(hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS))
    }
}

impl fmt::Display for Time {
    /// `HH:MM:SS`, milliseconds only when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (s, rest) = (self.0.div_euclid(SECOND_MS), self.0.rem_euclid(SECOND_MS));
        write!(f, "{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)?;
        if rest != 0 { write!(f, ".{rest:03}") } else { Ok(()) }
    }
}

/// Milliseconds of a duration in seconds, rounded to the nearest.
pub fn ms(seconds: f64) -> i64 {
    (seconds * SECOND_MS as f64).round() as i64
}

/// Mean radius of the Earth in metres (IUGG mean radius R1).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Great-circle distance in metres between two lon/lat points in degrees (haversine on the mean sphere).
pub fn distance_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (lat_a, lat_b) = (a[1].to_radians(), b[1].to_radians());
    let half_lat = libm::sin((lat_b - lat_a) / 2.0);
    let half_lon = libm::sin((b[0] - a[0]).to_radians() / 2.0);
    let h = half_lat * half_lat + libm::cos(lat_a) * libm::cos(lat_b) * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * libm::asin(libm::sqrt(h.min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_in_every_promised_form() {
        assert_eq!(Time::parse("06:30"), Some(Time(23_400_000)));
        assert_eq!(Time::parse("6:30:05"), Some(Time(23_405_000)));
        assert_eq!(Time::parse("25:10:00"), Some(Time(90_600_000)));
        assert_eq!(Time::parse("23400.5"), Some(Time(23_400_500)));
        for wrong in ["", "6:60", "-1", "6:", "a", "6:30:61", "NaN", "1:2:3:4"] {
            assert_eq!(Time::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Time(90_600_250).to_string(), "25:10:00.250");
    }

    #[test]
    fn one_degree_of_latitude_is_111_km() {
        // R1 · π / 180 = 6,371,008.8 · 0.01745329 = 111,195.08 m
        assert!((distance_m([113.0, 23.0], [113.0, 24.0]) - 111_195.08).abs() < 0.01);
    }
}
