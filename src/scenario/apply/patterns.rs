//! From a pattern of a measure to trips: which stops, in which times, how often.
//!
//! Times come from the calls of the pattern, from its speed along the stops of its line, or from the times that the line
//! has already: an express then passes stops, a short turn runs a part of the way.

use super::super::read::range::{HEADWAY, NOT_NEGATIVE, SPEED_KMH, WITHIN_A_DAY};
use super::super::tables::{Call, GtfsTrip, Headway};
use super::super::variant::LinePattern;
use super::Site;
use crate::units::distance_m;

/// No run takes longer, seconds.
const LONGEST_S: f64 = 172_800.0;

/// A stop of a line as patterns know it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Position in the stops of the timetable.
    pub stop: u32,
    /// GTFS `stop_id`.
    pub stop_id: String,
    /// Name, by which a measure may mean the stop as well: platforms of the two ways have ids of their own.
    pub name: String,
    /// Station that it belongs to, if any.
    pub parent: Option<String>,
    /// Longitude and latitude, degrees.
    pub position: [f64; 2],
}

impl Place {
    /// Whether a measure means the stop: by its id, its name or its station.
    pub fn is(&self, word: &str) -> bool {
        self.stop_id == word || self.name == word || self.parent.as_deref() == Some(word)
    }

    /// Whether it is the same stop, or its other platform.
    pub fn is_same(&self, other: &Place) -> bool {
        self.is(&other.stop_id) || self.name == other.name || (self.parent.is_some() && self.parent == other.parent)
    }
}

/// A stop that a run serves, seconds after its first departure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stay {
    /// Place in the stops of the line.
    pub place: usize,
    /// Arrival.
    pub arrival_s: f64,
    /// Departure.
    pub departure_s: f64,
}

/// The stops of a line in order, with the times that it has so far, if any.
pub(super) struct Way<'a> {
    /// Its stops.
    pub places: &'a [Place],
    /// Times, one for each stop.
    pub times: Option<&'a [Stay]>,
}

/// Where a pattern stands in its measure.
pub(super) struct Key<'a> {
    /// Key of the pattern, with which keys of its problems begin.
    pub of: &'a str,
}

impl Key<'_> {
    fn tell(&self, site: &mut Site, key: &str, found: impl Into<String>, wanted: impl Into<String>) {
        site.tell(&format!("{}.{key}", self.of), found, wanted);
    }
}

/// The stays of a pattern along a way; `None` where it has none, which is told.
pub(super) fn stays(pattern: &LinePattern, way: &Way, key: &Key, site: &mut Site) -> Option<Vec<Stay>> {
    if !pattern.calls.is_empty() {
        return called(pattern, way, key, site);
    }
    let told = site.problems.len();
    let dwell_s = pattern.dwell_s.unwrap_or(0.0);
    site.number(&format!("{}.dwell_s", key.of), dwell_s, WITHIN_A_DAY);
    let served = served(pattern, way.places, key, site);
    if let Some(speed) = pattern.speed_kmh {
        site.number(&format!("{}.speed_kmh", key.of), speed, SPEED_KMH);
        return served.filter(|_| site.problems.len() == told).map(|s| at_speed(&s, way.places, speed, dwell_s));
    }
    let saves_s = pattern.skip_saves_s.unwrap_or(0.0);
    site.number(&format!("{}.skip_saves_s", key.of), saves_s, NOT_NEGATIVE);
    let Some(times) = way.times else {
        key.tell(site, "speed_kmh", "neither calls with times nor a speed", "calls with after_s, or speed_kmh");
        return None;
    };
    let stays = in_times(&served.filter(|_| site.problems.len() == told)?, times, saves_s);
    if let Some(early) = stays.windows(2).find(|pair| pair[1].arrival_s < pair[0].departure_s) {
        let stop = &way.places[early[1].place].stop_id;
        key.tell(
            site,
            "skip_saves_s",
            format!("{saves_s}, with which \"{stop}\" is reached before the stop before it is left"),
            "less than the times between stops",
        );
    }
    Some(stays)
}

