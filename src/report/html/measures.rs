//! What the map can show: figures by district, by link and by section of a line, found in whatever tables an outcome
//! has, and their changes between two outcomes.

use super::format::{self, Names, Style, is_measure, label, number, word};
use super::scale;
use crate::outcome::Outcome;
use crate::table::{Table, Values};
use std::collections::BTreeMap;

/// Most combinations of keys that a table may add to the map as measures of their own.
const COMBINATIONS: usize = 12;

/// A measure of the map: one value per district, link or section, already in the unit that is shown.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Name for the menu.
    pub label: String,
    /// Unit shown.
    pub unit: String,
    /// What the table's values were multiplied with for it.
    pub factor: f64,
    /// What it means.
    pub about: String,
    /// Values, `None` where there is nothing to tell.
    pub values: Vec<Option<f64>>,
    /// Limits between classes.
    pub limits: Vec<f64>,
    /// Letter of the ramp.
    pub ramp: char,
    /// Whether the smallest values take the strong end of the ramp, as with speed.
    pub reverse: bool,
}

impl Measure {
    /// A measure with limits at round numbers; `ramp` as in [`scale`].
    pub fn new(label: String, unit: &str, about: &str, values: Vec<Option<f64>>, ramp: char) -> Measure {
        let style = Style::of(unit, values.iter().flatten().copied());
        let values: Vec<Option<f64>> = values.into_iter().map(|v| v.map(|x| x * style.factor)).collect();
        let all = values.iter().flatten().copied();
        let limits = if matches!(ramp, 'x' | 'y') { scale::change_limits(all) } else { scale::limits(all) };
        Measure {
            label,
            unit: style.unit,
            factor: style.factor,
            about: about.to_owned(),
            values,
            limits,
            ramp,
            reverse: false,
        }
    }

    /// The CSS name of the colour of a row; `n` for no data.
    pub fn class(&self, row: usize) -> String {
        match self.values.get(row).copied().flatten() {
            None => "n".into(),
            Some(value) => self.class_at(scale::class(&self.limits, value)),
        }
    }

    /// The CSS name of the colour of a class.
    pub fn class_at(&self, class: usize) -> String {
        let place = scale::colour(class, self.limits.len());
        format!("{}{}", self.ramp, if self.reverse { scale::CLASSES - 1 - place } else { place })
    }

    /// Whether the values are told with their sign.
    pub fn is_change(&self) -> bool {
        matches!(self.ramp, 'x' | 'y')
    }

    fn has_values(&self) -> bool {
        self.values.iter().flatten().any(|x| *x != 0.0)
    }
}

/// Rows of the districts by id and by either name.
pub fn district_rows(outcome: &Outcome) -> BTreeMap<String, usize> {
    let mut rows = BTreeMap::new();
    if let Some(table) = outcome.table("districts") {
        for column in table.columns.iter().filter(|c| matches!(c.values, Values::Text(_))) {
            for row in 0..table.rows() {
                if let Some(name) = word(table, &column.name, row).filter(|n| !n.is_empty()) {
                    rows.entry(name).or_insert(row);
                }
            }
        }
    }
    rows
}

/// The column that says to which district a row belongs.
pub fn district_column(table: &Table) -> Option<&str> {
    ["district", "district_id"].into_iter().find(|n| table.column(n).is_some())
}

/// All measures of the districts: flow to and from the hubs first, then what the other tables tell.
pub fn of_districts(outcome: &Outcome, names: &Names) -> Vec<Measure> {
    let count = outcome.outlines.len();
    let rows = district_rows(outcome);
    let mut measures = Vec::new();
    if let Some(ledger) = outcome.table("flow_ledger") {
        measures.extend(ledger_measures(ledger, &rows, count, names));
    }
    for name in ["accessibility", "effective_density"] {
        if let Some(table) = outcome.table(name) {
            measures.extend(keyed_measures(table, &rows, count, names));
        }
    }
    if let Some(table) = outcome.table("districts").filter(|t| t.rows() == count) {
        for column in table.columns.iter().filter(|c| is_measure(c) && !is_place(&c.name)) {
            let values = (0..count).map(|row| number(column, row)).collect();
            measures.push(Measure::new(label(&column.name, &column.unit), &column.unit, &column.about, values, 'd'));
        }
    }
    if let Some(table) = outcome.table("spillover") {
        measures.extend(spillover_measures(table, &rows, count));
    }
    measures.retain(Measure::has_values);
    measures
}

