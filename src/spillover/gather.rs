//! From the indicators of a run to what the estimate needs of it.

use super::Flows;
use super::externalities::RoadTraffic;
use crate::demand::plan::{Leg, Plan};
use crate::demand::{Class, Demand, Place, Purpose};
use crate::ids::{DistrictIx, NodeIx};
use crate::metrics::district_traffic::Driven;
use crate::metrics::flows::{Cell, Flow, FlowDirection};
use crate::network::Network;

/// The flow of hubs by hub and district, expanded to the whole population: all who meant to pass and could. Who is late or
/// still under way on one day is no lost business of a year; who finds no way is.
pub fn flows(network: &Network, demand: &Demand, cells: &[(Cell, Flow)]) -> Flows {
    let mut flows = Flows::none(network.hubs.hubs.len(), network.places.districts.len());
    for (cell, flow) in cells {
        let departing = cell.direction == FlowDirection::Departing;
        let persons = (flow.persons + flow.missed + flow.under_way) as f64 / demand.sample;
        match (cell.class, cell.district) {
            // A transfer stands in both directions of the ledger and is one person here.
            (Class::Transfer, _) if departing => flows.transfers[cell.hub.i()] += persons,
            (Class::Resident | Class::Visitor, Some(district)) => {
                let at = flows.at(cell.hub, district);
                let side = match (cell.class, departing) {
                    (Class::Resident, true) => &mut flows.residents_out,
                    (Class::Resident, false) => &mut flows.residents_in,
                    (_, true) => &mut flows.visitors_out,
                    (_, false) => &mut flows.visitors_in,
                };
                side[at] += persons;
            }
            _ => {}
        }
    }
    for c in &demand.consignments {
        let at = flows.at(c.hub, network.places.zones[c.zone.i()].district);
        let (tonnes, teu) = match c.outbound {
            true => (&mut flows.tonnes_out, &mut flows.teu_out),
            false => (&mut flows.tonnes_in, &mut flows.teu_in),
        };
        tonnes[at] += c.tonnes / demand.sample;
        teu[at] += c.teu / demand.sample;
    }
    flows
}

/// Trips of residents between districts that touch no hub, at `from * districts + to`, whole population.
pub fn background_trips(network: &Network, demand: &Demand) -> Vec<f64> {
    let districts = network.places.districts.len();
    let mut trips = vec![0u64; districts * districts];
    let district = |node: NodeIx| network.roads.node_district[node.i()];
    for agent in demand.agents.iter().filter(|a| a.class == Class::Background) {
        if let (Place::Node(from), Place::Node(to)) = (agent.from, agent.to)
            && let (Some(DistrictIx(from)), Some(DistrictIx(to))) = (district(from), district(to))
        {
            trips[from as usize * districts + to as usize] += u64::from(agent.party);
        }
    }
    trips.into_iter().map(|persons| persons as f64 / demand.sample).collect()
}

/// Road traffic as arrays by district.
pub fn traffic(driven: &[Driven]) -> RoadTraffic {
    RoadTraffic {
        car_km: driven.iter().map(|d| d.car_km).collect(),
        truck_km: driven.iter().map(|d| d.truck_km).collect(),
        car_delay_h: driven.iter().map(|d| d.car_delay_h).collect(),
        truck_delay_h: driven.iter().map(|d| d.truck_delay_h).collect(),
    }
}

/// Shares of business, commuting and all else of the kilometres driven by car and taxi.
pub fn purpose_shares(network: &Network, demand: &Demand, plans: &[Option<Plan>]) -> [f64; 3] {
    let mut km = [0.0; 3];
    for (agent, plan) in demand.agents.iter().zip(plans) {
        let which = match agent.purpose {
            Purpose::Business => 0,
            Purpose::Commute => 1,
            Purpose::Other => 2,
            Purpose::Freight => continue,
        };
        for leg in plan.iter().flat_map(|p| &p.legs) {
            if let Leg::Drive { route } = leg {
                km[which] += route.iter().map(|l| network.roads.length_m[l.i()]).sum::<f64>() / 1e3;
            }
        }
    }
    let all: f64 = km.iter().sum();
    km.map(|k| if all > 0.0 { k / all } else { 0.0 })
}
