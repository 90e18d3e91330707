//! How they want to move: generalised cost, road search, journey search, choice of mode, the assignment step, skims.
//!
//! In the order of reading: [`cost`] says what a way of travelling costs; [`streets`], [`potentials`] and [`road`] find
//! routes for road vehicles, [`journey`] finds journeys by lines; [`alternatives`] puts both together into plans from
//! door to door or hall; [`model`] says which plan an agent likes best; [`assign`] does so for everybody, first and
//! after each simulated day; [`skims`] tells costs between zones.
//!
//! Routes and journeys are searched with plain labels and no contraction or transfer patterns: a variant costs no
//! preparation, and one day's search is a small part of a run.

pub mod alternatives;
pub mod assign;
pub mod cost;
pub mod journey;
pub mod model;
pub mod potentials;
pub mod road;
pub mod skims;
pub mod streets;

#[cfg(test)]
mod toy;
