//! Laying out the roads of a day: which block holds which node, and the arrays of every block.
//!
//! Nodes are put in the order of a space-filling curve and cut into blocks of a fixed number of nodes, so that a block is a
//! neighbourhood, its memory lies together, and few links cross its border.

use super::block::{Backside, Block};
use super::control::{Control, Greens, Period, Rule, half_headway};
use super::gate::Gates;
use super::link::{BAY, CLOSED_MS, CONTROLLED, FAR, FORKED, HUB, Link, NOBODY, OWED, PORTAL, SOURCE, Slot, VARYING};
use super::observed::{Kinds, Passages};
use super::wheel::Wheel;
use super::{LEAST_MS, Places, RoadCounts, RoadSetup};
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::network::roads::Roads;
use crate::scenario::tables::MOST_LEAVING;
use rustc_hash::FxHashMap;

/// A link as the kernel sees it: a link of the network, the part of it before its turn bays, or a turn bay.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Link of the network.
    of: LinkIx,
    from: u32,
    to: u32,
    free_ms: [f64; 4],
    capacity_pcu_h: f64,
    storage_pcu: f64,
    /// Length of all lanes together.
    lane_m: f64,
    flags: u8,
}

/// Roads cut into stretches, nodes in their order.
struct Plan<'a> {
    roads: &'a Roads,
    setup: &'a RoadSetup,
    kinds: Kinds,
    stretches: Vec<Stretch>,
    /// Stretches that leave and reach each node, turn bays' own nodes last.
    leaving: Vec<Vec<u32>>,
    reaching: Vec<Vec<u32>>,
    /// Nodes along the curve.
    order: Vec<u32>,
    control: Control,
}

/// Everything that a day of traffic begins with.
pub(super) struct Laid {
    pub blocks: Vec<Block>,
    pub control: Control,
    pub places: Places,
    pub gates: Gates,
    pub counts: RoadCounts,
}

/// Lays out empty roads.
pub(super) fn lay_out(roads: &Roads, setup: &RoadSetup) -> Laid {
    let plan = Plan::new(roads, setup);
    let mut counts = RoadCounts::default();
    let (blocks, places) = plan.blocks(&mut counts);
    let gates = setup.gates.len();
    let links = plan.stretches.len() - gates;
    let lane_m = if gates > 0 { plan.stretches[..links].iter().map(|s| s.lane_m).collect() } else { Vec::new() };
    Laid { blocks, control: plan.control, places, gates: Gates::new(roads, gates, links, lane_m), counts }
}

