//! Whether vehicles can get where they have to by allowed turns: between all zones, to and from hubs, along given trips.
//!
//! Nodes are places, and so is the end of each link whose turns are written down: from there only allowed ones lead on,
//! while who sets out at the node may take any link. A node is reached at any of its places.
//!
//! Strongly connected parts by two depth-first passes (Kosaraju, published by Sharir 1981), linear in links.

use super::super::Scenario;
use super::super::read::SETTINGS_FILE;
use super::super::read::written::KeyRows;
use super::super::settings::Unreachable;
use super::{Keys, at};
use crate::error::{Found, Problem};
use crate::mode::VehicleClass;
use rustc_hash::FxHashMap;

/// Places and the links between them that a class may use, as arrays; nodes first.
struct Roads {
    ahead: Vec<Vec<u32>>,
    back: Vec<Vec<u32>>,
    /// The node that a place lies at.
    node_of: Vec<u32>,
}

/// Turns that are written down, by the ids of the two links, with whether they are allowed.
type Turns<'a> = FxHashMap<&'a str, Vec<(&'a str, bool)>>;

/// The zones, hubs and given trips of a scenario that cannot be reached.
pub fn reachability(scenario: &Scenario) -> Vec<Problem> {
    let hubs = scenario.hubs.iter().map(|hub| KeyRows::none(&hub.path)).collect();
    with_keys(scenario, &Keys { settings: KeyRows::none(SETTINGS_FILE), hubs })
}

/// The same with the rows of the keys of hub files. Ids are known to be sound.
pub(super) fn with_keys(scenario: &Scenario, keys: &Keys) -> Vec<Problem> {
    let index: FxHashMap<&str, u32> = scenario.nodes.iter().map(|n| n.node_id.as_str()).zip(0..).collect();
    let cars = Roads::new(scenario, &index, VehicleClass::Car);
    let parts = cars.parts();
    let Some(main) = main_part(scenario, &cars, &parts) else { return Vec::new() };
    let centre: Vec<u32> = (0..).zip(&parts).filter(|(_, p)| **p == main).map(|(place, _)| place).collect();
    // Who is to be removed is listed by the run.
    let told = scenario.settings.demand.unreachable == Unreachable::Error;
    let mut problems = if told { zones(scenario, &cars, &centre) } else { Vec::new() };
    let trucks = Roads::new(scenario, &index, VehicleClass::Truck);
    problems.extend(hubs(scenario, keys, &index, [&cars, &trucks], &centre));
    if told {
        problems.extend(trips(scenario, &index));
    }
    problems
}

impl Roads {
    fn new(scenario: &Scenario, index: &FxHashMap<&str, u32>, class: VehicleClass) -> Roads {
        let turns = turns(scenario);
        let mut node_of: Vec<u32> = (0..scenario.nodes.len() as u32).collect();
        // Open links: their place of departure, the place at their end, their id.
        let mut open: Vec<(u32, u32, &str)> = Vec::new();
        for link in scenario.links.iter().filter(|l| l.uses().allows(class)) {
            let ends = index.get(link.from_node_id.as_str()).zip(index.get(link.to_node_id.as_str()));
            let Some((&from, &to)) = ends else { continue };
            let mut end = to;
            if turns.contains_key(link.link_id.as_str()) {
                end = node_of.len() as u32;
                node_of.push(to);
            }
            open.push((from, end, &link.link_id));
        }
        let mut roads =
            Roads { ahead: vec![Vec::new(); node_of.len()], back: vec![Vec::new(); node_of.len()], node_of };
        open.iter().for_each(|&(from, end, _)| roads.join(from, end));
        if !turns.is_empty() {
            roads.turn(scenario.nodes.len(), &open, &turns);
        }
        roads
    }

    fn join(&mut self, from: u32, to: u32) {
        self.ahead[from as usize].push(to);
        self.back[to as usize].push(from);
    }

    /// Joins the ends of links with written turns to where their allowed turns lead.
    fn turn(&mut self, nodes: usize, open: &[(u32, u32, &str)], turns: &Turns<'_>) {
        let mut leaving: Vec<Vec<(u32, &str)>> = vec![Vec::new(); nodes];
        open.iter().for_each(|&(from, end, id)| leaving[from as usize].push((end, id)));
        for &(_, place, id) in open.iter().filter(|&&(_, end, _)| end as usize >= nodes) {
            let written = &turns[id];
            let only_written = written.iter().any(|&(_, allowed)| allowed);
            for &(end, to) in &leaving[self.node_of[place as usize] as usize] {
                // A turn that several rows write down is allowed when one of them allows it.
                let rows = || written.iter().filter(|(other, _)| *other == to);
                let allowed = rows().any(|(_, allowed)| *allowed) || !only_written && rows().next().is_none();
                if allowed {
                    self.join(place, end);
                }
            }
        }
    }

    /// Of each node whether one can get from it to some nodes, at any of their places.
    fn reaching(&self, nodes: &[u32]) -> Vec<bool> {
        let mut wanted = vec![false; self.ahead.len()];
        nodes.iter().for_each(|&node| wanted[node as usize] = true);
        let places: Vec<u32> =
            (0..).zip(&self.node_of).filter(|(_, node)| wanted[**node as usize]).map(|(place, _)| place).collect();
        reached(&self.back, &places)
    }

    /// Of each node whether some places reach it.
    fn nodes_reached(&self, from: &[u32]) -> Vec<bool> {
        let mut nodes = vec![false; self.ahead.len()];
        let seen = reached(&self.ahead, from);
        self.node_of.iter().zip(seen).for_each(|(&node, seen)| nodes[node as usize] |= seen);
        nodes
    }

    /// The strongly connected part of each place, numbered from 0.
    fn parts(&self) -> Vec<u32> {
        let nodes = self.ahead.len();
        let (mut seen, mut finished) = (vec![false; nodes], Vec::with_capacity(nodes));
        for root in 0..nodes {
            if seen[root] {
                continue;
            }
            seen[root] = true;
            let mut path = vec![(root, 0)];
            while let Some((node, next)) = path.last_mut() {
                match self.ahead[*node].get(*next) {
                    Some(&to) => {
                        *next += 1;
                        if !std::mem::replace(&mut seen[to as usize], true) {
                            path.push((to as usize, 0));
                        }
                    }
                    None => {
                        finished.push(*node);
                        path.pop();
                    }
                }
            }
        }
        let mut part = vec![u32::MAX; nodes];
        let mut parts = 0;
        for &root in finished.iter().rev() {
            if part[root] != u32::MAX {
                continue;
            }
            part[root] = parts;
            let mut open = vec![root];
            while let Some(node) = open.pop() {
                for &from in &self.back[node] {
                    if part[from as usize] == u32::MAX {
                        part[from as usize] = parts;
                        open.push(from as usize);
                    }
                }
            }
            parts += 1;
        }
        part
    }
}

/// The turns of a scenario. What a measure added for links that the base does not have is left out of the base.
fn turns(scenario: &Scenario) -> Turns<'_> {
    let mut turns = Turns::default();
    if scenario.control.movements.is_empty() {
        return turns;
    }
    let links: FxHashMap<&str, ()> = scenario.links.iter().map(|l| (l.link_id.as_str(), ())).collect();
    for row in &scenario.control.movements {
        if links.contains_key(row.ib_link_id.as_str()) && links.contains_key(row.ob_link_id.as_str()) {
            turns.entry(&row.ib_link_id).or_default().push((&row.ob_link_id, row.is_allowed()));
        }
    }
    turns
}

