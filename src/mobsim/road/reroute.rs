//! Rerouting within the day: who has lost more than a threshold asks for a better way on, every few minutes.
//!
//! At fixed moments of the day, which are window borders for every window, the road publishes what each link takes now:
//! the time of the last vehicle that left it since the last moment, or the age of a head that is held up, whichever is
//! more, and the time until a closed link opens. All vehicles on links that have lost enough since they set out or last
//! asked look for the fastest way on by this one snapshot, in parallel, and take it when it spares enough. What one does
//! changes nothing for the others before they move, so no order among them can matter. Who waits at the origin or in a
//! turn bay does not ask: the bay has decided the next turn.

use super::RoadTraffic;
use super::block::Block;
use super::link::{BAY, CLOSED_MS, HUB, NOBODY, PORTAL, SOURCE, Tag, UNKNOWN};
use super::vehicle::class_of;
use crate::ids::{AgentIx, LinkIx};
use crate::mode::VehicleClass;
use crate::network::passages::Diversion;
use crate::network::roads::Roads;
use crate::routing::reroute::{Ask, Goal, Reroute, Scratch};
use crate::units::Time;
use rayon::prelude::*;

/// Who asks, and what they do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RerouteRule {
    /// Time between two moments at which link times are published, milliseconds; a multiple of every window.
    pub every_ms: u32,
    /// What a vehicle must have lost against free flow before it asks, milliseconds.
    pub lost_ms: u32,
    /// Share of the time on the old way that the new one must spare.
    pub gain: f64,
}

/// Vehicles that one task works on.
const CHUNK: usize = 64;

/// A vehicle that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asking {
    agent: AgentIx,
    vehicle: u32,
    block: u32,
    input: u32,
}

impl RoadTraffic {
    /// Publishes link times when their moment has come, and sends on those who find a better way. Returns who they are, in
    /// the order of agents.
    pub fn reroute(&mut self, now_ms: u32, roads: &Roads, router: &dyn Reroute) -> Vec<Diversion> {
        let Some(rule) = self.rule.filter(|rule| now_ms.is_multiple_of(rule.every_ms)) else { return Vec::new() };
        self.settle(now_ms);
        let snapshot = self.snapshot(now_ms, rule);
        let mut asking = Vec::new();
        for (b, block) in self.blocks.iter().enumerate() {
            for (input, vehicle, lost_ms) in block.who_lost(now_ms, &self.vehicles) {
                let agent = self.vehicles.agent(vehicle);
                if lost_ms >= rule.lost_ms && agent.0 < self.kept_from {
                    asking.push(Asking { agent, vehicle, block: b as u32, input });
                }
            }
        }
        asking.sort_unstable();
        let found: Vec<Vec<Option<(Diversion, u8)>>> = asking
            .par_chunks(CHUNK)
            .map_init(Scratch::default, |scratch, chunk| {
                let mut better = Vec::new();
                let ask = |asking: &Asking| {
                    let (old, end) = self.way_on(asking, roads);
                    let to = roads.to[old.last().or(Some(&self.on(asking)))?.i()];
                    let class = class_of(self.vehicles.sizes[asking.vehicle as usize]);
                    let on = self.on(asking);
                    let new_ms =
                        router.reroute(Ask { on, to: Goal::Node(to), class }, &snapshot, scratch, &mut better)?;
                    let old_ms = time_ms(roads, on, &old, class, &snapshot);
                    let spares = (old_ms - new_ms) as f64 > rule.gain * old_ms as f64;
                    let at = Time(i64::from(now_ms));
                    let diversion = || Diversion { agent: asking.agent, at, on, route: better.clone() };
                    (spares && better != old).then(|| (diversion(), end))
                };
                chunk.iter().map(ask).collect()
            })
            .collect();
        let found: Vec<Option<(Diversion, u8)>> = found.into_iter().flatten().collect();
        for (asking, diversion) in asking.iter().zip(&found) {
            // Who has asked asks again only after it has lost as much once more.
            self.vehicles.forgive(asking.vehicle);
            if let Some((diversion, end)) = diversion {
                self.divert(asking, &diversion.route, *end, now_ms);
            }
        }
        let diverted: Vec<Diversion> = found.into_iter().flatten().map(|(diversion, _)| diversion).collect();
        self.counts.asked += asking.len() as u64;
        self.counts.diverted += diverted.len() as u64;
        diverted
    }

