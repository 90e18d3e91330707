//! A base plus measures: the measures of a variant are checked against the scenario and applied to a copy of it.
//!
//! Measures are taken in order, so one may change what another has added. All problems of all measures are told at
//! once, and then the base is as it was. A measure that changes nothing leaves every table identical, bit for bit.

mod add_pattern;
mod fares;
mod headway;
mod hubs;
mod lines;
mod links;
mod patterns;
mod servers;
mod tell;
mod tell_hubs;
mod turns;
mod ways;

use super::check;
use super::variant::{Measure, MeasureEntry, Variant};
use super::{Applied, Scenario};
use crate::error::{Error, Problem, Result, shown};

impl Scenario {
    /// The scenario with the measures of a variant; `self` stays as it is.
    pub fn apply(&self, variant: &Variant) -> Result<Scenario> {
        let mut changed = self.clone();
        let mut problems = Vec::new();
        for (i, entry) in variant.measures.iter().enumerate() {
            let mut site = Site::new(variant, entry);
            if variant.measures[..i].iter().any(|other| other.id == entry.id) {
                site.tell("id", format!("\"{}\" again", entry.id), "ids that are unique");
            }
            apply(&mut changed, &entry.measure, &mut site);
            problems.extend(site.problems);
        }
        if problems.is_empty() {
            let note = format!("with the variant \"{}\" applied", variant.name);
            problems.extend(check::with_variant(&changed).into_iter().map(|p| match p.hint {
                None => p.hint(note.clone()),
                Some(_) => p,
            }));
        }
        if !problems.is_empty() {
            return Err(Error::Problems(problems));
        }
        let Variant { name, title, description, .. } = variant.clone();
        changed.variant = Some(Applied { name, title, description });
        if changed.base_links.is_none() && changed.links != self.links {
            changed.base_links = Some(self.links.clone());
        }
        if !variant.digest.is_empty() {
            changed.digests.push((file(variant), variant.digest.clone()));
            changed.digests.sort();
        }
        Ok(changed)
    }
}

/// The file of a variant, relative to the scenario folder.
fn file(variant: &Variant) -> String {
    format!("variants/{}.toml", variant.name)
}

/// Applies one measure; what is wrong with it is told at its site.
fn apply(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    match measure {
        Measure::AddLink { .. } => links::add_link(changed, measure, site),
        Measure::CloseLink { .. } => links::close_link(changed, measure, site),
        Measure::SetLink { .. } => links::set_link(changed, measure, site),
        Measure::ScaleLinks { .. } => links::scale_links(changed, measure, site),
        Measure::SetToll { .. } => links::set_toll(changed, measure, site),
        Measure::AddLine { .. } => lines::add_line(changed, measure, site),
        Measure::AddPattern { .. } => add_pattern::add_pattern(changed, measure, site),
        Measure::SetFare { .. } => fares::set_fare(changed, measure, site),
        Measure::RemoveLine { route_id } => lines::remove_line(changed, route_id, site),
        Measure::SetHeadway { .. } => headway::set_headway(changed, measure, site),
        Measure::SetProcess { .. } => servers::set_process(changed, measure, site),
        Measure::SetStore { .. } => servers::set_store(changed, measure, site),
        Measure::SetAppointments { .. } => hubs::set_appointments(changed, measure, site),
        Measure::AssignTerminal { .. } => hubs::assign_terminal(changed, measure, site),
        Measure::ScaleServices { .. } => hubs::scale_services(changed, measure, site),
        Measure::MoveServices { .. } => hubs::move_services(changed, measure, site),
    }
}

/// Where a measure stands, for its problems.
struct Site {
    file: String,
    row: u32,
    id: String,
    problems: Vec<Problem>,
}

impl Site {
    fn new(variant: &Variant, entry: &MeasureEntry) -> Site {
        Site { file: file(variant), row: entry.row, id: entry.id.clone(), problems: Vec::new() }
    }

    fn problem(&self, key: &str, found: impl Into<String>, wanted: impl Into<String>) -> Problem {
        let problem = Problem::new(&self.file, found, wanted).column(format!("{}.{key}", self.id));
        if self.row == 0 { problem } else { problem.at(self.row) }
    }

    fn tell(&mut self, key: &str, found: impl Into<String>, wanted: impl Into<String>) {
        let problem = self.problem(key, found, wanted);
        self.problems.push(problem);
    }

    /// Tells a word that is not among the known ones.
    fn unknown<'a>(&mut self, key: &str, word: &str, known: impl Iterator<Item = &'a str>, wanted: &str) {
        let problem = self.problem(key, format!("unknown \"{}\"", shown(word)), wanted);
        self.problems.push(problem.did_you_mean(word, known));
    }

    /// Whether the measure has no problem so far.
    fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// Tells a number that is not in its range.
    fn number(&mut self, key: &str, x: f64, range: super::read::range::Range) {
        if !range.holds_setting(x) {
            self.tell(key, x.to_string(), range.words_of(x));
        }
    }

    /// A time, told when it is none.
    fn time(&mut self, key: &str, text: &str) -> Option<crate::units::Time> {
        let time = crate::units::Time::parse(text);
        if time.is_none() {
            self.tell(key, format!("\"{}\"", shown(text)), "a time HH:MM[:SS]");
        }
        time
    }
}

#[cfg(test)]
mod tests;
