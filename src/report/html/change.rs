//! The page of a comparison: what the variant changes, key figures before and after, the map of changes, the increments
//! with their intervals, the links that change most.

use super::cells::{Cell, Grid, Head, Look, grid};
use super::format::{self, Names, Style, escape, fixed, label, number, short, signed, word};
use super::ledgers::ledgers;
use super::map::{self, Layers};
use super::measures::{self, Measure, matched_rows};
use super::page::{Top, whole};
use super::sections::{figure, figure_name, foremost, section};
use super::{districts, hub_changes, line_changes, spillover};
use crate::outcome::Outcome;
use crate::table::Table;
use std::fmt::Write;

/// Two finished runs and what a comparison found.
pub struct Compared<'a> {
    /// The run without the change.
    pub base: &'a Outcome,
    /// The run with the change.
    pub variant: &'a Outcome,
    /// Tables of differences.
    pub tables: &'a [Table],
    /// What the variant changes, in words.
    pub words: &'a [String],
}

/// The report of a comparison.
pub fn page(compared: &Compared) -> String {
    let names = Names::of(compared.variant);
    let (figure, data) = map::figure(compared.variant, &names, &layers(compared, &names));
    let lead = "Blue is less than in the base, orange is more. Width of a line: volume in the variant.";
    let parts = [
        section("words", "What the variant changes", "", &words(compared)),
        section("map-section", "Where it changes", lead, &figure),
        section("increments", "Increments of the districts", INCREMENTS, &increments(compared, &names)),
        hub_changes::hubs(compared.base, compared.variant, &names),
        line_changes::lines(compared.base, compared.variant, &names),
        section("links", "Links that change most", "", &links(compared, &names)),
        section("tables", "Further differences", "", &tables(compared, &names)),
        section("provenance", "Provenance", "", &provenance(compared)),
    ];
    let title = format!("{} – {}", compared.base.title, told(compared.variant));
    let kind = format!("Comparison of {} with {}", escape(&told(compared.variant)), escape(&told(compared.base)));
    let top = Top { title: &title, kind: &kind, description: &compared.variant.description };
    whole(&top, &format!("{}{}", figures(compared, &names), caveats(compared)), &parts, &data)
}

const INCREMENTS: &str = "Variant minus base. The ledgers measure different things and are never summed with each other. \
                          Intervals hold 90 % of the parameter draws.";

fn told(outcome: &Outcome) -> String {
    outcome.manifest.variant.as_ref().map_or("base".into(), |v| format!("variant {v}"))
}

fn words(compared: &Compared) -> String {
    if compared.words.is_empty() {
        return String::new();
    }
    let items: String = compared.words.iter().map(|w| format!("<li>{}</li>", escape(w))).collect();
    format!("<ul class=\"words\">{items}</ul>")
}

/// Caveats of either run, each once, and whether the two can be set against each other.
fn caveats(compared: &Compared) -> String {
    let (base, variant) = (&compared.base.manifest, &compared.variant.manifest);
    let mut said: Vec<String> = Vec::new();
    if base.seed != variant.seed || base.sample != variant.sample {
        said.push("The two runs differ in seed or sample, so part of every difference is chance.".into());
    }
    for (run, name) in [(base, "base"), (variant, "variant")] {
        if !run.converged && run.iterations > 1 {
            said.push(format!("The {name} stopped at a relative gap of {} without reaching its target; smaller changes than that mean little.", short(run.relative_gap)));
        }
    }
    for caveat in compared.base.caveats.iter().chain(&compared.variant.caveats) {
        if !said.contains(caveat) {
            said.push(caveat.clone());
        }
    }
    if said.is_empty() {
        return String::new();
    }
    let items: String = said.iter().map(|c| format!("<li>{}</li>", escape(c))).collect();
    format!("<aside class=\"caveats\" aria-label=\"Caveats\"><h2>To be read with care</h2><ul>{items}</ul></aside>")
}