/// Sums of the flow ledger by district: all hubs by every measure, then each hub by the first measure.
fn ledger_measures(ledger: &Table, rows: &BTreeMap<String, usize>, count: usize, names: &Names) -> Vec<Measure> {
    let Some(district) = district_column(ledger) else { return Vec::new() };
    let mut measures = Vec::new();
    for (i, column) in ledger.columns.iter().filter(|c| is_measure(c)).enumerate() {
        let mut all = vec![0.0; count];
        let mut by_hub: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in 0..ledger.rows() {
            let at = word(ledger, district, row).and_then(|d| rows.get(&d)).filter(|at| **at < count);
            let (Some(&at), Some(value)) = (at, number(column, row)) else { continue };
            all[at] += value;
            if let (0, Some(hub)) = (i, word(ledger, "hub", row)) {
                by_hub.entry(hub).or_insert_with(|| vec![0.0; count])[at] += value;
            }
        }
        let some = |values: Vec<f64>| values.into_iter().map(Some).collect();
        let what = label(&column.name, &column.unit);
        measures.push(Measure::new(format!("Hub flow, all hubs: {what}"), &column.unit, &column.about, some(all), 'd'));
        for (hub, values) in by_hub {
            let title = format!("Hub flow, {}: {what}", names.plain(&hub));
            measures.push(Measure::new(title, &column.unit, &column.about, some(values), 'd'));
        }
    }
    measures
}

/// Measures of a table by district and, possibly, further keys: one per measure and combination of those keys.
pub fn keyed_measures(table: &Table, rows: &BTreeMap<String, usize>, count: usize, names: &Names) -> Vec<Measure> {
    let Some(district) = district_column(table) else { return Vec::new() };
    let keys: Vec<&str> = table
        .columns
        .iter()
        .filter(|c| c.key && c.name != district && c.name != "unit")
        .map(|c| c.name.as_str())
        .collect();
    let mut measures = Vec::new();
    for column in table.columns.iter().filter(|c| is_measure(c) && !is_bound(&c.name)) {
        let mut by_keys: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
        for row in 0..table.rows() {
            let at = word(table, district, row).and_then(|d| rows.get(&d)).filter(|at| **at < count);
            let Some(&at) = at else { continue };
            let of: Vec<String> = keys.iter().filter_map(|k| word(table, k, row)).map(|w| names.plain(&w)).collect();
            by_keys.entry(of.join(", ")).or_insert_with(|| vec![None; count])[at] = number(column, row);
        }
        for (of, values) in by_keys.into_iter().take(COMBINATIONS) {
            let title = [label(&table.name, ""), label(&column.name, &column.unit), of]
                .into_iter()
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>();
            measures.push(Measure::new(title.join(": "), &column.unit, &column.about, values, 'd'));
        }
    }
    measures
}

/// Spillover by ledger and channel.
fn spillover_measures(table: &Table, rows: &BTreeMap<String, usize>, count: usize) -> Vec<Measure> {
    let (Some(district), Some(value)) = (district_column(table), table.column("value")) else { return Vec::new() };
    let mut found: BTreeMap<(String, String), (String, Vec<Option<f64>>)> = BTreeMap::new();
    for row in 0..table.rows() {
        let at = word(table, district, row).and_then(|d| rows.get(&d)).filter(|at| **at < count);
        let Some(&at) = at else { continue };
        let key = (word(table, "ledger", row).unwrap_or_default(), word(table, "channel", row).unwrap_or_default());
        let unit = word(table, "unit", row).unwrap_or_else(|| value.unit.clone());
        found.entry(key).or_insert_with(|| (unit, vec![None; count])).1[at] = number(value, row);
    }
    let measures = found.into_iter().map(|((ledger, channel), (unit, values))| {
        let negative = values.iter().flatten().any(|x| *x < 0.0);
        let title = format!("{}: {}", label(&ledger, ""), label(&channel, &unit));
        Measure::new(title, &unit, &value.about, values, if negative { 'y' } else { 'd' })
    });
    measures.collect()
}

