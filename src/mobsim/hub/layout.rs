//! The chains and stores of a hub laid out for one day: flat, by numbers that count within the hub.

use crate::ids::{HubIx, ProcessIx, StoreIx};
use crate::network::hubs::{Classes, Hubs, Store};
use crate::random::{Draws, Purpose, mix};
use crate::scenario::hubs::{ChainUser, HandOver, StoreUnit};

/// No store.
pub(super) const NO_STORE: u32 = u32::MAX;

/// A step of a chain.
#[derive(Clone, Debug)]
pub(super) struct Laid {
    /// Process, within the hub.
    pub process: u32,
    /// How often the chain has passed the process before.
    pub pass: u32,
    pub walk_ms: i64,
    share: f64,
    only: Classes,
    except: Classes,
    pub takes: u32,
    pub frees: u32,
    pub drops: Option<HandOver>,
    pub waits_for: Option<HandOver>,
}

/// A store.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub store: StoreIx,
    pub unit: StoreUnit,
    /// Room, thousandths.
    pub capacity: i64,
    /// What is in it, thousandths.
    pub content: i64,
    /// Processes at which it is taken.
    pub takers: Vec<u32>,
}

impl Room {
    /// The stores of a hub, as a sample meets them.
    pub fn all(layout: &Layout, hubs: &Hubs, sample: &dyn Fn(StoreIx) -> f64) -> Vec<Room> {
        let room = |(s, &store): (usize, &StoreIx)| {
            let mut takers: Vec<u32> =
                layout.steps.iter().filter(|step| step.takes == s as u32).map(|step| step.process).collect();
            takers.sort_unstable();
            takers.dedup();
            let Store { unit, capacity, .. } = hubs.stores[store.i()];
            let capacity = (capacity * sample(store) * 1000.0).round() as i64;
            Room { store, unit, capacity, content: 0, takers }
        };
        layout.stores.iter().enumerate().map(room).collect()
    }

    /// Whether an amount fits. What is larger than the store fits when it is empty.
    pub fn fits(&self, amount: i64) -> bool {
        amount == 0 || self.content + amount <= self.capacity.max(amount)
    }
}

/// What of a hub does not change in a day.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// First step of each chain, and the end of the last.
    chains: Vec<u32>,
    steps: Vec<Laid>,
    /// Processes of the hub by their number within it.
    pub processes: Vec<ProcessIx>,
    /// Stores of the hub by their number within it.
    pub stores: Vec<StoreIx>,
    /// Whether users who are through a chain hand over what they have not dropped: not at kerb and car park, from where
    /// they go on into the hall, or came.
    hands_over: Vec<bool>,
}

impl Layout {
    pub fn new(hubs: &Hubs, hub: HubIx) -> Layout {
        let processes: Vec<ProcessIx> =
            (0..hubs.processes.len()).filter(|&p| hubs.processes[p].hub == hub).map(ProcessIx::from).collect();
        let stores: Vec<StoreIx> =
            (0..hubs.stores.len()).filter(|&s| hubs.stores[s].hub == hub).map(StoreIx::from).collect();
        let process = |ix: ProcessIx| processes.binary_search(&ix).expect("a chain passes processes of its hub") as u32;
        let store = |ix: Option<StoreIx>| {
            ix.map_or(NO_STORE, |ix| stores.binary_search(&ix).expect("a chain uses stores of its hub") as u32)
        };
        let at_kerb =
            |user| matches!(user, ChainUser::DropOff | ChainUser::PickUp | ChainUser::Park | ChainUser::Unpark);
        let hands_over = hubs.hubs[hub.i()].chains.iter().map(|chain| !at_kerb(chain.user)).collect();
        let mut chains = vec![0];
        let mut steps: Vec<Laid> = Vec::new();
        for chain in &hubs.hubs[hub.i()].chains {
            for (s, step) in chain.steps.iter().enumerate() {
                let before = chain.steps[..s].iter().filter(|b| b.process == step.process).count();
                steps.push(Laid {
                    process: process(step.process),
                    pass: before as u32,
                    walk_ms: step.walk_ms,
                    share: step.share,
                    only: step.only,
                    except: step.except,
                    takes: store(step.takes),
                    frees: store(step.frees),
                    drops: step.drops,
                    waits_for: step.waits_for,
                });
            }
            chains.push(steps.len() as u32);
        }
        Layout { chains, steps, processes, stores, hands_over }
    }

    /// Whether users who are through a chain hand over what they have not dropped.
    pub fn hands_over(&self, chain: u16) -> bool {
        self.hands_over[usize::from(chain)]
    }

    pub fn step(&self, chain: u16, step: u16) -> &Laid {
        &self.steps[self.chains[usize::from(chain)] as usize + usize::from(step)]
    }

    /// The next step that a user takes, from `step` of a chain on, with the walk to it; without a step the walk to the end.
    /// Whether it takes an optional step is a keyed draw; the walks to steps that are left out are walked all the same, for
    /// they lie on the way.
    pub fn next_step(
        &self,
        seed: u64,
        (key, classes): (u64, Classes),
        chain: u16,
        mut step: u16,
    ) -> (Option<u16>, i64) {
        let (from, to) = (self.chains[usize::from(chain)] as usize, self.chains[usize::from(chain) + 1] as usize);
        let mut walk_ms = 0;
        while let Some(next) = self.steps[from..to].get(usize::from(step)) {
            walk_ms += next.walk_ms;
            let is_for = (next.only.is_empty() || next.only.meets(classes)) && !next.except.meets(classes);
            let taken = |key| Draws::new(seed, Purpose::Step, key, 0).uniform() < next.share;
            if is_for && (next.share >= 1.0 || taken(mix(key, u64::from(step)))) {
                return (Some(step), walk_ms);
            }
            step += 1;
        }
        (None, walk_ms)
    }
}
