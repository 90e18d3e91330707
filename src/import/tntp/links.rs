//! The rows of a `_net.tntp` file.

use super::metadata::{Head, head};
use super::numbers::Numbers;
use super::{Problems, TntpLink, TntpNetwork};
use crate::error::{Problem, shown};

/// Columns of a row in the order of the format; the last three may be left off by all rows together.
const COLUMNS: [&str; 10] =
    ["init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type"];
/// Columns that decide a travel time; a row needs at least these.
const FEWEST: usize = 7;
/// Highest power of a volume-delay function: far above the 17 of the steepest published network, and a load of a
/// thousand times the capacity still has a finite cost.
pub(super) const MOST_POWER: f64 = 60.0;

/// Reads the links; `None` when the head does not say what is needed for it.
pub(super) fn parse(file: &str, text: &str, problems: &mut Problems) -> Option<TntpNetwork> {
    let head = head(file, text, problems)?;
    let zones = head.count("NUMBER OF ZONES", 1, problems);
    let nodes = head.count("NUMBER OF NODES", 1, problems);
    let first_thru_node = head.count("FIRST THRU NODE", 1, problems);
    let numbers = Numbers::of(&head, nodes);
    let mut notes = Vec::new();
    let wanted_links = head.count("NUMBER OF LINKS", 1, problems);
    let toll_factor = head.number("TOLL FACTOR", problems);
    let distance_factor = head.number("DISTANCE FACTOR", problems);
    if let (Some(zones), Some(nodes)) = (zones, nodes) {
        let mut above = |tag: &str, count: Option<u32>, most: u32| {
            if let Some(count) = count.filter(|c| *c > most) {
                let wanted = format!("at most {most}, as there are {nodes} nodes");
                problems.push(Problem::new(file, count.to_string(), wanted).column(tag).at(head.line(tag)));
            }
        };
        above("NUMBER OF ZONES", Some(zones), nodes);
        if let Numbers::Counted(_) = numbers {
            above("FIRST THRU NODE", first_thru_node, nodes + 1);
        }
    }
    let first_thru_node = first_thru_node.and_then(|number| first_thru(&head, &numbers, number, problems));
    let (links, rows) = Rows { file, numbers: &numbers, problems }.read(&head);
    if let Some(count) = wanted_links.filter(|count| *count as usize != rows) {
        let wanted = format!("{count} links, as <NUMBER OF LINKS> says");
        problems.push(Problem::new(file, format!("{rows} rows of links"), wanted).at(head.last_line));
    }
    if let Numbers::Own(..) = numbers {
        let closed = first_thru_node.map_or(0, |place| place - 1);
        notes.push(format!(
            "{file}: nodes have numbers of their own; the {closed} named before <FIRST THRU NODE> may not be passed through"
        ));
    }
    notes.extend(closed(file, &links));
    let (zones, nodes, first_thru_node) = (zones?, nodes?, first_thru_node?);
    let numbers = numbers.into_own();
    Some(TntpNetwork { zones, nodes, first_thru_node, toll_factor, distance_factor, links, numbers, notes })
}

/// The place of the first node that may be passed through.
fn first_thru(head: &Head, numbers: &Numbers, number: u32, problems: &mut Problems) -> Option<u32> {
    let Numbers::Own(..) = numbers else { return Some(number) };
    let place = numbers.place(number);
    if place.is_none() {
        let tag = "FIRST THRU NODE";
        problems.push(Problem::new(head.file, number.to_string(), "a node of a link").column(tag).at(head.line(tag)));
    }
    place
}

/// Tells links without capacity: the collection has them where a street has no way back.
fn closed(file: &str, links: &[TntpLink]) -> Option<String> {
    let closed = links.iter().filter(|l| l.capacity == 0.0 && l.b > 0.0 && l.power > 0.0);
    let lines: Vec<String> = closed.map(|l| l.line.to_string()).collect();
    let more = if lines.len() > MOST_LINES { " …" } else { "" };
    let told = lines[..lines.len().min(MOST_LINES)].join(", ");
    let count = lines.len();
    (count > 0).then(|| format!("{file}: {count} links have capacity 0 and take no traffic (lines {told}{more})"))
}

