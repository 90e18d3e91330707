//! The blocks of a `_trips.tntp` file: `Origin k`, then entries `destination : trips;` on any number of lines.

use super::metadata::{Head, head};
use super::numbers::Numbers;
use super::{Problems, TntpNetwork, TntpPair, TntpTrips, links};
use crate::error::{Problem, shown};

/// Share by which the entries may differ from `<TOTAL OD FLOW>` before it is told: entries are rounded one by one.
const TOTAL_TOLERANCE: f64 = 0.01;

/// Reads the trips; `None` when the head does not say what is needed for it.
pub(super) fn parse(
    file: &str,
    text: &str,
    network: Option<&TntpNetwork>,
    problems: &mut Problems,
) -> Option<TntpTrips> {
    let own = network.map(|n| &n.numbers).filter(|numbers| !numbers.is_empty());
    // Where nodes have numbers of their own, how many zones there are bounds none of them.
    let network = network.filter(|_| own.is_none()).map(|n| n.zones);
    let head = head(file, text, problems)?;
    let zones = head.count("NUMBER OF ZONES", 1, problems);
    let total = head.number("TOTAL OD FLOW", problems);
    if let Some((zones, network)) = zones.zip(network).filter(|(z, n)| z != n) {
        let wanted = format!("{network} zones, as in the network");
        let line = head.line("NUMBER OF ZONES");
        problems.push(Problem::new(file, zones.to_string(), wanted).column("NUMBER OF ZONES").at(line));
    }
    // A zone is unknown when the network lacks it; where the two files disagree that alone is told.
    let most = zones.into_iter().chain(network).max().filter(|_| own.is_none());
    let numbers = Numbers::Counted(most);
    let mut blocks =
        Blocks { file, numbers, problems, origin: Origin::None, origins: 0, wrong: false, pairs: Vec::new() };
    blocks.read(&head);
    let Blocks { origins, wrong, mut pairs, .. } = blocks;
    once_each(file, &pairs, problems);
    let mut notes = Vec::new();
    // Entries that were told to be wrong are missing from the sum.
    if let Some(total) = total.filter(|_| !wrong) {
        let last = pairs.iter().map(|p| p.origin).max().unwrap_or(0);
        let zones = zones.filter(|_| own.is_none());
        notes.extend(check_total(file, &head, (total, pairs.iter().map(|p| p.trips).sum()), (last, zones), problems));
    }
    if origins == 0 {
        problems
            .push(Problem::new(file, "no Origin", "a block \"Origin k\" for each zone with trips").at(head.last_line));
    }
    pairs.retain(|p| p.trips > 0.0);
    let numbers = own.map_or_else(Vec::new, |own| {
        let mut numbers = Numbers::own(own.iter().copied());
        for pair in &mut pairs {
            pair.origin = numbers.place_or_new(pair.origin);
            pair.destination = numbers.place_or_new(pair.destination);
        }
        numbers.into_own()
    });
    Some(TntpTrips { zones: zones?, pairs, numbers, notes })
}

/// Which block an entry belongs to.
#[derive(Clone, Copy)]
enum Origin {
    /// No block has begun.
    None,
    /// A block of an origin that was told to be wrong: its entries are read for their own mistakes only.
    Wrong,
    Zone(u32),
}

/// The blocks under way.
struct Blocks<'a> {
    file: &'a str,
    numbers: Numbers,
    problems: &'a mut Problems,
    origin: Origin,
    origins: usize,
    /// Whether any value was told to be wrong.
    wrong: bool,
    pairs: Vec<TntpPair>,
}

