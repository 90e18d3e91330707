//! The day of one hub: where its users lose time, who stood before its gates, what was in its stores, and the tables of
//! times, bags, missed services and further servers.

use super::cells::{Cell, Grid, Head, Look, grid, own_name};
use super::charts::{self, Panel};
use super::format::{Names, escape, short, word};
use crate::outcome::Outcome;
use crate::table::Table;
use std::collections::BTreeMap;

/// Causes of delay that are drawn as one, with their names: both ends of the road, both waits at stops.
pub const CAUSES: [(&str, &[&str]); 6] = [
    ("道路 Road", &["road", "origin"]),
    ("候车 Waiting for lines", &["line", "denied"]),
    ("排队 Waiting in processes", &["process"]),
    ("阻滞 Blocked after service", &["blocked"]),
    ("班次晚点 Late services", &["service"]),
    ("误点 Missed services", &["missed"]),
];

/// Users of hubs in the order in which they are drawn, with their names.
pub const USERS: [(&str, &str); 6] = [
    ("departing", "出发 Departing"),
    ("arriving", "到达 Arriving"),
    ("transfer", "中转 Changing here"),
    ("connection", "联程 From another hub"),
    ("line", "线路乘客 Passengers of lines"),
    ("truck", "货车 Trucks"),
];

/// Most places that are told.
const MOST_PLACES: usize = 12;

/// Most reasons of missed services that are told.
const MOST_MISSED: usize = 8;

/// Rows of a table that are of a hub.
pub fn rows_of(table: &Table, hub: &str) -> Vec<usize> {
    (0..table.rows()).filter(|&r| word(table, "hub", r).as_deref() == Some(hub)).collect()
}

/// Minutes lost by users and drawn cause.
pub fn by_cause(table: &Table, hub: &str) -> BTreeMap<(usize, usize), f64> {
    let mut sums: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for row in rows_of(table, hub) {
        let user = word(table, "user", row).and_then(|u| USERS.iter().position(|known| known.0 == u));
        let cause =
            word(table, "cause", row).and_then(|c| CAUSES.iter().position(|known| known.1.contains(&c.as_str())));
        let (Some(user), Some(cause)) = (user, cause) else { continue };
        *sums.entry((user, cause)).or_default() += table.number("delay_min", row).unwrap_or(0.0);
    }
    sums
}

/// Time lost by cause as stacked bars, one for each kind of user, and the places where most is lost.
pub fn delays(outcome: &Outcome, hub: &str, names: &Names) -> String {
    let Some(table) = outcome.table("hub_delays") else { return String::new() };
    let sums = by_cause(table, hub);
    let users: Vec<usize> =
        (0..USERS.len()).filter(|&u| (0..CAUSES.len()).any(|c| sums.contains_key(&(u, c)))).collect();
    if users.is_empty() {
        return String::new();
    }
    let wholes: Vec<String> = users.iter().map(|&u| escape(USERS[u].1)).collect();
    let part = |(c, cause): (usize, &(&str, &[&str]))| {
        let hours = users.iter().map(|&u| sums.get(&(u, c)).copied().unwrap_or(0.0) / 60.0).collect();
        (escape(cause.0), hours)
    };
    let parts: Vec<(String, Vec<f64>)> = CAUSES.iter().enumerate().map(part).collect();
    let mut html =
        charts::shares("Time lost by cause, hours a day of persons (of trucks: of trucks)", &wholes, &parts, "h");
    let mut rows = rows_of(table, hub);
    let minutes = |row: &usize| table.number("delay_min", *row).unwrap_or(0.0);
    rows.retain(|row| minutes(row) > 0.0);
    rows.sort_by(|a, b| minutes(b).total_cmp(&minutes(a)));
    rows.truncate(MOST_PLACES);
    html.push_str(&places(outcome, table, &rows, names).html());
    html
}

/// Where most time is lost, row by row.
fn places(outcome: &Outcome, table: &Table, rows: &[usize], names: &Names) -> Grid {
    let head = ["使用者 Users", "原因 Cause", "地点 Place"].map(Head::words);
    let mut grid =
        Grid { caption: "最费时之处 Where most time is lost".into(), head: head.to_vec(), ..Grid::default() };
    grid.head.push(Head::numbers("Time lost", "h/day", "of persons; of trucks truck-hours"));
    grid.head.push(Head::numbers("Persons", "a day", "who lost time there; of trucks: trucks"));
    grid.head.push(Head::numbers("Each", "min", "time lost by each of them"));
    grid.head.push(Head::numbers("Worth", "CNY/day", "at the value of time by purpose"));
    let most = rows.first().and_then(|&r| table.number("delay_min", r)).unwrap_or(1.0);
    for &row in rows {
        let told = |column: &str| word(table, column, row).unwrap_or_default();
        let number = |column: &str| table.number(column, row).unwrap_or(0.0);
        let user = USERS.iter().find(|u| u.0 == told("user")).map_or(told("user"), |u| u.1.to_owned());
        let minutes = number("delay_min");
        grid.rows.push(vec![
            Cell::Words(escape(&user)),
            Cell::Words(escape(cause_words(&told("cause")))),
            Cell::Words(place_words(outcome, &told("cause"), &told("place"), names)),
            Cell::Bar(short(minutes / 60.0), minutes / most),
            Cell::Number(short(number("persons"))),
            Cell::Number(short(number("mean_min"))),
            Cell::Number(short(number("worth_cny"))),
        ]);
    }
    grid
}

