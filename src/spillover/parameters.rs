//! Parameters of the spillover estimate: read from the scenario's parameter table, checked all at once, and drawn as a
//! Latin hypercube [McKay, Beckman, Conover 1979] whose draws are keyed by parameter, so that base and variant pair.

use crate::error::{Error, Problem, Result};
use crate::random::{Draws, Purpose, signature};
use crate::scenario::tables::ParameterRow;

macro_rules! parameters {
    ($($name:ident $id:literal $need:ident $about:literal;)*) => {
        /// A parameter that the estimate knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Parameter {
            $(#[doc = $about] $name,)*
        }

        impl Parameter {
            /// All parameters in their order of listing.
            pub const ALL: &'static [Parameter] = &[$(Parameter::$name,)*];

            /// The id in the parameter table.
            pub fn id(self) -> &'static str {
                match self {
                    $(Parameter::$name => $id,)*
                }
            }

            fn need(self) -> Need {
                match self {
                    $(Parameter::$name => Need::$need,)*
                }
            }
        }
    };
}

/// What a parameter table must hold of a parameter, and which values make sense.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It must be there and not be negative.
    Amount,
    /// It must be there and lie in 0..=1.
    Share,
    /// It must be there and be positive (something is divided by it).
    Positive,
    /// It may be left out; the channel that needs it is left out with it.
    OptionalAmount,
    /// It may be left out; a share where given.
    OptionalShare,
}

parameters! {
    RhoManufacturing "agg_rho_manufacturing" Amount "Elasticity of productivity to effective density, manufacturing.";
    RhoConstruction "agg_rho_construction" Amount "Elasticity of productivity to effective density, construction.";
    RhoConsumer "agg_rho_consumer" Amount "Elasticity of productivity to effective density, consumer services.";
    RhoProducer "agg_rho_producer" Amount "Elasticity of productivity to effective density, producer services.";
    AlphaManufacturing "agg_alpha_manufacturing" Amount "Decay of effective density with cost, manufacturing.";
    AlphaConstruction "agg_alpha_construction" Amount "Decay of effective density with cost, construction.";
    AlphaConsumer "agg_alpha_consumer" Amount "Decay of effective density with cost, consumer services.";
    AlphaProducer "agg_alpha_producer" Amount "Decay of effective density with cost, producer services.";
    Kappa "agg_kappa" Amount "Factor on all elasticities, 1 to 3 for Chinese cities against the British source.";
    VisitorSpend "visitor_spend_all" Amount "Spending of a visitor, yuan.";
    Additionality "additionality" Share "Share of the direct demand that displaces nothing.";
    Retention "local_retention" Share "Share of first-round spending that stays in the region.";
    ValueAddedRatio "va_ratio_services" Share "Value added by output, services.";
    AirportJobs "airport_jobs_direct" Amount "Jobs at an airport per million work-load units.";
    CargoUnit "wlu_cargo" Positive "Cargo that makes one work-load unit, tonnes.";
    RailJobs "rail_station_jobs" Amount "Jobs at a railway station per million passengers.";
    DryPortJobs "dryport_jobs" Amount "Jobs at a container terminal per 1,000 TEU.";
    VotBusiness "vot_business" Amount "Value of time on business, yuan per hour.";
    VotCommute "vot_commute" Amount "Value of time of commuters, yuan per hour.";
    VotOther "vot_other" Amount "Value of time of all others, yuan per hour.";
    VotTruck "freight_vot_road" Amount "Value of time of a truck with its crew, yuan per hour.";
    Co2Car "co2_car_ice" Amount "CO2 of a petrol car, grams per vehicle-kilometre.";
    Co2Truck "co2_hgv" Amount "CO2 of a heavy truck, grams per vehicle-kilometre.";
    NoxCar "nox_car_ice" Amount "NOx of a petrol car, grams per vehicle-kilometre.";
    NoxTruck "nox_hgv" Amount "NOx of a heavy truck, grams per vehicle-kilometre.";
    Pm25Car "pm25_car_all" Amount "PM2.5 of any car, exhaust and wear, grams per vehicle-kilometre.";
    Pm25Truck "pm25_hgv_all" Amount "PM2.5 of a heavy truck, exhaust and wear, grams per vehicle-kilometre.";
    EvEnergy "ev_energy" Amount "Energy of an electric car, kilowatt-hours per vehicle-kilometre.";
    GridCo2 "grid_co2" Amount "CO2 of the grid, grams per kilowatt-hour.";
    EvShare "ev_share" OptionalShare "Share of car kilometres driven by electric cars; all cars burn petrol without it.";
    MarketAccess "ma_income_elasticity" OptionalAmount "Elasticity of income to market access, the check from above.";
    MarginTonne "freight_margin_t" OptionalAmount "Value added in the region per tonne of air cargo, yuan.";
    MarginTeu "freight_margin_teu" OptionalAmount "Value added in the region per TEU, yuan.";
}

