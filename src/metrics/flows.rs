//! The flow ledger: who and what came through each hub, by district, class, direction and scope; table `flow_ledger`.
//!
//! Books balance in whole persons: of every cell, passed + missed + under way + removed is what wanted to move, and a
//! hub's throughput is the sum over districts plus its transfers, who have no district and stand in both directions.

use crate::demand::{Agent, Class, Place};
use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, DistrictIx, HubIx};
use crate::metrics::journeys::HubUse;
use crate::metrics::{Context, Indicator};
use crate::scenario::hubs::Scope;
use crate::table::Table;

/// What an agent has done so far, as bits.
const PASSED: u8 = 1;
const MISSED: u8 = 2;
/// It comes to its hub by a service of another one, …
const CONNECTS: u8 = 4;
/// … and has left that.
const CAME: u8 = 8;

/// A cell of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Hub.
    pub hub: HubIx,
    /// District at the land side; none for transfers, and for places outside of all districts.
    pub district: Option<DistrictIx>,
    /// Class.
    pub class: Class,
    /// Whether the hub's services take them away (departure) or bring them (arrival).
    pub direction: FlowDirection,
    /// Whether the services cross the border.
    pub international: bool,
}

/// Which way a flow goes, seen from the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowDirection {
    /// Out of the region by the hub's services.
    Departing,
    /// Into the region by the hub's services.
    Arriving,
}

impl FlowDirection {
    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            FlowDirection::Departing => "departing",
            FlowDirection::Arriving => "arriving",
        }
    }
}

/// What flowed in a cell, simulated agents, not expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// Persons who came through the hub; 0 for trucks.
    pub persons: u64,
    /// Persons who missed their service and whom no other took.
    pub missed: u64,
    /// Persons who had not come through when the day ended.
    pub under_way: u64,
    /// Persons whom no plan led there.
    pub removed: u64,
    /// Consignments that came through.
    pub consignments: u64,
    /// Tonnes of them.
    pub tonnes: f64,
    /// TEU of them.
    pub teu: f64,
}

/// The flow ledger.
#[derive(Debug)]
pub struct FlowLedger {
    done: Vec<u8>,
}

impl FlowLedger {
    /// An empty ledger.
    pub fn new(context: &Context) -> FlowLedger {
        let connects =
            |agent: &Agent| if agent.from_another_hub(&context.network.hubs).is_some() { CONNECTS } else { 0 };
        FlowLedger { done: context.demand.agents.iter().map(connects).collect() }
    }

    fn passed(&self, agent: AgentIx) -> bool {
        self.done[agent.i()] & (PASSED | MISSED) == PASSED
    }

    /// The ledger's cells in which anything wanted to move, sorted.
    pub fn cells(&self, context: &Context) -> Vec<(Cell, Flow)> {
        let mut ledger = std::collections::BTreeMap::<Cell, Flow>::new();
        for (a, agent) in context.demand.agents.iter().enumerate() {
            for cell in cells_of(agent, context) {
                let flow = ledger.entry(cell).or_default();
                // At the hub where it gets off nobody who connects can miss anything.
                if self.done[a] & CONNECTS != 0 && cell.direction == FlowDirection::Arriving {
                    match context.plans[a].is_some() {
                        _ if self.done[a] & CAME != 0 => flow.persons += u64::from(agent.party),
                        true => flow.under_way += u64::from(agent.party),
                        false => flow.removed += u64::from(agent.party),
                    }
                } else {
                    self.count(flow, AgentIx::from(a), agent.party, context);
                }
            }
        }
        for c in &context.demand.consignments {
            let cell = Cell {
                hub: c.hub,
                district: Some(context.network.places.zones[c.zone.i()].district),
                class: Class::Truck,
                direction: if c.outbound { FlowDirection::Departing } else { FlowDirection::Arriving },
                international: c.scope == Scope::International,
            };
            let flow = ledger.entry(cell).or_default();
            if self.passed(c.agent) {
                flow.consignments += 1;
                flow.tonnes += c.tonnes;
                flow.teu += c.teu;
            }
        }
        ledger.into_iter().collect()
    }

    fn count(&self, flow: &mut Flow, agent: AgentIx, party: u16, context: &Context) {
        let persons = u64::from(party);
        match () {
            () if self.done[agent.i()] & MISSED != 0 => flow.missed += persons,
            () if self.passed(agent) => flow.persons += persons,
            () if context.plans[agent.i()].is_none() => flow.removed += persons,
            () => flow.under_way += persons,
        }
    }
}

