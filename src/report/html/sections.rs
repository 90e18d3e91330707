//! The sections of the report of a run that are about the run as a whole: key figures, traffic, convergence,
//! provenance, and every table that no other section shows.

use super::cells::{Cell, Grid, Head, Look, grid};
use super::charts::{self, Line, Panel};
use super::format::{self, Names, escape, fixed, is_measure, label, number, short, word};
use crate::outcome::Outcome;
use crate::report::folder::LONG_TABLES;
use crate::table::{Column, Kpi, Table, Values};
use std::fmt::Write;

/// Tables that a section of their own shows.
const SHOWN: [&str; 31] = [
    "links",
    "hubs",
    "hub_flow",
    "processes",
    "process_hours",
    "process_flows",
    "hub_delays",
    "hub_missed",
    "hub_queues",
    "hub_times",
    "hub_bags",
    "hub_hours",
    "stores",
    "store_hours",
    "marginal_servers",
    "hours",
    "lines",
    "line_sections",
    "routes",
    "section_hours",
    "stop_hours",
    "flow_ledger",
    "districts",
    "spillover",
    "spillover_total",
    "conversion",
    "accessibility",
    "effective_density",
    "iterations",
    // Draw by draw, for comparisons: nothing to read.
    "density_draws",
    "parameter_draws",
];

/// Key figures that come first where an outcome has them: what a planner of hubs asks first. A name that ends in `_`
/// stands for all that begin with it.
const FIRST_FIGURES: [&str; 12] = [
    "hub_passengers",
    "hub_passengers_",
    "teu",
    "tonnes",
    "missed",
    "share_transit",
    "denied_boardings",
    "mean_speed_kmh",
    "total_delay_vehicle_hours",
    "vehicle_km",
    "trucks",
    "relative_gap",
];

/// Key figures shown large; the others follow in a table.
const LARGE: usize = 12;

/// A section with a heading and an anchor; nothing when it would be empty.
pub fn section(id: &str, title: &str, lead: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    let lead = if lead.is_empty() { String::new() } else { format!("<p class=\"lead\">{lead}</p>") };
    format!("<section id=\"{id}\" aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{title}</h2>{lead}{body}</section>")
}

/// The strip of key figures.
pub fn figures(outcome: &Outcome, names: &Names) -> String {
    if outcome.kpis.is_empty() {
        return String::new();
    }
    let mut html = String::from("<dl class=\"strip\">");
    for kpi in foremost(&outcome.kpis).into_iter().take(LARGE) {
        let (value, unit) = figure(kpi.value, &kpi.unit);
        let _ = write!(
            html,
            "<div title=\"{}\"><dt>{}</dt><dd>{value} <span class=\"unit\">{}</span></dd></div>",
            escape(&kpi.about),
            figure_name(kpi, names),
            escape(&unit)
        );
    }
    html.push_str("</dl>");
    let head = vec![Head::words("Figure"), Head::numbers("Value", "", ""), Head::words("Unit"), Head::words("Meaning")];
    let mut all = Grid { head, ..Grid::default() };
    for kpi in &outcome.kpis {
        let (value, unit) = figure(kpi.value, &kpi.unit);
        all.rows.push(vec![
            Cell::Words(figure_name(kpi, names)),
            Cell::Number(value),
            Cell::Words(escape(&unit)),
            Cell::Words(escape(&kpi.about)),
        ]);
    }
    let count = outcome.kpis.len();
    let _ =
        write!(html, "<details><summary>All {count} key figures and what they mean</summary>{}</details>", all.html());
    html
}

/// Key figures with the foremost first, the others in their order.
pub fn foremost(kpis: &[Kpi]) -> Vec<&Kpi> {
    let place = |kpi: &&Kpi| {
        let matches = |f: &str| kpi.name == f || (f.ends_with('_') && kpi.name.starts_with(f));
        FIRST_FIGURES.iter().position(|f| matches(f)).unwrap_or(FIRST_FIGURES.len())
    };
    let mut sorted: Vec<&Kpi> = kpis.iter().collect();
    sorted.sort_by_key(place);
    sorted
}

/// The name of a key figure as HTML; one that ends in the id of a hub carries the hub's name.
pub fn figure_name(kpi: &Kpi, names: &Names) -> String {
    let parts = kpi.name.rsplit_once('_').filter(|(_, id)| names.knows(id));
    match parts {
        Some((stem, id)) => format!("{}, {}", escape(&label(stem, &kpi.unit)), names.html(id)),
        None => escape(&label(&kpi.name, &kpi.unit)),
    }
}

/// A key figure and its unit as shown.
pub fn figure(value: f64, unit: &str) -> (String, String) {
    match format::unit(unit).as_str() {
        "share" => (fixed(value * 100.0, 1), "%".into()),
        "s" if value.abs() >= 300.0 => (fixed(value / 60.0, 1), "min".into()),
        other => (short(value), other.to_owned()),
    }
}