impl Blocks<'_> {
    fn read(&mut self, head: &Head) {
        // An entry that a line end cuts in two goes on in the next line.
        let mut begun = String::new();
        for &(line, text) in &head.rows {
            let mut rest = Some(text);
            while let Some(text) = rest {
                let (piece, after) = text.split_once(';').map_or((text, None), |(p, a)| (p, Some(a)));
                rest = after;
                let piece = piece.trim();
                if starts_origin(piece) && !begun.is_empty() {
                    // A last entry may lack its semicolon.
                    self.statement(line, &std::mem::take(&mut begun));
                }
                begun.push_str(if begun.is_empty() { "" } else { " " });
                begun.push_str(piece);
                if after.is_some() || is_whole_origin(&begun) {
                    self.statement(line, &begun);
                    begun.clear();
                }
            }
        }
        let whole = begun.split_once(':').is_some_and(|(_, trips)| links::number(trips.trim()).is_some());
        if whole && head.ends_with_line {
            self.statement(head.last_line, &begun);
        } else if !begun.is_empty() {
            let found = format!("\"{}\" and then the end of the file", shown(&begun));
            let problem = Problem::new(self.file, found, "an entry \"destination : trips;\"").at(head.last_line);
            self.problems.push(problem.hint("the file seems cut off"));
        }
    }

    /// One statement: an entry, a beginning of a block, or both after each other.
    fn statement(&mut self, line: u32, text: &str) {
        let mut text = text.trim();
        if starts_origin(text) {
            text = text[ORIGIN.len()..].trim_start();
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            self.begin(line, &text[..end]);
            text = text[end..].trim_start();
        }
        if !text.is_empty() {
            self.entry(line, text);
        }
    }

    fn begin(&mut self, line: u32, number: &str) {
        self.origins += 1;
        self.origin = match self.zone(line, "Origin", number) {
            Some(zone) => Origin::Zone(zone),
            None => Origin::Wrong,
        };
    }

    fn entry(&mut self, line: u32, text: &str) {
        let Some((destination, trips)) = text.split_once(':') else {
            return self.wrong(line, "entry", text, "\"destination : trips;\"");
        };
        let destination = self.zone(line, "destination", destination.trim());
        let trips_text = trips.trim();
        let trips = links::number(trips_text).filter(|t| *t >= 0.0);
        if trips.is_none() {
            self.wrong(line, "trips", trips_text, "a number ≥ 0");
        }
        match self.origin {
            Origin::Zone(origin) => {
                let pair = destination.zip(trips);
                self.pairs.extend(pair.map(|(destination, trips)| TntpPair { origin, destination, trips, line }));
            }
            Origin::None => {
                self.wrong(line, "entry", text, "a line \"Origin k\" before the first entry");
                self.origin = Origin::Wrong;
            }
            Origin::Wrong => {}
        }
    }

    fn zone(&mut self, line: u32, column: &str, text: &str) -> Option<u32> {
        let zone = text.parse().ok().and_then(|number| self.numbers.place(number));
        if zone.is_none() {
            self.wrong(line, column, text, &self.numbers.wanted("zone"));
        }
        zone
    }

    fn wrong(&mut self, line: u32, column: &str, text: &str, wanted: &str) {
        self.wrong = true;
        let found = if text.is_empty() { "nothing".to_owned() } else { format!("\"{}\"", shown(text)) };
        self.problems.push(Problem::new(self.file, found, wanted).at(line).column(column));
    }
}

/// The word that begins a block.
const ORIGIN: &str = "origin";

fn starts_origin(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= ORIGIN.len()
        && bytes[..ORIGIN.len()].eq_ignore_ascii_case(ORIGIN.as_bytes())
        && bytes.get(ORIGIN.len()).is_none_or(|b| b.is_ascii_whitespace() || b.is_ascii_digit())
}

/// Whether a text is `Origin k` and nothing else: it needs no semicolon.
fn is_whole_origin(text: &str) -> bool {
    starts_origin(text) && text[ORIGIN.len()..].split_whitespace().count() == 1 && !text.contains(':')
}

/// Tells pairs that stand in the file twice.
fn once_each(file: &str, pairs: &[TntpPair], problems: &mut Problems) {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    let key = |i: usize| (pairs[i].origin, pairs[i].destination, i);
    if !pairs.windows(2).all(|w| (w[0].origin, w[0].destination) < (w[1].origin, w[1].destination)) {
        order.sort_unstable_by_key(|&i| key(i));
    }
    for two in order.windows(2) {
        let [first, second] = [pairs[two[0]], pairs[two[1]]];
        if (first.origin, first.destination) == (second.origin, second.destination) {
            let found = format!("trips from {} to {} a second time", second.origin, second.destination);
            let problem = Problem::new(file, found, "each pair once").at(second.line).column("destination");
            problems.push(problem.hint(format!("the first stand in line {}", first.line)));
        }
    }
}

/// Compares the entries with the total of the head. Real files differ a little, some a lot; that is noted. One that has
/// too few trips and no entries of the last zones was cut off.
fn check_total(
    file: &str,
    head: &Head,
    (total, sum): (f64, f64),
    (last, zones): (u32, Option<u32>),
    problems: &mut Problems,
) -> Option<String> {
    if (sum - total).abs() <= TOTAL_TOLERANCE * total.max(1.0) {
        return None;
    }
    if sum < total && zones.is_some_and(|zones| last < zones) {
        let wanted = format!("{total} trips, as <TOTAL OD FLOW> says");
        let found = format!("{sum} trips from the zones up to {last}");
        problems.push(Problem::new(file, found, wanted).at(head.last_line).hint("the file seems cut off"));
        return None;
    }
    Some(format!("{file}: the entries hold {sum} trips, <TOTAL OD FLOW> says {total}; the entries count"))
}
