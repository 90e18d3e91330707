//! Rooms that can lock: processes with places that wait for each other in a circle, and gates of the road that are entered
//! from inside the hub as well.

use super::super::super::hubs::{ChainUser, HubFile, ServiceRow};
use super::super::values::Values;
use super::classes::{first_steps, kinds, ways};
use std::collections::BTreeSet;

/// Checks processes with places.
pub(super) fn locks(hub: &HubFile, values: &mut Values) {
    let follows = follows(hub);
    if let Some(circle) = circle(&follows, hub.processes.len()) {
        let names: Vec<&str> = circle.iter().map(|p| hub.processes[*p].id.as_str()).collect();
        let found = format!("a cycle without a way out: {}", names.join(" → "));
        let wanted =
            "a process without places among them: all full, each waits for a place at the next, and nobody is served";
        values.want(false, &format!("process[{}].places", circle[0]), || found, wanted);
    }
    gates(hub, values);
}

/// Which process with places may follow which in some chain.
fn follows(hub: &HubFile) -> BTreeSet<(usize, usize)> {
    let mut follows = BTreeSet::new();
    for chain in &hub.chains {
        let finite = |step: &usize| {
            let id = &chain.steps[*step].process;
            hub.processes.iter().position(|p| p.id == *id && p.places.is_some())
        };
        let pairs: BTreeSet<(usize, usize)> = kinds(chain).iter().flat_map(|kind| ways(chain, kind).pairs).collect();
        follows.extend(pairs.iter().filter_map(|(a, b)| finite(a).zip(finite(b))));
    }
    follows
}

/// A shortest circle of processes, its first one told again at its end; of several the one with the first process.
fn circle(follows: &BTreeSet<(usize, usize)>, processes: usize) -> Option<Vec<usize>> {
    for start in 0..processes {
        let mut before: Vec<Option<usize>> = vec![None; processes];
        let mut reached = vec![start];
        let mut next = 0;
        while let Some(&at) = reached.get(next) {
            next += 1;
            for &(_, to) in follows.range((at, 0)..=(at, usize::MAX)) {
                if to == start {
                    let mut circle = vec![start];
                    let mut back = at;
                    while back != start {
                        circle.push(back);
                        back = before[back]?;
                    }
                    circle.push(start);
                    circle.reverse();
                    return Some(circle);
                }
                if before[to].is_none() {
                    before[to] = Some(at);
                    reached.push(to);
                }
            }
        }
    }
    None
}

/// A process whose places the road gives is reached from the road alone, and from one node.
fn gates(hub: &HubFile, values: &mut Values) {
    for (p, process) in hub.processes.iter().enumerate().filter(|(_, p)| p.places.is_some()) {
        let (mut nodes, mut gates, mut inside) = (BTreeSet::new(), false, None);
        for (c, chain) in hub.chains.iter().enumerate() {
            let first = if chain.user.comes_by_road() { first_steps(chain) } else { Vec::new() };
            for (j, _) in chain.steps.iter().enumerate().filter(|(_, step)| step.process == process.id) {
                if first.contains(&j) {
                    gates = true;
                    nodes.extend(gate_nodes(hub, c));
                }
                // A step that may come first and may follow another is entered from both sides.
                let follows = kinds(chain).iter().any(|kind| ways(chain, kind).pairs.iter().any(|(_, to)| *to == j));
                if !first.contains(&j) || follows {
                    inside = inside.or(Some(chain.user));
                }
            }
        }
        let key = format!("process[{p}].places");
        if let Some(user) = inside.filter(|_| gates) {
            let found = format!(
                "\"{}\", which holds vehicles on the road and is reached inside the hub too ({})",
                process.id,
                user.word()
            );
            let wanted = "a process of its own for those who come from the road, or no places";
            values.want(false, &key, || found, wanted);
        }
        let found = || {
            let nodes: Vec<&str> = nodes.iter().copied().collect();
            format!("\"{}\", which holds vehicles at the nodes {}", process.id, nodes.join(" and "))
        };
        values.want(nodes.len() < 2, &key, found, "a process with places for each node of the road");
    }
}

/// The nodes at which vehicles of a chain come: those of the terminals whose services have it.
fn gate_nodes(hub: &HubFile, chain: usize) -> BTreeSet<&str> {
    let user = hub.chains[chain].user;
    if user == ChainUser::Truck {
        return hub.access.truck_in_node.as_deref().into_iter().collect();
    }
    let has = |s: &&ServiceRow| hub.chain_at(user, s.scope, &s.terminal) == Some(chain);
    let node = |s: &ServiceRow| hub.drop_off_node(&s.terminal);
    hub.services.iter().filter(has).filter_map(node).collect()
}
