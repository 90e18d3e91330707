//! The section on hubs: figures side by side, then each hub by itself – what flows through its processes, where its users
//! lose time, its processes with waits and use, and the day of each process by hour.

use super::cells::{Cell, Grid, Head, Look, grid, own_name};
use super::charts::{self, Panel};
use super::format::{Names, Style, escape, is_measure, label, number, short, word};
use super::hub_days;
use super::hub_diagram::diagram;
use super::measures::is_place;
use super::sections::{by_hour, distinct, section};
use crate::mode::Mode;
use crate::outcome::Outcome;
use crate::table::{Column, Table};
use std::fmt::Write;

/// Columns of processes that seldom tell anything.
const SELDOM: [&str; 5] = ["in_queue_at_end", "in_service_at_end", "blocked", "blocked_mean_s", "blocked_at_end"];

/// The section.
pub fn hubs(outcome: &Outcome, names: &Names) -> String {
    let mut body = String::new();
    if let Some(hubs) = outcome.table("hubs").filter(|t| t.rows() > 0) {
        body.push_str(&side_by_side(hubs, names).html());
    }
    for table in outcome
        .tables
        .iter()
        .filter(|t| t.column("hub").is_some() && t.column("hour").is_some() && t.column("process").is_none())
    {
        body.push_str(&hours_of_hubs(table, names));
    }
    body.push_str(&missed_services(outcome, names));
    let empty = Table::default();
    let processes = outcome.table("processes").unwrap_or(&empty);
    let hours = outcome.table("process_hours").unwrap_or(&empty);
    for hub in hub_ids(outcome, processes) {
        let own = outcome.table("hubs").and_then(|t| {
            let key = &t.columns.first()?.name;
            let row = (0..t.rows()).find(|&row| word(t, key, row).as_ref() == Some(&hub))?;
            Some(own_name(t, key, row))
        });
        let heading = own.unwrap_or_else(|| names.html(&hub));
        let parts = [
            diagram(outcome, &hub),
            hub_days::delays(outcome, &hub, names),
            hub_days::queues(outcome, &hub),
            hub_days::stores(outcome, &hub),
            processes_of(&hub, processes, hours, names),
            hub_days::further(outcome, &hub, names),
        ]
        .concat();
        if !parts.is_empty() && !hub.is_empty() {
            let _ = write!(body, "<h3 class=\"hubhead\">{heading}</h3>");
        }
        body.push_str(&parts);
    }
    section("hubs", "Hubs", "", &body)
}

/// Scheduled services that most people came too late for, with where those went.
fn missed_services(outcome: &Outcome, names: &Names) -> String {
    let Some(services) = outcome.table("services") else { return String::new() };
    let missed = |row: &usize| services.number("missed", *row).unwrap_or(0.0);
    let mut rows: Vec<usize> = (0..services.rows()).filter(|row| missed(row) > 0.0).collect();
    rows.sort_by(|a, b| missed(b).total_cmp(&missed(a)));
    let look = Look {
        caption: "Services that most people came too late for".into(),
        rows: Some(rows),
        only: &["service", "mode", "region", "seats", "booked", "on_board", "missed", "rebooked_in", "load_factor"],
        bars: &["load_factor"],
        most: 10,
        ..Look::default()
    };
    grid(services, names, &look).html()
}

/// Hubs across, figures down: few hubs, many figures.
fn side_by_side(table: &Table, names: &Names) -> Grid {
    let mut grid = Grid::default();
    grid.head.push(Head::words("Figure"));
    let key = &table.columns[0].name;
    for row in 0..table.rows() {
        let id = word(table, key, row).unwrap_or_default();
        grid.head.push(Head { html: names.html(&id), right: true, ..Head::default() });
    }
    for column in table
        .columns
        .iter()
        .filter(|c| c.name != *key && !matches!(c.name.as_str(), "name" | "name_en") && !is_place(&c.name))
        .filter(|c| !is_sum_of_told(table, c))
    {
        if !is_measure(column) {
            let words = (0..table.rows()).map(|row| word(table, &column.name, row).unwrap_or_default());
            let cells = words.map(|w| Cell::Number(names.html(&w)));
            grid.rows.push(std::iter::once(Cell::Words(escape(&label(&column.name, "")))).chain(cells).collect());
            continue;
        }
        let values: Vec<Option<f64>> = (0..table.rows()).map(|row| number(column, row)).collect();
        if values.iter().all(|v| v.is_none_or(|x| x == 0.0)) {
            continue;
        }
        let style = Style::of(&column.unit, values.iter().flatten().copied());
        let words = label(&column.name, &column.unit);
        let unit = if style.unit == words { "" } else { &style.unit };
        let title = format!(
            "<span title=\"{}\">{} <span class=\"unit\">{}</span></span>",
            escape(&column.about),
            escape(&words),
            escape(unit)
        );
        let cells = values.iter().map(|v| v.map_or(Cell::None, |x| Cell::Number(style.show(x))));
        grid.rows.push(std::iter::once(Cell::Words(title)).chain(cells).collect());
    }
    grid
}

