//! Districts and zones, and how they hang on the network; parameters of the spillover estimate.

use super::super::Scenario;
use super::{Known, Unknown, at, twice};
use crate::error::Problem;
use rustc_hash::FxHashSet;

/// Checks that parameters of the spillover estimate are told once.
pub(super) fn parameters(scenario: &Scenario) -> Vec<Problem> {
    let Some(file) = &scenario.settings.spillover.parameters else { return Vec::new() };
    twice(file, "param_id", scenario.parameters.iter().map(|p| (p.param_id.as_str(), p.row)))
}

/// Checks districts and zones.
pub(super) fn places(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let Some(settings) = &scenario.settings.districts else { return Vec::new() };
    let (file, zone_file) = (&settings.file, &settings.zones);
    let mut problems = twice(file, "id", scenario.districts.iter().map(|d| (d.id.as_str(), d.row)));
    problems.extend(twice(zone_file, "zone_id", scenario.zones.iter().map(|z| (z.zone_id.as_str(), z.row))));
    let mut unknown = Unknown::new(zone_file, "district_id", "an id of a district");
    for zone in &scenario.zones {
        unknown.unless_in(known.districts.as_ref(), &zone.district_id, zone.row);
    }
    problems.extend(unknown.problems(known.districts.iter().flatten().copied()));
    // What follows are places without road access; where ids are wrong they would only say the same again.
    if known.nodes.is_none() || known.zones.is_none() || known.districts.is_none() || !problems.is_empty() {
        return problems;
    }
    let with_zone: FxHashSet<&str> = scenario.zones.iter().map(|z| z.district_id.as_str()).collect();
    for district in scenario.districts.iter().filter(|d| !with_zone.contains(d.id.as_str())) {
        let found = format!("district \"{}\" without a zone", district.id);
        let problem = Problem::new(file, found, format!("a zone of the district in {zone_file}"));
        problems.push(at(problem.column("id"), district.row));
    }
    let with_node: FxHashSet<&str> = scenario.nodes.iter().filter_map(|n| n.zone_id.as_deref()).collect();
    // A node that names an unknown zone is told with the nodes; the zone that it meant is then not told again.
    if with_node.iter().any(|z| known.zones.as_ref().is_some_and(|k| !k.contains(z))) {
        return problems;
    }
    for zone in scenario.zones.iter().filter(|z| !with_node.contains(z.zone_id.as_str())) {
        let found = format!("zone \"{}\" without a node", zone.zone_id);
        let wanted = format!("a node with this zone_id in {}/node.csv", scenario.settings.network.folder);
        problems.push(at(Problem::new(zone_file, found, wanted).column("zone_id"), zone.row));
    }
    problems
}
