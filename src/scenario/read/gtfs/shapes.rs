//! GTFS `shapes.txt`: the ways that vehicles take on the map, and how far along them each stop lies.
//!
//! Where both `stop_times.txt` and `shapes.txt` say `shape_dist_traveled`, a stop lies where the shape has that value.
//! Else stops are laid onto the shape so that they keep their order and lie as near to it as that allows, each being free
//! to choose among the places where the shape passes it: a loop that passes a stop twice is no trap.

use super::feed::Feed;
use super::stop_times::Stopping;
use super::stops::Stops;
use crate::ids::Words;
use crate::scenario::read::range::{LATITUDE, LONGITUDE, NOT_NEGATIVE};
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::Form;
use crate::units::distance_m;
use rustc_hash::FxHashMap;
use std::ops::RangeInclusive;

/// A stop further from the shape than this does not belong to it, metres.
const FARTHEST_M: f64 = 1_000.0;
/// Places where the shape passes a stop are as near as the nearest and this, metres.
const NEAR_M: f64 = 150.0;
/// How far a stop may lie behind the one before on a shape that is drawn roughly, metres.
const BEHIND_M: f64 = 50.0;
/// Places that are kept of each stop.
const MOST_PLACES: usize = 12;

/// A shape.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Lon/lat degrees.
    points: Vec<[f64; 2]>,
    /// Metres along it.
    chainage_m: Vec<f64>,
    /// `shape_dist_traveled`, where all points have it and it grows.
    travelled: Option<Vec<f32>>,
}

/// Shapes of the trips that run.
#[derive(Default)]
pub(super) struct Shapes {
    /// By code of the shape.
    lines: Vec<Line>,
    /// Ways found already, by shape and stops with their `shape_dist_traveled`.
    known: FxHashMap<Vec<u32>, Option<u32>>,
    key: Vec<u32>,
    /// Ways: metres from the first call, by call.
    pub ways: Vec<Vec<f32>>,
    /// Stop sequences that do not lie along their shape.
    pub astray: usize,
}

/// The way of one trip.
#[derive(Default)]
pub(super) struct Way {
    along_m: Option<Vec<f32>>,
}

impl Way {
    /// Metres of some of the calls.
    pub fn along(&self, calls: RangeInclusive<usize>) -> Option<&[f32]> {
        self.along_m.as_ref().map(|along| &along[calls])
    }
}

/// A point of a shape: its shape and place in it, position, and the way travelled up to it.
type Point = (u32, u32, [f64; 2], Option<f64>);

impl Shapes {
    /// Reads the shapes that trips name; those of faulty rows go without these rows.
    pub fn read(reading: &mut Reading, feed: &mut Feed, names: &Words, used: &[Option<u32>]) -> Shapes {
        let mut is_used = vec![false; names.len()];
        used.iter().flatten().for_each(|&shape| is_used[shape as usize] = true);
        let form = Form {
            required: &["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"],
            optional: &["shape_dist_traveled"],
            open: true,
        };
        let lenient = !feed.uses(false);
        let (mut last_id, mut last) = (String::new(), None);
        let points = feed.rows(reading, ("shapes.txt", false), &form, |row| -> Option<Point> {
            let id = row.at(0);
            if id != last_id {
                last = names.find(id).filter(|&shape| is_used[shape as usize]);
                id.clone_into(&mut last_id);
            }
            let shape = last?;
            let at = [row.number("shape_pt_lon", LONGITUDE), row.number("shape_pt_lat", LATITUDE)];
            let sequence = row.at(3).parse();
            if sequence.is_err() {
                row.wrong("shape_pt_sequence", "a whole number ≥ 0");
            }
            let travelled = row.number_maybe("shape_dist_traveled", NOT_NEGATIVE);
            (row.is_sound() || !lenient).then_some((shape, sequence.unwrap_or(0), at, travelled))
        });
        let mut points = points.unwrap_or_default();
        points.sort_by_key(|p| (p.0, p.1));
        let mut shapes = Shapes { lines: vec![Line::default(); names.len()], ..Shapes::default() };
        for line in points.chunk_by(|a, b| a.0 == b.0) {
            shapes.lines[line[0].0 as usize] = Line::new(line);
        }
        shapes
    }

    /// Finds the way of a trip along its shape; its place among the ways.
    pub fn way(&mut self, shape: Option<u32>, run: &[Stopping], stops: &Stops, way: &mut Way) -> Option<u32> {
        way.along_m = None;
        let shape = shape.filter(|s| self.lines.get(*s as usize).is_some_and(|line| line.points.len() > 1))?;
        self.key.clear();
        self.key.push(shape);
        for stopping in run {
            // No way is travelled below zero: all ones stand for nothing.
            self.key.extend([stopping.stop, stopping.travelled().map_or(u32::MAX, f32::to_bits)]);
        }
        let place = match self.known.get(self.key.as_slice()) {
            Some(known) => *known,
            None => {
                let found = self.lines[shape as usize].way(run, stops);
                self.astray += usize::from(found.is_none());
                let place = found.map(|found| {
                    self.ways.push(found);
                    self.ways.len() as u32 - 1
                });
                self.known.insert(self.key.clone(), place);
                place
            }
        };
        way.along_m = place.map(|place| self.ways[place as usize].clone());
        place
    }
}

