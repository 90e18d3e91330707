//! Values of `scenario.toml` that must lie in a range.

use super::super::read::range::{
    ANY, JAM_DENSITY, NOT_NEGATIVE, PARTY, PORTION, POSITIVE, Range, SHARE, WALKED_M, WITHIN_A_DAY, between,
};
use super::super::read::written::KeyRows;
use super::super::settings::{ResidentSettings, ServiceSettings, Settings};
use super::super::vehicles::VehicleSettings;
use super::super::{Scenario, read};
use crate::error::{Problem, shown};
use crate::units::{HOUR_MS, SECOND_MS, Time};

/// Values of one TOML file under check.
pub(super) struct Values<'a> {
    keys: &'a KeyRows,
    /// What was found.
    pub problems: Vec<Problem>,
}

impl<'a> Values<'a> {
    /// Of a file with these keys.
    pub fn new(keys: &'a KeyRows) -> Values<'a> {
        Values { keys, problems: Vec::new() }
    }

    /// Tells a value unless it is good, or its key has told a mistake already.
    pub fn want(&mut self, good: bool, path: &str, found: impl FnOnce() -> String, wanted: &str) {
        if !good && !self.keys.is_bad(path) {
            self.problems.push(self.keys.problem(path, found(), wanted));
        }
    }

    /// Tells a number outside its range, or larger than any setting may be.
    pub fn number(&mut self, path: &str, x: f64, range: Range) {
        self.want(range.holds_setting(x), path, || x.to_string(), &range.words_of(x));
    }

    /// Tells a time that is none, else gives it.
    pub fn time(&mut self, path: &str, text: &str) -> Option<Time> {
        let time = Time::parse(text);
        self.want(time.is_some(), path, || format!("\"{}\"", shown(text)), "a time HH:MM[:SS]");
        time
    }

    /// Tells an id that leads nowhere.
    pub fn known<'k>(
        &mut self,
        path: &str,
        word: &str,
        known: Option<impl IntoIterator<Item = &'k str>>,
        wanted: &str,
    ) {
        let Some(known) = known else { return };
        let mut known: Vec<&str> = known.into_iter().collect();
        if known.contains(&word) || self.keys.is_bad(path) {
            return;
        }
        known.sort_unstable();
        let problem = self.keys.problem(path, format!("unknown \"{}\"", shown(word)), wanted);
        self.problems.push(problem.did_you_mean(word, known));
    }
}

/// Checks the settings.
pub(super) fn settings(scenario: &Scenario, keys: &KeyRows) -> Vec<Problem> {
    let s = &scenario.settings;
    let mut values = Values::new(keys);
    let crs = s.crs.eq_ignore_ascii_case("EPSG:4326");
    values.want(crs, "crs", || format!("\"{}\"", s.crs), "EPSG:4326 (lon/lat WGS-84 degrees)");
    run(s, &mut values);
    for (path, x, range) in [
        ("network.jam_density_pcu_km", s.network.jam_density_pcu_km, JAM_DENSITY),
        ("network.capacity_factor", s.network.capacity_factor, between(0.01, 100.0, "a factor from 0.01 to 100")),
        ("network.gridlock_s", s.network.gridlock_s, between(1.0, 86_400.0, "seconds, from 1 to a day (86,400)")),
        (
            "network.reroute_lost_s",
            s.network.reroute_lost_s.unwrap_or(0.0),
            between(0.0, 86_400.0, "seconds, from 0 to a day (86,400)"),
        ),
        ("network.reroute_gain", s.network.reroute_gain, between(0.0, 1.0, "a share from 0 to 1")),
        ("network.walk_speed_mps", s.network.walk_speed_mps, between(0.1, 10.0, "metres per second, from 0.1 to 10")),
        ("network.walk_circuity", s.network.walk_circuity, between(1.0, 10.0, "a number from 1 to 10")),
        ("freight.two_way_share", s.freight.two_way_share, SHARE),
        ("freight.decay_per_min", s.freight.decay_per_min, NOT_NEGATIVE),
    ] {
        values.number(path, x, range);
    }
    let every_s = s.network.reroute_every_s;
    let borders = (2.0..=86_400.0).contains(&every_s) && every_s % 2.0 == 0.0;
    values.want(
        borders,
        "network.reroute_every_s",
        || every_s.to_string(),
        "an even number of seconds, from 2 to 86,400",
    );
    if let Some(services) = &s.services {
        service_settings(services, &mut values);
    }
    for (i, file) in s.hubs.files.iter().enumerate() {
        let path = format!("hubs.files[{i}]");
        let again = s.hubs.files[..i].contains(file);
        values.want(!again, &path, || format!("\"{file}\" again"), "each hub file once");
    }
    if let Some(residents) = &s.demand.residents {
        let wanted = "[districts], as residents live and work in zones";
        values.want(s.districts.is_some(), "demand.residents", || "no [districts]".into(), wanted);
        resident_settings(residents, &mut values);
    }
    choice(s, &mut values);
    let draws = s.spillover.draws;
    values.want(draws <= 10_000, "spillover.draws", || draws.to_string(), "at most 10,000");
    values.problems
}

