//! The net of a hub against a slow truth: a simulator that keeps no queue and no count, but looks at everybody before every
//! moment; and the identities that hold in any net.

use crate::hub_cases::{Case, END, ROAD_MS, SEED, Start, key_of};
use hubflow::ids::{ProcessIx, StoreIx};
use hubflow::mobsim::hub::{Entry, Told};
use hubflow::network::hubs::{Batch, Hubs, Process, Step};
use hubflow::random::{Draws, Purpose, mix};
use hubflow::scenario::hubs::{HandOver, StoreUnit};
use hubflow::units::Time;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What somebody does, and until when.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// Has not entered; nothing is known yet of when.
    Ahead(Option<i64>),
    /// Waits before the door of its first process for a place, since the order given.
    Outside(u32),
    Walks(i64),
    /// At its process, but not yet to be served.
    Held,
    Queues,
    Served(i64),
    /// Through, but without a place to go to, since the order given.
    Blocked(u32),
    /// Through; the road takes it at a moment.
    Holds(Option<i64>),
    Out(i64),
    Gone,
}

#[derive(Clone, Debug)]
struct Who {
    entry: Entry,
    does: Does,
    /// Steps taken with the walks to them, and the walk out.
    path: Vec<(usize, i64)>,
    out_ms: i64,
    at: usize,
    place: Option<usize>,
    arrived: i64,
    began: i64,
    since: i64,
    turn: u32,
    /// Whom it shares its server with.
    batch: u32,
    follows: Option<(u32, HandOver, i64, i64)>,
    /// Whether its appointment has not come.
    is_early: bool,
    is_done: bool,
}

struct Truth<'a> {
    case: &'a Case,
    who: Vec<Who>,
    content: Vec<i64>,
    /// Servers that are being reset: until when, of which process.
    resets: Vec<(i64, usize)>,
    on_duty: Vec<u32>,
    /// Changes of shifts to come.
    shifts: Vec<(i64, usize)>,
    now: i64,
    count: u32,
    told: Vec<Told>,
}

impl<'a> Truth<'a> {
    fn new(case: &'a Case) -> Truth<'a> {
        let who = |&(start, entry): &(Start, Entry)| {
            let (path, out_ms) = path(&case.hubs, &entry);
            let (does, follows) = match start {
                Start::At(time) => (Does::Ahead(Some(time)), None),
                Start::Dropped(by, what, from, to) => (Does::Ahead(None), Some((by, what, from, to))),
            };
            let (at, place, arrived, began, since, turn, batch) = (0, None, 0, 0, 0, 0, 0);
            let (is_early, is_done) = (false, false);
            Who { entry, does, path, out_ms, at, place, arrived, began, since, turn, batch, follows, is_early, is_done }
        };
        let shifts = case.hubs.processes.iter().enumerate();
        let shifts = shifts.flat_map(|(p, of)| of.shifts.iter().flat_map(move |s| [(s.0.0, p), (s.1.0, p)]));
        let mut truth = Truth {
            case,
            who: case.entries.iter().map(who).collect(),
            content: case.content.clone(),
            resets: Vec::new(),
            on_duty: vec![0; case.hubs.processes.len()],
            shifts: shifts.filter(|s| s.0 < END.0).collect(),
            now: 0,
            count: 0,
            told: Vec::new(),
        };
        (0..truth.on_duty.len()).for_each(|p| truth.roll_call(p));
        truth
    }

    fn roll_call(&mut self, p: usize) {
        let shift = self.process(p).shifts.iter().find(|s| s.0.0 <= self.now && self.now < s.1.0);
        self.on_duty[p] = shift.map_or(0, |s| s.2);
    }

    fn step(&self, w: usize) -> &'a Step {
        let who = &self.who[w];
        &self.case.hubs.hubs[0].chains[usize::from(who.entry.chain)].steps[who.path[who.at].0]
    }

