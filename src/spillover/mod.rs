//! Spillover of a run on its districts: traffic, accessibility, economy and externalities, with intervals over the draws of
//! the parameters.
//!
//! A single run has levels only. An increment is a difference of two runs, made by [`crate::compare`] from the tables of
//! both; that is why the effective densities and the parameters are kept draw by draw.

pub mod accessibility;
pub mod agglomeration;
pub mod direct_demand;
pub mod externalities;
pub mod gather;
pub mod ledger;
pub mod levels;
pub mod parameters;
pub mod tables;
pub mod uncertainty;

use crate::error::Result;
use crate::ids::{DistrictIx, HubIx};
use crate::network::Network;
use crate::network::skims::Skims;
use crate::scenario::tables::ParameterRow;
use crate::table::Table;
use direct_demand::HubFlow;
use externalities::RoadTraffic;
use parameters::{Parameter, Parameters};

/// What the estimate needs of a run. Counts are of the whole population, not of the sample, and of one day.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Supply: districts, zones, hubs.
    pub network: &'a Network,
    /// Costs and times by zone.
    pub skims: &'a Skims,
    /// Rows of the parameter table; without rows there is no economic estimate and no emission.
    pub parameters: &'a [ParameterRow],
    /// Path of the parameter table, for messages.
    pub parameter_file: &'a str,
    /// Latin hypercube draws of the parameters.
    pub draws: usize,
    /// Seed of the draws, the same for base and variant.
    pub seed: u64,
    /// The flow ledger.
    pub flows: &'a Flows,
    /// Trips of residents between districts that touch no hub, a day, at `from * districts + to`; may be empty.
    pub trips: &'a [f64],
    /// All road traffic.
    pub traffic: &'a RoadTraffic,
    /// The part of it that belongs to hubs: their passengers' cars and their trucks.
    pub hub_traffic: &'a RoadTraffic,
    /// Share of car kilometres driven on business, commutes and all else.
    pub purpose_shares: [f64; 3],
}

/// The flow ledger of a day: arrays by hub and district at [`Flows::at`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flows {
    /// Number of districts.
    pub districts: usize,
    /// Residents who leave the region through the hub, persons.
    pub residents_out: Vec<f64>,
    /// Residents who come back through the hub, persons.
    pub residents_in: Vec<f64>,
    /// Visitors who come to the region through the hub, persons.
    pub visitors_in: Vec<f64>,
    /// Visitors who go home through the hub, persons.
    pub visitors_out: Vec<f64>,
    /// Air cargo that leaves the region, tonnes.
    pub tonnes_out: Vec<f64>,
    /// Air cargo that comes into the region, tonnes.
    pub tonnes_in: Vec<f64>,
    /// Containers that leave the region, TEU.
    pub teu_out: Vec<f64>,
    /// Containers that come into the region, TEU.
    pub teu_in: Vec<f64>,
    /// Persons who change between two services, by hub.
    pub transfers: Vec<f64>,
}

impl Flows {
    /// No flow between so many hubs and districts.
    pub fn none(hubs: usize, districts: usize) -> Flows {
        let zero = vec![0.0; hubs * districts];
        Flows {
            districts,
            residents_out: zero.clone(),
            residents_in: zero.clone(),
            visitors_in: zero.clone(),
            visitors_out: zero.clone(),
            tonnes_out: zero.clone(),
            tonnes_in: zero.clone(),
            teu_out: zero.clone(),
            teu_in: zero,
            transfers: vec![0.0; hubs],
        }
    }

    /// Position of a hub and a district in the arrays.
    pub fn at(&self, hub: HubIx, district: DistrictIx) -> usize {
        hub.i() * self.districts + district.i()
    }

    /// Persons from a district to a hub, at a position.
    pub fn persons_to_hub(&self, at: usize) -> f64 {
        self.residents_out[at] + self.visitors_out[at]
    }

    /// Persons from a hub to a district, at a position.
    pub fn persons_from_hub(&self, at: usize) -> f64 {
        self.residents_in[at] + self.visitors_in[at]
    }

