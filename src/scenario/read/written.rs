//! A TOML file as a tree whose every value remembers its row, so that each mistake can be told where it stands.

use super::reading::{Reading, row_at};
use crate::error::{Problem, shown};
use rustc_hash::FxHashMap;
use toml::de::{DeTable, DeValue};

/// A value with its row; row 0 when it was given on the command line.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Row of the key, or of the element of an array.
    pub row: u32,
    /// The value.
    pub value: Value,
}

/// A TOML value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Bool(bool),
    Integer(i64),
    Real(f64),
    Text(String),
    /// A TOML date or time; no setting is one, they are all written as text.
    Moment(String),
    List(Vec<Item>),
    Table(Vec<(String, Item)>),
}

impl Value {
    /// The value as a message shows it.
    pub fn shown(&self) -> String {
        match self {
            Value::Bool(b) => b.to_string(),
            Value::Integer(i) => i.to_string(),
            Value::Real(x) => x.to_string(),
            Value::Text(t) => format!("\"{}\"", shown(t)),
            Value::Moment(t) => format!("the unquoted time {t}"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

impl Item {
    /// The same value for serde.
    pub fn to_toml(&self) -> toml::Value {
        match &self.value {
            Value::Bool(b) => toml::Value::Boolean(*b),
            Value::Integer(i) => toml::Value::Integer(*i),
            Value::Real(x) => toml::Value::Float(*x),
            Value::Text(t) | Value::Moment(t) => toml::Value::String(t.clone()),
            Value::List(items) => toml::Value::Array(items.iter().map(Item::to_toml).collect()),
            Value::Table(entries) => {
                toml::Value::Table(entries.iter().map(|(key, item)| (key.clone(), item.to_toml())).collect())
            }
        }
    }

    /// Puts a value at a dotted key, as `--set a.b=c` asks for; the value is read as TOML, else taken as text. What is
    /// wrong with the key, if anything.
    pub fn set(&mut self, key: &str, text: &str) -> Option<Problem> {
        let value = match DeValue::parse(text) {
            // A time of day is text in the settings, and a shell makes quotes hard to type.
            Ok(value) => match value_of(value.into_inner(), text) {
                Ok(Value::Moment(_)) | Err(_) => Value::Text(text.to_owned()),
                Ok(value) => value,
            },
            Err(_) => Value::Text(text.to_owned()),
        };
        let mut here = self;
        for (i, part) in key.split('.').enumerate() {
            let Value::Table(entries) = &mut here.value else {
                let before = key.split('.').take(i).collect::<Vec<_>>().join(".");
                let wanted = format!("\"{before}\" to be a table");
                return Some(Problem::new("--set", format!("\"{key}\""), wanted).column(key));
            };
            let place = entries.iter().position(|(name, _)| name == part).unwrap_or_else(|| {
                entries.push((part.to_owned(), Item { row: 0, value: Value::Table(Vec::new()) }));
                entries.len() - 1
            });
            here = &mut entries[place].1;
        }
        *here = Item { row: 0, value: without_rows(value) };
        None
    }
}

/// Reads a TOML file into a tree; tells every row with wrong syntax.
pub(super) fn tree(reading: &mut Reading, file: &str, bytes: &[u8]) -> Option<Item> {
    let text = reading.text(file, bytes);
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut told = 0;
    for error in &errors {
        let row = error.span().map_or(1, |span| row_at(text.as_bytes(), span.start));
        // One slip confuses the rest of its row; a row is told once.
        if row != told {
            let line = text.lines().nth(row as usize - 1).unwrap_or("").trim();
            let problem = Problem::new(file, format!("\"{}\"", shown(line)), "valid TOML").at(row);
            reading.problem(problem.hint(error.message().lines().next().unwrap_or("").to_owned()));
            told = row;
        }
    }
    if !errors.is_empty() {
        return None;
    }
    match table_of(table.into_inner(), &text) {
        Ok(value) => Some(Item { row: 1, value }),
        Err((row, found)) => {
            reading.problem(Problem::new(file, found, "a number that fits into 64 bits").at(row));
            None
        }
    }
}

fn table_of(table: DeTable, text: &str) -> Result<Value, (u32, String)> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        let row = row_at(text.as_bytes(), key.span().start);
        entries.push((
            key.into_inner().into_owned(),
            Item { row, value: value_of(value.into_inner(), text).map_err(at(row))? },
        ));
    }
    // The map is sorted by key; people read their file from the top.
    entries.sort_by_key(|(_, item)| item.row);
    Ok(Value::Table(entries))
}

/// Gives a number that does not fit the row of its key, unless it has one further inside.
fn at(row: u32) -> impl Fn((u32, String)) -> (u32, String) {
    move |(inner, found)| (inner.max(row), found)
}

fn value_of(value: DeValue, text: &str) -> Result<Value, (u32, String)> {
    Ok(match value {
        DeValue::String(t) => Value::Text(t.into_owned()),
        DeValue::Boolean(b) => Value::Bool(b),
        DeValue::Datetime(t) => Value::Moment(t.to_string()),
        DeValue::Integer(i) => {
            Value::Integer(i64::from_str_radix(i.as_str(), i.radix()).map_err(|_| (0, i.as_str().to_owned()))?)
        }
        DeValue::Float(x) => Value::Real(x.as_str().parse().map_err(|_| (0, x.as_str().to_owned()))?),
        DeValue::Table(table) => table_of(table, text)?,
        DeValue::Array(array) => {
            let mut items = Vec::with_capacity(array.len());
            for value in array {
                let row = row_at(text.as_bytes(), value.span().start);
                items.push(Item { row, value: value_of(value.into_inner(), text).map_err(at(row))? });
            }
            Value::List(items)
        }
    })
}

/// A value from the command line stands in no row of a file.
fn without_rows(value: Value) -> Value {
    let clear = |item: Item| Item { row: 0, value: without_rows(item.value) };
    match value {
        Value::List(items) => Value::List(items.into_iter().map(clear).collect()),
        Value::Table(entries) => Value::Table(entries.into_iter().map(|(key, item)| (key, clear(item))).collect()),
        plain => plain,
    }
}

/// Rows of the keys of a TOML file by path (`chain[0].step[1].process`), and the paths whose mistakes are told already.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct KeyRows {
    file: String,
    rows: FxHashMap<String, u32>,
    bad: Vec<String>,
}

impl KeyRows {
    /// The rows of a tree.
    pub(super) fn of(file: &str, item: &Item) -> KeyRows {
        let mut keys = KeyRows { file: file.to_owned(), ..KeyRows::default() };
        keys.walk(item, "");
        keys
    }

