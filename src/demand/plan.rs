//! Plans: the legs by which an agent means to travel, as choice makes them and the mobsim runs them.

use crate::ids::{HubIx, LineIx, LinkIx};
use crate::mode::Mode;
use crate::units::Time;

/// What an agent means to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Main mode.
    pub mode: Mode,
    /// When it sets out.
    pub departure: Time,
    /// The legs in order.
    pub legs: Vec<Leg>,
    /// Generalised cost that was expected when the plan was made, yuan.
    pub cost_cny: f64,
}

/// A leg: one mode, or a visit of a hub's processes.
#[derive(Clone, Debug, PartialEq)]
pub enum Leg {
    /// On foot for a time.
    Walk {
        /// Duration, milliseconds.
        ms: i64,
    },
    /// On a bicycle or e-bike for a time.
    Cycle {
        /// Duration, milliseconds.
        ms: i64,
    },
    /// In a road vehicle along links. An empty route stays where it is.
    Drive {
        /// Links in order.
        route: Vec<LinkIx>,
    },
    /// In a vehicle of a line, the first that has room.
    Ride {
        /// Line.
        line: LineIx,
        /// Position at which one boards.
        from: u16,
        /// Position at which one alights.
        to: u16,
    },
    /// Through the processes of a hub.
    Visit {
        /// Hub.
        hub: HubIx,
        /// Index of the chain in the hub.
        chain: u16,
    },
}

impl Leg {
    /// Its mode under the plan's main mode; `None` for a visit.
    pub fn mode(&self, main: Mode) -> Option<Mode> {
        match self {
            Leg::Walk { .. } => Some(Mode::Walk),
            Leg::Cycle { .. } => Some(Mode::Cycle),
            Leg::Drive { .. } => Some(main),
            Leg::Ride { .. } => Some(Mode::Transit),
            Leg::Visit { .. } => None,
        }
    }
}
