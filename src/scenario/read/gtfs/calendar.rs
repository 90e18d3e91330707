//! Which GTFS services run on which days: `calendar.txt` and `calendar_dates.txt`, and the choice of a date where none is
//! named.
//!
//! Feeds hold calendars one after the other and beside each other: all services of Addison County (2015 to 2017) at once
//! are three times the service of any day. So where no date is named and services run on different days, one date is
//! taken for all of them: the Tuesday, Wednesday or Thursday with the most trips, the first of several.

use super::feed::Feed;
use crate::error::Problem;
use crate::ids::Words;
use crate::scenario::read::reading::Reading;
use crate::scenario::read::rows::{Form, Row};
use rustc_hash::FxHashMap;

/// Days of the week in the order of the columns of `calendar.txt`.
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Days that a calendar spans at most, 400 years: the least span after which weekdays repeat.
const LONGEST: i64 = 146_097;

/// When a service runs.
#[derive(Clone, Debug, Default)]
struct Service {
    /// Days of the week, first and last day (days since 1970-01-01), row; where `calendar.txt` has it.
    weekly: Option<([bool; 7], i64, i64)>,
    /// Days on which it runs or does not, whatever the week says; sorted.
    exceptions: Vec<(i64, bool)>,
}

impl Service {
    fn runs_on(&self, day: i64) -> bool {
        match self.exceptions.binary_search_by_key(&day, |e| e.0) {
            Ok(at) => self.exceptions[at].1,
            Err(_) => {
                self.weekly.is_some_and(|(days, first, last)| (first..=last).contains(&day) && days[of_week(day)])
            }
        }
    }

    /// Whether it is meant to run on any day, be there such a day between its first and last or not.
    fn runs_ever(&self) -> bool {
        self.weekly.is_some_and(|(days, ..)| days.contains(&true)) || self.exceptions.iter().any(|e| e.1)
    }
}

/// The services of a feed.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    /// Ids of the services.
    pub names: Words,
    services: Vec<Service>,
    /// Services whose rows are faulty: trips of them are left out without a further word.
    faulty: Vec<bool>,
    /// Services whose dates cannot be read: what stands in for them is told to nobody.
    unclear: Vec<bool>,
    /// The first row that says when a service runs: file and row.
    pub first_row: Option<(&'static str, u32)>,
}

impl Calendar {
    /// Reads the calendar; `None` when it cannot be read.
    pub fn read(reading: &mut Reading, feed: &mut Feed) -> Option<Calendar> {
        let mut calendar = Calendar::default();
        let before = reading.problems.len();
        let weekly = calendar.weekly(reading, feed);
        let dated = calendar.dated(reading, feed);
        if weekly.is_none() && dated.is_none() {
            if reading.problems.len() == before {
                let wanted = "calendar.txt or calendar_dates.txt, which say when services run";
                reading.problem(Problem::new(feed.name("calendar.txt"), "no such file", wanted));
            }
            return None;
        }
        for service in &mut calendar.services {
            service.exceptions.sort_by_key(|e| e.0);
            service.exceptions.dedup_by_key(|e| e.0);
        }
        Some(calendar)
    }

    fn weekly(&mut self, reading: &mut Reading, feed: &mut Feed) -> Option<()> {
        let mut required = vec!["service_id", "start_date", "end_date"];
        required.extend(DAYS);
        let form = Form { required: &required, optional: &[], open: true };
        let rows = feed.rows(reading, ("calendar.txt", false), &form, |row| {
            let on = DAYS.map(|day| row.flag(day, false));
            let (start, end) = (date_cell(row, "start_date"), date_cell(row, "end_date"));
            if start > end {
                row.wrong("end_date", "a date that is not before start_date");
            }
            let service_id = row.id("service_id")?;
            let again = self.names.find(&service_id).is_some();
            if again {
                row.wrong("service_id", "ids that are unique");
                return None;
            }
            self.first_row.get_or_insert(("calendar.txt", row.line));
            Some((self.names.code(&service_id), (on, start, end.max(start)), row.is_sound()))
        })?;
        for (service, weekly, sound) in rows {
            self.at(service).weekly = Some(weekly);
            self.faulty[service as usize] = !feed.uses(sound);
            self.unclear[service as usize] = !sound;
        }
        Some(())
    }

