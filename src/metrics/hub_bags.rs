//! Checked bags: the table `hub_bags`. A party's bags are one item, from where they are dropped to their service, or from
//! their service to where the party waits for them.
//!
//! Bags are handled when the last process that they joined has served them. Departing bags are left behind when that is
//! after their service was off, or not on the same day; a party waits for arriving bags from joining the process of the step
//! that waits for them.

use crate::demand::items::ItemKind;
use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, HubIx, ProcessIx, ServiceIx};
use crate::metrics::queue::quantile_ms;
use crate::metrics::{Context, Indicator};
use crate::network::passages::LinkTraffic;
use crate::scenario::hubs::{Direction, HandOver};
use crate::table::Table;
use crate::units::{MINUTE_MS, Time};
use rustc_hash::FxHashMap;

/// The bags of a party.
#[derive(Clone, Copy, Debug)]
struct Bags {
    hub: HubIx,
    service: ServiceIx,
    outbound: bool,
    began: Option<Time>,
    /// Joined a process that has not served them.
    waits: bool,
    handled: Option<Time>,
    /// When their party came to where it waits for them.
    asked: Option<Time>,
}

/// Bags of a hub one way, in simulated parties.
#[derive(Clone, Debug, Default)]
struct Sums {
    bags: u64,
    handled: u64,
    left_behind: u64,
    asked: u64,
    waited: u64,
    wait_ms: i64,
    times: Vec<(i64, u64)>,
}

/// Bags of all hubs.
#[derive(Debug)]
pub struct HubBags {
    first_item: usize,
    /// By item; `None` for other items.
    bags: Vec<Option<Bags>>,
    /// The item of each party with arriving bags.
    of_party: FxHashMap<AgentIx, usize>,
    /// Processes at which parties wait for bags.
    reclaim: Vec<bool>,
    /// When each service was off, where its vehicle passes processes.
    off: FxHashMap<ServiceIx, Time>,
    /// By hub and way: inbound, outbound.
    sums: Vec<[Sums; 2]>,
}

impl HubBags {
    /// No bag has been checked in.
    pub fn new(context: &Context) -> HubBags {
        let (items, hubs) = (&context.demand.items, &context.network.hubs);
        let mut of_party = FxHashMap::default();
        let mut bags = Vec::with_capacity(items.list.len());
        for (i, item) in items.list.iter().enumerate() {
            let ItemKind::Bags(party) = item.kind else {
                bags.push(None);
                continue;
            };
            let (hub, service) = (item.hub, item.service);
            let outbound = hubs.services[service.i()].direction == Direction::Departure;
            if !outbound {
                of_party.insert(party, i);
            }
            bags.push(Some(Bags { hub, service, outbound, began: None, waits: false, handled: None, asked: None }));
        }
        let mut reclaim = vec![false; hubs.processes.len()];
        let steps = hubs.hubs.iter().flat_map(|h| &h.chains).flat_map(|c| &c.steps);
        for step in steps.filter(|s| s.waits_for == Some(HandOver::Bags)) {
            reclaim[step.process.i()] = true;
        }
        let sums = vec![<[Sums; 2]>::default(); hubs.hubs.len()];
        HubBags { first_item: items.first as usize, bags, of_party, reclaim, off: FxHashMap::default(), sums }
    }

    fn bags(&mut self, agent: AgentIx) -> Option<&mut Bags> {
        self.bags.get_mut(agent.i().checked_sub(self.first_item)?)?.as_mut()
    }

    fn queued(&mut self, agent: AgentIx, process: ProcessIx, time: Time) {
        if let Some(bags) = self.bags(agent) {
            bags.began.get_or_insert(time);
            bags.waits = true;
        } else if self.reclaim[process.i()]
            && let Some(&item) = self.of_party.get(&agent)
            && let Some(bags) = &mut self.bags[item]
        {
            bags.asked.get_or_insert(time);
        }
    }
}

