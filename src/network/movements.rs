//! Turns at nodes: which are allowed, the bays that vehicles wait in for them, and the signals that let them go.
//!
//! Separate exits per group of lanes, so that one blocked turn does not block the whole link, follow Wright, Gomes,
//! Horowitz and Kurzhanskiy, "On node models for high-dimensional road networks" (2016).

use crate::ids::LinkIx;
use crate::units::Time;

/// All turns that are written down, with their bays and signals; empty when every node lets everybody turn everywhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Movements {
    /// Turn bays, in the order of their links.
    pub bays: Vec<Bay>,
    /// Turns, sorted by (from, to), each pair once.
    pub turns: Vec<Turn>,
    /// Signals, each for all turns with the same greens at one controller.
    pub signals: Vec<Signal>,
}

/// The lanes at the end of a link that serve a group of turns, as an exit of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bay {
    /// The link that it is the end of.
    pub link: LinkIx,
    /// Length, metres, at most that of the link.
    pub length_m: f64,
    /// Lanes.
    pub lanes: f64,
    /// Capacity of its exit, PCU per hour.
    pub capacity_pcu_h: f64,
    /// Storage at jam density, PCU.
    pub storage_pcu: f64,
}

/// A turn from a link into a link that leaves its downstream node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// The link that vehicles come from.
    pub from: LinkIx,
    /// The link that they turn into.
    pub to: LinkIx,
    /// Whether vehicles may make the turn.
    pub allowed: bool,
    /// The bay that vehicles wait in, as an index of [`Movements::bays`]; without one they leave from the link as a whole.
    pub bay: Option<u32>,
    /// The signal that lets them go, as an index of [`Movements::signals`]; without one they may go at any time.
    pub signal: Option<u32>,
    /// Capacity of the turn, PCU per hour, where it is written down.
    pub capacity_pcu_h: Option<f64>,
    /// Time that the turn takes besides the links, seconds.
    pub penalty_s: f64,
}

/// A fixed-time signal: parts of a cycle in which vehicles may go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// Length of the cycle, milliseconds, above 0.
    pub cycle_ms: u32,
    /// Time of day at which a cycle begins, milliseconds, below the cycle.
    pub offset_ms: u32,
    /// Greens: from and until, milliseconds after the cycle has begun; in order, apart from each other, within the cycle.
    pub greens: Vec<(u32, u32)>,
}

impl Movements {
    /// The turn from a link into another, where it is written down.
    pub fn turn(&self, from: LinkIx, to: LinkIx) -> Option<&Turn> {
        self.turns.binary_search_by_key(&(from, to), |t| (t.from, t.to)).ok().map(|i| &self.turns[i])
    }

    /// All written turns from a link.
    pub fn turns_from(&self, from: LinkIx) -> &[Turn] {
        let rest = &self.turns[self.turns.partition_point(|t| t.from < from)..];
        &rest[..rest.partition_point(|t| t.from == from)]
    }

    /// Whether vehicles may turn from a link into another that leaves its downstream node: a turn is forbidden when it
    /// is written down as such, or when allowed turns from the link are written down and this one is not.
    pub fn allows(&self, from: LinkIx, to: LinkIx) -> bool {
        match self.turn(from, to) {
            Some(turn) => turn.allowed,
            None => !self.turns_from(from).iter().any(|turn| turn.allowed),
        }
    }

    /// The first turn of a route that is not allowed.
    pub fn forbidden_on(&self, route: &[LinkIx]) -> Option<(LinkIx, LinkIx)> {
        route.windows(2).map(|pair| (pair[0], pair[1])).find(|&(from, to)| !self.allows(from, to))
    }

    /// Whether no turn is written down.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

impl Signal {
    /// Whether vehicles may go at a moment.
    pub fn is_green(&self, time: Time) -> bool {
        let at = (time.0 - i64::from(self.offset_ms)).rem_euclid(i64::from(self.cycle_ms));
        self.greens.iter().any(|&(from, until)| (i64::from(from)..i64::from(until)).contains(&at))
    }

    /// The share of the cycle that is green.
    pub fn green_share(&self) -> f64 {
        let green: u32 = self.greens.iter().map(|(from, until)| until - from).sum();
        f64::from(green) / f64::from(self.cycle_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(from: u32, to: u32, allowed: bool) -> Turn {
        let (from, to) = (LinkIx(from), LinkIx(to));
        Turn { from, to, allowed, bay: None, signal: None, capacity_pcu_h: None, penalty_s: 0.0 }
    }

    #[test]
    fn where_one_turn_of_a_link_is_allowed_in_writing_the_others_are_forbidden() {
        let turns = vec![turn(1, 2, true), turn(1, 3, false), turn(4, 5, true), turn(6, 7, false)];
        let movements = Movements { turns, ..Movements::default() };
        let allows = |from, to| movements.allows(LinkIx(from), LinkIx(to));
        assert!(allows(1, 2) && !allows(1, 3) && !allows(1, 6));
        assert!(allows(0, 1) && allows(2, 6), "nothing is written of links 0 and 2");
        assert!(!allows(6, 7) && allows(6, 8), "only one turn of link 6 is forbidden");
        let route = |links: &[u32]| links.iter().map(|&l| LinkIx(l)).collect::<Vec<_>>();
        assert_eq!(movements.forbidden_on(&route(&[0, 1, 2, 4, 5])), None);
        assert_eq!(movements.forbidden_on(&route(&[0, 1, 2, 4, 6])), Some((LinkIx(4), LinkIx(6))));
        assert!(Movements::default().allows(LinkIx(0), LinkIx(1)) && Movements::default().is_empty());
    }

    #[test]
    fn a_signal_is_green_in_its_parts_of_every_cycle() {
        // Cycles begin at 10 s, 100 s, … and before them at −80 s; green from 0 to 30 s and from 80 to 90 s of each.
        let signal = Signal { cycle_ms: 90_000, offset_ms: 10_000, greens: vec![(0, 30_000), (80_000, 90_000)] };
        let green =
            [0, 9_999, 10_000, 39_999, 40_000, 89_999, 90_000, 100_000, 130_000].map(|t| signal.is_green(Time(t)));
        assert_eq!(green, [true, true, true, true, false, false, true, true, false]);
        assert_eq!(signal.green_share(), 40.0 / 90.0);
    }
}
