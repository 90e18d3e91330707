//! Which GTFS services run: on a date by `calendar.txt` and `calendar_dates.txt`, or on any day when there is no date.

use super::gtfs::Feed;
use super::reading::Reading;
use super::rows::{Form, Row};
use crate::error::Problem;
use rustc_hash::FxHashMap;

/// Days of the week in the order of the columns of `calendar.txt`.
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Every service of the feed, and whether it runs. `None` when the calendar cannot be read.
pub(super) fn running(reading: &mut Reading, feed: &mut Feed, date: Option<&str>) -> Option<FxHashMap<String, bool>> {
    let day = date.map(str::parse::<u32>);
    let day = match day {
        Some(Ok(day)) if weekday(day).is_some() => Some(day),
        // A wrong date is told with the settings.
        Some(_) => None,
        None => None,
    };
    let mut runs: FxHashMap<String, bool> = FxHashMap::default();
    let file = feed.name("calendar.txt");
    let weekly = weekly(reading, feed, day, &mut runs);
    let dated = dated(reading, feed, day, &mut runs);
    if weekly.is_none() && dated.is_none() {
        if !reading.problems.iter().any(|p| p.file.contains("calendar")) {
            let wanted = "calendar.txt or calendar_dates.txt, which say when services run";
            reading.problem(Problem::new(file, "no such file", wanted));
        }
        return None;
    }
    if !runs.is_empty() && !runs.values().any(|r| *r) {
        let found = match day {
            Some(day) => format!("no service that runs on {day}"),
            None => "no service that runs on any day".to_owned(),
        };
        reading.problem(Problem::new(file, found, "a service that runs").hint("see services.date in scenario.toml"));
    }
    Some(runs)
}

fn weekly(
    reading: &mut Reading,
    feed: &mut Feed,
    day: Option<u32>,
    runs: &mut FxHashMap<String, bool>,
) -> Option<Vec<()>> {
    let mut required = vec!["service_id", "start_date", "end_date"];
    required.extend(DAYS);
    let form = Form { required: &required, optional: &[], open: true };
    feed.rows(reading, "calendar.txt", false, &form, |row| {
        let on = DAYS.map(|day| row.flag(day, false));
        let (start, end) = (date_cell(row, "start_date"), date_cell(row, "end_date"));
        if start > end {
            row.wrong("end_date", "a date that is not before start_date");
        }
        let service_id = row.id("service_id")?;
        let active = match day {
            Some(day) => (start..=end).contains(&day) && weekday(day).is_some_and(|w| on[w]),
            None => on.contains(&true),
        };
        if runs.insert(service_id, active).is_some() {
            row.wrong("service_id", "ids that are unique");
        }
        Some(())
    })
}

fn dated(
    reading: &mut Reading,
    feed: &mut Feed,
    day: Option<u32>,
    runs: &mut FxHashMap<String, bool>,
) -> Option<Vec<()>> {
    let form = Form { required: &["service_id", "date", "exception_type"], optional: &[], open: true };
    feed.rows(reading, "calendar_dates.txt", false, &form, |row| {
        let added = row.one_of("exception_type", &[("1", true), ("2", false)]);
        let date = date_cell(row, "date");
        let service = runs.entry(row.id("service_id")?).or_insert(false);
        match day {
            Some(day) if day == date => *service = added,
            Some(_) => {}
            // A service that runs on any day runs; days taken out do not stop it.
            None => *service |= added,
        }
        Some(())
    })
}

fn date_cell(row: &mut Row, column: &str) -> u32 {
    let date = row.text(column).parse::<u32>().ok().filter(|d| weekday(*d).is_some());
    if date.is_none() {
        row.wrong(column, "a date YYYYMMDD");
    }
    date.unwrap_or(20_000_101)
}

/// Day of the week of a date `YYYYMMDD`, 0 for Monday; `None` when there is no such date. By days since 1970-01-01, a
/// Thursday (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub(in crate::scenario) fn weekday(date: u32) -> Option<usize> {
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
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    usize::try_from((days + 3).rem_euclid(7)).ok()
}

#[cfg(test)]
mod tests {
    use super::weekday;

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        assert_eq!(weekday(19_700_101), Some(3), "a Thursday");
        assert_eq!(weekday(20_250_929), Some(0), "the day the east ring opened was a Monday");
        assert_eq!(weekday(20_240_229), Some(3), "leap day 2024 was a Thursday");
        for wrong in [20_250_229, 20_251_301, 20_250_100, 20_250_431, 123, 0] {
            assert_eq!(weekday(wrong), None, "{wrong}");
        }
    }
}
