//! `hubflow check`.

use super::arguments::{Check, Format};
use super::say::Voice;
use hubflow::error::Result;
use hubflow::network::Network;
use hubflow::routing::sections::Sections;
use hubflow::scenario::check::busy_hours;
use hubflow::scenario::tables::{FeedFacts, Feeds};
use hubflow::{Scenario, demand::Demand};
use std::process::ExitCode;

/// Reads and resolves a scenario, with a variant where one is named; every problem comes back as an error.
pub fn check(arguments: &Check, voice: &Voice) -> Result<ExitCode> {
    let scenario = Scenario::read_with(&arguments.scenario, &arguments.sets.sets)?;
    let mut changes = Vec::new();
    let scenario = match &arguments.variant {
        Some(name) => {
            let variant = scenario.read_variant(name)?;
            changes = variant.tell(&scenario);
            scenario.apply(&variant)?
        }
        None => scenario,
    };
    let network = Network::build(&scenario)?;
    let mut summary = network.summary();
    let run = &scenario.settings.run;
    let demand = Demand::synthesise(&scenario, &network, run.seed, run.sample)?;
    let sampled = format!("{} (a sample of {})", demand.agents.len(), run.sample);
    summary.push(("agents".into(), sampled));
    summary.push(("consignments".into(), demand.consignments.len().to_string()));
    let feeds = &scenario.timetable.feeds;
    let mut remarks = network.outside_the_day(&scenario.settings);
    remarks.extend(busy_hours(&scenario));
    if voice.format == Format::Json {
        let facts: serde_json::Map<String, serde_json::Value> =
            summary.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
        let told = serde_json::json!({ "problems": [], "summary": facts, "changes": changes, "services": feeds, "remarks": remarks });
        voice.result(&told)?;
    }
    for line in told(feeds) {
        voice.say(line);
    }
    for remark in &remarks {
        voice.say(format!("warning: {remark}"));
    }
    let wide = summary.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for line in Sections::new(&network).told(&network) {
        voice.say(format!("warning: {line}"));
    }
    for (name, value) in &summary {
        voice.say(format!("{name:wide$}  {value}"));
    }
    for change in &changes {
        voice.say(format!("change: {change}"));
    }
    voice.say("no problems");
    Ok(ExitCode::SUCCESS)
}

/// What feeds hold and how they were read, line by line.
pub(super) fn told(feeds: &Feeds) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for facts in &feeds.feeds {
        let FeedFacts { feed, stops, routes, trips, stop_times, blank_times, running, .. } = facts;
        lines.push(format!(
            "feed {feed}: {stops} stops, {routes} routes, {trips} trips, {stop_times} stop_times ({blank_times} without a \
             time); {running} trips run"
        ));
    }
    lines.extend(feeds.chosen_date.iter().map(|chosen| format!("date {}: {}", chosen.date, chosen.why)));
    lines.extend(feeds.left_out.iter().map(|line| format!("warning: {line}")));
    lines.extend(feeds.notes.iter().map(|line| format!("note: {line}")));
    lines
}
