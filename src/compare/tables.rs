//! A comparison as tables, for files and for the report.

use super::{Comparison, ConversionRow, KpiDifference};
use crate::spillover::ledger;
use crate::table::Table;

impl Comparison {
    /// The comparison as tables: `kpi_differences`, `differences` (long form, one row per cell), `increment`,
    /// `increment_total`, `increment_conversion`.
    pub fn to_tables(&self) -> Vec<Table> {
        vec![
            self.kpi_table(),
            self.differences_table(),
            ledger::table("increment", &self.increments, true),
            ledger::table("increment_total", &self.totals, true),
            self.conversion_table(),
        ]
    }

    fn kpi_table(&self) -> Table {
        let unit = "as in column unit";
        let reals = |f: fn(&KpiDifference) -> Option<f64>| self.kpis.iter().map(f).collect::<Vec<_>>();
        Table::new("kpi_differences")
            .key("name", "key figure", self.kpis.iter().map(|k| k.name.clone()).collect())
            .text("unit", "unit", self.kpis.iter().map(|k| k.unit.clone()).collect())
            .real_or_none("base", unit, "value in the base", reals(|k| k.base))
            .real_or_none("variant", unit, "value in the variant", reals(|k| k.variant))
            .real_or_none("difference", unit, "variant minus base", reals(|k| k.difference))
            .real_or_none("percent", "%", "difference in percent of the base", reals(|k| k.percent))
    }

    fn differences_table(&self) -> Table {
        let (mut words, mut numbers): ([Vec<String>; 5], [Vec<Option<f64>>; 3]) = Default::default();
        for table in &self.tables {
            for column in &table.columns {
                for (at, row) in table.rows.iter().enumerate() {
                    let cell = [&table.table, &row.key, &column.column, &column.unit, row.found.word()];
                    words.iter_mut().zip(cell).for_each(|(list, word)| list.push(word.to_owned()));
                    numbers[0].push(column.base[at]);
                    numbers[1].push(column.variant[at]);
                    numbers[2].push(column.difference[at]);
                }
            }
        }
        let ([table, key, column, unit, side], [base, variant, difference]) = (words, numbers);
        let in_unit = "as in column unit";
        Table::new("differences")
            .key("table", "table of the outcomes", table)
            .key("key", "key columns of the row, joined", key)
            .key("column", "column", column)
            .text("unit", "unit", unit)
            .text("found", "both, base_only or variant_only: a missing row counts as zero", side)
            .real_or_none("base", in_unit, "value in the base", base)
            .real_or_none("variant", in_unit, "value in the variant", variant)
            .real_or_none("difference", in_unit, "variant minus base; for words 1 where they differ", difference)
    }

    fn conversion_table(&self) -> Table {
        let rows = &self.conversions;
        let texts = |f: fn(&ConversionRow) -> &str| rows.iter().map(|r| f(r).to_owned()).collect::<Vec<_>>();
        let hub = "hub: gross value added per unit of changed flow; all: net increment per unit of the variant's flow";
        Table::new("increment_conversion")
            .key("hub_id", hub, texts(|r| &r.hub_id))
            .key("district_id", "district, or all for the sum", texts(|r| &r.district_id))
            .key("per", "unit of hub flow", texts(|r| &r.per))
            .real("value", "yuan", "value added per unit of flow", rows.iter().map(|r| r.value).collect())
            .real_or_none("p05", "yuan", "5 % quantile over the draws", rows.iter().map(|r| r.p05).collect())
            .real_or_none("p50", "yuan", "median over the draws", rows.iter().map(|r| r.p50).collect())
            .real_or_none("p95", "yuan", "95 % quantile over the draws", rows.iter().map(|r| r.p95).collect())
    }
}
