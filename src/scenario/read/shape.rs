//! The shape of a TOML file, held against the JSON Schema of the Rust type that it becomes.
//!
//! serde stops at the first mistake and knows no rows. The schema is derived from the same types, so holding the tree
//! against it finds every unknown key, wrong type and missing value at once; serde then only moves the values over.
//! What is wrong is told, taken out or replaced by a stand-in, and its path is marked, so that it is told once.

use super::reading::Reading;
use super::written::{Item, KeyRows, Value, tree};
use crate::error::{Problem, shown};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// Reads a TOML file as a `T`, with the given overrides; all its mistakes are told.
pub(super) fn typed<T: JsonSchema + DeserializeOwned>(
    reading: &mut Reading,
    file: &str,
    bytes: &[u8],
    sets: &[(String, String)],
) -> Option<(T, KeyRows)> {
    let mut item = tree(reading, file, bytes)?;
    for (key, text) in sets {
        reading.problems.extend(item.set(key, text));
    }
    let schema = Json::from(schemars::schema_for!(T));
    let mut walk = Walk { schema: &schema, keys: KeyRows::of(file, &item), problems: &mut reading.problems };
    walk.visit(&schema, &mut item, "");
    let keys = walk.keys;
    match T::deserialize(item.to_toml()) {
        Ok(value) => Some((value, keys)),
        Err(error) => {
            reading.problem(Problem::new(file, error.message(), "values of the documented types"));
            None
        }
    }
}

