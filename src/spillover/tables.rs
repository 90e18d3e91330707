//! The tables that the estimate gives: one for reading by district, one for each figure that a comparison needs from both
//! runs (flows, access, effective densities and parameters draw by draw).

use super::accessibility::{HubAccess, district_costs, jobs_within};
use super::direct_demand::{DAYS_PER_YEAR, HubFlow, linked};
use super::externalities::{Emission, emission};
use super::ledger::{self, Channel};
use super::parameters::{Parameter, ParameterSet, Parameters};
use super::uncertainty::Interval;
use super::{Input, value_added_per_worker};
use crate::scenario::hubs::HubKind;
use crate::scenario::tables::SECTORS;
use crate::table::Table;

/// What was estimated with parameters.
pub struct Estimate<'a> {
    /// Effective densities as `[district][set * 4 + sector]`.
    pub densities: Vec<Vec<f64>>,
    /// Levels by channel.
    pub channels: Vec<Channel>,
    /// The parameters.
    pub parameters: &'a Parameters,
    /// Their defaults, followed by the draws.
    pub sets: &'a [ParameterSet],
}

/// The word for a kind of hub.
pub fn kind_word(kind: HubKind) -> &'static str {
    match kind {
        HubKind::Airport => "airport",
        HubKind::RailStation => "rail_station",
        HubKind::ContainerTerminal => "container_terminal",
    }
}

/// The kind of hub that a word names.
pub fn kind_from_word(word: &str) -> Option<HubKind> {
    [HubKind::Airport, HubKind::RailStation, HubKind::ContainerTerminal].into_iter().find(|&k| kind_word(k) == word)
}

/// Tables that need no parameter; `estimate` adds what is known of emissions and density to the districts.
pub fn of_the_flow(input: &Input, hubs: &[HubFlow], access: &[HubAccess], estimate: Option<&Estimate>) -> Vec<Table> {
    let mut all =
        vec![districts(input, hubs, access, estimate), accessibility(input, hubs, access), hub_flow(input, hubs)];
    if !input.trips.is_empty() {
        all.push(district_trips(input));
    }
    all
}

/// Tables that need parameters.
pub fn of_the_estimate(input: &Input, hubs: &[HubFlow], estimate: &Estimate) -> Vec<Table> {
    let rows = ledger::district_rows(&estimate.channels, district_ids(input));
    vec![
        ledger::table("spillover", &rows, false),
        ledger::table("spillover_total", &ledger::total_rows(&estimate.channels), false),
        conversion(input, hubs, estimate.sets),
        effective_density(input, estimate),
        density_draws(input, estimate),
        parameters(estimate.parameters),
        parameter_draws(estimate),
        purpose_shares(input),
    ]
}

fn district_ids<'a>(input: &Input<'a>) -> &'a [String] {
    input.network.names.districts.all()
}

fn hub_ids(input: &Input) -> Vec<String> {
    input.network.hubs.hubs.iter().map(|h| h.id.clone()).collect()
}

