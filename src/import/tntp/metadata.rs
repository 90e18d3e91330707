//! The head of a TNTP file: lines `<TAG> value` up to `<END OF METADATA>`.

use super::Problems;
use crate::error::{Problem, shown};

/// What stands in the head of a file, and the rest of its text.
pub(super) struct Head<'a> {
    /// Its name in problems.
    pub file: &'a str,
    tags: Vec<(String, &'a str, u32)>,
    /// Lines after the head with their numbers, comments and blanks taken off.
    pub rows: Vec<(u32, &'a str)>,
    /// Number of the last line.
    pub last_line: u32,
    /// Whether the text ends with the end of a line, as a whole file does.
    pub ends_with_line: bool,
}

/// The tag that ends the head.
const END: &str = "END OF METADATA";
/// Tags with a meaning here; other tags are allowed and not read.
const KNOWN: [&str; 7] = [
    "NUMBER OF ZONES",
    "NUMBER OF NODES",
    "FIRST THRU NODE",
    "NUMBER OF LINKS",
    "TOTAL OD FLOW",
    "TOLL FACTOR",
    "DISTANCE FACTOR",
];

/// Splits a text into its head and its rows.
pub(super) fn head<'a>(file: &'a str, text: &'a str, problems: &mut Problems) -> Option<Head<'a>> {
    let mut head =
        Head { file, tags: Vec::new(), rows: Vec::new(), last_line: 0, ends_with_line: text.ends_with('\n') };
    let mut ended = false;
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        head.last_line = number;
        // A comment may follow a tag, as in `<ORIGINAL HEADER>~ Init node …`.
        let line = line.split('~').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        if ended {
            head.rows.push((number, line));
        } else if let Some((tag, value)) = line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_uppercase();
            ended = tag == END;
            head.tag(tag, value.trim(), number, problems);
        } else {
            let found = format!("\"{}\"", shown(line));
            problems.push(Problem::new(file, found, "a line <TAG> value, or <END OF METADATA>").at(number));
            // Rows have begun: the mistake is that nothing ended the head, not every row that follows.
            return None;
        }
    }
    if !ended {
        problems.push(Problem::new(file, "no <END OF METADATA>", "a head that ends with it").at(head.last_line.max(1)));
    }
    ended.then_some(head)
}

/// Most zones, nodes or links that a file may have: memory is made for as many as it says.
const MOST: u32 = 10_000_000;

impl<'a> Head<'a> {
    fn tag(&mut self, tag: String, value: &'a str, line: u32, problems: &mut Problems) {
        if let Some((_, before, _)) = self.tags.iter().find(|t| t.0 == tag && KNOWN.contains(&t.0.as_str())) {
            let found = format!("<{tag}> a second time, first with \"{}\"", shown(before));
            problems.push(Problem::new(self.file, found, "each tag once").at(line));
        }
        self.tags.push((tag, value, line));
    }

    /// Where a tag stands; line 1 when it is missing.
    pub fn line(&self, tag: &str) -> u32 {
        self.tags.iter().find(|t| t.0 == tag).map_or(1, |t| t.2)
    }

    /// A whole number from `least` that must be there.
    pub fn count(&self, tag: &str, least: u32, problems: &mut Problems) -> Option<u32> {
        let wanted = format!("a whole number from {least} to {MOST}");
        let Some((_, value, line)) = self.tags.iter().find(|t| t.0 == tag) else {
            let unknown = self.tags.iter().map(|t| t.0.as_str()).filter(|t| !KNOWN.contains(t) && *t != END);
            let problem = Problem::new(self.file, format!("no <{tag}>"), wanted).column(tag).at(1);
            problems.push(match crate::error::closest(tag, unknown) {
                Some(close) => problem.hint(format!("<{}> is not known here", shown(close))),
                None => problem,
            });
            return None;
        };
        let count = value.parse().ok().filter(|n| (least..=MOST).contains(n));
        if count.is_none() {
            let found = if value.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", shown(value)) };
            problems.push(Problem::new(self.file, found, wanted).column(tag).at(*line));
        }
        count
    }

    /// A number of at least zero that may be missing.
    pub fn number(&self, tag: &str, problems: &mut Problems) -> Option<f64> {
        let (_, value, line) = self.tags.iter().find(|t| t.0 == tag)?;
        let number = super::links::number(value).filter(|x| *x >= 0.0);
        if number.is_none() {
            let found = format!("\"{}\"", shown(value));
            problems.push(Problem::new(self.file, found, "a number ≥ 0").column(tag).at(*line));
        }
        number
    }
}