/// A cause by its word in the tables, for people.
fn cause_words(cause: &str) -> &str {
    match cause {
        "road" => "道路 On a road",
        "origin" => "出发等待 Before the first road",
        "line" => "候车 Waiting for a line",
        "denied" => "满载 After a full vehicle",
        "service" => "晚点 Late service",
        "process" => "排队 Waiting in a process",
        "blocked" => "阻滞 Blocked after service",
        "missed" => "误点 Until the next service",
        other => other,
    }
}

/// A place by its names, with its id when pointed at.
fn place_words(outcome: &Outcome, cause: &str, place: &str, names: &Names) -> String {
    let (table, key) = match cause {
        "road" | "origin" => ("links", "link_id"),
        "process" | "blocked" => ("processes", "process"),
        _ => return if place == "others" { "all others".into() } else { names.html(place) },
    };
    let found = outcome.table(table).and_then(|t| {
        let row = (0..t.rows()).find(|&r| t.column(key).and_then(|c| c.values.word(r)) == Some(place))?;
        Some((t, row))
    });
    match found {
        Some((t, row)) if t.column("name").is_some() => {
            let name = own_name(t, key, row);
            // Streets share names: the id tells which part it is.
            if table == "links" { format!("{name} <span class=\"unit\">{}</span>", escape(place)) } else { name }
        }
        _ if place == "others" => "all others".into(),
        _ => escape(place),
    }
}

/// A panel for each gate before which vehicles stood: how many, and how far they reached on the public road.
pub fn queues(outcome: &Outcome, hub: &str) -> String {
    let Some(table) = outcome.table("hub_queues") else { return String::new() };
    panels(
        outcome,
        table,
        &Drawn {
            hub,
            key: "process",
            named: "processes",
            title: "门前车队 Vehicles before the gates: mean of the hour, and the longest queue on the public road in metres of lane",
            bars: ("vehicles_mean", 1.0, "vehicles"),
            line: ("public_max_m", 1.0, "m of public lane"),
        },
    )
}

/// A panel for each store: its content and the share of the hour in which it was full.
pub fn stores(outcome: &Outcome, hub: &str) -> String {
    let Some(table) = outcome.table("store_hours") else { return String::new() };
    panels(
        outcome,
        table,
        &Drawn {
            hub,
            key: "store",
            named: "stores",
            title: "存量 Content of the stores",
            bars: ("content", 1.0, "content"),
            line: ("full_share", 100.0, "% of the hour full"),
        },
    )
}

/// What panels show: bars and a line, each a column with a factor and words.
struct Drawn<'a> {
    hub: &'a str,
    key: &'a str,
    named: &'a str,
    title: &'a str,
    bars: (&'a str, f64, &'a str),
    line: (&'a str, f64, &'a str),
}

fn panels(outcome: &Outcome, table: &Table, drawn: &Drawn) -> String {
    let Some(named) = outcome.table(drawn.named) else { return String::new() };
    let mut html = String::new();
    for row in rows_of(named, drawn.hub) {
        let Some(id) = word(named, drawn.key, row) else { continue };
        let own: Vec<usize> =
            (0..table.rows()).filter(|&r| word(table, drawn.key, r).as_deref() == Some(&id)).collect();
        let series = |(column, factor, _): (&str, f64, &str)| -> Vec<(f64, f64)> {
            let at = |&r: &usize| Some((table.number("hour", r)?, table.number(column, r)? * factor));
            own.iter().filter_map(at).collect()
        };
        let bars = series(drawn.bars);
        if bars.iter().all(|b| b.1 == 0.0) {
            continue;
        }
        let unit = word(named, "unit", row).filter(|_| drawn.key == "store").unwrap_or_default();
        let room = named.number("capacity", row).map_or(String::new(), |c| format!(" of {} {unit}", short(c)));
        let title = format!("{} <span class=\"unit\">{}</span>", own_name(named, drawn.key, row), escape(room.trim()));
        let bars = (drawn.bars.2.to_owned(), bars);
        html.push_str(&charts::panel(&Panel {
            title,
            bars,
            line: Some((drawn.line.2.to_owned(), series(drawn.line))),
        }));
    }
    if html.is_empty() { html } else { format!("<h4>{}</h4><div class=\"panels\">{html}</div>", drawn.title) }
}