impl EventSink for HubBags {
    fn event(&mut self, event: &Event) {
        match event.what {
            What::Queued { process } => self.queued(event.agent, process, event.time),
            What::Served { .. } => {
                if let Some(bags) = self.bags(event.agent) {
                    bags.handled = Some(event.time);
                    bags.waits = false;
                }
            }
            What::ServiceDone { service, .. } => drop(self.off.insert(service, event.time)),
            _ => {}
        }
    }
}

impl Indicator for HubBags {
    fn name(&self) -> &'static str {
        "hub_bags"
    }

    fn close(&mut self, context: &Context, _traffic: &LinkTraffic) {
        for bags in self.bags.iter().flatten() {
            let sums = &mut self.sums[bags.hub.i()][usize::from(bags.outbound)];
            let handled = bags.handled.filter(|_| !bags.waits);
            sums.bags += 1;
            if let (Some(handled), Some(began)) = (handled, bags.began) {
                sums.handled += 1;
                sums.times.push((handled.since(began), 1));
            }
            let off = context.network.hubs.services[bags.service.i()].time;
            let off = self.off.get(&bags.service).copied().unwrap_or(off);
            if bags.outbound && bags.began.is_some() && handled.is_none_or(|handled| handled > off) {
                sums.left_behind += 1;
            }
            if let Some(asked) = bags.asked {
                let wait_ms = handled.unwrap_or(context.end).since(asked).max(0);
                sums.asked += 1;
                sums.waited += u64::from(wait_ms > 0);
                sums.wait_ms += wait_ms;
            }
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let rows: Vec<(usize, usize)> = (0..self.sums.len())
            .flat_map(|hub| [(hub, 1), (hub, 0)])
            .filter(|&(hub, way)| self.sums[hub][way].bags > 0)
            .collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let column = |of: &dyn Fn(&Sums) -> f64| rows.iter().map(|&(h, w)| of(&self.sums[h][w])).collect::<Vec<f64>>();
        let count = |of: fn(&Sums) -> u64| column(&|s| context.expand(of(s)));
        let maybe = |of: &dyn Fn(&Sums) -> Option<f64>| {
            rows.iter().map(|&(h, w)| of(&self.sums[h][w])).collect::<Vec<Option<f64>>>()
        };
        let minutes = |ms: i64| ms as f64 / MINUTE_MS as f64;
        let mean = |sum_ms: i64, count: u64| (count > 0).then(|| minutes(sum_ms) / count as f64);
        let parties = "parties with bags";
        vec![
            Table::new("hub_bags")
                .key(
                    "hub",
                    "external id",
                    rows.iter().map(|r| context.network.names.hubs.name(r.0 as u32).to_owned()).collect(),
                )
                .key(
                    "way",
                    "out: from check-in to the service; in: from the service to reclaim",
                    rows.iter().map(|r| if r.1 == 1 { "out" } else { "in" }.to_owned()).collect(),
                )
                .real("bags", parties, "parties with checked bags, expanded by 1/sample", count(|s| s.bags))
                .real(
                    "handled",
                    parties,
                    "whose bags have passed all processes, expanded by 1/sample",
                    count(|s| s.handled),
                )
                .real_or_none(
                    "handling_mean_min",
                    "minutes",
                    "mean time from the first process to the end of the last",
                    maybe(&|s| mean(s.times.iter().map(|t| t.0).sum(), s.handled)),
                )
                .real_or_none(
                    "handling_p95_min",
                    "minutes",
                    "time that 95 % do not exceed",
                    maybe(&|s| quantile_ms(&mut s.times.clone(), 95).map(minutes)),
                )
                .real(
                    "left_behind",
                    parties,
                    "whose bags were not through when their service was off, expanded by 1/sample",
                    count(|s| s.left_behind),
                )
                .real(
                    "waited_for",
                    parties,
                    "who had to wait for their bags, expanded by 1/sample",
                    count(|s| s.waited),
                )
                .real_or_none(
                    "wait_mean_min",
                    "minutes",
                    "mean wait for bags of all who came to fetch them",
                    maybe(&|s| mean(s.wait_ms, s.asked)),
                ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::items::{Item, Items};
    use crate::metrics::town::{ARRIVING, DEPARTING, TRANSFER, Town, at};
    use crate::network::hubs::{Chain, Service, Step};
    use crate::scenario::hubs::{ChainScope, ChainUser};
    use crate::units::HOUR_MS;

    const MIN: i64 = 60_000;

    /// Bags of two departing parties (items 8 and 9, by F1 at 12:00) and of one arriving (item 10, by A1 at 09:00), who
    /// waits for them at the gate, process 1.
    fn town() -> Town {
        let mut town = Town::new();
        let f1 = town.network.hubs.services[0].clone();
        town.network.hubs.services.push(Service { direction: Direction::Arrival, time: Time(9 * HOUR_MS), ..f1 });
        let item = |party: u32, service| Item {
            key: 1,
            hub: HubIx(0),
            chain: 0,
            kind: ItemKind::Bags(AgentIx(party)),
            service: ServiceIx(service),
        };
        town.demand.items = Items { first: 8, list: vec![item(DEPARTING, 0), item(TRANSFER, 0), item(ARRIVING, 1)] };
        let step = Step { waits_for: Some(HandOver::Bags), ..Step::at(ProcessIx(1), 0) };
        town.network.hubs.hubs[0].chains =
            vec![Chain { user: ChainUser::Arriving, scope: ChainScope::Any, terminal: None, steps: vec![step] }];
        town
    }

    #[test]
    fn bags_are_left_behind_when_their_flight_is_off_before_them() {
        // The first bags take 30 + 20 min and are through at 11:50; the second ones at 12:10. The flight is off at 12:00;
        // when it is off at 12:15 nobody's are left.
        let town = town();
        let mut events = vec![
            at(11 * HOUR_MS).queued(8, 0),
            at(11 * HOUR_MS + 30 * MIN).served(8, 0, 11 * HOUR_MS, 11 * HOUR_MS),
            at(11 * HOUR_MS + 30 * MIN).queued(8, 1),
            at(11 * HOUR_MS + 50 * MIN).served(8, 1, 11 * HOUR_MS + 30 * MIN, 11 * HOUR_MS + 30 * MIN),
            at(12 * HOUR_MS).queued(9, 0),
            at(12 * HOUR_MS + 10 * MIN).served(9, 0, 12 * HOUR_MS, 12 * HOUR_MS),
        ];
        let figures = |events: &[Event]| {
            let (tables, _) = town.tell(HubBags::new(&town.context()), events);
            assert_eq!(tables[0].word("way", 0), Some("out"));
            ["bags", "handled", "left_behind", "handling_mean_min", "handling_p95_min"]
                .map(|c| tables[0].number(c, 0).unwrap())
        };
        assert_eq!(figures(&events), [2.0, 2.0, 1.0, 30.0, 50.0]);
        let off = What::ServiceDone { service: ServiceIx(0), late_ms: 15 * MIN };
        events.push(at(12 * HOUR_MS + 15 * MIN).event(11, off));
        assert_eq!(figures(&events)[2], 0.0);
        // Those that still wait when the day ends are left behind too.
        assert_eq!(figures(&events[..5])[1..3], [1.0, 1.0]);
    }

    #[test]
    fn a_party_waits_for_its_bags_from_the_moment_it_comes_to_fetch_them() {
        // The visitor comes at 09:20, the bags are there at 09:32.
        let town = town();
        let h9 = 9 * HOUR_MS;
        let events = [
            at(h9).queued(10, 0),
            at(h9 + 20 * MIN).queued(ARRIVING, 1),
            at(h9 + 32 * MIN).served(10, 0, h9, h9 + 31 * MIN),
            at(h9 + 33 * MIN).served(ARRIVING, 1, h9 + 20 * MIN, h9 + 32 * MIN),
        ];
        let (tables, _) = town.tell(HubBags::new(&town.context()), &events);
        assert_eq!(tables[0].word("way", 1), Some("in"));
        assert_eq!(["waited_for", "wait_mean_min"].map(|c| tables[0].number(c, 1)), [Some(1.0), Some(12.0)]);
    }
}
