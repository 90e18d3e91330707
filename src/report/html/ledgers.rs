//! Ledgers of spillover and of increments: long tables of district, ledger, channel, value and interval, each figure in a
//! unit of its own. Ledgers measure different things and are never summed with each other.

use super::cells::{Cell, Grid, Head, Look, grid, interval};
use super::charts::{self, Estimate};
use super::districts::district_column;
use super::format::{self, Names, Style, escape, fixed, label, number, short, word};
use super::sections::distinct;
use crate::table::{Column, Table};
use std::fmt::Write;

/// One figure.
struct Entry {
    value: f64,
    interval: Option<(f64, f64)>,
}

/// A ledger: its channels across, its districts down.
struct Ledger {
    channels: Vec<Channel>,
    districts: Vec<String>,
}

/// A channel with its figures by district.
struct Channel {
    name: String,
    unit: String,
    about: String,
    entries: Vec<Option<Entry>>,
}

/// Each ledger by itself: sums over the districts, the headline channel with its intervals, all channels by district.
pub fn ledgers(table: &Table, totals: Option<&Table>, names: &Names) -> String {
    let (Some(district), Some(value)) = (district_column(table), table.column("value")) else {
        return grid(table, names, &Look::default()).html();
    };
    let words = distinct(table, "ledger");
    let all = if words.is_empty() { vec![String::new()] } else { words };
    let mut html = String::new();
    for word in all {
        let ledger = Ledger::of(table, &word, district, value);
        let _ = write!(html, "<h3>{}</h3>", escape(&heading(&word)));
        if let Some(totals) = totals {
            html.push_str(&sums(totals, &word).html());
        }
        html.push_str(&ledger.headline(names, table.column("probability_positive").is_some()));
        html.push_str(&ledger.grid(names).html());
    }
    html
}

fn heading(ledger: &str) -> String {
    match ledger {
        "A" => "Ledger A: economy".into(),
        "B" => "Ledger B: welfare of users".into(),
        "C" => "Ledger C: externalities".into(),
        "" => "By district".into(),
        other => label(other, ""),
    }
}

impl Ledger {
    fn of(table: &Table, ledger: &str, district: &str, value: &Column) -> Ledger {
        let rows: Vec<usize> =
            (0..table.rows()).filter(|&r| word(table, "ledger", r).unwrap_or_default() == ledger).collect();
        let mut found = Ledger { channels: Vec::new(), districts: Vec::new() };
        for row in rows {
            let place = word(table, district, row).unwrap_or_default();
            let at = found.districts.iter().position(|d| *d == place).unwrap_or_else(|| {
                found.districts.push(place);
                found.districts.len() - 1
            });
            let name = word(table, "channel", row).unwrap_or_default();
            let channel = found.channels.iter().position(|c| c.name == name).unwrap_or_else(|| {
                let unit = word(table, "unit", row).unwrap_or_else(|| value.unit.clone());
                let about = word(table, "about", row).unwrap_or_default();
                found.channels.push(Channel { name, unit, about, entries: Vec::new() });
                found.channels.len() - 1
            });
            let entry = number(value, row).map(|value| Entry { value, interval: bounds(table, row) });
            let entries = &mut found.channels[channel].entries;
            entries.resize_with(entries.len().max(at + 1), || None);
            entries[at] = entry;
        }
        found
    }

    /// The channel that sums the ledger up (or the first that has intervals), drawn with them.
    fn headline(&self, names: &Names, changes: bool) -> String {
        let spread = |c: &&Channel| c.entries.iter().flatten().any(|e| e.interval.is_some());
        let net =
            ["net", "total"].iter().find_map(|w| self.channels.iter().filter(spread).find(|c| c.name.contains(w)));
        let Some(channel) = net.or_else(|| self.channels.iter().find(spread)) else { return String::new() };
        let style = channel.style();
        let mut estimates: Vec<Estimate> = channel
            .entries
            .iter()
            .zip(&self.districts)
            .filter_map(|(entry, district)| {
                let entry = entry.as_ref()?;
                let interval = entry.interval.map(|(low, high)| (low * style.factor, high * style.factor));
                Some(Estimate { name: names.html(district), value: entry.value * style.factor, interval })
            })
            .collect();
        estimates.sort_by(|a, b| b.value.total_cmp(&a.value));
        let about = if channel.about.is_empty() { String::new() } else { format!(": {}", channel.about) };
        let title = format!("{}{about}", label(&channel.name, &channel.unit));
        charts::intervals(&escape(&title), &style.unit, &estimates, changes)
    }