struct Walk<'a> {
    schema: &'a Json,
    keys: KeyRows,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Walk<'a> {
    /// Follows references, and leaves out the "or nothing" of an optional value: TOML has no null.
    fn resolve(&self, schema: &'a Json) -> &'a Json {
        self.resolve_for(schema, false)
    }

    /// The same, and where a value may be one or a list, the schema of what it is.
    fn resolve_for(&self, mut schema: &'a Json, list: bool) -> &'a Json {
        loop {
            if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
                schema = &self.schema["$defs"][name];
            } else if let Some(options) = schema["anyOf"].as_array() {
                let lists = options.iter().find(|o| list && o["type"] == "array");
                let Some(real) = lists.or_else(|| options.iter().find(|o| o["type"] != "null")) else { return schema };
                schema = real;
            } else {
                return schema;
            }
        }
    }

    fn tell(&mut self, path: &str, problem: Problem) {
        self.problems.push(problem);
        self.keys.mark_bad(path);
    }

    fn wrong(&mut self, path: &str, value: &Value, wanted: &str) {
        let problem = self.keys.problem(path, value.shown(), wanted);
        self.tell(path, problem);
    }

    /// Holds a value against its schema. Whether it is as wanted.
    fn visit(&mut self, schema: &'a Json, item: &mut Item, path: &str) -> bool {
        let schema = self.resolve_for(schema, matches!(item.value, Value::List(_)));
        if let Some(words) = words(schema) {
            return self.visit_word(&words, item, path);
        }
        match kind(schema) {
            "object" => self.visit_object(schema, item, path),
            "array" => self.visit_list(schema, item, path),
            "string" => {
                if item.row == 0 && matches!(item.value, Value::Bool(_) | Value::Integer(_) | Value::Real(_)) {
                    item.value = Value::Text(item.value.shown());
                }
                self.wants(matches!(item.value, Value::Text(_)), item, path, "text in quotes")
            }
            "boolean" => self.wants(matches!(item.value, Value::Bool(_)), item, path, "true or false"),
            "integer" => {
                let most = if schema["format"] == "uint32" { i64::from(u32::MAX) } else { i64::MAX };
                let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
                let good = matches!(item.value, Value::Integer(i) if (least..=most).contains(&i));
                self.wants(good, item, path, if least == 0 { "a whole number ≥ 0" } else { "a whole number" })
            }
            "number" => {
                let good = match item.value {
                    Value::Integer(_) => true,
                    Value::Real(x) => x.is_finite(),
                    _ => false,
                };
                self.wants(good, item, path, "a number")
            }
            _ => true,
        }
    }

    fn wants(&mut self, good: bool, item: &Item, path: &str, wanted: &str) -> bool {
        if !good {
            self.wrong(path, &item.value, wanted);
        }
        good
    }

    fn visit_word(&mut self, words: &[&str], item: &Item, path: &str) -> bool {
        if matches!(&item.value, Value::Text(t) if words.contains(&t.as_str())) {
            return true;
        }
        let problem = self.keys.problem(path, item.value.shown(), format!("one of {}", words.join(", ")));
        let word = if let Value::Text(t) = &item.value { t.as_str() } else { "" };
        self.tell(path, problem.did_you_mean(word, words.iter().copied()));
        false
    }

    fn visit_list(&mut self, schema: &'a Json, item: &mut Item, path: &str) -> bool {
        let Value::List(items) = &mut item.value else {
            self.wrong(path, &item.value, "a list");
            return false;
        };
        for (i, below) in items.iter_mut().enumerate() {
            if !self.visit(&schema["items"], below, &format!("{path}[{i}]")) {
                below.value = self.stand_in(&schema["items"]);
            }
        }
        true
    }

    fn visit_object(&mut self, schema: &'a Json, item: &mut Item, path: &str) -> bool {
        let Value::Table(entries) = &mut item.value else {
            self.wrong(path, &item.value, "a table");
            return false;
        };
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let Some(parts) = self.parts(schema, entries, path) else { return false };
        let required: Vec<&str> =
            parts.iter().filter_map(|p| p["required"].as_array()).flatten().filter_map(Json::as_str).collect();
        let known: Vec<(&str, &'a Json)> = parts
            .iter()
            .filter_map(|p| p["properties"].as_object())
            .flat_map(|p| p.iter().map(|(key, schema)| (key.as_str(), schema)))
            .collect();
        let free = schema["additionalProperties"].is_object().then(|| &schema["additionalProperties"]);
        let key_words = words(&schema["propertyNames"]);
        entries.retain_mut(|(key, value)| {
            let at = below(key);
            let found = known.iter().find(|(name, _)| name == key).map(|(_, schema)| *schema);
            let schema =
                found.or_else(|| free.filter(|_| key_words.as_ref().is_none_or(|w| w.contains(&key.as_str()))));
            let Some(schema) = schema else {
                let names: Vec<&str> = key_words.clone().unwrap_or_else(|| known.iter().map(|(n, _)| *n).collect());
                let problem = self.keys.problem(&at, format!("unknown key \"{}\"", shown(key)), wanted_keys(&names));
                self.tell(&at, problem.did_you_mean(key, names));
                return false;
            };
            let good = self.visit(schema, value, &at);
            if !good && required.contains(&key.as_str()) {
                value.value = self.stand_in(schema);
                return true;
            }
            good
        });
        for name in required {
            if let Some((_, schema)) = known.iter().find(|(n, _)| *n == name) {
                self.require(name, schema, item, path);
            }
        }
        true
    }

    /// Tells a key that must be there and is not, and puts a stand-in in its place.
    fn require(&mut self, name: &str, schema: &'a Json, item: &mut Item, path: &str) {
        let row = item.row;
        let Value::Table(entries) = &mut item.value else { return };
        if entries.iter().any(|(key, _)| key == name) {
            return;
        }
        entries.push((name.to_owned(), Item { row, value: self.stand_in(schema) }));
        let at = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        // An unknown key that nearly is the missing one has told the mistake already.
        let above = |column: &str| column.rsplit_once('.').map_or("", |(above, _)| above) == path;
        let meant = format!("did you mean \"{name}\"?");
        let problem = self.keys.problem(&at, "no such key", format!("a key \"{name}\""));
        let near = |p: &Problem| {
            p.file == problem.file && p.column.as_deref().is_some_and(above) && p.hint.as_deref() == Some(&meant)
        };
        if self.problems.iter().any(near) {
            self.keys.mark_bad(&at);
        } else {
            self.tell(&at, problem);
        }
    }

    /// The schema of an object, and that of the kind it says it is where there are several kinds.
    fn parts(&mut self, schema: &'a Json, entries: &[(String, Item)], path: &str) -> Option<Vec<&'a Json>> {
        let Some(kinds) = schema["oneOf"].as_array() else { return Some(vec![schema]) };
        let words: Vec<&str> = kinds.iter().filter_map(|k| k["properties"]["kind"]["const"].as_str()).collect();
        let at = if path.is_empty() { "kind".to_owned() } else { format!("{path}.kind") };
        let Some((_, item)) = entries.iter().find(|(key, _)| key == "kind") else {
            let problem = self.keys.problem(&at, "no such key", format!("kind: one of {}", words.join(", ")));
            self.tell(path, problem);
            return None;
        };
        if !self.visit_word(&words, item, &at) {
            return None;
        }
        let kind =
            kinds.iter().find(|k| matches!(&item.value, Value::Text(t) if k["properties"]["kind"]["const"] == **t));
        kind.map(|kind| vec![schema, kind])
    }

    /// A value of the right type in place of a wrong or missing one.
    fn stand_in(&self, schema: &'a Json) -> Value {
        let schema = self.resolve(schema);
        if let Some(words) = words(schema) {
            return Value::Text(words.first().copied().unwrap_or("").to_owned());
        }
        match kind(schema) {
            "object" => {
                let parts = [Some(schema), schema["oneOf"].get(0)];
                let mut entries = Vec::new();
                for part in parts.into_iter().flatten() {
                    let required = part["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
                    for name in required {
                        let value = self.stand_in(&part["properties"][name]);
                        entries.push((name.to_owned(), Item { row: 0, value }));
                    }
                }
                Value::Table(entries)
            }
            "array" => Value::List(Vec::new()),
            "boolean" => Value::Bool(false),
            "integer" => Value::Integer(1),
            "number" => Value::Real(1.0),
            _ => Value::Text(String::new()),
        }
    }
}

fn wanted_keys(names: &[&str]) -> String {
    format!("one of {}", names.join(", "))
}

/// The type that a schema asks for, without the "or nothing" of an optional value.
fn kind(schema: &Json) -> &str {
    match &schema["type"] {
        Json::String(kind) => kind,
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).find(|k| *k != "null").unwrap_or(""),
        _ => "",
    }
}

/// The words of a closed set, where the schema is one.
fn words(schema: &Json) -> Option<Vec<&str>> {
    if let Some(word) = schema["const"].as_str() {
        return Some(vec![word]);
    }
    let list = schema["enum"].as_array().or_else(|| schema["oneOf"].as_array())?;
    list.iter().map(|w| w.as_str().or_else(|| w["const"].as_str())).collect()
}
