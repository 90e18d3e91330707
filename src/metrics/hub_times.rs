//! Times through hubs: of passengers from the door to the gate and of connections, of trucks from gate to gate; the table
//! `hub_times`.
//!
//! Door to gate is the time of departing passengers from setting out to the end of the last process before boarding, by
//! mode of the way to the hub and by scope of the service. A connection is the time between two services: within a hub from
//! getting off to the end of the last process, between hubs from leaving the one to the end of the last process of the other.
//! The turn of a truck is the time from the place that its gate gives it to the end of its last process; before that it
//! stands on the road.

use crate::demand::Place;
use crate::events::{Event, EventSink};
use crate::ids::{AgentIx, HubIx};
use crate::metrics::journeys::{HubUse, Journeys};
use crate::metrics::queue::quantile_ms;
use crate::metrics::{Context, Indicator};
use crate::mode::Mode;
use crate::scenario::hubs::Scope;
use crate::table::Table;
use crate::units::MINUTE_MS;
use std::collections::BTreeMap;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    DoorToGate,
    Connection,
    Turn,
}

/// A row: hub, what is timed, mode (`None` for all), scope (`None` for both).
type Row = (HubIx, Way, Option<Mode>, Option<bool>);

/// Times through hubs.
#[derive(Debug)]
pub struct HubTimes {
    journeys: Journeys,
}

impl HubTimes {
    /// Nobody has set out.
    pub fn new(context: &Context) -> HubTimes {
        HubTimes { journeys: Journeys::of_hub_users(context) }
    }

    /// Times with persons by row; those who missed their service are among them, as they came to the gate too.
    fn times(&self, context: &Context) -> BTreeMap<Row, Vec<(i64, u64)>> {
        let mut rows: BTreeMap<Row, Vec<(i64, u64)>> = BTreeMap::new();
        for (a, agent) in context.demand.agents.iter().enumerate() {
            let (Some(hub), Some(how)) = (agent.hub, HubUse::of(agent)) else { continue };
            let ix = AgentIx::from(a);
            let (way, from) = match (how, agent.from) {
                (HubUse::Truck, _) => (Way::Turn, self.journeys.in_hub(ix)),
                (HubUse::Transfer, _) => (Way::Connection, self.journeys.in_hub(ix)),
                (HubUse::Departing, Place::Hub(..)) => (Way::Connection, self.journeys.began(ix)),
                (HubUse::Departing, Place::Node(_)) => (Way::DoorToGate, self.journeys.began(ix)),
                _ => continue,
            };
            let Some(ms) = self.journeys.left_hub(ix).zip(from).map(|(left, from)| left.since(from)) else { continue };
            let mode = context.plans[a].as_ref().map(|p| p.mode).filter(|_| how == HubUse::Departing);
            let abroad = Some(agent.scope == Scope::International);
            let mut add =
                |mode, scope| rows.entry((hub, way, mode, scope)).or_default().push((ms, u64::from(agent.party)));
            add(None, None);
            add(None, abroad);
            if mode.is_some() {
                add(mode, None);
                add(mode, abroad);
            }
        }
        rows
    }
}

impl EventSink for HubTimes {
    fn event(&mut self, event: &Event) {
        self.journeys.event(event);
    }
}

