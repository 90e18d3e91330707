//! Where drives meet hubs: the chain of the kerb, car park or truck gate that a drive ends in, and the chain of the taxi
//! rank, forecourt or car park that comes before one begins.

use crate::demand::Agent;
use crate::demand::plan::{Leg, Plan};
use crate::ids::{HubIx, ProcessIx, ServiceIx};
use crate::mode::Mode;
use crate::network::hubs::Hubs;
use crate::scenario::hubs::ChainUser;

/// A chain of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub hub: HubIx,
    pub chain: u16,
}

/// What a drive ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A chain that belongs to the drive: kerb or car park.
    Kerb(At),
    /// The first process of the visit that follows: a truck gate.
    Visit(At),
}

impl Ending {
    /// The chain whose first process the road leads into.
    pub fn at(self) -> At {
        match self {
            Ending::Kerb(at) | Ending::Visit(at) => at,
        }
    }
}

/// What the drive of a leg ends in, if it ends at a hub.
pub(super) fn ending(hubs: &Hubs, agent: &Agent, plan: &Plan, leg: usize) -> Option<Ending> {
    if let Some(&Leg::Visit { hub, chain }) = plan.legs.get(leg + 1)
        && user(hubs, hub, chain) == ChainUser::Truck
    {
        return Some(Ending::Visit(At { hub, chain }));
    }
    let next = plan.legs[leg + 1..].iter().find(|leg| !matches!(leg, Leg::Walk { .. }))?;
    let &Leg::Visit { hub, chain } = next else { return None };
    if user(hubs, hub, chain) != ChainUser::Departing {
        return None;
    }
    let parks = plan.mode == Mode::Car && agent.car;
    let parked = parks.then(|| of(hubs, agent, hub, ChainUser::Park)).flatten();
    parked.or_else(|| of(hubs, agent, hub, ChainUser::DropOff)).map(Ending::Kerb)
}

/// What comes before the drive of a leg, if it begins at a hub.
pub(super) fn beginning(hubs: &Hubs, agent: &Agent, plan: &Plan, leg: usize) -> Option<At> {
    let before = plan.legs[..leg].iter().rev().find(|leg| !matches!(leg, Leg::Walk { .. }))?;
    let &Leg::Visit { hub, chain } = before else { return None };
    if user(hubs, hub, chain) != ChainUser::Arriving {
        return None;
    }
    let parked = plan.mode == Mode::Car && agent.car;
    let own = parked.then(|| of(hubs, agent, hub, ChainUser::Unpark)).flatten();
    own.or_else(|| of(hubs, agent, hub, ChainUser::PickUp))
}

/// Whether a drive follows a leg at once, so that the last server of a visit holds a truck until it is on the road.
pub(super) fn drives_off(hubs: &Hubs, plan: &Plan, leg: usize) -> bool {
    let truck = matches!(plan.legs[leg], Leg::Visit { hub, chain } if user(hubs, hub, chain) == ChainUser::Truck);
    truck && matches!(plan.legs.get(leg + 1), Some(Leg::Drive { .. }))
}

fn user(hubs: &Hubs, hub: HubIx, chain: u16) -> ChainUser {
    hubs.hubs[hub.i()].chains[usize::from(chain)].user
}

/// The chain of a hub for a kind of user with the agent's service there.
fn of(hubs: &Hubs, agent: &Agent, hub: HubIx, user: ChainUser) -> Option<At> {
    let at_hub = |service: &ServiceIx| hubs.services[service.i()].hub == hub;
    let service = [agent.service, agent.came_by].into_iter().flatten().find(at_hub).map(|s| &hubs.services[s.i()]);
    let (scope, terminal) = service.map_or((agent.scope, None), |s| (s.scope, s.terminal));
    hubs.hubs[hub.i()].chain_at(user, scope, terminal).map(|chain| At { hub, chain: chain as u16 })
}

/// Processes with places that vehicles may be taken into from the road, with the users of their chains: the first processes
/// of chains for trucks, kerbs and car parks, and those behind first steps that not everybody takes.
pub(super) fn gates(hubs: &Hubs) -> Vec<(ProcessIx, HubIx, ChainUser, Option<u8>)> {
    let mut gates: Vec<(ProcessIx, HubIx, ChainUser, Option<u8>)> = Vec::new();
    for (h, hub) in hubs.hubs.iter().enumerate() {
        for chain in &hub.chains {
            if !matches!(chain.user, ChainUser::Truck | ChainUser::DropOff | ChainUser::Park) {
                continue;
            }
            for step in &chain.steps {
                let known = gates.iter().any(|g| g.0 == step.process);
                if hubs.processes[step.process.i()].places.is_some() && !known {
                    gates.push((step.process, HubIx::from(h), chain.user, chain.terminal));
                }
                if step.is_taken_by_all() {
                    break;
                }
            }
        }
    }
    gates
}