impl<'a> Plan<'a> {
    fn new(roads: &'a Roads, setup: &'a RoadSetup) -> Plan<'a> {
        let mut plan = Plan {
            roads,
            setup,
            kinds: Kinds::new(&setup.kinds),
            stretches: (0..roads.links()).map(|l| whole(roads, LinkIx::from(l))).collect(),
            leaving: Vec::new(),
            reaching: Vec::new(),
            order: Vec::new(),
            control: Control::default(),
        };
        let positions = plan.add_bays();
        plan.add_rules();
        plan.add_periods();
        plan.add_gates();
        plan.leaving = vec![Vec::new(); positions.len()];
        plan.reaching = vec![Vec::new(); positions.len()];
        for (s, stretch) in plan.stretches.iter().enumerate() {
            plan.leaving[stretch.from as usize].push(s as u32);
            if stretch.flags & HUB == 0 {
                plan.reaching[stretch.to as usize].push(s as u32);
            }
        }
        // Bays follow the links they belong to, so that the rank of an input is that of its link.
        for reaching in &mut plan.reaching {
            reaching.sort_by_key(|&s| (plan.stretches[s as usize].of, s));
        }
        plan.order = along_curve(&positions);
        plan
    }

    /// Cuts links with turn bays: the lanes before them end at a node of their own, from which the bays go on.
    fn add_bays(&mut self) -> Vec<[f64; 2]> {
        let (roads, movements) = (self.roads, &self.roads.movements);
        let mut positions = roads.node_position.clone();
        let mut of_link: FxHashMap<LinkIx, Vec<u32>> = FxHashMap::default();
        let mut order: Vec<LinkIx> = Vec::new();
        for (b, bay) in movements.bays.iter().enumerate() {
            let bays = of_link.entry(bay.link).or_default();
            if bays.is_empty() {
                order.push(bay.link);
            }
            bays.push(b as u32);
        }
        order.sort_unstable();
        for link in order {
            let bays = &of_link[&link];
            let inner = positions.len() as u32;
            let to = self.stretches[link.i()].to;
            positions.push(positions[to as usize]);
            let (length_m, lanes) = (roads.length_m[link.i()], roads.lanes[link.i()]);
            let longest_m = bays.iter().map(|&b| movements.bays[b as usize].length_m).fold(0.0, f64::max);
            let share = (longest_m / length_m).clamp(0.0, 1.0);
            let least = f64::from(LEAST_MS);
            let before = &mut self.stretches[link.i()];
            let whole_ms = before.free_ms;
            // What is raised on a short bay is taken from the lanes before it.
            let bay_ms = whole_ms.map(|ms| (ms * share).max(least));
            before.free_ms = std::array::from_fn(|c| (whole_ms[c] - bay_ms[c]).max(least));
            before.storage_pcu *= 1.0 - share;
            before.lane_m *= 1.0 - share;
            before.flags |= FORKED;
            before.to = inner;
            for &b in bays {
                let bay = &movements.bays[b as usize];
                self.stretches.push(Stretch {
                    of: link,
                    from: inner,
                    to,
                    free_ms: bay_ms,
                    capacity_pcu_h: bay.capacity_pcu_h,
                    storage_pcu: bay.storage_pcu * longest_m / bay.length_m.max(1e-9),
                    lane_m: longest_m * bay.lanes,
                    flags: BAY,
                });
            }
            let steps = roads.leaving.at(roads.to[link.i()]);
            let bay_of = |next: &LinkIx| movements.turn(link, *next).and_then(|turn| turn.bay);
            // Turns without a bay of their own share the lanes that the bays leave, one at least; there trips end, too, and
            // the way into a gate is such a turn.
            let gate = self.setup.gates.iter().any(|gate| gate.node == roads.to[link.i()]);
            let own: f64 = bays.iter().map(|&b| movements.bays[b as usize].lanes).sum();
            let rest = (gate || steps.iter().any(|next| bay_of(next).is_none())).then(|| (lanes - own).max(1.0));
            if let Some(left) = rest {
                self.stretches.push(Stretch {
                    of: link,
                    from: inner,
                    to,
                    free_ms: bay_ms,
                    capacity_pcu_h: roads.capacity_pcu_h[link.i()] * left / lanes.max(left),
                    storage_pcu: roads.storage_pcu[link.i()] * share * left / lanes.max(left),
                    lane_m: length_m * share * left,
                    flags: BAY,
                });
            }
            let last = bays.len() - usize::from(rest.is_none());
            let place =
                |next: &LinkIx| bay_of(next).and_then(|bay| bays.iter().position(|&b| b == bay)).unwrap_or(last) as u8;
            self.control.bays.insert(link.0, steps.iter().map(place).chain([last as u8]).collect());
        }
        positions
    }

    /// Signals and penalties of turns. They rule the stretch that reaches the node: a link or its turn bay.
    fn add_rules(&mut self) {
        let movements = &self.roads.movements;
        let signals = movements.signals.iter();
        self.control.signals = signals
            .map(|s| Greens { cycle_ms: s.cycle_ms, offset_ms: s.offset_ms, greens: s.greens.clone() })
            .collect();
        let mut bay_stretch = vec![0u32; movements.bays.len()];
        let mut next: FxHashMap<LinkIx, std::collections::VecDeque<u32>> = FxHashMap::default();
        for (s, stretch) in self.stretches.iter().enumerate().filter(|(_, s)| s.flags & BAY != 0) {
            next.entry(stretch.of).or_default().push_back(s as u32);
        }
        for (b, bay) in movements.bays.iter().enumerate() {
            let queue = next.get_mut(&bay.link).expect("every bay has its stretch");
            bay_stretch[b] = queue.pop_front().expect("every bay has its stretch");
        }
        for turn in &movements.turns {
            let penalty_ms = (turn.penalty_s.max(0.0) * 1_000.0).round() as u32;
            if turn.signal.is_none() && penalty_ms == 0 {
                continue;
            }
            let from = match turn.bay {
                Some(bay) => bay_stretch[bay as usize],
                None => turn.from.0,
            };
            self.stretches[from as usize].flags |= CONTROLLED;
            self.control.turns.insert((from, turn.to.0), Rule { signal: turn.signal, penalty_ms });
        }
    }

    /// Gates leave their node behind its links, and lead nowhere.
    fn add_gates(&mut self) {
        for gate in &self.setup.gates {
            let node = gate.node.0;
            self.stretches.push(Stretch {
                of: LinkIx(u32::MAX),
                from: node,
                to: node,
                free_ms: [0.0; 4],
                capacity_pcu_h: 0.0,
                storage_pcu: f64::from(gate.places),
                lane_m: 0.0,
                flags: HUB,
            });
        }
    }

    fn add_periods(&mut self) {
        let least = f64::from(LEAST_MS);
        for period in &self.roads.periods {
            let link = period.link;
            let l = link.i();
            let stretch = &mut self.stretches[l];
            stretch.flags |= VARYING;
            let free_ms = VehicleClass::ALL.map(|class| {
                let speed = period.free_speed_mps.min(class.max_speed_mps());
                // The share of the link that lies before its bays keeps its share of the time.
                let usual = self.roads.free_flow_ms(link, class) as f64;
                let share = stretch.free_ms[class as usize] / usual.max(1.0);
                (self.roads.length_m[l] / speed.max(1e-3) * 1_000.0 * share.min(1.0)).max(least).round() as u32
            });
            let at = self.control.periods.len() as u32;
            self.control.periods.push(Period {
                from_ms: period.from.0.clamp(0, i64::from(u32::MAX)) as u32,
                until_ms: period.until.0.clamp(0, i64::from(u32::MAX)) as u32,
                half_headway: half_headway(period.capacity_pcu_h, self.setup.sample),
                closed: period.capacity_pcu_h <= 0.0,
                free_ms,
            });
            self.control.varying.entry(link.0).or_insert((at, at)).1 = at + 1;
        }
    }

    fn blocks(&self, counts: &mut RoadCounts) -> (Vec<Block>, Places) {
        let size = self.setup.block_nodes.max(1);
        let mut block_of = vec![0u32; self.order.len()];
        for (place, &node) in self.order.iter().enumerate() {
            block_of[node as usize] = (place / size) as u32;
        }
        let links = self.stretches.len();
        let none = (u32::MAX, u32::MAX);
        let mut places = Places {
            exit: vec![none; links],
            entry: vec![none; links],
            source: vec![none; self.roads.links()],
            steps: self.steps(),
        };
        let mut blocks: Vec<Block> = self
            .order
            .chunks(size)
            .enumerate()
            .map(|(b, nodes)| self.block(b as u32, nodes, &block_of, &mut places, counts))
            .collect();
        for (b, nodes) in self.order.chunks(size).enumerate() {
            self.join(b, nodes, &mut blocks, &places);
        }
        write_to_each_other(&mut blocks, &places);
        (blocks, places)
    }

    /// Place of each link among those that leave its node.
    fn steps(&self) -> Vec<u8> {
        let mut steps = vec![0; self.roads.links()];
        for n in 0..self.roads.nodes() {
            let leaving = self.roads.leaving.at(NodeIx::from(n));
            let gates = self.setup.gates.iter().filter(|gate| gate.node.i() == n).count();
            assert!(leaving.len() + gates <= MOST_LEAVING, "at most {MOST_LEAVING} links and gates leave a node");
            for (place, link) in leaving.iter().enumerate() {
                steps[link.i()] = place as u8;
            }
        }
        steps
    }

    /// The inputs of the nodes of a block and its portals; what the block's nodes lead to is joined later.
    fn block(
        &self,
        number: u32,
        nodes: &[u32],
        block_of: &[u32],
        places: &mut Places,
        counts: &mut RoadCounts,
    ) -> Block {
        let mut block = Block::empty();
        let (mut outs, mut turns) = (0u32, 0u32);
        for &node in nodes {
            let (reaching, leaving) = (&self.reaching[node as usize], &self.leaving[node as usize]);
            let upstream = block.links.len() as u32;
            for &s in reaching {
                let far = block_of[self.stretches[s as usize].from as usize] != number;
                places.exit[s as usize] = (number, block.links.len() as u32);
                if !far {
                    places.entry[s as usize] = places.exit[s as usize];
                }
                self.add_link(&mut block, s, if far { FAR } else { 0 }, outs, counts);
            }
            for &s in leaving.iter().filter(|&&s| self.has_queue(s)) {
                places.source[s as usize] = (number, block.links.len() as u32);
                self.add_source(&mut block, s, outs);
            }
            for _ in upstream..block.links.len() as u32 {
                block.first_turn.push(turns);
                turns += leaving.len() as u32;
            }
            outs += leaving.len() as u32;
        }
        for &node in nodes {
            for &s in &self.leaving[node as usize] {
                if self.stretches[s as usize].flags & HUB != 0 {
                    let at = (number, block.links.len() as u32);
                    (places.entry[s as usize], places.exit[s as usize]) = (at, at);
                    self.add_gate(&mut block, s);
                } else if block_of[self.stretches[s as usize].to as usize] != number {
                    places.entry[s as usize] = (number, block.links.len() as u32);
                    // A portal is no input of any node.
                    self.add_link(&mut block, s, PORTAL, u32::MAX, &mut RoadCounts::default());
                }
            }
        }
        block.turns = vec![0; turns as usize];
        block.virtual_times = vec![0; outs as usize];
        block.passages = Passages::new(block.links.len(), &self.kinds, self.setup.bin_ms, self.setup.reroute.is_some());
        block.wheel = Wheel::new(block.links.len(), self.setup.start_ms, self.setup.window_ms);
        block
    }

    /// Tells the nodes of a block which links leave them, and those links which inputs reach them.
    fn join(&self, b: usize, nodes: &[u32], blocks: &mut [Block], places: &Places) {
        let block = &mut blocks[b];
        let mut first = 0u32;
        for &node in nodes {
            let (reaching, leaving) = (&self.reaching[node as usize], &self.leaving[node as usize]);
            for (place, &s) in leaving.iter().enumerate() {
                let entry = places.entry[s as usize].1;
                block.outs.push(entry);
                block.links[entry as usize].place = place as u8;
                block.back[entry as usize].upstream = first;
            }
            let sources = leaving.iter().filter(|&&s| self.has_queue(s));
            for &s in sources.clone() {
                let (_, input) = places.source[s as usize];
                block.links[input as usize].into = places.entry[s as usize].1;
            }
            first += (reaching.len() + sources.count()) as u32;
        }
    }

    fn add_link(&self, block: &mut Block, s: u32, flag: u8, outs: u32, counts: &mut RoadCounts) {
        let stretch = &self.stretches[s as usize];
        let sample = self.setup.sample;
        let storage = stretch.storage_pcu;
        let whole = storage.round().max(1.0);
        let mut raise = |time_ms: f64| {
            let raised = time_ms.max(f64::from(LEAST_MS));
            counts.clamped_ms += (raised - time_ms) as u64;
            raised.round() as u32
        };
        let capacity = stretch.capacity_pcu_h;
        let headway_ms = if capacity > 0.0 { 3_600_000.0 / capacity } else { 3_600_000.0 };
        let [free_ms, slow_ms @ ..] = stretch.free_ms;
        let exact_ms = free_ms;
        let free_ms = raise(exact_ms);
        // A wave that takes longer than any day is one that never comes.
        let backward_ms = raise(whole * headway_ms - exact_ms).min(CLOSED_MS);
        // A sampled link keeps its wave speed and at least two slots; slots are rounded up there, because rounding down
        // would cut its capacity. A link too short to pass its capacity with whole slots gets as many as that takes.
        let slots = if sample < 1.0 { (storage * sample).ceil().max(2.0) } else { whole };
        let least = (f64::from(free_ms) + f64::from(backward_ms)) / (headway_ms / sample);
        let slots = slots.max((least - 1e-6).ceil()) as u32;
        let (ring, size) = self.add_ring(block, slots);
        block.links.push(Link {
            ring,
            size,
            half_headway: half_headway(if capacity > 0.0 { capacity } else { 1.0 }, sample),
            backward_ms,
            free_ms,
            ..Link::empty(outs, stretch.flags | flag)
        });
        let slow_ms = slow_ms.map(|ms| free_ms.max(ms.round() as u32));
        block.back.push(Backside { number: s, link: stretch.of.0, slow_ms, ..Backside::default() });
    }

    fn add_source(&self, block: &mut Block, s: u32, outs: u32) {
        let stretch = &self.stretches[s as usize];
        let capacity = if stretch.capacity_pcu_h > 0.0 { stretch.capacity_pcu_h } else { 1.0 };
        let outlet = self.setup.outlets.contains(&NodeIx(stretch.from));
        let half_headway = half_headway(capacity, self.setup.sample);
        let queue = Link::empty(outs, SOURCE | if outlet { HUB } else { 0 });
        block.links.push(Link { next: NOBODY, half_headway, ..queue });
        block.back.push(Backside { number: s, link: stretch.of.0, ..Backside::default() });
    }

    /// A gate is no input of any node either.
    fn add_gate(&self, block: &mut Block, s: u32) {
        let stretch = &self.stretches[s as usize];
        let (ring, size) = self.add_ring(block, stretch.storage_pcu as u32);
        block.links.push(Link { ring, size, ..Link::empty(u32::MAX, HUB) });
        block.back.push(Backside { number: s, link: stretch.of.0, ..Backside::default() });
    }

    /// A ring of free slots: its first place and how many there are.
    fn add_ring(&self, block: &mut Block, slots: u32) -> (u32, u32) {
        let (ring, size) = (block.ring.len(), slots + OWED);
        block.ring.resize(ring + size as usize, Slot { tag: NOBODY, time_ms: self.setup.start_ms });
        (u32::try_from(ring).expect("a block has fewer than 2^32 slots"), size)
    }

    /// Whether vehicles can depart onto a stretch: a link of the network.
    fn has_queue(&self, s: u32) -> bool {
        self.stretches[s as usize].flags & (BAY | HUB) == 0
    }
}

