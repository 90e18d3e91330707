//! Synthesis: from the tables of a scenario and its network to everybody and everything that moves in a day.
//!
//! The agents of each part depend on nothing that another part does: a change of one hub's services leaves the trucks
//! and users of other hubs and the residents as they are, draw by draw.

use super::frame::Frame;
use super::freight::freight;
use super::given::given;
use super::hub_users::hub_users;
use super::items::Items;
use super::residents::residents;
use super::stock::Stock;
use super::{Consignment, Demand};
use crate::error::Result;
use crate::ids::AgentIx;
use crate::network::Network;
use crate::scenario::Scenario;

impl Demand {
    /// The demand of a day, for a share `sample` of the population in (0, 1]. In index order: given trips, users of
    /// hubs, trucks, residents.
    pub fn synthesise(scenario: &Scenario, network: &Network, seed: u64, sample: f64) -> Result<Demand> {
        Demand::synthesise_on(scenario, network, network, seed, sample)
    }

    /// The same with destinations and catchments chosen on the roads of `base`, which numbers nodes and zones alike.
    pub fn synthesise_on(
        scenario: &Scenario,
        network: &Network,
        base: &Network,
        seed: u64,
        sample: f64,
    ) -> Result<Demand> {
        let frame = Frame { base, ..Frame::new(scenario, network, seed, sample)? };
        let mut agents = given(&frame)?;
        agents.extend(hub_users(&frame)?);
        let (trucks, consignments) = freight(&frame)?;
        let before = agents.len();
        agents.extend(trucks);
        agents.extend(residents(&frame)?);
        let carried = |c: Consignment| Consignment { agent: AgentIx::from(before + c.agent.i()), ..c };
        let consignments = consignments.into_iter().map(carried).collect();
        let mut demand = Demand { agents, consignments, sample, ..Demand::default() };
        demand.items = Items::new(network, &demand, seed);
        demand.stock = Stock::new(network, &demand, seed);
        Ok(demand)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{AIRPORT, STATION, Town, ZONES};
    use super::super::{Agent, Class, Place};
    use super::*;
    use crate::ids::HubIx;
    use crate::scenario::trips::{TripRow, Trips};

    fn day(town: &Town, sample: f64) -> Demand {
        Demand::synthesise(&town.scenario, &town.network, 1, sample).unwrap()
    }

    /// The town with a few given trips.
    fn town() -> Town {
        let mut town = Town::new();
        let mut trips = Trips::default();
        for i in 0..20 {
            let (trip_id, from_node_id, to_node_id) = (&*format!("t{i}"), "n0", "n7");
            let (departure_s, vehicle_class, route, row) = (25_200.0, "car", "", i + 2);
            assert!(trips.push(&TripRow { trip_id, departure_s, from_node_id, to_node_id, vehicle_class, route, row }));
        }
        town.scenario.trips = trips.into();
        town
    }

    #[test]
    fn every_agent_is_somebody_else_and_starts_and_ends_somewhere() {
        let town = town();
        let demand = day(&town, 1.0);
        let mut keys: Vec<u64> = demand.agents.iter().map(|a| a.key).collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|pair| pair[0] != pair[1]));
        for agent in &demand.agents {
            for place in [agent.from, agent.to] {
                match place {
                    Place::Node(node) => assert!(node.i() < 2 * ZONES),
                    Place::Hub(hub, _) => assert_eq!(agent.hub, Some(hub)),
                }
            }
            assert!(agent.party >= 1 && agent.time.0 >= 0 && agent.time.0 < 30 * crate::units::HOUR_MS);
        }
    }

    #[test]
    fn agents_stand_in_the_promised_order_and_consignments_name_their_trucks() {
        let demand = day(&town(), 0.5);
        let kind = |i: usize| match demand.agents[i].class {
            Class::Background if i < 10 => 0,
            Class::Resident | Class::Visitor | Class::Transfer => 1,
            Class::Truck => 2,
            Class::Background => 3,
        };
        assert!((1..demand.agents.len()).all(|i| kind(i - 1) <= kind(i)));
        assert!([0, 1, 2, 3].iter().all(|&k| (0..demand.agents.len()).any(|i| kind(i) == k)));
        for consignment in &demand.consignments {
            let truck = &demand.agents[consignment.agent.i()];
            assert_eq!((truck.class, truck.hub), (Class::Truck, Some(consignment.hub)));
        }
    }

    #[test]
    fn more_flights_leave_the_trains_and_the_residents_as_they_were() {
        let mut town = town();
        let before = day(&town, 0.4);
        let mut services = town.services();
        services.retain(|(name, s)| s.hub == STATION || !name.ends_with("00"));
        services.iter_mut().filter(|(_, s)| s.hub == AIRPORT).for_each(|(_, s)| {
            s.passengers *= 1.3;
            s.tonnes *= 0.7;
        });
        town.set_services(services);
        let after = day(&town, 0.4);
        let untouched = |d: &Demand, hub: Option<HubIx>| -> Vec<Agent> {
            // services are numbered anew when others are dropped; everything else of an agent stays
            d.agents.iter().filter(|a| a.hub == hub).map(|a| Agent { service: None, ..a.clone() }).collect()
        };
        assert_eq!(untouched(&before, Some(STATION)), untouched(&after, Some(STATION)));
        assert_eq!(untouched(&before, None), untouched(&after, None));
        assert_ne!(untouched(&before, Some(AIRPORT)), untouched(&after, Some(AIRPORT)));
    }

    #[test]
    fn threads_do_not_change_the_demand_and_the_seed_does() {
        let town = town();
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| day(&town, 0.7))
        };
        let (one, four) = (with(1), with(4));
        assert_eq!(one.agents, four.agents);
        assert_eq!(one.consignments, four.consignments);
        let other = Demand::synthesise(&town.scenario, &town.network, 2, 0.7).unwrap();
        assert_ne!(one.agents, other.agents);
    }
}
