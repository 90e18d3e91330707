//! The section of a comparison on lines: routes before and after, those that change most first, and the sections whose
//! load changes most.

use super::cells::{Cell, Grid, Head};
use super::format::{Names, Style, escape, fixed, label, number, word};
use super::measures::Measure;
use super::sections::section;
use crate::outcome::Outcome;
use crate::table::Table;
use std::collections::BTreeMap;

/// Most routes that are shown.
const MOST_ROUTES: usize = 30;

/// Most sections that are shown.
const MOST_SECTIONS: usize = 10;

/// Figures of a route, in one table each so that no table is wider than the page.
const FIGURES: [(&str, &[&str]); 2] = [
    ("Ridership of the routes that change most", &["boardings", "passenger_km"]),
    ("Crowding and waits of the same routes", &["max_load_factor", "denied", "mean_wait_s"]),
];

/// The section; nothing where no run has lines.
pub fn lines(base: &Outcome, variant: &Outcome, names: &Names) -> String {
    section("lines", "Lines", "", &(routes(base, variant) + &sections(base, variant, names)))
}

/// A route by its rows in both runs; one of them is missing where the route is new or removed.
struct Route {
    base: Option<usize>,
    variant: Option<usize>,
    /// Name as HTML, with a word for a route that only one run has.
    name: String,
}

impl Route {
    fn figure(&self, base: &Table, variant: &Table, column: &str) -> [Option<f64>; 2] {
        let of = |table: &Table, row: Option<usize>| number(table.column(column)?, row?);
        [of(base, self.base), of(variant, self.variant)]
    }

    /// Variant minus base; a run without the route has nobody on it.
    fn change(&self, base: &Table, variant: &Table, column: &str) -> f64 {
        let [before, after] = self.figure(base, variant, column);
        after.unwrap_or(0.0) - before.unwrap_or(0.0)
    }
}

/// All routes of both runs.
fn both(base: &Table, variant: &Table) -> Vec<Route> {
    let by_id = |table: &Table| -> BTreeMap<String, usize> {
        (0..table.rows()).filter_map(|row| Some((word(table, "route_id", row)?, row))).collect()
    };
    let (before, after) = (by_id(base), by_id(variant));
    let ids: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let route = |id: &String| {
        let (b, v) = (before.get(id).copied(), after.get(id).copied());
        let named = |table, row: Option<usize>| word(table, "name", row?).filter(|n| !n.is_empty());
        let name = named(variant, v).or_else(|| named(base, b)).unwrap_or_else(|| id.clone());
        let mark = match (b, v) {
            (None, _) => " <span class=\"en\">new</span>",
            (_, None) => " <span class=\"en\">removed</span>",
            _ => "",
        };
        let name = format!("<span title=\"{}\">{}</span>{mark}", escape(id), escape(&name));
        Route { base: b, variant: v, name }
    };
    ids.into_iter().map(route).collect()
}

fn routes(base: &Outcome, variant: &Outcome) -> String {
    let none = Table::default();
    let (base, variant) = (base.table("routes").unwrap_or(&none), variant.table("routes").unwrap_or(&none));
    let mut all = both(base, variant);
    let count = all.len();
    let columns = || FIGURES.iter().flat_map(|f| f.1);
    all.retain(|r| r.base.is_none() || r.variant.is_none() || columns().any(|c| r.change(base, variant, c) != 0.0));
    // Equal changes stand in the order of the ids (the sort is stable).
    let size = |r: &Route| r.change(base, variant, "boardings").abs();
    all.sort_by(|a, b| size(b).total_cmp(&size(a)));
    if all.is_empty() {
        return if count == 0 { String::new() } else { "<p>No line changes.</p>".into() };
    }
    let note = format!(
        "{} of {} routes change; {} shown, by change of boardings. Load of the fullest vehicle by its capacity; persons \
         left behind count once for each full vehicle.",
        fixed(all.len() as f64, 0),
        fixed(count as f64, 0),
        all.len().min(MOST_ROUTES)
    );
    all.truncate(MOST_ROUTES);
    let shown = |(caption, columns): &(&str, &[&str])| figures(base, variant, &all, caption, columns);
    format!("{}<p class=\"note\">{note}</p>", FIGURES.iter().map(shown).collect::<String>())
}

