//! Differences of two tables of the same name, cell by cell: rows are matched by their key columns, never by position
//! when there are keys.

use crate::table::{Column, Table, Values};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Where a row, column or table is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// In both outcomes.
    Both,
    /// In the base only: what is there counts as zero in the variant.
    BaseOnly,
    /// In the variant only: what is there counts as zero in the base.
    VariantOnly,
}

impl Found {
    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Found::Both => "both",
            Found::BaseOnly => "base_only",
            Found::VariantOnly => "variant_only",
        }
    }
}

/// All differences between two tables of a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableDifference {
    /// Name of the table.
    pub table: String,
    /// Where the table is found.
    pub found: Found,
    /// Rows: those of the base in their order, then those of the variant alone.
    pub rows: Vec<RowDifference>,
    /// Value columns: those of the base in their order, then those of the variant alone.
    pub columns: Vec<ColumnDifference>,
}

/// A row that was matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowDifference {
    /// Values of the key columns joined by ` | `; the position (from 1) in a table without keys.
    pub key: String,
    /// Where the row is found.
    pub found: Found,
}

/// A value column of both tables; arrays by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnDifference {
    /// Name of the column.
    pub column: String,
    /// Unit in words.
    pub unit: String,
    /// Value in the base; `None` for words, and where there is nothing to tell.
    pub base: Vec<Option<f64>>,
    /// Value in the variant.
    pub variant: Vec<Option<f64>>,
    /// Variant − base. For words 1 where they differ and 0 where they agree; `None` where only one side has a value to tell,
    /// although both have the row.
    pub difference: Vec<Option<f64>>,
}

/// Variant − base; exactly zero for equal values, infinite ones included.
pub fn difference(base: f64, variant: f64) -> f64 {
    if base.to_bits() == variant.to_bits() { 0.0 } else { variant - base }
}

/// The differences between two tables; one of them may be missing.
///
/// # Panics
/// When both are missing, as there is nothing to name.
pub fn of_tables(base: Option<&Table>, variant: Option<&Table>) -> TableDifference {
    let empty = Table::new("");
    let found = found(base.is_some(), variant.is_some());
    let table = base.or(variant).expect("a table on one side at least").name.clone();
    let (base, variant) = (base.unwrap_or(&empty), variant.unwrap_or(&empty));
    let pairs = match_rows(base, variant);
    let known = base.columns.iter().filter(|c| !c.key);
    let new = variant.columns.iter().filter(|c| !c.key && base.column(&c.name).is_none());
    let columns = known.chain(new).map(|c| of_columns(base, variant, c, &pairs)).collect();
    let rows = pairs.into_iter().map(|p| RowDifference { found: found_of(&p), key: p.key }).collect();
    TableDifference { table, found, rows, columns }
}

/// A row of the base and the row of the variant with the same key.
struct Pair {
    key: String,
    base: Option<usize>,
    variant: Option<usize>,
}

fn found(base: bool, variant: bool) -> Found {
    match (base, variant) {
        (true, false) => Found::BaseOnly,
        (false, true) => Found::VariantOnly,
        _ => Found::Both,
    }
}

fn found_of(pair: &Pair) -> Found {
    found(pair.base.is_some(), pair.variant.is_some())
}

/// The key of every row. When a key occurs again, its n-th row (from the second) is told apart by ` #n`, so that the n-th
/// of one side meets the n-th of the other.
fn keys(table: &Table) -> Vec<String> {
    let columns: Vec<&Column> = table.columns.iter().filter(|c| c.key).collect();
    let mut seen: FxHashMap<String, u32> = FxHashMap::default();
    (0..table.rows())
        .map(|row| {
            if columns.is_empty() {
                return (row + 1).to_string();
            }
            let key = columns.iter().map(|c| c.values.shown(row)).collect::<Vec<_>>().join(" | ");
            let times = seen.entry(key.clone()).and_modify(|n| *n += 1).or_insert(1);
            if *times > 1 { format!("{key} #{times}") } else { key }
        })
        .collect()
}

fn match_rows(base: &Table, variant: &Table) -> Vec<Pair> {
    let (base_keys, variant_keys) = (keys(base), keys(variant));
    let mut place: FxHashMap<String, usize> = base_keys.iter().cloned().zip(0..).collect();
    let mut pairs: Vec<Pair> =
        base_keys.into_iter().enumerate().map(|(row, key)| Pair { key, base: Some(row), variant: None }).collect();
    for (row, key) in variant_keys.into_iter().enumerate() {
        match place.remove(&key) {
            Some(at) => pairs[at].variant = Some(row),
            None => pairs.push(Pair { key, base: None, variant: Some(row) }),
        }
    }
    pairs
}