    /// The flow of a hub as direct demand sees it.
    fn hub_flow(&self, network: &Network, hub: HubIx) -> HubFlow {
        let own = |array: &[f64]| array[hub.i() * self.districts..(hub.i() + 1) * self.districts].to_vec();
        let both = |a: &[f64], b: &[f64]| own(a).iter().zip(own(b)).map(|(x, y)| x + y).collect::<Vec<f64>>();
        let land_side = (0..self.districts).map(|d| self.at(hub, DistrictIx::from(d)));
        let passengers: f64 = land_side.map(|at| self.persons_to_hub(at) + self.persons_from_hub(at)).sum();
        HubFlow {
            kind: network.hubs.hubs[hub.i()].kind,
            district: network.hubs.hubs[hub.i()].district.i(),
            passengers: passengers + 2.0 * self.transfers[hub.i()],
            visitors: own(&self.visitors_in),
            tonnes: both(&self.tonnes_out, &self.tonnes_in),
            teu: both(&self.teu_out, &self.teu_in),
        }
    }
}

/// Estimates the effects of a run on its districts: result tables, none when the scenario has no districts.
///
/// Tables: `districts`, `accessibility`, `hub_flow`, `district_trips` (when trips are given) and, with parameters,
/// `spillover`, `spillover_total`, `conversion`, `effective_density`, `density_draws`, `parameters`,
/// `parameter_draws`, `purpose_shares`.
///
/// # Errors
/// Every missing or broken parameter, all at once.
pub fn estimate(input: &Input) -> Result<Vec<Table>> {
    let places = &input.network.places;
    if places.districts.is_empty() {
        return Ok(Vec::new());
    }
    let hubs: Vec<HubFlow> =
        (0..input.network.hubs.hubs.len()).map(|h| input.flows.hub_flow(input.network, HubIx::from(h))).collect();
    let access = access(input);
    if input.parameters.is_empty() {
        return Ok(tables::of_the_flow(input, &hubs, &access, None));
    }
    let parameters = Parameters::read(input.parameters, input.parameter_file)?;
    let sets = parameters.sets(input.seed, input.draws);
    let exponents: Vec<f64> = sets.iter().flat_map(|set| (0..4).map(|s| set.of(Parameter::alpha(s)))).collect();
    let costs = accessibility::general_costs(input.skims);
    let estimate = tables::Estimate {
        densities: accessibility::densities(places, &costs, &exponents),
        channels: levels::channels(input, &hubs, &access, &sets),
        parameters: &parameters,
        sets: &sets,
    };
    let mut all = tables::of_the_flow(input, &hubs, &access, Some(&estimate));
    all.extend(tables::of_the_estimate(input, &hubs, &estimate));
    Ok(all)
}

/// Access of all districts to all hubs, at `hub * districts + district`.
fn access(input: &Input) -> Vec<accessibility::HubAccess> {
    let hubs = &input.network.hubs;
    let served = |h: usize| hubs.of(HubIx::from(h)).map(|(_, service)| service.passengers).sum::<f64>();
    let supply: Vec<f64> = (0..hubs.hubs.len()).map(served).collect();
    let decay: Vec<f64> = hubs.hubs.iter().map(|h| h.users.decay_per_min).collect();
    accessibility::hub_access(&input.network.places, input.skims, &supply, &decay)
}

