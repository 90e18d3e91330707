//! Measures of the districts for the map: flow to and from the hubs first, then what the other tables tell.

use super::format::{Names, is_measure, label, number, word};
use super::measures::{Measure, is_bound, is_place};
use crate::outcome::Outcome;
use crate::table::{Column, Table, Values};
use std::collections::BTreeMap;

/// Most combinations of keys that a column may add to the map as measures of their own.
const COMBINATIONS: usize = 8;

/// Rows of the districts by id and by either name.
pub struct Rows {
    by_name: BTreeMap<String, usize>,
    count: usize,
}

impl Rows {
    /// Of an outcome.
    pub fn of(outcome: &Outcome) -> Rows {
        let mut by_name = BTreeMap::new();
        if let Some(table) = outcome.table("districts") {
            for column in table.columns.iter().filter(|c| matches!(c.values, Values::Text(_))) {
                for row in 0..table.rows() {
                    if let Some(name) = word(table, &column.name, row).filter(|n| !n.is_empty()) {
                        by_name.entry(name).or_insert(row);
                    }
                }
            }
        }
        Rows { by_name, count: outcome.outlines.len() }
    }

    /// The district of a row of a table.
    fn at(&self, table: &Table, column: &str, row: usize) -> Option<usize> {
        self.by_name.get(&word(table, column, row)?).copied().filter(|at| *at < self.count)
    }
}

/// The column that says to which district a row belongs.
pub fn district_column(table: &Table) -> Option<&str> {
    ["district", "district_id"].into_iter().find(|n| table.column(n).is_some())
}

/// All measures of the districts.
pub fn of_districts(outcome: &Outcome, names: &Names) -> Vec<Measure> {
    let rows = Rows::of(outcome);
    let mut measures = Vec::new();
    if let Some(ledger) = outcome.table("flow_ledger") {
        measures.extend(flows(ledger, &rows, names));
    }
    if let Some(table) = outcome.table("districts").filter(|t| t.rows() == rows.count) {
        measures.extend(figures(table, &rows, names));
    }
    for name in ["accessibility", "effective_density"] {
        if let Some(table) = outcome.table(name) {
            measures.extend(keyed(table, &rows, names));
        }
    }
    if let Some(table) = outcome.table("spillover") {
        measures.extend(ledgers(table, &rows, 'd'));
    }
    measures.retain(Measure::has_values);
    measures
}

/// Increments of a comparison: those of the net first.
pub fn increments(outcome: &Outcome, table: &Table) -> Vec<Measure> {
    let mut measures = ledgers(table, &Rows::of(outcome), 'y');
    measures.retain(Measure::has_values);
    measures.sort_by_key(|m| !m.label.to_lowercase().contains("net"));
    measures
}

/// Sums of the flow ledger by district: all hubs by every measure, then each hub by the first.
fn flows(ledger: &Table, rows: &Rows, names: &Names) -> Vec<Measure> {
    let Some(district) = district_column(ledger) else { return Vec::new() };
    let mut measures = Vec::new();
    for (i, column) in ledger.columns.iter().filter(|c| is_measure(c)).enumerate() {
        let mut all = vec![0.0; rows.count];
        let mut by_hub: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in 0..ledger.rows() {
            let (Some(at), Some(value)) = (rows.at(ledger, district, row), number(column, row)) else { continue };
            all[at] += value;
            if let (0, Some(hub)) = (i, word(ledger, "hub", row)) {
                by_hub.entry(hub).or_insert_with(|| vec![0.0; rows.count])[at] += value;
            }
        }
        let what = label(&column.name, &column.unit).to_lowercase();
        let of = |whose: &str, values: Vec<f64>| {
            let values = values.into_iter().map(Some).collect();
            Measure::new(format!("{what}, {whose}"), &column.unit, &column.about, values, 'd').under("Hub flow")
        };
        measures.push(of("all hubs", all));
        measures.extend(by_hub.into_iter().map(|(hub, values)| of(&names.plain(&hub), values)));
    }
    measures
}

