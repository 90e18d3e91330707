//! Several feeds as one timetable. Ids that stand in more than one feed get the name of their feed put before them.

use crate::scenario::tables::Timetable;
use rustc_hash::FxHashMap;

/// Joins the timetables of feeds.
pub(super) fn merge(mut parts: Vec<Timetable>, notes: &mut Vec<String>) -> Timetable {
    if parts.len() > 1 {
        let prefixes = prefixes(&parts);
        let stations = |t: &Timetable| t.stops.iter().filter_map(|s| s.parent.clone()).collect::<Vec<_>>();
        let stops = shared(&parts, |t| {
            let mut ids: Vec<String> = t.stops.iter().map(|s| s.stop_id.clone()).chain(stations(t)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        });
        let routes = shared(&parts, |t| t.routes.iter().map(|r| r.route_id.clone()).collect());
        let trips = shared(&parts, |t| t.trips.iter().map(|r| r.trip_id.clone()).collect());
        for (what, shared) in [("stops", &stops), ("routes", &routes), ("trips", &trips)] {
            if shared.values().any(|shared| *shared) {
                let count = shared.values().filter(|shared| **shared).count();
                let names = prefixes.join(", ");
                notes.push(format!("{count} ids of {what} stand in several feeds; {names} were put before them"));
            }
        }
        for (part, prefix) in parts.iter_mut().zip(&prefixes) {
            let renamed = |ids: &FxHashMap<String, bool>, id: &mut String| {
                if ids.get(id.as_str()) == Some(&true) {
                    id.insert_str(0, prefix);
                }
            };
            for stop in &mut part.stops {
                renamed(&stops, &mut stop.stop_id);
                stop.parent.iter_mut().for_each(|parent| renamed(&stops, parent));
            }
            for row in &mut part.transfers {
                renamed(&stops, &mut row.from_stop_id);
                renamed(&stops, &mut row.to_stop_id);
            }
            part.routes.iter_mut().for_each(|route| renamed(&routes, &mut route.route_id));
            for trip in &mut part.trips {
                renamed(&routes, &mut trip.route_id);
                renamed(&trips, &mut trip.trip_id);
                // A vehicle of one feed is none of another.
                trip.block_id.iter_mut().for_each(|block| block.insert_str(0, prefix));
            }
        }
    }
    let mut merged = Timetable::default();
    for mut part in parts {
        let (stops, ways) = (merged.stops.len() as u32, merged.ways.len() as u32);
        for trip in &mut part.trips {
            trip.calls.iter_mut().for_each(|call| call.stop += stops);
            trip.way = trip.way.map(|way| way + ways);
        }
        for walk in &mut part.station_walks {
            walk.from += stops;
            walk.to += stops;
        }
        part.entrances.iter_mut().for_each(|walk| walk.stop += stops);
        merged.stops.append(&mut part.stops);
        merged.routes.append(&mut part.routes);
        merged.trips.append(&mut part.trips);
        merged.transfers.append(&mut part.transfers);
        merged.station_walks.append(&mut part.station_walks);
        merged.entrances.append(&mut part.entrances);
        merged.ways.append(&mut part.ways);
        merged.feeds.feeds.append(&mut part.feeds.feeds);
    }
    merged
}

/// What is put before ids of each feed: the name of its file without the ending, numbered where two are the same.
fn prefixes(parts: &[Timetable]) -> Vec<String> {
    let mut prefixes: Vec<String> = Vec::with_capacity(parts.len());
    for part in parts {
        let path = part.feeds.feeds.first().map_or("", |f| f.feed.as_str());
        let name = path.rsplit(['/', '\\']).next().unwrap_or("");
        let name = name.strip_suffix(".zip").unwrap_or(name);
        let mut prefix = format!("{name}:");
        for number in 2.. {
            if !prefixes.contains(&prefix) {
                break;
            }
            prefix = format!("{name}{number}:");
        }
        prefixes.push(prefix);
    }
    prefixes
}

/// Whether each id stands in more than one feed.
fn shared(parts: &[Timetable], ids: impl Fn(&Timetable) -> Vec<String>) -> FxHashMap<String, bool> {
    let mut shared: FxHashMap<String, bool> = FxHashMap::default();
    for part in parts {
        for id in ids(part) {
            shared.entry(id).and_modify(|shared| *shared = true).or_insert(false);
        }
    }
    shared
}