/// The stays of a pattern with calls of its own.
fn called(pattern: &LinePattern, way: &Way, key: &Key, site: &mut Site) -> Option<Vec<Stay>> {
    let calls = &pattern.calls;
    let other = [
        ("serves", !pattern.serves.is_empty()),
        ("skips", !pattern.skips.is_empty()),
        ("from_stop", pattern.from_stop.is_some()),
        ("to_stop", pattern.to_stop.is_some()),
        ("speed_kmh", pattern.speed_kmh.is_some()),
        ("skip_saves_s", pattern.skip_saves_s.is_some()),
    ];
    for (name, _) in other.iter().filter(|o| o.1) {
        key.tell(
            site,
            name,
            "calls beside it",
            "either calls with times, or stops of the line with a speed or its times",
        );
    }
    if calls.len() < 2 {
        key.tell(site, "calls", format!("{} calls", calls.len()), "at least 2 calls");
    }
    for call in calls.iter().filter(|c| !way.places.iter().any(|p| p.is(&c.stop_id))) {
        let known = way.places.iter().map(|p| p.stop_id.as_str());
        site.unknown(&format!("{}.calls", key.of), &call.stop_id, known, "a stop of the line");
    }
    if calls[0].after_s != 0.0 {
        key.tell(site, "calls", calls[0].after_s.to_string(), "after_s = 0 at the first call");
    }
    if let Some(late) = calls.iter().find(|c| !(0.0..=LONGEST_S).contains(&c.after_s)) {
        key.tell(site, "calls", late.after_s.to_string(), "after_s from 0 to two days (172,800)");
    }
    let dwell_s = pattern.dwell_s.unwrap_or(0.0);
    site.number(&format!("{}.dwell_s", key.of), dwell_s, WITHIN_A_DAY);
    let stay_s = |k: usize| if k == 0 || k + 1 == calls.len() { 0.0 } else { dwell_s };
    for k in 1..calls.len() {
        let left_s = calls[k - 1].after_s + stay_s(k - 1);
        if calls[k].after_s <= left_s {
            let wanted = format!("more than {left_s} seconds, when the call before is left");
            key.tell(site, "calls", format!("{} at \"{}\"", calls[k].after_s, calls[k].stop_id), wanted);
        }
    }
    let place = |id: &str| way.places.iter().position(|p| p.is(id));
    let stay = |(k, call): (usize, &super::super::variant::PatternCall)| {
        let (arrival_s, departure_s) = (call.after_s, call.after_s + stay_s(k));
        Some(Stay { place: place(&call.stop_id)?, arrival_s, departure_s })
    };
    calls.iter().enumerate().map(stay).collect()
}

/// Which stops of the way a pattern serves: from the first to the last place, with those passed in between.
struct Served {
    first: usize,
    last: usize,
    passed: Vec<bool>,
}

fn served(pattern: &LinePattern, places: &[Place], key: &Key, site: &mut Site) -> Option<Served> {
    let told = site.problems.len();
    let mut ends = [0, places.len().saturating_sub(1)];
    for (end, name, word) in [(0, "from_stop", &pattern.from_stop), (1, "to_stop", &pattern.to_stop)] {
        let Some(word) = word else { continue };
        // On a ring the pattern begins where the stop comes first and ends where it comes last.
        let found = match end {
            0 => places.iter().position(|p| p.is(word)),
            _ => places.iter().rposition(|p| p.is(word)),
        };
        ends[end] = known(found, word, places, (name, key), site).unwrap_or(ends[end]);
    }
    let [first, last] = ends;
    for (name, words) in [("serves", &pattern.serves), ("skips", &pattern.skips)] {
        for word in words {
            known(places.iter().position(|p| p.is(word)), word, places, (name, key), site);
        }
    }
    if last <= first {
        if site.problems.len() == told {
            let found = format!("\"{}\" after \"{}\"", places[last].stop_id, places[first].stop_id);
            key.tell(site, "to_stop", found, "a stop of the line behind from_stop");
        }
        return None;
    }
    let among = |words: &[String], p: &Place| words.iter().any(|w| p.is(w));
    let is_passed = |p: &Place| among(&pattern.skips, p) || !(pattern.serves.is_empty() || among(&pattern.serves, p));
    let mut passed: Vec<bool> = places.iter().map(is_passed).collect();
    // With a list of its own the pattern runs from the first of them to the last.
    let runs = (first..=last).filter(|&k| pattern.serves.is_empty() || !passed[k]);
    let (Some(from), Some(to)) = (runs.clone().min(), runs.max()) else {
        if site.problems.len() == told {
            key.tell(site, "serves", "no stop between from_stop and to_stop", "at least 2 stops");
        }
        return None;
    };
    for (end, name) in [(from, "first"), (to, "last")].into_iter().filter(|e| passed[e.0]) {
        let found = format!("\"{}\", the {name} stop", places[end].stop_id);
        key.tell(site, "skips", found, "stops between the ends; from_stop and to_stop cut the ends off");
    }
    if from == to {
        key.tell(site, "serves", "one stop of the line", "at least 2 stops");
    }
    passed.iter_mut().enumerate().for_each(|(k, p)| *p &= from < k && k < to);
    (site.problems.len() == told).then_some(Served { first: from, last: to, passed })
}

fn known(
    found: Option<usize>,
    word: &str,
    places: &[Place],
    (name, key): (&str, &Key),
    site: &mut Site,
) -> Option<usize> {
    if found.is_none() {
        let ids = places.iter().map(|p| p.stop_id.as_str());
        site.unknown(&format!("{}.{name}", key.of), word, ids, "a stop of the line, by its id or name");
    }
    found
}

/// Stays at a speed along straight lines from stop to stop, those passed included, in whole seconds.
fn at_speed(served: &Served, places: &[Place], speed_kmh: f64, dwell_s: f64) -> Vec<Stay> {
    let (mut along_m, mut stays_s, mut stays) = (0.0, 0.0, Vec::new());
    for place in served.first..=served.last {
        if place > served.first {
            along_m += distance_m(places[place - 1].position, places[place].position);
        }
        if served.passed[place] {
            continue;
        }
        let driven_s = (along_m / (speed_kmh / 3.6)).round();
        // Stops in one place are a second apart, for a run goes on in time.
        let before_s = stays.last().map_or(f64::NEG_INFINITY, |s: &Stay| s.departure_s + 1.0);
        let arrival_s = (driven_s + stays_s).max(before_s);
        let stay_s = if place == served.first || place == served.last { 0.0 } else { dwell_s };
        stays_s += stay_s;
        stays.push(Stay { place, arrival_s, departure_s: arrival_s + stay_s });
    }
    stays
}