/// `districts`: one row per district with everything that a map shows.
fn districts(input: &Input, hubs: &[HubFlow], access: &[HubAccess], estimate: Option<&Estimate>) -> Table {
    let places = &input.network.places;
    let n = places.districts.len();
    let column = |value: &dyn Fn(usize) -> f64| (0..n).map(value).collect::<Vec<f64>>();
    // The sum of no hubs is −0 in Rust; + 0.0 makes it a plain zero.
    let over_hubs =
        |value: &dyn Fn(usize) -> f64| column(&|d| (0..hubs.len()).map(|h| value(h * n + d)).sum::<f64>() + 0.0);
    let mut table = Table::new("districts")
        .key("district_id", "district or neighbouring city", district_ids(input).to_vec())
        .text("name", "name in the local script", places.districts.iter().map(|d| d.name.clone()).collect())
        .text("name_en", "name in English", places.districts.iter().map(|d| d.name_en.clone()).collect())
        .real("population", "persons", "residents", column(&|d| places.districts[d].population))
        .real("jobs", "jobs", "jobs of all sectors", column(&|d| places.districts[d].jobs.iter().sum()))
        .real("gdp_cny", "yuan a year", "gross domestic product", column(&|d| places.districts[d].gdp_cny));
    for (s, sector) in SECTORS.iter().enumerate() {
        let about = format!("jobs in {sector}");
        table = table.real(&format!("jobs_{sector}"), "jobs", &about, column(&|d| places.districts[d].jobs[s]));
    }
    let flows = input.flows;
    table = table
        .real("persons_to_hubs", "persons a day", "persons who go to a hub", over_hubs(&|at| flows.persons_to_hub(at)))
        .real(
            "persons_from_hubs",
            "persons a day",
            "persons who come from a hub",
            over_hubs(&|at| flows.persons_from_hub(at)),
        )
        .real("visitors_in", "persons a day", "visitors who come through a hub", over_hubs(&|at| flows.visitors_in[at]))
        .real("hub_freight_t", "t a day", "air cargo to and from hubs", over_hubs(&|at| hubs[at / n].tonnes[at % n]))
        .real("hub_freight_teu", "TEU a day", "containers to and from hubs", over_hubs(&|at| hubs[at / n].teu[at % n]));
    for (h, id) in hub_ids(input).iter().enumerate() {
        let hub = &access[h * n..(h + 1) * n];
        let pick = |f: fn(&HubAccess) -> Option<f64>| hub.iter().map(f).collect::<Vec<_>>();
        table = table
            .real_or_none(
                &format!("car_min_{id}"),
                "min",
                "mean time of residents to the hall by car",
                pick(|a| a.car_min),
            )
            .real_or_none(
                &format!("transit_min_{id}"),
                "min",
                "mean time of residents to the hall by transit",
                pick(|a| a.transit_min),
            )
            .real_or_none(
                &format!("access_cny_{id}"),
                "yuan",
                "mean generalised cost to the hall over all modes",
                pick(|a| a.logsum_cny),
            );
    }
    for minutes in [45.0, 60.0] {
        let about = format!("jobs within {minutes:.0} min by the faster of car and transit");
        let within = jobs_within(places, input.skims, minutes);
        table = table.real(&format!("jobs_within_{minutes:.0}_min"), "jobs", &about, within);
    }
    let all = input.traffic;
    table = table
        .real("car_km", "vehicle-km a day", "driven by cars, taxis and buses in the district", all.car_km.clone())
        .real("truck_km", "vehicle-km a day", "driven by trucks in the district", all.truck_km.clone())
        .real("hub_car_km", "vehicle-km a day", "of these by cars of hub passengers", input.hub_traffic.car_km.clone())
        .real("hub_truck_km", "vehicle-km a day", "of these by trucks of hubs", input.hub_traffic.truck_km.clone())
        .real("car_delay_h", "vehicle-hours a day", "above free flow, cars, taxis and buses", all.car_delay_h.clone())
        .real("truck_delay_h", "vehicle-hours a day", "above free flow, trucks", all.truck_delay_h.clone())
        .real("delay_h", "vehicle-hours a day", "above free flow, all vehicles", column(&|d| all.delay_h(d)));
    match estimate {
        Some(estimate) => estimated(table, input, estimate),
        None => table,
    }
}

/// The columns of `districts` that need parameters, at their defaults.
fn estimated(mut table: Table, input: &Input, estimate: &Estimate) -> Table {
    let emitted = |field: fn(&Emission) -> f64| -> Vec<f64> {
        let kilometres = input.traffic.car_km.iter().zip(&input.traffic.truck_km);
        kilometres.map(|(&car, &truck)| field(&emission(car, truck, &estimate.sets[0]))).collect()
    };
    table = table
        .real("co2_t", "t a day", "carbon dioxide of road traffic", emitted(|e| e.co2_t))
        .real("nox_kg", "kg a day", "nitrogen oxides of road traffic", emitted(|e| e.nox_kg))
        .real("pm25_kg", "kg a day", "fine dust of road traffic", emitted(|e| e.pm25_kg));
    for (s, sector) in SECTORS.iter().enumerate() {
        let about = format!("effective density for {sector}, 100 = mean of the region weighted by jobs");
        table = table.real(&format!("density_index_{sector}"), "index", &about, density_index(input, estimate, s));
    }
    table
}

