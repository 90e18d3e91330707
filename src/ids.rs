//! Typed dense indices, and the tables that tie them to the names written in files.
//!
//! Inside the library everything is numbered 0, 1, 2, … in file order (u32); external names live at the border.

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};
use std::hash::Hasher;

macro_rules! index {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in an array of this kind of thing.
            pub fn i(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            /// Counts here stay far below 2³²: a table is refused long before by its memory.
            fn from(i: usize) -> Self {
                $name(u32::try_from(i).expect("fewer than 2^32 of one kind"))
            }
        }
    )*};
}

index! {
    /// A node of the road and walking network.
    NodeIx;
    /// A directed link of the road and walking network.
    LinkIx;
    /// A traffic analysis zone.
    ZoneIx;
    /// A district (or neighbouring city).
    DistrictIx;
    /// A hub.
    HubIx;
    /// A process of a hub (check-in, security, truck gate); numbered over all hubs.
    ProcessIx;
    /// A store of a hub (yard, platform, stands), numbered over all hubs.
    StoreIx;
    /// A scheduled long-distance service of a hub (flight, train, container train); numbered over all hubs.
    ServiceIx;
    /// A stop of scheduled services.
    StopIx;
    /// A line: one stop sequence in one direction whose departures do not overtake each other.
    LineIx;
    /// A departure: one vehicle run of a line.
    DepartureIx;
    /// An agent of a day: a traveller or a truck with its consignments.
    AgentIx;
    /// A consignment.
    ConsignmentIx;
}

/// External names of one kind of thing in index order, and the way back.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: Vec<String>,
    index: FxHashMap<String, u32>,
}

impl Names {
    /// Adds a name and returns its index; `None` when the name is taken.
    pub fn add(&mut self, name: &str) -> Option<u32> {
        let next = u32::try_from(self.names.len()).expect("fewer than 2^32 names");
        if self.index.contains_key(name) {
            return None;
        }
        self.index.insert(name.to_owned(), next);
        self.names.push(name.to_owned());
        Some(next)
    }

    /// The index of a name.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// The name at an index.
    pub fn name(&self, index: u32) -> &str {
        &self.names[index as usize]
    }

    /// All names in index order.
    pub fn all(&self) -> &[String] {
        &self.names
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Texts one after the other in one buffer: what a long column of ids takes, without an allocation a row. At most 4 GiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).expect("less than 4 GiB of text"));
    }

    /// The text at a position.
    pub fn at(&self, i: usize) -> &str {
        let first = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.text[first..self.ends[i] as usize]
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.at(i))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all texts together.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Gives back what the buffers hold beyond their contents.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Positions of texts that stand further ahead already, each with the first position of the same text.
    ///
    /// An open table of 8 bytes a slot, half of the hash beside the position, so that few texts are compared: ten
    /// million ids take 256 MiB for a moment, a map of slices 480 MiB.
    pub fn repeated(&self) -> Vec<(usize, usize)> {
        let mut slots = vec![0u64; (2 * self.len()).next_power_of_two()];
        let mask = slots.len() - 1;
        let mut repeated = Vec::new();
        'texts: for (i, text) in self.iter().enumerate() {
            let hash = hash(text);
            let tag = hash >> 32 << 32;
            let mut place = hash as usize & mask;
            while slots[place] != 0 {
                let other = slots[place] as u32 as usize - 1;
                if slots[place] >> 32 == tag >> 32 && self.at(other) == text {
                    repeated.push((i, other));
                    continue 'texts;
                }
                place = (place + 1) & mask;
            }
            slots[place] = tag | (i as u64 + 1);
        }
        repeated
    }
}

/// Words, each once, numbered in the order in which they came: the codes of a column in which words repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    words: Texts,
    /// Open addressing: code and one, 0 for none; at most half of the slots are taken.
    slots: Vec<u32>,
}

impl Words {
    /// The code of a word, which is added when it is new.
    pub fn code(&mut self, word: &str) -> u32 {
        if 2 * self.words.len() >= self.slots.len() {
            self.grow();
        }
        let place = self.place(word);
        if self.slots[place] == 0 {
            self.words.push(word);
            self.slots[place] = u32::try_from(self.words.len()).expect("fewer than 2^32 words");
        }
        self.slots[place] - 1
    }

    /// The code of a word that is there.
    pub fn find(&self, word: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        self.slots[self.place(word)].checked_sub(1)
    }

    /// The word of a code.
    pub fn word(&self, code: u32) -> &str {
        self.words.at(code as usize)
    }

    /// All words in the order of their codes.
    pub fn all(&self) -> &Texts {
        &self.words
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The slot of a word, or the empty one where it would go.
    fn place(&self, word: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = hash(word) as usize & mask;
        while self.slots[place] != 0 && self.words.at(self.slots[place] as usize - 1) != word {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        self.slots = vec![0; (4 * self.words.len()).next_power_of_two().max(16)];
        let mask = self.slots.len() - 1;
        for (code, word) in self.words.iter().enumerate() {
            let mut place = hash(word) as usize & mask;
            while self.slots[place] != 0 {
                place = (place + 1) & mask;
            }
            self.slots[place] = code as u32 + 1;
        }
    }
}

impl<'a> FromIterator<&'a str> for Words {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Words {
        let mut all = Words::default();
        for word in words {
            all.code(word);
        }
        all
    }
}

fn hash(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(word.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_come_back_and_repeated_ones_are_found() {
        let mut texts = Texts::default();
        ["a", "", "白云", "a", "", "b", "a"].iter().for_each(|t| texts.push(t));
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "白云", "a", "", "b", "a"]);
        assert_eq!(texts.repeated(), [(3, 0), (4, 1), (6, 0)]);
        assert_eq!(Texts::default().repeated(), []);
    }

    proptest! {
        #[test]
        fn a_word_keeps_its_code(words in prop::collection::vec("[a-c0-9]{0,3}", 0..300)) {
            let (mut codes, mut order) = (Words::default(), Vec::new());
            for word in &words {
                let known = order.iter().position(|w| w == word);
                prop_assert_eq!(codes.find(word), known.map(|k| k as u32));
                prop_assert_eq!(codes.code(word) as usize, known.unwrap_or(order.len()));
                if known.is_none() {
                    order.push(word.clone());
                }
            }
            prop_assert!(codes.all().iter().eq(order.iter().map(String::as_str)));
            prop_assert_eq!(codes.find("not there"), None);
        }
    }
}
