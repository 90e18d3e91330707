//! A result table by columns: what indicators return, what the report writes, what a comparison subtracts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A table with a name; all columns have the same number of rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Name of the table, which is also the stem of its file.
    pub name: String,
    /// The columns, key columns first.
    pub columns: Vec<Column>,
}

/// A key figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kpi {
    /// Stable name.
    pub name: String,
    /// Value; of the whole population, not of the sample.
    pub value: f64,
    /// Unit in words.
    pub unit: String,
    /// What it means.
    pub about: String,
}

/// A column with its unit and meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name, with the unit as suffix where it has one.
    pub name: String,
    /// Unit in words, empty for names and counts.
    pub unit: String,
    /// What the values mean, for the file's metadata.
    pub about: String,
    /// Whether the column names the row (keys are matched by a comparison) or holds a value (values are subtracted).
    pub key: bool,
    /// The values.
    pub values: Values,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Words.
    Text(Vec<String>),
    /// Words that repeat: a code per row into the list of words. For tables with a row per agent.
    Category {
        /// Position of each row's word in `words`.
        codes: Vec<u32>,
        /// The words, each once.
        words: Vec<String>,
    },
    /// Whole numbers.
    Int(Vec<i64>),
    /// Numbers, `None` where there is nothing to tell (no vehicle passed, so no mean time).
    Real(Reals),
}

/// Numbers that may be missing: 8 bytes a row and a bit where any is missing (as `Option<f64>` they would take 16).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reals {
    /// 0 where there is none.
    numbers: Vec<f64>,
    /// A bit for each row that has none, up to the last such row.
    missing: Vec<u64>,
}

impl Reals {
    /// The number of a row; `None` where it is missing, and beyond the last row.
    pub fn at(&self, row: usize) -> Option<f64> {
        let missing = self.missing.get(row / 64).is_some_and(|bits| bits >> (row % 64) & 1 == 1);
        self.numbers.get(row).copied().filter(|_| !missing)
    }

    /// All rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<f64>> {
        (0..self.len()).map(|row| self.at(row))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Adds a row.
    pub fn push(&mut self, number: Option<f64>) {
        let row = self.numbers.len();
        self.numbers.push(number.unwrap_or(0.0));
        if number.is_none() {
            self.missing.resize(row / 64 + 1, 0);
            self.missing[row / 64] |= 1 << (row % 64);
        }
    }
}

impl Extend<Option<f64>> for Reals {
    fn extend<I: IntoIterator<Item = Option<f64>>>(&mut self, numbers: I) {
        let numbers = numbers.into_iter();
        self.numbers.reserve(numbers.size_hint().0);
        numbers.for_each(|number| self.push(number));
    }
}

impl FromIterator<Option<f64>> for Reals {
    fn from_iter<I: IntoIterator<Item = Option<f64>>>(numbers: I) -> Reals {
        let mut reals = Reals::default();
        reals.extend(numbers);
        reals
    }
}

impl From<Vec<f64>> for Reals {
    fn from(numbers: Vec<f64>) -> Reals {
        Reals { numbers, missing: Vec::new() }
    }
}

impl From<Vec<Option<f64>>> for Reals {
    fn from(numbers: Vec<Option<f64>>) -> Reals {
        numbers.into_iter().collect()
    }
}

impl Serialize for Reals {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Reals {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Reals, D::Error> {
        Vec::<Option<f64>>::deserialize(from).map(Reals::from)
    }
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Values::Text(v) => v.len(),
            Values::Category { codes, .. } => codes.len(),
            Values::Int(v) => v.len(),
            Values::Real(v) => v.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of some rows, in the order in which they are named.
    fn select(&self, rows: &[usize]) -> Values {
        match self {
            Values::Text(v) => Values::Text(rows.iter().map(|&row| v[row].clone()).collect()),
            Values::Category { codes, words } => {
                Values::Category { codes: rows.iter().map(|&row| codes[row]).collect(), words: words.clone() }
            }
            Values::Int(v) => Values::Int(rows.iter().map(|&row| v[row]).collect()),
            Values::Real(v) => Values::Real(rows.iter().map(|&row| v.at(row)).collect()),
        }
    }

    /// The word of a row, where the column holds words.
    pub fn word(&self, row: usize) -> Option<&str> {
        match self {
            Values::Text(v) => v.get(row).map(String::as_str),
            Values::Category { codes, words } => codes.get(row).map(|&code| words[code as usize].as_str()),
            Values::Int(_) | Values::Real(_) => None,
        }
    }

