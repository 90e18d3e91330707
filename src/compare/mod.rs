//! Comparison of two finished outcomes: every cell of every table, key figures, and the increments of the districts.
//!
//! Nothing here knows the simulation. The increments apply the formulas of [`crate::spillover`] to the tables of both
//! outcomes, parameter set by parameter set. An outcome compared with itself is exactly zero in every cell.

pub mod difference;
pub mod increment;
pub mod replications;
pub mod side;
mod tables;
pub mod user_benefit;
mod words;

use crate::outcome::Outcome;
use crate::spillover::ledger::{self, Channel, LedgerRow};
use crate::spillover::uncertainty::{Interval, variance_shares};
use difference::TableDifference;
use increment::Conversion;
use serde::{Deserialize, Serialize};
use side::{Districts, Side};

/// The difference variant − base of two outcomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Title of the base.
    pub base: String,
    /// Title of the variant.
    pub variant: String,
    /// Key figures.
    pub kpis: Vec<KpiDifference>,
    /// Every table, cell by cell.
    pub tables: Vec<TableDifference>,
    /// Increments by district and channel.
    pub increments: Vec<LedgerRow>,
    /// The same summed over the districts, with intervals of the sums.
    pub totals: Vec<LedgerRow>,
    /// Value added of districts per unit of hub flow.
    pub conversions: Vec<ConversionRow>,
    /// Share of the variance of the net increment of the region that comes from parameters marked as unverified; `None`
    /// where nothing varies.
    pub unverified_share: Option<f64>,
    /// Elasticity of value added to effective density that the agglomeration channel amounts to.
    pub implied_elasticity: Option<ElasticityCheck>,
    /// Districts: id and English name.
    pub district_names: Vec<(String, String)>,
    /// What a reader must know of this comparison.
    pub notes: Vec<String>,
}

/// A key figure on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiDifference {
    /// Name.
    pub name: String,
    /// Unit in words.
    pub unit: String,
    /// Value in the base; `None` where the base does not tell it.
    pub base: Option<f64>,
    /// Value in the variant.
    pub variant: Option<f64>,
    /// Variant − base; `None` where one of them is missing.
    pub difference: Option<f64>,
    /// Difference in percent of the base; `None` for a base of zero, except that no difference is always 0 %.
    pub percent: Option<f64>,
}

/// Value added of a district per unit of hub flow, yuan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversionRow {
    /// Hub: gross value added per unit by which its flow changed. `all`: net increment per unit of the variant's flow.
    pub hub_id: String,
    /// District, or `all`.
    pub district_id: String,
    /// Unit of flow.
    pub per: String,
    /// Value with the defaults, yuan.
    pub value: f64,
    /// 5 % quantile over the draws.
    pub p05: Option<f64>,
    /// Median over the draws.
    pub p50: Option<f64>,
    /// 95 % quantile over the draws.
    pub p95: Option<f64>,
}

/// The check of the agglomeration channel from above.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElasticityCheck {
    /// Elasticity that the increments amount to.
    pub implied: f64,
    /// Low end of the published band.
    pub low: f64,
    /// High end of the published band.
    pub high: f64,
}

impl ElasticityCheck {
    /// Whether the implied elasticity lies within the published band.
    pub fn inside(&self) -> bool {
        (self.low..=self.high).contains(&self.implied)
    }
}

/// Compares two outcomes: variant − base.
pub fn compare(base: &Outcome, variant: &Outcome) -> Comparison {
    let mut comparison = Comparison {
        base: base.title.clone(),
        variant: variant.title.clone(),
        kpis: kpi_differences(base, variant),
        tables: table_differences(base, variant),
        increments: Vec::new(),
        totals: Vec::new(),
        conversions: Vec::new(),
        unverified_share: None,
        implied_elasticity: None,
        district_names: base.table("districts").map_or_else(Vec::new, |districts| {
            let names = districts.texts("district_id").iter().zip(districts.texts("name_en"));
            names.map(|(id, name)| (id.clone(), name.clone())).collect()
        }),
        notes: notes(base, variant),
    };
    if let Some(districts) = Districts::of(base)
        && let (Some(from), Some(to)) = (Side::read(base, &districts), Side::read(variant, &districts))
    {
        comparison.fill_increments(base, variant, &districts, (&from, &to));
    }
    comparison
}

