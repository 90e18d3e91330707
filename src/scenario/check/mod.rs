//! Whether the tables of a scenario fit each other: ids that exist, values in range, places that can be reached.
//!
//! All problems are found at once. What refers to a part that could not be read is left alone.

mod hubs;
mod links;
mod movements;
mod periods;
mod places;
mod reach;
mod services;
mod signals;
mod trips;
mod values;

pub use hubs::{busy_hours, overloaded};
pub use reach::reachability;

use super::Scenario;
use super::read::SETTINGS_FILE;
use super::read::reading::Part;
use super::read::written::KeyRows;
use crate::error::{Found, Problem, closest, shown};
use crate::ids::Words;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Where the keys of the TOML files stand.
pub(super) struct Keys {
    /// Those of `scenario.toml`.
    pub settings: KeyRows,
    /// Those of the hub files, in the order of the hubs.
    pub hubs: Vec<KeyRows>,
}

impl Keys {
    /// Of a scenario whose files are not at hand.
    fn without_rows(scenario: &Scenario) -> Keys {
        let hubs = scenario.hubs.iter().map(|hub| KeyRows::none(&hub.path)).collect();
        Keys { settings: KeyRows::none(SETTINGS_FILE), hubs }
    }

    /// Of the settings; hub files follow as they are read.
    pub fn new(settings: KeyRows) -> Keys {
        Keys { settings, hubs: Vec::new() }
    }
}

/// Checks the tables of a scenario against each other. A scenario that was read is already checked; this is for one
/// that was changed.
pub fn check(scenario: &Scenario) -> Vec<Problem> {
    with_keys(scenario, &Keys::without_rows(scenario), &BTreeSet::new())
}

/// The same for a scenario with a variant. It may ask for more than a hub can do: what happens then is what it is simulated
/// for, and `hubflow check` warns of it.
pub(super) fn with_variant(scenario: &Scenario) -> Vec<Problem> {
    of_tables(scenario, &Keys::without_rows(scenario), &BTreeSet::new())
}

/// Checks the tables, with the rows of the keys of TOML files, as far as the parts were read, and whether hubs can serve
/// their schedules.
pub(super) fn with_keys(scenario: &Scenario, keys: &Keys, unread: &BTreeSet<Part>) -> Vec<Problem> {
    let problems = of_tables(scenario, keys, unread);
    let whole = problems.is_empty() && unread.is_empty();
    if whole { hubs::loads(scenario, keys) } else { problems }
}

fn of_tables(scenario: &Scenario, keys: &Keys, unread: &BTreeSet<Part>) -> Vec<Problem> {
    let known = Known::new(scenario, unread);
    let mut problems = values::settings(scenario, &keys.settings);
    problems.extend(links::network(scenario, &known));
    problems.extend(movements::movements(scenario, &known));
    problems.extend(signals::signals(scenario, !unread.contains(&Part::Control)));
    problems.extend(periods::periods(scenario, &known));
    problems.extend(services::timetable(scenario, &keys.settings, &known));
    problems.extend(hubs::hubs(scenario, keys, &known));
    problems.extend(places::places(scenario, &known));
    problems.extend(trips::trips(scenario, &known));
    problems.extend(places::parameters(scenario));
    // Where something is missing already, what cannot be reached follows from it and would only hide it.
    let whole = problems.is_empty() && !unread.contains(&Part::Nodes) && !unread.contains(&Part::Links);
    if whole {
        problems.extend(reach::with_keys(scenario, keys));
    }
    problems
}

/// Whether the scenario is a timetable and nothing else that would stand on a road.
pub(super) fn services_alone(scenario: &Scenario) -> bool {
    let settings = &scenario.settings;
    let bare = settings.hubs.files.is_empty() && settings.districts.is_none() && settings.demand.trips.is_none();
    settings.services.is_some() && bare && scenario.nodes.is_empty() && scenario.links.is_empty()
}

/// The ids that may be referred to, by part; `None` for a part that could not be read.
pub(super) struct Known<'a> {
    /// Nodes.
    pub nodes: Option<FxHashSet<&'a str>>,
    /// Links, with their position.
    pub links: Option<FxHashMap<&'a str, usize>>,
    /// Stops.
    pub stops: Option<FxHashSet<&'a str>>,
    /// Routes.
    pub routes: Option<FxHashSet<&'a str>>,
    /// Districts.
    pub districts: Option<FxHashSet<&'a str>>,
    /// Zones.
    pub zones: Option<FxHashSet<&'a str>>,
}

