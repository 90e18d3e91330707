//! Where users of a hub come and go: its own kerb and stops, or those of a terminal.

use super::Hub;
use crate::ids::{NodeIx, StopIx};

/// A terminal: where its passengers come and go. What its file does not say is as in `[access]` of the hub.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminal {
    /// External id.
    pub id: String,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Where cars and taxis set passengers down.
    pub drop_off: Option<NodeIx>,
    /// Where cars and taxis leave with passengers.
    pub pick_up: Option<NodeIx>,
    /// Stops with the walk to the hall, milliseconds.
    pub stops: Vec<(StopIx, i64)>,
    /// Walk between kerb and hall, milliseconds.
    pub kerb_walk_ms: i64,
}

/// Where passengers come and go at a hub as a whole or at one of its terminals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HubPlace<'a> {
    /// Where cars and taxis set passengers down.
    pub drop_off: Option<NodeIx>,
    /// Where cars and taxis leave with passengers.
    pub pick_up: Option<NodeIx>,
    /// Stops with the walk to the hall, milliseconds.
    pub stops: &'a [(StopIx, i64)],
    /// Walk between kerb and hall, milliseconds.
    pub kerb_walk_ms: i64,
}

impl Hub {
    /// Where passengers of services of a terminal come and go; without one, where those of the hub do.
    pub fn place(&self, terminal: Option<u8>) -> HubPlace<'_> {
        match terminal.and_then(|t| self.terminals.get(usize::from(t))) {
            Some(t) => {
                HubPlace { drop_off: t.drop_off, pick_up: t.pick_up, stops: &t.stops, kerb_walk_ms: t.kerb_walk_ms }
            }
            None => HubPlace {
                drop_off: self.drop_off,
                pick_up: self.pick_up,
                stops: &self.stops,
                kerb_walk_ms: self.kerb_walk_ms,
            },
        }
    }

    /// The places of the hub as a whole and of its terminals, in their order.
    pub fn places(&self) -> impl Iterator<Item = HubPlace<'_>> {
        std::iter::once(None).chain((0..self.terminals.len()).map(|t| Some(t as u8))).map(|t| self.place(t))
    }

    /// All stops inside the hub, those of its terminals too, each once and with its shortest walk, by stop.
    pub fn all_stops(&self) -> Vec<(StopIx, i64)> {
        let mut stops: Vec<(StopIx, i64)> = self.places().flat_map(|place| place.stops.iter().copied()).collect();
        stops.sort_unstable();
        stops.dedup_by_key(|(stop, _)| *stop);
        stops
    }

    /// All nodes at which vehicles come to the hub or leave it, each once, sorted.
    pub fn nodes(&self) -> Vec<NodeIx> {
        let kerbs = self.places().flat_map(|place| [place.drop_off, place.pick_up]);
        let mut nodes: Vec<NodeIx> = kerbs.chain([self.truck_in, self.truck_out]).flatten().collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }
}
