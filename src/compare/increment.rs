//! Increments of districts between two outcomes, ledger by ledger. Every parameter set is applied to both outcomes and
//! subtracted, so that the intervals are those of the difference and not of two levels.

use super::side::{Districts, Side};
use super::user_benefit::{PairColumns, by_district};
use crate::outcome::Outcome;
use crate::scenario::tables::SECTORS;
use crate::spillover::agglomeration::{increment, value_added_per_worker};
use crate::spillover::direct_demand::{DAYS_PER_YEAR, HubFlow, Linked, displaced, linked};
use crate::spillover::externalities::{delay_cost_cny, emission};
use crate::spillover::ledger::{Channel, Ledger};
use crate::spillover::parameters::{Parameter, ParameterSet};

/// The channel that sums up ledger A: agglomeration, demand and displacement.
pub const NET: &str = "net_value_added";

/// Ledger A: needs the parameters of both outcomes to be the same; empty otherwise.
pub fn economy(base: &Side, variant: &Side, districts: &Districts) -> Vec<Channel> {
    if base.sets.is_empty() || base.sets != variant.sets {
        return Vec::new();
    }
    let ground = Ground::of(base, districts);
    let sets: Vec<Economy> = (0..base.sets.len()).map(|k| Economy::between(base, variant, &ground, k)).collect();
    let channel = |name, unit, about, field: fn(&Economy) -> &Vec<f64>| Channel {
        ledger: Ledger::A,
        name,
        unit,
        about,
        values: sets.iter().map(|e| field(e).clone()).collect(),
    };
    let year = "yuan a year";
    vec![
        channel("agglomeration", year, "workers produce more where more jobs are reached for less", |e| {
            &e.agglomeration
        }),
        channel("visitor_demand_gross", year, "value added where visitors of hubs spend, gross", |e| &e.visitors),
        channel("freight_demand_gross", year, "value added by forwarding freight of hubs, gross", |e| &e.freight),
        channel("displaced", year, "value added that this demand takes from the districts", |e| &e.displaced),
        channel("hub_operations", year, "value added of the jobs at the hubs", |e| &e.operations),
        channel(NET, year, "sum of the channels of ledger A in yuan: the district increment", |e| &e.net),
        channel("jobs", "jobs", "jobs of the demand net of displacement, and of the hubs", |e| &e.jobs),
    ]
}

/// What the base says of the districts, the same for all parameter sets.
struct Ground {
    workers: Vec<f64>,
    sector_jobs: Vec<Vec<f64>>,
}

impl Ground {
    fn of(base: &Side, districts: &Districts) -> Ground {
        let gdp = districts.column(base.districts, "gdp_cny");
        let jobs = districts.column(base.districts, "jobs");
        Ground {
            workers: gdp.iter().zip(&jobs).map(|(&g, &e)| value_added_per_worker(g, e)).collect(),
            sector_jobs: SECTORS.iter().map(|s| districts.column(base.districts, &format!("jobs_{s}"))).collect(),
        }
    }

    fn consumer_jobs(&self) -> &[f64] {
        let consumer = SECTORS.iter().position(|&s| s == "consumer").expect("consumer services are a sector");
        &self.sector_jobs[consumer]
    }
}

/// Ledger A for one parameter set; arrays by district, yuan a year and jobs.
struct Economy {
    agglomeration: Vec<f64>,
    visitors: Vec<f64>,
    freight: Vec<f64>,
    displaced: Vec<f64>,
    operations: Vec<f64>,
    net: Vec<f64>,
    jobs: Vec<f64>,
}

impl Economy {
    fn between(base: &Side, variant: &Side, ground: &Ground, k: usize) -> Economy {
        let set = &base.sets[k];
        let all = |side: &Side| side.hubs.iter().map(|(_, h)| linked(h, &ground.workers, set)).collect::<Vec<Linked>>();
        let (before, after) = (all(base), all(variant));
        let n = ground.workers.len();
        let change = |field: fn(&Linked) -> &Vec<f64>| -> Vec<f64> {
            let sum = |links: &[Linked], d: usize| links.iter().map(|l| field(l)[d]).sum::<f64>();
            (0..n).map(|d| sum(&after, d) - sum(&before, d)).collect()
        };
        let agglomeration: Vec<f64> = (0..n).map(|d| agglomeration_of(base, variant, ground, set, (k, d))).collect();
        let (visitors, freight) = (change(|l| &l.visitors_cny), change(|l| &l.freight_cny));
        let (operations, hub_jobs) = (change(|l| &l.operations_cny), change(|l| &l.jobs));
        let gross: Vec<f64> = visitors.iter().zip(&freight).map(|(v, f)| v + f).collect();
        let displaced = displaced(&gross, set.of(Parameter::Additionality), ground.consumer_jobs());
        let net = (0..n).map(|d| agglomeration[d] + gross[d] + displaced[d] + operations[d]).collect();
        let jobs_of =
            |d: usize| if ground.workers[d] > 0.0 { (gross[d] + displaced[d]) / ground.workers[d] } else { 0.0 };
        let jobs = (0..n).map(|d| jobs_of(d) + hub_jobs[d]).collect();
        Economy { agglomeration, visitors, freight, displaced, operations, net, jobs }
    }
}