    /// A row in words: what a text file shows, empty where there is nothing to tell.
    pub fn shown(&self, row: usize) -> String {
        match self {
            Values::Text(_) | Values::Category { .. } => self.word(row).unwrap_or_default().to_owned(),
            Values::Int(v) => v[row].to_string(),
            Values::Real(v) => v.at(row).map_or(String::new(), |x| x.to_string()),
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(name: &str) -> Table {
        Table { name: name.to_owned(), columns: Vec::new() }
    }

    /// Adds a key column of words.
    pub fn key(self, name: &str, about: &str, values: Vec<String>) -> Table {
        self.with(Column {
            name: name.into(),
            unit: String::new(),
            about: about.into(),
            key: true,
            values: Values::Text(values),
        })
    }

    /// Adds a key column of whole numbers.
    pub fn key_int(self, name: &str, unit: &str, about: &str, values: Vec<i64>) -> Table {
        self.with(Column {
            name: name.into(),
            unit: unit.into(),
            about: about.into(),
            key: true,
            values: Values::Int(values),
        })
    }

    /// Adds a key column of words that repeat: a code per row into `words`.
    pub fn key_category(self, name: &str, about: &str, codes: Vec<u32>, words: Vec<String>) -> Table {
        let mut table = self.category(name, about, codes, words);
        table.columns.last_mut().expect("it was added just now").key = true;
        table
    }

    /// Adds a value column of words.
    pub fn text(self, name: &str, about: &str, values: Vec<String>) -> Table {
        self.with(Column {
            name: name.into(),
            unit: String::new(),
            about: about.into(),
            key: false,
            values: Values::Text(values),
        })
    }

    /// Adds a value column of words that repeat: a code per row into `words`.
    pub fn category(self, name: &str, about: &str, codes: Vec<u32>, words: Vec<String>) -> Table {
        debug_assert!(codes.iter().all(|&c| (c as usize) < words.len()), "a code of column {name} has no word");
        self.with(Column {
            name: name.into(),
            unit: String::new(),
            about: about.into(),
            key: false,
            values: Values::Category { codes, words },
        })
    }

    /// Adds a value column of whole numbers.
    pub fn int(self, name: &str, unit: &str, about: &str, values: Vec<i64>) -> Table {
        self.with(Column {
            name: name.into(),
            unit: unit.into(),
            about: about.into(),
            key: false,
            values: Values::Int(values),
        })
    }

    /// Adds a value column of numbers that are all there.
    pub fn real(self, name: &str, unit: &str, about: &str, values: Vec<f64>) -> Table {
        self.reals(name, unit, about, values.into())
    }

    /// Adds a value column of numbers that may be missing.
    pub fn real_or_none(self, name: &str, unit: &str, about: &str, values: Vec<Option<f64>>) -> Table {
        self.reals(name, unit, about, values.into())
    }

    fn reals(self, name: &str, unit: &str, about: &str, values: Reals) -> Table {
        self.with(Column {
            name: name.into(),
            unit: unit.into(),
            about: about.into(),
            key: false,
            values: Values::Real(values),
        })
    }

    fn with(mut self, column: Column) -> Table {
        assert!(
            self.columns.first().is_none_or(|c| c.values.len() == column.values.len()),
            "column {} of table {} has another length than the first column",
            column.name,
            self.name
        );
        self.columns.push(column);
        self
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }

    /// The table of some rows, in the order in which they are named.
    pub fn select(&self, rows: &[usize]) -> Table {
        let column = |c: &Column| Column {
            name: c.name.clone(),
            unit: c.unit.clone(),
            about: c.about.clone(),
            key: c.key,
            values: c.values.select(rows),
        };
        Table { name: self.name.clone(), columns: self.columns.iter().map(column).collect() }
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The words of a text column; empty when there is no such column. Columns of repeated words are read row by row
    /// with [`Table::word`].
    pub fn texts(&self, name: &str) -> &[String] {
        match self.column(name).map(|c| &c.values) {
            Some(Values::Text(v)) => v,
            _ => &[],
        }
    }

    /// A number of a row, from a whole-number or number column.
    pub fn number(&self, name: &str, row: usize) -> Option<f64> {
        match &self.column(name)?.values {
            Values::Int(v) => v.get(row).map(|&x| x as f64),
            Values::Real(v) => v.at(row),
            Values::Text(_) | Values::Category { .. } => None,
        }
    }

    /// The word of a row, from a column of words or of repeated words.
    pub fn word(&self, name: &str, row: usize) -> Option<&str> {
        match &self.column(name)?.values {
            Values::Text(v) => v.get(row).map(String::as_str),
            Values::Category { codes, words } => words.get(*codes.get(row)? as usize).map(String::as_str),
            Values::Int(_) | Values::Real(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_that_may_be_missing_come_back(numbers in prop::collection::vec(prop::option::of(any::<f64>()), 0..200)) {
            let bits = |numbers: &[Option<f64>]| numbers.iter().map(|x| x.map(f64::to_bits)).collect::<Vec<_>>();
            let reals = Reals::from(numbers.clone());
            prop_assert_eq!(bits(&reals.iter().collect::<Vec<_>>()), bits(&numbers));
            prop_assert_eq!((reals.len(), reals.at(numbers.len())), (numbers.len(), None));
        }
    }

    #[test]
    fn repeated_words_are_read_like_words() {
        let words = vec!["car".to_owned(), "walk".to_owned()];
        let table = Table::new("trips").category("mode", "mode", vec![1, 0, 1], words).text(
            "name",
            "name",
            vec!["a".into(), "b".into(), "c".into()],
        );
        assert_eq!(table.rows(), 3);
        assert_eq!([0, 1, 2, 3].map(|row| table.word("mode", row)), [Some("walk"), Some("car"), Some("walk"), None]);
        assert_eq!(table.word("name", 1), Some("b"));
        assert_eq!(table.number("mode", 0), None);
        let some = table.select(&[2, 0]);
        assert_eq!([some.texts("name").join(""), some.word("mode", 1).unwrap_or_default().to_owned()], ["ca", "walk"]);
    }
}
