//! Hub nets made up by draws, and the small things of which tests of hub nets are made.

use crate::town;
use hubflow::ids::{HubIx, ProcessIx, StoreIx};
use hubflow::mobsim::hub::{Entry, Net, NetSetup, Told};
use hubflow::network::hubs::{Batch, Chain, Classes, Hubs, Process, Step, Store};
use hubflow::random::{Draws, Purpose, mix};
use hubflow::scenario::hubs::{ChainScope, ChainUser, HandOver, ServiceLaw, StoreUnit, UserClass};
use hubflow::units::Time;

pub const SEED: u64 = 5;
pub const END: Time = Time(3_600_000);
/// How long the road takes to take one that holds its last server: what no window exceeds.
pub const ROAD_MS: i64 = 2_000;

/// The signature of a process in these tests.
pub fn key_of(process: ProcessIx) -> u64 {
    mix(0x68, u64::from(process.0))
}

/// A hub of processes, stores and chains.
pub fn hubs(processes: Vec<Process>, stores: Vec<Store>, chains: Vec<Vec<Step>>) -> Hubs {
    let mut hubs = town::hub(processes).hubs;
    let chain = |steps| Chain { user: ChainUser::Departing, scope: ChainScope::Any, terminal: None, steps };
    hubs.hubs[0].chains = chains.into_iter().map(chain).collect();
    hubs.stores = stores;
    hubs
}

/// One with nothing special about it, that passes the first chain.
pub fn entry(token: u32) -> Entry {
    Entry {
        token,
        key: u64::from(token),
        chain: 0,
        party: 1,
        classes: Classes::NONE,
        brings: 0,
        fetches: 0,
        holds: false,
        by_road: false,
        not_before: Time(0),
    }
}

/// When somebody enters.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    At(i64),
    /// When another one drops something, not before a moment; never when it does so after another moment.
    Dropped(u32, HandOver, i64, i64),
}

/// A hub and what happens to it.
#[derive(Clone, Debug)]
pub struct Case {
    pub hubs: Hubs,
    pub content: Vec<i64>,
    pub entries: Vec<(Start, Entry)>,
    pub owed: Vec<(u32, HandOver, u32)>,
}

/// Draws for making cases up.
struct Dice(Draws);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0.below(n)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Times in half seconds, so that many things happen at once.
    fn ms(&mut self, halves: usize) -> i64 {
        self.below(halves + 1) as i64 * 500
    }
}

const CLASSES: [UserClass; 3] = [UserClass::Premium, UserClass::Bags, UserClass::Reefer];

impl Case {
    /// A case made up by draws: `processes` and `tokens` say how large it is.
    pub fn made_up(seed: u64, processes: usize, tokens: u32) -> Case {
        let mut dice = Dice(Draws::new(seed, Purpose::Generate, 0, 0));
        let stores: Vec<Store> = (0..dice.below(3)).map(|_| store(&mut dice)).collect();
        let mut list: Vec<Process> = (0..processes).map(|_| process(&mut dice)).collect();
        let chains: Vec<Vec<Step>> = (0..3)
            .map(|_| (0..1 + dice.below(4)).map(|_| step(&mut dice, processes, stores.len())).collect())
            .collect();
        // Which of several batches begins where they compete for room in a store is nobody's promise.
        for step in chains.iter().flatten().filter(|step| step.takes.is_some()) {
            list[step.process.i()].batch = None;
        }
        let content = stores.iter().map(|s| (s.capacity * 500.0) as i64 * dice.below(2) as i64).collect();
        let mut case = Case { hubs: hubs(list, stores, chains), content, entries: Vec::new(), owed: Vec::new() };
        for token in 0..tokens {
            let start = match token {
                1.. if dice.one_in(6) => {
                    let what = if dice.one_in(2) { HandOver::Bags } else { HandOver::Freight };
                    let not_after = if dice.one_in(3) { dice.ms(100) } else { Time::NEVER.0 };
                    Start::Dropped(dice.below(token as usize) as u32, what, dice.ms(100), not_after)
                }
                _ => Start::At(dice.ms(120)),
            };
            if token > 0 && dice.one_in(6) {
                case.owed.push((token, HandOver::Freight, dice.below(token as usize) as u32));
            }
            case.entries.push((start, someone(&mut dice, token)));
        }
        case
    }

