//! Trips and consignments one by one: the tables `trips` and `consignments`, and key figures of modes.
//!
//! Rows are simulated agents and are not expanded; each stands for 1/sample of its kind. The key figures are expanded.

use crate::demand::{Class, Place, Purpose};
use crate::events::{Event, EventSink};
use crate::ids::{AgentIx, Names};
use crate::metrics::journeys::{CLASSES, Journeys, Status};
use crate::metrics::summary::{kpi, ratio};
use crate::metrics::{Context, Indicator};
use crate::mode::Mode;
use crate::scenario::hubs::Scope;
use crate::table::{Kpi, Table};
use crate::units::Time;

/// Trips and consignments.
#[derive(Debug)]
pub struct Trips {
    journeys: Journeys,
}

impl Trips {
    /// Nobody has set out.
    pub fn new(context: &Context) -> Trips {
        Trips { journeys: Journeys::new(context) }
    }
}

impl EventSink for Trips {
    fn event(&mut self, event: &Event) {
        self.journeys.event(event);
    }
}

/// A column of few words: codes by row.
fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<String> {
    all.iter().map(|&x| word(x).to_owned()).collect()
}

/// The names of a kind and a last, empty word for none.
fn names_or_none(names: &Names) -> (Vec<String>, u32) {
    let mut all = names.all().to_vec();
    all.push(String::new());
    (all, names.len() as u32)
}

const PURPOSES: [Purpose; 4] = [Purpose::Business, Purpose::Commute, Purpose::Other, Purpose::Freight];

fn purpose_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Business => "business",
        Purpose::Commute => "commute",
        Purpose::Other => "other",
        Purpose::Freight => "freight",
    }
}

/// Words of modes in the order of [`mode_code`], and a last one for what has none.
pub(super) fn mode_words(none: &str) -> Vec<String> {
    let mut all = words(&Mode::ALL, Mode::word);
    all.push(none.to_owned());
    all
}

/// The code of a mode's word; the last one for none.
pub(super) fn mode_code(mode: Option<Mode>) -> u32 {
    mode.map_or(Mode::ALL.len() as u32, |m| m as u32)
}

fn seconds(time: Option<Time>) -> Option<f64> {
    time.map(Time::seconds)
}

impl Trips {
    fn trips_table(&self, context: &Context) -> Table {
        let (agents, j) = (&context.demand.agents, &self.journeys);
        let ix = || (0..agents.len()).map(AgentIx::from);
        let (zones, no_zone) = names_or_none(&context.network.names.zones);
        let (hubs, no_hub) = names_or_none(&context.network.names.hubs);
        let zone = |place| match place {
            Place::Node(node) => context.network.roads.node_zone[node.i()].map_or(no_zone, |z| z.0),
            Place::Hub(..) => no_zone,
        };
        let took = |a| j.arrived(a).zip(j.began(a)).map(|(end, begin)| end.since(begin) as f64 / 1_000.0);
        let plan = |a: AgentIx| context.plans[a.i()].as_ref();
        Table::new("trips")
            .key_int(
                "agent",
                "",
                "number of the simulated agent; each stands for 1/sample of its kind",
                ix().map(|a| i64::from(a.0)).collect(),
            )
            .category(
                "class",
                "what the agent is to the flow ledger",
                agents.iter().map(|a| a.class as u32).collect(),
                words(&CLASSES, Class::word),
            )
            .category(
                "purpose",
                "why it travels",
                agents.iter().map(|a| a.purpose as u32).collect(),
                words(&PURPOSES, purpose_word),
            )
            .category(
                "mode",
                "main mode, empty without a plan",
                ix().map(|a| mode_code(plan(a).map(|p| p.mode))).collect(),
                mode_words(""),
            )
            .int(
                "party",
                "persons",
                "persons who travel together, 1 for a truck",
                agents.iter().map(|a| i64::from(a.party)).collect(),
            )
            .category(
                "hub",
                "hub whose flow it belongs to, else empty",
                agents.iter().map(|a| a.hub.map_or(no_hub, |h| h.0)).collect(),
                hubs,
            )
            .category(
                "from_zone",
                "zone where it starts, empty in a hub or outside of zones",
                agents.iter().map(|a| zone(a.from)).collect(),
                zones.clone(),
            )
            .category(
                "to_zone",
                "zone where it goes, empty in a hub or outside of zones",
                agents.iter().map(|a| zone(a.to)).collect(),
                zones,
            )
            .real_or_none(
                "departure_s",
                "seconds after midnight",
                "when its first leg began",
                ix().map(|a| seconds(j.began(a))).collect(),
            )
            .real_or_none(
                "arrival_s",
                "seconds after midnight",
                "when it reached the end of its plan",
                ix().map(|a| seconds(j.arrived(a))).collect(),
            )
            .real_or_none("time_s", "seconds", "from departure to arrival", ix().map(took).collect())
            .real_or_none(
                "cost_cny",
                "yuan",
                "generalised cost that was expected when the plan was made",
                ix().map(|a| plan(a).map(|p| p.cost_cny)).collect(),
            )
            .category(
                "status",
                "arrived, under_way, removed (no plan) or missed (its service, and no other one took it)",
                ix().map(|a| j.status(a, context) as u32).collect(),
                words(&Status::ALL, Status::word),
            )
    }