    fn dated(&mut self, reading: &mut Reading, feed: &mut Feed) -> Option<()> {
        let form = Form { required: &["service_id", "date", "exception_type"], optional: &[], open: true };
        let rows = feed.rows(reading, ("calendar_dates.txt", false), &form, |row| {
            let added = row.one_of("exception_type", &[("1", true), ("2", false)]);
            let date = date_cell(row, "date");
            let service_id = row.id("service_id")?;
            self.first_row.get_or_insert(("calendar_dates.txt", row.line));
            Some((self.names.code(&service_id), (date, added), row.is_sound()))
        })?;
        for (code, exception, sound) in rows {
            let service = self.at(code);
            if sound {
                service.exceptions.push(exception);
            } else if feed.uses(sound) {
                self.unclear[code as usize] = true;
            }
        }
        Some(())
    }

    fn at(&mut self, service: u32) -> &mut Service {
        let count = self.services.len().max(service as usize + 1);
        self.services.resize(count, Service::default());
        self.faulty.resize(count, false);
        self.unclear.resize(count, false);
        &mut self.services[service as usize]
    }

    /// Whether a service runs, on a day when there is one, else on any day.
    pub fn runs(&self, service: u32, day: Option<i64>) -> bool {
        let at = &self.services[service as usize];
        !self.faulty[service as usize] && day.map_or_else(|| at.runs_ever(), |day| at.runs_on(day))
    }

    /// Whether trips of a service are left out because its row is faulty.
    pub fn is_faulty(&self, service: u32) -> bool {
        self.faulty[service as usize]
    }

    /// Whether there are services of which nobody knows when they run.
    pub fn is_unclear(&self) -> bool {
        self.unclear.contains(&true)
    }

    /// First and last day of all services.
    pub fn span(&self) -> Option<(i64, i64)> {
        let clear = self.services.iter().zip(&self.unclear).filter(|(_, unclear)| !**unclear);
        let weeks = clear.filter_map(|(s, _)| s.weekly.map(|(_, first, last)| [first, last]));
        let dates = self.services.iter().flat_map(|s| s.exceptions.iter().filter(|e| e.1).map(|e| [e.0, e.0]));
        weeks.chain(dates).fold(None, |span: Option<(i64, i64)>, [first, last]| {
            Some(span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))))
        })
    }

    /// Adds the trips of each day to a count that begins on a day.
    fn count(&self, trips: &[u32], first: i64, per_day: &mut [i64]) {
        let place = |day: i64| usize::try_from(day - first).ok().filter(|at| *at < per_day.len());
        let days = per_day.len();
        // By day of the week: how the count changes from one day to the next.
        let mut change = vec![0i64; 7 * (days + 1)];
        let mut single: FxHashMap<usize, i64> = FxHashMap::default();
        for (service, trips) in self.services.iter().zip(trips).filter(|(_, trips)| **trips > 0) {
            let trips = i64::from(*trips);
            if let Some((week, from, to)) = service.weekly {
                let (from, to) = ((from - first).max(0) as usize, (to + 1 - first).clamp(0, days as i64) as usize);
                for (weekday, _) in week.iter().enumerate().filter(|(_, on)| **on).filter(|_| from < to) {
                    change[weekday * (days + 1) + from] += trips;
                    change[weekday * (days + 1) + to] -= trips;
                }
            }
            for &(day, added) in &service.exceptions {
                let usual = service.weekly.is_some_and(|(week, a, b)| (a..=b).contains(&day) && week[of_week(day)]);
                if let Some(at) = place(day).filter(|_| usual != added) {
                    *single.entry(at).or_default() += if added { trips } else { -trips };
                }
            }
        }
        let mut running = [0i64; 7];
        for (at, count) in per_day.iter_mut().enumerate() {
            for (weekday, running) in running.iter_mut().enumerate() {
                *running += change[weekday * (days + 1) + at];
            }
            *count += running[of_week(first + at as i64)] + single.get(&at).copied().unwrap_or(0);
        }
    }
}

/// What runs where no date is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// All services, which run on the same days.
    All,
    /// Those of a date, for the reason told.
    Date(i64, String),
    /// All services, although there is no day on which any of them runs.
    NoDay,
}

/// The date on which feeds run that do not all run on the same days. `trips` are the trips of each service, feed by feed.
pub(super) fn choose(calendars: &[&Calendar], trips: &[Vec<u32>]) -> Choice {
    found(calendars, trips).unwrap_or(Choice::NoDay)
}

