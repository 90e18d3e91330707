//! Tables for people: names on the left, numbers under each other on the right, units in the head, intervals beside
//! their figure, bars and shades where they help.

use super::format::{Names, Style, escape, fixed, is_measure, label, number, short, word};
use super::measures::is_bound;
use super::scale;
use crate::table::{Column, Table, Values};
use std::fmt::Write;

/// A table to be shown.
#[derive(Default)]
pub struct Grid {
    /// What the table tells.
    pub caption: String,
    /// Heads of the columns.
    pub head: Vec<Head>,
    /// Cells by row.
    pub rows: Vec<Vec<Cell>>,
    /// What is not shown, if anything.
    pub note: String,
}

/// Head of a column.
#[derive(Clone, Default)]
pub struct Head {
    /// Words (HTML).
    pub html: String,
    /// Unit.
    pub unit: String,
    /// Meaning, shown when pointed at.
    pub about: String,
    /// Whether the column stands right.
    pub right: bool,
}

impl Head {
    /// Of a column of words.
    pub fn words(text: &str) -> Head {
        Head { html: escape(text), ..Head::default() }
    }

    /// Of a column of numbers.
    pub fn numbers(text: &str, unit: &str, about: &str) -> Head {
        Head { html: escape(text), unit: unit.into(), about: about.into(), right: true }
    }
}

/// A cell.
#[derive(Clone)]
pub enum Cell {
    /// Words as HTML.
    Words(String),
    /// A number as text.
    Number(String),
    /// A number with its interval.
    Interval(String, String),
    /// A number over a bar, from 0 to 1 of the cell.
    Bar(String, f64),
    /// A number on a shade of the ramp of districts.
    Shade(String, usize),
    /// Nothing to tell.
    None,
}

impl Grid {
    /// The table as HTML.
    pub fn html(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut html = String::from("<div class=\"scroll\"><table class=\"grid\">");
        if !self.caption.is_empty() {
            let _ = write!(html, "<caption>{}</caption>", self.caption);
        }
        html.push_str("<thead><tr>");
        let wide: Vec<bool> = (0..self.head.len()).map(|i| self.has_interval(i)).collect();
        for (head, wide) in self.head.iter().zip(&wide) {
            let class = if head.right { " class=\"r\"" } else { "" };
            let _ = write!(html, "<th scope=\"col\"{class} title=\"{}\">{}", escape(&head.about), head.html);
            if !head.unit.is_empty() && head.unit != head.html {
                let _ = write!(html, " <span class=\"unit\">{}</span>", escape(&head.unit));
            }
            html.push_str("</th>");
            if *wide {
                html.push_str("<th scope=\"col\" class=\"r range\">5 … 95 %</th>");
            }
        }
        html.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            html.push_str("<tr>");
            for (i, cell) in row.iter().enumerate() {
                cell.write(&mut html, i == 0, wide[i]);
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>");
        if !self.note.is_empty() {
            let _ = write!(html, "<p class=\"note\">{}</p>", self.note);
        }
        html
    }

    /// Whether the figures of a column have intervals, which take a column of their own so that both stand straight.
    fn has_interval(&self, column: usize) -> bool {
        self.rows.iter().any(|row| matches!(row.get(column), Some(Cell::Interval(..))))
    }
}

impl Cell {
    fn write(&self, html: &mut String, first: bool, wide: bool) {
        let _ = match self {
            Cell::Words(words) if first => write!(html, "<th scope=\"row\">{words}</th>"),
            Cell::Words(words) => write!(html, "<td>{words}</td>"),
            Cell::Number(text) => write!(html, "<td class=\"r\">{text}</td>"),
            Cell::Interval(text, range) => {
                write!(html, "<td class=\"r\">{text}</td><td class=\"r range\">{range}</td>")
            }
            Cell::Bar(text, share) => {
                let share = share.clamp(0.0, 1.0);
                write!(html, "<td class=\"r bar\" style=\"--b:{share:.3}\">{text}</td>")
            }
            Cell::Shade(text, class) => write!(html, "<td class=\"r shade d{class}\">{text}</td>"),
            Cell::None => write!(html, "<td class=\"r none\">–</td>"),
        };
        if wide && !matches!(self, Cell::Interval(..)) {
            html.push_str("<td></td>");
        }
    }
}

/// How a result table is turned into a grid.
#[derive(Default)]
pub struct Look<'a> {
    /// What the table tells (HTML).
    pub caption: String,
    /// Rows in order of showing; all when `None`.
    pub rows: Option<Vec<usize>>,
    /// Columns that are left out.
    pub without: &'a [&'a str],
    /// The only columns that are shown; all when empty.
    pub only: &'a [&'a str],
    /// Beginnings of the names of columns that get bars.
    pub bars: &'a [&'a str],
    /// Most rows shown.
    pub most: usize,
}

