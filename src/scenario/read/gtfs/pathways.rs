//! GTFS `pathways.txt` and `levels.txt`: what it takes to walk from platform to platform and from the entrances of a
//! station.
//!
//! A pathway takes its `traversal_time`; else its length at the walking speed of the settings; else the straight length
//! between its ends; stairs, escalators, lifts and gates that tell neither take the times below. The ways are the shortest ones over the pathways of one station (the reference wants all of a station to be
//! given where one is).

use super::feed::Feed;
use super::stops::{Place, Stops};
use crate::scenario::check::Unknown;
use crate::scenario::read::range::NOT_NEGATIVE;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::{Form, Row};
use crate::scenario::tables::{EntranceWalk, StationWalk};
use crate::units::distance_m;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Speed along stairs, metres of slope per second (general knowledge, unverified: 0.4 up to 0.7 down).
const STAIRS_MPS: f64 = 0.5;
/// Metres of slope of one step of a stair, 17 cm high and 29 cm deep (general knowledge).
const STEP_M: f64 = 0.34;
/// Speed of an escalator along its slope, metres per second (general knowledge: 0.5 or 0.65).
const ESCALATOR_MPS: f64 = 0.5;
/// Steps from one level to the next where a stair does not say (general knowledge).
const STEPS_OF_LEVEL: f64 = 25.0;
/// Wait for a lift, doors included, seconds, and ride from one level to the next (general knowledge, unverified).
const LIFT_S: f64 = 30.0;
const LIFT_LEVEL_S: f64 = 6.0;
/// A fare gate, seconds (general knowledge: 25 to 50 persons a minute).
const GATE_S: f64 = 2.0;

/// Walks within stations, and from their entrances.
#[derive(Default)]
pub(super) struct Walks {
    pub between: Vec<StationWalk>,
    pub entrances: Vec<EntranceWalk>,
}

/// A way from one place of a station to another, by codes of their ids.
struct Pathway {
    from: u32,
    to: u32,
    /// Tenths of a second.
    ds: u32,
}

/// Reads the pathways and finds the walks.
pub(super) fn walks(reading: &mut Reading, feed: &mut Feed, stops: &Stops, walk_mps: f64) -> Walks {
    let levels = levels(reading, feed);
    let form = Form {
        required: &["pathway_id", "from_stop_id", "to_stop_id", "pathway_mode", "is_bidirectional"],
        optional: &["length", "traversal_time", "stair_count"],
        open: true,
    };
    let file = feed.name("pathways.txt");
    let mut unknown = ["from_stop_id", "to_stop_id"].map(|c| Unknown::new(&file, c, "a stop_id of stops.txt"));
    let lenient = !feed.uses(false);
    let rows = feed.rows(reading, ("pathways.txt", false), &form, |row| {
        let mut ends = [None; 2];
        for ((column, unknown), end) in ["from_stop_id", "to_stop_id"].into_iter().zip(&mut unknown).zip(&mut ends) {
            let id = row.text(column);
            *end = stops.names.find(id);
            if end.is_none() {
                unknown.add(id, row.line);
            }
        }
        let both = row.one_of("is_bidirectional", &[("0", false), ("1", true)]);
        let seconds = match ends {
            [Some(from), Some(to)] => seconds(row, stops, &levels, (from, to), walk_mps),
            _ => 0.0,
        };
        let [from, to] = [ends[0]?, ends[1]?];
        // Tenths of a second, so that equal ways are equal and sums do not depend on their order.
        let ds = (seconds * 10.0).round().clamp(0.0, 864_000.0) as u32;
        (row.is_sound() || !lenient).then_some((Pathway { from, to, ds }, both))
    });
    for unknown in unknown {
        feed.unknown(unknown, stops.names.all().iter());
    }
    let mut ways: FxHashMap<u32, Vec<(u32, u32)>> = FxHashMap::default();
    for (Pathway { from, to, ds }, both) in rows.into_iter().flatten() {
        if stops.station(from).is_some() && stops.station(from) == stops.station(to) {
            ways.entry(from).or_default().push((to, ds));
            // The other end is known as well, be there a way from it or not.
            let back = ways.entry(to).or_default();
            if both {
                back.push((from, ds));
            }
        }
    }
    of_stations(&ways, stops)
}

/// The index of each level.
fn levels(reading: &mut Reading, feed: &mut Feed) -> FxHashMap<String, f64> {
    let form = Form { required: &["level_id", "level_index"], optional: &[], open: true };
    let rows = feed.rows(reading, ("levels.txt", false), &form, |row| {
        let index = row.text("level_index").parse::<f64>().ok().filter(|i| i.abs() < 1_000.0);
        if index.is_none() {
            row.wrong("level_index", "a number, 0 for the ground");
        }
        Some((row.id("level_id")?, index.unwrap_or(0.0)))
    });
    rows.into_iter().flatten().collect()
}

