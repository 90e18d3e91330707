//! All settings of a scenario with defaults filled in.

use super::Scenario;

impl Scenario {
    /// `scenario.toml` with every setting written out: what was set, overridden or left at its default.
    ///
    /// # Panics
    /// When a setting that was changed in code cannot be written as TOML, as a seed of 2⁶³ or more; no file and no
    /// override can say such a value.
    pub fn resolved_toml(&self) -> String {
        toml::to_string(&self.settings).expect("settings that were read can be written")
    }
}