impl Need {
    fn required(self) -> bool {
        !matches!(self, Need::OptionalAmount | Need::OptionalShare)
    }

    /// What is wrong with the low or high end of a range, if anything.
    fn fault(self, low: f64, high: f64) -> Option<&'static str> {
        match self {
            Need::Share | Need::OptionalShare if low < 0.0 || high > 1.0 => Some("a share between 0 and 1"),
            Need::Positive if low <= 0.0 => Some("a positive number"),
            _ if low < 0.0 => Some("no negative number"),
            _ => None,
        }
    }
}

impl Parameter {
    /// The elasticity of a sector, by its place in [`crate::scenario::tables::SECTORS`].
    pub fn rho(sector: usize) -> Parameter {
        [Self::RhoManufacturing, Self::RhoConstruction, Self::RhoConsumer, Self::RhoProducer][sector]
    }

    /// The decay exponent of a sector, by its place in [`crate::scenario::tables::SECTORS`].
    pub fn alpha(sector: usize) -> Parameter {
        [Self::AlphaManufacturing, Self::AlphaConstruction, Self::AlphaConsumer, Self::AlphaProducer][sector]
    }
}

/// How a parameter is spread over its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Law {
    Triangular,
    Uniform,
    Fixed,
}

/// The checked parameters of a scenario.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// By [`Parameter`]: its row and law; `None` for an optional one that is not given.
    rows: Vec<Option<(ParameterRow, Law)>>,
}

/// One value for every parameter: the defaults, or one draw.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSet {
    values: Vec<Option<f64>>,
}

impl ParameterSet {
    /// A set from a value by parameter; `None` leaves an optional parameter out.
    ///
    /// Returns the first required parameter that is missing as the error.
    pub fn new(value: impl Fn(Parameter) -> Option<f64>) -> std::result::Result<ParameterSet, Parameter> {
        let values: Vec<Option<f64>> = Parameter::ALL.iter().map(|&p| value(p)).collect();
        match Parameter::ALL.iter().find(|&&p| p.need().required() && values[p as usize].is_none()) {
            Some(&missing) => Err(missing),
            None => Ok(ParameterSet { values }),
        }
    }

    /// The value of a required parameter (every set holds all of them).
    pub fn of(&self, parameter: Parameter) -> f64 {
        self.values[parameter as usize].expect("a set holds every required parameter")
    }

    /// The value of a parameter that may be left out.
    pub fn optional(&self, parameter: Parameter) -> Option<f64> {
        self.values[parameter as usize]
    }

    /// The exponent κρ of a sector.
    pub fn exponent(&self, sector: usize) -> f64 {
        self.of(Parameter::Kappa) * self.of(Parameter::rho(sector))
    }
}

impl Parameters {
    /// Picks and checks the parameters that the estimate knows; other rows are left alone. All problems at once.
    ///
    /// `file` is the path of the table, for messages.
    pub fn read(rows: &[ParameterRow], file: &str) -> Result<Parameters> {
        let mut problems = Vec::new();
        let mut found: Vec<Option<(ParameterRow, Law)>> = vec![None; Parameter::ALL.len()];
        for &parameter in Parameter::ALL {
            let mut named = rows.iter().filter(|r| r.param_id == parameter.id());
            match named.next() {
                Some(row) => match law(row, parameter, file) {
                    Ok(law) => found[parameter as usize] = Some((row.clone(), law)),
                    Err(mut faults) => problems.append(&mut faults),
                },
                None if parameter.need().required() => problems.push(missing(parameter, rows, file)),
                None => {}
            }
            problems.extend(named.map(|again| {
                Problem::new(file, format!("a second row for {}", parameter.id()), "one row per parameter")
                    .at(again.row)
                    .column("param_id")
            }));
        }
        if problems.is_empty() { Ok(Parameters { rows: found }) } else { Err(Error::Problems(problems)) }
    }

    /// The parameters that are given, with their rows.
    pub fn rows(&self) -> impl Iterator<Item = (Parameter, &ParameterRow)> {
        Parameter::ALL.iter().filter_map(|&p| self.rows[p as usize].as_ref().map(|(row, _)| (p, row)))
    }