/// Stays in the times of the line; whoever passes a stop saves the stay there and `saves_s` beyond it.
fn in_times(served: &Served, times: &[Stay], saves_s: f64) -> Vec<Stay> {
    let begin_s = times[served.first].departure_s;
    let (mut saved_s, mut stays) = (0.0, Vec::new());
    for (place, &Stay { arrival_s, departure_s, .. }) in
        times.iter().enumerate().take(served.last + 1).skip(served.first)
    {
        if served.passed[place] {
            saved_s += departure_s - arrival_s + saves_s;
            continue;
        }
        let after = |s: f64| (s - begin_s - saved_s).max(0.0);
        let arrival_s = after(arrival_s);
        let departure_s = if place == served.last { arrival_s } else { after(departure_s) };
        stays.push(Stay { place, arrival_s, departure_s });
    }
    stays
}

/// The same run the other way: times between stops and stays are mirrored.
pub(super) fn mirrored(stays: &[Stay]) -> Vec<Stay> {
    let whole = stays.last().map_or(0.0, |s| s.arrival_s);
    let back = |s: &Stay| Stay { place: s.place, arrival_s: whole - s.departure_s, departure_s: whole - s.arrival_s };
    stays.iter().rev().map(back).collect()
}

/// The headways of a pattern; mistakes are told.
pub(super) fn headways(pattern: &LinePattern, key: &Key, site: &mut Site) -> Vec<Headway> {
    let mut periods = Vec::new();
    if pattern.headways.is_empty() {
        let span = [("first", &pattern.first), ("last", &pattern.last)].map(|(name, text)| match text {
            Some(text) => site.time(&format!("{}.{name}", key.of), text),
            None => {
                key.tell(site, name, "none", "a time HH:MM[:SS], or headways by part of the day");
                None
            }
        });
        match pattern.headway_s {
            Some(headway_s) => site.number(&format!("{}.headway_s", key.of), headway_s, HEADWAY),
            None => key.tell(site, "headway_s", "none", "seconds between departures, or headways by part of the day"),
        }
        let ([Some(first), Some(last)], Some(headway_s)) = (span, pattern.headway_s) else { return Vec::new() };
        if last < first {
            let found = format!("\"{}\"", pattern.last.as_deref().unwrap_or_default());
            key.tell(site, "last", found, "a time not before the first departure");
        }
        // The last departure is one; a period of headways ends before its end.
        return vec![Headway { start_s: first.seconds(), end_s: last.seconds() + 1.0, headway_s, exact: false }];
    }
    for (name, given) in [
        ("first", pattern.first.is_some()),
        ("last", pattern.last.is_some()),
        ("headway_s", pattern.headway_s.is_some()),
    ] {
        if given {
            key.tell(site, name, "headways beside it", "either first, last and headway_s, or headways");
        }
    }
    for (k, period) in pattern.headways.iter().enumerate() {
        let at = |name: &str| format!("{}.headways[{k}].{name}", key.of);
        let (from, to) = (site.time(&at("from"), &period.from), site.time(&at("to"), &period.to));
        site.number(&at("headway_s"), period.headway_s, HEADWAY);
        let (Some(from), Some(to)) = (from, to) else { continue };
        if to <= from {
            site.tell(&at("to"), format!("\"{}\"", period.to), "a time after from");
        }
        let (start_s, end_s) = (from.seconds(), to.seconds());
        periods.push(Headway { start_s, end_s, headway_s: period.headway_s, exact: false });
    }
    periods.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    if periods.windows(2).any(|pair| pair[1].start_s < pair[0].end_s) {
        key.tell(site, "headways", "parts of the day that overlap", "parts that do not");
    }
    periods
}

/// What a trip is beside its stays.
pub(super) struct Named<'a> {
    /// GTFS `trip_id`.
    pub trip_id: String,
    /// GTFS `route_id`.
    pub route_id: &'a str,
    /// GTFS `direction_id`.
    pub direction: u32,
}

/// A trip that repeats by headways. `places` are the stops that the stays number.
pub(super) fn trip(named: Named, stays: &[Stay], places: &[Place], headways: &[Headway]) -> GtfsTrip {
    let start_s = headways.first().map_or(0.0, |h| h.start_s);
    let call = |s: &Stay| Call::new(places[s.place].stop, start_s + s.arrival_s, start_s + s.departure_s);
    GtfsTrip {
        trip_id: named.trip_id,
        route_id: named.route_id.to_owned(),
        direction: named.direction,
        calls: stays.iter().map(call).collect(),
        headways: headways.to_vec(),
        ..GtfsTrip::default()
    }
}
