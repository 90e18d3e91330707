//! A small typed reader of CSV tables: every wrong cell is told with its row and column, and reading goes on.
//!
//! A wrong cell is replaced by a stand-in of the right kind. The scenario is refused in the end, but rows that point at
//! this one still find it, so one mistake is told once and not with everything that follows from it.

use super::range::Range;
use super::reading::Reading;
use crate::error::{Found, Problem, closest, shown};
use crate::units::Time;
use csv::StringRecord;
use std::cell::Cell;
use std::io::{self, Read};

/// What the header of a table must and may have.
pub(super) struct Form<'a> {
    /// Columns that must be there.
    pub required: &'a [&'a str],
    /// Columns that may be there.
    pub optional: &'a [&'a str],
    /// Whether further columns are left alone (GMNS and GTFS allow them) or are mistakes (our own tables).
    pub open: bool,
}

/// Columns that may stand in any table of our own and are not read: words for people.
const REMARKS: [&str; 4] = ["name_en", "note", "source", "confidence"];

/// One row under way: cells by column name, and the place where their problems go.
pub(super) struct Row<'a> {
    record: &'a StringRecord,
    columns: &'a [(&'a str, Option<usize>)],
    file: &'a str,
    problems: &'a mut Found,
    /// A ragged row has told its problem already; its cells are not to be trusted, nor to be complained about.
    ragged: bool,
    /// Problems of the table before this row.
    before: usize,
    /// Column of the first problem of this row.
    fault: Option<Option<String>>,
    /// Row as an editor counts it.
    pub line: u32,
}

/// Bytes of a table that are handed to the CSV reader at once.
const AT_ONCE: usize = 1 << 16;

/// Reads a table from its file piece by piece, one call of `make` for each row: the file may be larger than memory.
/// `None` when the table as a whole cannot be read.
pub(super) fn streamed<T>(
    reading: &mut Reading,
    (file, what): (&str, &str),
    form: &Form,
    make: impl FnMut(&mut Row) -> Option<T>,
) -> Option<Vec<T>> {
    let mut stream = reading.stream(file, what)?;
    let read = rows_of(reading, file, &mut stream, form, make);
    let whole = reading.close(file, stream);
    read.filter(|_| whole)
}

/// Reads a table, one call of `make` for each row. `None` when the table as a whole cannot be read.
pub(super) fn rows<T>(
    reading: &mut Reading,
    file: &str,
    bytes: &[u8],
    form: &Form,
    make: impl FnMut(&mut Row) -> Option<T>,
) -> Option<Vec<T>> {
    let text = reading.text(file, bytes);
    rows_of(reading, file, text.as_bytes(), form, make)
}

/// Most bytes between two ends of rows: a quote that is never closed takes in the rest of a file, which may be larger
/// than memory.
const LONGEST_ROW: usize = 1 << 22;

/// A text that ends with an error where a row has no end.
struct Bounded<'a, R> {
    text: R,
    /// Bytes handed on since the last row was whole.
    since: &'a Cell<usize>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > LONGEST_ROW {
            return Err(io::Error::other("a row of more than 4 MiB, as where a quote is not closed"));
        }
        let count = self.text.read(to)?;
        self.since.set(self.since.get() + count);
        Ok(count)
    }
}

/// Reads a table from text that comes piece by piece. `None` when the table as a whole cannot be read.
pub(super) fn rows_of<T>(
    reading: &mut Reading,
    file: &str,
    text: impl Read,
    form: &Form,
    mut make: impl FnMut(&mut Row) -> Option<T>,
) -> Option<Vec<T>> {
    let since = Cell::new(0);
    let mut builder = csv::ReaderBuilder::new();
    builder.flexible(true).has_headers(false).buffer_capacity(AT_ONCE);
    let mut csv = builder.from_reader(Bounded { text, since: &since });
    let mut record = StringRecord::new();
    match csv.read_record(&mut record) {
        Ok(true) => {}
        Ok(false) => {
            reading.problem(Problem::new(file, "an empty file", "a table with a header").at(1));
            return None;
        }
        Err(error) => return unreadable(reading, file, &error),
    }
    let columns = header(reading, file, form, &record)?;
    let width = record.len();
    let (mut out, mut problems) = (Vec::new(), Found::default());
    let mut faults: Vec<(String, Option<String>, usize)> = Vec::new();
    // The reader has passed "\n" behind the header, and stands between "\r" and "\n".
    let crlf = csv.position().line() == record.position().map_or(0, csv::Position::line) + line_breaks(&record);
    loop {
        since.set(0);
        match csv.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                reading.problems.extend(problems.problems());
                return unreadable(reading, file, &error);
            }
        }
        let start = record.position().map_or(0, csv::Position::line);
        let line = u32::try_from(line_of(&record, start, csv.position().line(), crlf)).unwrap_or(u32::MAX);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let extra = record.iter().skip(width).any(|cell| !cell.trim().is_empty());
        let (ragged, before) = (record.len() < width || extra, problems.count());
        if ragged {
            let found = format!("{} cells", record.len());
            problems.push(Problem::new(file, found, format!("{width} cells, as in the header")).at(line));
        }
        let (record, columns, problems) = (&record, columns.as_slice(), &mut problems);
        let fault = ragged.then_some(None);
        let mut row = Row { record, columns, file, problems, ragged, before, fault, line };
        out.extend(make(&mut row));
        let Some(column) = row.fault else { continue };
        match faults.iter_mut().find(|fault| fault.1 == column) {
            Some((.., count)) => *count += 1,
            None => faults.push((file.to_owned(), column, 1)),
        }
    }
    reading.faults.extend(faults);
    reading.problems.extend(problems.problems());
    Some(out)
}