    /// What the net tells, run in windows, with the calls of `enter` in the order given or in the other one.
    pub fn net(&self, window_ms: i64, backwards: bool) -> (Net, Vec<Told>) {
        let setup = NetSetup { seed: SEED, sample: 1.0, start: Time(0), end: END };
        let mut net = Net::new(&self.hubs, HubIx(0), &key_of, setup);
        for (s, content) in self.content.iter().enumerate() {
            net.set_content(StoreIx::from(s), *content);
        }
        let mut entries = self.entries.clone();
        if backwards {
            entries.reverse();
        }
        for (start, entry) in entries {
            match start {
                Start::At(time) => net.enter(Time(time), entry),
                Start::Dropped(by, what, not_before, not_after) => {
                    net.enter_when_dropped(by, what, Time(not_before), Time(not_after), entry);
                }
            }
        }
        for &(token, what, item) in &self.owed {
            net.owe(token, what, item);
        }
        let (mut told, mut until) = (Vec::new(), 0);
        while until < END.0 {
            until += window_ms;
            net.run(Time(until));
            for what in std::mem::take(&mut net.told) {
                if let Told::Done { time, token } = what
                    && self.entries[token as usize].1.holds
                {
                    net.left(time.plus(ROAD_MS), token);
                }
                told.push(what);
            }
        }
        (net, told)
    }
}

fn store(dice: &mut Dice) -> Store {
    let unit = [StoreUnit::Persons, StoreUnit::Vehicles, StoreUnit::Teu][dice.below(3)];
    Store { hub: HubIx(0), unit, capacity: 1.0 + dice.below(5) as f64, ..Store::default() }
}

fn process(dice: &mut Dice) -> Process {
    let shift = Time(dice.ms(60));
    Process {
        shifts: vec![(Time(0), shift, dice.below(3) as u32), (shift, END, 1 + dice.below(2) as u32)],
        one_turn: dice.one_in(2),
        reset_ms: if dice.one_in(3) { dice.ms(4) } else { 0 },
        places: dice.one_in(2).then(|| 1 + dice.below(3) as u32),
        priority: CLASSES[..dice.below(3)].to_vec(),
        batch: dice.one_in(3).then(|| Batch { size: 1 + dice.below(4) as u32, wait_ms: dice.ms(10) }),
        ..town::process(1, ServiceLaw::Deterministic, 0.5 + dice.ms(8) as f64 / 1000.0)
    }
}

fn step(dice: &mut Dice, processes: usize, stores: usize) -> Step {
    let any_store = |dice: &mut Dice| (stores > 0 && dice.one_in(3)).then(|| StoreIx::from(dice.below(stores.max(1))));
    Step {
        share: if dice.one_in(4) { 0.5 } else { 1.0 },
        only: if dice.one_in(8) { Classes::NONE.with(UserClass::Reefer) } else { Classes::NONE },
        except: if dice.one_in(8) { Classes::NONE.with(UserClass::Bags) } else { Classes::NONE },
        takes: any_store(dice),
        frees: any_store(dice),
        drops: dice.one_in(4).then_some(HandOver::Bags),
        waits_for: dice.one_in(4).then_some(HandOver::Freight),
        ..Step::at(ProcessIx::from(dice.below(processes)), dice.ms(4))
    }
}

fn someone(dice: &mut Dice, token: u32) -> Entry {
    Entry {
        key: dice.below(20) as u64,
        chain: dice.below(3) as u16,
        party: 1 + dice.below(3) as u16,
        classes: CLASSES.into_iter().filter(|_| dice.one_in(3)).collect(),
        brings: dice.below(3) as i64 * 1000,
        fetches: dice.below(3) as i64 * 1000,
        holds: dice.one_in(5),
        not_before: Time(if dice.one_in(5) { dice.ms(120) } else { 0 }),
        ..entry(token)
    }
}