/// Value added per worker by district, yuan a year.
fn value_added_per_worker(network: &Network) -> Vec<f64> {
    let districts = network.places.districts.iter();
    districts.map(|d| agglomeration::value_added_per_worker(d.gdp_cny, d.jobs.iter().sum())).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::error::Error;
    use crate::ids::Names;
    use crate::network::hubs::{Hub, Hubs, Service};
    use crate::network::lines::Lines;
    use crate::network::roads::Roads;
    use crate::network::{Network, NetworkNames};
    use crate::scenario::hubs::{Direction, HubKind, Scope, ServiceMode, Users};
    use crate::units::Time;
    use accessibility::tests::three_zones;

    /// Two districts, an airport in the east, 20 draws; `change` may alter flows and skims before the estimate.
    pub(crate) fn example(change: impl Fn(&mut Flows, &mut Skims)) -> Vec<Table> {
        let (places, mut skims) = three_zones();
        let hub = Hub {
            id: "AIR".into(),
            name: "机场".into(),
            name_en: "Airport".into(),
            kind: HubKind::Airport,
            district: DistrictIx(1),
            position: [113.0, 23.0],
            drop_off: None,
            pick_up: None,
            truck_in: None,
            truck_out: None,
            stops: Vec::new(),
            gates: Vec::new(),
            kerb_walk_ms: 0,
            chains: Vec::new(),
            users: Users::default(),
            gate: (Time(0), Time(0)),
            truck_class: crate::mode::VehicleClass::Truck,
            terminals: Vec::new(),
            appointments: None,
        };
        let service = Service {
            hub: HubIx(0),
            mode: ServiceMode::Air,
            direction: Direction::Arrival,
            time: Time(0),
            seats: 1500.0,
            passengers: 1500.0,
            tonnes: 0.0,
            teu: 0.0,
            region: String::new(),
            scope: Scope::Domestic,
            terminal: None,
        };
        let mut names = NetworkNames::default();
        let mut districts = Names::default();
        districts.add("W");
        districts.add("E");
        names.districts = districts;
        let network = Network {
            roads: Roads::default(),
            lines: Lines::default(),
            hubs: Hubs { hubs: vec![hub], services: vec![service], ..Hubs::default() },
            places,
            names,
        };
        let mut flows = Flows::none(1, 2);
        flows.visitors_in = vec![300.0, 100.0];
        flows.residents_out = vec![200.0, 400.0];
        flows.tonnes_out = vec![5.0, 0.0];
        flows.transfers = vec![50.0];
        change(&mut flows, &mut skims);
        let traffic = RoadTraffic { car_km: vec![1e6, 2e6], truck_km: vec![1e5, 0.0], ..RoadTraffic::none(2) };
        let input = Input {
            network: &network,
            skims: &skims,
            parameters: &parameters::tests::table(),
            parameter_file: "spillover/parameters.csv",
            draws: 20,
            seed: 5,
            flows: &flows,
            trips: &[1000.0, 200.0, 200.0, 1000.0],
            traffic: &traffic,
            hub_traffic: &RoadTraffic::none(2),
            purpose_shares: [0.1, 0.4, 0.5],
        };
        let tables = estimate(&input).unwrap();
        let bare = estimate(&Input { parameters: &[], ..input }).unwrap();
        assert_eq!(bare.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), FLOW_TABLES);
        let broken = estimate(&Input { parameters: &input.parameters[2..], ..input });
        assert!(matches!(broken, Err(Error::Problems(p)) if p.len() == 2));
        tables
    }

    const FLOW_TABLES: [&str; 4] = ["districts", "accessibility", "hub_flow", "district_trips"];

    fn named<'a>(tables: &'a [Table], name: &str) -> &'a Table {
        tables.iter().find(|t| t.name == name).unwrap()
    }

    #[test]
    fn a_run_gives_levels_with_intervals_for_every_district() {
        let tables = example(|_, _| {});
        let spillover = named(&tables, "spillover");
        let row = |district: &str, channel: &str| {
            let is =
                |&r: &usize| spillover.texts("district_id")[r] == district && spillover.texts("channel")[r] == channel;
            (0..spillover.rows()).find(is).unwrap()
        };
        // 300 visitors × 365 × 1,401 × 0.7 × 0.47 = 50,471,725.5 yuan a year in the west.
        let visitors = row("W", "visitor_value_added");
        assert!((spillover.number("value", visitors).unwrap() - 50_471_725.5).abs() < 1e-3);
        let [p05, p50, p95] = ["p05", "p50", "p95"].map(|p| spillover.number(p, visitors).unwrap());
        assert!(p05 < p50 && p50 < p95 && p05 > 0.0);
        // 500 persons of the west at 36 yuan and 500 of the east at 10 yuan.
        assert_eq!(spillover.number("value", row("W", "hub_access_cost")), Some(18_000.0));
        assert_eq!(spillover.number("value", row("E", "hub_access_cost")), Some(5_000.0));
        // 1 m car-km at 190 g and 0.1 m truck-km at 800 g = 270 t.
        assert!((spillover.number("value", row("W", "co2")).unwrap() - 270.0).abs() < 1e-9);
        // 1,000 persons to and from the hub and 50 who change, counted twice.
        assert_eq!(named(&tables, "hub_flow").number("passengers", 0), Some(1_100.0));
    }

    #[test]
    fn stored_draws_are_read_back_as_they_were_drawn() {
        let tables = example(|_, _| {});
        let sets = tables::parameter_sets(named(&tables, "parameter_draws")).unwrap();
        let drawn = Parameters::read(&parameters::tests::table(), "p.csv").unwrap().sets(5, 20);
        assert_eq!(sets, drawn);
        assert_eq!(named(&tables, "density_draws").rows(), 2 * 21);
        assert_eq!(example(|_, _| {}), tables);
    }

    #[test]
    fn the_density_index_of_the_region_is_100() {
        let tables = example(|_, _| {});
        let districts = named(&tables, "districts");
        // West and east have 1,000 jobs each, so the plain mean is 100.
        let index = |row| districts.number("density_index_producer", row).unwrap();
        assert!((index(0) + index(1) - 200.0).abs() < 1e-9 && index(0) != index(1));
    }
}
