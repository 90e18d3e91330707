//! From a finished run to files: the run folder (JSON, TOML, Parquet, GeoJSON, CSV) and the report that opens by double
//! click. Knows outcomes and tables, nothing of the simulation.

pub mod assignment;
pub mod claim;
pub mod comparison;
pub mod events;
pub mod folder;
pub mod geometry;
pub mod html;
pub mod parquet;

pub use assignment::{AssignmentRecord, write_assignment};
pub use claim::Claim;
pub use comparison::write_comparison;
pub use folder::{Overwrite, check_folder, read, rewrite_report, verify, write};

#[cfg(test)]
pub(crate) mod sample;