/// Effective density of a sector by district at the defaults, scaled so that the mean weighted by jobs is 100.
fn density_index(input: &Input, estimate: &Estimate, sector: usize) -> Vec<f64> {
    let jobs = input.network.places.districts.iter().map(|d| d.jobs.iter().sum::<f64>());
    let (mut weighted, mut weights) = (0.0, 0.0);
    for (e, d) in jobs.zip(&estimate.densities) {
        weighted += e * d[sector];
        weights += e;
    }
    let scale = if weighted > 0.0 { 100.0 * weights / weighted } else { 0.0 };
    estimate.densities.iter().map(|d| d[sector] * scale).collect()
}

/// `accessibility`: hub × district with flows and access.
fn accessibility(input: &Input, hubs: &[HubFlow], access: &[HubAccess]) -> Table {
    let (ids, districts, flows) = (hub_ids(input), district_ids(input), input.flows);
    let n = districts.len();
    let column = |value: &dyn Fn(usize) -> f64| (0..access.len()).map(value).collect::<Vec<f64>>();
    let pick = |f: fn(&HubAccess) -> Option<f64>| access.iter().map(f).collect::<Vec<_>>();
    Table::new("accessibility")
        .key("hub_id", "hub", (0..access.len()).map(|at| ids[at / n].clone()).collect())
        .key("district_id", "district", (0..access.len()).map(|at| districts[at % n].clone()).collect())
        .real("persons_to_hub", "persons a day", "from the district to the hub", column(&|at| flows.persons_to_hub(at)))
        .real(
            "persons_from_hub",
            "persons a day",
            "from the hub to the district",
            column(&|at| flows.persons_from_hub(at)),
        )
        .real("residents_out", "persons a day", "residents who leave the region", column(&|at| flows.residents_out[at]))
        .real("visitors_in", "persons a day", "visitors who come to the region", column(&|at| flows.visitors_in[at]))
        .real("freight_t", "t a day", "air cargo out and in", column(&|at| hubs[at / n].tonnes[at % n]))
        .real("freight_teu", "TEU a day", "containers out and in", column(&|at| hubs[at / n].teu[at % n]))
        .real_or_none("car_min", "min", "mean time of residents to the hall by car", pick(|a| a.car_min))
        .real_or_none(
            "transit_min",
            "min",
            "mean time to the hall by transit of residents who have a journey",
            pick(|a| a.transit_min),
        )
        .real(
            "transit_share",
            "share",
            "residents who have a journey by transit",
            column(&|at| access[at].transit_share),
        )
        .real_or_none(
            "logsum_cny",
            "yuan",
            "mean generalised cost of residents to the hall, logsum over modes",
            pick(|a| a.logsum_cny),
        )
        .real(
            "service_per_1000",
            "passengers a day per 1,000 residents",
            "hub services per competing resident (two-step floating catchment)",
            column(&|at| access[at].service_per_1000),
        )
}

/// `hub_flow`: the flow of each hub as a whole.
fn hub_flow(input: &Input, hubs: &[HubFlow]) -> Table {
    let resolved = &input.network.hubs.hubs;
    let sum = |f: fn(&HubFlow) -> &[f64]| hubs.iter().map(|h| f(h).iter().sum()).collect::<Vec<f64>>();
    let district = |h: &HubFlow| district_ids(input)[h.district].clone();
    Table::new("hub_flow")
        .key("hub_id", "hub", hub_ids(input))
        .text("name", "name in the local script", resolved.iter().map(|h| h.name.clone()).collect())
        .text("name_en", "name in English", resolved.iter().map(|h| h.name_en.clone()).collect())
        .text("kind", "what the hub is", hubs.iter().map(|h| kind_word(h.kind).to_owned()).collect())
        .text("district_id", "district that the hub counts to", hubs.iter().map(district).collect())
        .real(
            "passengers",
            "persons a day",
            "passengers as counted at the hub, who changes counts twice",
            hubs.iter().map(|h| h.passengers).collect(),
        )
        .real("transfers", "persons a day", "persons who change between two services", input.flows.transfers.clone())
        .real("visitors_in", "persons a day", "visitors who come to the region", sum(|h| &h.visitors))
        .real("freight_t", "t a day", "air cargo out and in", sum(|h| &h.tonnes))
        .real("freight_teu", "TEU a day", "containers out and in", sum(|h| &h.teu))
}

