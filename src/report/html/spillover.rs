//! The section on what the hubs' flow does to the districts: the flow ledger, accessibility, effective density and the
//! ledgers of the estimate, which are never summed with each other.

use super::cells::{Cell, Grid, Head, Look, Pivot, grid, interval};
use super::charts::{self, Estimate};
use super::format::{Names, Style, escape, is_measure, label, number, word};
use super::measures::{district_column, is_bound};
use super::sections::{distinct, section};
use crate::outcome::Outcome;
use crate::table::Table;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The section.
pub fn spillover(outcome: &Outcome, names: &Names) -> String {
    let mut body = String::new();
    if let Some(ledger) = outcome.table("flow_ledger").filter(|t| t.rows() > 0) {
        body.push_str("<h3>Flow ledger: hub by district</h3>");
        body.push_str(&flows(ledger, names));
    }
    for name in ["accessibility", "effective_density"] {
        if let Some(table) = outcome.table(name).filter(|t| t.rows() > 0) {
            let _ = write!(body, "<h3>{}</h3>", escape(&label(name, "")));
            body.push_str(&by_district(table, names));
        }
    }
    if let Some(table) = outcome.table("spillover").filter(|t| t.rows() > 0) {
        body.push_str(&ledgers(table, names));
    }
    if let Some(table) = outcome.table("districts").filter(|t| t.rows() > 0) {
        let look = Look { most: 60, ..Look::default() };
        let _ = write!(
            body,
            "<details><summary>All figures by district</summary>{}</details>",
            grid(table, names, &look).html()
        );
    }
    let lead = "Flows are those of the simulated day. The ledgers below (economic increment, user welfare, externalities) \
                measure different things and are never summed with each other.";
    section("spillover", "Spillover into the districts", lead, &body)
}

/// Per measure a table of districts by hubs, and per hub the shares of the classes.
fn flows(ledger: &Table, names: &Names) -> String {
    let mut html = String::new();
    let Some(district) = district_column(ledger) else { return grid(ledger, names, &Look::default()).html() };
    for (i, measure) in ledger.columns.iter().filter(|c| is_measure(c) && !is_bound(&c.name)).enumerate() {
        if (0..ledger.rows()).all(|row| number(measure, row).unwrap_or(0.0) == 0.0) {
            continue;
        }
        let about = measure.about.trim_end_matches('.');
        let what = label(&measure.name, &measure.unit);
        let caption = escape(if about.is_empty() { &what } else { about });
        let pivot = Pivot { down: (district, "District"), across: "hub", measure };
        let table = pivot.grid(ledger, names, caption).html();
        if i == 0 {
            for (column, title) in
                [("class", "Who they are"), ("scope", "Domestic and international"), ("direction", "Direction")]
            {
                html.push_str(&parts(ledger, column, title, names));
            }
            html.push_str(&table);
        } else {
            let _ = write!(
                html,
                "<details><summary>{}</summary>{table}</details>",
                escape(&label(&measure.name, &measure.unit))
            );
        }
    }
    html
}

/// Shares of the words of a column in the first measure, by hub.
fn parts(ledger: &Table, column: &str, title: &str, names: &Names) -> String {
    let Some(measure) = ledger.columns.iter().find(|c| is_measure(c)) else { return String::new() };
    let (hubs, words) = (distinct(ledger, "hub"), distinct(ledger, column));
    if hubs.is_empty() || words.len() < 2 || words.len() > 6 {
        return String::new();
    }
    let mut parts: Vec<(String, Vec<f64>)> =
        words.iter().map(|w| (escape(&label(w, "")), vec![0.0; hubs.len()])).collect();
    for row in 0..ledger.rows() {
        let hub = word(ledger, "hub", row).and_then(|h| hubs.iter().position(|x| *x == h));
        let part = word(ledger, column, row).and_then(|w| words.iter().position(|x| *x == w));
        if let (Some(hub), Some(part)) = (hub, part) {
            parts[part].1[hub] += number(measure, row).unwrap_or(0.0);
        }
    }
    let wholes: Vec<String> = hubs.iter().map(|h| names.html(h)).collect();
    charts::shares(title, &wholes, &parts, &measure.unit)
}

/// A table by district: as it is, or, with one further key and one measure, with that key across.
fn by_district(table: &Table, names: &Names) -> String {
    let measures: Vec<_> = table.columns.iter().filter(|c| is_measure(c) && !is_bound(&c.name)).collect();
    let keys: Vec<_> =
        table.columns.iter().filter(|c| c.key && !matches!(c.name.as_str(), "district" | "district_id")).collect();
    if let (Some(district), [key], [measure]) = (district_column(table), keys.as_slice(), measures.as_slice()) {
        if distinct(table, &key.name).len() <= 8 && distinct(table, district).len() > 1 {
            return unsummed(table, district, &key.name, names);
        }
        let _ = measure;
    }
    grid(table, names, &Look { most: 60, ..Look::default() }).html()
}

