//! Which trips of a route run the same way.
//!
//! Real feeds give a route many stop sequences: branches, short turns, expresses; some give each way a direction_id of
//! its own and some do not. Trips of one direction_id that serve two stops in the same order run the same way, and so do
//! those that are joined by such trips.

use super::super::tables::{GtfsTrip, Timetable};
use rustc_hash::FxHashMap;

/// Trips of a route by way: positions in the table of trips, in the order of the first trip of each way.
pub(super) fn of_route(timetable: &Timetable, route_id: &str) -> Vec<Vec<usize>> {
    let own: Vec<usize> = (0..timetable.trips.len()).filter(|&t| timetable.trips[t].route_id == route_id).collect();
    let mut sequences: FxHashMap<(u32, Vec<u32>), usize> = FxHashMap::default();
    let mut joined: Vec<usize> = Vec::new();
    let mut first_with: FxHashMap<(u32, u32, u32), usize> = FxHashMap::default();
    let mut of_trip = Vec::with_capacity(own.len());
    for &t in &own {
        let trip = &timetable.trips[t];
        let stops: Vec<u32> = trip.calls.iter().map(|c| c.stop).collect();
        let next = joined.len();
        let sequence = *sequences.entry((trip.direction, stops.clone())).or_insert(next);
        if sequence == next {
            joined.push(sequence);
            for (k, &from) in stops.iter().enumerate() {
                for &to in stops[k + 1..].iter().filter(|&&to| to != from) {
                    let other = *first_with.entry((trip.direction, from, to)).or_insert(sequence);
                    join(&mut joined, other, sequence);
                }
            }
        }
        of_trip.push(sequence);
    }
    let mut ways: Vec<(usize, Vec<usize>)> = Vec::new();
    for (&t, sequence) in own.iter().zip(of_trip) {
        let root = root(&joined, sequence);
        match ways.iter_mut().find(|way| way.0 == root) {
            Some(way) => way.1.push(t),
            None => ways.push((root, vec![t])),
        }
    }
    ways.into_iter().map(|way| way.1).collect()
}

fn root(joined: &[usize], mut sequence: usize) -> usize {
    while joined[sequence] != sequence {
        sequence = joined[sequence];
    }
    sequence
}

fn join(joined: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(joined, a), root(joined, b));
    joined[a.max(b)] = a.min(b);
}

/// Whether two trips serve the same stops.
pub(super) fn same_stops(a: &GtfsTrip, b: &GtfsTrip) -> bool {
    a.direction == b.direction
        && a.calls.len() == b.calls.len()
        && a.calls.iter().zip(&b.calls).all(|(a, b)| a.stop == b.stop)
}