/// `district_trips`: trips between districts that touch no hub, with their mean cost.
fn district_trips(input: &Input) -> Table {
    let ids = district_ids(input);
    let n = ids.len();
    Table::new("district_trips")
        .key("from_district_id", "district of departure", (0..n * n).map(|at| ids[at / n].clone()).collect())
        .key("to_district_id", "district of arrival", (0..n * n).map(|at| ids[at % n].clone()).collect())
        .real("trips", "trips a day", "trips of residents that touch no hub", input.trips.to_vec())
        .real_or_none(
            "logsum_cny",
            "yuan",
            "mean generalised cost, logsum over modes, weighted by residents and jobs",
            district_costs(&input.network.places, input.skims),
        )
}

/// `conversion`: value added of a district that a unit of a hub's flow is linked to, on average.
fn conversion(input: &Input, hubs: &[HubFlow], sets: &[ParameterSet]) -> Table {
    let (ids, districts, workers) = (hub_ids(input), district_ids(input), value_added_per_worker(input.network));
    let (mut keys, mut figures): ([Vec<String>; 3], Vec<Interval>) = Default::default();
    for (h, hub) in hubs.iter().enumerate() {
        let by_set: Vec<_> = sets.iter().map(|set| linked(hub, &workers, set)).collect();
        let flows = [("1,000 passengers", hub.passengers / 1000.0), ("TEU", hub.teu.iter().sum::<f64>())];
        for (per, a_day) in flows.into_iter().filter(|&(_, a_day)| a_day > 0.0) {
            for (d, district) in districts.iter().enumerate() {
                let values: Vec<f64> = by_set.iter().map(|l| l.value_added_cny(d) / (a_day * DAYS_PER_YEAR)).collect();
                for (key, word) in keys.iter_mut().zip([ids[h].as_str(), district, per]) {
                    key.push(word.to_owned());
                }
                figures.push(Interval::over_sets(&values));
            }
        }
    }
    let [hub, district, per] = keys;
    Table::new("conversion")
        .key("hub_id", "hub", hub)
        .key("district_id", "district", district)
        .key("per", "unit of hub flow", per)
        .real(
            "value_added_cny",
            "yuan",
            "linked value added per unit of hub flow (level, gross)",
            figures.iter().map(|f| f.value).collect(),
        )
        .real_or_none("p05", "yuan", "5 % quantile over the parameter draws", figures.iter().map(|f| f.p05).collect())
        .real_or_none("p50", "yuan", "median over the parameter draws", figures.iter().map(|f| f.p50).collect())
        .real_or_none("p95", "yuan", "95 % quantile over the parameter draws", figures.iter().map(|f| f.p95).collect())
}

/// `effective_density`: district × sector at the defaults.
fn effective_density(input: &Input, estimate: &Estimate) -> Table {
    let places = &input.network.places.districts;
    let workers = value_added_per_worker(input.network);
    let index: Vec<Vec<f64>> = (0..SECTORS.len()).map(|s| density_index(input, estimate, s)).collect();
    let cells = || (0..places.len()).flat_map(|d| (0..SECTORS.len()).map(move |s| (d, s)));
    let column = |value: &dyn Fn(usize, usize) -> f64| cells().map(|(d, s)| value(d, s)).collect::<Vec<f64>>();
    Table::new("effective_density")
        .key("district_id", "district", cells().map(|(d, _)| district_ids(input)[d].clone()).collect())
        .key("sector", "sector", cells().map(|(_, s)| SECTORS[s].to_owned()).collect())
        .real("jobs", "jobs", "jobs of the sector", column(&|d, s| places[d].jobs[s]))
        .real(
            "value_added_cny",
            "yuan a year",
            "value added of the sector, at the district's mean per worker",
            column(&|d, s| workers[d] * places[d].jobs[s]),
        )
        .real(
            "density",
            "jobs · yuan^-alpha",
            "effective density at the default parameters",
            column(&|d, s| estimate.densities[d][s]),
        )
        .real("index", "index", "100 = mean of the region weighted by jobs", column(&|d, s| index[s][d]))
}

