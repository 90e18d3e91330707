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

#[cfg(test)]
mod tests {
    use super::schema;

    #[test]
    fn the_schema_knows_every_kind_of_measure_and_refuses_further_keys() {
        let schema = schema();
        let entry = &schema["variants/*.toml"]["$defs"]["MeasureEntry"];
        assert_eq!(entry["unevaluatedProperties"], false);
        let kinds = entry["oneOf"].as_array().map(|kinds| kinds.iter().map(|k| &k["properties"]["kind"]["const"]));
        let kinds: Vec<&str> = kinds.into_iter().flatten().filter_map(|k| k.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "add_link",
                "close_link",
                "set_link",
                "scale_links",
                "set_toll",
                "add_line",
                "add_pattern",
                "remove_line",
                "set_fare",
                "set_headway",
                "set_process",
                "set_store",
                "set_appointments",
                "assign_terminal",
                "scale_services",
                "move_services"
            ]
        );
        assert_eq!(schema["scenario.toml"]["properties"]["title"]["type"], "string");
        assert_eq!(schema["hubs/*.toml"]["additionalProperties"], false);
    }
}
