//! A GTFS feed that is open, a folder or a zip file, and what is wrong with its rows.
//!
//! Tables are read piece by piece, so a feed may be larger than memory. What is larger than any feed is refused before
//! it takes the machine down.

use crate::error::{Problem, shown};
use crate::scenario::check::Unknown;
use crate::scenario::read::reading::{Reading, Stream, UTF_8};
use crate::scenario::read::rows::{Form, Row, rows_of};
use crate::scenario::settings::Faults;
use std::fs::File;
use std::io::{self, BufReader, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// Most bytes of one table. The largest national feeds have stop times of about 2 GB (general knowledge, 2026).
const LARGEST_TABLE: u64 = 4 << 30;
/// Most rows of a table.
pub(super) const MOST_ROWS: usize = 200_000_000;
/// From this size on, bytes …
const SMALL_TABLE: u64 = 64 << 20;
/// … a packed table may be no more than so many times as large as what is packed. Timetables come to 10 to 60; what is
/// made to fill memory comes to 1,000.
const HIGHEST_RATIO: u64 = 250;

/// A feed that is open.
pub(super) struct Feed {
    path: String,
    zip: Option<ZipArchive<BufReader<File>>>,
    /// Folder inside the zip file.
    inside: String,
    /// What becomes of faulty rows.
    faults: Faults,
    /// What is wrong with rows; the feed as a whole can be used without them.
    problems: Vec<Problem>,
    /// How many rows have a problem, by file and column.
    counts: Vec<(String, Option<String>, usize)>,
    /// What vanished with faulty rows, by file, column (`None` for any) and what it is.
    vanished: Vec<(String, Option<&'static str>, &'static str, usize)>,
    /// What is there and not used.
    pub notes: Vec<String>,
}

impl Feed {
    /// Opens a feed; tells when it cannot be.
    pub fn open(reading: &mut Reading, path: &str, faults: Faults) -> Option<Feed> {
        let mut feed = Feed {
            path: path.trim_end_matches('/').to_owned(),
            zip: None,
            inside: String::new(),
            faults,
            problems: Vec::new(),
            counts: Vec::new(),
            vanished: Vec::new(),
            notes: Vec::new(),
        };
        if reading.path(path).is_dir() {
            return Some(feed);
        }
        let what = "a GTFS folder or zip file";
        reading.opens(path);
        let opened = File::open(reading.path(path)).and_then(|mut file| {
            let mut hasher = blake3::Hasher::new();
            io::copy(&mut file, &mut hasher)?;
            Ok((File::open(reading.path(path))?, hasher.finalize()))
        });
        let (file, digest) = match opened {
            Ok(opened) => opened,
            Err(error) => return reading.missing(path, what, &error),
        };
        reading.digest(path, &digest);
        match ZipArchive::new(BufReader::new(file)) {
            Ok(zip) => {
                feed.inside = inside(&zip);
                feed.zip = Some(zip);
                Some(feed)
            }
            Err(error) => {
                reading.problem(Problem::new(path, error.to_string(), what));
                None
            }
        }
    }

    /// The feed as the settings name it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A file of the feed as messages name it.
    pub fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.path)
    }

    /// Whether a row with this much wrong in it is used: where faults are refused it stands in, so that nothing that
    /// refers to it is told as well.
    pub fn uses(&self, sound: bool) -> bool {
        sound || self.faults == Faults::Refuse
    }

    /// Tells what is wrong with something that the feed can do without.
    pub fn fault(&mut self, problem: Problem) {
        let (file, column) = (problem.file.clone(), problem.column.clone());
        self.problems.push(problem);
        self.count(file, column, 1);
    }

    /// Tells references that lead nowhere.
    pub fn unknown<'a>(&mut self, unknown: Unknown, known: impl IntoIterator<Item = &'a str>) {
        let (file, column, count) = unknown.place();
        if count > 0 {
            self.problems.extend(unknown.problems(known));
            self.count(file, Some(column), count);
        }
    }

    fn count(&mut self, file: String, column: Option<String>, count: usize) {
        match self.counts.iter_mut().find(|(f, c, _)| *f == file && *c == column) {
            Some((.., sum)) => *sum += count,
            None => self.counts.push((file, column, count)),
        }
    }

    /// Notes what is left out together with faulty rows of a file.
    pub fn vanish(&mut self, file: &str, column: Option<&'static str>, what: &'static str, count: usize) {
        if count > 0 && self.faults == Faults::LeaveOut {
            self.vanished.push((self.name(file), column, what, count));
        }
    }

    /// Rows that were counted for two columns are rows once.
    pub fn counted_twice(&mut self, file: &str, column: &str, rows: usize) {
        let name = self.name(file);
        let count = self.counts.iter_mut().find(|(f, c, _)| *f == name && c.as_deref() == Some(column));
        if let Some((.., count)) = count {
            *count -= rows.min(*count);
        }
        self.counts.retain(|(.., count)| *count > 0);
    }

    /// Hands on what was found: problems that refuse the feed, or lines that tell what was left out of it.
    pub fn close(self, reading: &mut Reading, left_out: &mut Vec<String>) -> Closed {
        match self.faults {
            Faults::Refuse => {
                reading.problems.extend(self.problems);
                return Closed { notes: self.notes, faults: Vec::new() };
            }
            Faults::LeaveOut => left_out.extend(self.counts.iter().enumerate().map(|(i, (file, column, count))| {
                let is_first = !self.counts[..i].iter().any(|c| c.0 == *file);
                let first = self.problems.iter().find(|p| p.file == *file && p.column == *column);
                let first = first.map(ToString::to_string).unwrap_or_default();
                let column_name = column.as_deref();
                let their = if *count == 1 { "its" } else { "their" };
                let column = column.as_ref().map_or(String::new(), |c| format!(" for {their} {}", shown(c)));
                let what = if *count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
                let with = self.with((file, column_name, is_first), *count);
                format!("left out: {what} of {file}{column}{with}; the first is {first}")
            })),
        }
        Closed { notes: self.notes, faults: self.problems }
    }

    /// Words for what vanished with the faulty rows of a column.
    fn with(&self, (file, column, is_first): (&str, Option<&str>, bool), rows: usize) -> String {
        let mut words = String::new();
        for what in ["trip", "call"] {
            let of = self.vanished.iter().filter(|v| v.0 == file && v.2 == what);
            let here = of.filter(|v| if v.1.is_some() { v.1 == column } else { is_first });
            let count: usize = here.map(|v| v.3).sum();
            if count > 0 {
                let (s, rows) = (if count == 1 { "" } else { "s" }, if rows == 1 { "it" } else { "them" });
                words += &format!(", and {count} {what}{s} with {rows}");
            }
        }
        words
    }

    /// The rows of a file; `None` when it cannot be read, or is not there and need not be.
    pub fn rows<T>(
        &mut self,
        reading: &mut Reading,
        (file, needed): (&str, bool),
        form: &Form,
        make: impl FnMut(&mut Row) -> Option<T>,
    ) -> Option<Vec<T>> {
        let name = self.name(file);
        if self.zip.is_none() && !needed && !reading.has(&name) {
            return None;
        }
        let before = reading.problems.len();
        reading.faults.clear();
        let mut nul = None;
        let rows = match &mut self.zip {
            None => {
                let mut stream = reading.stream(&name, "a file of the GTFS feed")?;
                let rows = table(reading, &name, &mut stream, (form, needed), noting(&mut nul, make));
                let whole = reading.close(&name, stream);
                rows.filter(|_| whole)
            }
            Some(zip) => {
                reading.opens(&name);
                match zip.by_name(&format!("{}{file}", self.inside)) {
                    Ok(entry) => {
                        let packed = entry.compressed_size();
                        let mut stream = Stream::new(Unpacked { entry, packed, read: 0 });
                        let rows = table(reading, &name, &mut stream, (form, needed), noting(&mut nul, make));
                        let whole = rows.is_none() || reading.ended(&name, &mut stream);
                        rows.filter(|_| whole)
                    }
                    Err(ZipError::FileNotFound) if !needed => return None,
                    Err(error) => {
                        let found = match error {
                            ZipError::FileNotFound => "no such file in the zip file".to_owned(),
                            error => error.to_string(),
                        };
                        reading.problem(Problem::new(&name, found, "a file of the GTFS feed"));
                        None
                    }
                }
            }
        };
        // What is wrong with a table as a whole refuses the feed in any case.
        let rows = rows?;
        let mut told: Vec<Problem> = reading.problems.drain(before..).collect();
        if let Some((row, count)) = nul {
            self.notes.push(format!("{name}:{row}: a NUL character, in {count} rows of the file; it is kept"));
        }
        if self.faults == Faults::LeaveOut {
            // The row stays, with replacement characters.
            for problem in told.iter().filter(|p| p.wanted == UTF_8) {
                self.notes.push(format!("{problem}; what is no text was replaced"));
            }
            told.retain(|p| p.wanted != UTF_8);
        }
        let counted = std::mem::take(&mut reading.faults);
        // Those of the header belong to no row.
        for problem in told.iter().filter(|p| p.row.is_none_or(|row| row == 1)) {
            self.count(problem.file.clone(), problem.column.clone(), 1);
        }
        for (file, column, count) in counted {
            self.count(file, column, count);
        }
        self.problems.extend(told);
        Some(rows)
    }
}