    fn process(&self, p: usize) -> &'a Process {
        &self.case.hubs.processes[p]
    }

    fn free_servers(&self, p: usize) -> i64 {
        let mut serving: Vec<u32> = (0..self.who.len())
            .filter(|&w| matches!(self.who[w].does, Does::Served(_) | Does::Blocked(_) | Does::Holds(_)))
            .filter(|&w| self.who[w].at < self.who[w].path.len() && self.step(w).process.i() == p)
            .map(|w| self.who[w].batch)
            .collect();
        serving.sort_unstable();
        serving.dedup();
        i64::from(self.on_duty[p]) - serving.len() as i64 - self.resets.iter().filter(|r| r.1 == p).count() as i64
    }

    fn has_place(&self, p: usize) -> bool {
        let taken = self.who.iter().filter(|who| who.place == Some(p)).count();
        self.process(p).places.is_none_or(|places| taken < places as usize)
    }

    /// What of a store somebody takes or frees at its step.
    fn amount(&self, w: usize, store: StoreIx, frees: bool) -> i64 {
        let entry = &self.who[w].entry;
        match self.case.hubs.stores[store.i()].unit {
            StoreUnit::Persons => i64::from(entry.party) * 1000,
            StoreUnit::Vehicles => 1000,
            _ if frees => entry.fetches,
            _ => entry.brings,
        }
    }

    fn fits(&self, w: usize) -> bool {
        let Some(store) = self.step(w).takes else { return true };
        let (amount, capacity) = (self.amount(w, store, false), self.case.hubs.stores[store.i()].capacity * 1000.0);
        amount == 0 || self.content[store.i()] + amount <= (capacity as i64).max(amount)
    }

    fn may_be_served(&self, w: usize) -> bool {
        let entry = &self.who[w].entry;
        let owed = |what| {
            let mut items = self.case.owed.iter().filter(|o| o.0 == entry.token && o.1 == what);
            items.any(|o| !self.who[o.2 as usize].is_done)
        };
        !self.who[w].is_early && !self.step(w).waits_for.is_some_and(owed)
    }

    /// Those who wait at a process in the order in which they would be served.
    fn queue(&self, p: usize) -> Vec<usize> {
        let waits = |&w: &usize| self.who[w].does == Does::Queues && self.step(w).process.i() == p;
        let mut queue: Vec<usize> = (0..self.who.len()).filter(waits).collect();
        let priority = &self.process(p).priority;
        queue.sort_by_key(|&w| {
            let rank = priority.iter().position(|c| self.who[w].entry.classes.has(*c));
            (rank.unwrap_or(priority.len()), self.who[w].turn)
        });
        queue
    }

    /// The next batch of a process, and when it leaves: now when it need not wait for more.
    fn batch(&self, p: usize, batch: Batch) -> (Vec<usize>, i64) {
        let (mut members, mut persons) = (Vec::new(), 0);
        let mut full = false;
        for w in self.queue(p) {
            let party = if self.process(p).one_turn { 1 } else { u32::from(self.who[w].entry.party) };
            if persons > 0 && persons + party > batch.size {
                full = true;
                break;
            }
            members.push(w);
            persons += party;
            full = persons >= batch.size || self.process(p).places == Some(members.len() as u32);
            if full {
                break;
            }
        }
        let came = members.iter().map(|&w| self.who[w].arrived).min().unwrap_or(0);
        (members, if full { i64::MIN } else { (came + batch.wait_ms).max(self.now) })
    }

    /// All moments that are in sight: (time, rank, key, token, whom or which process it concerns).
    fn moments(&self) -> Vec<(i64, u8, u64, u32, usize)> {
        let mut moments = Vec::new();
        for (w, who) in self.who.iter().enumerate() {
            let mut add = |time, rank| moments.push((time, rank, who.entry.key, who.entry.token, w));
            match who.does {
                Does::Served(time) => add(time, 1),
                Does::Holds(Some(time)) => add(time, 2),
                Does::Held if who.is_early => add(who.entry.not_before.0, 3),
                Does::Ahead(Some(time)) => add(time, 4),
                Does::Walks(time) => add(time, 5),
                Does::Out(time) => add(time, 6),
                _ => {}
            }
        }
        let key = |p: usize| key_of(ProcessIx::from(p));
        moments.extend(self.shifts.iter().map(|&(time, p)| (time, 0, key(p), u32::MAX - 1, p)));
        moments.extend(self.resets.iter().map(|&(time, p)| (time, 0, key(p), u32::MAX, p)));
        for (p, process) in self.case.hubs.processes.iter().enumerate() {
            if let Some(batch) = process.batch.filter(|_| self.free_servers(p) > 0) {
                let (members, leaves) = self.batch(p, batch);
                if !members.is_empty() {
                    moments.push((leaves, 7, key(p), 0, p));
                }
            }
        }
        moments
    }

    fn run(mut self) -> Truth<'a> {
        while let Some((time, rank, _, token, x)) = self.moments().into_iter().min().filter(|m| m.0 < END.0) {
            self.now = time;
            match (rank, token) {
                (0, u32::MAX) => {
                    let at = self.resets.iter().position(|&r| r == (time, x)).unwrap();
                    self.resets.remove(at);
                }
                (0, _) => {
                    let at = self.shifts.iter().position(|&s| s == (time, x)).unwrap();
                    self.shifts.remove(at);
                    self.roll_call(x);
                }
                (1, _) => self.end(x),
                (2, _) => self.road_takes(x),
                (3, _) => self.who[x].is_early = false,
                (4, _) => self.enter(x),
                (5, _) => self.join(x),
                (6, _) => self.out(x),
                (7, _) => {
                    let batch = self.process(x).batch.unwrap();
                    let members = self.batch(x, batch).0;
                    self.begin(x, &members);
                }
                _ => unreachable!("there are eight ranks"),
            }
            self.settle();
        }
        self
    }

    fn settle(&mut self) {
        while self.one_moves_up() {}
        // Whose appointment has come, or to whom all has been handed over, takes its turn.
        for w in 0..self.who.len() {
            if self.who[w].does == Does::Held && self.may_be_served(w) {
                self.who[w].does = Does::Queues;
            }
        }
        while self.one_begins() {}
    }

    /// Where somebody who waits for a place wants to go.
    fn wants(&self, w: usize) -> Option<(u32, usize)> {
        let step = |at: usize| {
            let who = &self.who[w];
            self.case.hubs.hubs[0].chains[usize::from(who.entry.chain)].steps[who.path[at].0].process.i()
        };
        match self.who[w].does {
            Does::Outside(order) => Some((order, step(0))),
            Does::Blocked(order) => Some((order, step(self.who[w].at + 1))),
            _ => None,
        }
    }

    fn one_moves_up(&mut self) -> bool {
        let waits = (0..self.who.len()).filter_map(|w| self.wants(w).map(|(order, to)| (order, w, to)));
        let Some((_, w, to)) = waits.filter(|&(_, _, to)| self.has_place(to)).min() else { return false };
        if let Does::Outside(_) = self.who[w].does {
            self.take_turn(w);
        } else {
            self.clear(w);
            self.leave(w);
            self.who[w].at += 1;
            self.walk(w, to);
        }
        true
    }

    fn walk(&mut self, w: usize, to: usize) {
        self.who[w].place = Some(to);
        self.who[w].does = Does::Walks(self.now + self.who[w].path[self.who[w].at].1);
    }

    fn one_begins(&mut self) -> bool {
        let mut best = None;
        for p in 0..self.case.hubs.processes.len() {
            if self.free_servers(p) <= 0 {
                continue;
            }
            let members = match self.process(p).batch {
                Some(batch) => {
                    let (members, leaves) = self.batch(p, batch);
                    if leaves > i64::MIN {
                        continue;
                    }
                    members
                }
                None => self.queue(p).into_iter().filter(|&w| self.fits(w)).take(1).collect(),
            };
            if let Some(&first) = members.first() {
                let turn = self.who[first].turn;
                if best.as_ref().is_none_or(|b: &(u32, usize, Vec<usize>)| turn < b.0) {
                    best = Some((turn, p, members));
                }
            }
        }
        let Some((_, p, members)) = best else { return false };
        self.begin(p, &members);
        true
    }

    fn begin(&mut self, p: usize, members: &[usize]) {
        let process = self.process(p);
        let alone = process.batch.is_none() && !process.one_turn;
        let turns = if alone { f64::from(self.who[members[0]].entry.party) } else { 1.0 };
        let end = self.now + ((process.mean_ms * turns).round() as i64).max(1);
        self.count += 1;
        for &w in members {
            if let Some(store) = self.step(w).takes {
                let change = self.amount(w, store, false);
                self.store(w, store, change);
            }
            let who = &mut self.who[w];
            (who.does, who.began, who.batch) = (Does::Served(end), self.now, self.count);
        }
    }

    fn store(&mut self, w: usize, store: StoreIx, change: i64) {
        if change != 0 {
            self.content[store.i()] += change;
            self.told.push(Told::Stored { time: Time(self.now), token: self.who[w].entry.token, store, change });
        }
    }

    fn enter(&mut self, w: usize) {
        if self.who[w].path.is_empty() {
            return self.go_out(w);
        }
        self.who[w].does = Does::Walks(self.now + self.who[w].path[0].1);
    }

    fn join(&mut self, w: usize) {
        let process = self.step(w).process;
        self.told.push(Told::Queued { time: Time(self.now), token: self.who[w].entry.token, process });
        self.count += 1;
        (self.who[w].arrived, self.who[w].does) = (self.now, Does::Outside(self.count));
        // Who has no place yet takes it when all those who move up have done so.
        if self.who[w].place.is_some() {
            self.take_turn(w);
        }
    }

    fn take_turn(&mut self, w: usize) {
        self.count += 1;
        let place = Some(self.step(w).process.i());
        let is_early = self.who[w].at == 0 && self.who[w].entry.not_before.0 > self.now;
        let who = &mut self.who[w];
        (who.place, who.is_early, who.turn, who.does) = (place, is_early, self.count, Does::Held);
    }

    fn end(&mut self, w: usize) {
        let step = self.step(w);
        let who = &mut self.who[w];
        who.since = self.now;
        let (time, token) = (Time(self.now), who.entry.token);
        let (arrived, began) = (Time(who.arrived), Time(who.began));
        self.told.push(Told::Served { time, token, process: step.process, arrived, began });
        if let Some(store) = step.frees {
            let gone = self.amount(w, store, true).min(self.content[store.i()]);
            self.store(w, store, -gone);
        }
        if step.drops.is_some() {
            self.drops(token, step.drops);
        }
        let at = self.who[w].at + 1;
        if at == self.who[w].path.len() {
            if self.who[w].entry.holds {
                self.who[w].does = Does::Holds(None);
            } else {
                self.leave(w);
            }
            return self.go_out(w);
        }
        let steps = &self.case.hubs.hubs[0].chains[usize::from(self.who[w].entry.chain)].steps;
        let to = steps[self.who[w].path[at].0].process.i();
        let stays = to == step.process.i();
        let is_first = !(0..self.who.len()).any(|o| self.wants(o).is_some_and(|(_, p)| p == to));
        if stays || self.has_place(to) && (is_first || self.process(to).places.is_none()) {
            self.leave(w);
            self.who[w].at = at;
            return self.walk(w, to);
        }
        self.count += 1;
        self.who[w].does = Does::Blocked(self.count);
    }

    fn drops(&mut self, by: u32, what: Option<HandOver>) {
        for who in &mut self.who {
            if let (Does::Ahead(None), Some((whom, of, not_before, not_after))) = (who.does, who.follows)
                && whom == by
                && what.is_none_or(|what| what == of)
                && self.now <= not_after
            {
                who.does = Does::Ahead(Some(not_before.max(self.now)));
            }
        }
    }

    fn clear(&mut self, w: usize) {
        let (process, who) = (self.step(w).process, &self.who[w]);
        if self.now > who.since {
            let (time, since) = (Time(self.now), Time(who.since));
            self.told.push(Told::Cleared { time, token: who.entry.token, process, since });
        }
    }

    fn leave(&mut self, w: usize) {
        let p = self.step(w).process.i();
        let batch = self.who[w].batch;
        self.who[w].does = Does::Gone;
        self.who[w].place = None;
        let serves = |who: &Who| matches!(who.does, Does::Served(_) | Does::Blocked(_) | Does::Holds(_));
        let is_last = !self.who.iter().any(|who| serves(who) && who.batch == batch);
        if is_last && self.process(p).reset_ms > 0 {
            self.resets.push((self.now + self.process(p).reset_ms, p));
        }
    }

    fn go_out(&mut self, w: usize) {
        match (self.who[w].does, self.who[w].out_ms) {
            (_, 0) => self.out(w),
            // The road is asked for it when it is out.
            (Does::Holds(_), walk) => self.who[w].does = Does::Holds(Some(self.now + walk + ROAD_MS)),
            (_, walk) => self.who[w].does = Does::Out(self.now + walk),
        }
        if let (Does::Holds(Some(_)), walk @ 1..) = (self.who[w].does, self.who[w].out_ms) {
            // Its being out is a moment of its own, of one that does nothing else.
            let mut shadow = self.who[w].clone();
            (shadow.does, shadow.place, shadow.path) = (Does::Out(self.now + walk), None, Vec::new());
            self.who.push(shadow);
        }
    }

    fn out(&mut self, w: usize) {
        let token = self.who[w].entry.token;
        self.told.push(Told::Done { time: Time(self.now), token });
        self.who[token as usize].is_done = true;
        match self.who[w].does {
            Does::Holds(_) => self.who[w].does = Does::Holds(Some(self.now + ROAD_MS)),
            _ => self.who[w].does = Does::Gone,
        }
        self.drops(token, None);
    }

    fn road_takes(&mut self, w: usize) {
        self.clear(w);
        self.leave(w);
    }
}

