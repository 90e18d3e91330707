//! Items of hubs: what passes their processes beside travellers and trucks – the vehicles of their services, consignments
//! between yard and service, and checked bags.
//!
//! They are no agents of the demand, but events name them alike: their numbers follow those of all travellers and all
//! vehicle runs of lines. An item exists only where its hub has a chain for it.

use super::{Agent, Class, Consignment, Demand, Place, Purpose as Why};
use crate::ids::{AgentIx, ConsignmentIx, HubIx, ServiceIx};
use crate::network::Network;
use crate::network::hubs::{Classes, Hub};
use crate::random::{Draws, Purpose, mix, signature};
use crate::scenario::hubs::{ChainUser, Direction, Scope, UserClass};
use crate::units::MINUTE_MS;

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
const REEFER: u64 = 0x72;
const LATE: u64 = 0x6c;

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
                let key = mix(service_key(network, ix), VEHICLE);
                list.push(Item { key, hub, chain, kind: ItemKind::Service(ix), service: ix });
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
            for (service, user) in handled(agent).into_iter().flatten() {
                let Some((hub, chain)) = chain_of(service, user) else { continue };
                if has_bags(agent, &hubs.hubs[hub.i()], seed) {
                    let key = mix(mix(agent.key, BAGS), user as u64);
                    list.push(Item { key, hub, chain, kind: ItemKind::Bags(AgentIx::from(a)), service });
                }
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

/// The services whose hubs handle bags of an agent, with the chain: where it gets off and where it gets on.
fn handled(agent: &Agent) -> [Option<(ServiceIx, ChainUser)>; 2] {
    let departs = matches!(agent.to, Place::Hub(_, ChainUser::Departing));
    let arrives = matches!(agent.from, Place::Hub(_, ChainUser::Arriving));
    let came_by = if departs { agent.came_by } else { agent.service };
    [
        came_by.filter(|_| arrives).map(|service| (service, ChainUser::BagsIn)),
        agent.service.filter(|_| departs).map(|service| (service, ChainUser::BagsOut)),
    ]
}

/// Whether a draw of a key falls into a share.
fn falls(key: u64, salt: u64, share: f64, seed: u64) -> bool {
    share > 0.0 && Draws::new(seed, Purpose::Step, mix(key, salt), 0).uniform() < share
}

/// Whether a party checks bags in at a hub, or fetches them.
pub fn has_bags(agent: &Agent, hub: &Hub, seed: u64) -> bool {
    falls(agent.key, BAGS, hub.users.bags_share, seed)
}

/// Whether a truckload is chilled.
fn is_reefer(consignment: &Consignment, hub: &Hub, seed: u64) -> bool {
    falls(consignment.key, REEFER, hub.users.reefer_share, seed)
}

/// By how much a service comes late, milliseconds; 0 for departures, which leave when their vehicle is through.
pub fn late_ms(network: &Network, service: ServiceIx, seed: u64) -> i64 {
    let s = &network.hubs.services[service.i()];
    let users = &network.hubs.hubs[s.hub.i()].users;
    if s.direction == Direction::Departure || users.late_share <= 0.0 {
        return 0;
    }
    let mut draws = Draws::new(seed, Purpose::Service, mix(service_key(network, service), LATE), 0);
    let late = draws.uniform() < users.late_share;
    let ms = draws.exponential(users.late_mean_min * MINUTE_MS as f64);
    if late { ms.round() as i64 } else { 0 }
}

/// Networks made by hand may have no names; their services are told apart by number.
fn service_key(network: &Network, service: ServiceIx) -> u64 {
    network.names.services.all().get(service.i()).map_or(u64::from(service.0), |name| signature(name))
}

/// What somebody or something is to the processes of a hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Classes of users that it is of.
    pub classes: Classes,
    /// What it brings into the hub, thousandths of a TEU or tonne.
    pub brings: i64,
    /// What it takes out, thousandths of a TEU or tonne.
    pub fetches: i64,
}

impl Consignment {
    /// Its amount, thousandths of a TEU or tonne.
    pub fn thousandths(&self) -> i64 {
        ((self.teu + self.tonnes) * 1000.0).round() as i64
    }
}

impl Demand {
    /// What a truck carries; nothing for other agents.
    pub fn carried(&self, agent: AgentIx) -> &[Consignment] {
        let first = self.consignments.partition_point(|c| c.agent < agent);
        let count = self.consignments[first..].iter().take_while(|c| c.agent == agent).count();
        &self.consignments[first..first + count]
    }