impl Comparison {
    fn fill_increments(
        &mut self,
        base: &Outcome,
        variant: &Outcome,
        districts: &Districts,
        (from, to): (&Side, &Side),
    ) {
        if from.sets != to.sets {
            self.notes.push(
                "The two outcomes were made with different spillover parameters or draws: their economic increments and \
                 emissions cannot be told apart from the change of parameters and are left out."
                    .to_owned(),
            );
        }
        let economy = increment::economy(from, to, districts);
        let (welfare, left_out) = increment::welfare(base, variant, districts, from.sets.len());
        if left_out > 0.0 {
            self.notes.push(format!(
                "{} trips a day have no cost on one side (no path) and are left out of the user benefit.",
                words::number(left_out)
            ));
        }
        let mut conversions = increment::increment_per_flow(&economy, to);
        conversions.extend(increment::conversion(from, to, districts));
        self.conversions = conversions.iter().flat_map(|c| conversion_rows(c, &districts.ids)).collect();
        self.unverified_share = unverified_share(base, &economy);
        self.implied_elasticity = elasticity_check(base, increment::implied_elasticity(from, to, districts));
        let channels: Vec<Channel> =
            [economy, welfare, increment::externalities(from, to, districts)].into_iter().flatten().collect();
        self.increments = ledger::district_rows(&channels, &districts.ids);
        self.totals = ledger::total_rows(&channels);
    }

    /// A key figure by name.
    pub fn kpi(&self, name: &str) -> Option<&KpiDifference> {
        self.kpis.iter().find(|k| k.name == name)
    }

    /// The increment of the whole region in a channel.
    pub fn total(&self, channel: &str) -> Option<&LedgerRow> {
        self.totals.iter().find(|r| r.channel == channel)
    }

    /// The comparison in words for people, a sentence or two each; the notes come last.
    pub fn summary(&self) -> Vec<String> {
        words::summary(self)
    }
}

fn kpi_differences(base: &Outcome, variant: &Outcome) -> Vec<KpiDifference> {
    let new = variant.kpis.iter().filter(|k| base.kpi(&k.name).is_none());
    base.kpis
        .iter()
        .chain(new)
        .map(|kpi| {
            let (from, to) = (base.kpi(&kpi.name), variant.kpi(&kpi.name));
            let difference = from.zip(to).map(|(b, v)| difference::difference(b, v));
            let percent = |b: f64, d: f64| match d {
                0.0 => Some(0.0),
                _ => (b != 0.0).then(|| 100.0 * d / b.abs()),
            };
            KpiDifference {
                name: kpi.name.clone(),
                unit: kpi.unit.clone(),
                base: from,
                variant: to,
                difference,
                percent: from.zip(difference).and_then(|(b, d)| percent(b, d)),
            }
        })
        .collect()
}

fn table_differences(base: &Outcome, variant: &Outcome) -> Vec<TableDifference> {
    let known = base.tables.iter().map(|t| (Some(t), variant.table(&t.name)));
    let new = variant.tables.iter().filter(|t| base.table(&t.name).is_none()).map(|t| (None, Some(t)));
    known.chain(new).map(|(from, to)| difference::of_tables(from, to)).collect()
}