fn run(s: &Settings, values: &mut Values) {
    let start = values.time("time.start", &s.time.start);
    let end = values.time("time.end", &s.time.end);
    if let (Some(start), Some(end)) = (start, end) {
        values.want(start < end, "time.end", || format!("\"{}\"", s.time.end), "a time after time.start");
        let wanted = "a time of a typical day or the days after it, up to 168:00";
        values.want(end.0 <= 168 * HOUR_MS, "time.end", || format!("\"{}\"", s.time.end), wanted);
    }
    for (path, time, text) in [("time.start", start, &s.time.start), ("time.end", end, &s.time.end)] {
        // Windows of every allowed width and the checks for gridlock begin at both.
        let whole = time.is_none_or(|t| t.0 % (10 * SECOND_MS) == 0);
        values.want(whole, path, || format!("\"{text}\""), "a whole multiple of ten seconds");
    }
    let window = [0.5, 1.0, 2.0].contains(&s.time.window_s);
    values.want(window, "time.window_s", || s.time.window_s.to_string(), "0.5, 1 or 2 seconds");
    values.number("run.sample", s.run.sample, PORTION);
    let iterations = s.run.iterations;
    let good = (1..=10_000).contains(&iterations);
    values.want(good, "run.iterations", || iterations.to_string(), "a whole number ≥ 1, at most 10,000");
    values.number("run.gap", s.run.gap, SHARE);
    values.want(s.run.threads <= 1_024, "run.threads", || s.run.threads.to_string(), "threads, from 0 to 1,024");
}

fn service_settings(s: &ServiceSettings, values: &mut Values) {
    let paths = s.gtfs.all();
    values.want(
        !paths.is_empty(),
        "services.gtfs",
        || "no feed".into(),
        "a GTFS folder or zip file, or a list of them",
    );
    for (i, path) in paths.iter().enumerate() {
        let again = paths[..i].contains(path);
        values.want(!again, "services.gtfs", || format!("\"{path}\" again"), "each feed once");
    }
    if let Some(date) = &s.date {
        let good = date.len() == 8 && date.parse().ok().and_then(read::weekday).is_some();
        values.want(good, "services.date", || format!("\"{date}\""), "a date YYYYMMDD");
    }
    for (path, x, range) in [
        ("services.access_m", s.access_m, WALKED_M),
        ("services.transfer_m", s.transfer_m, WALKED_M),
        ("services.change_s", s.change_s, WITHIN_A_DAY),
        ("services.fare_rate_cny", s.fare_rate_cny, POSITIVE),
        ("services.fare_base_cny", s.fare_base_cny, NOT_NEGATIVE),
        ("services.fare_per_km_cny", s.fare_per_km_cny, NOT_NEGATIVE),
    ] {
        values.number(path, x, range);
    }
    for (stop, lot) in &s.park_and_ride {
        values.number(&format!("services.park_and_ride.{stop}.fee_cny"), lot.fee_cny, NOT_NEGATIVE);
    }
    for (path, x) in [("services.min_headway_s", s.min_headway_s), ("services.turnaround_s", s.turnaround_s)] {
        values.number(path, x, between(0.0, 7_200.0, "seconds, from 0 to two hours (7,200)"));
    }
    for (id, vehicle) in &s.vehicles {
        vehicle_settings(&format!("services.vehicles.{id}"), vehicle, values);
    }
    for (route, capacity) in &s.capacity {
        let path = format!("services.capacity.{route}");
        let good = (1..=100_000).contains(capacity);
        values.want(good, &path, || capacity.to_string(), "persons, a whole number > 0, at most 100,000");
    }
    for (route, fare) in &s.fare_base_by_route_cny {
        values.number(&format!("services.fare_base_by_route_cny.{route}"), *fare, NOT_NEGATIVE);
    }
    for (route, fare) in &s.fare_per_km_by_route_cny {
        values.number(&format!("services.fare_per_km_by_route_cny.{route}"), *fare, NOT_NEGATIVE);
    }
}

fn vehicle_settings(path: &str, v: &VehicleSettings, values: &mut Values) {
    let places = v.seats.saturating_add(v.standing);
    let wanted = "seats and standing room for 1 to 100,000 persons together";
    values.want((1..=100_000).contains(&places), path, || format!("room for {places}"), wanted);
    let doors = format!("{path}.doors");
    values.want((1..=1_000).contains(&v.doors), &doors, || v.doors.to_string(), "door channels, from 1 to 1,000");
    let at_door = between(0.0, 600.0, "seconds, from 0 to 600");
    for (key, x, range) in [
        ("boarding_s", v.boarding_s, at_door),
        ("alighting_s", v.alighting_s, at_door),
        ("door_s", v.door_s, at_door),
        ("dwell_s", v.dwell_s, at_door),
        ("crowded", v.crowded, between(1.0, 10.0, "a factor from 1 to 10")),
    ] {
        values.number(&format!("{path}.{key}"), x, range);
    }
}