/// District at the land side of an agent: of its zone, else of the node where it starts or ends.
fn district(agent: &Agent, context: &Context) -> Option<DistrictIx> {
    let of_place = |place| match place {
        Place::Node(node) => context.network.roads.node_district[node.i()],
        Place::Hub(..) => None,
    };
    let of_zone = agent.zone.map(|zone| context.network.places.zones[zone.i()].district);
    of_zone.or_else(|| of_place(agent.from)).or_else(|| of_place(agent.to))
}

/// Where an agent's persons are booked; a transfer twice, at one hub or at two, a truck by its consignments instead.
fn cells_of(agent: &Agent, context: &Context) -> Vec<Cell> {
    let (Some(hub), Some(how)) = (agent.hub, HubUse::of(agent)) else { return Vec::new() };
    let cell = |direction, district| Cell {
        hub,
        district,
        class: agent.class,
        direction,
        international: agent.scope == Scope::International,
    };
    use FlowDirection::{Arriving, Departing};
    if let Some(came_by) = agent.from_another_hub(&context.network.hubs) {
        let service = &context.network.hubs.services[came_by.i()];
        let leaves = Cell { class: Class::Transfer, ..cell(Departing, None) };
        let international = service.scope == Scope::International;
        return vec![leaves, Cell { hub: service.hub, direction: Arriving, international, ..leaves }];
    }
    match how {
        HubUse::Departing => vec![cell(Departing, district(agent, context))],
        HubUse::Arriving => vec![cell(Arriving, district(agent, context))],
        HubUse::Transfer => vec![cell(Departing, None), cell(Arriving, None)],
        HubUse::Truck => Vec::new(),
    }
}

impl EventSink for FlowLedger {
    fn event(&mut self, event: &Event) {
        match event.what {
            What::LegEnded { mode: None, leg: 0 } if self.done[event.agent.i()] & CONNECTS != 0 => {
                self.done[event.agent.i()] |= CAME;
            }
            What::LegEnded { mode: None, .. } | What::Arrived => self.done[event.agent.i()] |= PASSED,
            What::Missed => self.done[event.agent.i()] |= MISSED,
            What::Embarked { .. } => self.done[event.agent.i()] &= !MISSED,
            _ => {}
        }
    }
}

impl Indicator for FlowLedger {
    fn name(&self) -> &'static str {
        "flows"
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let cells = self.cells(context);
        let names = &context.network.names;
        let scope = |c: &Cell| if c.international { "international" } else { "domestic" }.to_owned();
        let word = |of: &dyn Fn(&Cell) -> String| cells.iter().map(|(c, _)| of(c)).collect::<Vec<String>>();
        let count = |of: &dyn Fn(&Flow) -> u64| cells.iter().map(|(_, f)| context.expand(of(f))).collect::<Vec<f64>>();
        let amount =
            |of: &dyn Fn(&Flow) -> f64| cells.iter().map(|(_, f)| of(f) / context.demand.sample).collect::<Vec<f64>>();
        let table = Table::new("flow_ledger")
            .key("hub", "hub", word(&|c| names.hubs.name(c.hub.0).to_owned()))
            .key(
                "district",
                "district at the land side, empty for transfers",
                word(&|c| c.district.map_or(String::new(), |d| names.districts.name(d.0).to_owned())),
            )
            .key("class", "resident, visitor, transfer or truck", word(&|c| c.class.word().to_owned()))
            .key(
                "direction",
                "departing or arriving, seen from the hub's services",
                word(&|c| c.direction.word().to_owned()),
            )
            .key("scope", "domestic or international", word(&scope))
            .real(
                "persons",
                "persons per day",
                "came through the hub, expanded by 1/sample; a transfer stands in both directions",
                count(&|f| f.persons),
            )
            .real(
                "missed",
                "persons per day",
                "missed their service and found room on no other, expanded by 1/sample",
                count(&|f| f.missed),
            )
            .real(
                "under_way",
                "persons",
                "had not come through when the day ended, expanded by 1/sample",
                count(&|f| f.under_way),
            )
            .real("removed", "persons", "whom no plan led there, expanded by 1/sample", count(&|f| f.removed))
            .real(
                "consignments",
                "consignments per day",
                "whose truck was served, expanded by 1/sample",
                count(&|f| f.consignments),
            )
            .real("tonnes", "tonnes per day", "of these consignments, expanded by 1/sample", amount(&|f| f.tonnes))
            .real("teu", "TEU per day", "of these consignments, expanded by 1/sample", amount(&|f| f.teu));
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::hubs::HubFlows;
    use crate::metrics::town::{ARRIVING, DEPARTING, TRANSFER, TRUCK, Town, at};

