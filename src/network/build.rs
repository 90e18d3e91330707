//! From a scenario's tables to the frozen network, part by part; every problem of the tables is reported at once.
//!
//! Order: places, streets, then what stands on both (zones' nodes, lines, hubs). External names are resolved here and
//! nowhere downstream.

use super::districts::Places;
use super::hubs::Hubs;
use super::lines::Lines;
use super::roads::Roads;
use super::{Network, NetworkNames};
use crate::error::{Error, Problem, Result};
use crate::ids::Names;
use crate::scenario::Scenario;

impl Network {
    /// Resolves and freezes the supply of a checked scenario. What cannot be resolved in one that was not checked is a
    /// problem; all are listed.
    pub fn build(scenario: &Scenario) -> Result<Network> {
        let mut names = NetworkNames::default();
        let mut problems = Vec::new();
        let mut places = Places::build(scenario, &mut names, &mut problems);
        let mut roads = Roads::build(scenario, &places, &mut names, &mut problems);
        let mut lines = Lines::build(scenario, &mut names, &mut problems);
        let hubs = Hubs::build(scenario, &mut names, &mut problems);
        stop_at(&mut problems)?;
        places.settle(scenario, &mut roads, &mut problems);
        lines.walk(scenario, &roads);
        roads.mark_hubs(&hubs);
        lines.mark_hubs(&hubs);
        lines.gate(&hubs);
        stop_at(&mut problems)?;
        Ok(Network { roads, lines, hubs, places, names })
    }
}

fn stop_at(problems: &mut Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::Problems(std::mem::take(problems))) }
}

/// The index of an external name; `problem` is reported, with the closest known name, when there is none.
pub(super) fn find(names: &Names, name: &str, problem: impl FnOnce() -> Problem, to: &mut Vec<Problem>) -> Option<u32> {
    let found = names.find(name);
    if found.is_none() {
        to.push(problem().did_you_mean(name, names.all().iter().map(String::as_str)));
    }
    found
}

/// Numbers an external name; a name that is taken is a problem.
pub(super) fn add(names: &mut Names, name: &str, problem: impl FnOnce() -> Problem, to: &mut Vec<Problem>) {
    if names.add(name).is_none() {
        to.push(problem());
    }
}

/// A word as a message shows it.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}

/// Where the tables lie that a message names, relative to the scenario folder.
pub(super) struct Files<'a>(pub &'a Scenario);

impl Files<'_> {
    /// A GMNS table.
    pub fn network(&self, table: &str) -> String {
        format!("{}/{table}", self.0.settings.network.folder)
    }

    /// A GTFS table.
    pub fn timetable(&self, table: &str) -> String {
        let feed = self.0.settings.services.as_ref().and_then(|s| s.gtfs.all().first());
        format!("{}/{table}", feed.map_or("services", |f| f.trim_end_matches('/')))
    }

    /// The outlines of the districts.
    pub fn districts(&self) -> String {
        self.0.settings.districts.as_ref().map_or("districts.geojson", |d| d.file.as_str()).to_owned()
    }

    /// The zone table.
    pub fn zones(&self) -> String {
        self.0.settings.districts.as_ref().map_or("demand/zones.csv", |d| d.zones.as_str()).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::{CENTRE, district, link, node, north, route, scenario, stop, trip, zone};

    #[test]
    fn every_name_that_nothing_bears_is_told_at_once() {
        let mut s = scenario();
        s.districts = vec![district("centre", CENTRE, 0.1)];
        s.zones = vec![zone("z1", "center", CENTRE)];
        s.nodes = vec![node("a", CENTRE), node("b", north(CENTRE, 1000.0))];
        s.links = vec![link("ab", "a", "b"), link("bx", "b", "x")];
        s.timetable.stops = vec![stop("s", CENTRE), stop("t", north(CENTRE, 900.0))];
        s.timetable.routes = vec![route("r")];
        s.timetable.trips = vec![trip("one", "R9", &[(0, 0.0, 0.0), (1, 60.0, 60.0)])];
        let Err(Error::Problems(problems)) = Network::build(&s) else { panic!("three names are unknown") };
        let told: Vec<(&str, &str)> = problems.iter().map(|p| (p.file.as_str(), p.found.as_str())).collect();
        assert_eq!(
            told,
            [("demand/zones.csv", "\"center\""), ("network/link.csv", "\"x\""), ("services/trips.txt", "\"R9\""),]
        );
        assert_eq!(problems[0].hint.as_deref(), Some("did you mean \"centre\"?"));
    }

    #[test]
    fn a_scenario_without_any_table_is_an_empty_network() {
        let network = Network::build(&scenario()).expect("nothing to be wrong");
        assert_eq!((network.roads.nodes(), network.lines.departures, network.hubs.hubs.len()), (0, 0, 0));
    }
}