fn found(calendars: &[&Calendar], trips: &[Vec<u32>]) -> Option<Choice> {
    let spans = calendars.iter().filter_map(|c| c.span());
    let (first, last) = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let days = (last - first + 1).min(LONGEST) as usize;
    let mut sum = vec![0i64; days];
    // Days on which every feed runs come before days on which only some do.
    let mut running = vec![0i64; days];
    for (calendar, trips) in calendars.iter().zip(trips) {
        let mut of_feed = vec![0i64; days];
        calendar.count(trips, first, &mut of_feed);
        for (day, count) in of_feed.iter().enumerate() {
            sum[day] += count;
            running[day] += i64::from(*count > 0);
        }
    }
    let working = |day: usize| (1..=3).contains(&of_week(first + day as i64));
    let best = |days: &mut dyn Iterator<Item = usize>| {
        days.filter(|day| sum[*day] > 0).max_by_key(|&day| (running[day], sum[day], std::cmp::Reverse(day)))
    };
    let chosen = best(&mut (0..days).filter(|day| working(*day))).or_else(|| best(&mut (0..days)))?;
    let day = first + chosen as i64;
    let all: i64 = calendars.iter().zip(trips).map(|(c, t)| every(c, t)).sum();
    if all == sum[chosen] {
        return Some(Choice::All);
    }
    let kind = if working(chosen) { "the Tuesday, Wednesday or Thursday" } else { "the day" };
    let why = format!("services run on different days; this is {kind} with the most trips, {} of {all}", sum[chosen]);
    Some(Choice::Date(day, why))
}

/// Trips of services that run on any day.
fn every(calendar: &Calendar, trips: &[u32]) -> i64 {
    let services = (0..calendar.services.len() as u32).filter(|s| calendar.runs(*s, None));
    services.map(|s| i64::from(trips[s as usize])).sum()
}

fn date_cell(row: &mut Row, column: &str) -> i64 {
    let day = row.text(column).parse::<u32>().ok().and_then(day_of);
    if day.is_none() {
        row.wrong(column, "a date YYYYMMDD");
    }
    day.unwrap_or(0)
}

/// Day of the week of a day since 1970-01-01, a Thursday; 0 for Monday.
fn of_week(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// Day of the week of a date `YYYYMMDD`, 0 for Monday; `None` when there is no such date.
pub(in crate::scenario) fn weekday(date: u32) -> Option<usize> {
    day_of(date).map(of_week)
}

/// Days since 1970-01-01 of a date `YYYYMMDD`; `None` when there is no such date (Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms").
pub(super) fn day_of(date: u32) -> Option<i64> {
    let (year, month, day) = (i64::from(date / 10_000), i64::from(date / 100 % 100), i64::from(date % 100));
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1000..10_000).contains(&year) || day < 1 || day > length {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468)
}

/// The date `YYYYMMDD` of a day since 1970-01-01 (the same source).
pub(super) fn date_of(day: i64) -> u32 {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    u32::try_from(year * 10_000 + month * 100 + day).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        assert_eq!(weekday(19_700_101), Some(3), "a Thursday");
        assert_eq!(weekday(20_250_929), Some(0), "the day the east ring opened was a Monday");
        assert_eq!(weekday(20_240_229), Some(3), "leap day 2024 was a Thursday");
        for wrong in [20_250_229, 20_251_301, 20_250_100, 20_250_431, 123, 0] {
            assert_eq!(weekday(wrong), None, "{wrong}");
        }
    }

    /// A service of some weekdays and exceptions.
    fn service(week: [bool; 7], first: i64, length: i64, exceptions: &[(i64, bool)]) -> Service {
        let mut exceptions = exceptions.to_vec();
        exceptions.sort_by_key(|e| e.0);
        exceptions.dedup_by_key(|e| e.0);
        Service { weekly: Some((week, first, first + length)), exceptions }
    }

    proptest! {
        #[test]
        fn a_day_is_the_day_of_its_date(day in -300_000i64..2_900_000) {
            prop_assert_eq!(day_of(date_of(day)), Some(day));
        }

        #[test]
        fn trips_are_counted_as_day_by_day(
            services in prop::collection::vec(
                (prop::array::uniform7(any::<bool>()), 0i64..40, 0i64..30, 0u32..5,
                 prop::collection::vec((0i64..60, any::<bool>()), 0..6)), 1..6),
        ) {
            let trips: Vec<u32> = services.iter().map(|s| s.3).collect();
            let (faulty, unclear) = (vec![false; services.len()], vec![false; services.len()]);
            let services = services.iter().map(|s| service(s.0, s.1, s.2, &s.4)).collect();
            let calendar = Calendar { services, faulty, unclear, ..Calendar::default() };
            let (first, last) = calendar.span().unwrap();
            let mut counted = vec![0; (last - first + 1) as usize];
            calendar.count(&trips, first, &mut counted);
            for (at, count) in counted.iter().enumerate() {
                let on = |s: &Service| s.runs_on(first + at as i64);
                let slow: u32 = calendar.services.iter().zip(&trips).filter(|(s, _)| on(s)).map(|(_, t)| t).sum();
                prop_assert_eq!(*count, i64::from(slow));
            }
        }
    }
}
