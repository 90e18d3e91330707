//! How full the vehicles of a line were: persons, places and standing persons by section, over the day and by hour.
//!
//! Persons are those of the simulated agents until they are expanded; places are those of the vehicles as they are.

use super::Ridership;
use crate::metrics::{Context, Hours};
use crate::network::lines::Line;

/// A section of a line in an hour.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hourly {
    /// Vehicle runs by their timetable.
    pub runs: u64,
    /// Simulated persons carried.
    pub persons: u64,
    /// Persons without a seat, in whole persons of the full population; 0 where seats are not known.
    pub standing: f64,
}

/// The loads of a line.
#[derive(Debug)]
pub struct Loads {
    /// Section after section, hour by hour.
    pub by_hour: Vec<Hourly>,
    hours: Hours,
    /// Simulated persons in the fullest vehicle on any section.
    pub max: u64,
    /// Simulated persons by metres ridden.
    pub person_m: f64,
    /// Places by metres that vehicles run.
    pub place_m: f64,
    /// Seats by metres that vehicles run; 0 where seats are not known.
    pub seat_m: f64,
}

impl Loads {
    /// The hours of a section.
    pub fn section(&self, section: usize) -> &[Hourly] {
        let hours = self.hours.count();
        &self.by_hour[section * hours..(section + 1) * hours]
    }

    /// Simulated persons over a section in the day.
    pub fn day(&self, section: usize) -> u64 {
        self.section(section).iter().map(|h| h.persons).sum()
    }

    /// Vehicle runs over a section in the day.
    pub fn runs(&self, section: usize) -> u64 {
        self.section(section).iter().map(|h| h.runs).sum()
    }

    /// Simulated persons over a section in the hour with most.
    pub fn peak_hour(&self, section: usize) -> u64 {
        self.section(section).iter().map(|h| h.persons).max().unwrap_or(0)
    }

    /// Number of sections.
    pub fn sections(&self) -> usize {
        self.by_hour.len() / self.hours.count()
    }
}

impl Ridership {
    /// The loads of all lines.
    pub(super) fn loads(&self, context: &Context) -> Vec<Loads> {
        let lines = context.network.lines.lines.iter().enumerate();
        lines.map(|(l, line)| self.loads_of(l, line, context)).collect()
    }

    fn loads_of(&self, l: usize, line: &Line, context: &Context) -> Loads {
        let n = line.stops.len();
        let (sections, hours) = (n.saturating_sub(1), self.hours.count());
        let mut by_hour = vec![Hourly::default(); sections * hours];
        let seats = f64::from(line.vehicle.seats);
        let mut max = 0;
        for run in 0..line.runs() {
            let mut load = 0i64;
            for s in 0..sections {
                load += i64::from(self.change[self.first[l] + run * n + s]);
                let persons = load.max(0) as u64;
                let hour = &mut by_hour[s * hours + self.hours.of(line.departure(run, s))];
                hour.runs += 1;
                hour.persons += persons;
                if seats > 0.0 {
                    hour.standing += (context.expand(persons) - seats).max(0.0);
                }
                max = persons.max(max);
            }
        }
        let mut loads = Loads { by_hour, hours: self.hours, max, person_m: 0.0, place_m: 0.0, seat_m: 0.0 };
        for s in 0..sections {
            let length_m = line.chainage_m[s + 1] - line.chainage_m[s];
            let run_m = loads.runs(s) as f64 * length_m;
            loads.person_m += loads.day(s) as f64 * length_m;
            loads.place_m += run_m * f64::from(line.capacity);
            loads.seat_m += run_m * seats;
        }
        loads
    }
}