/// What makes a comparison weaker than it looks.
fn notes(base: &Outcome, variant: &Outcome) -> Vec<String> {
    let mut notes = Vec::new();
    let (from, to) = (&base.manifest, &variant.manifest);
    let differs = from.event_digest != to.event_digest;
    if differs && from.sample < 1.0 {
        notes.push(format!(
            "The intervals hold the ranges of the parameters, not the scatter of the simulation: {} % of the agents were \
             simulated, and any change of traffic reshuffles them. Repeat with --replications auto, and quote nothing that is \
             smaller than the half-widths told there.",
            words::percent(from.sample)
        ));
    }
    if differs {
        notes.push("Time saved or lost inside hubs is told by process; ledger B does not value it yet.".to_owned());
    }
    if from.seed != to.seed {
        notes.push(format!(
            "The seeds differ ({} and {}): the differences hold chance that pairing would take out.",
            from.seed, to.seed
        ));
    }
    if from.sample != to.sample {
        notes.push(format!(
            "The samples differ ({} and {}): so do the agents, and the rounding of capacities.",
            from.sample, to.sample
        ));
    }
    for (side, manifest) in [("base", from), ("variant", to)] {
        if !manifest.converged {
            notes.push(format!(
                "The {side} did not reach its target gap (relative gap {:.4} after {} iterations): small differences may be \
                 those of two unfinished runs.",
                manifest.relative_gap, manifest.iterations
            ));
        }
    }
    notes.extend(alone(base, variant, "base"));
    notes.extend(alone(variant, base, "variant"));
    notes
}

/// The tables of `one` that `other` does not have.
fn alone(one: &Outcome, other: &Outcome, side: &str) -> Vec<String> {
    let missing = one.tables.iter().filter(|t| other.table(&t.name).is_none());
    missing.map(|t| format!("Table {} is in the {side} only and counts as zero in the other.", t.name)).collect()
}

fn conversion_rows(conversion: &Conversion, district_ids: &[String]) -> Vec<ConversionRow> {
    let row = |district_id: &str, values: Vec<f64>| {
        let figure = Interval::over_sets(&values);
        ConversionRow {
            hub_id: conversion.hub_id.clone(),
            district_id: district_id.to_owned(),
            per: conversion.per.to_owned(),
            value: figure.value,
            p05: figure.p05,
            p50: figure.p50,
            p95: figure.p95,
        }
    };
    let districts = district_ids.iter().enumerate();
    let mut rows: Vec<ConversionRow> =
        districts.map(|(d, id)| row(id, conversion.values.iter().map(|v| v[d]).collect())).collect();
    rows.push(row(ledger::ALL_DISTRICTS, conversion.values.iter().map(|v| v.iter().sum()).collect()));
    rows
}

/// Share of the variance of the region's net increment that comes from parameters marked as unverified.
fn unverified_share(base: &Outcome, economy: &[Channel]) -> Option<f64> {
    let net = economy.iter().find(|c| c.name == increment::NET)?.totals();
    let (list, draws) = (base.table("parameters")?, base.table("parameter_draws")?);
    let ids = list.texts("param_id");
    let columns: Vec<Vec<f64>> =
        ids.iter().map(|id| (1..draws.rows()).map(|row| draws.number(id, row).unwrap_or(0.0)).collect()).collect();
    let shares = variance_shares(&columns, net.get(1..)?);
    let unverified = |row: usize| list.number("unverified", row) == Some(1.0);
    let share: f64 = shares.iter().enumerate().filter(|&(row, _)| unverified(row)).map(|(_, s)| s).sum();
    shares.iter().any(|&s| s > 0.0).then_some(share)
}