/// The steps that a user takes with the walks to them, and the walk out.
fn path(hubs: &Hubs, entry: &Entry) -> (Vec<(usize, i64)>, i64) {
    let (mut path, mut walk_ms) = (Vec::new(), 0);
    for (s, step) in hubs.hubs[0].chains[usize::from(entry.chain)].steps.iter().enumerate() {
        walk_ms += step.walk_ms;
        let drawn = Draws::new(SEED, Purpose::Step, mix(entry.key, s as u64), 0).uniform() < step.share;
        if step.is_for(entry.classes) && drawn {
            path.push((s, std::mem::take(&mut walk_ms)));
        }
    }
    (path, walk_ms)
}

/// What was told, in an order that does not ask who was told of first within a millisecond.
fn sorted(told: &[Told]) -> Vec<(i64, String)> {
    let time = |what: &Told| match *what {
        Told::Queued { time, .. }
        | Told::Served { time, .. }
        | Told::Cleared { time, .. }
        | Told::Stored { time, .. }
        | Told::Done { time, .. }
        | Told::Placed { time, .. } => time.0,
    };
    let mut told: Vec<_> = told.iter().map(|what| (time(what), format!("{what:?}"))).collect();
    told.sort();
    told
}

/// Per process: waits summed of those who were served or are still queueing, and the queue summed over milliseconds.
fn waits_and_queue(told: &[Told], processes: usize) -> (Vec<i64>, Vec<i64>) {
    let (mut waits, mut area, mut queue, mut last) =
        (vec![0; processes], vec![0; processes], vec![0i64; processes], vec![0; processes]);
    let mut changes: Vec<(i64, usize, i64)> = Vec::new();
    for what in told {
        match *what {
            Told::Queued { time, process, .. } => changes.push((time.0, process.i(), 1)),
            Told::Served { process, arrived, began, .. } => {
                changes.push((began.0, process.i(), -1));
                waits[process.i()] += began.since(arrived);
            }
            _ => {}
        }
    }
    changes.sort_by_key(|c| c.0);
    for (time, p, change) in changes {
        area[p] += queue[p] * (time - last[p]);
        queue[p] += change;
        last[p] = time;
    }
    // Those who were never served stand in the queue to the end of what was told of it.
    let served: BTreeMap<(u32, usize, i64), ()> = (told.iter())
        .filter_map(|what| match *what {
            Told::Served { token, process, arrived, .. } => Some(((token, process.i(), arrived.0), ())),
            _ => None,
        })
        .collect();
    for what in told {
        if let Told::Queued { time, token, process } = *what
            && !served.contains_key(&(token, process.i(), time.0))
        {
            waits[process.i()] += last[process.i()] - time.0;
        }
    }
    (waits, area)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The net does what the slow truth does.
    #[test]
    fn the_net_is_as_the_slow_truth(seed in any::<u64>(), processes in 1usize..5, tokens in 1u32..40) {
        let case = Case::made_up(seed, processes, tokens);
        let (net, told) = case.net(1_000, false);
        let truth = Truth::new(&case).run();
        let (ours, theirs) = (sorted(&told), sorted(&truth.told));
        for (a, b) in ours.iter().zip(&theirs) {
            prop_assert_eq!(a, b);
        }
        prop_assert_eq!(ours.len(), theirs.len());
        for (s, content) in truth.content.iter().enumerate() {
            prop_assert_eq!(net.content(StoreIx::from(s)), *content);
        }
        let waits_for_place = (0..truth.who.len()).filter(|&w| truth.wants(w).is_some()).count();
        prop_assert_eq!(net.locked(), waits_for_place);
    }

    /// Neither how the day is cut into windows nor who is called in first matters, to the last word of what is told.
    #[test]
    fn windows_and_the_order_of_calls_do_not_matter(seed in any::<u64>(), processes in 1usize..5, tokens in 1u32..60) {
        let case = Case::made_up(seed, processes, tokens);
        let one = case.net(1_000, false).1;
        prop_assert_eq!(&one, &case.net(500, true).1);
        prop_assert_eq!(&one, &case.net(2_000, false).1);
        let mut without = case.clone();
        without.entries.iter_mut().for_each(|e| e.1.holds = false);
        prop_assert_eq!(without.net(END.0, true).1, without.net(500, false).1);
    }

    /// Little's law, exactly; a store holds what came less what went, never below nothing nor above its capacity; everybody
    /// is served once where it queues, and who is done is not inside.
    #[test]
    fn what_comes_stays_or_goes(seed in any::<u64>(), processes in 1usize..5, tokens in 1u32..60) {
        let case = Case::made_up(seed, processes, tokens);
        let (net, told) = case.net(1_000, false);
        let (waits, area) = waits_and_queue(&told, processes);
        prop_assert_eq!(waits, area);
        let mut content = case.content.clone();
        for what in &told {
            if let Told::Stored { store, change, token, .. } = *what {
                content[store.i()] += change;
                let largest = case.entries[token as usize].1.brings.max(3_000);
                let capacity = (case.hubs.stores[store.i()].capacity * 1000.0) as i64;
                prop_assert!((0..=capacity.max(largest)).contains(&content[store.i()]));
            }
        }
        for (s, content) in content.iter().enumerate() {
            prop_assert_eq!(net.content(StoreIx::from(s)), *content);
        }
        let done = told.iter().filter(|what| matches!(what, Told::Done { .. })).count();
        let holding = told.iter().filter(|what| match what {
            Told::Done { token, time } => case.entries[*token as usize].1.holds && time.0 + ROAD_MS >= END.0,
            _ => false,
        });
        let ahead = case.entries.iter().filter(|(start, _)| matches!(start, Start::Dropped(..))).count();
        let inside = net.inside() - holding.count();
        prop_assert!(done + inside <= tokens as usize && done + inside + ahead >= tokens as usize);
    }
}