impl Indicator for HubTimes {
    fn name(&self) -> &'static str {
        "hub_times"
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        if context.network.hubs.hubs.is_empty() {
            return Vec::new();
        }
        let mut rows = self.times(context);
        let persons = |times: &Vec<(i64, u64)>| times.iter().map(|t| t.1).sum::<u64>();
        let mean = |times: &Vec<(i64, u64)>| {
            let sum: i64 = times.iter().map(|&(ms, persons)| ms * persons as i64).sum();
            sum as f64 / MINUTE_MS as f64 / persons(times) as f64
        };
        let mut quantile = |percent: u64| -> Vec<Option<f64>> {
            let of = |times: &mut Vec<(i64, u64)>| quantile_ms(times, percent).map(|ms| ms as f64 / MINUTE_MS as f64);
            rows.values_mut().map(of).collect()
        };
        let (median, most) = (quantile(50), quantile(95));
        let way = |way: Way| match way {
            Way::DoorToGate => "door_to_gate",
            Way::Connection => "connection",
            Way::Turn => "truck_turn",
        };
        let scope = |scope: Option<bool>| match scope {
            None => "all",
            Some(false) => "domestic",
            Some(true) => "international",
        };
        let text = |of: &dyn Fn(&Row) -> String| rows.keys().map(of).collect::<Vec<String>>();
        vec![
            Table::new("hub_times")
                .key("hub", "external id of the hub", text(&|r| context.network.names.hubs.name(r.0.0).to_owned()))
                .key(
                    "way",
                    "door_to_gate: from setting out to the end of the last process; connection: between two services; truck_turn: from the gate to the end of the last process",
                    text(&|r| way(r.1).to_owned()),
                )
                .key(
                    "mode",
                    "main mode of the way to the hub; all",
                    text(&|r| r.2.map_or("all", Mode::word).to_owned()),
                )
                .key("scope", "domestic, international or all", text(&|r| scope(r.3).to_owned()))
                .real(
                    "persons",
                    "persons per day",
                    "persons (of turns: trucks) who came through the last process, expanded by 1/sample",
                    rows.values().map(|times| context.expand(persons(times))).collect(),
                )
                .real("mean_min", "minutes", "mean time of persons", rows.values().map(mean).collect())
                .real_or_none("p50_min", "minutes", "time that half of them do not exceed", median)
                .real_or_none("p95_min", "minutes", "time that 95 % of them do not exceed", most),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{DEPARTING, TRANSFER, TRUCK, Town, at};
    use crate::scenario::hubs::ChainUser;

    const MIN: i64 = 60_000;

    fn row(table: &Table, keys: [&str; 3]) -> Option<[f64; 4]> {
        let matches = |row: &usize| {
            ["way", "mode", "scope"].iter().zip(keys).all(|(column, key)| table.word(column, *row) == Some(key))
        };
        let row = (0..table.rows()).find(matches)?;
        Some(["persons", "mean_min", "p50_min", "p95_min"].map(|c| table.number(c, row).unwrap()))
    }

    #[test]
    fn door_to_gate_is_told_by_mode_and_scope() {
        // Two by car in 70 min, domestic; one by transit in 100 min, international. Mean (2·70 + 100) / 3 = 80; half of
        // three is the second person: 70; 95 % the third: 100. The three who change take 40 min.
        let mut town = Town::new();
        let mut other = town.demand.agents[DEPARTING as usize].clone();
        (other.party, other.scope) = (1, Scope::International);
        let transit = town.demand.agents.len() as u32;
        town.demand.agents.push(other);
        town.plans.push(town.plans[1].clone());
        let events = [
            at(0).began(DEPARTING, 0, Some(Mode::Car)),
            at(40 * MIN).began(DEPARTING, 1, None),
            at(70 * MIN).ended(DEPARTING, 1, None),
            at(0).began(transit, 0, Some(Mode::Walk)),
            at(100 * MIN).ended(transit, 3, None),
            at(5 * MIN).began(TRANSFER, 0, None),
            at(45 * MIN).ended(TRANSFER, 0, None),
        ];
        let (tables, _) = town.tell(HubTimes::new(&town.context()), &events);
        assert_eq!(row(&tables[0], ["door_to_gate", "all", "all"]), Some([3.0, 80.0, 70.0, 100.0]));
        assert_eq!(row(&tables[0], ["door_to_gate", "car", "domestic"]), Some([2.0, 70.0, 70.0, 70.0]));
        assert_eq!(row(&tables[0], ["door_to_gate", "all", "international"]), Some([1.0, 100.0, 100.0, 100.0]));
        assert_eq!(row(&tables[0], ["connection", "all", "all"]), Some([3.0, 40.0, 40.0, 40.0]));
    }

    #[test]
    fn who_comes_from_another_hub_connects() {
        let mut town = Town::new();
        town.demand.agents[DEPARTING as usize].from = Place::Hub(HubIx(0), ChainUser::Arriving);
        let events = [
            at(10 * MIN).began(DEPARTING, 0, None),
            at(20 * MIN).ended(DEPARTING, 0, None),
            at(90 * MIN).ended(DEPARTING, 2, None),
        ];
        let (tables, _) = town.tell(HubTimes::new(&town.context()), &events);
        assert_eq!(row(&tables[0], ["connection", "car", "domestic"]), Some([2.0, 80.0, 80.0, 80.0]));
        assert_eq!(row(&tables[0], ["door_to_gate", "all", "all"]), None);
    }

    #[test]
    fn a_truck_turns_from_its_gate_to_the_end_of_its_last_process() {
        // On the road from 08:00, let in at 08:50, through at 09:20: 30 min.
        let town = Town::new();
        let events = [
            at(480 * MIN).began(TRUCK, 0, Some(Mode::Truck)),
            at(530 * MIN).began(TRUCK, 1, None),
            at(560 * MIN).ended(TRUCK, 1, None),
        ];
        let (tables, _) = town.tell(HubTimes::new(&town.context()), &events);
        assert_eq!(row(&tables[0], ["truck_turn", "all", "all"]), Some([1.0, 30.0, 30.0, 30.0]));
    }
}
