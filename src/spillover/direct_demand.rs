//! Direct demand: what the flow of a hub spends in each district, and the work of the hub itself.
//!
//! Value added of visitors = arrivals × days × spending × share kept in the region × value added by output. Passengers who
//! change between services do not spend in town. In a single run these are levels linked to the hub; only the difference
//! of two runs is an increment, and of that the share 1 − a displaces demand elsewhere in the region ([`net_of`]).

use super::parameters::{Parameter, ParameterSet};
use crate::scenario::hubs::HubKind;

/// Days of a year that are like the simulated one: a scenario's day is read as the mean day.
pub const DAYS_PER_YEAR: f64 = 365.0;

/// The daily flow of one hub, as far as demand follows from it; arrays by district.
#[derive(Clone, Debug, PartialEq)]
pub struct HubFlow {
    /// What the hub is.
    pub kind: HubKind,
    /// District that the hub counts to.
    pub district: usize,
    /// Passengers counted at the hub, persons a day; who changes between services counts twice, as in airport statistics.
    pub passengers: f64,
    /// Visitors who arrive, persons a day.
    pub visitors: Vec<f64>,
    /// Air cargo out and in, tonnes a day.
    pub tonnes: Vec<f64>,
    /// Containers out and in, TEU a day.
    pub teu: Vec<f64>,
}

/// What the flow of a hub is linked to in a year; arrays by district.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// Value added where visitors spend, yuan a year.
    pub visitors_cny: Vec<f64>,
    /// Value added by forwarding its freight, yuan a year; zero when no margin is given.
    pub freight_cny: Vec<f64>,
    /// Jobs of the hub's own operation.
    pub jobs: Vec<f64>,
    /// Value added of these jobs, yuan a year.
    pub operations_cny: Vec<f64>,
}

impl Linked {
    /// All value added of a district, yuan a year.
    pub fn value_added_cny(&self, district: usize) -> f64 {
        self.visitors_cny[district] + self.freight_cny[district] + self.operations_cny[district]
    }
}

/// What a hub's flow is linked to. `value_added_per_worker` is by district, yuan a year.
pub fn linked(hub: &HubFlow, value_added_per_worker: &[f64], set: &ParameterSet) -> Linked {
    let per_visitor =
        set.of(Parameter::VisitorSpend) * set.of(Parameter::Retention) * set.of(Parameter::ValueAddedRatio);
    let margin = |p: Parameter| set.optional(p).unwrap_or(0.0);
    let (per_tonne, per_teu) = (margin(Parameter::MarginTonne), margin(Parameter::MarginTeu));
    let mut jobs = vec![0.0; hub.visitors.len()];
    jobs[hub.district] = operation_jobs(hub, set);
    let freight = |(t, teu): (&f64, &f64)| DAYS_PER_YEAR * (t * per_tonne + teu * per_teu);
    Linked {
        visitors_cny: hub.visitors.iter().map(|v| v * DAYS_PER_YEAR * per_visitor).collect(),
        freight_cny: hub.tonnes.iter().zip(&hub.teu).map(freight).collect(),
        operations_cny: jobs.iter().zip(value_added_per_worker).map(|(j, y)| j * y).collect(),
        jobs,
    }
}

/// Jobs that the operation of a hub of this flow takes. Airports are counted in work-load units: a passenger, or so
/// many tonnes of cargo as the parameter says.
pub fn operation_jobs(hub: &HubFlow, set: &ParameterSet) -> f64 {
    let passengers = hub.passengers * DAYS_PER_YEAR;
    match hub.kind {
        HubKind::Airport => {
            let cargo = hub.tonnes.iter().sum::<f64>() * DAYS_PER_YEAR / set.of(Parameter::CargoUnit);
            (passengers + cargo) / 1e6 * set.of(Parameter::AirportJobs)
        }
        HubKind::RailStation => passengers / 1e6 * set.of(Parameter::RailJobs),
        HubKind::ContainerTerminal => {
            hub.teu.iter().sum::<f64>() * DAYS_PER_YEAR / 1e3 * set.of(Parameter::DryPortJobs)
        }
    }
}

