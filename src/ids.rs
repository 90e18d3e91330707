//! Typed dense indices, and the tables that tie them to the names written in files.
//!
//! Inside the library everything is numbered 0, 1, 2, … in file order (u32); external names live at the border.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

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