fn elasticity_check(base: &Outcome, implied: Option<f64>) -> Option<ElasticityCheck> {
    let list = base.table("parameters")?;
    let row = list.texts("param_id").iter().position(|id| id == "ma_income_elasticity")?;
    Some(ElasticityCheck { implied: implied?, low: list.number("low", row)?, high: list.number("high", row)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::skims::Skims;
    use crate::outcome::{Kpi, Manifest};
    use crate::spillover::Flows;
    use crate::spillover::tests::example;
    use crate::table::{Table, Values};

    /// An outcome with the tables of the spillover example and one table of every kind of column.
    fn outcome(title: &str, change: impl Fn(&mut Flows, &mut Skims)) -> Outcome {
        let words = |w: [&str; 2]| w.map(str::to_owned).to_vec();
        let kinds = Table::new("kinds")
            .key("id", "", words(["a", "b"]))
            .key_int("hour", "h", "", vec![7, 7])
            .text("name", "", words(["x", "y"]))
            .int("count", "", "", vec![3, -4])
            .real("mean", "s", "", vec![0.1, f64::NAN])
            .real_or_none("wait", "s", "", vec![None, Some(f64::INFINITY)]);
        let bare = Table::new("bare").real("x", "", "", vec![1.0, 2.0, 3.0]);
        let kpi = |name: &str, value| Kpi { name: name.into(), value, unit: "h".into(), about: String::new() };
        let mut tables = example(change);
        tables.extend([kinds, bare]);
        Outcome {
            manifest: Manifest { seed: 1, sample: 1.0, converged: true, ..Manifest::default() },
            title: title.into(),
            description: String::new(),
            caveats: Vec::new(),
            kpis: vec![kpi("delay_h", 12.5), kpi("missed", 0.0)],
            tables,
            outlines: Vec::new(),
            resolved: String::new(),
        }
    }

    #[test]
    fn zero_change_is_zero() {
        let base = outcome("base", |_, _| {});
        let c = compare(&base, &base);
        let cells = c.tables.iter().flat_map(|t| &t.columns).flat_map(|column| &column.difference);
        assert!(cells.clone().count() > 500);
        assert!(cells.clone().all(|d| *d == Some(0.0)));
        assert!(c.tables.iter().flat_map(|t| &t.rows).all(|r| r.found == difference::Found::Both));
        assert!(c.kpis.iter().all(|k| k.difference == Some(0.0) && k.percent == Some(0.0)));
        let names = ["increment", "increment_total", "increment_conversion"];
        for table in c.to_tables().iter().filter(|t| names.contains(&t.name.as_str())) {
            assert!(table.rows() > 0, "{} is empty", table.name);
            for column in table.columns.iter().filter(|c| !c.key) {
                if let Values::Real(values) = &column.values {
                    assert!(values.iter().all(|v| v == Some(0.0)), "{}.{}", table.name, column.name);
                }
            }
        }
        assert_eq!((c.unverified_share, c.implied_elasticity, c.notes.len()), (None, None, 0));
        assert!(c.summary().contains(&"No key figure changes.".to_owned()));
        assert!(c.summary().contains(&"No district gains or loses value added.".to_owned()));
    }

    #[test]
    fn cheaper_travel_everywhere_brings_the_closed_form_of_agglomeration() {
        let base = outcome("base", |_, _| {});
        let cheaper = |_: &mut Flows, skims: &mut Skims| {
            skims.car_cny.iter_mut().chain(&mut skims.transit_cny).for_each(|c| *c *= 0.9);
        };
        let there = compare(&base, &outcome("variant", cheaper));
        // West: 400,000 yuan per worker; jobs 400, 100, 300, 200; κ = 2: growth 0.9^(−2αρ) − 1 by sector.
        let exponents = [1.097 * 0.021, 1.562 * 0.034, 1.818 * 0.024, 1.746 * 0.083];
        let growth = exponents.map(|e| libm::pow(0.9, -2.0 * e) - 1.0);
        let west: f64 = growth.iter().zip([400.0, 100.0, 300.0, 200.0]).map(|(g, jobs)| 400_000.0 * jobs * g).sum();
        let row = there.increments.iter().find(|r| r.district_id == "W" && r.channel == "agglomeration").unwrap();
        assert!((row.value / west - 1.0).abs() < 1e-9, "{} against {west}", row.value);
        assert!(row.p05.unwrap() > 0.0 && row.p05 < row.p50 && row.p50 < row.p95);
        assert_eq!(row.probability_positive, Some(1.0));
        assert!(there.unverified_share.is_some_and(|s| s > 0.0 && s < 1.0));
        // The check from above: increments over the change of ln D, −α ln 0.9, both weighted by value added (all workers alike).
        let jobs = [500.0, 200.0, 500.0, 800.0];
        let gain: f64 = growth.iter().zip(jobs).map(|(g, e)| g * e).sum();
        let alphas = [1.097, 1.562, 1.818, 1.746];
        let closer: f64 = alphas.iter().zip(jobs).map(|(a, e)| -a * libm::log(0.9) * e).sum();
        let check = there.implied_elasticity.unwrap();
        assert!((check.implied - gain / closer).abs() < 1e-9 && check.inside(), "{check:?}");
        // The way back loses: the same relative change the other way round, from the same value added.
        let back = compare(&outcome("variant", cheaper), &base);
        assert!(back.total("agglomeration").unwrap().value < 0.0);
        assert_eq!(back.total("agglomeration").unwrap().probability_positive, Some(0.0));
    }

    #[test]
    fn more_visitors_bring_demand_of_which_a_part_is_taken_from_others() {
        let base = outcome("base", |_, _| {});
        let c = compare(&base, &outcome("variant", |flows, _| flows.visitors_in[0] += 100.0));
        let value = |district: &str, channel: &str| {
            c.increments.iter().find(|r| r.district_id == district && r.channel == channel).unwrap().value
        };
        // Gross 100 · 365 · 1,401 · 0.7 · 0.47 = 16,823,908.5 in the west; half is displaced, by consumer jobs 300 : 200.
        let gross = 16_823_908.5;
        assert!((value("W", "visitor_demand_gross") - gross).abs() < 1e-3);
        assert!((value("W", "displaced") + 0.3 * gross).abs() < 1e-3);
        assert!((value("E", "displaced") + 0.2 * gross).abs() < 1e-3);
        // 36,500 passengers · 950 jobs per million = 34.675 jobs at the hub in the east, at 400,000 yuan each.
        assert!((value("E", "hub_operations") - 34.675 * 400_000.0).abs() < 1e-3);
        assert!((c.total(increment::NET).unwrap().value - (0.5 * gross + 13_870_000.0)).abs() < 1e-3);
        // Gross value added per additional 1,000 passengers of the hub: (gross + operations) / 36.5.
        let per = c.conversions.iter().find(|r| r.hub_id == "AIR" && r.district_id == "all").unwrap();
        assert!((per.value - (gross + 13_870_000.0) / 36.5).abs() < 1e-6);
        assert!(c.summary().iter().any(|l| l.contains("loses most") || l.contains("no district loses")));
    }

    #[test]
    fn users_of_the_hub_gain_what_they_save() {
        let base = outcome("base", |_, _| {});
        let c = compare(&base, &outcome("variant", |_, skims| skims.hub_logsum_cny.iter_mut().for_each(|l| *l -= 1.0)));
        // 500 users of the west and 500 of the east save one yuan each.
        assert_eq!(c.total("user_benefit_hub_access").unwrap().value, 1_000.0);
        assert_eq!(c.total("user_benefit_other_trips").unwrap().value, 0.0);
    }

    #[test]
    fn outcomes_with_other_parameters_give_no_economic_increment_and_say_so() {
        let base = outcome("base", |_, _| {});
        let mut variant = outcome("variant", |_, _| {});
        let draws = variant.tables.iter_mut().find(|t| t.name == "parameter_draws").unwrap();
        if let Values::Real(values) = &mut draws.columns[1].values {
            *values = std::iter::once(Some(0.5)).chain(values.iter().skip(1)).collect();
        }
        variant.manifest.seed = 2;
        let c = compare(&base, &variant);
        assert!(c.total(increment::NET).is_none() && c.total("delay").is_some() && c.total("co2").is_none());
        assert_eq!(c.notes.len(), 2, "{:?}", c.notes);
    }

    #[test]
    fn replications_pair_key_figures_and_totals() {
        let base = outcome("base", |_, _| {});
        let with = |delay: f64, visitors: f64| {
            let mut variant = outcome("variant", |flows, _| flows.visitors_in[0] += visitors);
            variant.kpis[0].value += delay;
            compare(&base, &variant)
        };
        let rows = replications::over_replications(&[with(1.0, 100.0), with(3.0, 100.0)]);
        let row = |name: &str| rows.iter().find(|r| r.name == name).unwrap();
        // Differences 1 and 3: mean 2, s = √2, half-width 12.706·√2/√2.
        assert_eq!(row("delay_h").mean, 2.0);
        assert!((row("delay_h").half_width.unwrap() - 12.706).abs() < 1e-3);
        assert_eq!(row(increment::NET).half_width, Some(0.0));
        assert_eq!(replications::table(&rows).rows(), rows.len());
    }
}