fn figures(compared: &Compared, names: &Names) -> String {
    if compared.variant.kpis.is_empty() {
        return String::new();
    }
    let mut strip = String::from("<dl class=\"strip\">");
    let mut all = Grid { head: vec![Head::words("Figure")], ..Grid::default() };
    all.head.extend(["Base", "Variant", "Change", "Change %"].map(|w| Head::numbers(w, "", "")));
    all.head.push(Head::words("Unit"));
    for (i, kpi) in foremost(&compared.variant.kpis).into_iter().enumerate() {
        let (after, unit) = figure(kpi.value, &kpi.unit);
        let before = compared.base.kpi(&kpi.name);
        let scale = if kpi.unit == "share" { 100.0 } else { 1.0 };
        let change = before.map(|b| kpi.value - b);
        let in_words = match (change, before) {
            (Some(0.0), _) => "unchanged".to_owned(),
            (Some(c), Some(b)) if b != 0.0 && scale == 1.0 => {
                format!("{} % from {}", signed(c / b * 100.0), figure(b, &kpi.unit).0)
            }
            (Some(c), Some(b)) if scale == 100.0 => {
                format!("{} points from {} %", signed(c * scale), figure(b, &kpi.unit).0)
            }
            (Some(c), Some(b)) => format!("{} from {}", signed(c), figure(b, &kpi.unit).0),
            _ => "not in the base".into(),
        };
        let name = figure_name(kpi, names);
        if i < 12 {
            let _ = write!(
                strip,
                "<div title=\"{}\"><dt>{name}</dt><dd>{after} <span class=\"unit\">{}</span><span class=\"was\">{in_words}</span></dd></div>",
                escape(&kpi.about),
                escape(&unit)
            );
        }
        let percent = change.zip(before).filter(|(_, b)| *b != 0.0).map(|(c, b)| c / b * 100.0);
        all.rows.push(vec![
            Cell::Words(name),
            before.map_or(Cell::None, |b| Cell::Number(short(b * scale))),
            Cell::Number(short(kpi.value * scale)),
            change.map_or(Cell::None, |c| Cell::Number(signed(c * scale))),
            percent.map_or(Cell::None, |p| Cell::Number(format!("{} %", signed(p)))),
            Cell::Words(escape(&if scale == 1.0 { format::unit(&kpi.unit) } else { "%".into() })),
        ]);
    }
    let _ = write!(strip, "</dl><details><summary>All key figures</summary>{}</details>", all.html());
    strip
}

/// Increments first, then the change of everything that both runs show on their maps.
fn layers(compared: &Compared, names: &Names) -> Layers {
    let mut all: Vec<Measure> = Vec::new();
    for table in compared.tables.iter().filter(|t| t.name == "increment") {
        all.extend(districts::increments(compared.variant, table));
    }
    let of = |outcome: &Outcome| districts::of_districts(outcome, names);
    if let (Some(base), Some(variant)) = (compared.base.table("districts"), compared.variant.table("districts")) {
        let matched = variant.columns.first().map_or_else(Vec::new, |key| matched_rows(base, variant, &key.name));
        all.extend(measures::changes(&of(compared.base), &of(compared.variant), &matched));
    }
    Layers {
        districts: all,
        links: changes_of(compared, "links", &["link_id"], measures::of_links),
        sections: line_changes::of_map(compared.base, compared.variant),
    }
}

fn changes_of(compared: &Compared, table: &str, keys: &[&str], of: fn(&Table) -> Vec<Measure>) -> Vec<Measure> {
    let (Some(base), Some(variant)) = (compared.base.table(table), compared.variant.table(table)) else {
        return Vec::new();
    };
    let Some(key) = keys.iter().find(|k| variant.column(k).is_some()) else { return Vec::new() };
    let mut changes = measures::changes(&of(base), &of(variant), &matched_rows(base, variant, key));
    changes.sort_by_key(|m| !m.label.contains("Volume"));
    changes
}

/// The increments ledger by ledger with their sums, and what a unit of hub flow is converted into.
fn increments(compared: &Compared, names: &Names) -> String {
    let named = |name: &str| compared.tables.iter().find(|t| t.name == name && t.rows() > 0);
    let Some(table) = named("increment") else { return String::new() };
    let mut html = ledgers(table, named("increment_total"), names);
    if let Some(conversion) = named("increment_conversion") {
        html.push_str("<h3>Increment per unit of hub flow</h3>");
        html.push_str(&spillover::conversion(conversion, names));
    }
    html
}

