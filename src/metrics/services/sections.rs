//! The tables `line_sections` and `section_hours`: loads along lines.

use super::line_names;
use super::loads::Loads;
use crate::metrics::Context;
use crate::table::Table;

/// Loads by section over the day.
pub fn of_day(context: &Context, loads: &[Loads]) -> Table {
    let lines = &context.network.lines;
    let names = line_names(lines);
    let rows: Vec<(usize, usize)> =
        loads.iter().enumerate().flat_map(|(l, x)| (0..x.sections()).map(move |s| (l, s))).collect();
    let stop = |&(l, s): &(usize, usize), next: usize| &lines.stops[lines.lines[l].stops[s + next].i()];
    let real = |of: &dyn Fn(&(usize, usize)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let text = |of: &dyn Fn(&(usize, usize)) -> String| rows.iter().map(of).collect::<Vec<String>>();
    let factor = |r: &(usize, usize)| {
        let places = loads[r.0].runs(r.1) as f64 * f64::from(lines.lines[r.0].capacity);
        (places > 0.0).then(|| context.expand(loads[r.0].day(r.1)) / places)
    };
    Table::new("line_sections")
        .key("line", "as in lines", text(&|r| names[r.0].clone()))
        .key_int(
            "position",
            "",
            "section from this position of the line to the next, from 0",
            rows.iter().map(|r| r.1 as i64).collect(),
        )
        .text("route_id", "GTFS route", text(&|r| lines.lines[r.0].route_id.clone()))
        .text("color", "colour of the route, RRGGBB, may be empty", text(&|r| lines.lines[r.0].color.clone()))
        .text("from_stop", "stop at its beginning", text(&|r| stop(r, 0).name.clone()))
        .text("to_stop", "stop at its end", text(&|r| stop(r, 1).name.clone()))
        .real("from_lon", "degrees", "longitude of its beginning, WGS-84", real(&|r| stop(r, 0).position[0]))
        .real("from_lat", "degrees", "latitude of its beginning, WGS-84", real(&|r| stop(r, 0).position[1]))
        .real("to_lon", "degrees", "longitude of its end, WGS-84", real(&|r| stop(r, 1).position[0]))
        .real("to_lat", "degrees", "latitude of its end, WGS-84", real(&|r| stop(r, 1).position[1]))
        .real(
            "load",
            "persons per day",
            "persons carried over the section, expanded by 1/sample",
            real(&|r| context.expand(loads[r.0].day(r.1))),
        )
        .real(
            "peak_hour_load",
            "persons per hour",
            "the same in the clock hour with most, expanded by 1/sample",
            real(&|r| context.expand(loads[r.0].peak_hour(r.1))),
        )
        .real_or_none(
            "load_factor",
            "share",
            "persons carried over the section by the places of its vehicles",
            rows.iter().map(factor).collect(),
        )
}

/// Loads by section and hour, where and when vehicles run.
pub fn by_hour(context: &Context, loads: &[Loads]) -> Table {
    let lines = &context.network.lines.lines;
    let (names, hours) = (line_names(&context.network.lines), context.hours());
    let mut rows: Vec<(usize, usize, usize)> = Vec::new();
    for (l, of) in loads.iter().enumerate() {
        let cells = (0..of.sections()).flat_map(|s| (0..hours.count()).map(move |h| (l, s, h)));
        rows.extend(cells.filter(|&(_, s, h)| of.section(s)[h].runs > 0));
    }
    let cell = |&(l, s, h): &(usize, usize, usize)| loads[l].section(s)[h];
    let load = |r: &(usize, usize, usize)| context.expand(cell(r).persons);
    let places = |r: &(usize, usize, usize)| cell(r).runs as i64 * i64::from(lines[r.0].capacity);
    Table::new("section_hours")
        .key_category("line", "as in lines", rows.iter().map(|r| r.0 as u32).collect(), names)
        .key_int("position", "", "section, as in line_sections", rows.iter().map(|r| r.1 as i64).collect())
        .key_int(
            "hour",
            "hour of the day",
            "clock hour in which vehicles leave its beginning by the timetable, past 24 after midnight",
            rows.iter().map(|r| hours.clock(r.2)).collect(),
        )
        .int("runs", "vehicle runs per hour", "vehicle runs", rows.iter().map(|r| cell(r).runs as i64).collect())
        .real("load", "persons per hour", "persons carried, expanded by 1/sample", rows.iter().map(load).collect())
        .int("places", "persons per hour", "persons that fit into these vehicles", rows.iter().map(places).collect())
        .real_or_none(
            "load_factor",
            "share",
            "persons carried by places",
            rows.iter().map(|r| (places(r) > 0).then(|| load(r) / places(r) as f64)).collect(),
        )
        .real_or_none(
            "standing",
            "persons per hour",
            "persons carried beyond the seats of their vehicle, where the vehicles tell their seats",
            rows.iter().map(|r| (lines[r.0].vehicle.seats > 0).then(|| cell(r).standing)).collect(),
        )
}