fn of_columns(base: &Table, variant: &Table, column: &Column, pairs: &[Pair]) -> ColumnDifference {
    let mut out = ColumnDifference {
        column: column.name.clone(),
        unit: column.unit.clone(),
        base: Vec::with_capacity(pairs.len()),
        variant: Vec::with_capacity(pairs.len()),
        difference: Vec::with_capacity(pairs.len()),
    };
    let words = matches!(column.values, Values::Text(_));
    for pair in pairs {
        if words {
            let word = |table: &Table, row: Option<usize>| row.and_then(|r| table.texts(&column.name).get(r).cloned());
            let same = word(base, pair.base) == word(variant, pair.variant);
            out.base.push(None);
            out.variant.push(None);
            out.difference.push(Some(f64::from(u8::from(!same))));
            continue;
        }
        // A row that is not there counts as zero; a value that is not there, in a row that is, counts as nothing.
        let number = |table: &Table, row: Option<usize>| match row {
            Some(row) => table.number(&column.name, row),
            None => Some(0.0),
        };
        let (from, to) = (number(base, pair.base), number(variant, pair.variant));
        out.base.push(from);
        out.variant.push(to);
        out.difference.push(match (from, to) {
            (Some(from), Some(to)) => Some(difference(from, to)),
            (None, None) => Some(0.0),
            _ => None,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(ids: &[&str], flows: &[f64], times: &[Option<f64>], names: &[&str]) -> Table {
        let words = |w: &[&str]| w.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>();
        Table::new("links")
            .key("link_id", "", words(ids))
            .real("flow", "vehicles", "", flows.to_vec())
            .real_or_none("time_s", "s", "", times.to_vec())
            .text("name", "", words(names))
    }

    #[test]
    fn rows_meet_by_key_and_a_row_of_one_side_counts_as_zero_on_the_other() {
        let base = links(&["a", "b", "c"], &[10.0, 20.0, 30.0], &[Some(1.0), None, None], &["x", "y", "z"]);
        let variant = links(&["c", "a", "d"], &[33.0, 10.0, 5.0], &[Some(2.0), Some(4.0), Some(6.0)], &["z", "w", "v"]);
        let d = of_tables(Some(&base), Some(&variant));
        let keys: Vec<(&str, Found)> = d.rows.iter().map(|r| (r.key.as_str(), r.found)).collect();
        assert_eq!(keys, [("a", Found::Both), ("b", Found::BaseOnly), ("c", Found::Both), ("d", Found::VariantOnly)]);
        assert_eq!(d.columns[0].difference, [Some(0.0), Some(-20.0), Some(3.0), Some(5.0)]);
        // b has no time to tell in the base and no row in the variant; c has a time in the variant only.
        assert_eq!(d.columns[1].difference, [Some(3.0), None, None, Some(6.0)]);
        assert_eq!(d.columns[2].difference, [Some(1.0), Some(1.0), Some(0.0), Some(1.0)]);
    }

    #[test]
    fn tables_columns_and_repeated_keys_of_one_side_are_told() {
        let base = links(&["a", "a"], &[1.0, 2.0], &[None, None], &["", ""]);
        let variant = links(&["a", "a"], &[1.0, 5.0], &[None, None], &["", ""]).int("lanes", "", "", vec![2, 2]);
        let d = of_tables(Some(&base), Some(&variant));
        assert_eq!(d.rows[1].key, "a #2");
        assert_eq!(d.columns[0].difference, [Some(0.0), Some(3.0)]);
        assert_eq!((d.columns[3].column.as_str(), &d.columns[3].difference), ("lanes", &vec![None, None]));
        let gone = of_tables(Some(&base), None);
        assert_eq!(
            (gone.found, gone.columns[0].difference.as_slice()),
            (Found::BaseOnly, [Some(-1.0), Some(-2.0)].as_slice())
        );
        let bare = Table::new("bare").real("x", "", "", vec![f64::INFINITY, f64::NAN]);
        assert_eq!(of_tables(Some(&bare), Some(&bare)).columns[0].difference, [Some(0.0), Some(0.0)]);
    }
}