fn agglomeration_of(base: &Side, variant: &Side, ground: &Ground, set: &ParameterSet, (k, d): (usize, usize)) -> f64 {
    (0..SECTORS.len())
        .map(|s| {
            let at = k * SECTORS.len() + s;
            let value_added = ground.workers[d] * ground.sector_jobs[s][d];
            increment(base.densities[d][at], variant.densities[d][at], set.exponent(s), value_added)
        })
        .sum()
}

/// Ledger B: benefit of users by the rule of a half. It holds no drawn parameter. Also returns how many trips a day could
/// not be valued.
pub fn welfare(base: &Outcome, variant: &Outcome, districts: &Districts, sets: usize) -> (Vec<Channel>, f64) {
    let hub = PairColumns {
        keys: ["hub_id", "district_id"],
        district: "district_id",
        trips: &["persons_to_hub", "persons_from_hub"],
        cost_cny: "logsum_cny",
    };
    let trips = PairColumns {
        keys: ["from_district_id", "to_district_id"],
        district: "from_district_id",
        trips: &["trips"],
        cost_cny: "logsum_cny",
    };
    let channels = [
        (
            "accessibility",
            hub,
            "user_benefit_hub_access",
            "benefit of those who reach and leave the hubs, rule of a half",
        ),
        (
            "district_trips",
            trips,
            "user_benefit_other_trips",
            "benefit of trips that touch no hub, at their origin, rule of a half",
        ),
    ];
    let (mut all, mut left_out) = (Vec::new(), 0.0);
    for (table, columns, name, about) in channels {
        let (Some(from), Some(to)) = (base.table(table), variant.table(table)) else { continue };
        let (benefit, without) = by_district(from, to, columns, |id| districts.find(id), districts.count());
        left_out += without;
        let values = vec![benefit; sets.max(1)];
        all.push(Channel { ledger: Ledger::B, name, unit: "yuan a day", about, values });
    }
    (all, left_out)
}

/// Ledger C: change of road traffic and what it emits; emissions and costs need the parameters of both outcomes.
pub fn externalities(base: &Side, variant: &Side, districts: &Districts) -> Vec<Channel> {
    let names = ["car_km", "truck_km", "car_delay_h", "truck_delay_h"];
    let read = |side: &Side| names.map(|name| districts.column(side.districts, name));
    let (before, after) = (read(base), read(variant));
    let channel = |name, unit, about, values| Channel { ledger: Ledger::C, name, unit, about, values };
    let sets = base.sets.len().max(1);
    let change = |a: usize, b: usize| -> Vec<f64> {
        (0..districts.count()).map(|d| (after[a][d] - before[a][d]) + (after[b][d] - before[b][d])).collect()
    };
    let mut all = vec![
        channel("vehicle_km", "vehicle-km a day", "driven on the district's roads", vec![change(0, 1); sets]),
        channel("delay", "vehicle-hours a day", "above free flow on the district's roads", vec![change(2, 3); sets]),
    ];
    if base.sets.is_empty() || base.sets != variant.sets {
        return all;
    }
    let named = [
        ("delay_cost", "yuan a day", "cost of delay to those who drive"),
        ("co2", "t a day", "carbon dioxide of road traffic"),
        ("nox", "kg a day", "nitrogen oxides of road traffic"),
        ("pm25", "kg a day", "fine dust of road traffic"),
    ];
    for (k, (name, unit, about)) in named.into_iter().enumerate() {
        let change =
            |set: &ParameterSet, d: usize| burden(&after, variant, set, d)[k] - burden(&before, base, set, d)[k];
        let by_district = |set: &ParameterSet| (0..districts.count()).map(|d| change(set, d)).collect();
        all.push(channel(name, unit, about, base.sets.iter().map(by_district).collect()));
    }
    all
}

