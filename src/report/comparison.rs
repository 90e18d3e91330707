//! The folder of a comparison: `compare.json`, `differences.parquet`, `increment.csv`, a Parquet file for every further
//! table, and the report with the map of changes.

use super::folder::{Staged, csv, table_stem};
use super::html::{self, Compared};
use super::parquet;
use crate::error::Result;
use crate::outcome::Outcome;
use crate::table::{Table, Values};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// `compare.json`.
#[derive(Serialize)]
struct Record {
    hubflow: String,
    base: Side,
    variant: Side,
    words: Vec<String>,
    kpis: Vec<Change>,
    outputs: BTreeMap<String, String>,
}

/// What identifies one of the two runs.
#[derive(Serialize)]
struct Side {
    title: String,
    variant: Option<String>,
    seed: u64,
    sample: f64,
    event_digest: String,
    iterations: u32,
    relative_gap: f64,
    converged: bool,
}

/// A key figure of both runs.
#[derive(Serialize)]
struct Change {
    name: String,
    unit: String,
    base: Option<f64>,
    variant: f64,
    change: Option<f64>,
}

/// Writes the comparison of two finished runs into `dir`.
///
/// `tables` are the differences that a comparison found: `increment` (by district, with intervals) goes to
/// `increment.csv`, `differences` to `differences.parquet`; without the latter, all others are written there in long
/// form. `words` say what the variant changes.
pub fn write_comparison(
    dir: &Path,
    base: &Outcome,
    variant: &Outcome,
    tables: &[Table],
    words: &[String],
) -> Result<()> {
    let mut staged = Staged::new(dir)?;
    let named = |name: &str| tables.iter().find(|t| t.name == name);
    let differences = named("differences").cloned().unwrap_or_else(|| long_form(tables));
    staged.bytes("differences.parquet", &parquet::bytes(&differences)?)?;
    if let Some(increment) = named("increment") {
        staged.bytes("increment.csv", &csv(increment)?)?;
    }
    for table in tables.iter().filter(|t| t.name != "differences") {
        staged.bytes(&format!("{}.parquet", table_stem(&table.name)?), &parquet::bytes(table)?)?;
    }
    let compared = Compared { base, variant, tables, words };
    staged.bytes("report.html", html::change_page(&compared).as_bytes())?;
    let record = Record {
        hubflow: env!("CARGO_PKG_VERSION").to_owned(),
        base: side(base),
        variant: side(variant),
        words: words.to_vec(),
        kpis: kpi_changes(base, variant),
        outputs: staged.digests.clone(),
    };
    staged.json("compare.json", &record)?;
    staged.publish("compare.json")
}

fn side(outcome: &Outcome) -> Side {
    let run = &outcome.manifest;
    Side {
        title: outcome.title.clone(),
        variant: run.variant.clone(),
        seed: run.seed,
        sample: run.sample,
        event_digest: run.event_digest.clone(),
        iterations: run.iterations,
        relative_gap: run.relative_gap,
        converged: run.converged,
    }
}

fn kpi_changes(base: &Outcome, variant: &Outcome) -> Vec<Change> {
    let change = |kpi: &crate::outcome::Kpi| {
        let before = base.kpi(&kpi.name);
        let change = before.map(|b| kpi.value - b);
        Change { name: kpi.name.clone(), unit: kpi.unit.clone(), base: before, variant: kpi.value, change }
    };
    variant.kpis.iter().map(change).collect()
}

/// All numbers of all tables under each other: table, row (its keys joined by `|`), measure, unit, value.
fn long_form(tables: &[Table]) -> Table {
    let (mut names, mut rows, mut measures, mut units) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut values: Vec<Option<f64>> = Vec::new();
    for table in tables {
        for row in 0..table.rows() {
            let keys: Vec<String> = table.columns.iter().filter(|c| c.key).map(|c| c.values.shown(row)).collect();
            for column in table.columns.iter().filter(|c| !c.key && !matches!(c.values, Values::Text(_))) {
                names.push(table.name.clone());
                rows.push(keys.join("|"));
                measures.push(column.name.clone());
                units.push(column.unit.clone());
                values.push(table.number(&column.name, row));
            }
        }
    }
    Table::new("differences")
        .key("table", "Table of the difference.", names)
        .key("row", "Keys of the row, joined by |.", rows)
        .key("measure", "Column of the table.", measures)
        .text("unit", "Unit of the value.", units)
        .real_or_none("value", "", "Value of the column.", values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Overwrite, check_folder, sample};

    fn increment() -> Table {
        Table::new("increment")
            .key("district", "District.", vec!["d00".into(), "d01".into()])
            .real("value", "CNY a year", "Net increment.", vec![2.5e8, -1.0e7])
            .real("p05", "CNY a year", "5 %.", vec![1.0e8, -4.0e7])
            .real("p95", "CNY a year", "95 %.", vec![4.0e8, 1.0e7])
    }

    #[test]
    fn a_comparison_leaves_its_files_and_its_folder_is_known_again() {
        let dir = tempfile::tempdir().unwrap();
        let (base, variant) = (sample::city(200), sample::busier(&sample::city(200)));
        let words = ["closes the bridge <b>".to_owned()];
        write_comparison(dir.path(), &base, &variant, &[increment()], &words).unwrap();
        for name in ["compare.json", "differences.parquet", "increment.csv", "increment.parquet", "report.html"] {
            assert!(dir.path().join(name).is_file(), "{name}");
        }
        let csv = std::fs::read_to_string(dir.path().join("increment.csv")).unwrap();
        assert_eq!(
            csv,
            "district,value,p05,p95\nd00,250000000,100000000,400000000\nd01,-10000000,-40000000,10000000\n"
        );
        let page = std::fs::read_to_string(dir.path().join("report.html")).unwrap();
        assert!(page.contains("closes the bridge &lt;b&gt;") && page.contains("Change: Volume"));
        check_folder(dir.path(), Overwrite::Replace).unwrap();
        assert!(check_folder(dir.path(), Overwrite::Fail).is_err());
    }

    #[test]
    fn the_long_form_holds_every_number_once() {
        let long = long_form(&[increment()]);
        // two rows of three measures
        assert_eq!(long.rows(), 6);
        assert_eq!((long.texts("row")[3].as_str(), long.texts("measure")[3].as_str()), ("d01", "value"));
        assert_eq!(long.number("value", 3), Some(-1.0e7));
    }

    #[test]
    fn a_run_against_itself_changes_no_key_figure() {
        let run = sample::small();
        assert!(kpi_changes(&run, &run).iter().all(|c| c.change == Some(0.0)));
    }
}
