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
fn steps(hubs: &Hubs, hub: HubIx, chain: Option<usize>, classes: Classes) -> impl Iterator<Item = &Step> {
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, Town, passengers};
    use super::*;
    use crate::ids::ProcessIx;
    use crate::network::hubs::{Chain, Process, Store};
    use crate::scenario::hubs::{ChainScope, ServiceMode, UserClass};
    use crate::units::{HOUR_MS, MINUTE_MS};
    use proptest::prelude::*;

    /// The town with a yard for dry goods and one for chilled ones at the airport, and stands.
    fn town(dwell_h: f64, reefers: f64) -> Town {
        let mut town = Town::new();
        let hubs = &mut town.network.hubs;
        hubs.processes = vec![Process { hub: AIRPORT, mean_ms: 60_000.0, ..Process::default() }];
        let store = |unit| Store { hub: AIRPORT, unit, capacity: 1e6, ..Store::default() };
        hubs.stores = vec![store(StoreUnit::Tonnes), store(StoreUnit::Tonnes), store(StoreUnit::Vehicles)];
        let step = |takes: Option<u32>, frees: Option<u32>| Step {
            takes: takes.map(StoreIx),
            frees: frees.map(StoreIx),
            ..Step::at(ProcessIx(0), 0)
        };
        let chilled = Classes::NONE.with(UserClass::Reefer);
        let dry = |step: Step| Step { except: chilled, ..step };
        let cold = |step: Step| Step { only: chilled, ..step };
        let both = |takes: bool, frees: bool| {
            let of = |s: u32| step(takes.then_some(s), frees.then_some(s));
            vec![dry(of(0)), cold(of(1))]
        };
        let chain = |user, steps| Chain { user, scope: ChainScope::Any, terminal: None, steps };
        let hub = &mut hubs.hubs[AIRPORT.i()];
        hub.chains = vec![
            chain(ChainUser::Truck, both(true, true)),
            chain(ChainUser::Load, both(false, true)),
            chain(ChainUser::Unload, both(true, false)),
            chain(ChainUser::ServiceIn, vec![step(None, None), step(Some(2), None)]),
            chain(ChainUser::ServiceOut, vec![step(None, Some(2))]),
        ];
        (hub.users.dwell_h, hub.users.reefer_share) = (dwell_h, reefers);
        town.scenario.settings.time.end = "24:00".into();
        town
    }

    fn day(town: &Town, sample: f64) -> Demand {
        Demand::synthesise(&town.scenario, &town.network, 1, sample).expect("a town")
    }

    /// What comes into and leaves the airport's freight in the day: moment, thousandths.
    fn changes(town: &Town, demand: &Demand) -> Vec<(Time, i64)> {
        let both = demand.consignments.iter().flat_map(|c| {
            let (truck, service) = (demand.agents[c.agent.i()].time, town.network.hubs.services[c.service.i()].time);
            let (comes, goes) = if c.outbound { (truck, service) } else { (service, truck) };
            [(comes, c.thousandths()), (goes, -c.thousandths())]
        });
        let mut all: Vec<(Time, i64)> = both.collect();
        // What comes at a moment is there for what goes at it.
        all.sort_by_key(|&(time, change)| (time, -change));
        all
    }

    #[test]
    fn what_the_day_takes_is_there_and_the_next_day_finds_the_same() {
        let town = town(20.0, 0.0);
        let demand = day(&town, 1.0);
        let stock = Stock::new(&town.network, &demand, 1);
        // 1,010 t a day; a dwell of 20 h is some 0.8 days of it.
        let start = stock.freight[AIRPORT.i()];
        assert!((600_000..1_050_000).contains(&start), "{start}");
        assert_eq!(stock.content[..2], [start, 0]);
        let mut content = start;
        let mut least = start;
        for (_, change) in changes(&town, &demand) {
            content += change;
            least = least.min(content);
        }
        assert_eq!(content, start, "the day after begins alike");
        assert!(least >= 0, "{least}: nothing leaves that is not there");
        // What is there needs no truck or service of today; what is not comes before it goes.
        for (c, consignment) in demand.consignments.iter().enumerate() {
            let truck = demand.agents[consignment.agent.i()].time;
            let service = town.network.hubs.services[consignment.service.i()].time;
            let there = stock.there.contains(&ConsignmentIx::from(c));
            let in_order = if consignment.outbound { truck <= service } else { service <= truck };
            assert!(there || in_order);
            assert_eq!(there, consignment.days > 0);
        }
    }

    #[test]
    fn chilled_goods_rest_in_their_own_yard() {
        let town = town(20.0, 0.3);
        let demand = day(&town, 1.0);
        let stock = Stock::new(&town.network, &demand, 1);
        let [dry, cold] = [stock.content[0], stock.content[1]];
        // A two-way truck is chilled when one of its loads is, and both then rest where it goes: 0.3 and a little more.
        let share = cold as f64 / stock.freight[AIRPORT.i()] as f64;
        assert_eq!(dry + cold, stock.freight[AIRPORT.i()]);
        assert!((0.2..0.5).contains(&share), "{share}");
    }

    #[test]
    fn aircraft_that_leave_before_others_have_come_stand_there_when_the_day_begins() {
        let mut town = town(8.0, 0.0);
        let flight = |direction, minute| passengers(AIRPORT, direction, minute, 50.0);
        // Two leave at six and seven, one comes at half past six, one leaves at eight: 2 are needed at the start.
        let services = [
            ("airport/d6", flight(Direction::Departure, 360)),
            ("airport/a", flight(Direction::Arrival, 390)),
            ("airport/d7", flight(Direction::Departure, 420)),
            ("airport/d8", flight(Direction::Departure, 480)),
        ];
        town.set_services(services.map(|(name, s)| (name.to_owned(), s)).to_vec());
        let demand = day(&town, 0.1);
        assert_eq!(Stock::new(&town.network, &demand, 1).content[2], 2_000);
        // What the file says holds, of cars and freight the share of the sample.
        town.network.hubs.stores[2].start = Some(7.0);
        town.network.hubs.stores[0].start = Some(30.0);
        assert_eq!(Stock::new(&town.network, &demand, 1).content, [3_000, 0, 7_000]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn nothing_leaves_a_yard_that_is_not_there(dwell_h in 0.5f64..60.0, cargo in 1i64..1440, two_way in 0.0f64..1.0) {
            let mut town = town(dwell_h, 0.0);
            town.scenario.settings.freight.two_way_share = two_way;
            let services = [Direction::Departure, Direction::Arrival].map(|direction| {
                let mut s = passengers(AIRPORT, direction, cargo, 0.0);
                (s.mode, s.tonnes) = (ServiceMode::AirCargo, 200.0);
                (format!("airport/{direction:?}"), s)
            });
            town.set_services(services.to_vec());
            let demand = day(&town, 1.0);
            let start = Stock::new(&town.network, &demand, 1).freight[AIRPORT.i()];
            let mut content = start;
            for (_, change) in changes(&town, &demand) {
                content += change;
                prop_assert!(content >= 0);
            }
            prop_assert_eq!(content, start);
            let late = demand.agents.iter().filter(|a| a.time >= Time(24 * HOUR_MS)).count();
            prop_assert_eq!(late, 0);
            prop_assert!(demand.agents.iter().all(|a| a.time.0 % MINUTE_MS >= 0));
        }
    }
}