/// The line on which a record begins, as an editor counts. The reader tells where it stood before it passed blank lines
/// and, with line ends of Windows, the second half of the last one (`start`), and where it stands now (`end`).
fn line_of(record: &StringRecord, start: u64, end: u64, crlf: bool) -> u64 {
    match (end - start, crlf) {
        (1, crlf) => start + u64::from(crlf),
        // The last line has no end.
        (0, _) => start,
        (_, true) => end - line_breaks(record),
        (_, false) => (end - line_breaks(record)).saturating_sub(1).max(start),
    }
}

/// Line breaks within the cells of a record.
fn line_breaks(record: &StringRecord) -> u64 {
    record.iter().map(|cell| cell.bytes().filter(|b| *b == b'\n').count() as u64).sum()
}

fn unreadable<T>(reading: &mut Reading, file: &str, error: &csv::Error) -> Option<T> {
    let found = match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    reading.problem(Problem::new(file, found, "a table that can be read to its end"));
    None
}

/// Where each column of the form stands; tells missing, unknown and repeated columns.
fn header<'a>(
    reading: &mut Reading,
    file: &str,
    form: &Form<'a>,
    record: &StringRecord,
) -> Option<Vec<(&'a str, Option<usize>)>> {
    let names: Vec<&str> = record.iter().map(str::trim).collect();
    let known: Vec<&str> = form.required.iter().chain(form.optional).copied().collect();
    let mut unknown: Vec<&str> =
        names.iter().copied().filter(|n| !known.contains(n) && !n.is_empty() && !REMARKS.contains(n)).collect();
    let columns: Vec<(&str, Option<usize>)> =
        known.iter().map(|&column| (column, names.iter().position(|n| *n == column))).collect();
    for &(column, place) in &columns {
        if place.is_some_and(|p| names[p + 1..].contains(&column)) {
            reading.problem(Problem::new(file, "the column twice", "each column once").at(1).column(column));
        }
    }
    let mut complete = true;
    for &column in form.required.iter().filter(|c| !names.contains(c)) {
        complete = false;
        let wanted = format!("a column \"{column}\"");
        // A column that is nearly the missing one is the same mistake, told once.
        let separator = [(';', "semicolon"), ('\t', "tabulator")]
            .into_iter()
            .find(|(c, _)| names.len() == 1 && names[0].contains(*c));
        let problem = match closest(column, unknown.iter().copied()) {
            _ if separator.is_some() => {
                let hint = separator
                    .map_or(String::new(), |(_, word)| format!("cells are separated by commas, not by {word}s"));
                Problem::new(file, format!("one column \"{}\"", shown(names[0])), wanted).hint(hint)
            }
            Some(near) => {
                unknown.retain(|n| *n != near);
                let found = format!("unknown column \"{}\"", shown(near));
                Problem::new(file, found, wanted).hint(format!("did you mean \"{column}\"?"))
            }
            None => Problem::new(file, format!("columns {}", names.join(", ")), wanted),
        };
        reading.problem(problem.at(1).column(column));
    }
    if !form.open {
        for name in unknown {
            let found = format!("unknown column \"{}\"", shown(name));
            let wanted = format!("only columns {}", known.join(", "));
            let problem = Problem::new(file, found, wanted).at(1).column(name);
            reading.problem(problem.did_you_mean(name, known.iter().copied()));
        }
    }
    complete.then_some(columns)
}

/// What is wanted where a text is no whole number that can be held.
pub(super) fn whole(text: &str) -> &'static str {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { "a whole number from 0 to 4,294,967,295" } else { "a whole number ≥ 0" }
}