    /// Without rows, for a check that does not follow a reading.
    pub fn none(file: &str) -> KeyRows {
        KeyRows { file: file.to_owned(), ..KeyRows::default() }
    }

    /// Marks a path as told.
    pub(super) fn mark_bad(&mut self, path: &str) {
        self.bad.push(path.to_owned());
    }

    fn walk(&mut self, item: &Item, path: &str) {
        match &item.value {
            Value::Table(entries) => {
                for (key, below) in entries {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    self.rows.insert(path.clone(), below.row);
                    self.walk(below, &path);
                }
            }
            Value::List(items) => {
                for (i, below) in items.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    self.rows.insert(path.clone(), below.row);
                    self.walk(below, &path);
                }
            }
            _ => {}
        }
    }

    /// Whether a mistake at the path, above it or below it has been told already.
    pub fn is_bad(&self, path: &str) -> bool {
        let inside = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.bad.iter().any(|bad| inside(bad, path) || inside(path, bad))
    }

    /// A problem at a path, at its row or at that of the nearest table above it; on the command line for what was
    /// set there.
    pub fn problem(&self, path: &str, found: impl Into<String>, wanted: impl Into<String>) -> Problem {
        let mut above = path;
        let row = loop {
            match self.rows.get(above) {
                Some(row) => break Some(*row),
                None => match above.rfind(['.', '[']) {
                    Some(end) => above = &above[..end],
                    None => break None,
                },
            }
        };
        match row {
            Some(0) => Problem::new("--set", found, wanted).column(path),
            Some(row) => Problem::new(&self.file, found, wanted).at(row).column(path),
            None => Problem::new(&self.file, found, wanted).column(path),
        }
    }
}
