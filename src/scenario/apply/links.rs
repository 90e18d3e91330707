//! Measures on links: new ones, closures, changed attributes, all day or in a part of it; and which links a selector means.

use super::super::Scenario;
use super::super::periods::{Attribute, Change, change};
use super::super::read::gmns::{MPS_PER_KMH, along, opposite};
use super::super::read::range::{FACTOR, FACTOR_ABOVE_ZERO, LANE_CAPACITY, LANES, LENGTH_M, SPEED_KMH, TOLL};
use super::super::tables::{LinkRow, NodeRow};
use super::super::variant::{Measure, Selector};
use super::{Site, turns};
use crate::units::Time;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Adds a link, both ways where asked.
pub(super) fn add_link(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::AddLink { link_id, from_node_id, to_node_id, length_m, lanes, .. } = measure else { return };
    let Measure::AddLink { free_speed_kmh, capacity_pcu_h_lane, facility_type, two_way, .. } = measure else { return };
    let back = format!("{link_id}_r");
    if changed.links.iter().any(|l| l.link_id == *link_id || (*two_way && l.link_id == back)) {
        site.tell("link_id", format!("\"{link_id}\", which is taken"), "the id of a new link");
    }
    let from = node(changed, "from_node_id", from_node_id, site);
    let to = node(changed, "to_node_id", to_node_id, site);
    for (key, x, range) in [
        ("lanes", *lanes, LANES),
        ("free_speed_kmh", *free_speed_kmh, SPEED_KMH),
        ("capacity_pcu_h_lane", *capacity_pcu_h_lane, LANE_CAPACITY),
    ] {
        site.number(key, x, range);
    }
    let straight_m = from.zip(to).map(|(from, to)| along(from, &[], to));
    let Some(length_m) = length_m.or(straight_m) else { return };
    site.number("length_m", length_m, LENGTH_M);
    if !site.is_sound() {
        return;
    }
    let link = LinkRow {
        link_id: link_id.clone(),
        name: String::new(),
        from_node_id: from_node_id.clone(),
        to_node_id: to_node_id.clone(),
        length_m,
        free_speed_mps: free_speed_kmh * MPS_PER_KMH,
        capacity_pcu_h_lane: *capacity_pcu_h_lane,
        lanes: *lanes,
        facility_type: facility_type.clone(),
        allowed_uses: Vec::new(),
        toll_cny: 0.0,
        jam_density_pcu_km: None,
        shape: Vec::new(),
        row: 0,
    };
    let back = two_way.then(|| opposite(&link));
    for link in [Some(link), back].into_iter().flatten() {
        turns::open_into(changed, &link);
        changed.links.push(link);
    }
}

/// The place of a node, told when there is no such node.
fn node(changed: &Scenario, key: &str, id: &str, site: &mut Site) -> Option<[f64; 2]> {
    let found = changed.nodes.iter().find(|n| n.node_id == id).map(|n| [n.x_coord, n.y_coord]);
    if found.is_none() {
        site.unknown(key, id, changed.nodes.iter().map(|n| n.node_id.as_str()), "a node_id of node.csv");
    }
    found
}

/// Closes links for vehicles; who walks still may. Trips with a given route over a link that is closed all day choose a
/// new one.
pub(super) fn close_link(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::CloseLink { links, from, until } = measure else { return };
    let window = window(changed, from.as_deref(), until.as_deref(), site);
    let chosen = select(changed, links, site);
    if !site.is_sound() {
        return;
    }
    set(changed, &chosen, window, &[(Attribute::Closed, Change::To(1.0))]);
    if window.is_some() {
        return;
    }
    let mut closed = vec![false; changed.trips.links().len()];
    for i in chosen {
        if let Some(code) = changed.trips.links().find(&changed.links[i].link_id) {
            closed[code as usize] = true;
        }
    }
    let over = |t: &usize| changed.trips.route(*t).iter().any(|l| closed[l.i()]);
    let cut: Vec<usize> = (0..changed.trips.len()).filter(over).collect();
    if !cut.is_empty() {
        let trips = Arc::make_mut(&mut changed.trips);
        cut.into_iter().for_each(|t| trips.forget_route(t));
    }
}

