#![doc = include_str!("../README.md")]

pub mod error;
pub mod ids;
pub mod mode;
pub mod random;
pub mod table;
pub mod units;

pub mod events;
pub mod scenario;

pub mod import;
pub mod network;

pub mod assign;
pub mod demand;
pub mod generate;
pub mod routing;
pub mod transit;

pub mod choice;
pub mod journey;
pub mod mobsim;

pub mod metrics;

pub mod spillover;

pub mod outcome;

pub mod compare;
pub mod report;

pub mod run;

pub use run::run;
pub use scenario::Scenario;
