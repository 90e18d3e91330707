//! Items of hubs: what passes their processes beside travellers and trucks – the vehicles of their services, consignments
//! between yard and service, and checked bags.
//!
//! They are no agents of the demand, but events name them alike: their numbers follow those of all travellers and all
//! vehicle runs of lines. An item exists only where its hub has a chain for it.

use super::{Agent, Demand, Place};
use crate::ids::{AgentIx, ConsignmentIx, HubIx, ServiceIx};
use crate::network::Network;
use crate::network::hubs::{Classes, Hub};
use crate::random::{Draws, Purpose, mix, signature};
use crate::scenario::hubs::{ChainUser, Direction, UserClass};

/// The items of a day.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// Number of the first one.
    pub first: u32,
    /// Item after item: those of services, then consignments, then bags.
    pub list: Vec<Item>,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// The vehicle of a service.
    Service(ServiceIx),
    /// A consignment between its truck and its service.
    Freight(ConsignmentIx),
    /// The bags of a party.
    Bags(AgentIx),
}

/// An item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Stable signature.
    pub key: u64,
    /// Its hub.
    pub hub: HubIx,
    /// Its chain in the hub.
    pub chain: u16,
    /// What it is.
    pub kind: ItemKind,
    /// Its service.
    pub service: ServiceIx,
}

/// Salts of the keys of items and classes, which keep their draws apart.
const VEHICLE: u64 = 0x76;
const FREIGHT: u64 = 0x66;
const BAGS: u64 = 0x62;
const PREMIUM: u64 = 0x70;

impl Items {
    /// The items of a day.
    pub fn new(network: &Network, demand: &Demand, seed: u64) -> Items {
        let hubs = &network.hubs;
        let mut list = Vec::new();
        let chain_of = |service: ServiceIx, user: ChainUser| {
            let s = &hubs.services[service.i()];
            hubs.hubs[s.hub.i()].chain_at(user, s.scope, s.terminal).map(|chain| (s.hub, chain as u16))
        };
        for (s, service) in hubs.services.iter().enumerate() {
            let ix = ServiceIx::from(s);
            let user = match service.direction {
                Direction::Arrival => ChainUser::ServiceIn,
                Direction::Departure => ChainUser::ServiceOut,
            };
            if let Some((hub, chain)) = chain_of(ix, user) {
                // Networks made by hand may have no names; their services are told apart by number.
                let name = network.names.services.all().get(s).map_or(s as u64, |name| signature(name));
                list.push(Item { key: mix(name, VEHICLE), hub, chain, kind: ItemKind::Service(ix), service: ix });
            }
        }
        for (c, consignment) in demand.consignments.iter().enumerate() {
            let user = if consignment.outbound { ChainUser::Load } else { ChainUser::Unload };
            if let Some((hub, chain)) = chain_of(consignment.service, user) {
                let kind = ItemKind::Freight(ConsignmentIx::from(c));
                list.push(Item { key: mix(consignment.key, FREIGHT), hub, chain, kind, service: consignment.service });
            }
        }
        for (a, agent) in demand.agents.iter().enumerate() {
            let Some(service) = agent.service else { continue };
            let user = match (agent.from, agent.to) {
                (_, Place::Hub(_, ChainUser::Departing)) => ChainUser::BagsOut,
                (Place::Hub(_, ChainUser::Arriving), _) => ChainUser::BagsIn,
                _ => continue,
            };
            let Some((hub, chain)) = chain_of(service, user) else { continue };
            if has_bags(agent, &hubs.hubs[hub.i()], seed) {
                let kind = ItemKind::Bags(AgentIx::from(a));
                list.push(Item { key: mix(agent.key, BAGS), hub, chain, kind, service });
            }
        }
        let first = demand.agents.len() + network.lines.departures as usize;
        Items { first: u32::try_from(first).expect("fewer than 2^32 agents"), list }
    }

    /// The agent number of an item.
    pub fn agent(&self, item: usize) -> AgentIx {
        AgentIx::from(self.first as usize + item)
    }

    /// The item of an agent number; `None` for travellers and vehicle runs.
    pub fn get(&self, agent: AgentIx) -> Option<&Item> {
        self.list.get(agent.i().checked_sub(self.first as usize)?)
    }
}

/// Whether a draw of an agent falls into a share.
fn falls(agent: &Agent, salt: u64, share: f64, seed: u64) -> bool {
    share > 0.0 && Draws::new(seed, Purpose::Step, mix(agent.key, salt), 0).uniform() < share
}

/// Whether a party checks bags in, or fetches them.
pub fn has_bags(agent: &Agent, hub: &Hub, seed: u64) -> bool {
    falls(agent, BAGS, hub.users.bags_share, seed)
}

/// The classes that an agent is of in a hub, its loads aside.
pub fn classes(agent: &Agent, hub: &Hub, seed: u64) -> Classes {
    use super::{Class, Purpose as Why};
    use crate::scenario::hubs::Scope;
    let scope = match agent.scope {
        Scope::Domestic => UserClass::Domestic,
        Scope::International => UserClass::International,
    };
    let home = match agent.class {
        Class::Visitor => Some(UserClass::Visitor),
        Class::Resident => Some(UserClass::Resident),
        _ => None,
    };
    let business = (agent.purpose == Why::Business).then_some(UserClass::Business);
    let premium = falls(agent, PREMIUM, hub.users.premium_share, seed).then_some(UserClass::Premium);
    let bags = has_bags(agent, hub, seed).then_some(UserClass::Bags);
    [Some(scope), home, business, premium, bags].into_iter().flatten().collect()
}
