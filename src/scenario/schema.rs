//! JSON Schema (draft 2020-12) of the TOML files of a scenario, derived from the types that they become.

use super::hubs::HubFile;
use super::settings::Settings;
use super::variant::Variant;
use schemars::schema_for;
use serde_json::{Value, json};

/// The schemas by the files that they describe. Editors that know the `#:schema` line take the one of the file at hand.
pub fn schema() -> Value {
    json!({
        "scenario.toml": Value::from(schema_for!(Settings)),
        "hubs/*.toml": Value::from(schema_for!(HubFile)),
        "variants/*.toml": Value::from(schema_for!(Variant)),
    })
}
