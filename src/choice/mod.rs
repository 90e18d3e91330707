//! How they want to move: generalised cost, road search, journey search, choice of mode, the assignment step, skims.
//!
//! In the order of reading: [`cost`] says what a way of travelling costs; routes for road vehicles are found by
//! [`routing`](crate::routing), journeys by lines by [`transit`](crate::transit): [`services`] are what is searched,
//! [`journey`] takes the best of what is found; [`trip`] resolves where an agent's way begins and ends, [`alternatives`]
//! puts all together into plans from door to door or hall, and [`recost`] says what they took on a day; [`model`] says
//! which plan an agent likes best; [`assign`] does so for everybody, first and after each simulated day, with its [`report`] and the [`packed`]
//! journeys that it keeps; [`skims`] tells costs between zones.
//!
//! Routes and journeys are searched with plain labels and no contraction or transfer patterns: a variant costs no
//! preparation. Measured on one thread at 2.5 GHz (November 2026): 40 µs for a route on a grid
//! of 1,600 nodes and 6,240 links with a morning and an evening peak, 60 µs for a journey over 330 stops and 50 lines of
//! 220 departures each.

pub mod alternatives;
pub mod assign;
mod change;
pub mod cost;
pub mod crowding;
mod departure;
pub mod journey;
pub mod model;
mod overlap;
pub mod pace;
pub mod packed;
mod peers;
pub mod recost;
pub mod report;
pub mod services;
pub mod skims;
pub mod trip;
pub mod unreached;
mod warm;
mod ways;

#[cfg(test)]
mod experience;
#[cfg(test)]
mod toy;
