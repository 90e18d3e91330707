//! The section on lines: routes side by side, loads along the busiest of them in both directions, load factors by section
//! and hour, lines by who is left behind, and the stops where that happens.

use super::cells::{Cell, Look, grid};
use super::format::{Names, escape, fixed, number, short, word};
use super::profile::{self, Direction, Section};
use super::sections::section;
use crate::outcome::Outcome;
use crate::table::Table;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::fmt::Write;

/// Routes that are drawn in plain sight, and those behind a summary after them.
const DRAWN: [usize; 2] = [3, 3];

/// Columns of lines that the table leaves out: with all of them it would be wider than the page. lines.parquet has them.
const LEFT_OUT: [&str; 11] = [
    "route_id",
    "color",
    "passenger_km",
    "vehicle_km",
    "place_km",
    "seat_km",
    "max_load",
    "wait_p95_s",
    "excess_wait_s",
    "calls_within_1_min",
    "late_at_end_s",
];

/// The section.
pub fn lines(outcome: &Outcome, names: &Names) -> String {
    let mut body = String::new();
    if let Some(routes) = outcome.table("routes").filter(|t| t.rows() > 0) {
        let look = Look {
            caption: "Routes by passenger-km".into(),
            rows: Some(ordered(routes, &["passenger_km"])),
            without: &["color", "vehicle_km", "place_km", "seat_km", "max_load", "calls_within_1_min"],
            bars: &["load_factor"],
            most: 30,
            ..Look::default()
        };
        body.push_str(&grid(routes, names, &look).html());
    }
    body.push_str(&drawn(outcome));
    if let Some(lines) = outcome.table("lines").filter(|t| t.rows() > 0) {
        let look = Look {
            caption: "Lines by persons left behind, then by load of the fullest vehicle".into(),
            rows: Some(ordered(lines, &["denied", "max_load_factor"])),
            without: &LEFT_OUT,
            bars: &["load_max", "max_load_factor", "utilisation"],
            most: 30,
            ..Look::default()
        };
        body.push_str(&grid(lines, names, &look).html());
    }
    body.push_str(&left_behind(outcome, names));
    section("lines", "Lines", "", &body)
}