/// What is left of a feed that is closed.
pub(super) struct Closed {
    /// What is there and not used.
    pub notes: Vec<String>,
    /// What is wrong with the rows that were left out.
    pub faults: Vec<Problem>,
}

/// Notes the first row with a NUL character and how many have one.
fn noting<'a, T>(
    nul: &'a mut Option<(u32, usize)>,
    mut make: impl FnMut(&mut Row) -> Option<T> + 'a,
) -> impl FnMut(&mut Row) -> Option<T> + 'a {
    move |row| {
        if row.holds_nul() {
            nul.get_or_insert((row.line, 0)).1 += 1;
        }
        make(row)
    }
}

/// The rows of a text. A file that need not be there may as well be empty.
fn table<T>(
    reading: &mut Reading,
    name: &str,
    stream: &mut Stream<impl Read>,
    (form, needed): (&Form, bool),
    mut make: impl FnMut(&mut Row) -> Option<T>,
) -> Option<Vec<T>> {
    let mut count = 0;
    let mut told = false;
    let before = reading.problems.len();
    let made = |row: &mut Row| {
        count += 1;
        if count > MOST_ROWS {
            if !told {
                told = true;
                row.push(Problem::new(name, "a further row", format!("at most {MOST_ROWS} rows")).at(row.line));
            }
            return None;
        }
        make(row)
    };
    let rows = rows_of(reading, name, stream, form, made);
    if rows.is_none() && !needed && reading.problems.len() == before + 1 && reading.problems[before].row == Some(1) {
        let empty = reading.problems[before].found == "an empty file";
        if empty {
            reading.problems.truncate(before);
        }
    }
    rows
}

/// A packed table on its way out.
struct Unpacked<R> {
    entry: R,
    packed: u64,
    read: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.entry.read(to)?;
        self.read += count as u64;
        if self.read > LARGEST_TABLE {
            return Err(io::Error::other("more than 4 GiB, which is no timetable"));
        }
        if self.read > SMALL_TABLE && self.read / HIGHEST_RATIO > self.packed {
            let ratio = self.read / self.packed.max(1);
            return Err(io::Error::other(format!("a table {ratio} times as large as what is packed, no timetable")));
        }
        Ok(count)
    }
}

/// The folder of the tables inside a zip file: the shallowest one with a `stops.txt`, but for what macOS adds.
fn inside(zip: &ZipArchive<BufReader<File>>) -> String {
    let stops = zip.file_names().filter_map(|name| name.strip_suffix("stops.txt"));
    let folders = stops.filter(|f| (f.is_empty() || f.ends_with('/')) && !f.starts_with("__MACOSX"));
    folders.min_by_key(|f| (f.matches('/').count(), f.len(), (*f).to_owned())).unwrap_or("").to_owned()
}
