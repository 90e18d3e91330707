//! Journeys by lines: the timetable as the searches read it, and the searches.
//!
//! In the order of reading: [`timetable`], [`raptor`] (earliest arrival; on the mirrored timetable latest departure),
//! [`range`] (all journeys of a span of departures), [`pareto`] (arrival against generalised cost). Nothing is prepared
//! but the timetable, so a variant costs nothing.
//!
//! Means and medians of single queries in milliseconds, up to 6 rides, one core of a shared 2.6 GHz machine in November 2026
//! (`benches/transit.rs`): a city of 1,600 stops and 748,800 stop times, and Porto Alegre with 4,010 stops and 136,366 stop
//! times, where 43 stops lie within reach of an origin and 18 footpaths lead from a stop.
//!
//! | | city, mean | median | 95 % | Porto Alegre, mean | median | 95 % |
//! |---|--:|--:|--:|--:|--:|--:|
//! | earliest arrival | 0.20 | 0.13 | 0.26 | 0.28 | 0.16 | 0.51 |
//! | two hours of departures | 3.7 | 2.9 | 8.5 | 2.2 | 0.39 | 10.5 |
//! | arrival against cost | 2.4 | 1.3 | 8.3 | 10.4 | 1.1 | 35 |
//!
//! The timetable is frozen in 9 ms and takes 8.7 MiB in the city, the whole process 29 MiB.

pub mod again;
pub mod pareto;
pub mod range;
pub mod raptor;
pub mod timetable;

#[cfg(test)]
mod toy;
#[cfg(test)]
mod truth;
