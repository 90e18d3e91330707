//! Outside formats → tables of the library, offline: one file or folder per format. Nothing here knows a network that is
//! built or a simulation.

pub mod gtfs;
pub mod tntp;