    fn on(&self, asking: &Asking) -> LinkIx {
        LinkIx(self.blocks[asking.block as usize].back[asking.input as usize].link)
    }

    /// The links after the one that a vehicle is on, and the step that ends the route: at its node or into a gate there.
    fn way_on(&self, asking: &Asking, roads: &Roads) -> (Vec<LinkIx>, u8) {
        let (mut links, mut at) = (Vec::new(), self.on(asking));
        let steps = &self.routes[self.vehicles.position(asking.vehicle) as usize..];
        for &step in steps {
            match roads.leaving.at(roads.to[at.i()]).get(usize::from(step)) {
                Some(&link) => at = link,
                None => return (links, step),
            }
            links.push(at);
        }
        unreachable!("a route has an end")
    }

    fn divert(&mut self, asking: &Asking, route: &[LinkIx], end: u8, now_ms: u32) {
        let at = u32::try_from(self.routes.len()).expect("fewer than 2^32 steps");
        self.routes.extend(route.iter().map(|link| self.places.steps[link.i()]));
        self.routes.push(end);
        self.vehicles.divert(asking.vehicle, at);
        let block = &mut self.blocks[asking.block as usize];
        let link = &mut block.links[asking.input as usize];
        if Tag(link.head).vehicle() == asking.vehicle {
            link.into = UNKNOWN;
            // It was held up until now; it does not go back in time to when it came.
            link.ready_ms = link.ready_ms.max(now_ms);
            block.wheel.turn_to(now_ms);
            block.wheel.wake(asking.input, now_ms);
        }
    }

    /// What each link takes now, milliseconds; 0 where nothing is known but free flow.
    fn snapshot(&self, now_ms: u32, rule: RerouteRule) -> Vec<u32> {
        let mut last: Vec<(u32, u32)> = vec![(0, 0); self.places.source.len()];
        for block in &self.blocks {
            for input in 0..block.links.len() {
                let link = &block.links[input];
                if link.has(SOURCE | PORTAL | HUB) {
                    continue;
                }
                let last = &mut last[block.back[input].link as usize];
                let recent = block.passages.last(input);
                if recent.0 + rule.every_ms > now_ms {
                    *last = (*last).max(recent);
                }
                let held = link.head != NOBODY && link.ready_ms < now_ms;
                if held {
                    let age_ms = now_ms - self.vehicles.since_ms(Tag(link.head).vehicle());
                    *last = (last.0, last.1.max(age_ms));
                }
            }
        }
        let mut times: Vec<u32> = last.into_iter().map(|(_, took_ms)| took_ms).collect();
        for &link in self.control.varying.keys() {
            let opens_ms = self.control.next_open(link, now_ms);
            times[link as usize] = times[link as usize].saturating_add(opens_ms - now_ms).min(CLOSED_MS);
        }
        times
    }
}

impl Block {
    /// Vehicles on the links of the block that may ask, with the input and what they have lost.
    fn who_lost<'a>(
        &'a self,
        now_ms: u32,
        vehicles: &'a super::vehicle::Vehicles,
    ) -> impl Iterator<Item = (u32, u32, u32)> + 'a {
        let inputs = (0..self.links.len()).filter(|&input| !self.links[input].has(SOURCE | PORTAL | BAY | HUB));
        inputs.flat_map(move |input| {
            self.vehicles_on(input).map(move |slot| {
                let vehicle = Tag(slot.tag).vehicle();
                (input as u32, vehicle, vehicles.lost_ms(vehicle) + now_ms.saturating_sub(slot.time_ms))
            })
        })
    }
}

/// Time of links one after the other, as the search counts it.
fn time_ms(roads: &Roads, on: LinkIx, links: &[LinkIx], class: VehicleClass, snapshot_ms: &[u32]) -> i64 {
    let mut before = on;
    let mut sum = 0;
    for &link in links {
        let penalty_s = roads.movements.turn(before, link).map_or(0.0, |turn| turn.penalty_s.max(0.0));
        let link_ms = roads.free_flow_ms(link, class).max(i64::from(snapshot_ms[link.i()]));
        sum += link_ms + (penalty_s * 1_000.0).round() as i64;
        before = link;
    }
    sum
}