/// Rows by some columns, the largest first; columns that are not there tell nothing.
fn ordered(table: &Table, by: &[&str]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..table.rows()).collect();
    let at = |column: &str, row: usize| table.number(column, row).unwrap_or(0.0);
    rows.sort_by(|&a, &b| {
        let differing = |column: &&str| at(column, b).total_cmp(&at(column, a));
        by.iter().map(differing).find(|o| *o != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    rows
}

/// Load profiles and heat maps of the busiest routes.
fn drawn(outcome: &Outcome) -> String {
    let (Some(routes), Some(lines)) = (outcome.table("routes"), outcome.table("lines")) else { return String::new() };
    let mut of_line = sections_by_line(outcome);
    let mut shown: Vec<String> = Vec::new();
    for row in ordered(routes, &["passenger_km"]) {
        if shown.len() == DRAWN[0] + DRAWN[1] || routes.number("passenger_km", row).is_none_or(|x| x <= 0.0) {
            break;
        }
        let id = word(routes, "route_id", row).unwrap_or_default();
        let mut own: Vec<usize> = ordered(lines, &["passenger_km"]);
        own.retain(|&l| word(lines, "route_id", l).as_ref() == Some(&id));
        let mut directions: Vec<Direction> =
            own.into_iter().filter_map(|l| direction(lines, l, &mut of_line)).collect();
        let Some(first) = (!directions.is_empty()).then(|| directions.remove(0)) else { continue };
        let back = directions.iter().position(|d| d.sections.iter().any(|s| first.opposite(s).is_some()));
        let back = back.map(|b| directions.remove(b));
        let name = word(routes, "name", row).filter(|n| !n.is_empty()).unwrap_or(id);
        let mut html = format!("<h3>{}</h3>", escape(&name));
        html.push_str(&profile::profile(&name, &first, back.as_ref()));
        html.push_str("<div class=\"pair wide\">");
        html.push_str(&profile::heat_map(&name, &first));
        html.push_str(&back.map_or(String::new(), |b| profile::heat_map(&name, &b)));
        html.push_str("</div>");
        shown.push(html);
    }
    if shown.is_empty() {
        return String::new();
    }
    let rest = shown.split_off(DRAWN[0].min(shown.len()));
    let mut html = profile::legend() + &shown.concat();
    if !rest.is_empty() {
        let _ = write!(html, "<details><summary>{} more routes</summary>{}</details>", rest.len(), rest.concat());
    }
    html
}

/// The sections of all lines with their loads by hour, by line.
fn sections_by_line(outcome: &Outcome) -> FxHashMap<String, Vec<Section>> {
    let mut of_line: FxHashMap<String, Vec<Section>> = FxHashMap::default();
    let Some(days) = outcome.table("line_sections").filter(|t| t.column("from_stop").is_some()) else {
        return of_line;
    };
    for row in 0..days.rows() {
        let text = |column| word(days, column, row).unwrap_or_default();
        let day = days.number("load", row).unwrap_or(0.0);
        let section = Section { from: text("from_stop"), to: text("to_stop"), day, hours: Vec::new() };
        of_line.entry(text("line")).or_default().push(section);
    }
    let Some(hours) = outcome.table("section_hours") else { return of_line };
    for row in 0..hours.rows() {
        let Some(sections) = hours.word("line", row).and_then(|line| of_line.get_mut(line)) else { continue };
        let figure = |column| hours.number(column, row).unwrap_or(0.0);
        if let Some(section) = sections.get_mut(figure("position") as usize) {
            section.hours.push((figure("hour") as i64, figure("load"), figure("places")));
        }
    }
    of_line
}

/// A line as it is drawn, where it has sections.
fn direction(lines: &Table, row: usize, of_line: &mut FxHashMap<String, Vec<Section>>) -> Option<Direction> {
    let sections = of_line.remove(&word(lines, "line", row)?)?;
    let end = |column| word(lines, column, row).unwrap_or_default();
    Some(Direction { from: end("from_stop"), to: end("to_stop"), sections })
}

/// Stops at which full vehicles leave people behind, with the hour in which most are.
fn left_behind(outcome: &Outcome, names: &Names) -> String {
    let Some(stops) = outcome.table("stops") else { return String::new() };
    let mut rows = ordered(stops, &["denied"]);
    rows.retain(|&row| stops.number("denied", row).is_some_and(|x| x > 0.0));
    if rows.is_empty() {
        return String::new();
    }
    let look = Look {
        caption: "Stops where full vehicles leave people behind".into(),
        rows: Some(rows.clone()),
        only: &["stop_id", "hub", "boardings", "denied", "mean_wait_s"],
        bars: &["denied"],
        most: 20,
        ..Look::default()
    };
    let mut grid = grid(stops, names, &look);
    let shown = &rows[..rows.len().min(grid.rows.len())];
    for (cells, &row) in grid.rows.iter_mut().zip(shown) {
        if let Some(Cell::Words(name)) = cells.first_mut() {
            name.push_str(&id_of_stop(stops, row));
        }
    }
    grid.html() + &worst_hour(outcome)
}

/// The id of a stop behind its name where other stops have the same name: platforms of several lines often do.
fn id_of_stop(stops: &Table, row: usize) -> String {
    let name = |row| word(stops, "name", row);
    let own = name(row);
    let is_shared = own.is_some() && (0..stops.rows()).any(|other| other != row && name(other) == own);
    let id = word(stops, "stop_id", row).filter(|_| is_shared);
    id.map_or(String::new(), |id| format!(" <span class=\"unit\">{}</span>", escape(&id)))
}

/// The hour in which most are left behind anywhere, in words.
fn worst_hour(outcome: &Outcome) -> String {
    let Some(hours) = outcome.table("stop_hours") else { return String::new() };
    let Some(denied) = hours.column("denied") else { return String::new() };
    let at = |row: usize| number(denied, row).unwrap_or(0.0);
    let Some(worst) = (0..hours.rows()).max_by(|&a, &b| at(a).total_cmp(&at(b)).then(b.cmp(&a))) else {
        return String::new();
    };
    let stop = hours.word("stop_id", worst).unwrap_or_default();
    let names = outcome.table("stops");
    let row = names.and_then(|t| (0..t.rows()).find(|&row| word(t, "stop_id", row).as_deref() == Some(stop)));
    let name = names.zip(row).and_then(|(t, row)| word(t, "name", row)).unwrap_or_else(|| stop.to_owned());
    let id = names.zip(row).map_or(String::new(), |(t, row)| id_of_stop(t, row));
    let hour = hours.number("hour", worst).unwrap_or(0.0);
    format!(
        "<p class=\"note\">Most left behind at one stop in one clock hour: {} at {}{id}, from {}:00. Persons count once for \
         each full vehicle that leaves without them.</p>",
        short(at(worst)),
        escape(&name),
        fixed(hour, 0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// A route of two sections, there and back, one of whose hours is over full.
    fn outcome() -> Outcome {
        let mut outcome = sample::small();
        let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
        let routes = Table::new("routes")
            .key("route_id", "Route.", words(&["M1"]))
            .text("name", "Name.", words(&["Metro <1>"]))
            .real("passenger_km", "person-km per day", "Ridden.", vec![900.0]);
        let lines = Table::new("lines")
            .key("line", "Line.", words(&["M1:1", "M1:2"]))
            .text("route_id", "Route.", words(&["M1", "M1"]))
            .text("from_stop", "First.", words(&["Alpha", "Gamma"]))
            .text("to_stop", "Last.", words(&["Gamma", "Alpha"]))
            .real("passenger_km", "person-km per day", "Ridden.", vec![600.0, 300.0])
            .real("denied", "persons per day", "Denied.", vec![0.0, 7.0]);
        let sections = Table::new("line_sections")
            .key("line", "Line.", words(&["M1:1", "M1:1", "M1:2", "M1:2"]))
            .text("from_stop", "From.", words(&["Alpha", "Beta", "Gamma", "Beta"]))
            .text("to_stop", "To.", words(&["Beta", "Gamma", "Beta", "Alpha"]))
            .real("load", "persons per day", "Load.", vec![120.0, 80.0, 40.0, 30.0]);
        let hours = Table::new("section_hours")
            .key_category("line", "Line.", vec![0, 0, 1], words(&["M1:1", "M1:2"]))
            .key_int("position", "", "Section.", vec![0, 1, 0])
            .key_int("hour", "", "Hour.", vec![8, 8, 9])
            .real("load", "persons per hour", "Load.", vec![110.0, 50.0, 40.0])
            .int("places", "persons per hour", "Places.", vec![100, 100, 100]);
        let stops = Table::new("stops")
            .key("stop_id", "Stop.", words(&["a", "b"]))
            .text("name", "Name.", words(&["Alpha", "Beta"]))
            .real("boardings", "persons per day", "On.", vec![5.0, 6.0])
            .real("denied", "persons per day", "Denied.", vec![0.0, 7.0]);
        let stop_hours = Table::new("stop_hours")
            .key_category("stop_id", "Stop.", vec![1, 1], words(&["a", "b"]))
            .key_int("hour", "", "Hour.", vec![8, 9])
            .real("denied", "persons per hour", "Denied.", vec![2.0, 5.0]);
        outcome.tables.retain(|t| !["lines", "line_sections"].contains(&t.name.as_str()));
        outcome.tables.extend([routes, lines, sections, hours, stops, stop_hours]);
        outcome
    }

    #[test]
    fn a_route_is_drawn_both_ways_with_its_peak_hour_and_its_heat() {
        let outcome = outcome();
        let html = lines(&outcome, &Names::of(&outcome));
        for told in [
            "Metro &lt;1&gt;",
            "Hour from 8:00",
            // 110 of 100 places, in the class above all limits.
            "<title>Alpha – Beta, 8:00: 110 persons, 110 % of places</title>",
            "<rect class=\"fl6\" x=\"168\" y=\"16\" width=\"16\" height=\"12\"><title>8:00 110 %</title></rect>",
            // The way back is drawn under the same sections.
            "<title>Gamma – Beta: 40 persons a day</title>",
            "Most left behind at one stop in one clock hour: 5 at Beta, from 9:00.",
        ] {
            assert!(html.contains(told), "{told} in\n{html}");
        }
        assert!(!html.contains("Metro <1>"));
    }

    #[test]
    fn stops_of_one_name_are_told_with_their_ids() {
        let mut outcome = outcome();
        let stops = outcome.tables.iter_mut().find(|t| t.name == "stops").unwrap();
        stops.columns[1].values = crate::table::Values::Text(vec!["Beta".into(); 2]);
        let html = lines(&outcome, &Names::of(&outcome));
        assert!(html.contains("5 at Beta <span class=\"unit\">b</span>, from 9:00."));
        assert!(html.contains("<span title=\"b\">Beta</span> <span class=\"unit\">b</span></th>"));
    }

    #[test]
    fn nobody_left_behind_is_no_table() {
        let mut outcome = outcome();
        outcome.tables.retain(|t| t.name != "stops");
        assert!(!lines(&outcome, &Names::of(&outcome)).contains("leave people behind"));
    }
}