/// `density_draws`: effective densities of every parameter set, for the paired increments of a comparison.
fn density_draws(input: &Input, estimate: &Estimate) -> Table {
    let (n, sets) = (estimate.densities.len(), estimate.sets.len());
    let rows = || (0..n).flat_map(|d| (0..sets).map(move |k| (d, k)));
    let mut table = Table::new("density_draws")
        .key("district_id", "district", rows().map(|(d, _)| district_ids(input)[d].clone()).collect())
        .key_int("draw", "", "parameter set: 0 defaults, 1 and above draws", rows().map(|(_, k)| k as i64).collect());
    for (s, sector) in SECTORS.iter().enumerate() {
        let values = rows().map(|(d, k)| estimate.densities[d][k * SECTORS.len() + s]).collect();
        let about = format!("effective density for {sector}");
        table = table.real(&format!("density_{sector}"), "jobs · yuan^-alpha", &about, values);
    }
    table
}

/// `parameters`: what was used, with ranges and trust.
fn parameters(parameters: &Parameters) -> Table {
    let rows: Vec<_> = parameters.rows().map(|(_, row)| row).collect();
    let texts = |f: fn(&crate::scenario::tables::ParameterRow) -> String| rows.iter().map(|r| f(r)).collect::<Vec<_>>();
    Table::new("parameters")
        .key("param_id", "parameter", texts(|r| r.param_id.clone()))
        .real("default", "as in column unit", "default", rows.iter().map(|r| r.default).collect())
        .real("low", "as in column unit", "low end of the range", rows.iter().map(|r| r.low).collect())
        .real("high", "as in column unit", "high end of the range", rows.iter().map(|r| r.high).collect())
        .int(
            "unverified",
            "",
            "1 where the table marks the value as unverified",
            rows.iter().map(|r| i64::from(Parameters::unverified(r))).collect(),
        )
        .text("unit", "unit", texts(|r| r.unit.clone()))
        .text("distribution", "how draws spread over the range", texts(|r| r.distribution.clone()))
        .text("source", "key of the source", texts(|r| r.source.clone()))
        .text("confidence", "how much the value can be trusted", texts(|r| r.confidence.clone()))
}

/// `parameter_draws`: the value of every parameter in every set.
fn parameter_draws(estimate: &Estimate) -> Table {
    let sets = estimate.sets;
    let about = "parameter set: 0 defaults, 1 and above draws";
    let mut table = Table::new("parameter_draws").key_int("draw", "", about, (0..sets.len() as i64).collect());
    for (parameter, row) in estimate.parameters.rows() {
        let values = sets.iter().map(|set| set.optional(parameter)).collect();
        table = table.real_or_none(parameter.id(), &row.unit, "value of the parameter", values);
    }
    table
}

/// `purpose_shares`: what cars are driven for, which sets the cost of delay.
fn purpose_shares(input: &Input) -> Table {
    Table::new("purpose_shares")
        .key("purpose", "purpose of the drive", ["business", "commute", "other"].map(str::to_owned).to_vec())
        .real("share", "share", "share of the kilometres driven by car", input.purpose_shares.to_vec())
}

/// The parameter sets of a table `parameter_draws`; `None` when a required parameter is missing from it.
pub fn parameter_sets(table: &Table) -> Option<Vec<ParameterSet>> {
    (0..table.rows()).map(|row| ParameterSet::new(|p: Parameter| table.number(p.id(), row)).ok()).collect()
}