/// A result table as a grid: all its columns, in its order.
pub fn grid(table: &Table, names: &Names, look: &Look) -> Grid {
    let rows = look.rows.clone().unwrap_or_else(|| (0..table.rows()).collect());
    let shown = &rows[..rows.len().min(if look.most == 0 { 60 } else { look.most })];
    let mut grid = Grid { caption: look.caption.clone(), ..Grid::default() };
    grid.rows = vec![Vec::new(); shown.len()];
    let naming = naming_column(table);
    for column in &table.columns {
        let repeated = naming.is_some() && matches!(column.name.as_str(), "name" | "name_en");
        let named = |list: &[&str]| list.contains(&column.name.as_str());
        let unwanted = named(look.without) || !(look.only.is_empty() || named(look.only));
        let left_out = unwanted || bound_of(table, column).is_some() || column.unit.contains("milliseconds");
        if repeated || left_out || says_nothing(table, column, shown) {
            continue;
        }
        if naming.is_some_and(|n| n.name == column.name) {
            grid.head.push(Head {
                about: column.about.clone(),
                ..Head::words(&label(column.name.trim_end_matches("_id"), ""))
            });
            for (cells, &row) in grid.rows.iter_mut().zip(shown) {
                cells.push(Cell::Words(own_name(table, &column.name, row)));
            }
            continue;
        }
        let bar = look.bars.iter().any(|b| column.name.starts_with(b));
        add_column(&mut grid, table, column, names, shown, bar);
    }
    if shown.len() < rows.len() {
        grid.note = format!(
            "{} of {} rows; all are in <code>{}.parquet</code>.",
            shown.len(),
            fixed(rows.len() as f64, 0),
            escape(&table.name)
        );
    }
    grid
}

/// The key column whose rows carry names beside their ids: the last key of words.
fn naming_column(table: &Table) -> Option<&Column> {
    table.column("name")?;
    table.columns.iter().rfind(|c| c.key && matches!(c.values, Values::Text(_)))
}

/// Both names of a row of a table that names its rows, or its id; the id is told when pointed at.
pub fn own_name(table: &Table, key: &str, row: usize) -> String {
    let words = |column: &str| word(table, column, row).filter(|w| !w.is_empty());
    let id = words(key).unwrap_or_default();
    let name = words("name").unwrap_or_else(|| id.clone());
    let english = words("name_en").filter(|e| *e != name);
    let english = english.map_or(String::new(), |e| format!(" <span class=\"en\">{}</span>", escape(&e)));
    format!("<span title=\"{}\">{}{english}</span>", escape(&id), escape(&name))
}

/// Whether a column of words is empty in all rows shown.
fn says_nothing(table: &Table, column: &Column, shown: &[usize]) -> bool {
    !is_measure(column) && shown.iter().all(|&row| word(table, &column.name, row).is_none_or(|w| w.is_empty()))
}

