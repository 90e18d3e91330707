//! The outcome of a run: tables of indicators and spillover with their provenance, serialisable, enough to write every
//! result and to be compared with another one.

use crate::demand::AgentCounts;
pub use crate::table::Kpi;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Provenance and figures of the run as a whole: `run.json`.
    pub manifest: Manifest,
    /// Title of the scenario (and variant).
    pub title: String,
    /// Description of the scenario.
    pub description: String,
    /// Caveats of the data.
    pub caveats: Vec<String>,
    /// Few, stable, documented figures: `kpis.json`.
    pub kpis: Vec<Kpi>,
    /// Result tables by name: links, hubs, services, iterations, districts, spillover, … in the order of writing.
    pub tables: Vec<Table>,
    /// Outlines of the districts, in the order of the `districts` table: rings of lon/lat.
    pub outlines: Vec<Vec<Vec<[f64; 2]>>>,
    /// All settings with defaults filled in: `scenario.resolved.toml`.
    pub resolved: String,
}

impl Outcome {
    /// The table of a name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name == name)
    }

    /// The value of a key figure.
    pub fn kpi(&self, name: &str) -> Option<f64> {
        self.kpis.iter().find(|k| k.name == name).map(|k| k.value)
    }
}

/// Provenance and figures of a run: `run.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of hubflow.
    pub version: String,
    /// Command line that made the run.
    pub command: String,
    /// Variant, if one was applied.
    pub variant: Option<String>,
    /// Seed.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// Share of the agents that were simulated.
    pub sample: f64,
    /// BLAKE3 digest of every input by path.
    pub inputs: BTreeMap<String, String>,
    /// BLAKE3 digest of every output by path.
    pub outputs: BTreeMap<String, String>,
    /// Digest of all events of the last iteration and of what passed the links, the same however agents are numbered.
    pub event_digest: String,
    /// Iterations that were run.
    pub iterations: u32,
    /// Relative gap of the last iteration.
    pub relative_gap: f64,
    /// Whether the target gap was reached.
    pub converged: bool,
    /// Agents of the last iteration.
    pub agents: AgentCounts,
    /// Links entered by vehicles in the last iteration.
    pub link_entries: u64,
    /// Wall and CPU seconds by stage, totals over iterations.
    pub stages: BTreeMap<String, StageTime>,
    /// Wall seconds in all.
    pub wall_s: f64,
    /// CPU seconds in all.
    pub cpu_s: f64,
    /// Peak memory, bytes; 0 where the system does not tell.
    pub peak_memory_bytes: u64,
}

/// Time that a stage took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTime {
    /// Wall seconds.
    pub wall_s: f64,
    /// CPU seconds.
    pub cpu_s: f64,
}