    /// Whether the table itself marks a given parameter as unverified.
    pub fn unverified(row: &ParameterRow) -> bool {
        row.confidence.to_lowercase().contains("unverified")
    }

    /// All defaults.
    pub fn defaults(&self) -> ParameterSet {
        ParameterSet { values: self.rows.iter().map(|r| r.as_ref().map(|(row, _)| row.default)).collect() }
    }

    /// The defaults, followed by `draws` sets of a Latin hypercube: each parameter's range is cut into as many parts of
    /// equal probability, and each part is met exactly once, in an order of the parameter's own.
    pub fn sets(&self, seed: u64, draws: usize) -> Vec<ParameterSet> {
        let mut sets = vec![self.defaults(); draws + 1];
        for &parameter in Parameter::ALL {
            let Some((row, law)) = &self.rows[parameter as usize] else { continue };
            for (k, u) in strata(seed, parameter.id(), draws).into_iter().enumerate() {
                sets[k + 1].values[parameter as usize] = Some(quantile(row, *law, u));
            }
        }
        sets
    }
}

/// One uniform variate in each of `draws` strata, in a keyed random order.
fn strata(seed: u64, id: &str, draws: usize) -> Vec<f64> {
    let mut random = Draws::new(seed, Purpose::Parameter, signature(id), 0);
    let mut order: Vec<usize> = (0..draws).collect();
    for i in (1..draws).rev() {
        order.swap(i, random.below(i + 1));
    }
    order.into_iter().map(|stratum| (stratum as f64 + random.uniform()) / draws as f64).collect()
}

/// Inverse of the distribution function of a parameter.
fn quantile(row: &ParameterRow, law: Law, u: f64) -> f64 {
    let width = row.high - row.low;
    match law {
        _ if width <= 0.0 => row.default,
        Law::Fixed => row.default,
        Law::Uniform => row.low + u * width,
        Law::Triangular => {
            let below = row.default - row.low;
            if u * width < below {
                row.low + libm::sqrt(u * width * below)
            } else {
                row.high - libm::sqrt((1.0 - u) * width * (row.high - row.default))
            }
        }
    }
}

fn missing(parameter: Parameter, rows: &[ParameterRow], file: &str) -> Problem {
    let id = parameter.id();
    let unknown = rows.iter().map(|r| r.param_id.as_str()).filter(|n| Parameter::ALL.iter().all(|p| p.id() != *n));
    Problem::new(file, format!("no row for {id}"), format!("a row with param_id {id}"))
        .column("param_id")
        .did_you_mean(id, unknown)
}

