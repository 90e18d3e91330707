//! What is in the stores of hubs when the day begins: what yesterday left. Units: thousandths of a store's unit.
//!
//! Days are alike (see [`super::frame`]). A truck that brings a box for a service n days later brought one like it for the
//! service of today n days ago, and one on each day between: n boxes are in the yard when the day begins, of which the
//! service of today takes one, and the truck of today brings the next. In the same way n boxes are there of one that is
//! fetched n days after its service, of which the truck of today fetches one. So content at the end of a whole day is what
//! it was at its start.
//!
//! Stands and tracks hold as many vehicles of services as leave before others have come. A store that says what is there
//! at the start has that.

use super::items::{freight_traits, late_ms};
use super::{Consignment, Demand};
use crate::ids::{ConsignmentIx, HubIx, StoreIx};
use crate::network::Network;
use crate::network::hubs::{Classes, Hubs, Step};
use crate::scenario::hubs::{ChainUser, Direction, StoreUnit};
use crate::units::Time;

/// What is in the stores of all hubs when the day begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Content by [`StoreIx`], thousandths of its unit: freight, persons and cars of the sample, vehicles of services
    /// as they are.
    pub content: Vec<i64>,
    /// Freight by [`HubIx`], whether or not a store holds it, thousandths of a TEU or tonne of the sample.
    pub freight: Vec<i64>,
    /// Consignments whose other end was on an earlier day, in order: such a one that leaves is there to be loaded when the
    /// day begins, and its truck brings another of its kind for a later day; one that came is there to be fetched, and its
    /// service brings another.
    pub there: Vec<ConsignmentIx>,
}

impl Stock {
    /// The stock of a demand.
    pub fn new(network: &Network, demand: &Demand, seed: u64) -> Stock {
        let hubs = &network.hubs;
        let mut stock =
            Stock { content: vec![0; hubs.stores.len()], freight: vec![0; hubs.hubs.len()], there: Vec::new() };
        for (c, consignment) in demand.consignments.iter().enumerate().filter(|(_, c)| c.days > 0) {
            stock.there.push(ConsignmentIx::from(c));
            let amount = i64::from(consignment.days) * consignment.thousandths();
            stock.freight[consignment.hub.i()] += amount;
            for store in holding(network, demand, consignment, seed) {
                stock.content[store.i()] += amount;
            }
        }
        for (s, store) in hubs.stores.iter().enumerate() {
            let (content, ix) = (&mut stock.content[s], StoreIx::from(s));
            if store.unit == StoreUnit::Vehicles && is_of_services(hubs, ix) {
                *content =
                    store.start.map_or_else(|| 1000 * standing(network, ix, seed), |start| (1000.0 * start) as i64);
            } else if let Some(start) = store.start {
                *content = (1000.0 * start * demand.sample).round() as i64;
            }
        }
        stock
    }
}

/// Steps that everybody of some classes takes.
fn steps<'a>(hubs: &'a Hubs, hub: HubIx, chain: Option<usize>, classes: Classes) -> impl Iterator<Item = &'a Step> {
    let steps = chain.map_or(&[][..], |chain| &hubs.hubs[hub.i()].chains[chain].steps);
    // What only a share does, an inspection say, is no place to rest.
    steps.iter().filter(move |step| step.share >= 1.0 && step.is_for(classes))
}

/// The stores in which a consignment rests between truck and service: where the truck left it, or the unloading.
fn holding(network: &Network, demand: &Demand, consignment: &Consignment, seed: u64) -> Vec<StoreIx> {
    let (hubs, hub) = (&network.hubs, consignment.hub);
    let service = &hubs.services[consignment.service.i()];
    let chain = |user, scope| hubs.hubs[hub.i()].chain_at(user, scope, service.terminal);
    let freight = |s: &StoreIx| matches!(hubs.stores[s.i()].unit, StoreUnit::Teu | StoreUnit::Tonnes);
    if consignment.outbound {
        let truck = &demand.agents[consignment.agent.i()];
        let classes = demand.traits(network, consignment.agent, hub, seed).classes;
        let steps = steps(hubs, hub, chain(ChainUser::Truck, truck.scope), classes);
        return steps.filter_map(|step| step.takes).filter(freight).collect();
    }
    let classes = freight_traits(consignment, &hubs.hubs[hub.i()], seed).classes;
    let unloading: Vec<&Step> = steps(hubs, hub, chain(ChainUser::Unload, consignment.scope), classes).collect();
    let is_freed = |store: &StoreIx| unloading.iter().any(|step| step.frees == Some(*store));
    unloading.iter().filter_map(|step| step.takes).filter(freight).filter(|store| !is_freed(store)).collect()
}

/// Whether vehicles of services take or free room in a store.
fn is_of_services(hubs: &Hubs, store: StoreIx) -> bool {
    let hub = &hubs.hubs[hubs.stores[store.i()].hub.i()];
    let of_services = hub.chains.iter().filter(|c| matches!(c.user, ChainUser::ServiceIn | ChainUser::ServiceOut));
    of_services.flat_map(|chain| &chain.steps).any(|step| step.takes == Some(store) || step.frees == Some(store))
}

/// Vehicles of services that stand in a store when the day begins, so that each that leaves is there when nobody queues.
fn standing(network: &Network, store: StoreIx, seed: u64) -> i64 {
    let hubs = &network.hubs;
    let mut changes: Vec<(Time, i64)> = Vec::new();
    for (ix, service) in hubs.of(hubs.stores[store.i()].hub) {
        let user = match service.direction {
            Direction::Arrival => ChainUser::ServiceIn,
            Direction::Departure => ChainUser::ServiceOut,
        };
        let hub = &hubs.hubs[service.hub.i()];
        let Some(chain) = hub.chain_at(user, service.scope, service.terminal) else { continue };
        let mut now = service.time.plus(late_ms(network, ix, seed));
        for step in &hub.chains[chain].steps {
            now = now.plus(step.walk_ms);
            changes.extend((step.takes == Some(store)).then_some((now, 1)));
            now = now.plus(hubs.processes[step.process.i()].mean_ms as i64);
            changes.extend((step.frees == Some(store)).then_some((now, -1)));
        }
    }
    changes.sort_unstable();
    let (mut content, mut least) = (0, 0);
    for (_, change) in changes {
        content += change;
        least = content.min(least);
    }
    -least
}