fn resident_settings(r: &ResidentSettings, values: &mut Values) {
    for (key, x, range) in [
        ("trips_per_resident", r.trips_per_resident, between(0.0, 50.0, "trips, from 0 to 50")),
        ("commute_share", r.commute_share, SHARE),
        ("decay_per_min", r.decay_per_min, NOT_NEGATIVE),
        ("car_availability", r.car_availability, SHARE),
        ("party_mean", r.party_mean, PARTY),
    ] {
        values.number(&format!("demand.residents.{key}"), x, range);
    }
    for (key, hours) in [
        ("to_work_by_hour", &r.to_work_by_hour),
        ("to_home_by_hour", &r.to_home_by_hour),
        ("other_by_hour", &r.other_by_hour),
    ] {
        let path = format!("demand.residents.{key}");
        if hours.len() != 24 {
            let found = || format!("{} values", hours.len());
            values.want(false, &path, found, "24 values, one for each hour");
            continue;
        }
        for (hour, share) in hours.iter().enumerate() {
            values.number(&format!("{path}[{hour}]"), *share, NOT_NEGATIVE);
        }
        let some = hours.iter().any(|h| *h > 0.0);
        values.want(some, &path, || "24 zeros".into(), "at least one hour with departures");
    }
}

/// Values of time: costs are divided by them.
const VALUE_OF_TIME: Range = between(0.01, 1e6, "yuan an hour, from 0.01 to 1,000,000");

/// Dissimilarities: below a tenth the errors of a nest are one.
const NEST: Range = between(0.1, 1.0, "a dissimilarity from 0.1 to 1");

/// A crowd does not make time pass faster.
const CROWDING: Range = between(1.0, 20.0, "a factor from 1 to 20");

fn choice(s: &Settings, values: &mut Values) {
    let c = &s.choice;
    let vot = &c.value_of_time_cny_h;
    for (key, x, range) in [
        ("value_of_time_cny_h.business", vot.business, VALUE_OF_TIME),
        ("value_of_time_cny_h.commute", vot.commute, VALUE_OF_TIME),
        ("value_of_time_cny_h.other", vot.other, VALUE_OF_TIME),
        ("value_of_time_cny_h.freight", vot.freight, VALUE_OF_TIME),
        ("walk_weight", c.walk_weight, NOT_NEGATIVE),
        ("wait_weight", c.wait_weight, NOT_NEGATIVE),
        ("change_penalty_min", c.change_penalty_min, NOT_NEGATIVE),
        ("crowding_seated_full", c.crowding_seated_full, CROWDING),
        ("crowding_standing", c.crowding_standing, CROWDING),
        ("crowding_standing_full", c.crowding_standing_full, CROWDING),
        (
            "early_weight",
            c.early_weight,
            between(0.0, 1.0, "a weight from 0 to 1, as waiting early costs no more than driving"),
        ),
        ("late_weight", c.late_weight, NOT_NEGATIVE),
        ("missed_min", c.missed_min, between(0.0, 10_000.0, "minutes, from 0 to 10,000")),
        ("memory", c.memory, between(0.0, 0.99, "a weight from 0 to 0.99")),
        ("scale_per_cny", c.scale_per_cny, POSITIVE),
        ("route_scale_per_cny", c.route_scale_per_cny, NOT_NEGATIVE),
        ("car_cny_km", c.car_cny_km, NOT_NEGATIVE),
        ("parking_cny", c.parking_cny, NOT_NEGATIVE),
        ("taxi_base_cny", c.taxi_base_cny, NOT_NEGATIVE),
        ("taxi_cny_km", c.taxi_cny_km, NOT_NEGATIVE),
        ("walk_limit_m", c.walk_limit_m, WALKED_M),
        ("cycle_limit_m", c.cycle_limit_m, WALKED_M),
        ("cycle_speed_kmh", c.cycle_speed_kmh, between(1.0, 100.0, "km/h, from 1 to 100")),
        ("cycle_weight", c.cycle_weight, NOT_NEGATIVE),
        ("switch_share", c.switch_share, SHARE),
        ("nest.road", c.nest.road, NEST),
        ("nest.lines", c.nest.lines, NEST),
        ("nest.own_power", c.nest.own_power, NEST),
    ] {
        values.number(&format!("choice.{key}"), x, range);
    }
    let both = (c.early_weight > 0.0) == (c.late_weight > 0.0);
    let found = || format!("{} with a late_weight of {}", c.early_weight, c.late_weight);
    values.want(both, "choice.early_weight", found, "both weights above 0, or both 0 where no departure is chosen");
    // Figures by the hour are sums of bins.
    let bin = c.time_bin_min;
    let divides = (0.25..=60.0).contains(&bin) && (60.0 / bin).fract() == 0.0;
    values.want(divides, "choice.time_bin_min", || bin.to_string(), "minutes that divide an hour, from 0.25 to 60");
    let stops = c.kiss_and_ride_stops;
    values.want(stops <= 20, "choice.kiss_and_ride_stops", || stops.to_string(), "a number of stops up to 20");
    for (mode, x) in &c.constant_cny {
        let path = format!("choice.constant_cny.{}", mode.word());
        values.number(&path, *x, ANY);
    }
}