/// The caveats of the data and of the run, in plain sight.
pub fn caveats(outcome: &Outcome) -> String {
    let run = &outcome.manifest;
    let mut said: Vec<String> = Vec::new();
    if !run.converged && run.iterations > 1 {
        said.push(format!(
            "The run stopped after {} iterations at a relative gap of {}; its target was not reached.",
            run.iterations,
            short(run.relative_gap)
        ));
    }
    if run.sample < 1.0 && run.sample > 0.0 {
        said.push(format!(
            "{} % of the agents were simulated; figures are scaled to the whole population.",
            format::tick(run.sample * 100.0)
        ));
    }
    said.extend(outcome.caveats.iter().cloned());
    if said.is_empty() {
        return String::new();
    }
    let items: String = said.iter().map(|c| format!("<li>{}</li>", escape(c))).collect();
    format!("<aside class=\"caveats\" aria-label=\"Caveats\"><h2>To be read with care</h2><ul>{items}</ul></aside>")
}

/// Traffic by hour, and the links with the most delay.
pub fn traffic(outcome: &Outcome, names: &Names) -> String {
    let mut body = String::new();
    if let Some(hours) = outcome.table("hours") {
        body.push_str(&panels_by_hour(hours));
    }
    if let Some(links) = outcome.table("links").filter(|t| t.rows() > 0) {
        let by = ["delay_s", "delay_h", "saturation", "volume_veh"].into_iter().find_map(|c| links.column(c));
        if let Some(by) = by {
            let of = |row: &usize| number(by, *row).unwrap_or(f64::NEG_INFINITY);
            let mut rows: Vec<usize> = (0..links.rows()).filter(|row| of(row) > 0.0).collect();
            rows.sort_by(|a, b| of(b).total_cmp(&of(a)));
            let look = Look {
                caption: format!("Links with the most {}", escape(&label(&by.name, &by.unit).to_lowercase())),
                rows: Some(rows),
                only: &LINK_COLUMNS,
                bars: &["saturation", "hub_share"],
                most: 20,
                ..Look::default()
            };
            body.push_str(&grid(links, names, &look).html());
        }
    }
    section("traffic", "Traffic", "", &body)
}

/// Columns of links that are shown in the table of the most delayed.
const LINK_COLUMNS: [&str; 13] = [
    "link_id",
    "facility",
    "district",
    "length_m",
    "volume_veh",
    "trucks_veh",
    "trucks",
    "hub_share",
    "mean_time_s",
    "delay_s",
    "delay_h",
    "speed_kmh",
    "saturation",
];

/// A panel for every measure of a table by hour.
fn panels_by_hour(hours: &Table) -> String {
    let mut html = String::from("<div class=\"panels\">");
    let mut columns: Vec<&Column> = hours.columns.iter().filter(|c| is_measure(c) && c.name != "hour").collect();
    // What the roads carry and how fast comes before who set out.
    columns.sort_by_key(|c| !["speed", "entries", "vehicles", "vkm", "delay"].iter().any(|w| c.name.contains(w)));
    for column in columns {
        let values = by_hour(hours, column, (0..hours.rows()).collect());
        if values.iter().all(|v| v.1 == 0.0) {
            continue;
        }
        let title = escape(&label(&column.name, &column.unit));
        let unit = format::unit(&column.unit);
        html.push_str(&charts::panel(&Panel { title, bars: (unit, values), line: None }));
    }
    html.push_str("</div>");
    html
}

/// Values of a column by the hour of the rows.
pub fn by_hour(table: &Table, column: &Column, rows: Vec<usize>) -> Vec<(f64, f64)> {
    let hour = |row| table.number("hour", row);
    rows.into_iter().filter_map(|row| Some((hour(row)?, number(column, row)?))).collect()
}

/// How the iterations came to rest.
pub fn convergence(outcome: &Outcome, names: &Names) -> String {
    let Some(iterations) = outcome.table("iterations").filter(|t| t.rows() > 0) else { return String::new() };
    let mut body = String::from("<div class=\"pair\">");
    for (column, title) in [
        ("relative_gap", "Relative gap"),
        ("average_excess_cny", "Average excess cost <span class=\"unit\">CNY</span>"),
        ("regret_share", "Share with more than 5 % to gain"),
        ("share_car", "Share of car"),
        ("share_transit", "Share of transit"),
    ] {
        if let Some(column) = iterations.column(column) {
            let place = |row| iterations.number("iteration", row).unwrap_or(row as f64);
            let points = (0..iterations.rows()).filter_map(|row| Some((place(row), number(column, row)?))).collect();
            body.push_str(&charts::line(&Line { title, across: "iteration", points, target: None }));
        }
    }
    body.push_str("</div>");
    body.push_str(
        &grid(iterations, names, &Look { caption: "Iterations".into(), most: 100, ..Look::default() }).html(),
    );
    let run = &outcome.manifest;
    let end = match (run.converged, run.iterations) {
        (true, n) => format!("The target gap was reached after {n} iterations."),
        (false, 1) => "One iteration: pure network loading, nothing was fed back.".into(),
        (false, n) => format!("Stopped at the limit of {n} iterations; the target gap was not reached."),
    };
    let lead = format!(
        "{end} The relative gap is the cost that travellers could save by changing their plan, as a share of all cost."
    );
    section("convergence", "Convergence", &lead, &body)
}