fn whole(roads: &Roads, link: LinkIx) -> Stretch {
    let l = link.i();
    Stretch {
        of: link,
        from: roads.from[l].0,
        to: roads.to[l].0,
        free_ms: VehicleClass::ALL.map(|class| roads.free_flow_ms(link, class).min(i64::from(u32::MAX / 4)) as f64),
        capacity_pcu_h: roads.capacity_pcu_h[l],
        storage_pcu: roads.storage_pcu[l],
        lane_m: roads.length_m[l] * roads.lanes[l],
        flags: 0,
    }
}

/// Opens an outbox for every pair of blocks that a link joins, and tells both ends of such links which.
fn write_to_each_other(blocks: &mut [Block], places: &Places) {
    for s in 0..places.exit.len() {
        let ((there, exit), (here, entry)) = (places.exit[s], places.entry[s]);
        if there == here {
            continue;
        }
        let box_there = blocks[here as usize].outbox_to(there);
        blocks[here as usize].back[entry as usize].far = (box_there, exit);
        let box_here = blocks[there as usize].outbox_to(here);
        blocks[there as usize].back[exit as usize].far = (box_here, entry);
    }
    for b in 0..blocks.len() {
        for outbox in 0..blocks[b].neighbours.len() {
            let to = blocks[b].neighbours[outbox] as usize;
            blocks[to].senders.push((b as u32, outbox as u32));
        }
    }
}