/// Some figures of routes: base, variant and change of each.
fn figures(base: &Table, variant: &Table, routes: &[Route], caption: &str, columns: &[&str]) -> String {
    let mut grid = Grid { caption: escape(caption), head: vec![Head::words("Route")], ..Grid::default() };
    grid.rows = routes.iter().map(|r| vec![Cell::Words(r.name.clone())]).collect();
    for name in columns {
        let Some(column) = variant.column(name).or_else(|| base.column(name)) else { continue };
        let pairs: Vec<[Option<f64>; 2]> = routes.iter().map(|r| r.figure(base, variant, name)).collect();
        let style = Style::of(&column.unit, pairs.iter().flatten().flatten().copied());
        let words = label(name, &column.unit);
        grid.head.push(Head::numbers(&format!("{words}, base"), &style.unit, &column.about));
        grid.head.extend(["variant", "change"].map(|w| Head::numbers(w, "", &column.about)));
        for (cells, pair) in grid.rows.iter_mut().zip(pairs) {
            cells.extend(three(&style, pair));
        }
    }
    grid.html()
}

/// Base, variant and change as cells.
fn three(style: &Style, [before, after]: [Option<f64>; 2]) -> [Cell; 3] {
    let cell = |x: Option<f64>| x.map_or(Cell::None, |x| Cell::Number(style.show(x)));
    let change = before.zip(after).map(|(b, a)| {
        let told = style.show(a - b);
        let is_more = a > b && told.bytes().any(|d| (b'1'..=b'9').contains(&d));
        Cell::Number(if is_more { format!("+{told}") } else { told })
    });
    [cell(before), cell(after), change.unwrap_or(Cell::None)]
}

/// What a section is known by in both runs: its route and the names of its stops. The numbers of lines within a route
/// may differ between them, because a new pattern moves them.
type Key = [String; 3];

fn key(sections: &Table, row: usize) -> Option<Key> {
    Some([word(sections, "route_id", row)?, word(sections, "from_stop", row)?, word(sections, "to_stop", row)?])
}

/// Loads by section, all lines of a route together.
fn loads(outcome: &Outcome) -> BTreeMap<Key, f64> {
    let mut loads = BTreeMap::new();
    let Some(table) = outcome.table("line_sections") else { return loads };
    let Some(load) = table.column("load") else { return loads };
    for row in 0..table.rows() {
        if let (Some(key), Some(persons)) = (key(table, row), number(load, row)) {
            *loads.entry(key).or_insert(0.0) += persons;
        }
    }
    loads
}

/// The sections whose load changes most.
fn sections(base: &Outcome, variant: &Outcome, names: &Names) -> String {
    let (before, after) = (loads(base), loads(variant));
    let keys: std::collections::BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    let pair = |key: &Key| [before.get(key).copied(), after.get(key).copied()];
    let change = |key: &Key| pair(key).map(|x| x.unwrap_or(0.0));
    let size = |key: &Key| (change(key)[1] - change(key)[0]).abs();
    let mut keys: Vec<&Key> = keys.into_iter().filter(|k| size(k) > 0.0).collect();
    keys.sort_by(|a, b| size(b).total_cmp(&size(a)));
    keys.truncate(MOST_SECTIONS);
    let unit = variant.table("line_sections").and_then(|t| t.column("load")).map_or("", |c| &c.unit);
    let style = Style::of(unit, keys.iter().flat_map(|k| change(k)));
    let mut grid = Grid { caption: "Sections whose load changes most".into(), ..Grid::default() };
    grid.head = ["Section", "Route"].map(Head::words).to_vec();
    let about = "persons carried over the section, all lines of the route together";
    grid.head.extend(["Base", "Variant", "Change"].map(|w| Head::numbers(w, &style.unit, about)));
    for key in keys {
        let mut cells = vec![
            Cell::Words(format!("{} – {}", escape(&key[1]), escape(&key[2]))),
            Cell::Words(route_name(base, variant, &key[0], names)),
        ];
        // A section that only one run has carries nobody in the other.
        let [mut before, mut after, moved] = three(&style, change(key).map(Some));
        match pair(key) {
            [None, _] => before = Cell::Number("new".into()),
            [_, None] => after = Cell::Number("removed".into()),
            _ => {}
        }
        cells.extend([before, after, moved]);
        grid.rows.push(cells);
    }
    grid.html()
}

