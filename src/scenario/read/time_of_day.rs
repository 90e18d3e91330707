//! Parts of the week and the day in GMNS tables: `time_day` words and the sets of `time_set_definitions.csv`.
//!
//! What holds is asked for one day of the week: that of `services.date`, else a working day from Monday to Friday. GMNS
//! counts holidays as a day of their own; which dates are holidays no table says, so none is one here.

use super::gtfs::weekday;
use super::reading::{Part, Reading};
use super::rows::{Form, Row, rows};
use crate::error::{Problem, shown};
use crate::units::Time;
use rustc_hash::FxHashMap;

/// The columns by which a row says when it holds.
pub(super) const COLUMNS: [&str; 4] = ["timeday_id", "time_day", "from_s", "until_s"];

/// Hours of the day, and whether they are those of the simulated day of the week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hours {
    /// First moment, seconds after midnight.
    pub from_s: f64,
    /// First moment after it, seconds after midnight.
    pub until_s: f64,
    /// Whether they are those of the simulated day.
    pub today: bool,
}

/// The simulated day of the week and the named sets of hours.
pub(super) struct TimeOfDay {
    /// Monday is 0; `None` is any working day.
    day: Option<usize>,
    /// Hours by name; `None` when the table could not be read and nothing is known.
    sets: Option<FxHashMap<String, Hours>>,
}

impl TimeOfDay {
    /// For a date `YYYYMMDD`, with the sets of the network where there are any. A wrong date is told with the settings.
    pub fn new(reading: &mut Reading, folder: &str, date: Option<&str>) -> TimeOfDay {
        let day = date.and_then(|date| date.parse().ok()).and_then(weekday);
        let mut times = TimeOfDay { day, sets: Some(FxHashMap::default()) };
        let file = format!("{folder}/time_set_definitions.csv");
        if reading.has(&file) {
            times.sets = times.read(reading, &file);
        }
        times
    }

    fn read(&self, reading: &mut Reading, file: &str) -> Option<FxHashMap<String, Hours>> {
        // GMNS itself spells Friday with a capital.
        const DAYS: [[&str; 2]; 7] = [
            ["monday", "Monday"],
            ["tuesday", "Tuesday"],
            ["wednesday", "Wednesday"],
            ["thursday", "Thursday"],
            ["friday", "Friday"],
            ["saturday", "Saturday"],
            ["sunday", "Sunday"],
        ];
        let form =
            Form { required: &["timeday_id", "start_time", "end_time"], optional: DAYS.as_flattened(), open: true };
        let bytes = reading.bytes(file, "the sets of hours of the network")?;
        let mut sets = FxHashMap::default();
        let read = rows(reading, file, &bytes, &form, |row| {
            let on = DAYS.map(|[a, b]| {
                let column = if row.text(a).is_empty() { b } else { a };
                row.flag(column, false)
            });
            let (from, until) = (row.time("start_time"), row.time("end_time"));
            in_order(row, "end_time", from, until);
            let hours = Hours { from_s: from, until_s: until, today: self.is_today(|day| on[day]) };
            let id = row.id("timeday_id");
            match id {
                Some(id) if sets.contains_key(&id) => row.wrong("timeday_id", "ids that are unique"),
                Some(id) => drop(sets.insert(id, hours)),
                None => {}
            }
            Some(())
        });
        if read.is_none() {
            reading.unread.insert(Part::Control);
        }
        read.map(|_| sets)
    }

    /// Whether the named sets of hours are known, so that a row without hours is a mistake of its own.
    pub fn knows(&self) -> bool {
        self.sets.is_some()
    }

    fn is_today(&self, on: impl Fn(usize) -> bool) -> bool {
        match self.day {
            Some(day) => on(day),
            None => (0..5).any(on),
        }
    }

    /// When a row holds; `None` when it does not say so, or says it wrongly, which is told.
    pub fn hours(&self, row: &mut Row) -> Option<Hours> {
        let said: Vec<&str> = ["timeday_id", "time_day"].into_iter().filter(|c| !row.text(c).is_empty()).collect();
        let plain = !row.text("from_s").is_empty() || !row.text("until_s").is_empty();
        match (said.as_slice(), plain) {
            ([], false) => None,
            ([], true) => {
                let (from_s, until_s) = (row.time("from_s"), row.time("until_s"));
                in_order(row, "until_s", from_s, until_s).then_some(Hours { from_s, until_s, today: true })
            }
            (["timeday_id"], false) => self.named(row),
            (["time_day"], false) => self.by_word(row),
            ([first, ..], _) => {
                row.wrong(first, "one of timeday_id, time_day, or from_s with until_s, and the others blank");
                None
            }
        }
    }

    fn named(&self, row: &mut Row) -> Option<Hours> {
        let (id, sets) = (row.word("timeday_id"), self.sets.as_ref()?);
        let hours = sets.get(&id).copied();
        if hours.is_none() {
            let mut known: Vec<&str> = sets.keys().map(String::as_str).collect();
            known.sort_unstable();
            let found = format!("unknown \"{}\"", shown(&id));
            let problem = Problem::new(row.file(), found, "a timeday_id of time_set_definitions.csv");
            row.push(problem.at(row.line).column("timeday_id").did_you_mean(&id, known));
        }
        hours
    }

    /// Days and hours as `01111100_0700_0900`: Sunday to Saturday and holidays as 0 or 1, and the hours from and until.
    fn by_word(&self, row: &mut Row) -> Option<Hours> {
        let word = row.word("time_day");
        let mut parts = word.split('_');
        let days = parts.next().filter(|d| (7..=9).contains(&d.len()) && d.bytes().all(|b| b == b'0' || b == b'1'));
        let mut clock = || {
            let digits = parts.next()?;
            let digits: String = digits.chars().filter(|c| *c != ':').collect();
            let sound = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
            sound.then(|| Time::parse(&format!("{}:{}", &digits[..2], &digits[2..])))?
        };
        let (from, until) = (clock(), clock());
        let (Some(days), Some(from), Some(until), None) = (days, from, until, parts.next()) else {
            row.wrong("time_day", "days from Sunday on and hours, as 01111100_0600_0900");
            return None;
        };
        let (from_s, until_s) = (from.seconds(), until.seconds());
        // Sunday stands first, Monday is day 0 here.
        let today = self.is_today(|day| days.as_bytes()[(day + 1) % 7] == b'1');
        in_order(row, "time_day", from_s, until_s).then_some(Hours { from_s, until_s, today })
    }
}

/// Tells hours that end before they begin.
fn in_order(row: &mut Row, column: &str, from_s: f64, until_s: f64) -> bool {
    if from_s >= until_s {
        row.wrong(column, "an end after the beginning; hours over midnight are two rows");
    }
    from_s < until_s
}