impl Line {
    fn new(points: &[Point]) -> Line {
        let mut along = 0.0;
        let mut line = Line::default();
        for (i, point) in points.iter().enumerate() {
            if i > 0 {
                along += distance_m(points[i - 1].2, point.2);
            }
            line.points.push(point.2);
            line.chainage_m.push(along);
        }
        let travelled: Option<Vec<f32>> = points.iter().map(|p| p.3.map(|t| t as f32)).collect();
        line.travelled = travelled.filter(|t| t.is_sorted() && t[0] < t[t.len() - 1]);
        line
    }

    /// Metres of each call from the first one; `None` when the stops do not lie along the shape.
    fn way(&self, run: &[Stopping], stops: &Stops) -> Option<Vec<f32>> {
        let along = self.told(run).or_else(|| self.laid(run, stops))?;
        let first = along[0];
        Some(along.iter().map(|a| (a - first) as f32).collect())
    }

    /// By the way that the feed tells.
    fn told(&self, run: &[Stopping]) -> Option<Vec<f64>> {
        let told = self.travelled.as_ref()?;
        let wanted: Option<Vec<f32>> = run.iter().map(Stopping::travelled).collect();
        let wanted = wanted.filter(|w| w.is_sorted() && w[0] < w[w.len() - 1])?;
        let place = |travelled: f32| {
            let after = told.partition_point(|t| *t < travelled).clamp(1, told.len() - 1);
            let (low, high) = (f64::from(told[after - 1]), f64::from(told[after]));
            let share = if high > low { ((f64::from(travelled) - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
            let (from, to) = (self.chainage_m[after - 1], self.chainage_m[after]);
            from + (to - from) * share
        };
        Some(wanted.into_iter().map(place).collect())
    }

    /// By laying the stops onto the shape.
    fn laid(&self, run: &[Stopping], stops: &Stops) -> Option<Vec<f64>> {
        let places: Option<Vec<Vec<(f64, f64)>>> =
            run.iter().map(|stopping| self.places(stops.position(stopping.stop))).collect();
        let places = places?;
        // By stop and place: the least sum of distances so far, and the place of the stop before that it comes from.
        let mut best: Vec<Vec<(f64, usize)>> = vec![places[0].iter().map(|p| (p.1, 0)).collect()];
        for pair in places.windows(2) {
            let before = &best[best.len() - 1];
            let reached = pair[1].iter().map(|&(along, away)| {
                let sources = pair[0].iter().enumerate().filter(|(_, from)| from.0 <= along + BEHIND_M);
                let least = sources.map(|(i, _)| (before[i].0, i)).min_by(|a, b| a.0.total_cmp(&b.0));
                least.map_or((f64::INFINITY, 0), |(cost, i)| (cost + away, i))
            });
            let reached = reached.collect();
            best.push(reached);
        }
        let last = best.last()?;
        let mut at = (0..last.len()).min_by(|a, b| last[*a].0.total_cmp(&last[*b].0))?;
        if last[at].0.is_infinite() {
            return None;
        }
        let mut along = vec![0.0; run.len()];
        for stop in (0..run.len()).rev() {
            along[stop] = places[stop][at].0;
            at = best[stop][at].1;
        }
        for i in 1..along.len() {
            along[i] = along[i].max(along[i - 1]);
        }
        Some(along)
    }

    /// Where the shape passes a point: metres along it and away from it, in the order of the shape.
    fn places(&self, at: [f64; 2]) -> Option<Vec<(f64, f64)>> {
        // Metres of a degree in a plane that touches the Earth at the stop.
        let north_m = distance_m([0.0, 0.0], [0.0, 1.0]);
        let east_m = north_m * libm::cos(at[1].to_radians());
        let plane = |p: [f64; 2]| [(p[0] - at[0]) * east_m, (p[1] - at[1]) * north_m];
        let mut found: Vec<(f64, f64)> = Vec::with_capacity(self.points.len());
        let mut from = plane(self.points[0]);
        for (i, point) in self.points.iter().enumerate().skip(1) {
            let to = plane(*point);
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let square = dx * dx + dy * dy;
            let share = if square > 0.0 { (-(from[0] * dx + from[1] * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
            let (x, y) = (from[0] + share * dx, from[1] + share * dy);
            let along = self.chainage_m[i - 1] + share * (self.chainage_m[i] - self.chainage_m[i - 1]);
            found.push((along, libm::sqrt(x * x + y * y)));
            from = to;
        }
        let nearest = found.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
        if nearest > FARTHEST_M {
            return None;
        }
        let is_least = |i: usize| {
            (i == 0 || found[i].1 <= found[i - 1].1)
                && (i + 1 == found.len() || found[i].1 < found[i + 1].1)
                && found[i].1 <= nearest + NEAR_M
        };
        let mut places: Vec<(f64, f64)> = (0..found.len()).filter(|&i| is_least(i)).map(|i| found[i]).collect();
        if places.is_empty() {
            places.extend(found.iter().find(|p| p.1 == nearest).copied());
        }
        places.sort_by(|a, b| a.1.total_cmp(&b.1));
        places.truncate(MOST_PLACES);
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(places)
    }
}
