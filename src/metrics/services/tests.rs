//! Ridership of the town, worked by hand.

use super::*;
use crate::metrics::town::{ARRIVING, DEPARTING, TRANSFER, Town, at};
use crate::units::HOUR_MS;

const EIGHT: i64 = 8 * HOUR_MS;

/// 08:00: two persons ride 0 → 1, three ride 0 → 2; 09:00: one rides 1 → 2, whom two full vehicles had left behind.
fn day() -> Vec<Event> {
    let stop1 = EIGHT + 100_000;
    vec![
        at(EIGHT).boarded(DEPARTING, 0, 0, EIGHT - 60_000),
        at(EIGHT).boarded(TRANSFER, 0, 0, EIGHT - 60_000),
        at(stop1).alighted(DEPARTING, 0, 1),
        at(stop1).denied(ARRIVING, 0, 1),
        at(stop1 + 1).denied(ARRIVING, 0, 1),
        at(EIGHT + 200_000).alighted(TRANSFER, 0, 2),
        at(9 * HOUR_MS + 100_000).boarded(ARRIVING, 1, 1, 9 * HOUR_MS + 100_000),
        at(9 * HOUR_MS + 200_000).alighted(ARRIVING, 1, 2),
    ]
}

fn table<'a>(tables: &'a [Table], name: &str) -> &'a Table {
    tables.iter().find(|t| t.name == name).unwrap()
}

#[test]
fn loads_are_what_got_on_less_what_got_off() {
    // Half is simulated. Section 0: 5, section 1: 3 + 1 = 4; doubled 10 and 8. In hour 8: 10 and 6. Fullest vehicle 10 of
    // 10 places. Passenger-km: 2·(5·1 + 4·2) = 26. Left behind: 1, twice: 2, doubled 4.
    let town = Town::sampled(0.5);
    let (tables, kpis) = town.tell(Ridership::new(&town.context()), &day());
    let lines = table(&tables, "lines");
    let line = |name: &str| lines.number(name, 0).unwrap();
    assert_eq!(lines.word("line", 0), Some("M1:1"));
    assert_eq!(line("boardings"), 12.0);
    assert_eq!(line("denied"), 4.0);
    assert_eq!(line("passenger_km"), 26.0);
    assert_eq!(line("max_load"), 10.0);
    assert_eq!(line("max_load_factor"), 1.0);
    let section = |name: &str| [0, 1].map(|s| table(&tables, "line_sections").number(name, s).unwrap());
    assert_eq!(section("load"), [10.0, 8.0]);
    assert_eq!(section("peak_hour_load"), [10.0, 6.0]);
    // Two runs of ten places a day: 10/20 and 8/20.
    assert_eq!(section("load_factor"), [0.5, 0.4]);
    let stop = |name: &str| [0, 1, 2].map(|s| table(&tables, "stops").number(name, s).unwrap());
    assert_eq!(stop("boardings"), [10.0, 2.0, 0.0]);
    assert_eq!(stop("alightings"), [0.0, 4.0, 8.0]);
    assert_eq!(kpis.iter().find(|k| k.name == "denied_boardings").unwrap().value, 4.0);
}

#[test]
fn what_is_offered_is_places_and_seats_by_distance() {
    // Two runs over 3 km: 6 vehicle-km, 60 place-km of ten places, 24 seat-km of four seats. Ridden 26: 26/60. Of ten
    // persons on section 0 at eight six stand, of six on section 1 two do, and nobody of the two at nine.
    let mut town = Town::sampled(0.5);
    town.network.lines.lines[0].vehicle.seats = 4;
    let (tables, kpis) = town.tell(Ridership::new(&town.context()), &day());
    let line = |name: &str| table(&tables, "lines").number(name, 0).unwrap();
    assert_eq!((line("vehicle_km"), line("place_km"), line("seat_km")), (6.0, 60.0, 24.0));
    assert_eq!(line("load_factor"), 26.0 / 60.0);
    assert_eq!(kpis.iter().find(|k| k.name == "line_load_factor").unwrap().value, 26.0 / 60.0);
    let hours = table(&tables, "section_hours");
    let rows: Vec<[f64; 6]> = (0..hours.rows())
        .map(|row| ["position", "hour", "runs", "load", "places", "standing"].map(|c| hours.number(c, row).unwrap()))
        .collect();
    let wanted = [
        [0.0, 8.0, 1.0, 10.0, 10.0, 6.0],
        [0.0, 9.0, 1.0, 0.0, 10.0, 0.0],
        [1.0, 8.0, 1.0, 6.0, 10.0, 2.0],
        [1.0, 9.0, 1.0, 2.0, 10.0, 0.0],
    ];
    assert_eq!(rows, wanted);
    assert_eq!(hours.number("load_factor", 2), Some(0.6));
    let routes = table(&tables, "routes");
    let route = |name: &str| routes.number(name, 0).unwrap();
    assert_eq!((routes.rows(), route("lines"), route("place_km"), route("load_factor")), (1, 1.0, 60.0, 26.0 / 60.0));
}