fn add_column(grid: &mut Grid, table: &Table, column: &Column, names: &Names, shown: &[usize], bar: bool) {
    if column.key || !is_measure(column) {
        grid.head.push(Head { about: column.about.clone(), ..Head::words(&label(&column.name, &column.unit)) });
        for (cells, &row) in grid.rows.iter_mut().zip(shown) {
            let words = word(table, &column.name, row).unwrap_or_default();
            let of_names = is_name_of(&column.name);
            cells.push(Cell::Words(if of_names { names.html(&words) } else { escape(&words) }));
        }
        return;
    }
    // All rows, not only those shown, so that parts of one table shown apart have the same unit.
    let style = Style::of(&column.unit, (0..table.rows()).filter_map(|row| number(column, row)));
    grid.head.push(Head::numbers(&label(&column.name, &column.unit), &style.unit, &column.about));
    let mixed = column.unit.starts_with("as in column");
    let most = shown.iter().filter_map(|&row| number(column, row)).fold(0.0, f64::max);
    let whole = if most <= 1.0 && (style.unit == "%" || column.unit.is_empty()) { 1.0 } else { most };
    let bounds = bounds_of(table, column);
    for (cells, &row) in grid.rows.iter_mut().zip(shown) {
        cells.push(match number(column, row) {
            None => Cell::None,
            Some(x) if mixed => Cell::Number(short(x)),
            Some(x) if bar && whole > 0.0 => Cell::Bar(style.show(x), x / whole),
            Some(x) => match bounds.and_then(|(low, high)| number(low, row).zip(number(high, row))) {
                Some((low, high)) => Cell::Interval(style.show(x), interval(&style, low, high)),
                None => Cell::Number(style.show(x)),
            },
        });
    }
}

/// An interval in the style of its figure.
pub fn interval(style: &Style, low: f64, high: f64) -> String {
    format!("{} … {}", style.show(low), style.show(high))
}

/// A table with the words of one key down, those of another across, and sums of a measure in shaded cells.
pub struct Pivot<'a> {
    /// Key down the side, with the word above it.
    pub down: (&'a str, &'a str),
    /// Key across the top.
    pub across: &'a str,
    /// The measure.
    pub measure: &'a Column,
    /// A column and the word that rows must have in it, if not all count.
    pub only: Option<(&'a str, &'a str)>,
    /// Whether figures may be added up across: then there is a column of totals.
    pub summable: bool,
}

impl Pivot<'_> {
    /// The grid with a total column where there is more than one column, the largest rows first.
    pub fn grid(&self, table: &Table, names: &Names, caption: String) -> Grid {
        let (mut downs, mut acrosses): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut sums: std::collections::BTreeMap<(String, String), f64> = std::collections::BTreeMap::new();
        let counts =
            |row: usize| self.only.is_none_or(|(column, wanted)| word(table, column, row).as_deref() == Some(wanted));
        for row in (0..table.rows()).filter(|&row| counts(row)) {
            let (Some(down), Some(across)) = (word(table, self.down.0, row), word(table, self.across, row)) else {
                continue;
            };
            let Some(value) = number(self.measure, row) else { continue };
            if !downs.contains(&down) {
                downs.push(down.clone());
            }
            if !acrosses.contains(&across) {
                acrosses.push(across.clone());
            }
            *sums.entry((down, across)).or_insert(0.0) += value;
        }
        let at = |down: &String, across: &String| sums.get(&(down.clone(), across.clone())).copied();
        let total = |down: &String| acrosses.iter().filter_map(|a| at(down, a)).sum::<f64>();
        if self.summable {
            downs.sort_by(|a, b| total(b).total_cmp(&total(a)));
        }
        let totals = downs.iter().map(total).filter(|_| self.summable);
        let style = Style::of(&self.measure.unit, totals.chain(sums.values().copied()));
        let limits = scale::limits(sums.values().copied());
        let unit = if style.unit.is_empty() {
            String::new()
        } else {
            format!(" <span class=\"unit\">{}</span>", escape(&style.unit))
        };
        let mut grid = Grid { caption: format!("{caption}{unit}"), ..Grid::default() };
        grid.head.push(Head::words(self.down.1));
        for across in &acrosses {
            grid.head.push(Head { html: names.html(across), right: true, ..Head::default() });
        }
        let with_total = self.summable && acrosses.len() > 1;
        if with_total {
            grid.head.push(Head::numbers("Total", "", "Sum of the row."));
        }
        if self.only.is_some() {
            let before = downs.len();
            downs.retain(|down| acrosses.iter().any(|across| at(down, across).is_some_and(|x| x != 0.0)));
            if downs.len() < before {
                grid.note = format!("{} rows of zeros are left out.", before - downs.len());
            }
        }
        for down in &downs {
            let inside = "<span class=\"en\">inside the hub</span>".to_owned();
            let mut cells = vec![Cell::Words(if down.is_empty() { inside } else { names.html(down) })];
            for across in &acrosses {
                cells.push(at(down, across).map_or(Cell::None, |x| {
                    Cell::Shade(style.show(x), scale::colour(scale::class(&limits, x), limits.len()))
                }));
            }
            if with_total {
                cells.push(Cell::Number(format!("<b>{}</b>", style.show(total(down)))));
            }
            grid.rows.push(cells);
        }
        grid
    }
}

