//! The section on what the hubs' flow does to the districts: the flow ledger, accessibility, effective density and the
//! ledgers of the estimate, which are never summed with each other.

use super::cells::{Look, Pivot, grid};
use super::charts;
use super::districts::{district_column, is_flow};
use super::format::{self, Names, escape, is_measure, label, number, sentence, word};
use super::ledgers::ledgers;
use super::measures::is_bound;
use super::sections::{distinct, section};
use crate::outcome::Outcome;
use crate::table::{Column, Table};
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
    if let Some(table) = outcome.table("conversion").filter(|t| t.rows() > 0) {
        body.push_str("<h3>Conversion of hub flow into the districts</h3>");
        body.push_str(&conversion(table, names));
    }
    if let Some(table) = outcome.table("spillover").filter(|t| t.rows() > 0) {
        body.push_str(&ledgers(table, outcome.table("spillover_total"), names));
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
        let caption = caption(measure);
        let pivot = Pivot { down: (district, "District"), across: "hub", measure, only: None, summable: true };
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

/// Name and meaning of a measure.
fn caption(measure: &Column) -> String {
    let about = measure.about.trim_end_matches('.');
    let what = label(&measure.name, &measure.unit);
    escape(&if about.is_empty() { what } else { format!("{what}: {about}") })
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
    charts::shares(title, &wholes, &parts, &format::unit(&measure.unit))
}

/// A table by district: as it is, or, with one further key, a table for each measure with that key across. Flows are
/// left to the ledger; times come first and open, the others folded.
fn by_district(table: &Table, names: &Names) -> String {
    let keys: Vec<&Column> =
        table.columns.iter().filter(|c| c.key && !matches!(c.name.as_str(), "district" | "district_id")).collect();
    let (Some(district), [key]) = (district_column(table), keys.as_slice()) else {
        return grid(table, names, &Look::default()).html();
    };
    if distinct(table, &key.name).len() > 8 || distinct(table, district).len() < 2 {
        return grid(table, names, &Look::default()).html();
    }
    let mut measures: Vec<&Column> = table
        .columns
        .iter()
        .filter(|c| is_measure(c) && !is_bound(&c.name) && (keys.is_empty() || !is_flow(&c.name)))
        .collect();
    measures.sort_by_key(|c| !matches!(c.unit.as_str(), "min" | "index"));
    let mut html = String::new();
    for (i, measure) in measures.into_iter().enumerate() {
        let pivot = Pivot { down: (district, "District"), across: &key.name, measure, only: None, summable: false };
        let what = label(&measure.name, &measure.unit);
        let shown = pivot.grid(table, names, caption(measure)).html();
        if i == 0 {
            html.push_str(&shown);
        } else {
            let _ = write!(html, "<details><summary>{}</summary>{shown}</details>", escape(&what));
        }
    }
    html
}

/// Value added of districts per unit of hub flow: districts by hubs, for each unit of flow.
pub fn conversion(table: &Table, names: &Names) -> String {
    let measure = table.columns.iter().find(|c| is_measure(c) && !is_bound(&c.name));
    let (Some(district), Some(measure)) = (district_column(table), measure) else { return String::new() };
    let hub = if table.column("hub_id").is_some() { "hub_id" } else { "hub" };
    let mut html = String::new();
    for per in distinct(table, "per") {
        let pivot =
            Pivot { down: (district, "District"), across: hub, measure, only: Some(("per", &per)), summable: false };
        let about = measure.about.trim_end_matches('.').replace("unit of hub flow", &per).replace("unit of flow", &per);
        html.push_str(&pivot.grid(table, names, escape(&sentence(&about))).html());
    }
    html
}