impl<'a> Known<'a> {
    fn new(scenario: &'a Scenario, unread: &BTreeSet<Part>) -> Known<'a> {
        let read = |part: Part| !unread.contains(&part);
        let areas = scenario.settings.districts.is_some();
        let timetable = &scenario.timetable;
        Known {
            nodes: read(Part::Nodes).then(|| scenario.nodes.iter().map(|n| n.node_id.as_str()).collect()),
            links: read(Part::Links)
                .then(|| scenario.links.iter().enumerate().map(|(i, l)| (l.link_id.as_str(), i)).collect()),
            stops: read(Part::Services).then(|| timetable.stops.iter().map(|s| s.stop_id.as_str()).collect()),
            routes: read(Part::Services).then(|| timetable.routes.iter().map(|r| r.route_id.as_str()).collect()),
            districts: (areas && read(Part::Districts))
                .then(|| scenario.districts.iter().map(|d| d.id.as_str()).collect()),
            zones: (areas && read(Part::Zones)).then(|| scenario.zones.iter().map(|z| z.zone_id.as_str()).collect()),
        }
    }
}

/// References that lead nowhere, in one column of one file; each word is told once, however many rows say it.
pub(super) struct Unknown {
    file: String,
    column: String,
    wanted: String,
    words: Words,
    /// By word: the first row that says it, and how many more do.
    rows: Vec<(u32, u32)>,
}

impl Unknown {
    /// None yet; `wanted` says what the column refers to.
    pub fn new(file: &str, column: &str, wanted: &str) -> Unknown {
        Unknown {
            file: file.to_owned(),
            column: column.to_owned(),
            wanted: wanted.to_owned(),
            words: Words::default(),
            rows: Vec::new(),
        }
    }

    /// A word that leads nowhere, in a row.
    pub fn add(&mut self, word: &str, row: u32) {
        match self.words.code(word) as usize {
            known if known < self.rows.len() => self.rows[known].1 += 1,
            _ => self.rows.push((row, 0)),
        }
    }

    /// Adds the word unless it is known, or nothing is known of what it refers to.
    pub fn unless_in(&mut self, known: Option<&FxHashSet<&str>>, word: &str, row: u32) {
        if !word.is_empty() && known.is_some_and(|k| !k.contains(word)) {
            self.add(word, row);
        }
    }

    /// File, column, and how many rows say such words.
    pub fn place(&self) -> (String, String, usize) {
        let rows = self.rows.iter().map(|(_, more)| 1 + *more as usize).sum();
        (self.file.clone(), self.column.clone(), rows)
    }

    /// The problems, the first ones with "did you mean" (comparing with all known words takes time).
    pub fn problems<'a>(self, known: impl IntoIterator<Item = &'a str>) -> Vec<Problem> {
        const COMPARED: usize = 50;
        let mut known: Vec<&str> = if self.words.is_empty() { Vec::new() } else { known.into_iter().collect() };
        known.sort_unstable();
        let mut found = Found::default();
        let tell = |(i, (word, (row, more))): (usize, (&str, &(u32, u32)))| {
            let problem =
                Problem::new(&self.file, format!("unknown \"{}\"", shown(word)), &self.wanted).column(&self.column);
            let near = if i < COMPARED { closest(word, known.iter().copied()) } else { None };
            let near = near.map(|near| format!("did you mean \"{}\"?", shown(near)));
            let more = (*more > 0).then(|| format!("{more} more rows say so"));
            let problem = at(problem, *row);
            match (near, more) {
                (Some(near), Some(more)) => problem.hint(format!("{near} {more}")),
                (Some(hint), None) | (None, Some(hint)) => problem.hint(hint),
                (None, None) => problem,
            }
        };
        found.extend(self.words.all().iter().zip(&self.rows).enumerate().map(tell));
        found.problems()
    }
}

/// A problem at a row, where there is one: what a measure made has row 0.
fn at(problem: Problem, row: u32) -> Problem {
    if row == 0 { problem } else { problem.at(row) }
}

/// Ids that stand twice.
fn twice<'a>(file: &str, column: &str, ids: impl Iterator<Item = (&'a str, u32)>) -> Vec<Problem> {
    let mut first: FxHashMap<&str, u32> = FxHashMap::default();
    let mut out = Vec::new();
    for (id, row) in ids {
        if let Some(before) = first.get(id) {
            let wanted = format!("ids that are unique; row {before} has it already");
            out.push(at(Problem::new(file, format!("\"{}\" again", shown(id)), wanted).column(column), row));
        } else {
            first.insert(id, row);
        }
    }
    out
}