/// Most lines that a note names.
const MOST_LINES: usize = 20;

/// A finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|x: &f64| x.is_finite())
}

/// The rows under way.
struct Rows<'a> {
    file: &'a str,
    numbers: &'a Numbers,
    problems: &'a mut Problems,
}

impl Rows<'_> {
    /// The links, and how many rows there were, wrong ones among them.
    fn read(&mut self, head: &Head) -> (Vec<TntpLink>, usize) {
        let (mut links, mut rows, mut width) = (Vec::new(), 0, None);
        let mut cells: Vec<&str> = Vec::new();
        for &(line, text) in &head.rows {
            for row in text.split(';') {
                cells.clear();
                cells.extend(row.split_whitespace());
                // The names of the columns are a comment that may lack its `~`.
                let names = rows == 0 && cells.iter().all(|cell| cell.starts_with(char::is_alphabetic));
                if cells.is_empty() || names {
                    continue;
                }
                rows += 1;
                let wide = *width.get_or_insert(cells.len().clamp(FEWEST, COLUMNS.len()));
                if cells.len() == wide {
                    links.extend(self.link(line, &cells));
                } else {
                    let wanted = match wide {
                        10 => "10 values a link".to_owned(),
                        _ => format!("{wide} values a link, as in the first row"),
                    };
                    let found = format!("{} values in \"{}\"", cells.len(), shown(row.trim()));
                    self.problems.push(Problem::new(self.file, found, wanted).at(line));
                }
            }
        }
        (links, rows)
    }

    fn link(&mut self, line: u32, cells: &[&str]) -> Option<TntpLink> {
        let (from, to) = (self.node(line, cells, 0), self.node(line, cells, 1));
        let mut value = |column, least, most| self.value(line, cells, column, (least, most));
        let (capacity, length) = (value(2, 0.0, f64::MAX), value(3, 0.0, f64::MAX));
        let (free_flow_time, b, power) = (value(4, 0.0, f64::MAX), value(5, 0.0, f64::MAX), value(6, 0.0, MOST_POWER));
        // The speed is checked to be a number and not used: in many networks it does not fit the time.
        value(7, f64::MIN, f64::MAX);
        let toll = value(8, 0.0, f64::MAX);
        Some(TntpLink {
            from: from?,
            to: to?,
            capacity: capacity?,
            length: length?,
            free_flow_time: free_flow_time?,
            b: b?,
            power: power?,
            toll: toll?,
            line,
        })
    }

    fn node(&mut self, line: u32, cells: &[&str], column: usize) -> Option<u32> {
        let node = cells[column].parse().ok().and_then(|number| self.numbers.place(number));
        if node.is_none() {
            self.wrong(line, cells, column, &self.numbers.wanted("node"));
        }
        node
    }

    fn value(&mut self, line: u32, cells: &[&str], column: usize, range: (f64, f64)) -> Option<f64> {
        let Some(text) = cells.get(column) else { return Some(0.0) };
        let value = number(text).filter(|x| (range.0..=range.1).contains(x));
        if value.is_none() {
            let wanted = match range {
                (0.0, f64::MAX) => "a number ≥ 0".to_owned(),
                (0.0, most) => format!("a number from 0 to {most}"),
                _ => "a number".to_owned(),
            };
            self.wrong(line, cells, column, &wanted);
        }
        value
    }

    fn wrong(&mut self, line: u32, cells: &[&str], column: usize, wanted: &str) {
        let found = format!("\"{}\"", shown(cells[column]));
        self.problems.push(Problem::new(self.file, found, wanted).at(line).column(COLUMNS[column]));
    }
}
