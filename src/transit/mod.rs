//! Journeys by lines: the timetable as the searches read it, and the searches.
//!
//! In the order of reading: [`timetable`], [`raptor`] (earliest arrival; on the mirrored timetable latest departure),
//! [`range`] (all journeys of a span of departures), [`pareto`] (arrival against generalised cost). Nothing is prepared
//! but the timetable, so a variant costs nothing.

pub mod again;
pub mod pareto;
pub mod range;
pub mod raptor;
pub mod timetable;

#[cfg(test)]
mod toy;
#[cfg(test)]
mod truth;
