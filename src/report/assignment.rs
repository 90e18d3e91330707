//! The folder of a static assignment: `assign.json`, `link_flows.csv` in the units and the order of the network's file, and
//! `unreachable.csv` where pairs without a path were left out.

use super::folder::{Staged, digest_of};
use crate::assign::{Assignment, StaticNetwork};
use crate::error::{Error, Result};
use crate::ids::NodeIx;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// `assign.json`. Times and costs are in the units of the network's file, for all trips together unless said otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct AssignmentRecord {
    /// Version that wrote it.
    pub hubflow: String,
    /// Command line.
    pub command: String,
    /// `ue` for the user equilibrium, `so` for the system optimum.
    pub sought: String,
    /// Time per unit of toll in the cost of a link.
    pub toll_weight: f64,
    /// Time per unit of length in the cost of a link.
    pub distance_weight: f64,
    /// What was made least.
    pub objective: f64,
    /// Σ volume·time.
    pub total_travel_time: f64,
    /// Σ volume·cost.
    pub total_cost: f64,
    /// 1 − Σ trips·(least cost)/Σ volume·cost.
    pub relative_gap: f64,
    /// What a trip could save on average.
    pub average_excess_cost: f64,
    /// Whether the gap that was asked for was reached.
    pub converged: bool,
    /// Iterations.
    pub iterations: u32,
    /// Trips on the network.
    pub trips: f64,
    /// Trips within a zone.
    pub intrazonal_trips: f64,
    /// Pairs left out because no path leads.
    pub unreachable_pairs: usize,
    /// Their trips.
    pub unreachable_trips: f64,
    /// BLAKE3 digests of the files read, by path.
    pub inputs: BTreeMap<String, String>,
    /// BLAKE3 digests of the files written, by name.
    pub outputs: BTreeMap<String, String>,
    /// Wall seconds of reading and assigning.
    pub wall_s: f64,
    /// CPU seconds of reading and assigning.
    pub cpu_s: f64,
}

impl AssignmentRecord {
    /// The results of an assignment; where they come from is left to fill in.
    pub fn new(assignment: &Assignment) -> AssignmentRecord {
        AssignmentRecord {
            hubflow: env!("CARGO_PKG_VERSION").to_owned(),
            command: String::new(),
            sought: "ue".to_owned(),
            toll_weight: 0.0,
            distance_weight: 0.0,
            objective: assignment.objective,
            total_travel_time: assignment.total_travel_time,
            total_cost: assignment.total_cost,
            relative_gap: assignment.relative_gap,
            average_excess_cost: assignment.average_excess_cost,
            converged: assignment.converged,
            iterations: assignment.iterations.len() as u32,
            trips: assignment.trips,
            intrazonal_trips: assignment.intrazonal_trips,
            unreachable_pairs: assignment.unreachable.len(),
            unreachable_trips: assignment.unreachable.iter().fold(0.0, |sum, pair| sum + pair.trips),
            inputs: BTreeMap::new(),
            outputs: BTreeMap::new(),
            wall_s: 0.0,
            cpu_s: 0.0,
        }
    }

    /// Notes the files that were read.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn read_from(&mut self, files: &[&Path]) -> Result<()> {
        for file in files {
            let digest = digest_of(file).map_err(|e| Error::file(file, e))?;
            self.inputs.insert(file.display().to_string(), digest);
        }
        Ok(())
    }
}

/// Writes an assignment into `dir`. Nodes have the numbers of the network's file.
///
/// # Errors
/// Files that cannot be written.
pub fn write_assignment(
    dir: &Path,
    network: &StaticNetwork,
    assignment: &Assignment,
    record: &AssignmentRecord,
) -> Result<()> {
    let mut staged = Staged::new(dir)?;
    let mut flows = "from,to,volume,cost\n".to_owned();
    for ((link, volume), cost) in network.links.iter().zip(&assignment.volume).zip(&assignment.cost) {
        // Shortest digits that read back as the same number.
        let _ = writeln!(flows, "{},{},{volume},{cost}", network.number(link.from), network.number(link.to));
    }
    staged.bytes("link_flows.csv", flows.as_bytes())?;
    if !assignment.unreachable.is_empty() {
        let mut left_out = "origin,destination,trips\n".to_owned();
        for pair in &assignment.unreachable {
            let [from, to] = [pair.origin, pair.destination].map(|zone| network.number(NodeIx(zone.0)));
            let _ = writeln!(left_out, "{from},{to},{}", pair.trips);
        }
        staged.bytes("unreachable.csv", left_out.as_bytes())?;
    }
    let record = AssignmentRecord { outputs: staged.digests.clone(), ..record.clone() };
    staged.json("assign.json", &record)?;
    staged.publish("assign.json")
}
