//! The page of a run: head, sections in the order in which a planner asks, map data and script at the end.

use super::format::{Names, escape, script_json};
use super::map::{self, Layers};
use super::{hubs, lines, scale, sections, spillover};
use crate::outcome::Outcome;
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The report of a run.
pub fn page(outcome: &Outcome) -> String {
    let names = Names::of(outcome);
    let (figure, data) = map::figure(outcome, &names, &Layers::of(outcome, &names));
    let lead = "Choose what fills the districts and colours the links; drag to move, wheel or buttons to zoom, point at \
                anything for its figures.";
    let parts = [
        sections::section("map-section", "Map", &format!("<span class=\"js\">{lead}</span>"), &figure),
        hubs::hubs(outcome, &names),
        sections::traffic(outcome, &names),
        lines::lines(outcome, &names),
        spillover::spillover(outcome, &names),
        sections::convergence(outcome, &names),
        sections::provenance(outcome),
        sections::further(outcome, &names),
    ];
    let variant = outcome.manifest.variant.as_ref();
    let kind = variant.map_or("Base".to_owned(), |v| format!("Variant {}", escape(v)));
    let top = Top { title: &outcome.title, kind: &kind, description: &outcome.description };
    let first = format!("{}{}", sections::figures(outcome, &names), sections::caveats(outcome));
    whole(&top, &first, &parts, &data)
}

/// What stands above the sections.
pub struct Top<'a> {
    /// Title as plain text.
    pub title: &'a str,
    /// Base, variant or comparison (HTML).
    pub kind: &'a str,
    /// Description as plain text.
    pub description: &'a str,
}

/// A whole document from its parts; parts that are empty leave no trace.
pub fn whole(top: &Top, first: &str, parts: &[String], data: &Value) -> String {
    let mut html = String::from("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    html.push_str("<meta name=\"color-scheme\" content=\"light dark\">");
    let _ = write!(html, "<title>{} – hubflow</title><style>", escape(top.title));
    let _ = write!(html, ":root{{{}}}", scale::variables(false));
    let _ = write!(html, "@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}", scale::variables(true));
    html.push_str(STYLE);
    html.push_str(&scale::classes());
    html.push_str("</style></head><body><header>");
    let _ = write!(html, "<p class=\"kind\">hubflow · {}</p><h1>{}</h1>", top.kind, escape(top.title));
    if !top.description.is_empty() {
        let _ = write!(html, "<p class=\"lead\">{}</p>", escape(top.description));
    }
    html.push_str("</header><nav aria-label=\"Sections\"><ul>");
    for part in parts.iter().filter(|p| !p.is_empty()) {
        if let Some((id, title)) = anchor(part) {
            let _ = write!(html, "<li><a href=\"#{id}\">{title}</a></li>");
        }
    }
    let _ = write!(html, "</ul></nav><main>{first}");
    for part in parts {
        html.push_str(part);
    }
    html.push_str("</main>");
    if !data.is_null() {
        let _ = write!(html, "<script type=\"application/json\" id=\"mapdata\">{}</script>", script_json(data));
    }
    let _ = writeln!(html, "<script>{SCRIPT}</script></body></html>");
    html
}

/// Id and heading of a section, read from its own first words.
fn anchor(section: &str) -> Option<(&str, &str)> {
    let id = section.strip_prefix("<section id=\"")?.split('"').next()?;
    let title = section.split_once("<h2")?.1.split_once('>')?.1.split_once("</h2>")?.0;
    Some((id, title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::table::{Column, Table, Values};

    #[test]
    fn nothing_is_fetched_from_anywhere() {
        let html = page(&sample::city(300));
        for forbidden in ["http:", "https:", "src=", "@import", "url(", "<link", "<iframe"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn markup_in_any_name_stays_text() {
        let mut outcome = sample::city(300);
        let bad = "<script>alert(1)</script><b>\"'";
        outcome.title = bad.into();
        outcome.description = bad.into();
        outcome.caveats.push(bad.into());
        outcome.resolved = bad.into();
        outcome.manifest.command = bad.into();
        outcome.manifest.variant = Some(bad.into());
        outcome.kpis[0].about = bad.into();
        outcome.kpis[0].unit = bad.into();
        for table in &mut outcome.tables {
            for Column { name, unit, about, values, .. } in &mut table.columns {
                if let (Values::Text(words), "name" | "name_en" | "class" | "channel") = (values, name.as_str()) {
                    words.iter_mut().for_each(|w| w.push_str(bad));
                }
                unit.push_str(if unit.is_empty() { "" } else { bad });
                about.push_str(bad);
            }
        }
        let html = page(&outcome);
        assert!(!html.contains("<script>alert"), "markup got through");
        assert!(html.contains("&lt;script&gt;alert(1)"));
        // The data block, the script, and nothing else.
        assert_eq!(html.matches("<script").count(), 2);
        assert_eq!(html.matches("</script").count(), 2);
        assert!(!html.contains("<b>&quot;"));
    }

    #[test]
    fn a_report_of_eight_thousand_links_stays_below_three_megabytes() {
        let html = page(&sample::city(8000));
        assert!(html.len() < 3_000_000, "{} bytes", html.len());
        assert!(html.len() > 300_000, "the links are missing: {} bytes", html.len());
    }

    #[test]
    fn a_map_of_very_many_links_draws_the_busiest_and_says_so() {
        let html = page(&sample::city(30_000));
        assert!(html.len() < 7_000_000, "{} bytes", html.len());
        // The sample lays out whole rows and columns: 29,928 links of the 30,000 asked for.
        assert!(html.contains("Drawn are the 20000 links of 29928 with most vehicles"));
    }

    #[test]
    fn an_outcome_without_any_table_is_still_a_page() {
        let outcome = Outcome { tables: vec![], outlines: vec![], kpis: vec![], ..sample::small() };
        let html = page(&outcome);
        assert!(html.contains("Provenance") && !html.contains("<svg id"));
    }

    #[test]
    fn a_table_that_no_section_knows_is_printed_unseen() {
        let mut outcome = sample::small();
        outcome.tables.push(Table::new("noise").real("exposed_persons", "persons", "People.", vec![1234.0]));
        assert!(page(&outcome).contains("<summary>Noise (1 rows)"));
        assert!(page(&outcome).contains("1,234"));
    }

    #[test]
    fn the_same_outcome_gives_the_same_page() {
        assert_eq!(page(&sample::city(200)), page(&sample::city(200)));
    }

    #[test]
    fn every_element_that_is_opened_is_closed() {
        let html = page(&sample::city(200));
        for tag in [
            "section", "div", "table", "tr", "td", "th", "svg", "g", "figure", "details", "span", "ul", "ol", "dl",
            "text",
        ] {
            let opened = html.matches(&format!("<{tag} ")).count() + html.matches(&format!("<{tag}>")).count();
            // The script names elements too, but only in quoted words without brackets.
            assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
        }
    }
}