/// Sets attributes of links.
pub(super) fn set_link(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetLink { links, lanes, free_speed_kmh, capacity_pcu_h_lane, toll_cny, from, until } = measure else {
        return;
    };
    let given = [
        ("lanes", *lanes, LANES, Attribute::Lanes, 1.0),
        ("free_speed_kmh", *free_speed_kmh, SPEED_KMH, Attribute::Speed, MPS_PER_KMH),
        ("capacity_pcu_h_lane", *capacity_pcu_h_lane, LANE_CAPACITY, Attribute::Capacity, 1.0),
        ("toll_cny", *toll_cny, TOLL, Attribute::Toll, 1.0),
    ];
    let mut changes = Vec::new();
    for (key, x, range, attribute, unit) in given {
        if let Some(x) = x {
            site.number(key, x, range);
            changes.push((attribute, Change::To(x * unit)));
        }
    }
    if changes.is_empty() {
        let wanted = "at least one of lanes, free_speed_kmh, capacity_pcu_h_lane, toll_cny";
        site.tell("kind", "set_link without a value", wanted);
    }
    change_links(changed, links, [from, until], &changes, site);
}

/// Multiplies attributes of links.
pub(super) fn scale_links(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::ScaleLinks { links, capacity_factor, speed_factor, toll_factor, from, until } = measure else {
        return;
    };
    let given = [
        ("capacity_factor", *capacity_factor, FACTOR_ABOVE_ZERO, Attribute::Capacity),
        ("speed_factor", *speed_factor, FACTOR_ABOVE_ZERO, Attribute::Speed),
        ("toll_factor", *toll_factor, FACTOR, Attribute::Toll),
    ];
    let mut changes = Vec::new();
    for (key, x, range, attribute) in given {
        if let Some(x) = x {
            site.number(key, x, range);
            changes.push((attribute, Change::Times(x)));
        }
    }
    if changes.is_empty() {
        let wanted = "at least one of capacity_factor, speed_factor, toll_factor";
        site.tell("kind", "scale_links without a factor", wanted);
    }
    change_links(changed, links, [from, until], &changes, site);
}

/// Sets the toll of links.
pub(super) fn set_toll(changed: &mut Scenario, measure: &Measure, site: &mut Site) {
    let Measure::SetToll { links, toll_cny, from, until } = measure else { return };
    site.number("toll_cny", *toll_cny, TOLL);
    change_links(changed, links, [from, until], &[(Attribute::Toll, Change::To(*toll_cny))], site);
}

fn change_links(
    changed: &mut Scenario,
    links: &Selector,
    [from, until]: [&Option<String>; 2],
    changes: &[(Attribute, Change)],
    site: &mut Site,
) {
    let window = window(changed, from.as_deref(), until.as_deref(), site);
    let chosen = select(changed, links, site);
    if site.is_sound() {
        set(changed, &chosen, window, changes);
    }
}

fn set(changed: &mut Scenario, chosen: &[usize], window: Option<(f64, f64)>, changes: &[(Attribute, Change)]) {
    change(&mut changed.links, &mut changed.control.periods, chosen, window, changes);
}

/// The part of the day that a measure is for, seconds after midnight; `None` for the whole day. Told when its times are
/// none, in the wrong order, or of another day.
fn window(changed: &Scenario, from: Option<&str>, until: Option<&str>, site: &mut Site) -> Option<(f64, f64)> {
    if from.is_none() && until.is_none() {
        return None;
    }
    let (start_s, end_s) = changed.day_s();
    let mut time = |key: &str, text: Option<&str>, usual_s: f64| {
        text.map_or(Some(usual_s), |text| site.time(key, text).map(Time::seconds))
    };
    let from_s = time("from", from, start_s)?;
    let until_s = time("until", until, end_s)?;
    let told = |s: f64| Time::from_seconds(s).to_string();
    if from_s >= until_s {
        let key = if until.is_some() { "until" } else { "from" };
        site.tell(key, format!("{} to {}", told(from_s), told(until_s)), "an end after the beginning");
    } else if until_s <= start_s || end_s <= from_s {
        let wanted = format!("times of the simulated day, {} to {}", told(start_s), told(end_s));
        site.tell("from", format!("{} to {}", told(from_s), told(until_s)), wanted);
    }
    Some((from_s, until_s))
}