/// All places that can be reached from some places along links.
fn reached(links: &[Vec<u32>], from: &[u32]) -> Vec<bool> {
    let mut seen = vec![false; links.len()];
    let mut open = from.to_vec();
    for &node in from {
        seen[node as usize] = true;
    }
    while let Some(node) = open.pop() {
        for &to in &links[node as usize] {
            if !std::mem::replace(&mut seen[to as usize], true) {
                open.push(to);
            }
        }
    }
    seen
}

/// The part with most places of zones, or with most places where there are no zones; the first one of equals.
fn main_part(scenario: &Scenario, roads: &Roads, parts: &[u32]) -> Option<u32> {
    let mut sizes = vec![(0u32, 0u32); parts.iter().max().map_or(0, |p| *p as usize + 1)];
    for (&node, part) in roads.node_of.iter().zip(parts) {
        sizes[*part as usize].0 += u32::from(scenario.nodes[node as usize].zone_id.is_some());
        sizes[*part as usize].1 += 1;
    }
    (0..).zip(sizes).max_by_key(|(part, size)| (*size, std::cmp::Reverse(*part))).map(|(part, _)| part)
}

/// Nodes of zones that the main part does not reach or that do not reach it.
fn zones(scenario: &Scenario, roads: &Roads, centre: &[u32]) -> Vec<Problem> {
    let file = format!("{}/node.csv", scenario.settings.network.folder);
    let district: FxHashMap<&str, &str> =
        scenario.zones.iter().map(|z| (z.zone_id.as_str(), z.district_id.as_str())).collect();
    let mut problems = Vec::new();
    let (reaches, is_reached) = (reached(&roads.back, centre), roads.nodes_reached(centre));
    for (node, both) in scenario.nodes.iter().zip(reaches.iter().zip(is_reached)) {
        let Some(zone) = node.zone_id.as_deref().filter(|_| both != (&true, true)) else { continue };
        // Without districts nobody travels between zones.
        let Some(district) = district.get(zone) else { continue };
        let found = format!("unreachable node \"{}\" of zone \"{zone}\" in district \"{district}\"", node.node_id);
        let wanted = "links and allowed turns for cars to it and from it, so that all zones can reach each other";
        problems.push(at(Problem::new(&file, found, wanted).column("zone_id"), node.row));
    }
    problems
}