/// Cost of delay (yuan), CO2 (t), NOx and PM2.5 (kg) of a day's traffic in a district; the traffic is kilometres of cars and
/// trucks and delay hours of cars and trucks, by district.
fn burden(traffic: &[Vec<f64>; 4], side: &Side, set: &ParameterSet, district: usize) -> [f64; 4] {
    let [car_km, truck_km, car_h, truck_h] = [0, 1, 2, 3].map(|k| traffic[k][district]);
    let emitted = emission(car_km, truck_km, set);
    [delay_cost_cny(car_h, truck_h, side.purpose_shares, set), emitted.co2_t, emitted.nox_kg, emitted.pm25_kg]
}

/// The conversion of hub flow into district increment, by hub whose flow changed by 1 % at least: gross value added of the
/// district per additional unit of flow, by set. Below 1 % the quotient would be noise over noise.
pub fn conversion(base: &Side, variant: &Side, districts: &Districts) -> Vec<Conversion> {
    if base.sets.is_empty() || base.sets != variant.sets {
        return Vec::new();
    }
    let ground = Ground::of(base, districts);
    let mut all = Vec::new();
    for (id, after) in &variant.hubs {
        let Some((_, before)) = base.hubs.iter().find(|(other, _)| other == id) else { continue };
        let flow = |h: &HubFlow| [("1,000 passengers", h.passengers / 1000.0), ("TEU", h.teu.iter().sum::<f64>())];
        for ((per, b), (_, a)) in flow(before).into_iter().zip(flow(after)) {
            let change = (a - b) * DAYS_PER_YEAR;
            if (a - b).abs() < 0.01 * a.max(b) || change == 0.0 {
                continue;
            }
            let by_set = |set: &ParameterSet| -> Vec<f64> {
                let (l0, l1) = (linked(before, &ground.workers, set), linked(after, &ground.workers, set));
                (0..districts.count()).map(|d| (l1.value_added_cny(d) - l0.value_added_cny(d)) / change).collect()
            };
            let values = base.sets.iter().map(by_set).collect();
            all.push(Conversion { hub_id: id.clone(), per, values });
        }
    }
    all
}

/// Value added of the districts per unit of hub flow, `[set][district]`, yuan.
pub struct Conversion {
    /// Hub, or `all` for the net increment over the flow of all hubs.
    pub hub_id: String,
    /// Unit of flow.
    pub per: &'static str,
    /// By set and district.
    pub values: Vec<Vec<f64>>,
}

/// The net increment of the districts per unit of the variant's flow through all hubs.
pub fn increment_per_flow(economy: &[Channel], variant: &Side) -> Vec<Conversion> {
    let Some(net) = economy.iter().find(|c| c.name == NET) else { return Vec::new() };
    let [passengers, teu] = variant.flow();
    let flows = [("1,000 passengers", passengers / 1000.0), ("TEU", teu)];
    let over = |per_year: f64| net.values.iter().map(|v| v.iter().map(|x| x / per_year).collect()).collect();
    let present = flows.into_iter().filter(|&(_, a_day)| a_day > 0.0);
    present.map(|(per, a_day)| Conversion { hub_id: "all".into(), per, values: over(a_day * DAYS_PER_YEAR) }).collect()
}

/// The check from above: elasticity of value added to effective density that the agglomeration channel amounts to in the
/// whole region, at the defaults; `None` when densities do not change.
pub fn implied_elasticity(base: &Side, variant: &Side, districts: &Districts) -> Option<f64> {
    let set = base.sets.first().filter(|_| base.sets == variant.sets)?;
    let ground = Ground::of(base, districts);
    let (mut gain, mut log_change, mut value_added) = (0.0, 0.0, 0.0);
    for d in 0..districts.count() {
        gain += agglomeration_of(base, variant, &ground, set, (0, d));
        for s in 0..SECTORS.len() {
            let (before, after) = (base.densities[d][s], variant.densities[d][s]);
            if before > 0.0 && after > 0.0 {
                let made = ground.workers[d] * ground.sector_jobs[s][d];
                value_added += made;
                log_change += made * libm::log(after / before);
            }
        }
    }
    (log_change != 0.0 && value_added > 0.0).then(|| gain / log_change)
}
