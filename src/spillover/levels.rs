//! The levels of a single run, channel by channel. None of them is an increment: a district is not poorer by that much
//! without the hub, as people would spend, work and travel elsewhere.

use super::accessibility::HubAccess;
use super::direct_demand::{self, HubFlow, Linked};
use super::externalities::{Emission, RoadTraffic, delay_cost_cny, emission};
use super::ledger::{Channel, Ledger};
use super::parameters::{Parameter, ParameterSet};
use super::{Input, value_added_per_worker};

/// All channels of a run.
pub fn channels(input: &Input, hubs: &[HubFlow], access: &[HubAccess], sets: &[ParameterSet]) -> Vec<Channel> {
    let mut all = economy(input, hubs, sets);
    all.push(access_cost(input, access, sets.len()));
    all.extend(externalities(input, sets));
    all
}

/// Channels of linked value added and jobs; freight only where a margin is given.
fn economy(input: &Input, hubs: &[HubFlow], sets: &[ParameterSet]) -> Vec<Channel> {
    let districts = input.network.places.districts.len();
    let workers = value_added_per_worker(input.network);
    let by_set: Vec<Vec<Linked>> =
        sets.iter().map(|set| hubs.iter().map(|h| direct_demand::linked(h, &workers, set)).collect()).collect();
    let channel = |name, unit, about, field: fn(&Linked) -> &[f64]| {
        let sum =
            |hubs: &Vec<Linked>| (0..districts).map(|d| hubs.iter().map(|l| field(l)[d]).sum::<f64>() + 0.0).collect();
        Channel { ledger: Ledger::A, name, unit, about, values: by_set.iter().map(sum).collect() }
    };
    let mut all = vec![
        channel(
            "visitor_value_added",
            "yuan a year",
            "gross value added linked to hub visitors (level, not an increment)",
            |l| &l.visitors_cny,
        ),
        channel(
            "hub_operation_value_added",
            "yuan a year",
            "gross value added of the jobs at the hubs (level, not an increment)",
            |l| &l.operations_cny,
        ),
        channel("hub_operation_jobs", "jobs", "jobs at the hubs (level, not an increment)", |l| &l.jobs),
    ];
    let margins = [Parameter::MarginTonne, Parameter::MarginTeu];
    if margins.into_iter().any(|p| sets[0].optional(p).is_some()) {
        let about = "gross value added of forwarding hub freight (level, not an increment)";
        all.push(channel("freight_value_added", "yuan a year", about, |l| &l.freight_cny));
    }
    all
}

/// What the users of the hubs bear to reach and leave them. It holds no parameter of the table, so all sets agree.
fn access_cost(input: &Input, access: &[HubAccess], sets: usize) -> Channel {
    let districts = input.network.places.districts.len();
    let mut cost = vec![0.0; districts];
    for (at, a) in access.iter().enumerate() {
        let persons = input.flows.persons_to_hub(at) + input.flows.persons_from_hub(at);
        cost[at % districts] += persons * a.logsum_cny.unwrap_or(0.0);
    }
    Channel {
        ledger: Ledger::B,
        name: "hub_access_cost",
        unit: "yuan a day",
        about: "generalised cost of reaching and leaving the hubs, of all their users (level; a difference is valued by \
                the rule of a half)",
        values: vec![cost; sets],
    }
}

/// Emissions, delay and its cost, of all traffic and of the hubs' traffic.
fn externalities(input: &Input, sets: &[ParameterSet]) -> Vec<Channel> {
    let mut all = of_traffic(input, input.traffic, sets, ALL_TRAFFIC);
    all.extend(of_traffic(input, input.hub_traffic, sets, HUB_TRAFFIC));
    all
}

/// Names and meanings of the channels of a traffic: CO2, NOx, PM2.5, delay, cost of delay.
type TrafficNames = [(&'static str, &'static str); 5];

const ALL_TRAFFIC: TrafficNames = [
    ("co2", "carbon dioxide of road traffic in the district"),
    ("nox", "nitrogen oxides of road traffic in the district"),
    ("pm25", "fine dust of road traffic in the district"),
    ("delay", "vehicle-hours above free flow on the district's roads"),
    ("delay_cost", "cost of delay on the district's roads to those who drive"),
];

const HUB_TRAFFIC: TrafficNames = [
    ("co2_of_hub_traffic", "carbon dioxide of the cars of hub passengers and the trucks of hubs"),
    ("nox_of_hub_traffic", "nitrogen oxides of the cars of hub passengers and the trucks of hubs"),
    ("pm25_of_hub_traffic", "fine dust of the cars of hub passengers and the trucks of hubs"),
    ("delay_of_hub_traffic", "delay borne by the cars of hub passengers and the trucks of hubs"),
    ("delay_cost_of_hub_traffic", "cost of delay borne by the cars of hub passengers and the trucks of hubs"),
];

fn of_traffic(input: &Input, traffic: &RoadTraffic, sets: &[ParameterSet], names: TrafficNames) -> Vec<Channel> {
    let districts = 0..input.network.places.districts.len();
    let channel = |k: usize, unit, value: &dyn Fn(usize, &ParameterSet) -> f64| Channel {
        ledger: Ledger::C,
        name: names[k].0,
        unit,
        about: names[k].1,
        values: sets.iter().map(|set| districts.clone().map(|d| value(d, set)).collect()).collect(),
    };
    let emitted = |d: usize, set: &ParameterSet| -> Emission { emission(traffic.car_km[d], traffic.truck_km[d], set) };
    let cost = |d: usize, set: &ParameterSet| {
        delay_cost_cny(traffic.car_delay_h[d], traffic.truck_delay_h[d], input.purpose_shares, set)
    };
    vec![
        channel(0, "t a day", &|d, set| emitted(d, set).co2_t),
        channel(1, "kg a day", &|d, set| emitted(d, set).nox_kg),
        channel(2, "kg a day", &|d, set| emitted(d, set).pm25_kg),
        channel(3, "vehicle-hours a day", &|d, _| traffic.delay_h(d)),
        channel(4, "yuan a day", &cost),
    ]
}