#[test]
fn waits_are_told_by_line_stop_and_hour() {
    // Five waited 60 s, one 0 s: mean 50 s, 95 % of 6 is 5.7, so the sixth: 60 s. The hourly headway offers half an hour to
    // each: excess 50 − 1,800.
    let town = Town::sampled(0.5);
    let (tables, _) = town.tell(Ridership::new(&town.context()), &day());
    let line = |name: &str| table(&tables, "lines").number(name, 0).unwrap();
    assert_eq!((line("mean_wait_s"), line("wait_p95_s"), line("excess_wait_s")), (50.0, 60.0, -1_750.0));
    let hours = table(&tables, "stop_hours");
    let rows: Vec<(&str, [f64; 4])> = (0..hours.rows())
        .map(|row| {
            let figures = ["hour", "boardings", "alightings", "denied"].map(|c| hours.number(c, row).unwrap());
            (hours.word("stop_id", row).unwrap(), figures)
        })
        .collect();
    let wanted = [
        ("s0", [8.0, 10.0, 0.0, 0.0]),
        ("s1", [8.0, 0.0, 4.0, 4.0]),
        ("s1", [9.0, 2.0, 0.0, 0.0]),
        ("s2", [8.0, 0.0, 6.0, 0.0]),
        ("s2", [9.0, 0.0, 2.0, 0.0]),
    ];
    assert_eq!(rows, wanted);
    assert_eq!(table(&tables, "stops").number("mean_wait_s", 0), Some(60.0));
    assert_eq!(table(&tables, "stops").number("mean_wait_s", 2), None);
}

#[test]
fn lateness_is_told_on_leaving_and_at_the_end_on_coming() {
    // The first run leaves on time, 61 s late and comes to the end 400 s late; the second leaves 30 s late and comes nowhere.
    // Within a minute: 2 of 4 calls, within five 3 of 4. It stood 500 s at the end, which is nobody's delay.
    let town = Town::new();
    let left = |run: u32, position: u16, at_ms: i64, arrived: i64| {
        let what = What::VehicleLeft { departure: DepartureIx(run), position, load: 0, arrived: Time(arrived) };
        at(at_ms).event(6 + run, what)
    };
    let events = [
        left(0, 0, EIGHT, EIGHT),
        left(0, 1, EIGHT + 161_000, EIGHT + 100_000),
        left(0, 2, EIGHT + 1_100_000, EIGHT + 600_000),
        left(1, 0, 9 * HOUR_MS + 30_000, 9 * HOUR_MS),
    ];
    let (tables, kpis) = town.tell(Ridership::new(&town.context()), &events);
    let line = |name: &str| table(&tables, "lines").number(name, 0).unwrap();
    assert_eq!((line("calls_within_1_min"), line("calls_within_5_min")), (0.5, 0.75));
    assert_eq!(line("late_at_end_s"), 400.0);
    assert_eq!(kpis.iter().find(|k| k.name == "calls_within_5_min").unwrap().value, 0.75);
}

#[test]
fn who_is_on_board_when_the_day_ends_rides_no_farther() {
    // The day ends between the first two stops: 1 km of 3. Had the vehicle left the second: 3 km.
    let town = Town::new();
    let boarded = at(EIGHT).boarded(ARRIVING, 0, 0, EIGHT);
    let (tables, _) = town.tell(Ridership::new(&town.context()), &[boarded]);
    assert_eq!(table(&tables, "lines").number("passenger_km", 0), Some(1.0));
    let left = What::VehicleLeft { departure: DepartureIx(0), position: 1, load: 1, arrived: Time(EIGHT + 90_000) };
    let events = [boarded, at(EIGHT + 100_000).event(6, left)];
    let (tables, _) = town.tell(Ridership::new(&town.context()), &events);
    assert_eq!(table(&tables, "lines").number("passenger_km", 0), Some(3.0));
}

#[test]
fn on_a_ring_one_gets_off_the_next_time_the_line_comes_by() {
    let ring = [0, 1, 2, 0, 1].map(StopIx);
    assert_eq!(position_of(&ring, 0, StopIx(0)), Some(3));
    assert_eq!(position_of(&ring, 2, StopIx(1)), Some(4));
    assert_eq!(position_of(&ring, 4, StopIx(1)), None);
}