    fn day() -> Vec<Event> {
        vec![
            at(1_000).ended(DEPARTING, 1, None),
            at(2_000).ended(ARRIVING, 0, None),
            at(3_000).ended(TRANSFER, 0, None),
            at(3_000).arrived(TRANSFER),
            at(4_000).ended(TRUCK, 1, None),
        ]
    }

    fn both(town: &Town, events: &[Event]) -> (FlowLedger, HubFlows) {
        let (mut ledger, mut hubs) = (FlowLedger::new(&town.context()), HubFlows::new(&town.context()));
        for event in events {
            ledger.event(event);
            hubs.event(event);
        }
        (ledger, hubs)
    }

    #[test]
    fn throughput_of_a_hub_is_the_sum_over_districts_and_transfers() {
        // Departing 2 from east, arriving 1 to west, 3 change and count twice: 2 + 1 + 6 = 9. The service by which these came
        // is of the same hub, so they are no connection.
        let mut town = Town::new();
        town.demand.agents[TRANSFER as usize].came_by = Some(crate::ids::ServiceIx(0));
        let (ledger, hubs) = both(&town, &day());
        let cells = ledger.cells(&town.context());
        let sum =
            |of: &dyn Fn(&Cell) -> bool| -> u64 { cells.iter().filter(|(c, _)| of(c)).map(|(_, f)| f.persons).sum() };
        let (districts, transfers) = (sum(&|c| c.district.is_some()), sum(&|c| c.class == Class::Transfer));
        assert_eq!((districts, transfers), (3, 6));
        assert_eq!(hubs.throughput(&town.context())[0].passengers(), districts + transfers);
        let east = |c: &Cell| c.district == Some(DistrictIx(0)) && c.direction == FlowDirection::Departing;
        assert_eq!(sum(&east), 2);
    }

    #[test]
    fn who_wanted_to_move_has_passed_missed_is_under_way_or_removed() {
        // After every prefix of the day: 2 + 1 + 3·2 = 9 persons are booked somewhere.
        let mut town = Town::new();
        town.plans[ARRIVING as usize] = None;
        let mut events = day();
        events[2] = at(3_000).missed(TRANSFER);
        events.remove(1);
        for n in 0..=events.len() {
            let (ledger, _) = both(&town, &events[..n]);
            let booked = |(_, f): &(Cell, Flow)| f.persons + f.missed + f.under_way + f.removed;
            assert_eq!(ledger.cells(&town.context()).iter().map(booked).sum::<u64>(), 9, "after {n} events");
        }
        let (ledger, _) = both(&town, &events);
        let cells = ledger.cells(&town.context());
        let sum = |of: &dyn Fn(&Flow) -> u64| -> u64 { cells.iter().map(|(_, f)| of(f)).sum() };
        assert_eq!((sum(&|f| f.persons), sum(&|f| f.missed), sum(&|f| f.removed)), (2, 6, 1));
    }

    #[test]
    fn freight_is_booked_at_the_district_of_loading_in_its_direction() {
        let town = Town::sampled(0.5);
        let (tables, _) = town.tell(FlowLedger::new(&town.context()), &day());
        let table = &tables[0];
        let row = |class: &str, direction: &str| {
            (0..table.rows())
                .find(|&r| table.word("class", r) == Some(class) && table.word("direction", r) == Some(direction))
                .unwrap()
        };
        // 10 t out and 2 TEU in, each standing for two.
        let (out, into) = (row("truck", "departing"), row("truck", "arriving"));
        assert_eq!((table.number("tonnes", out), table.number("teu", out)), (Some(20.0), Some(0.0)));
        assert_eq!((table.number("tonnes", into), table.number("teu", into)), (Some(0.0), Some(4.0)));
        assert_eq!(table.word("district", out), Some("east"));
        assert_eq!(table.word("scope", row("visitor", "arriving")), Some("international"));
    }
}