/// Positions of the links that a selector means; a selector that means none is told.
pub(super) fn select(scenario: &Scenario, selector: &Selector, site: &mut Site) -> Vec<usize> {
    let Selector { ids, name, facility_type, district } = selector;
    if ids.is_empty() && name.is_none() && facility_type.is_none() && district.is_none() {
        site.tell("links", "a selector without a condition", "at least one of ids, name, facility_type, district");
        return Vec::new();
    }
    let known: FxHashSet<&str> = scenario.links.iter().map(|l| l.link_id.as_str()).collect();
    let before = site.problems.len();
    for id in ids.iter().filter(|id| !known.contains(id.as_str())) {
        site.unknown("links.ids", id, scenario.links.iter().map(|l| l.link_id.as_str()), "a link_id of link.csv");
    }
    if let Some(id) = district
        && !scenario.districts.iter().any(|d| d.id == *id)
    {
        let known = scenario.districts.iter().map(|d| d.id.as_str());
        site.unknown("links.district", id, known, "an id of a district");
    }
    if site.problems.len() > before {
        return Vec::new();
    }
    let inside = district.as_ref().map(|id| nodes_inside(scenario, id));
    let ids: FxHashSet<&str> = ids.iter().map(String::as_str).collect();
    let chosen = |link: &LinkRow| {
        (ids.is_empty() || ids.contains(link.link_id.as_str()))
            && name.as_ref().is_none_or(|pattern| fits(pattern, &link.name))
            && facility_type.as_ref().is_none_or(|kind| *kind == link.facility_type)
            && inside.as_ref().is_none_or(|inside| {
                inside.contains(link.from_node_id.as_str()) && inside.contains(link.to_node_id.as_str())
            })
    };
    let chosen: Vec<usize> = (0..scenario.links.len()).filter(|i| chosen(&scenario.links[*i])).collect();
    if chosen.is_empty() {
        nothing_matches(scenario, selector, site);
    }
    chosen
}

fn nothing_matches(scenario: &Scenario, selector: &Selector, site: &mut Site) {
    let problem = site.problem("links", "a selector that matches no link", "a selector that matches at least one link");
    let problem = match (&selector.facility_type, &selector.name) {
        (Some(kind), _) if !scenario.links.iter().any(|l| l.facility_type == *kind) => {
            problem.did_you_mean(kind, scenario.links.iter().map(|l| l.facility_type.as_str()))
        }
        (_, Some(name)) => problem.did_you_mean(name, scenario.links.iter().map(|l| l.name.as_str())),
        _ => problem,
    };
    site.problems.push(problem);
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or("")) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

/// Ids of the nodes inside a district.
fn nodes_inside<'a>(scenario: &'a Scenario, district: &str) -> FxHashSet<&'a str> {
    let rings: FxHashMap<&str, &Vec<Vec<[f64; 2]>>> =
        scenario.districts.iter().map(|d| (d.id.as_str(), &d.rings)).collect();
    let Some(rings) = rings.get(district) else { return FxHashSet::default() };
    let inside = |node: &&NodeRow| within(rings, [node.x_coord, node.y_coord]);
    scenario.nodes.iter().filter(inside).map(|n| n.node_id.as_str()).collect()
}

/// Whether a point lies within rings, holes left out: a ray to the east crosses their sides an odd number of times.
fn within(rings: &[Vec<[f64; 2]>], [x, y]: [f64; 2]) -> bool {
    let mut odd = false;
    for side in rings.iter().flat_map(|ring| ring.windows(2)) {
        let [[x1, y1], [x2, y2]] = [side[0], side[1]];
        if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
            odd = !odd;
        }
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [("*", ""), ("G4*", "G4 expressway"), ("*ring*", "east ring road"), ("a*b*c", "aXbYc")] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("G4", "G4 expressway"), ("*ring", "ring road"), ("a*b*c", "aXcYb"), ("ab*b", "ab")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_hole_is_not_within() {
        let square = |a: f64, b: f64| vec![[a, a], [b, a], [b, b], [a, b], [a, a]];
        let rings = [square(0.0, 4.0), square(1.0, 3.0)];
        assert!(within(&rings, [0.5, 2.0]) && !within(&rings, [2.0, 2.0]) && !within(&rings, [5.0, 2.0]));
    }
}