/// Where the figures come from.
pub fn provenance(outcome: &Outcome) -> String {
    let run = &outcome.manifest;
    let agents = run.agents;
    let facts = [
        ("hubflow", escape(&run.version)),
        ("Command", format!("<code>{}</code>", escape(&run.command))),
        ("Variant", run.variant.as_ref().map_or("none (base)".into(), |v| escape(v))),
        ("Seed", run.seed.to_string()),
        ("Share of agents simulated", format!("{} %", format::tick(run.sample * 100.0))),
        (
            "Agents",
            format!(
                "{} created = {} arrived + {} under way + {} removed",
                fixed(agents.created as f64, 0),
                fixed(agents.arrived as f64, 0),
                fixed(agents.under_way as f64, 0),
                fixed(agents.removed as f64, 0)
            ),
        ),
        ("Link entries", fixed(run.link_entries as f64, 0)),
        ("Digest of events", format!("<code>{}</code>", escape(&run.event_digest))),
    ];
    let mut body = String::from("<dl class=\"facts\">");
    for (word, fact) in facts {
        let _ = write!(body, "<dt>{word}</dt><dd>{fact}</dd>");
    }
    body.push_str("</dl>");
    body.push_str(&details(outcome));
    section("provenance", "Provenance", "", &body)
}

/// Digests of the inputs, the settings in full. Times and memory stand in run.json: they tell of the machine, and the
/// report of a run is the same bytes on every machine.
fn details(outcome: &Outcome) -> String {
    let run = &outcome.manifest;
    let mut body = String::new();
    let mut inputs = Grid { head: vec![Head::words("Input"), Head::words("BLAKE3")], ..Grid::default() };
    inputs.rows = run
        .inputs
        .iter()
        .map(|(path, digest)| vec![Cell::Words(escape(path)), Cell::Words(format!("<code>{}</code>", escape(digest)))])
        .collect();
    if !run.inputs.is_empty() {
        let _ = write!(
            body,
            "<details><summary>Digests of the {} inputs</summary>{}</details>",
            run.inputs.len(),
            inputs.html()
        );
    }
    if !outcome.resolved.is_empty() {
        let _ = write!(
            body,
            "<details><summary>Scenario with all defaults filled in</summary><pre>{}</pre></details>",
            escape(&outcome.resolved)
        );
    }
    body
}

/// Tables that no section shows, and what every file holds.
pub fn further(outcome: &Outcome, names: &Names) -> String {
    let mut body = String::new();
    for table in
        outcome.tables.iter().filter(|t| !SHOWN.contains(&t.name.as_str()) && !LONG_TABLES.contains(&t.name.as_str()))
    {
        let shown = grid(table, names, &Look { most: 40, ..Look::default() }).html();
        if !shown.is_empty() {
            let _ = write!(
                body,
                "<details><summary>{} ({} rows)</summary>{shown}</details>",
                escape(&label(&table.name, "")),
                fixed(table.rows() as f64, 0)
            );
        }
    }
    let mut files = Grid {
        head: vec![Head::words("File"), Head::numbers("Rows", "", ""), Head::words("Columns")],
        ..Grid::default()
    };
    for table in outcome.tables.iter().filter(|t| !LONG_TABLES.contains(&t.name.as_str())) {
        let columns: Vec<String> = table.columns.iter().map(described).collect();
        files.rows.push(vec![
            Cell::Words(format!("<code>{}.parquet</code>", escape(&table.name))),
            Cell::Number(fixed(table.rows() as f64, 0)),
            Cell::Words(columns.join(", ")),
        ]);
    }
    if !files.rows.is_empty() {
        let _ = write!(
            body,
            "<details class=\"dictionary\"><summary>All tables and their columns</summary>{}</details>",
            files.html()
        );
    }
    section(
        "tables",
        "Tables",
        "Every table lies beside this report as a Parquet file that pandas, polars and DuckDB open; those with a row for each \
         traveller, leg or consignment, or for each link and hour (trips, legs, consignments, link_hours, link_quarters), only there.",
        &body,
    )
}

fn described(column: &Column) -> String {
    let unit = if column.unit.is_empty() {
        String::new()
    } else {
        format!(" <span class=\"unit\">{}</span>", escape(&column.unit))
    };
    format!("<span title=\"{}\"><code>{}</code>{unit}</span>", escape(&column.about), escape(&column.name))
}

/// The words of a column without repetitions, in order of appearance.
pub fn distinct(table: &Table, column: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let is_text = table.column(column).is_some_and(|c| !matches!(c.values, Values::Real(_)));
    for row in (0..table.rows()).filter(|_| is_text) {
        if let Some(word) = word(table, column, row).filter(|w| !found.contains(w)) {
            found.push(word);
        }
    }
    found
}