    fn grid(&self, names: &Names) -> Grid {
        let mut grid = Grid { caption: "All channels by district".into(), ..Grid::default() };
        grid.head.push(Head::words("District"));
        grid.rows = self.districts.iter().map(|d| vec![Cell::Words(names.html(d))]).collect();
        for channel in &self.channels {
            let style = channel.style();
            grid.head.push(Head::numbers(&label(&channel.name, &channel.unit), &style.unit, &channel.about));
            for (row, cells) in grid.rows.iter_mut().enumerate() {
                cells.push(match channel.entries.get(row).and_then(Option::as_ref) {
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
}

impl Channel {
    fn style(&self) -> Style {
        Style::of(&self.unit, self.entries.iter().flatten().map(|e| e.value))
    }
}

/// The interval of a row; none where nothing varies.
fn bounds(table: &Table, row: usize) -> Option<(f64, f64)> {
    table.number("p05", row).zip(table.number("p95", row)).filter(|(low, high)| low < high)
}

/// The channels of a ledger summed over the districts.
fn sums(totals: &Table, ledger: &str) -> Grid {
    let rows = (0..totals.rows()).filter(|&r| word(totals, "ledger", r).unwrap_or_default() == ledger);
    let with_chance = totals.column("probability_positive").is_some();
    let mut grid = Grid { caption: "Sum over the districts".into(), ..Grid::default() };
    grid.head =
        vec![Head::words("Channel"), Head::numbers("Value", "", "With the default parameters."), Head::words("Unit")];
    if with_chance {
        grid.head.push(Head::numbers(
            "Above zero",
            "%",
            "Share of the parameter draws in which the figure is above zero.",
        ));
    }
    grid.head.push(Head::words("Meaning"));
    for row in rows {
        let words = |name: &str| word(totals, name, row).unwrap_or_default();
        let value = totals.number("value", row).unwrap_or(f64::NAN);
        let mut cells = vec![Cell::Words(escape(&label(&words("channel"), &words("unit"))))];
        cells.push(match bounds(totals, row) {
            Some((low, high)) => Cell::Interval(short(value), format!("{} … {}", short(low), short(high))),
            None => Cell::Number(short(value)),
        });
        cells.push(Cell::Words(escape(&format::unit(&words("unit")))));
        if with_chance {
            let chance = totals.number("probability_positive", row);
            cells.push(chance.map_or(Cell::None, |p| Cell::Number(fixed(p * 100.0, 0))));
        }
        cells.push(Cell::Words(escape(&words("about"))));
        grid.rows.push(cells);
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, districts: [&str; 2]) -> Table {
        let words = |w: &str| vec![w.to_owned(); 2];
        Table::new(name)
            .key("district_id", "District.", districts.map(str::to_owned).to_vec())
            .key("ledger", "Ledger.", words("A"))
            .key("channel", "Channel.", words("net"))
            .key("unit", "Unit.", words("yuan a year"))
            .real("value", "as in column unit", "Value.", vec![2.0e8, -3.0e7])
            .real("p05", "as in column unit", "5 %.", vec![1.0e8, -3.0e7])
            .real("p95", "as in column unit", "95 %.", vec![3.0e8, -3.0e7])
            .text("about", "Meaning.", words("what is left"))
    }

    #[test]
    fn figures_stand_in_the_unit_of_their_row_and_intervals_only_where_something_varies() {
        let html = ledgers(&table("increment", ["west", "east"]), None, &Names::default());
        assert!(html.contains("Ledger A: economy") && html.contains("M CNY/year"), "{html}");
        assert!(html.contains("<td class=\"r\">200.0</td><td class=\"r range\">100.0 … 300.0</td>"), "{html}");
        assert!(html.contains("<td class=\"r\">\u{2212}30.0</td><td></td>"), "{html}");
    }
}
