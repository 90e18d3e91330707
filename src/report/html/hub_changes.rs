//! The section of a comparison on hubs: waits and queues of each process before and after, and the time that users lose by
//! cause.

use super::cells::{Cell, Grid, Head};
use super::format::{Names, Style, escape, number, short, signed, word};
use super::hub_days::{CAUSES, USERS, by_cause, rows_of};
use super::sections::section;
use crate::outcome::Outcome;
use crate::table::Table;
use std::fmt::Write;

/// Figures of a process that are set against each other.
const FIGURES: [(&str, &str); 4] = [
    ("served", "Served"),
    ("wait_p95_s", "Wait, 95 %"),
    ("max_queue", "Longest queue"),
    ("utilisation", "Utilisation"),
];

/// The section; nothing where neither run has processes of hubs.
pub fn hubs(base: &Outcome, variant: &Outcome, names: &Names) -> String {
    let Some(table) = variant.table("hubs") else { return String::new() };
    let mut body = String::new();
    for row in 0..table.rows() {
        let Some(hub) = table.columns.first().and_then(|key| word(table, &key.name, row)) else { continue };
        let parts = [processes(base, variant, &hub), delays(base, variant, &hub)].concat();
        if !parts.is_empty() {
            let _ = write!(body, "<h3>{}</h3>{parts}", names.html(&hub));
        }
    }
    section("hubs", "Hubs", "", &body)
}

/// Processes of a hub before and after.
fn processes(base: &Outcome, variant: &Outcome, hub: &str) -> String {
    let (Some(base), Some(variant)) = (base.table("processes"), variant.table("processes")) else {
        return String::new();
    };
    let rows = rows_of(variant, hub);
    let before = |id: &str| rows_of(base, hub).into_iter().find(|&r| word(base, "process", r).as_deref() == Some(id));
    let mut grid =
        Grid { caption: "Processes: base → variant".into(), head: vec![Head::words("Process")], ..Grid::default() };
    let mut styles = Vec::new();
    for (name, words) in FIGURES {
        let (Some(old), Some(new)) = (base.column(name), variant.column(name)) else { return String::new() };
        let all = rows.iter().filter_map(|&r| number(new, r));
        let style = Style::of(&new.unit, all.chain(rows_of(base, hub).iter().filter_map(|&r| number(old, r))));
        let unit = if style.unit.starts_with("as in") { String::new() } else { style.unit.clone() };
        grid.head.push(Head::numbers(words, &unit, &new.about));
        grid.head.push(Head::numbers("change", &unit, "variant minus base"));
        styles.push((old, new, style));
    }
    for row in rows {
        let id = word(variant, "process", row).unwrap_or_default();
        let was = before(&id);
        let mut cells = vec![Cell::Words(super::cells::own_name(variant, "process", row))];
        for (old, new, style) in &styles {
            let (old, new) = (was.and_then(|r| number(old, r)), number(new, row));
            cells.push(match (old, new) {
                (Some(a), Some(b)) => Cell::Number(format!("{} → {}", style.show(a), style.show(b))),
                (None, Some(b)) => Cell::Number(format!("new → {}", style.show(b))),
                _ => Cell::None,
            });
            cells.push(match (old, new) {
                (Some(a), Some(b)) if style.show(a) == style.show(b) => Cell::Number("0".into()),
                (Some(a), Some(b)) => {
                    let shown = style.show(b - a);
                    Cell::Number(if b > a { format!("+{shown}") } else { shown })
                }
                _ => Cell::None,
            });
        }
        grid.rows.push(cells);
    }
    grid.html()
}

/// Time lost by users and cause, hours a day: variant and change.
fn delays(base: &Outcome, variant: &Outcome, hub: &str) -> String {
    let none = Table::default();
    let of = |outcome: &Outcome| by_cause(outcome.table("hub_delays").unwrap_or(&none), hub);
    let (before, after) = (of(base), of(variant));
    let mut grid = Grid { caption: "Time lost, hours a day: variant (change)".into(), ..Grid::default() };
    grid.head = vec![Head::words("Users")];
    grid.head.extend(CAUSES.iter().map(|cause| Head::numbers(cause.0, "h", "")));
    grid.head.push(Head::numbers("All", "h", ""));
    for (u, user) in USERS.iter().enumerate() {
        let hours = |cause: usize| {
            let of = |sums: &std::collections::BTreeMap<(usize, usize), f64>| {
                sums.get(&(u, cause)).map_or(0.0, |m| m / 60.0)
            };
            (of(&before), of(&after))
        };
        let all: Vec<(f64, f64)> = (0..CAUSES.len()).map(hours).collect();
        let total = all.iter().fold((0.0, 0.0), |sum, h| (sum.0 + h.0, sum.1 + h.1));
        if total == (0.0, 0.0) {
            continue;
        }
        let cell = |&(a, b): &(f64, f64)| match (a, b) {
            (0.0, 0.0) => Cell::None,
            _ => Cell::Number(format!("{} <span class=\"unit\">({})</span>", short(b), signed(b - a))),
        };
        let mut cells = vec![Cell::Words(escape(user.1))];
        cells.extend(all.iter().chain([&total]).map(cell));
        grid.rows.push(cells);
    }
    grid.html()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(p95_s: f64, minutes: f64) -> Outcome {
        let words = |word: &str| vec![word.to_owned()];
        let hubs = Table::new("hubs").key("hub", "", words("A"));
        let processes = Table::new("processes")
            .key("process", "", words("A/gate"))
            .text("hub", "", words("A"))
            .real("served", "persons", "", vec![1_000.0])
            .real("wait_p95_s", "seconds", "", vec![p95_s])
            .real("max_queue", "persons", "", vec![20.0])
            .real("utilisation", "share", "", vec![0.5]);
        let delays = Table::new("hub_delays")
            .key("hub", "", words("A"))
            .key("user", "", words("truck"))
            .key("cause", "", words("process"))
            .key("place", "", words("A/gate"))
            .real("delay_min", "person-minutes per day", "", vec![minutes]);
        Outcome { tables: vec![hubs, processes, delays], ..crate::report::sample::city(300) }
    }

    #[test]
    fn a_process_shows_its_wait_before_and_after_and_its_users_what_they_save() {
        // 95 % wait 10 min before and 4 after: −6; trucks lose 120 min before and 90 after: 1.50 h, −0.5 h.
        let html = hubs(&run(600.0, 120.0), &run(240.0, 90.0), &Names::default());
        for told in ["A/gate", "10.0 → 4.0", "\u{2212}6.0", "1.50", "(\u{2212}0.500)", "1,000 → 1,000"] {
            assert!(html.contains(told), "{told} in {html}");
        }
    }

    #[test]
    fn runs_without_processes_have_no_section() {
        let bare = Outcome { tables: Vec::new(), ..crate::report::sample::city(300) };
        assert_eq!(hubs(&bare, &bare, &Names::default()), "");
    }
}
