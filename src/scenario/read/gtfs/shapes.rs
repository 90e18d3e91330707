//! GTFS `shapes.txt`: the ways that vehicles take on the map, and how far along them each stop lies.
//!
//! Where both `stop_times.txt` and `shapes.txt` say `shape_dist_traveled`, a stop lies where the shape has that value.
//! Else stops are laid onto the shape so that they keep their order and lie as near to it as that allows, each being free
//! to choose among the places where the shape passes it: a loop that passes a stop twice is no trap.

use super::feed::Feed;
use super::stop_times::Stopping;
use super::stops::Stops;
use super::trips::Trips;
use crate::error::shown;
use crate::ids::Words;
use crate::scenario::read::range::{LATITUDE, LONGITUDE, NOT_NEGATIVE};
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::{Form, whole};
use crate::units::distance_m;
use rustc_hash::FxHashMap;
use std::ops::RangeInclusive;

/// A stop further from the shape than this does not belong to it, metres.
const FARTHEST_M: f64 = 1_000.0;
/// A way along a shape is no shorter than this part of the straight way, stops that lie beside it aside.
const SHORTEST: f64 = 0.8;
/// Sums of distances that differ by less are the same, metres.
const SAME_M: f64 = 0.01;
/// Pairs of a stop and a piece of a shape that are looked at for one trip at most.
const MOST_PAIRS: usize = 20_000_000;

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

/// A point of a shape: its shape and place in it, position, the way travelled up to it, and its row.
type Point = (u32, u32, [f64; 2], Option<f64>, u32);

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
                let wanted = whole(row.at(3));
                row.wrong("shape_pt_sequence", wanted);
            }
            let travelled = row.number_maybe("shape_dist_traveled", NOT_NEGATIVE);
            (row.is_sound() || !lenient).then_some((shape, sequence.unwrap_or(0), at, travelled, row.line))
        });
        let mut points = points.unwrap_or_default();
        points.sort_by_key(|p| (p.0, p.1));
        let mut again = points.windows(2).filter(|p| (p[0].0, p[0].1) == (p[1].0, p[1].1)).map(|p| p[1].4);
        if let Some(row) = again.next() {
            let (file, more) = (feed.name("shapes.txt"), again.count());
            let words = "a shape_pt_sequence of its shape again; such points keep the order of the file";
            feed.notes.push(format!("{file}:{row}: {words} ({} rows)", more + 1));
        }
        let mut shapes = Shapes { lines: vec![Line::default(); names.len()], ..Shapes::default() };
        for line in points.chunk_by(|a, b| a.0 == b.0) {
            shapes.lines[line[0].0 as usize] = Line::new(line);
        }
        shapes
    }

    /// Notes trips whose shape has no points.
    pub fn missing(&self, feed: &mut Feed, trips: &Trips) {
        let has_none = |shape: &Option<u32>| shape.is_some_and(|s| self.lines[s as usize].points.is_empty());
        let mut rows = trips.shape.iter().zip(&trips.rows).filter(|(shape, _)| has_none(shape));
        let Some((&Some(shape), trip)) = rows.next() else { return };
        let (file, id, count) = (feed.name("trips.txt"), shown(trips.shapes.word(shape)), 1 + rows.count());
        let words = "which shapes.txt does not have; their ways are straight from stop to stop";
        feed.notes.push(format!("{file}:{}: shape_id \"{id}\", {words} (trips with such a shape: {count})", trip.row));
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

    /// Metres of each call from the first one; `None` when the stops do not lie along the shape, or when it leads from one
    /// to the next in far less than the straight way: some feeds cut shapes off before the last stop.
    fn way(&self, run: &[Stopping], stops: &Stops) -> Option<Vec<f32>> {
        let along = self.told(run).or_else(|| self.laid(run, stops))?;
        let straight_m = |pair: &[Stopping]| distance_m(stops.position(pair[0].stop), stops.position(pair[1].stop));
        let mut hops = run.windows(2).zip(along.windows(2));
        if hops.any(|(pair, along)| along[1] - along[0] < SHORTEST * straight_m(pair) - FARTHEST_M / 2.0) {
            return None;
        }
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

    /// By laying the stops onto the shape: of all ways to give each stop a piece of the shape in the order of both, the one
    /// with the least sum of distances.
    fn laid(&self, run: &[Stopping], stops: &Stops) -> Option<Vec<f64>> {
        let pieces = self.points.len() - 1;
        if run.len() * pieces > MOST_PAIRS {
            return None;
        }
        let mut along_m: Vec<Vec<f64>> = Vec::with_capacity(run.len());
        let mut cost = vec![0.0; pieces];
        // By stop and piece: the piece of the stop before.
        let mut before: Vec<Vec<u32>> = Vec::with_capacity(run.len());
        for stopping in run {
            let (along, away) = self.passes(stops.position(stopping.stop))?;
            let mut source = Vec::with_capacity(pieces);
            let (mut least, mut from) = (f64::INFINITY, 0);
            for piece in 0..pieces {
                // Who stays on a piece and goes back on it pays for the way back.
                let back = along_m.last().map_or(0.0, |before| (before[piece] - along[piece]).max(0.0));
                let stays = cost[piece] + back;
                // Of pieces that are as near the first: a way there and back along one road is the same twice.
                let (best, via) = if stays < least - SAME_M { (stays, piece as u32) } else { (least, from) };
                if cost[piece] < least - SAME_M {
                    (least, from) = (cost[piece], piece as u32);
                }
                source.push(via);
                cost[piece] = best + away[piece];
            }
            along_m.push(along);
            before.push(source);
        }
        let mut at = 0;
        for piece in 1..pieces {
            if cost[piece] < cost[at] - SAME_M {
                at = piece;
            }
        }
        let mut found = vec![0.0; run.len()];
        for stop in (0..run.len()).rev() {
            found[stop] = along_m[stop][at];
            at = before[stop][at] as usize;
        }
        // Two stops at one piece may come in the wrong order by a few metres.
        for i in 1..found.len() {
            found[i] = found[i].max(found[i - 1]);
        }
        Some(found)
    }

    /// For each piece of the shape the metres along it where it passes a point, and how far away that is; `None` where all
    /// of it is too far.
    fn passes(&self, at: [f64; 2]) -> Option<(Vec<f64>, Vec<f64>)> {
        // Metres of a degree in a plane that touches the Earth at the stop.
        let north_m = distance_m([0.0, 0.0], [0.0, 1.0]);
        let east_m = north_m * libm::cos(at[1].to_radians());
        let plane = |p: [f64; 2]| [(p[0] - at[0]) * east_m, (p[1] - at[1]) * north_m];
        let (mut along, mut away) = (Vec::with_capacity(self.points.len()), Vec::with_capacity(self.points.len()));
        let mut from = plane(self.points[0]);
        for (i, point) in self.points.iter().enumerate().skip(1) {
            let to = plane(*point);
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let square = dx * dx + dy * dy;
            let share = if square > 0.0 { (-(from[0] * dx + from[1] * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
            let (x, y) = (from[0] + share * dx, from[1] + share * dy);
            along.push(self.chainage_m[i - 1] + share * (self.chainage_m[i] - self.chainage_m[i - 1]));
            away.push(libm::sqrt(x * x + y * y));
            from = to;
        }
        let near = away.iter().any(|metres| *metres <= FARTHEST_M);
        near.then_some((along, away))
    }
}