/// Whether a column is the share of transit, whose parts are told too: all shares together would be more than the whole.
fn is_sum_of_told(table: &Table, column: &Column) -> bool {
    let Some(stem) = column.name.strip_suffix(Mode::Transit.word()) else { return false };
    let parts = [Mode::Bus, Mode::Rail, Mode::ParkAndRide, Mode::KissAndRide];
    let told = |part: &Mode| {
        table
            .column(&format!("{stem}{}", part.word()))
            .is_some_and(|c| (0..table.rows()).any(|row| number(c, row).is_some_and(|x| x > 0.0)))
    };
    parts.iter().any(told)
}

/// Panels of a table by hub and hour: the first two measures, as bars and as a line.
fn hours_of_hubs(table: &Table, names: &Names) -> String {
    let measures: Vec<&Column> = table.columns.iter().filter(|c| is_measure(c) && c.name != "hour").take(2).collect();
    let Some(first) = measures.first() else { return String::new() };
    let mut html = format!("<h3>{}</h3><div class=\"panels\">", escape(&label(&table.name, "")));
    for hub in distinct(table, "hub") {
        let rows: Vec<usize> = (0..table.rows()).filter(|&r| word(table, "hub", r).as_ref() == Some(&hub)).collect();
        let series = |c: &Column| (label(&c.name, &c.unit).to_lowercase(), summed(by_hour(table, c, rows.clone())));
        let line = measures.get(1).map(|c| series(c));
        html.push_str(&charts::panel(&Panel { title: names.html(&hub), bars: series(first), line }));
    }
    html.push_str("</div>");
    html
}

/// Values of the same hour added up, hours ascending.
fn summed(values: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut sorted = values;
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sums: Vec<(f64, f64)> = Vec::new();
    for (hour, value) in sorted {
        match sums.last_mut() {
            Some(last) if last.0 == hour => last.1 += value,
            _ => sums.push((hour, value)),
        }
    }
    sums
}

/// Hubs in the order of their table, then those that only the processes name; one nameless group without any.
fn hub_ids(outcome: &Outcome, processes: &Table) -> Vec<String> {
    let mut ids = outcome.table("hubs").map_or_else(Vec::new, |t| distinct(t, &t.columns[0].name));
    for id in distinct(processes, "hub") {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if processes.column("hub").is_none() { vec![String::new()] } else { ids }
}

fn processes_of(hub: &str, processes: &Table, hours: &Table, names: &Names) -> String {
    let of_hub = |t: &Table, row: usize| t.column("hub").is_none() || word(t, "hub", row).as_deref() == Some(hub);
    let rows: Vec<usize> = (0..processes.rows()).filter(|&r| of_hub(processes, r)).collect();
    if rows.is_empty() {
        return String::new();
    }
    // What is told of all processes and is zero for those of this hub is left out.
    let empty = |name: &str| rows.iter().all(|&r| processes.number(name, r).is_none_or(|x| x == 0.0));
    let mut without = vec!["hub", "max_present", "mean_queue"];
    without.extend(SELDOM.into_iter().filter(|name| empty(name)));
    let look = Look {
        caption: "Processes".into(),
        rows: Some(rows.clone()),
        without: &without,
        bars: &["utilisation", "mean_wait"],
        most: 60,
        ..Look::default()
    };
    let mut html = grid(processes, names, &look).html();
    let key = processes.columns.iter().find(|c| c.name.starts_with("process")).unwrap_or(&processes.columns[0]);
    let mut panels = String::new();
    for row in rows {
        let process = word(processes, &key.name, row).unwrap_or_default();
        panels.push_str(&day_of(&process, hub, hours, &own_name(processes, &key.name, row)));
    }
    if !panels.is_empty() {
        let words = "Arrivals and queues of each process by hour";
        let _ = write!(html, "<details><summary>{words}</summary><div class=\"panels\">{panels}</div></details>");
    }
    html
}

/// Arrivals as bars and the queue (or else the wait) as a line.
fn day_of(process: &str, hub: &str, hours: &Table, name: &str) -> String {
    let own = |row: &usize| {
        let same_hub = hours.column("hub").is_none() || word(hours, "hub", *row).as_deref() == Some(hub);
        same_hub && word(hours, "process", *row).or_else(|| word(hours, "process_id", *row)).as_deref() == Some(process)
    };
    let rows: Vec<usize> = (0..hours.rows()).filter(own).collect();
    let column = |words: &[&str]| {
        words
            .iter()
            .find_map(|w| hours.columns.iter().find(|c| is_measure(c) && c.name != "hour" && c.name.contains(w)))
    };
    let Some(flow) = column(&["arriv", "served", "entered"]) else { return String::new() };
    let bars = by_hour(hours, flow, rows.clone());
    if bars.iter().all(|b| b.1 == 0.0) {
        return String::new();
    }
    let line = column(&["queue", "wait"]).map(|c| {
        let values = by_hour(hours, c, rows);
        let style = Style::of(&c.unit, values.iter().map(|v| v.1));
        let words =
            format!("{} {}", label(&c.name, &c.unit).to_lowercase(), if c.unit == "s" { &style.unit } else { "" });
        (words.trim_end().to_owned(), values.into_iter().map(|(h, v)| (h, v * style.factor)).collect())
    });
    let total: f64 = bars.iter().map(|b| b.1).sum();
    let title = format!("{name} <span class=\"unit\">{} a day</span>", short(total));
    charts::panel(&Panel { title, bars: (format!("{}/h", label(&flow.name, &flow.unit).to_lowercase()), bars), line })
}
