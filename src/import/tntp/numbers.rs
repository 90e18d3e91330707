//! How a file numbers its nodes: from 1 on, or by numbers of their own.
//!
//! The format counts nodes from 1, zones first. An extract of a larger network may keep that network's numbers instead
//! (Munich in the collection does: 742 nodes with numbers up to 2,146,237,937); then nodes take places in the order in
//! which the links name them, and numbers are looked up.

use super::metadata::Head;
use std::collections::BTreeMap;

/// Numbers of nodes and the places that they stand for; both from 1.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    /// Every number is its own place, up to the given one where it is known.
    Counted(Option<u32>),
    /// Numbers by place, and places by number.
    Own(Vec<u32>, BTreeMap<u32, u32>),
}

impl Numbers {
    /// Finds how the links of a file number nodes when its head tells how many there are.
    ///
    /// Numbers are a file's own when most of them lie above that count and there are no more of them than it says. One
    /// mistyped number among others is a mistake.
    pub fn of(head: &Head, nodes: Option<u32>) -> Numbers {
        let Some(nodes) = nodes else { return Numbers::Counted(None) };
        let rows = head.rows.iter().flat_map(|(_, text)| text.split(';'));
        let ends = rows.flat_map(|row| row.split_whitespace().take(2)).filter_map(|cell| cell.parse().ok());
        let own = Numbers::own(ends);
        let Numbers::Own(numbers, _) = &own else { return own };
        let above = numbers.iter().filter(|n| **n > nodes).count();
        if 2 * above > numbers.len() && numbers.len() <= nodes as usize { own } else { Numbers::Counted(Some(nodes)) }
    }

    /// A file's own numbers, in the order given; repetitions do not count.
    pub fn own(given: impl IntoIterator<Item = u32>) -> Numbers {
        let mut own = Numbers::Own(Vec::new(), BTreeMap::new());
        for number in given {
            own.place_or_new(number);
        }
        own
    }

    /// The place of a node, where there is one with the number.
    pub fn place(&self, number: u32) -> Option<u32> {
        match self {
            Numbers::Counted(most) => Some(number).filter(|n| (1..=most.unwrap_or(u32::MAX)).contains(n)),
            Numbers::Own(_, places) => places.get(&number).copied(),
        }
    }

    /// The place of a node; a number that is not known yet gets the next one.
    pub fn place_or_new(&mut self, number: u32) -> u32 {
        match self {
            Numbers::Counted(_) => number,
            Numbers::Own(numbers, places) => *places.entry(number).or_insert_with(|| {
                numbers.push(number);
                numbers.len() as u32
            }),
        }
    }

    /// What a number of a node should be.
    pub fn wanted(&self, what: &str) -> String {
        match self {
            Numbers::Counted(Some(most)) => format!("a {what} from 1 to {most}"),
            _ => format!("a {what}, numbered from 1"),
        }
    }

    /// Numbers by place; empty where every number is its own place.
    pub fn into_own(self) -> Vec<u32> {
        match self {
            Numbers::Counted(_) => Vec::new(),
            Numbers::Own(numbers, _) => numbers,
        }
    }
}
