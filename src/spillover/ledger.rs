//! The three ledgers of effects on districts, which are never summed with each other, and their channels.

use super::uncertainty::Interval;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// A ledger of effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ledger {
    /// Economy: value added and jobs.
    A,
    /// Welfare of users.
    B,
    /// Externalities.
    C,
}

impl Ledger {
    /// The letter used in files.
    pub fn word(self) -> &'static str {
        match self {
            Ledger::A => "A",
            Ledger::B => "B",
            Ledger::C => "C",
        }
    }
}

/// A channel of a ledger: one figure by district, for every parameter set.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Ledger.
    pub ledger: Ledger,
    /// Name used in files.
    pub name: &'static str,
    /// Unit in words.
    pub unit: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Figures as `[set][district]`; the first set holds the defaults.
    pub values: Vec<Vec<f64>>,
}

impl Channel {
    /// The figure of one district with its interval.
    pub fn district(&self, district: usize) -> Interval {
        Interval::over_sets(&self.values.iter().map(|v| v[district]).collect::<Vec<_>>())
    }

    /// The sum over districts by set.
    pub fn totals(&self) -> Vec<f64> {
        self.values.iter().map(|v| v.iter().sum()).collect()
    }
}

/// A row of a table of channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// District, or `all` for the sum over the districts.
    pub district_id: String,
    /// Ledger.
    pub ledger: Ledger,
    /// Channel.
    pub channel: String,
    /// Unit in words.
    pub unit: String,
    /// What it means.
    pub about: String,
    /// Value with the defaults.
    pub value: f64,
    /// 5 % quantile over the draws.
    pub p05: Option<f64>,
    /// Median over the draws.
    pub p50: Option<f64>,
    /// 95 % quantile over the draws.
    pub p95: Option<f64>,
    /// Share of the draws above zero.
    pub probability_positive: Option<f64>,
}

/// Name of the row that sums over all districts.
pub const ALL_DISTRICTS: &str = "all";

impl LedgerRow {
    fn new(district_id: &str, channel: &Channel, figure: Interval) -> LedgerRow {
        LedgerRow {
            district_id: district_id.to_owned(),
            ledger: channel.ledger,
            channel: channel.name.to_owned(),
            unit: channel.unit.to_owned(),
            about: channel.about.to_owned(),
            value: figure.value,
            p05: figure.p05,
            p50: figure.p50,
            p95: figure.p95,
            probability_positive: figure.positive,
        }
    }
}

/// The rows of all districts, channel after channel within a district.
pub fn district_rows(channels: &[Channel], district_ids: &[String]) -> Vec<LedgerRow> {
    let row = |(d, id): (usize, &String)| -> Vec<LedgerRow> {
        channels.iter().map(|c| LedgerRow::new(id, c, c.district(d))).collect()
    };
    district_ids.iter().enumerate().flat_map(row).collect()
}

/// The rows of the sums over districts, each with the interval of the sum.
pub fn total_rows(channels: &[Channel]) -> Vec<LedgerRow> {
    channels.iter().map(|c| LedgerRow::new(ALL_DISTRICTS, c, Interval::over_sets(&c.totals()))).collect()
}

/// Rows as a table; the chance of the sign is left out where `signed` is false, as for levels.
pub fn table(name: &str, rows: &[LedgerRow], signed: bool) -> Table {
    let texts = |f: fn(&LedgerRow) -> &str| rows.iter().map(|r| f(r).to_owned()).collect::<Vec<String>>();
    let reals = |f: fn(&LedgerRow) -> Option<f64>| rows.iter().map(f).collect::<Vec<_>>();
    let unit = "as in column unit";
    let table = Table::new(name)
        .key("district_id", "district, or all for the sum over the districts", texts(|r| &r.district_id))
        .key(
            "ledger",
            "A economy, B welfare of users, C externalities; never summed with each other",
            texts(|r| r.ledger.word()),
        )
        .key("channel", "what the figure is", texts(|r| &r.channel))
        .key("unit", "unit of the figures", texts(|r| &r.unit))
        .real("value", unit, "value with the default parameters", rows.iter().map(|r| r.value).collect())
        .real_or_none("p05", unit, "5 % quantile over the parameter draws", reals(|r| r.p05))
        .real_or_none("p50", unit, "median over the parameter draws", reals(|r| r.p50))
        .real_or_none("p95", unit, "95 % quantile over the parameter draws", reals(|r| r.p95));
    let table = if signed {
        let chance = "share of the parameter draws in which the figure is above zero";
        table.real_or_none("probability_positive", "share", chance, reals(|r| r.probability_positive))
    } else {
        table
    };
    table.text("about", "what the channel means", texts(|r| &r.about))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_sum_is_not_the_sum_of_the_intervals() {
        // Two districts that move against each other: each ranges over 0..=10, their sum is always 10.
        let values: Vec<Vec<f64>> =
            std::iter::once(vec![5.0, 5.0]).chain((0..=10).map(|k| vec![f64::from(k), f64::from(10 - k)])).collect();
        let channel = Channel { ledger: Ledger::A, name: "x", unit: "yuan", about: "", values };
        let rows = district_rows(std::slice::from_ref(&channel), &["w".into(), "e".into()]);
        assert_eq!((rows[0].p05, rows[0].p95), (Some(0.5), Some(9.5)));
        let total = &total_rows(&[channel])[0];
        assert_eq!((total.value, total.p05, total.p95), (10.0, Some(10.0), Some(10.0)));
        assert_eq!(table("spillover", &rows, true).rows(), 2);
    }
}