impl Row<'_> {
    /// The file that the row stands in.
    pub fn file(&self) -> &str {
        self.file
    }

    /// A cell as text, blank when the cell or its column is missing.
    pub fn text(&self, column: &str) -> &str {
        let place = self.columns.iter().find(|(name, _)| *name == column).and_then(|(_, place)| *place);
        place.and_then(|p| self.record.get(p)).unwrap_or("").trim()
    }

    /// The same by the place of the column in the form, required ones first: for tables of a million rows.
    pub fn at(&self, place: usize) -> &str {
        self.columns[place].1.and_then(|p| self.record.get(p)).unwrap_or("").trim()
    }

    /// Whether a cell holds a NUL character.
    pub fn holds_nul(&self) -> bool {
        self.record.as_slice().as_bytes().contains(&0)
    }

    /// Whether nothing is wrong with this row so far.
    pub fn is_sound(&self) -> bool {
        self.problems.count() == self.before
    }

    /// A cell as owned text, blank when missing.
    pub fn word(&self, column: &str) -> String {
        self.text(column).to_owned()
    }

    /// A cell that may be blank.
    pub fn maybe(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|t| !t.is_empty()).map(str::to_owned)
    }

    /// A cell that names something; a row without it is left out.
    pub fn id(&mut self, column: &str) -> Option<String> {
        let id = self.maybe(column);
        if id.is_none() {
            self.wrong(column, "an id");
        }
        id
    }

    /// Whether a cell names something; told when it does not.
    pub fn is_named(&mut self, column: &str) -> bool {
        let named = !self.text(column).is_empty();
        if !named {
            self.wrong(column, "an id");
        }
        named
    }

    /// A number in a range.
    pub fn number(&mut self, column: &str, range: Range) -> f64 {
        match self.text(column).parse::<f64>() {
            Ok(x) if range.holds(x) => x,
            _ => {
                self.wrong(column, range.words);
                range.stand_in()
            }
        }
    }

    /// A number in a range, `None` when blank.
    pub fn number_maybe(&mut self, column: &str, range: Range) -> Option<f64> {
        if self.text(column).is_empty() { None } else { Some(self.number(column, range)) }
    }

    /// A moment, seconds after midnight. What is no time is not a number, which no later check takes for early or late.
    pub fn time(&mut self, column: &str) -> f64 {
        match Time::parse(self.text(column)) {
            Some(time) => time.seconds(),
            None => {
                self.wrong(column, "a time HH:MM[:SS] or seconds after midnight");
                f64::NAN
            }
        }
    }

    /// A whole number of at least zero, `None` when blank.
    pub fn count_maybe(&mut self, column: &str) -> Option<u32> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let (count, wanted) = (text.parse().ok(), whole(text));
        if count.is_none() {
            self.wrong(column, wanted);
        }
        Some(count.unwrap_or(0))
    }

    /// One of the words for yes and no, `default` when blank.
    pub fn flag(&mut self, column: &str, default: bool) -> bool {
        match self.text(column).to_ascii_lowercase().as_str() {
            "" => default,
            "1" | "true" | "yes" => true,
            "0" | "false" | "no" => false,
            _ => {
                self.wrong(column, "true or false (1 or 0)");
                default
            }
        }
    }

    /// One of a closed set of words; the first one stands in for a wrong word.
    pub fn one_of<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> T {
        let text = self.text(column);
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let text = text.to_owned();
        let known = || words.iter().map(|(word, _)| *word);
        let list: Vec<&str> = known().collect();
        let problem = self.told(column, &format!("one of {}", list.join(", "))).did_you_mean(&text, known());
        self.push(problem);
        words[0].1
    }

    /// The same with words in small letters, however the cell spells them.
    pub fn one_of_small<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> T {
        let small = self.text(column).to_ascii_lowercase();
        match words.iter().find(|(word, _)| *word == small) {
            Some((_, value)) => *value,
            None => self.one_of(column, words),
        }
    }

    /// How many problems the table has so far.
    pub fn problems(&self) -> usize {
        self.problems.count()
    }

    /// Tells that a cell is not what is wanted.
    pub fn wrong(&mut self, column: &str, wanted: &str) {
        let problem = self.told(column, wanted);
        self.push(problem);
    }

    /// Tells a problem of this row, unless the row is ragged.
    pub fn push(&mut self, problem: Problem) {
        if !self.ragged {
            self.fault.get_or_insert_with(|| problem.column.clone());
            self.problems.push(problem);
        }
    }

    fn told(&self, column: &str, wanted: &str) -> Problem {
        let text = self.text(column);
        let found = if text.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", shown(text)) };
        Problem::new(self.file, found, wanted).at(self.line).column(column)
    }
}