/// The links that gain and lose most, by volume and by delay.
fn links(compared: &Compared, names: &Names) -> String {
    let (Some(base), Some(variant)) = (compared.base.table("links"), compared.variant.table("links")) else {
        return String::new();
    };
    let matched = matched_rows(base, variant, "link_id");
    let mut html = String::new();
    for (by, column) in ["volume_veh", "delay_s", "delay_h"].into_iter().filter_map(|n| Some((n, variant.column(n)?))) {
        let value = |row: usize| number(column, row).unwrap_or(0.0);
        let before = |row: usize| matched[row].and_then(|b| base.number(by, b)).unwrap_or(0.0);
        let change = |row: usize| value(row) - before(row);
        let mut rows: Vec<usize> = (0..variant.rows()).filter(|&r| change(r) != 0.0).collect();
        rows.sort_by(|a, b| change(*b).abs().total_cmp(&change(*a).abs()));
        rows.truncate(15);
        let style = Style::of(&column.unit, rows.iter().flat_map(|&r| [value(r), before(r)]));
        let mut grid = Grid { caption: escape(&label(by, &column.unit)), ..Grid::default() };
        grid.head = ["Link", "District"].map(Head::words).to_vec();
        grid.head.extend(["Base", "Variant", "Change"].map(|w| Head::numbers(w, &style.unit, &column.about)));
        for row in rows {
            let words = |name: &str| word(variant, name, row).unwrap_or_default();
            let name = if words("name").is_empty() { words("link_id") } else { words("name") };
            let shown = style.show(change(row));
            grid.rows.push(vec![
                Cell::Words(format!("<span title=\"{}\">{}</span>", escape(&words("link_id")), escape(&name))),
                Cell::Words(names.html(&words("district"))),
                Cell::Number(if matched[row].is_some() { style.show(before(row)) } else { "new".into() }),
                Cell::Number(style.show(value(row))),
                Cell::Number(if change(row) > 0.0 { format!("+{shown}") } else { shown }),
            ]);
        }
        html.push_str(&grid.html());
    }
    html
}

/// Tables that stand elsewhere on the page, or are too long to read (`differences` has a row for every cell).
const SHOWN: [&str; 5] = ["increment", "increment_total", "increment_conversion", "kpi_differences", "differences"];

fn tables(compared: &Compared, names: &Names) -> String {
    let mut html = String::new();
    for table in compared.tables.iter().filter(|t| !SHOWN.contains(&t.name.as_str()) && t.rows() > 0) {
        let shown = grid(table, names, &Look { most: 40, ..Look::default() }).html();
        let rows = fixed(table.rows() as f64, 0);
        let _ = write!(
            html,
            "<details><summary>{} ({rows} rows)</summary>{shown}</details>",
            escape(&label(&table.name, ""))
        );
    }
    html
}

fn provenance(compared: &Compared) -> String {
    let head = ["", "Base", "Variant"].map(Head::words).to_vec();
    let mut grid = Grid { head, ..Grid::default() };
    let mut row = |name: &str, of: &dyn Fn(&Outcome) -> String| {
        let sides = [compared.base, compared.variant].map(|o| Cell::Words(of(o)));
        grid.rows.push(std::iter::once(Cell::Words(name.into())).chain(sides).collect());
    };
    row("Command", &|o| format!("<code>{}</code>", escape(&o.manifest.command)));
    row("hubflow", &|o| escape(&o.manifest.version));
    row("Variant", &|o| escape(o.manifest.variant.as_deref().unwrap_or("none (base)")));
    row("Seed", &|o| o.manifest.seed.to_string());
    row("Share of agents simulated", &|o| format!("{} %", format::tick(o.manifest.sample * 100.0)));
    row("Iterations", &|o| o.manifest.iterations.to_string());
    row("Relative gap", &|o| short(o.manifest.relative_gap));
    row("Agents", &|o| fixed(o.manifest.agents.created as f64, 0));
    row("Digest of events", &|o| format!("<code>{}</code>", escape(&o.manifest.event_digest)));
    grid.html()
}
