//! Movements at nodes and added lanes: links that meet, lanes and bays that fit, and given routes over forbidden turns.

use super::super::Scenario;
use super::super::control::{MovementRow, SegmentRow};
use super::super::tables::LinkRow;
use super::{Known, Unknown, at, twice};
use crate::error::{Problem, shown};
use rustc_hash::FxHashMap;

/// Checks movements and segments.
pub(super) fn movements(scenario: &Scenario, known: &Known) -> Vec<Problem> {
    let folder = &scenario.settings.network.folder;
    let control = &scenario.control;
    let file = format!("{folder}/movement.csv");
    let mut problems = twice(&file, "mvmt_id", control.movements.iter().map(|m| (m.mvmt_id.as_str(), m.row)));
    let mut nodes = Unknown::new(&file, "node_id", "a node_id of node.csv");
    let mut links = ["ib_link_id", "ob_link_id"].map(|c| Unknown::new(&file, c, "a link_id of link.csv"));
    let pockets = outer_lanes(&control.segments);
    for row in &control.movements {
        nodes.unless_in(known.nodes.as_ref(), &row.node_id, row.row);
        let Some(index) = &known.links else { continue };
        let find = |unknown: &mut Unknown, id: &str| {
            let link = index.get(id).map(|i| &scenario.links[*i]);
            if link.is_none() {
                unknown.add(id, row.row);
            }
            link
        };
        let [ib, ob] = &mut links;
        let (from, to) = (find(ib, &row.ib_link_id), find(ob, &row.ob_link_id));
        if known.nodes.as_ref().is_none_or(|nodes| nodes.contains(row.node_id.as_str())) {
            problems.extend(meets(&file, row, from, to));
        }
        problems.extend(from.and_then(|from| fits(&file, row, from, pockets.get(from.link_id.as_str()).copied())));
    }
    problems.extend(nodes.problems(known.nodes.iter().flatten().copied()));
    for unknown in links {
        problems.extend(unknown.problems(scenario.links.iter().map(|l| l.link_id.as_str())));
    }
    problems.extend(contradictions(&file, &control.movements));
    problems.extend(segments(scenario, known, &format!("{folder}/segment.csv")));
    problems
}

/// The in-link ends and the out-link begins at the node.
fn meets(file: &str, row: &MovementRow, from: Option<&LinkRow>, to: Option<&LinkRow>) -> Vec<Problem> {
    let node = &row.node_id;
    let ends = from.map(|from| ("ib_link_id", from, &from.to_node_id, "ends"));
    let begins = to.map(|to| ("ob_link_id", to, &to.from_node_id, "begins"));
    let apart = [ends, begins].into_iter().flatten().filter(|(_, _, at, _)| *at != node);
    let tell = |(column, link, end, verb): (&str, &LinkRow, &String, &str)| {
        let found = format!("link \"{}\", which {verb} at node \"{}\"", shown(&link.link_id), shown(end));
        at(Problem::new(file, found, format!("a link that {verb} at node \"{}\"", shown(node))).column(column), row.row)
    };
    apart.map(tell).collect()
}

/// Lanes added on the outside of links.
fn outer_lanes(segments: &[SegmentRow]) -> FxHashMap<&str, u32> {
    let mut lanes: FxHashMap<&str, u32> = FxHashMap::default();
    for segment in segments {
        let most = lanes.entry(&segment.link_id).or_default();
        *most = segment.right_lanes.max(*most);
    }
    lanes
}

/// Lanes of the movement are those that the in-link has, and its bay is no longer than the link.
fn fits(file: &str, row: &MovementRow, from: &LinkRow, added: Option<u32>) -> Option<Problem> {
    // Lanes for bicycles are numbered on from those of the vehicles.
    let lanes = from.lanes.ceil() as i64 + i64::from(added.unwrap_or(0));
    if let Some((first, last)) = row.lanes.filter(|(_, last)| row.is_allowed() && i64::from(*last) > lanes) {
        let column = if first == last { "start_ib_lane" } else { "end_ib_lane" };
        let found = format!("lane {last} of link \"{}\", which has {lanes}", shown(&from.link_id));
        let wanted = "a lane of the link; lanes added at its end stand in segment.csv (r_lanes_added)";
        return Some(at(Problem::new(file, found, wanted).column(column), row.row));
    }
    let length_m = row.bay_length_m.filter(|length| *length > from.length_m)?;
    let found = format!("{length_m} m on link \"{}\"", shown(&from.link_id));
    let wanted = format!("at most the length of the link, {} m", from.length_m);
    Some(at(Problem::new(file, found, wanted).column("bay_length_m"), row.row))
}