    /// What an agent is to the processes of a hub.
    pub fn traits(&self, network: &Network, agent: AgentIx, hub: HubIx, seed: u64) -> Traits {
        let who = &self.agents[agent.i()];
        let of = &network.hubs.hubs[hub.i()];
        let service = |ix: ServiceIx| &network.hubs.services[ix.i()];
        // Who comes by a service of another hub is there on that one.
        let scope = who.came_by.map(service).filter(|s| s.hub == hub).map_or(who.scope, |s| s.scope);
        let mut traits = Traits { classes: classes(who, scope, of, seed), ..Traits::default() };
        if who.class != Class::Truck {
            return traits;
        }
        let carried = self.carried(agent);
        let amount = |out: bool| carried.iter().filter(|c| c.outbound == out).map(Consignment::thousandths).sum();
        (traits.brings, traits.fetches) = (amount(true), amount(false));
        let is = [
            (traits.brings > 0, UserClass::Brings),
            (traits.brings == 0, UserClass::Empty),
            (traits.fetches > 0, UserClass::Fetches),
            (carried.iter().any(|c| is_reefer(c, of, seed)), UserClass::Reefer),
        ];
        traits.classes = is.into_iter().filter(|(is, _)| *is).fold(traits.classes, |set, (_, class)| set.with(class));
        traits
    }
}

impl Items {
    /// What an item is to the processes of its hub; freight brings and fetches its own amount.
    pub fn traits(&self, network: &Network, demand: &Demand, item: usize, seed: u64) -> Traits {
        let Item { hub, kind, service, .. } = self.list[item];
        match kind {
            ItemKind::Service(_) => Traits {
                classes: Classes::NONE.with(of_scope(network.hubs.services[service.i()].scope)),
                ..Traits::default()
            },
            ItemKind::Bags(agent) => demand.traits(network, agent, hub, seed),
            ItemKind::Freight(c) => freight_traits(&demand.consignments[c.i()], &network.hubs.hubs[hub.i()], seed),
        }
    }
}

/// What a consignment is to the processes of its hub between truck and service.
pub(super) fn freight_traits(consignment: &Consignment, hub: &Hub, seed: u64) -> Traits {
    let amount = consignment.thousandths();
    let reefer = is_reefer(consignment, hub, seed).then_some(UserClass::Reefer);
    let classes = [Some(of_scope(consignment.scope)), reefer].into_iter().flatten().collect();
    Traits { classes, brings: amount, fetches: amount }
}

fn of_scope(scope: Scope) -> UserClass {
    match scope {
        Scope::Domestic => UserClass::Domestic,
        Scope::International => UserClass::International,
    }
}