/// Districts down, the other key across; figures of different keys are not added up.
fn unsummed(table: &Table, district: &str, key: &str, names: &Names) -> String {
    let Some(measure) = table.columns.iter().find(|c| is_measure(c) && !is_bound(&c.name)) else {
        return String::new();
    };
    let pivot = Pivot { down: (district, "District"), across: key, measure };
    let mut shown = pivot.grid(table, names, escape(measure.about.trim_end_matches('.')));
    if shown.head.last().is_some_and(|h| h.html == "Total") {
        shown.head.pop();
        shown.rows.iter_mut().for_each(|row| {
            row.pop();
        });
    }
    shown.html()
}

/// One figure of the spillover table.
struct Entry {
    value: f64,
    interval: Option<(f64, f64)>,
}

/// Each ledger by itself: districts down, channels across, and the net figure (or the only one) with its interval.
fn ledgers(table: &Table, names: &Names) -> String {
    let (Some(district), Some(value)) = (district_column(table), table.column("value")) else {
        return grid(table, names, &Look::default()).html();
    };
    let ledger_words = distinct(table, "ledger");
    let ledger_list = if ledger_words.is_empty() { vec![String::new()] } else { ledger_words };
    let mut html = String::new();
    for ledger in ledger_list {
        let mut channels: Vec<(String, String)> = Vec::new();
        let mut districts: Vec<String> = Vec::new();
        let mut entries: BTreeMap<(String, String), Entry> = BTreeMap::new();
        for row in (0..table.rows()).filter(|&r| word(table, "ledger", r).unwrap_or_default() == ledger) {
            let (Some(place), Some(x)) = (word(table, district, row), number(value, row)) else { continue };
            let channel = word(table, "channel", row).unwrap_or_default();
            let unit = word(table, "unit", row).unwrap_or_else(|| value.unit.clone());
            if !channels.iter().any(|c| c.0 == channel) {
                channels.push((channel.clone(), unit));
            }
            if !districts.contains(&place) {
                districts.push(place.clone());
            }
            let interval = table.number("p05", row).zip(table.number("p95", row));
            entries.insert((place, channel), Entry { value: x, interval });
        }
        let _ = write!(html, "<h3>{}</h3>", escape(&heading(&ledger)));
        html.push_str(&net_figures(&channels, &districts, &entries, names));
        html.push_str(&channels_grid(&channels, &districts, &entries, names).html());
    }
    html
}

fn heading(ledger: &str) -> String {
    match ledger {
        "A" | "a" => "Ledger A: economic increment".into(),
        "B" | "b" => "Ledger B: user welfare".into(),
        "C" | "c" => "Ledger C: externalities".into(),
        "" => "Spillover by district".into(),
        other => label(other, ""),
    }
}

/// The channel that sums the ledger up, drawn with its intervals.
fn net_figures(
    channels: &[(String, String)],
    districts: &[String],
    entries: &BTreeMap<(String, String), Entry>,
    names: &Names,
) -> String {
    let net = ["net", "total", "sum"].iter().find_map(|w| channels.iter().find(|c| c.0.contains(w)));
    let Some((channel, unit)) = net.or_else(|| channels.first().filter(|_| channels.len() == 1)) else {
        return String::new();
    };
    let of = |d: &String| entries.get(&(d.clone(), channel.clone()));
    let style = Style::of(unit, districts.iter().filter_map(of).map(|e| e.value));
    let mut estimates: Vec<Estimate> = districts
        .iter()
        .filter_map(|d| {
            let entry = of(d)?;
            let interval = entry.interval.map(|(low, high)| (low * style.factor, high * style.factor));
            Some(Estimate { name: names.html(d), value: entry.value * style.factor, interval })
        })
        .collect();
    if estimates.iter().all(|e| e.interval.is_none()) {
        return String::new();
    }
    estimates.sort_by(|a, b| b.value.total_cmp(&a.value));
    charts::intervals(&escape(&label(channel, unit)), &style.unit, &estimates)
}

fn channels_grid(
    channels: &[(String, String)],
    districts: &[String],
    entries: &BTreeMap<(String, String), Entry>,
    names: &Names,
) -> Grid {
    let mut grid = Grid::default();
    grid.head.push(Head::words("District"));
    grid.rows = districts.iter().map(|d| vec![Cell::Words(names.html(d))]).collect();
    for (channel, unit) in channels {
        let of = |d: &String| entries.get(&(d.clone(), channel.clone()));
        let style = Style::of(unit, districts.iter().filter_map(of).map(|e| e.value));
        grid.head.push(Head::numbers(&label(channel, unit), &style.unit, ""));
        for (cells, district) in grid.rows.iter_mut().zip(districts) {
            cells.push(match of(district) {
                None => Cell::None,
                Some(Entry { value, interval: Some((low, high)) }) => {
                    Cell::Interval(style.show(*value), interval(&style, *low, *high))
                }
                Some(entry) => Cell::Number(style.show(entry.value)),
            });
        }
    }
    grid
}