/// Turns that one row forbids and another allows.
fn contradictions(file: &str, rows: &[MovementRow]) -> Vec<Problem> {
    let mut allowed: FxHashMap<(&str, &str), u32> = FxHashMap::default();
    for row in rows.iter().filter(|row| row.is_allowed()) {
        allowed.entry((&row.ib_link_id, &row.ob_link_id)).or_insert(row.row);
    }
    let forbids = |row: &&MovementRow| row.prohibited || row.capacity_pcu_h == Some(0.0);
    let tell = |row: &MovementRow| {
        let other = allowed.get(&(row.ib_link_id.as_str(), row.ob_link_id.as_str()))?;
        let wanted = format!("one word about a turn; row {other} allows it");
        let found = format!("movement \"{}\", which forbids the turn", shown(&row.mvmt_id));
        Some(at(Problem::new(file, found, wanted).column("type"), row.row))
    };
    rows.iter().filter(forbids).filter_map(tell).collect()
}

fn segments(scenario: &Scenario, known: &Known, file: &str) -> Vec<Problem> {
    let rows = &scenario.control.segments;
    let mut problems = twice(file, "segment_id", rows.iter().map(|s| (s.segment_id.as_str(), s.row)));
    let mut links = Unknown::new(file, "link_id", "a link_id of link.csv");
    for row in rows {
        let Some(index) = &known.links else { break };
        let Some(link) = index.get(row.link_id.as_str()).map(|i| &scenario.links[*i]) else {
            links.add(&row.link_id, row.row);
            continue;
        };
        if row.ref_node_id != link.from_node_id && row.ref_node_id != link.to_node_id {
            let wanted = format!("\"{}\" or \"{}\", where the link ends", link.from_node_id, link.to_node_id);
            let problem = Problem::new(file, format!("\"{}\"", shown(&row.ref_node_id)), wanted).column("ref_node_id");
            problems.push(at(problem, row.row));
        }
        // Surveyed lengths differ a little.
        if row.end_m > link.length_m * 1.05 {
            let found = format!("{} m on link \"{}\"", row.end_m, shown(&link.link_id));
            let wanted = format!("at most the length of the link, {} m", link.length_m);
            problems.push(at(Problem::new(file, found, wanted).column("end_lr"), row.row));
        }
    }
    problems.extend(links.problems(scenario.links.iter().map(|l| l.link_id.as_str())));
    problems
}

/// The turns that movements allow, by external ids.
pub(super) struct Turns<'a>(FxHashMap<&'a str, FromLink<'a>>);

/// The turns from one link.
#[derive(Default)]
struct FromLink<'a> {
    allowed: Vec<&'a str>,
    forbidden: Vec<&'a str>,
}

impl<'a> Turns<'a> {
    /// Of the movements of a scenario.
    pub fn new(rows: &'a [MovementRow]) -> Turns<'a> {
        let mut turns: FxHashMap<&str, FromLink> = FxHashMap::default();
        for row in rows {
            let from = turns.entry(&row.ib_link_id).or_default();
            let to = if row.is_allowed() { &mut from.allowed } else { &mut from.forbidden };
            to.push(&row.ob_link_id);
        }
        Turns(turns)
    }

    /// Whether one may turn from a link into another: a movement allows it, or none is allowed from the link in writing
    /// and this one is not forbidden.
    pub fn allow(&self, from: &str, to: &str) -> bool {
        let Some(from) = self.0.get(from) else { return true };
        from.allowed.contains(&to) || (from.allowed.is_empty() && !from.forbidden.contains(&to))
    }
}