/// Demand that a gross increment of demand displaces, by district (negative for a gain).
///
/// Of a gross increment only the share `additionality` is new to the region; the rest was spent somewhere in the region
/// before and is taken from the districts in proportion to `weights` (their jobs in consumer services). With additionality
/// 0 the increments of all districts sum to zero: some win what others lose.
pub fn displaced(gross: &[f64], additionality: f64, weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    let moved = (1.0 - additionality) * gross.iter().sum::<f64>();
    if total > 0.0 {
        // Written as 0 − x, so that nothing moved is zero and not minus zero.
        weights.iter().map(|w| 0.0 - moved * w / total).collect()
    } else {
        // Nobody is known to sell to consumers: what is displaced is displaced where it arises.
        gross.iter().map(|g| 0.0 - (1.0 - additionality) * g).collect()
    }
}

/// Gross increment and displacement together.
pub fn net_of(gross: &[f64], displaced: &[f64]) -> Vec<f64> {
    gross.iter().zip(displaced).map(|(g, d)| g + d).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::spillover::parameters::Parameters;
    use crate::spillover::parameters::tests::table;

    pub(crate) fn airport() -> HubFlow {
        HubFlow {
            kind: HubKind::Airport,
            district: 1,
            passengers: 100_000.0,
            visitors: vec![1000.0, 200.0],
            tonnes: vec![300.0, 200.0],
            teu: vec![0.0, 0.0],
        }
    }

    #[test]
    fn visitors_are_linked_to_the_value_added_of_what_they_leave_in_the_region() {
        let set = Parameters::read(&table(), "p.csv").unwrap().defaults();
        let linked = linked(&airport(), &[300_000.0, 200_000.0], &set);
        // 1,000 visitors × 365 days × 1,401 yuan × 0.7 × 0.47 = 168,239,085 yuan a year.
        assert!((linked.visitors_cny[0] - 168_239_085.0).abs() < 1e-3);
        assert!((linked.visitors_cny[1] / linked.visitors_cny[0] - 0.2).abs() < 1e-12);
        // 36.5 m passengers + 500 t · 365 / 0.1 = 1.825 m units of cargo = 38.325 m units × 950 = 36,408.75 jobs, all at the hub.
        assert!((linked.jobs[1] - 36_408.75).abs() < 1e-9 && linked.jobs[0] == 0.0);
        assert!((linked.operations_cny[1] - 36_408.75 * 200_000.0).abs() < 1e-3);
        assert_eq!(linked.freight_cny, vec![0.0, 0.0]);
    }

    #[test]
    fn stations_count_passengers_and_terminals_count_containers() {
        let set = Parameters::read(&table(), "p.csv").unwrap().defaults();
        let station = HubFlow { kind: HubKind::RailStation, ..airport() };
        assert!((operation_jobs(&station, &set) - 36.5 * 120.0).abs() < 1e-9);
        let port = HubFlow { kind: HubKind::ContainerTerminal, teu: vec![1000.0, 1000.0], ..airport() };
        assert!((operation_jobs(&port, &set) - 730.0 * 1.5).abs() < 1e-9);
    }

    #[test]
    fn without_additionality_some_districts_lose_what_others_win() {
        let gross = [100.0, 0.0, 20.0];
        let jobs = [1.0, 1.0, 2.0];
        // a = 0: 120 moved, 30 from each job: net 70, −30, −40.
        let net = net_of(&gross, &displaced(&gross, 0.0, &jobs));
        assert_eq!(net, vec![70.0, -30.0, -40.0]);
        assert_eq!(net.iter().sum::<f64>(), 0.0);
        // a = 0.5: the region keeps half of 120.
        assert_eq!(net_of(&gross, &displaced(&gross, 0.5, &jobs)).iter().sum::<f64>(), 60.0);
        assert_eq!(net_of(&gross, &displaced(&gross, 0.5, &[0.0; 3])), vec![50.0, 0.0, 10.0]);
        assert!(displaced(&[0.0; 3], 0.5, &jobs).iter().all(|&d| d == 0.0));
    }
}