/// The classes that an agent is of in a hub, its loads aside.
fn classes(agent: &Agent, scope: Scope, hub: &Hub, seed: u64) -> Classes {
    let home = match agent.class {
        Class::Visitor => Some(UserClass::Visitor),
        Class::Resident => Some(UserClass::Resident),
        _ => None,
    };
    let business = (agent.purpose == Why::Business).then_some(UserClass::Business);
    if agent.class == Class::Truck {
        return Classes::NONE.with(of_scope(scope));
    }
    let premium = falls(agent.key, PREMIUM, hub.users.premium_share, seed).then_some(UserClass::Premium);
    let bags = has_bags(agent, hub, seed).then_some(UserClass::Bags);
    [Some(of_scope(scope)), home, business, premium, bags].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, STATION, Town};
    use super::*;
    use crate::network::hubs::Chain;
    use crate::scenario::hubs::{ChainScope, FromHub};

    /// The town with chains for all that is no traveller at both hubs, and a part of the air passengers who come by train.
    fn town() -> Town {
        let mut town = Town::new();
        use ChainUser::{BagsIn, BagsOut, Load, ServiceIn, ServiceOut, Unload};
        for hub in &mut town.network.hubs.hubs {
            let chain = |user| Chain { user, scope: ChainScope::Any, terminal: None, steps: Vec::new() };
            hub.chains = [ServiceIn, ServiceOut, BagsIn, BagsOut, Load, Unload].map(chain).to_vec();
            (hub.users.bags_share, hub.users.premium_share, hub.users.reefer_share) = (0.4, 0.1, 0.2);
            (hub.users.late_share, hub.users.late_mean_min) = (0.25, 20.0);
        }
        let from_station = FromHub { hub_id: "station".into(), share: 0.1, connect_min: 60.0 };
        town.network.hubs.hubs[AIRPORT.i()].users.from_hub = vec![from_station];
        town
    }

    fn day(town: &Town) -> Demand {
        Demand::synthesise(&town.scenario, &town.network, 1, 1.0).expect("a town")
    }

    #[test]
    fn every_service_and_consignment_is_an_item_and_two_of_five_parties_have_bags() {
        let town = town();
        let demand = day(&town);
        let of = |test: fn(&ItemKind) -> bool| demand.items.list.iter().filter(|item| test(&item.kind)).count();
        assert_eq!(of(|k| matches!(k, ItemKind::Service(_))), town.network.hubs.services.len());
        assert_eq!(of(|k| matches!(k, ItemKind::Freight(_))), demand.consignments.len());
        let parties = demand.agents.iter().filter(|a| a.service.is_some() && a.class != Class::Truck);
        let parties = parties.filter(|a| a.class != Class::Transfer).map(|a| 1 + usize::from(a.came_by.is_some()));
        let share = of(|k| matches!(k, ItemKind::Bags(_))) as f64 / parties.sum::<usize>() as f64;
        assert!((share - 0.4).abs() < 0.01, "{share}");
        let mut keys: Vec<u64> = demand.items.list.iter().map(|item| item.key).collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn bags_of_those_who_change_hubs_are_fetched_at_one_and_checked_in_at_the_other() {
        let town = town();
        let demand = day(&town);
        let a = demand.agents.iter().position(|a| {
            a.from_another_hub(&town.network.hubs).is_some() && has_bags(a, &town.network.hubs.hubs[0], 1)
        });
        let a = AgentIx::from(a.expect("one with bags"));
        let agent = &demand.agents[a.i()];
        let bags: Vec<(HubIx, ServiceIx)> =
            demand.items.list.iter().filter(|i| i.kind == ItemKind::Bags(a)).map(|i| (i.hub, i.service)).collect();
        assert_eq!(bags, [(STATION, agent.came_by.expect("a train")), (AIRPORT, agent.service.expect("a flight"))]);
    }

    #[test]
    fn a_truck_is_of_the_classes_of_what_it_carries() {
        let town = town();
        let demand = day(&town);
        let (mut brought, mut fetched, mut chilled) = (0, 0, 0);
        for (a, agent) in demand.agents.iter().enumerate().filter(|(_, a)| a.class == Class::Truck) {
            let traits = demand.traits(&town.network, AgentIx::from(a), AIRPORT, 1);
            let has = |class| traits.classes.has(class);
            assert_eq!((has(UserClass::Brings), has(UserClass::Fetches)), (traits.brings > 0, traits.fetches > 0));
            assert_eq!(has(UserClass::Empty), traits.brings == 0);
            assert_eq!(agent.deadline.is_some(), traits.brings > 0);
            assert!(!has(UserClass::Premium) && !has(UserClass::Bags));
            (brought, fetched) = (brought + traits.brings, fetched + traits.fetches);
            chilled += u32::from(has(UserClass::Reefer));
        }
        // Five cargo flights of 101 t each way.
        assert_eq!((brought, fetched), (505_000, 505_000));
        assert!(chilled > 20 && chilled < 70, "{chilled} of some 131 trucks");
        // Every load is carried by its truck.
        let carried: usize = (0..demand.agents.len()).map(|a| demand.carried(AgentIx::from(a)).len()).sum();
        assert_eq!(carried, demand.consignments.len());
    }

    #[test]
    fn a_quarter_of_the_arrivals_is_late_by_twenty_minutes_on_the_mean() {
        let town = town();
        let services = &town.network.hubs.services;
        let (mut late, mut all, mut sum) = (0.0, 0.0, 0.0);
        for seed in 0..40 {
            for (s, service) in services.iter().enumerate() {
                let ms = late_ms(&town.network, ServiceIx::from(s), seed);
                if service.direction == Direction::Departure {
                    assert_eq!(ms, 0);
                    continue;
                }
                (all, late) = (all + 1.0, late + f64::from(u8::from(ms > 0)));
                sum += ms as f64 / MINUTE_MS as f64;
            }
        }
        // 5,640 arrivals: deviations of 0.006 of the share and 0.5 minutes of the mean.
        assert!((late / all - 0.25f64).abs() < 0.025, "{}", late / all);
        assert!((sum / late - 20.0).abs() < 2.0, "{}", sum / late);
    }

    #[test]
    fn who_changes_hubs_is_of_the_scope_of_its_service_at_each() {
        let town = town();
        let demand = day(&town);
        let scope = |service: Option<ServiceIx>| town.network.hubs.services[service.expect("one").i()].scope;
        let differs =
            |a: &&Agent| a.from_another_hub(&town.network.hubs).is_some() && scope(a.came_by) != scope(a.service);
        let agent = demand.agents.iter().find(differs).expect("a domestic train to an international flight or back");
        let ix = AgentIx::from(demand.agents.iter().position(|a| a.key == agent.key).expect("it is there"));
        for (hub, service) in [(STATION, agent.came_by), (AIRPORT, agent.service)] {
            let classes = demand.traits(&town.network, ix, hub, 1).classes;
            assert!(classes.has(of_scope(scope(service))));
            assert!(!(classes.has(UserClass::Domestic) && classes.has(UserClass::International)));
        }
    }
}