    fn consignments_table(&self, context: &Context) -> Table {
        let (all, names, j) = (&context.demand.consignments, &context.network.names, &self.journeys);
        let at_hub = |a| j.in_hub(a);
        // What leaves the region is done when the hub has taken it over; what comes, when the truck has brought it
        // home.
        let done = |outbound: bool, a: AgentIx| {
            if outbound { j.left_hub(a).filter(|_| j.passed_hub(a)) } else { j.arrived(a).filter(|_| !j.missed(a)) }
        };
        let status = |outbound: bool, a: AgentIx| match done(outbound, a) {
            Some(_) => Status::Arrived,
            None => j.status(a, context),
        };
        Table::new("consignments")
            .key(
                "consignment",
                "stable signature, hexadecimal; each row stands for 1/sample of its kind",
                all.iter().map(|c| format!("{:016x}", c.key)).collect(),
            )
            .category("hub", "hub", all.iter().map(|c| c.hub.0).collect(), names.hubs.all().to_vec())
            .category(
                "service",
                "service that it takes or comes by, hub/service",
                all.iter().map(|c| c.service.0).collect(),
                names.services.all().to_vec(),
            )
            .category(
                "zone",
                "zone at the land side",
                all.iter().map(|c| c.zone.0).collect(),
                names.zones.all().to_vec(),
            )
            .real("tonnes", "tonnes", "weight of air cargo, not expanded", all.iter().map(|c| c.tonnes).collect())
            .real("teu", "TEU", "containers, not expanded", all.iter().map(|c| c.teu).collect())
            .category(
                "direction",
                "outbound (it leaves the region) or inbound",
                all.iter().map(|c| u32::from(!c.outbound)).collect(),
                vec!["outbound".into(), "inbound".into()],
            )
            .category(
                "scope",
                "domestic or international",
                all.iter().map(|c| u32::from(c.scope == Scope::International)).collect(),
                vec!["domestic".into(), "international".into()],
            )
            .int("agent", "", "number of the truck, as in trips", all.iter().map(|c| i64::from(c.agent.0)).collect())
            .real_or_none(
                "departure_s",
                "seconds after midnight",
                "when the truck set out",
                all.iter().map(|c| seconds(j.began(c.agent))).collect(),
            )
            .real_or_none(
                "at_hub_s",
                "seconds after midnight",
                "when the truck came to the hub's processes",
                all.iter().map(|c| seconds(at_hub(c.agent))).collect(),
            )
            .real_or_none(
                "done_s",
                "seconds after midnight",
                "when the hub had taken it over (outbound) or the truck had brought it to its zone (inbound)",
                all.iter().map(|c| seconds(done(c.outbound, c.agent))).collect(),
            )
            .category(
                "status",
                "arrived, under_way, removed (no plan) or missed (its service, and no other one took it)",
                all.iter().map(|c| status(c.outbound, c.agent) as u32).collect(),
                words(&Status::ALL, Status::word),
            )
    }
}