/// What a pathway takes, seconds.
fn seconds(
    row: &mut Row,
    stops: &Stops,
    levels: &FxHashMap<String, f64>,
    (from, to): (u32, u32),
    walk_mps: f64,
) -> f64 {
    let mode = row.count_maybe("pathway_mode").unwrap_or(0);
    if !(1..=7).contains(&mode) {
        row.wrong("pathway_mode", "a whole number from 1 (walkway) to 7 (exit gate)");
    }
    let told = row.number_maybe("traversal_time", NOT_NEGATIVE).filter(|s| *s > 0.0);
    let length = row.number_maybe("length", NOT_NEGATIVE).filter(|m| *m > 0.0);
    // Steps down are counted below zero.
    let steps = row.text("stair_count").parse::<f64>().ok().map(f64::abs).filter(|n| *n > 0.0 && *n < 1e6);
    if let Some(told) = told {
        return told;
    }
    let level = |code: u32| levels.get(&stops.levels[code as usize]).copied();
    let height = level(from).zip(level(to)).map_or(1.0, |(a, b)| (a - b).abs().max(1.0));
    let slope = length.unwrap_or_else(|| steps.unwrap_or(STEPS_OF_LEVEL * height) * STEP_M);
    let straight_m = || {
        let metres = distance_m(stops.positions[from as usize], stops.positions[to as usize]);
        if metres.is_finite() { metres } else { 0.0 }
    };
    match mode {
        2 => slope / STAIRS_MPS,
        4 => slope / ESCALATOR_MPS,
        5 => LIFT_S + LIFT_LEVEL_S * height,
        6 | 7 => GATE_S + length.unwrap_or(0.0) / walk_mps,
        // On a moving walkway people walk on or stand; taken as walked.
        _ => length.unwrap_or_else(straight_m) / walk_mps,
    }
}

/// The walks between the stops of each station that pathways touch, and from its entrances.
fn of_stations(ways: &FxHashMap<u32, Vec<(u32, u32)>>, stops: &Stops) -> Walks {
    let mut places: Vec<u32> = ways.keys().copied().collect();
    places.sort_unstable();
    let mut stations: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &place in &places {
        if let Some(station) = stops.station(place) {
            stations.entry(station).or_default().push(place);
        }
    }
    let mut walks = Walks::default();
    // Vehicles stop at platforms; a pathway may end at a boarding area of one.
    let stop_of = |place: u32| match (stops.places[place as usize], stops.parents[place as usize]) {
        (Place::Stop(stop), _) => Some(stop),
        (Place::Inner, Some(parent)) => match stops.places[parent as usize] {
            Place::Stop(stop) => Some(stop),
            _ => None,
        },
        _ => None,
    };
    let mut least: FxHashMap<(u32, u32), Option<u32>> = FxHashMap::default();
    let mut gates: FxHashMap<(u32, u32), [Option<u32>; 2]> = FxHashMap::default();
    for &from in &places {
        let Some(station) = stops.station(from) else { continue };
        let entrance = stops.places[from as usize] == Place::Entrance;
        if !entrance && stop_of(from).is_none() {
            continue;
        }
        let reached = shortest(ways, from);
        for &to in &stations[&station] {
            let took = reached.get(&to).copied();
            let earlier = |old: Option<u32>| old.map_or(took, |old| Some(took.map_or(old, |t| t.min(old))));
            match (stop_of(from), stop_of(to)) {
                (Some(a), Some(b)) if a != b => {
                    let entry = least.entry((a, b)).or_default();
                    *entry = earlier(*entry);
                }
                (None, Some(b)) if entrance => {
                    let entry = gates.entry((from, b)).or_default();
                    entry[0] = earlier(entry[0]);
                }
                (Some(a), None) if stops.places[to as usize] == Place::Entrance => {
                    let entry = gates.entry((to, a)).or_default();
                    entry[1] = earlier(entry[1]);
                }
                _ => {}
            }
        }
    }
    let seconds = |ds: u32| f64::from(ds) / 10.0;
    let between = least.into_iter().map(|((from, to), ds)| StationWalk { from, to, seconds: ds.map(seconds) });
    walks.between.extend(between);
    walks.between.sort_by_key(|w| (w.from, w.to));
    let mut gates: Vec<_> = gates.into_iter().filter(|(_, ways)| ways.iter().any(Option::is_some)).collect();
    gates.sort_by_key(|(key, _)| *key);
    walks.entrances.extend(gates.into_iter().map(|((entrance, stop), ways)| EntranceWalk {
        stop,
        position: stops.positions[entrance as usize],
        seconds: seconds(ways.into_iter().flatten().max().unwrap_or(0)),
    }));
    walks
}

/// The shortest ways from a place over the pathways (Dijkstra).
fn shortest(ways: &FxHashMap<u32, Vec<(u32, u32)>>, from: u32) -> FxHashMap<u32, u32> {
    let mut settled: FxHashMap<u32, u32> = FxHashMap::default();
    let mut queue = BinaryHeap::from([Reverse((0u32, from))]);
    while let Some(Reverse((took, place))) = queue.pop() {
        if settled.contains_key(&place) {
            continue;
        }
        settled.insert(place, took);
        for &(to, ds) in ways.get(&place).into_iter().flatten().filter(|(to, _)| !settled.contains_key(to)) {
            queue.push(Reverse((took.saturating_add(ds), to)));
        }
    }
    settled
}
