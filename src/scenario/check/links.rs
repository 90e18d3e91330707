//! Nodes and links, and the moments of the day that rows name.

use super::super::Scenario;
use super::super::read::gmns::MPS_PER_KMH;
use super::super::read::range::{JAM_DENSITY, LANE_CAPACITY, LANES, LENGTH_M, Range, SPEED_KMH, TOLL};
use super::super::tables::{LinkRow, MOST_LEAVING, NodeRow};
use super::{Known, Unknown, at, twice};
use crate::error::{Problem, shown};
use crate::units::Time;
use rustc_hash::FxHashMap;

/// Checks nodes and links.
pub(super) fn network(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let folder = &scenario.settings.network.folder;
    let (node_file, link_file) = (format!("{folder}/node.csv"), format!("{folder}/link.csv"));
    let mut problems = twice(&node_file, "node_id", scenario.nodes.iter().map(|n| (n.node_id.as_str(), n.row)));
    problems.extend(crowded(scenario, &node_file));
    problems.extend(twice(&link_file, "link_id", scenario.links.iter().map(|l| (l.link_id.as_str(), l.row))));
    let mut zones = Unknown::new(&node_file, "zone_id", "a zone_id of the zone table");
    for node in &scenario.nodes {
        zones.unless_in(known.zones.as_ref(), node.zone_id.as_deref().unwrap_or(""), node.row);
    }
    problems.extend(zones.problems(known.zones.iter().flatten().copied()));
    let mut ends = ["from_node_id", "to_node_id"].map(|c| Unknown::new(&link_file, c, "a node_id of node.csv"));
    let mut row = 0;
    for link in &scenario.links {
        // The second direction of a two-way row says nothing new.
        if link.row == row && row != 0 {
            continue;
        }
        row = link.row;
        let [from, to] = &mut ends;
        from.unless_in(known.nodes.as_ref(), &link.from_node_id, link.row);
        to.unless_in(known.nodes.as_ref(), &link.to_node_id, link.row);
        problems.extend(limits(&link_file, link));
        if link.from_node_id == link.to_node_id {
            let found = format!("\"{}\", where the link also begins", link.to_node_id);
            problems.push(at(Problem::new(&link_file, found, "another node").column("to_node_id"), link.row));
        }
    }
    for end in ends {
        problems.extend(end.problems(known.nodes.iter().flatten().copied()));
    }
    let alone = super::services_alone(scenario);
    if scenario.nodes.is_empty() && known.nodes.is_some() && !alone {
        problems.push(Problem::new(node_file, "no node", "at least two nodes"));
    }
    if scenario.links.is_empty() && known.links.is_some() && !alone {
        problems.push(Problem::new(link_file, "no link", "at least one link"));
    }
    problems
}

/// Values of a link that no road has, and that sums over the network would not survive.
fn limits(file: &str, link: &LinkRow) -> Vec<Problem> {
    let of_link = |(column, x, range): &(&str, f64, Range)| {
        // Where a length is missing, its own problem says so.
        let told = range.holds(*x) || (*column == "length" && *x <= 0.0);
        let found = || format!("{x} on link \"{}\"", link.link_id);
        (!told).then(|| at(Problem::new(file, found(), range.words).column(*column), link.row))
    };
    [
        // Kilometres and hours, whatever the units of the file.
        ("length", link.length_m, LENGTH_M),
        ("free_speed", (link.free_speed_mps / MPS_PER_KMH * 1e6).round() / 1e6, SPEED_KMH),
        ("capacity", link.capacity_pcu_h_lane, LANE_CAPACITY),
        ("lanes", link.lanes, LANES),
        ("toll", link.toll_cny, TOLL),
        ("jam_density", link.jam_density_pcu_km.unwrap_or(100.0), JAM_DENSITY),
    ]
    .iter()
    .filter_map(of_link)
    .collect()
}

/// Rows whose moments lie outside the day, told once for a file with their number.
pub(super) fn outside_the_day(
    file: &str,
    column: &str,
    (start, end): (Time, Time),
    mut rows: impl Iterator<Item = (f64, u32)>,
) -> Option<Problem> {
    let (moment_s, row) = rows.next()?;
    let found = Time::from_seconds(moment_s).to_string();
    let problem = Problem::new(file, found, format!("a time of the simulated day, {start} to {end}")).column(column);
    let problem = at(problem, row);
    match rows.count() {
        0 => Some(problem),
        1 => Some(problem.hint("and 1 more row")),
        more => Some(problem.hint(format!("and {more} more rows"))),
    }
}

/// Nodes that more links leave than a route can tell apart.
fn crowded(scenario: &Scenario, node_file: &str) -> Vec<Problem> {
    let mut leaving: FxHashMap<&str, usize> = FxHashMap::default();
    for link in &scenario.links {
        *leaving.entry(&link.from_node_id).or_default() += 1;
    }
    let count = |id: &str| leaving.get(id).copied().unwrap_or(0);
    let crowded = scenario.nodes.iter().filter(|node| count(&node.node_id) > MOST_LEAVING);
    let problem = |node: &NodeRow| {
        let found = format!("\"{}\", which {} links leave", shown(&node.node_id), count(&node.node_id));
        let wanted = format!("a node that at most {MOST_LEAVING} links leave");
        at(Problem::new(node_file, found, wanted).column("node_id"), node.row)
    };
    crowded.map(problem).collect()
}

/// First and last moment of the simulated day, where they are times in order. Where they are not, that is the mistake
/// and not every row.
pub(super) fn day(scenario: &Scenario) -> Option<(Time, Time)> {
    let day = Time::parse(&scenario.settings.time.start).zip(Time::parse(&scenario.settings.time.end));
    day.filter(|(start, end)| start < end)
}
