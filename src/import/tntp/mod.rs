//! TNTP, the text format of the static benchmark networks [Transportation Networks for Research,
//! github.com/bstabler/TransportationNetworks]: a file of links and a file of trips between zones.
//!
//! Lines `<TAG> value` up to `<END OF METADATA>`, then rows that end with a semicolon; `~` starts a comment. Nodes are
//! numbered from 1, zones are the first of them. Units are the file's own, for every network another set. Reading is
//! strict about what would change a result, and easy about what real files do: tabs or blanks, blank lines, upper or
//! lower case, rows cut into several lines or several in one, line ends of any system, names of columns without `~`,
//! zones without trips, links given twice, streets without capacity one way, nodes with numbers of a larger network.

mod links;
mod metadata;
mod numbers;
mod trips;

use crate::error::{Error, Problem, Result};
use std::path::Path;

/// The links of a TNTP network with what its metadata say.
#[derive(Clone, Debug, PartialEq)]
pub struct TntpNetwork {
    /// How many zones there are; they are the nodes 1 to `zones`.
    pub zones: u32,
    /// How many nodes there are, zones among them.
    pub nodes: u32,
    /// The first node that may be passed through; those below only send and receive.
    pub first_thru_node: u32,
    /// Weight of tolls in the cost of a link, where the file names one (time per money).
    pub toll_factor: Option<f64>,
    /// Weight of lengths in the cost of a link, where the file names one (time per length).
    pub distance_factor: Option<f64>,
    /// Directed links in the order of the file.
    pub links: Vec<TntpLink>,
    /// The number of each node in the file, where that is not its place counted from 1; else empty.
    pub numbers: Vec<u32>,
    /// What is odd about the file and does not stop a reader, in words.
    pub notes: Vec<String>,
}

/// A row of a `_net.tntp` file: its travel time at a flow v is `free_flow_time`·(1 + `b`·(v/`capacity`)^`power`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TntpLink {
    /// Node at its start, counted from 1.
    pub from: u32,
    /// Node at its end, counted from 1.
    pub to: u32,
    /// Capacity, flow per the period of the trip table.
    pub capacity: f64,
    /// Length, in the file's unit.
    pub length: f64,
    /// Time without traffic, in the file's unit.
    pub free_flow_time: f64,
    /// Coefficient of the volume-delay function.
    pub b: f64,
    /// Power of the volume-delay function.
    pub power: f64,
    /// Toll, in the file's unit of money.
    pub toll: f64,
    /// Line of the file on which the row ends.
    pub line: u32,
}

/// The trips of a TNTP network.
#[derive(Clone, Debug, PartialEq)]
pub struct TntpTrips {
    /// How many zones there are.
    pub zones: u32,
    /// Entries in the order of the file; zeros are left out.
    pub pairs: Vec<TntpPair>,
    /// The number of each node in the file, where that is not its place counted from 1: those of the network, and behind
    /// them zones that no link touches; else empty.
    pub numbers: Vec<u32>,
    /// What is odd about the file and does not stop a reader, in words.
    pub notes: Vec<String>,
}

/// Trips from a zone to a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TntpPair {
    /// Zone where they start, counted from 1.
    pub origin: u32,
    /// Zone where they end, counted from 1.
    pub destination: u32,
    /// Trips in the period of the table, above 0.
    pub trips: f64,
    /// Line of the file.
    pub line: u32,
}

/// Reads the links and the trips of a network.
///
/// # Errors
/// A file that cannot be opened; all problems of both files, with their lines.
pub fn read(net: &Path, trips: &Path) -> Result<(TntpNetwork, TntpTrips)> {
    let (net_name, trips_name) = (net.display().to_string(), trips.display().to_string());
    let (net, trips) = (text(net)?, text(trips)?);
    let mut problems = Problems::default();
    let mut network = links::parse(&net_name, &net, &mut problems);
    let trips = trips::parse(&trips_name, &trips, network.as_ref(), &mut problems);
    if let Some((network, trips)) = network.as_mut().zip(trips.as_ref()).filter(|(n, _)| !n.numbers.is_empty()) {
        // Zones that no link touches get places behind the nodes of the links.
        network.numbers.clone_from(&trips.numbers);
        network.nodes = network.nodes.max(network.numbers.len() as u32);
    }
    problems.or((network, trips)).map(|(network, trips)| {
        let both = network.zip(trips);
        both.expect("what could not be read has told a problem")
    })
}

/// The links in a text, `name` being the file's in problems.
///
/// # Errors
/// All problems of the text.
pub fn parse_network(name: &str, text: &str) -> Result<TntpNetwork> {
    let mut problems = Problems::default();
    let network = links::parse(name, text, &mut problems);
    problems.or(network).map(|n| n.expect("what could not be read has told a problem"))
}

/// The trips in a text, checked against their network where that is known.
///
/// # Errors
/// All problems of the text.
pub fn parse_trips(name: &str, text: &str, network: Option<&TntpNetwork>) -> Result<TntpTrips> {
    let mut problems = Problems::default();
    let trips = trips::parse(name, text, network, &mut problems);
    problems.or(trips).map(|t| t.expect("what could not be read has told a problem"))
}

/// A file as text. Names in comments may be written in any encoding; numbers and tags are ASCII in all of them.
fn text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|e| Error::file(path, e))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
    })
}

/// Most problems that are told one by one; a file of another kind has one on every line.
const MOST_PROBLEMS: usize = 1_000;

/// All problems of the files that are read together.
#[derive(Default)]
struct Problems {
    told: Vec<Problem>,
    more: usize,
}

impl Problems {
    fn push(&mut self, problem: Problem) {
        if self.told.len() < MOST_PROBLEMS { self.told.push(problem) } else { self.more += 1 }
    }

    /// The value when there is no problem.
    fn or<T>(mut self, value: T) -> Result<T> {
        if self.told.is_empty() {
            return Ok(value);
        }
        if let Some(last) = self.told.last().filter(|_| self.more > 0) {
            let found = format!("{} problems more", self.more);
            self.told.push(Problem::new(last.file.clone(), found, "a TNTP file"));
        }
        Err(Error::Problems(self.told))
    }
}

#[cfg(test)]
mod tests;
