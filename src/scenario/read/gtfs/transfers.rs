//! GTFS `transfers.txt`: changes between stops that are given, and those that are not possible.

use super::feed::Feed;
use super::stops::{Place, Stops};
use crate::scenario::check::Unknown;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::Form;
use crate::scenario::tables::TransferRow;
use std::cmp::Reverse;

/// Pairs of stops at most: a row between two stations is one of every stop with every other.
const MOST_PAIRS: usize = 5_000_000;

/// Reads the transfers between stops; a station stands for all its stops.
pub(super) fn transfers(reading: &mut Reading, feed: &mut Feed, stops: &Stops) -> Vec<TransferRow> {
    let form = Form {
        required: &["from_stop_id", "to_stop_id", "transfer_type"],
        optional: &["min_transfer_time", "from_route_id", "to_route_id", "from_trip_id", "to_trip_id"],
        open: true,
    };
    let file = feed.name("transfers.txt");
    let mut unknown = ["from_stop_id", "to_stop_id"].map(|c| Unknown::new(&file, c, "a stop_id of stops.txt"));
    let children = children(stops);
    let lenient = !feed.uses(false);
    let (mut in_seat, mut of_trips, mut at_one_stop, mut pairs) = (0, 0, 0, 0);
    let read = feed.rows(reading, ("transfers.txt", false), &form, |row| {
        let kind = row.count_maybe("transfer_type").unwrap_or(0);
        if kind > 5 {
            row.wrong("transfer_type", "0, 1, 2, 3, 4 or 5");
        }
        let min_s = row.count_maybe("min_transfer_time");
        if min_s.is_some_and(|s| s > 86_400) {
            row.wrong("min_transfer_time", "whole seconds, at most 86,400");
        }
        if matches!(kind, 4 | 5) {
            in_seat += 1;
            return None;
        }
        let (from, to) = (row.maybe("from_stop_id")?, row.maybe("to_stop_id")?);
        let mut ends: [Vec<u32>; 2] = [Vec::new(), Vec::new()];
        for ((id, unknown), end) in [&from, &to].into_iter().zip(&mut unknown).zip(&mut ends) {
            match stops.names.find(id) {
                Some(code) => match stops.places[code as usize] {
                    Place::Stop(stop) => end.push(stop),
                    _ => end.extend(&children[code as usize]),
                },
                None => unknown.add(id, row.line),
            }
        }
        if ["from_route_id", "to_route_id", "from_trip_id", "to_trip_id"].iter().any(|c| !row.text(c).is_empty()) {
            of_trips += 1;
            return None;
        }
        let [from, to] = ends;
        if from == to && from.len() == 1 {
            at_one_stop += 1;
            return None;
        }
        pairs += from.len() * to.len();
        if pairs > MOST_PAIRS {
            row.wrong("from_stop_id", "transfers that come to at most 5,000,000 pairs of stops");
            pairs -= from.len() * to.len();
            return None;
        }
        (row.is_sound() || !lenient).then_some((from, to, min_s.map(f64::from), kind, row.line))
    });
    for unknown in unknown {
        feed.unknown(unknown, stops.names.all().iter());
    }
    for (count, what) in [
        (in_seat, "transfers.txt: changes in the seat (transfer_type 4 and 5) are not used"),
        (of_trips, "transfers.txt: transfers between single routes or trips are not used"),
        (at_one_stop, "transfers.txt: transfers at one stop are not used; services.change_s holds there"),
    ] {
        if count > 0 {
            feed.notes.push(format!("{}/{what} ({count} rows)", feed.path()));
        }
    }
    let id = |stop: u32| stops.rows[stop as usize].stop_id.clone();
    // A row about two stops has the last word over one about their stations.
    let mut read = read.unwrap_or_default();
    read.sort_by_key(|(from, to, ..)| Reverse(from.len() * to.len()));
    let mut rows = Vec::new();
    for (from, to, min_s, kind, row) in read {
        for (&a, &b) in from.iter().flat_map(|a| to.iter().map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let (from_stop_id, to_stop_id) = (id(a), id(b));
            // Kinds 0 and 1 only recommend the place: the walk holds where no time is given.
            let min_s = if kind == 2 { min_s.or(Some(0.0)) } else { min_s };
            rows.push(TransferRow { from_stop_id, to_stop_id, min_s, forbidden: kind == 3, row });
        }
    }
    rows
}

/// The stops of each station, by code of its id.
fn children(stops: &Stops) -> Vec<Vec<u32>> {
    let mut children = vec![Vec::new(); stops.places.len()];
    for (code, place) in stops.places.iter().enumerate() {
        if let (Place::Stop(stop), Some(station)) = (place, stops.station(code as u32)) {
            children[station as usize].push(*stop);
        }
    }
    children
}