/// The ends of the interval around a column: `x_p05` and `x_p95` of `x`, or `p05` and `p95` of `value`.
pub fn bounds_of<'a>(table: &'a Table, column: &Column) -> Option<(&'a Column, &'a Column)> {
    let own = |end: &str| table.column(&format!("{}_{end}", column.name));
    let plain = |end: &str| table.column(end).filter(|_| column.name == "value");
    Some((own("p05").or_else(|| plain("p05"))?, own("p95").or_else(|| plain("p95"))?))
}

/// The column around which this one is the end of an interval.
fn bound_of<'a>(table: &'a Table, column: &Column) -> Option<&'a Column> {
    if !is_bound(&column.name) {
        return None;
    }
    let stem = column.name.trim_end_matches(['0', '5', '9']).trim_end_matches('p').trim_end_matches('_');
    table.column(if stem.is_empty() { "value" } else { stem })
}

fn is_name_of(column: &str) -> bool {
    ["district", "hub", "line", "process"].iter().any(|n| column == *n || column.strip_suffix("_id") == Some(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_an_interval_stand_beside_their_figure_and_not_in_columns_of_their_own() {
        let table = Table::new("spillover")
            .key("district", "District.", vec!["a".into()])
            .real("value", "CNY", "Value.", vec![10.0])
            .real("p05", "CNY", "Low.", vec![7.0])
            .real("p95", "CNY", "High.", vec![13.0]);
        let html = grid(&table, &Names::default(), &Look::default()).html();
        assert_eq!(html.matches("<th scope=\"col\"").count(), 3);
        assert!(html.contains("<td class=\"r\">10</td><td class=\"r range\">7 … 13</td>"), "{html}");
        assert!(html.contains("5 … 95 %"));
    }

    #[test]
    fn a_long_table_says_where_the_rest_is() {
        let table = Table::new("links").int("volume_veh", "veh", "Vehicles.", (0..100).collect());
        let html = grid(&table, &Names::default(), &Look { most: 10, ..Look::default() }).html();
        assert_eq!(html.matches("<tr>").count(), 11);
        assert!(html.contains("10 of 100 rows; all are in <code>links.parquet</code>"));
    }

    #[test]
    fn a_pivot_sums_and_orders_by_the_total() {
        let table = Table::new("flow_ledger")
            .key("hub", "Hub.", vec!["h".into(), "g".into(), "h".into(), "h".into()])
            .key("district", "District.", vec!["small".into(), "large".into(), "large".into(), "large".into()])
            .real("persons", "persons", "Persons.", vec![5.0, 1.0, 20.0, 2.0]);
        let pivot = Pivot {
            down: ("district", "District"),
            across: "hub",
            measure: table.column("persons").unwrap(),
            only: None,
            summable: true,
        };
        let grid = pivot.grid(&table, &Names::default(), String::new());
        let texts: Vec<String> = grid.rows[0]
            .iter()
            .map(|c| match c {
                Cell::Words(t) | Cell::Number(t) | Cell::Shade(t, _) => t.clone(),
                _ => String::new(),
            })
            .collect();
        // large: 20 + 2 from h, 1 from g
        assert_eq!(texts, ["<span class=\"nm\">large</span>", "22", "1", "<b>23</b>"]);
    }
}