fn route_name(base: &Outcome, variant: &Outcome, id: &str, names: &Names) -> String {
    let of = |outcome: &Outcome| {
        let routes = outcome.table("routes")?;
        let row = (0..routes.rows()).find(|&row| word(routes, "route_id", row).as_deref() == Some(id))?;
        word(routes, "name", row).filter(|n| !n.is_empty())
    };
    of(variant).or_else(|| of(base)).map_or_else(|| names.html(id), |name| escape(&name))
}

/// The change of load for the map, at the sections of the variant.
pub fn of_map(base: &Outcome, variant: &Outcome) -> Vec<Measure> {
    let Some(table) = variant.table("line_sections") else { return Vec::new() };
    let Some(load) = table.column("load") else { return Vec::new() };
    let (before, after) = (loads(base), loads(variant));
    if before.is_empty() {
        return Vec::new();
    }
    let change = |row: usize| {
        let key = key(table, row)?;
        Some(after.get(&key)? - before.get(&key).copied().unwrap_or(0.0))
    };
    let values = (0..table.rows()).map(change).collect();
    let about = "Persons carried over the section, all lines of the route together: variant minus base.";
    let measure = Measure::new(label("load", &load.unit), &load.unit, about, values, 'x').under("Change");
    if measure.has_values() { vec![measure] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// Routes by id with boardings and the largest load factor, and the load of their section from A to B.
    fn outcome(routes: &[(&str, f64, f64)]) -> Outcome {
        let mut outcome = sample::small();
        let ids = || routes.iter().map(|r| r.0.to_owned()).collect::<Vec<String>>();
        let all = |text: &str| vec![text.to_owned(); routes.len()];
        let table = Table::new("routes")
            .key("route_id", "Route.", ids())
            .text("name", "Name.", routes.iter().map(|r| format!("<{}>", r.0)).collect())
            .real("boardings", "persons per day", "On.", routes.iter().map(|r| r.1).collect())
            .real("max_load_factor", "ratio", "Load.", routes.iter().map(|r| r.2).collect());
        let sections = Table::new("line_sections")
            .key("line", "Line.", ids())
            .text("route_id", "Route.", ids())
            .text("from_stop", "From.", all("A"))
            .text("to_stop", "To.", all("B"))
            .real("load", "persons per day", "Load.", routes.iter().map(|r| r.1).collect());
        outcome.tables.retain(|t| t.name != "line_sections");
        outcome.tables.extend([table, sections]);
        outcome
    }

    #[test]
    fn routes_that_change_most_come_first_and_new_and_removed_ones_are_marked() {
        let base = outcome(&[("L1", 1000.0, 0.5), ("L2", 500.0, 0.9), ("Same", 70.0, 0.1), ("Old", 50.0, 0.2)]);
        let variant = outcome(&[("L1", 990.0, 0.5), ("L2", 700.0, 1.1), ("Same", 70.0, 0.1), ("New", 120.0, 0.3)]);
        let html = lines(&base, &variant, &Names::of(&variant));
        // Changes of boardings: L2 +200, New +120, Old −50, L1 −10.
        let ridership = &html[..html.find("Crowding").unwrap()];
        let at = |name: &str| ridership.find(&format!("title=\"{name}\"")).unwrap();
        assert!(at("L2") < at("New") && at("New") < at("Old") && at("Old") < at("L1"));
        assert!(!ridership.contains("title=\"Same\""));
        for told in [
            "&lt;New&gt;</span> <span class=\"en\">new</span>",
            "&lt;Old&gt;</span> <span class=\"en\">removed</span>",
            "<td class=\"r\">500</td><td class=\"r\">700</td><td class=\"r\">+200</td>",
            "<td class=\"r\">0.90</td><td class=\"r\">1.10</td><td class=\"r\">+0.20</td>",
            "4 of 5 routes change",
            "<td class=\"r\">new</td><td class=\"r\">120</td><td class=\"r\">+120</td>",
            "<td class=\"r\">50</td><td class=\"r\">removed</td><td class=\"r\">\u{2212}50</td>",
        ] {
            assert!(html.contains(told), "{told} in\n{html}");
        }
        assert_eq!(of_map(&base, &variant)[0].values, [-10.0, 200.0, 0.0, 120.0].map(Some));
    }

    #[test]
    fn a_run_against_itself_says_that_no_line_changes() {
        let base = outcome(&[("L1", 1000.0, 0.5)]);
        let html = lines(&base, &base, &Names::of(&base));
        assert!(html.contains("No line changes.") && !html.contains("<table"));
        assert!(of_map(&base, &base).is_empty());
    }
}
