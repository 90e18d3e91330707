//! Processes, stores and chains of hubs, resolved: what the mobsim runs.

use crate::ids::{HubIx, ProcessIx, StoreIx};
use crate::scenario::hubs::{ChainScope, ChainUser, HandOver, Scope, ServiceLaw, StoreUnit, UserClass, Users};
use crate::units::Time;

/// A set of classes of users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Classes(u16);

impl Classes {
    /// Nobody's classes.
    pub const NONE: Classes = Classes(0);

    /// This set and one more class.
    #[must_use]
    pub fn with(self, class: UserClass) -> Classes {
        Classes(self.0 | 1 << class as u16)
    }

    /// Whether a class is in the set.
    pub fn has(self, class: UserClass) -> bool {
        self.0 & 1 << class as u16 != 0
    }

    /// Whether the sets share a class.
    pub fn meets(self, other: Classes) -> bool {
        self.0 & other.0 != 0
    }

    /// The classes of the set.
    pub fn iter(self) -> impl Iterator<Item = UserClass> {
        UserClass::ALL.into_iter().filter(move |class| self.has(*class))
    }

    /// Whether no class is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<UserClass> for Classes {
    fn from_iter<I: IntoIterator<Item = UserClass>>(classes: I) -> Classes {
        classes.into_iter().fold(Classes::NONE, Classes::with)
    }
}

/// A chain of processes.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Who passes it.
    pub user: ChainUser,
    /// Which services it is for.
    pub scope: ChainScope,
    /// Terminal whose services it is for; all without.
    pub terminal: Option<u8>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// A step of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Process.
    pub process: ProcessIx,
    /// Walk to it from the step before, milliseconds.
    pub walk_ms: i64,
    /// Share of users who take the step.
    pub share: f64,
    /// Classes who take it; all when empty.
    pub only: Classes,
    /// Classes who do not.
    pub except: Classes,
    /// Store in which room is taken before service begins.
    pub takes: Option<StoreIx>,
    /// Store in which room is freed when service ends.
    pub frees: Option<StoreIx>,
    /// What is handed over when service ends.
    pub drops: Option<HandOver>,
    /// What must have come before service begins.
    pub waits_for: Option<HandOver>,
}

impl Step {
    /// A step that everybody takes, after a walk.
    pub fn at(process: ProcessIx, walk_ms: i64) -> Step {
        Step {
            process,
            walk_ms,
            share: 1.0,
            only: Classes::NONE,
            except: Classes::NONE,
            takes: None,
            frees: None,
            drops: None,
            waits_for: None,
        }
    }

    /// Whether everybody takes the step.
    pub fn is_taken_by_all(&self) -> bool {
        self.share >= 1.0 && self.only.is_empty() && self.except.is_empty()
    }

    /// Whether the step is for a user of these classes.
    pub fn is_for(&self, classes: Classes) -> bool {
        (self.only.is_empty() || self.only.meets(classes)) && !self.except.meets(classes)
    }

    /// Share of the users on services of a scope who take the step.
    pub fn share_of(&self, users: &Users, scope: Scope) -> f64 {
        self.share * users.share_for(self.only.iter(), self.except.iter(), scope)
    }
}

/// A process: a bank of servers with one queue, served in the order of coming, class by class.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// Hub that it belongs to.
    pub hub: HubIx,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Servers by time of day: (from, to, servers), sorted, not overlapping.
    pub shifts: Vec<(Time, Time, u32)>,
    /// Law of the service time.
    pub law: ServiceLaw,
    /// Mean service time, milliseconds.
    pub mean_ms: f64,
    /// Phases of an Erlang law, 1 otherwise.
    pub phases: u32,
    /// Coefficient of variation of a lognormal law.
    pub cv: f64,
    /// Service times of an empirical law, each as likely as the others, milliseconds.
    pub values_ms: Vec<i64>,
    /// Whether a party is served in one turn; else each person takes one.
    pub one_turn: bool,
    /// Time that a server needs after each service, milliseconds.
    pub reset_ms: i64,
    /// Parties who may be there at once: on the way from the step before, waiting, or served.
    pub places: Option<u32>,
    /// Classes that are served before all others, the first of them first.
    pub priority: Vec<UserClass>,
    /// How a server takes several at once.
    pub batch: Option<Batch>,
    /// How servers break down.
    pub breakdown: Option<Breakdown>,
    /// What a staffed server costs, yuan an hour.
    pub cost_cny_h: Option<f64>,
    /// Area of the waiting room, square metres.
    pub area_m2: Option<f64>,
}

/// A batch of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Persons (parties where they take one turn) that a server takes at once.
    pub size: u32,
    /// How long the first waits for the batch to fill, milliseconds.
    pub wait_ms: i64,
}

/// Breakdowns of single servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breakdown {
    /// Mean time between a repair and the next breakdown, milliseconds.
    pub every_ms: f64,
    /// Mean repair, milliseconds.
    pub repair_ms: f64,
}

/// A store: finite room that one step takes and another frees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// Hub that it belongs to.
    pub hub: HubIx,
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// What is counted.
    pub unit: StoreUnit,
    /// Room.
    pub capacity: f64,
    /// What is there when the day begins; `None` for what the day before left.
    pub start: Option<f64>,
    /// Area, square metres.
    pub area_m2: Option<f64>,
}

/// Appointments of trucks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appointments {
    /// Length of a slot, milliseconds.
    pub slot_ms: i64,
    /// Trucks of a slot.
    pub trucks: u32,
    /// How long before its slot a truck is taken in, milliseconds.
    pub early_ms: i64,
}