impl Indicator for Trips {
    fn name(&self) -> &'static str {
        "trips"
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        vec![self.trips_table(context), self.consignments_table(context)]
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        let mut by_mode = [0u64; Mode::ALL.len()];
        let (mut under_way, mut removed) = (0, 0);
        for (a, agent) in context.demand.agents.iter().enumerate() {
            let (ix, persons) = (AgentIx::from(a), u64::from(agent.party));
            if agent.class == Class::Truck {
                continue;
            }
            match self.journeys.status(ix, context) {
                Status::UnderWay => under_way += persons,
                Status::Removed => removed += persons,
                Status::Arrived | Status::Missed => {}
            }
            if let (Some(plan), Some(_), false) =
                (&context.plans[a], self.journeys.began(ix), agent.class == Class::Transfer)
            {
                by_mode[plan.mode as usize] += persons;
            }
        }
        let all: u64 = by_mode.iter().sum();
        let day = "person-trips per day";
        let mut kpis = vec![kpi(
            "trips",
            context.expand(all),
            day,
            "person-trips that set out on the city side of hubs or elsewhere, expanded by 1/sample",
        )];
        by_mode[Mode::Transit as usize] =
            Mode::ALL.into_iter().filter(|mode| mode.rides_lines()).map(|mode| by_mode[mode as usize]).sum();
        let modes = [
            Mode::Walk,
            Mode::Cycle,
            Mode::Car,
            Mode::Taxi,
            Mode::Transit,
            Mode::Bus,
            Mode::Rail,
            Mode::ParkAndRide,
            Mode::KissAndRide,
        ];
        for mode in modes {
            let (word, trips) = (mode.word(), by_mode[mode as usize]);
            kpis.push(kpi(
                &format!("trips_{word}"),
                context.expand(trips),
                day,
                &format!("person-trips whose main mode is {word}, expanded by 1/sample"),
            ));
            kpis.push(kpi(
                &format!("share_{word}"),
                ratio(trips as f64, all as f64),
                "share",
                &format!("share of person-trips whose main mode is {word}"),
            ));
        }
        kpis.push(kpi(
            "persons_under_way",
            context.expand(under_way),
            "persons",
            "persons who had not come to the end of their plan when the day ended, expanded by 1/sample",
        ));
        kpis.push(kpi(
            "persons_removed",
            context.expand(removed),
            "persons",
            "persons whom no plan led to where they wanted to go, expanded by 1/sample",
        ));
        kpis
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{ARRIVING, COMMUTER, DEPARTING, LOST, TRANSFER, TRUCK, Town, at};

    fn day() -> Vec<Event> {
        let (car, transit, truck) = (Some(Mode::Car), Some(Mode::Transit), Some(Mode::Truck));
        vec![
            at(1_000).began(DEPARTING, 0, car),
            at(1_000).entered(DEPARTING, 0),
            at(61_000).left(DEPARTING, 0, 1_000),
            at(61_000).entered(DEPARTING, 1),
            at(161_000).left(DEPARTING, 1, 61_000),
            at(161_000).ended(DEPARTING, 0, car),
            at(161_000).arrived(DEPARTING),
            at(2_000).began(ARRIVING, 0, transit),
            at(3_000).boarded(ARRIVING, 0, 1, 2_000),
            at(9_000).alighted(ARRIVING, 0, 2),
            at(9_000).ended(ARRIVING, 0, transit),
            at(5_000).missed(TRANSFER),
            at(0).began(TRUCK, 0, truck),
            at(10_000).ended(TRUCK, 0, truck),
            at(10_000).began(TRUCK, 1, None),
            at(20_000).ended(TRUCK, 1, None),
            at(7_000).began(COMMUTER, 0, car),
        ]
    }

    #[test]
    fn every_agent_is_arrived_under_way_removed_or_missed() {
        let town = Town::new();
        let (tables, kpis) = town.tell(Trips::new(&town.context()), &day());
        let trips = &tables[0];
        let status = |agent: u32| trips.word("status", agent as usize).unwrap();
        assert_eq!(status(DEPARTING), "arrived");
        assert_eq!(status(ARRIVING), "under_way");
        assert_eq!(status(TRANSFER), "missed");
        assert_eq!(status(TRUCK), "under_way");
        assert_eq!(status(LOST), "removed");
        assert_eq!(trips.number("time_s", DEPARTING as usize), Some(160.0));
        assert_eq!(trips.word("from_zone", DEPARTING as usize), Some("z0"));
        assert_eq!(trips.word("to_zone", DEPARTING as usize), Some(""));
        assert_eq!(trips.word("mode", LOST as usize), Some(""));
        // Set out: two by car to the hub, one by transit from it, one commuter by car; the transfers and the truck are
        // no trips in town. Car 3 of 4.
        let value = |name: &str| kpis.iter().find(|k| k.name == name).unwrap().value;
        assert_eq!((value("trips"), value("trips_car"), value("share_car")), (4.0, 3.0, 0.75));
        assert_eq!((value("persons_under_way"), value("persons_removed")), (2.0, 1.0));
    }

    #[test]
    fn what_leaves_is_done_at_the_hub_and_what_comes_is_done_at_home() {
        // The truck is through the gate at 20 s, not yet home: 10 t out are done, 2 TEU in are under way.
        let town = Town::new();
        let (tables, _) = town.tell(Trips::new(&town.context()), &day());
        let rows = &tables[1];
        assert_eq!(rows.word("consignment", 0), Some("00000000000000a1"));
        assert_eq!((rows.word("status", 0), rows.number("done_s", 0)), (Some("arrived"), Some(20.0)));
        assert_eq!((rows.word("status", 1), rows.number("done_s", 1)), (Some("under_way"), None));
        assert_eq!(rows.number("at_hub_s", 1), Some(10.0));
        assert_eq!((rows.word("direction", 0), rows.word("direction", 1)), (Some("outbound"), Some("inbound")));
    }
}
