//! Errors as a feature: every problem of an input at once, with file, row, column, what was found and what was wanted.

use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// One thing wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// File, relative to the scenario folder where it lies in one.
    pub file: String,
    /// Row in the file, counted as an editor counts lines (the header of a table is row 1).
    pub row: Option<u32>,
    /// Column name of a table, or key of a TOML file.
    pub column: Option<String>,
    /// What the file says.
    pub found: String,
    /// What would be right.
    pub wanted: String,
    /// A further word, such as "did you mean".
    pub hint: Option<String>,
}

impl Problem {
    /// A problem of a file as a whole.
    ///
    /// Parts are told so that they stay one readable line whatever the input holds: control characters escaped, what is
    /// too long cut.
    pub fn new(file: impl Into<String>, found: impl Into<String>, wanted: impl Into<String>) -> Problem {
        let found = one_line(&found.into(), LONGEST_FOUND);
        let wanted = one_line(&wanted.into(), LONGEST_PART);
        Problem { file: one_line(&file.into(), LONGEST_PART), row: None, column: None, found, wanted, hint: None }
    }

    /// The same problem at a row.
    pub fn at(mut self, row: u32) -> Problem {
        self.row = Some(row);
        self
    }

    /// The same problem in a column or at a key.
    pub fn column(mut self, column: impl Into<String>) -> Problem {
        self.column = Some(one_line(&column.into(), LONGEST_FOUND));
        self
    }

    /// The same problem with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(one_line(&hint.into(), LONGEST_PART));
        self
    }

    /// The same problem with "did you mean …" when a known word is close to the one found.
    pub fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Problem {
        if let Some(close) = closest(word, known) {
            return self.hint(format!("did you mean \"{}\"?", shown(close)));
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ":{row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, " [{column}]")?;
        }
        write!(f, ": found {}, wanted {}", self.found, self.wanted)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Problems of one file as they are found. Of those of one column the first [`Found::TOLD`] are kept and the others
/// counted: a million rows that are wrong in the same way are one mistake, and a list that long helps nobody.
#[derive(Clone, Debug, Default)]
pub struct Found {
    problems: Vec<Problem>,
    /// Column, problems so far, position of the last one that was kept.
    columns: Vec<(Option<String>, usize, usize)>,
}

impl Found {
    /// Problems of one column that are told.
    pub const TOLD: usize = 100;

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        let at = self.columns.iter().position(|(column, ..)| *column == problem.column).unwrap_or_else(|| {
            self.columns.push((problem.column.clone(), 0, 0));
            self.columns.len() - 1
        });
        let (_, count, last) = &mut self.columns[at];
        *count += 1;
        if *count <= Found::TOLD {
            *last = self.problems.len();
            self.problems.push(problem);
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// How many were found, told or not.
    pub fn count(&self) -> usize {
        self.columns.iter().map(|(_, count, _)| count).sum()
    }

    /// How many there are of each column, told or not.
    pub fn counts(&self) -> impl Iterator<Item = (Option<String>, usize)> {
        self.columns.iter().map(|(column, count, _)| (column.clone(), *count))
    }

    /// The problems; the last one of a column says how many more there are.
    pub fn problems(mut self) -> Vec<Problem> {
        for (_, count, last) in self.columns.iter().filter(|(_, count, _)| *count > Found::TOLD) {
            let more = format!("and {} more like it", count - Found::TOLD);
            let hint = &mut self.problems[*last].hint;
            *hint = Some(hint.take().map_or(more.clone(), |hint| format!("{hint}; {more}")));
        }
        self.problems
    }
}

impl Extend<Problem> for Found {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

/// Most characters of raw input in a message.
const LONGEST_RAW: usize = 60;
/// Most characters of what was found, our own words about it included.
const LONGEST_FOUND: usize = 240;
/// Most characters of any other part of a message; lists of known words are long.
const LONGEST_PART: usize = 2_000;

/// Raw input as a message shows it: control characters escaped, cut after 60 characters.
pub fn shown(raw: &str) -> String {
    one_line(raw, LONGEST_RAW)
}

/// A text as one line of at most so many characters.
fn one_line(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(4 * most));
    for (i, c) in text.chars().enumerate() {
        if i == most {
            out.push('…');
            break;
        }
        // Line separators and marks that turn the direction of writing are controls to a terminal as well.
        match c {
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(c.escape_unicode())
            }
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// The known word closest to `word`, when it is close enough to be meant (Jaro–Winkler above 0.8).
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let score = strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
        if score > best.map_or(0.8, |(s, _)| s) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Why a call of the library did not give its value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input has problems; all of them are listed.
    #[error("{}", listed(.0))]
    Problems(Vec<Problem>),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The model cannot go on.
    #[error("{0}")]
    Model(String),
    /// The caller asked to stop; what was finished is kept.
    #[error("stopped: {0}")]
    Stopped(String),
}

impl Error {
    /// A file error with its path.
    pub fn file(path: &Path, source: std::io::Error) -> Error {
        Error::File { path: path.to_owned(), source }
    }
}

/// What fallible calls of the library return.
pub type Result<T> = std::result::Result<T, Error>;

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let word = if problems.len() == 1 { "problem" } else { "problems" };
    format!("{} {word}\n{}", problems.len(), lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_one_line() {
        let problem = Problem::new("network/link.csv", "\"sixty\"", "a number").at(3).column("free_speed");
        assert_eq!(problem.to_string(), "network/link.csv:3 [free_speed]: found \"sixty\", wanted a number");
        let unknown =
            Problem::new("scenario.toml", "itertions", "a known key").did_you_mean("itertions", ["seed", "iterations"]);
        assert_eq!(unknown.hint.as_deref(), Some("did you mean \"iterations\"?"));
    }

    #[test]
    fn a_million_rows_wrong_in_the_same_way_are_a_hundred_lines() {
        let mut found = Found::default();
        for row in 2..1_000_002 {
            found.push(Problem::new("trips.csv", "x", "a time").at(row).column("departure_s"));
        }
        found.push(Problem::new("trips.csv", "tank", "car").at(7).column("vehicle_class"));
        let told = found.problems();
        assert_eq!((told.len(), told[99].row), (101, Some(101)));
        assert_eq!(told[99].hint.as_deref(), Some("and 999900 more like it"));
        assert_eq!((told[98].hint.as_deref(), told[100].hint.as_deref()), (None, None));
    }

    #[test]
    fn raw_input_stays_one_short_line() {
        assert_eq!(shown("a\u{1b}[31mred\n"), "a\\u{1b}[31mred\\n");
        let long = shown(&"広".repeat(61));
        // 60 characters and the mark of the cut.
        assert_eq!((long.chars().count(), long.ends_with('…')), (61, true));
        assert_eq!(shown(&"x".repeat(60)), "x".repeat(60));
        let problem = Problem::new("f", "y".repeat(1_000), "z").column("k\n");
        assert_eq!(problem.found.chars().count(), 241);
        assert_eq!(problem.column.as_deref(), Some("k\\n"));
    }
}