/// The columns of the districts themselves; those that repeat a figure by hub (`car_min_CAN`) are left to the table
/// of accessibility, which names the hubs.
fn figures(table: &Table, rows: &Rows, names: &Names) -> Vec<Measure> {
    let by_hub = |c: &Column| c.name.rsplit_once('_').is_some_and(|(_, id)| names.knows(id));
    let columns = table.columns.iter().filter(|c| is_measure(c) && !is_place(&c.name) && !by_hub(c));
    let mut measures: Vec<Measure> = columns
        .map(|column| {
            let values = (0..rows.count).map(|row| number(column, row)).collect();
            let name = label(&column.name, &column.unit);
            Measure::new(name, &column.unit, &column.about, values, 'd').under("District")
        })
        .collect();
    measures.sort_by_key(|m| !m.label.contains("within"));
    measures
}

/// Measures of a table by district and, possibly, further keys: one per measure and combination of those keys.
fn keyed(table: &Table, rows: &Rows, names: &Names) -> Vec<Measure> {
    let Some(district) = district_column(table) else { return Vec::new() };
    let keys: Vec<&str> =
        table.columns.iter().filter(|c| c.key && c.name != district).map(|c| c.name.as_str()).collect();
    let mut measures = Vec::new();
    for column in table.columns.iter().filter(|c| is_measure(c) && !is_bound(&c.name) && !is_flow(&c.name)) {
        let mut by_keys: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
        for row in 0..table.rows() {
            let Some(at) = rows.at(table, district, row) else { continue };
            let of: Vec<String> = keys.iter().filter_map(|k| word(table, k, row)).map(|w| names.plain(&w)).collect();
            by_keys.entry(of.join(", ")).or_insert_with(|| vec![None; rows.count])[at] = number(column, row);
        }
        let what = label(&column.name, &column.unit);
        let group = label(&table.name, "");
        for (of, values) in by_keys.into_iter().take(COMBINATIONS) {
            let title = match (what == group, of.is_empty()) {
                (_, true) => what.clone(),
                (true, false) => of,
                (false, false) => format!("{what}, {of}"),
            };
            measures.push(Measure::new(title, &column.unit, &column.about, values, 'd').under(&group));
        }
    }
    measures
}

/// Channels of spillover by ledger; `ramp` is that of channels without negative figures.
fn ledgers(table: &Table, rows: &Rows, ramp: char) -> Vec<Measure> {
    let (Some(district), Some(value)) = (district_column(table), table.column("value")) else { return Vec::new() };
    let mut found: BTreeMap<(String, String), (usize, Vec<Option<f64>>)> = BTreeMap::new();
    for row in 0..table.rows() {
        let Some(at) = rows.at(table, district, row) else { continue };
        let key = (word(table, "ledger", row).unwrap_or_default(), word(table, "channel", row).unwrap_or_default());
        found.entry(key).or_insert_with(|| (row, vec![None; rows.count])).1[at] = number(value, row);
    }
    let measures = found.into_iter().map(|((ledger, channel), (row, values))| {
        let unit = word(table, "unit", row).unwrap_or_else(|| value.unit.clone());
        let about = word(table, "about", row).unwrap_or_else(|| value.about.clone());
        let negative = values.iter().flatten().any(|x| *x < 0.0);
        let group = if ledger.len() == 1 { format!("Ledger {ledger}") } else { label(&ledger, "") };
        Measure::new(label(&channel, &unit), &unit, &about, values, if negative { 'y' } else { ramp }).under(&group)
    });
    measures.collect()
}

/// Whether a column repeats flows that the flow ledger holds, or figures of the districts themselves.
pub fn is_flow(column: &str) -> bool {
    ["persons_", "residents_", "visitors_", "freight_", "jobs", "value_added_"].iter().any(|f| column.starts_with(f))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_flow_of_all_hubs_comes_first_and_is_the_sum_of_the_hubs() {
        let outcome = sample::city(100);
        let measures = of_districts(&outcome, &Names::of(&outcome));
        assert_eq!(measures[0].title(), "Hub flow: persons, all hubs");
        let hubs: Vec<&Measure> = measures[1..].iter().take_while(|m| m.group == "Hub flow").collect();
        assert_eq!(hubs.len(), 3);
        let first = |m: &Measure| m.values[0].unwrap();
        assert_eq!(first(&measures[0]), hubs.into_iter().map(first).sum::<f64>());
    }
}