/// What is wanted of a node at which passengers are set down …
const SET_DOWN: &str = "a node that cars can reach from the zones";
/// … and of one at which they are picked up.
const PICKED_UP: &str = "a node from which cars can reach the zones";

/// Nodes of hubs that vehicles cannot come to or leave from.
fn hubs(
    scenario: &Scenario,
    keys: &Keys,
    index: &FxHashMap<&str, u32>,
    [cars, trucks]: [&Roads; 2],
    centre: &[u32],
) -> Vec<Problem> {
    // Places behind the nodes are other ones for trucks than for cars, so trucks begin at the nodes.
    let nodes: Vec<u32> = centre.iter().map(|&place| cars.node_of[place as usize]).collect();
    let (car_to, car_from) = (cars.nodes_reached(centre), reached(&cars.back, centre));
    let (truck_to, truck_from) = (trucks.nodes_reached(&nodes), trucks.reaching(&nodes));
    let cut_off = |node: &str, seen: &[bool]| index.get(node).is_some_and(|i| !seen[*i as usize]);
    let mut problems = Vec::new();
    for (hub, keys) in scenario.hubs.iter().zip(&keys.hubs) {
        let access = &hub.access;
        for (key, node, seen, wanted) in [
            ("drop_off_node", &access.drop_off_node, &car_to, SET_DOWN),
            ("pick_up_node", &access.pick_up_node, &car_from, PICKED_UP),
            ("truck_in_node", &access.truck_in_node, &truck_to, "a node that trucks can reach from the zones"),
            ("truck_out_node", &access.truck_out_node, &truck_from, "a node from which trucks can reach the zones"),
        ] {
            if let Some(node) = node.as_ref().filter(|node| cut_off(node, seen)) {
                let found = format!("unreachable node \"{node}\"");
                problems.push(keys.problem(&format!("access.{key}"), found, wanted));
            }
        }
        for (i, terminal) in hub.terminals.iter().enumerate() {
            for (key, node, seen, wanted) in [
                ("drop_off_node", &terminal.drop_off_node, &car_to, SET_DOWN),
                ("pick_up_node", &terminal.pick_up_node, &car_from, PICKED_UP),
            ] {
                if let Some(node) = node.as_ref().filter(|node| cut_off(node, seen)) {
                    let found = format!("unreachable node \"{node}\"");
                    problems.push(keys.problem(&format!("terminal[{i}].{key}"), found, wanted));
                }
            }
        }
    }
    problems
}

/// Trips without a given route that have no path.
fn trips(scenario: &Scenario, index: &FxHashMap<&str, u32>) -> Vec<Problem> {
    let Some(file) = &scenario.settings.demand.trips else { return Vec::new() };
    let given = &scenario.trips;
    let mut found = Found::default();
    for class in VehicleClass::ALL {
        let mut trips: Vec<(u32, u32, usize)> = Vec::new();
        let free = |t: &usize| given.route(*t).is_empty() && given.class(*t) == Some(class);
        for t in (0..given.len()).filter(free) {
            let [from, to] = given.end_ids(t).map(|node| index.get(node));
            if let (Some(from), Some(to)) = (from, to) {
                trips.push((*from, *to, t));
            }
        }
        if trips.is_empty() {
            continue;
        }
        let roads = Roads::new(scenario, index, class);
        let parts = roads.parts();
        trips.retain(|(from, to, _)| parts[*from as usize] != parts[*to as usize]);
        trips.sort_unstable();
        for same in trips.chunk_by(|a, b| a.0 == b.0) {
            let seen = roads.nodes_reached(&[same[0].0]);
            for (_, _, t) in same.iter().filter(|(_, to, _)| !seen[*to as usize]) {
                let [from, to] = given.end_ids(*t);
                let nowhere = format!("node \"{to}\", which cannot be reached from \"{from}\"");
                let problem = Problem::new(file, nowhere, format!("a node that a {} can reach", class.word()));
                found.push(at(problem.column("to_node_id"), given.row(*t)));
            }
        }
    }
    let mut problems = found.problems();
    problems.sort_by_key(|p| p.row);
    problems
}