/// All measures of the links, the most telling first.
pub fn of_links(links: &Table) -> Vec<Measure> {
    const FIRST: [&str; 6] = ["saturation", "speed_kmh", "delay_h", "volume_veh", "hub_share", "trucks"];
    let mut measures = Vec::new();
    let known = FIRST.iter().filter_map(|n| links.column(n));
    let others = links.columns.iter().filter(|c| !FIRST.contains(&c.name.as_str()) && !is_place(&c.name));
    for column in known.chain(others).filter(|c| is_measure(c)) {
        let values: Vec<Option<f64>> = (0..links.rows()).map(|row| number(column, row)).collect();
        let mut measure = Measure::new(label(&column.name, &column.unit), &column.unit, &column.about, values, 'l');
        if column.name == "saturation" {
            let percent = if measure.unit == "%" { 100.0 } else { 1.0 };
            measure.limits = [0.2, 0.4, 0.6, 0.8, 0.9, 1.0].map(|x| x * percent).to_vec();
        }
        measure.reverse = column.name.starts_with("speed");
        measures.push(measure);
    }
    measures.extend(slowness(links));
    measures.retain(Measure::has_values);
    measures
}

/// Mean time against free-flow time.
fn slowness(links: &Table) -> Option<Measure> {
    links.column("mean_time_s").and(links.column("free_time_s"))?;
    let ratio = |row| {
        let free = links.number("free_time_s", row).filter(|f| *f > 0.0)?;
        links.number("mean_time_s", row).map(|mean| mean / free)
    };
    let values = (0..links.rows()).map(ratio).collect();
    let about = "Mean travel time divided by free-flow time.";
    let mut measure = Measure::new("Time against free flow".into(), "times", about, values, 'l');
    measure.limits = vec![1.1, 1.25, 1.5, 2.0, 3.0, 5.0];
    Some(measure)
}

/// Measures of sections of lines.
pub fn of_sections(sections: &Table) -> Vec<Measure> {
    let columns = sections.columns.iter().filter(|c| is_measure(c) && !is_place(&c.name));
    let mut measures: Vec<Measure> = columns
        .map(|c| {
            let values = (0..sections.rows()).map(|row| number(c, row)).collect();
            Measure::new(label(&c.name, &c.unit), &c.unit, &c.about, values, 'l')
        })
        .collect();
    measures.retain(Measure::has_values);
    measures.sort_by_key(|m| !m.label.to_lowercase().contains("load"));
    measures
}

/// Whether a column only says where a row lies or how it is ordered.
pub fn is_place(name: &str) -> bool {
    const PLACES: [&str; 8] =
        ["lanes", "length_m", "sequence", "position", "free_time_s", "lon", "lat", "capacity_pcu_h"];
    PLACES.contains(&name) || name.ends_with("_lon") || name.ends_with("_lat")
}

/// Whether a column is one end of an interval around another.
pub fn is_bound(name: &str) -> bool {
    matches!(name, "p05" | "p50" | "p95") || name.ends_with("_p05") || name.ends_with("_p50") || name.ends_with("_p95")
}

/// Changes of measures that both sides have under the same name: variant minus base, by matched rows.
pub fn changes(base: &[Measure], variant: &[Measure], base_row: &[Option<usize>]) -> Vec<Measure> {
    let matched = variant.iter().filter_map(|after| {
        let before = base.iter().find(|b| b.label == after.label)?;
        // Each side may be shown in a unit of its own (seconds here, minutes there); the variant's is kept.
        let to_after = after.factor / before.factor;
        let values: Vec<Option<f64>> = (0..after.values.len())
            .map(|row| {
                let before = base_row.get(row).copied().flatten().and_then(|b| before.values.get(b).copied().flatten());
                Some(after.values[row]? - before? * to_after)
            })
            .collect();
        let limits = scale::change_limits(values.iter().flatten().copied());
        let label = format!("Change: {}", after.label);
        Some(Measure {
            label,
            values,
            limits,
            ramp: if after.ramp == 'l' { 'x' } else { 'y' },
            reverse: false,
            ..after.clone()
        })
    });
    matched.filter(Measure::has_values).collect()
}

/// For every row of `variant` the row of `base` with the same words in the column, if any.
pub fn matched_rows(base: &Table, variant: &Table, column: &str) -> Vec<Option<usize>> {
    let known: BTreeMap<String, usize> =
        (0..base.rows()).filter_map(|row| Some((word(base, column, row)?, row))).collect();
    (0..variant.rows()).map(|row| word(variant, column, row).and_then(|w| known.get(&w).copied())).collect()
}

/// The value in the words of the map, for titles: `12.3 k veh`.
pub fn told(measure: &Measure, row: usize) -> String {
    match measure.values.get(row).copied().flatten() {
        Some(x) if measure.is_change() => format!("{} {}", format::signed(x), measure.unit),
        Some(x) => format!("{} {}", format::short(x), measure.unit),
        None => "no data".into(),
    }
}