/// Tables of the hub that are read, not drawn.
pub fn further(outcome: &Outcome, hub: &str, names: &Names) -> String {
    let mut html = String::new();
    let mut add = |name: &str, caption: &str, keep: &dyn Fn(&Table, usize) -> bool, bars: &[&str]| {
        let Some(table) = outcome.table(name) else { return };
        let mut rows: Vec<usize> = rows_of(table, hub).into_iter().filter(|&r| keep(table, r)).collect();
        // The most telling first, where a table has a figure that says which; equal ones stay in their order.
        let size = |row: usize| bars.first().and_then(|bar| table.number(bar, row)).unwrap_or(0.0);
        if name != "hub_times" {
            rows.sort_by(|a, b| size(*b).total_cmp(&size(*a)));
        }
        let (caption, rows) = (caption.to_owned(), Some(rows));
        let look = Look { caption, rows, without: &["hub"], bars, most: 16, ..Look::default() };
        html.push_str(&grid(table, names, &look).html());
    };
    add("marginal_servers", "加一台的价值 What one more server would bring", &|_, _| true, &["value_cny"]);
    let of_all = |table: &Table, row: usize| {
        word(table, "mode", row).as_deref() == Some("all") || word(table, "scope", row).as_deref() == Some("all")
    };
    add("hub_times", "用时 Times from the door to the gate, and of connections", &of_all, &["p95_min"]);
    add("hub_bags", "行李 Bags", &|_, _| true, &[]);
    format!("{}{html}", missed(outcome, hub, names).html())
}

/// Why services were missed: what the parties had lost most time by.
fn missed(outcome: &Outcome, hub: &str, names: &Names) -> Grid {
    let head = ["使用者 Users", "此前最费时 Lost most time by", "地点 Place"].map(Head::words);
    let mut grid =
        Grid { caption: "误点原因 Why services were missed".into(), head: head.to_vec(), ..Grid::default() };
    grid.head.push(Head::numbers("Missed", "persons/day", "who missed their service; of trucks: trucks"));
    grid.head.push(Head::numbers("Stranded", "persons/day", "of them those whom no other service took"));
    let Some(table) = outcome.table("hub_missed") else { return grid };
    let mut rows = rows_of(table, hub);
    let persons = |row: usize| table.number("missed", row).unwrap_or(0.0);
    rows.sort_by(|a, b| persons(*b).total_cmp(&persons(*a)));
    let most = rows.first().map_or(1.0, |&row| persons(row).max(1.0));
    let all = rows.len();
    rows.truncate(MOST_MISSED);
    for row in rows {
        let told = |column: &str| word(table, column, row).unwrap_or_default();
        let user = USERS.iter().find(|u| u.0 == told("user")).map_or(told("user"), |u| u.1.to_owned());
        let cause = told("cause");
        let words = if cause == "none" { "无 Nothing: late by its own plan" } else { cause_words(&cause) };
        grid.rows.push(vec![
            Cell::Words(escape(&user)),
            Cell::Words(escape(words)),
            Cell::Words(place_words(outcome, &cause, &told("place"), names)),
            Cell::Bar(short(persons(row)), persons(row) / most),
            Cell::Number(short(table.number("stranded", row).unwrap_or(0.0))),
        ]);
    }
    if all > MOST_MISSED {
        grid.note = format!("{MOST_MISSED} of {all} rows; all are in <code>hub_missed.parquet</code>.");
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays_table() -> Table {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
        Table::new("hub_delays")
            .key("hub", "", words(&["A", "A", "A", "B"]))
            .key("user", "", words(&["departing", "departing", "truck", "truck"]))
            .key("cause", "", words(&["road", "origin", "process", "road"]))
            .key("place", "", words(&["l1", "l1", "A/gate", "l2"]))
            .real("delay_min", "person-minutes per day", "", vec![60.0, 30.0, 120.0, 600.0])
    }

    #[test]
    fn both_ends_of_the_road_are_one_cause_of_the_users_of_this_hub() {
        // Departing lose 60 + 30 min on the road, trucks 120 at the gate; the other hub's 600 are not among them.
        let sums = by_cause(&delays_table(), "A");
        let truck = USERS.iter().position(|u| u.0 == "truck").unwrap();
        assert_eq!(sums.into_iter().collect::<Vec<_>>(), [((0, 0), 90.0), ((truck, 2), 120.0)]);
        let outcome = Outcome { tables: vec![delays_table()], ..crate::report::sample::city(300) };
        let html = delays(&outcome, "A", &Names::default());
        for told in ["Departing", "1.50 <span", "Trucks", "A/gate"] {
            assert!(html.contains(told), "{told} in {html}");
        }
        assert!(!html.contains("l2") && delays(&outcome, "C", &Names::default()).is_empty());
    }

    #[test]
    fn reasons_of_missed_services_stand_by_how_many_missed_them() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
        let table = Table::new("hub_missed")
            .key("hub", "", words(&["A", "A", "B"]))
            .key("user", "", words(&["departing", "transfer", "departing"]))
            .key("cause", "", words(&["none", "process", "road"]))
            .key("place", "", words(&["", "A/security", "l9"]))
            .real("missed", "persons", "", vec![5.0, 40.0, 900.0])
            .real("stranded", "persons", "", vec![5.0, 0.0, 0.0]);
        let outcome = Outcome { tables: vec![table], ..crate::report::sample::city(300) };
        let html = further(&outcome, "A", &Names::default());
        let (most, least) = (html.find("A/security").unwrap(), html.find("late by its own plan").unwrap());
        assert!(most < least && !html.contains("l9"), "{html}");
    }
}