/// Nodes in the order of a Hilbert curve over their positions; those at one place by index.
fn along_curve(positions: &[[f64; 2]]) -> Vec<u32> {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for position in positions {
        for d in 0..2 {
            low[d] = low[d].min(position[d]);
            high[d] = high[d].max(position[d]);
        }
    }
    let extent = (high[0] - low[0]).max(high[1] - low[1]).max(f64::MIN_POSITIVE);
    let cell = |x: f64, low: f64| ((x - low) / extent * f64::from(u16::MAX)) as u32;
    let key = |n: u32| {
        let [x, y] = positions[n as usize];
        hilbert(cell(x, low[0]), cell(y, low[1]))
    };
    let mut order: Vec<u32> = (0..positions.len() as u32).collect();
    order.sort_by_cached_key(|&n| (key(n), n));
    order
}

/// Distance along the Hilbert curve over a square of 2¹⁶ by 2¹⁶ cells.
fn hilbert(mut x: u32, mut y: u32) -> u64 {
    let mut distance = 0u64;
    let mut side = 1u32 << 15;
    while side > 0 {
        let (right, upper) = (u32::from(x & side > 0), u32::from(y & side > 0));
        distance += u64::from(side) * u64::from(side) * u64::from((3 * right) ^ upper);
        if upper == 0 {
            if right == 1 {
                (x, y) = ((1 << 16) - 1 - x, (1 << 16) - 1 - y);
            }
            (x, y) = (y, x);
        }
        side /= 2;
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_on_the_curve_are_neighbours_in_space() {
        let grid: Vec<[f64; 2]> = (0..64).map(|n| [f64::from(n % 8), f64::from(n / 8)]).collect();
        let order = along_curve(&grid);
        for pair in order.windows(2) {
            let [a, b] = [grid[pair[0] as usize], grid[pair[1] as usize]];
            assert_eq!((a[0] - b[0]).abs() + (a[1] - b[1]).abs(), 1.0, "{a:?} and {b:?}");
        }
    }
}