fn law(row: &ParameterRow, parameter: Parameter, file: &str) -> std::result::Result<Law, Vec<Problem>> {
    let problem = |column: &str, found: String, wanted: &str| {
        Problem::new(file, format!("{found} for {}", row.param_id), wanted).at(row.row).column(column)
    };
    let known = [("triangular", Law::Triangular), ("uniform", Law::Uniform), ("fixed", Law::Fixed)];
    let law = known.iter().find(|(word, _)| *word == row.distribution.trim()).map(|&(_, law)| law);
    let mut problems = Vec::new();
    if law.is_none() {
        let fault = problem("distribution", format!("\"{}\"", row.distribution), "triangular, uniform or fixed");
        problems.push(fault.did_you_mean(&row.distribution, known.map(|(word, _)| word)));
    }
    // A fixed parameter has no range; only its default counts.
    let (low, high) = if law == Some(Law::Fixed) { (row.default, row.default) } else { (row.low, row.high) };
    if ![low, row.default, high].iter().all(|x| x.is_finite()) {
        problems.push(problem("default", "a value that is no finite number".into(), "finite numbers"));
    } else if !(low <= row.default && row.default <= high) {
        let found = format!("low {low}, default {}, high {high}", row.default);
        problems.push(problem("default", found, "low ≤ default ≤ high"));
    } else if let Some(wanted) = parameter.need().fault(low, high) {
        problems.push(problem("low", format!("{low} to {high}"), wanted));
    }
    match law {
        Some(law) if problems.is_empty() => Ok(law),
        _ => Err(problems),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A parameter table with the defaults of the flagship scenario; the range is ±20 %, cut at 1 for shares.
    pub(crate) fn table() -> Vec<ParameterRow> {
        let defaults = [
            0.021, 0.034, 0.024, 0.083, 1.097, 1.562, 1.818, 1.746, 2.0, 1401.0, 0.5, 0.7, 0.47, 950.0, 0.1, 120.0,
            1.5, 72.0, 28.0, 19.0, 150.0, 190.0, 800.0, 0.06, 1.5, 0.015, 0.06, 0.15, 440.0,
        ];
        let required = Parameter::ALL.iter().filter(|p| p.need().required());
        let rows = required.zip(defaults).enumerate().map(|(i, (p, default))| row(p.id(), default, i as u32 + 2));
        rows.chain([row("ma_income_elasticity", 0.122, 31)]).collect()
    }

    fn row(id: &str, default: f64, row: u32) -> ParameterRow {
        ParameterRow {
            param_id: id.into(),
            default,
            low: default * 0.8,
            high: default * 1.2,
            unit: "unit".into(),
            distribution: "triangular".into(),
            source: "none".into(),
            confidence: if row.is_multiple_of(2) { "general knowledge, unverified" } else { "seen" }.into(),
            row,
        }
    }

    #[test]
    fn every_missing_and_broken_parameter_is_told_at_once() {
        let mut rows = table();
        rows.retain(|r| r.param_id != "additionality" && r.param_id != "co2_hgv");
        rows[0].distribution = "triangle".into();
        rows[1].low = 9.0;
        rows.push(row("ev_share", 1.1, 90));
        rows.push(row("agg_kappa", 2.0, 91));
        let Err(Error::Problems(problems)) = Parameters::read(&rows, "spillover/parameters.csv") else {
            panic!("broken parameters were taken");
        };
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 6, "{told:#?}");
        assert!(
            told[0].contains("did you mean \"triangular\"?") && told[0].contains(":2 [distribution]"),
            "{}",
            told[0]
        );
        for (word, line) in ["low 9", "second row", "additionality", "co2_hgv", "a share"].iter().zip(&told[1..]) {
            assert!(line.contains(word), "{line} should tell of {word}");
        }
    }

    #[test]
    fn a_latin_hypercube_meets_every_part_of_every_range_once() {
        let parameters = Parameters::read(&table(), "p.csv").unwrap();
        let sets = parameters.sets(7, 50);
        assert_eq!(sets[0], parameters.defaults());
        for &p in Parameter::ALL.iter().filter(|p| p.need().required()) {
            let (row, _) = parameters.rows[p as usize].as_ref().unwrap();
            // Distribution function of a symmetric triangle on [low, high], worked back to the stratum of the draw.
            let stratum = |set: &ParameterSet| {
                let x = (set.of(p) - row.low) / (row.high - row.low);
                let u = if x < 0.5 { 2.0 * x * x } else { 1.0 - 2.0 * (1.0 - x) * (1.0 - x) };
                (u * 50.0) as usize
            };
            let mut met: Vec<usize> = sets[1..].iter().map(stratum).collect();
            met.sort_unstable();
            assert_eq!(met, (0..50).collect::<Vec<_>>(), "{}", p.id());
        }
    }

    #[test]
    fn a_further_parameter_moves_no_other_draw() {
        let few = Parameters::read(&table(), "p.csv").unwrap().sets(3, 20);
        let mut rows = table();
        rows.insert(0, ParameterRow { distribution: "uniform".into(), ..row("ev_share", 0.3, 99) });
        let more = Parameters::read(&rows, "p.csv").unwrap().sets(3, 20);
        for (a, b) in few.iter().zip(&more) {
            assert_eq!(a.of(Parameter::Kappa), b.of(Parameter::Kappa));
            assert_eq!(a.optional(Parameter::EvShare), None);
            assert!((0.24..=0.36).contains(&b.optional(Parameter::EvShare).unwrap()));
        }
        let order = |sets: &[ParameterSet], p| sets[1..].iter().map(|s| s.of(p)).collect::<Vec<_>>();
        assert_ne!(
            order(&few, Parameter::Co2Car),
            order(&few, Parameter::Co2Truck).iter().map(|x| x * 190.0 / 800.0).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_triangle_is_inverted_exactly() {
        // Triangle 0, 1, 4: F(1) = 1/4; F(0.5) = 0.25·… = 0.5²/(4·1) = 1/16; F(2) = 1 − 2²/(4·3) = 2/3.
        let row = ParameterRow { low: 0.0, high: 4.0, ..row("x", 1.0, 2) };
        for (u, x) in [(0.25, 1.0), (1.0 / 16.0, 0.5), (2.0 / 3.0, 2.0)] {
            assert!((quantile(&row, Law::Triangular, u) - x).abs() < 1e-12);
        }
        assert_eq!(quantile(&row, Law::Uniform, 0.25), 1.0);
        assert_eq!(quantile(&row, Law::Fixed, 0.9), 1.0);
    }
}
