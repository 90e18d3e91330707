//! Flows between processes: the table `process_flows`, from which the diagram of a hub is drawn.
//!
//! A flow runs from where users or items were last – a process, or what stands outside of the hub – to the process that
//! they join next, and from their last process to what took them. What they put into a store or take from it is a flow of
//! its own, in the store's unit.

use crate::demand::Place;
use crate::events::{Event, EventSink, What};
use crate::ids::{HubIx, ProcessIx, StoreIx};
use crate::metrics::tokens::{Tokens, Unit};
use crate::metrics::{Context, Indicator};
use crate::network::hubs::Hubs;
use crate::network::passages::LinkTraffic;
use crate::scenario::hubs::{ChainUser, HandOver, StoreUnit};
use crate::table::Table;
use crate::units::Time;
use std::collections::BTreeMap;

/// Where somebody comes from or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    /// By car, taxi or truck.
    Road,
    /// By a vehicle of a line.
    Lines,
    /// On foot or by bicycle all the way.
    Walk,
    /// By a service of the hub.
    Service,
    Process(ProcessIx),
    Store(StoreIx),
    /// Missed the service, and no other took them.
    Missed,
}

/// What flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Amount {
    Of(Unit),
    Teu,
    Tonnes,
}

/// How far a token is.
#[derive(Clone, Copy, Debug)]
struct Progress {
    at: Node,
    /// Whether it waits for the process that it is at, or is served there.
    within: bool,
    /// Whether it leaves by a service, and whether it has missed that.
    leaves: bool,
    missed: bool,
    /// Room that it took in a store at the moment at which it may join the process that service begins at.
    took: Option<(StoreIx, i64, Time)>,
}

/// Flows between processes.
#[derive(Debug)]
pub struct ProcessFlows {
    tokens: Tokens,
    at: Vec<Progress>,
    unit: Vec<Unit>,
    hub_of_process: Vec<HubIx>,
    store: Vec<(HubIx, Amount)>,
    /// By hub, from, to and unit, in thousandths.
    flows: BTreeMap<(HubIx, Node, Node, Amount), i64>,
}

/// Thousandths of a unit.
const WHOLE: i64 = 1_000;

impl ProcessFlows {
    /// Nobody has moved.
    pub fn new(context: &Context) -> ProcessFlows {
        let (tokens, hubs, demand) = (Tokens::new(context), &context.network.hubs, context.demand);
        let start = |from: Place| match from {
            Place::Hub(_, ChainUser::Arriving | ChainUser::Transfer) => Node::Service,
            _ => Node::Walk,
        };
        let progress = |at, leaves| Progress { at, within: false, leaves, missed: false, took: None };
        let leaves = |to: Place| matches!(to, Place::Hub(_, ChainUser::Departing | ChainUser::Transfer));
        let mut at: Vec<Progress> = Vec::with_capacity(tokens.count());
        if tokens.count() > 0 {
            at.extend(demand.agents.iter().map(|a| progress(start(a.from), leaves(a.to))));
            at.extend(demand.items.list.iter().map(|i| progress(origin(hubs, i.hub, i.chain), false)));
        }
        let amount = |unit| match unit {
            StoreUnit::Persons => Amount::Of(Unit::Persons),
            StoreUnit::Vehicles => Amount::Of(Unit::Vehicles),
            StoreUnit::Teu => Amount::Teu,
            StoreUnit::Tonnes => Amount::Tonnes,
        };
        ProcessFlows {
            at,
            unit: Unit::of_processes(hubs),
            hub_of_process: hubs.processes.iter().map(|p| p.hub).collect(),
            store: hubs.stores.iter().map(|s| (s.hub, amount(s.unit))).collect(),
            flows: BTreeMap::new(),
            tokens,
        }
    }

    fn flows(&mut self, token: usize, process: ProcessIx, from: Node, to: Node) {
        let unit = self.unit[process.i()];
        let amount = i64::from(self.tokens.weight(token, unit)) * WHOLE;
        *self.flows.entry((self.hub_of_process[process.i()], from, to, Amount::Of(unit))).or_default() += amount;
    }

    fn joins(&mut self, token: usize, process: ProcessIx, time: Time) {
        let Progress { at, took, .. } = self.at[token];
        // Between processes of two hubs lies a way of its own.
        let from = match at {
            Node::Process(p) if self.hub_of_process[p.i()] != self.hub_of_process[process.i()] => Node::Walk,
            other => other,
        };
        self.flows(token, process, from, Node::Process(process));
        let progress = &mut self.at[token];
        (progress.at, progress.within, progress.took) = (Node::Process(process), true, None);
        if let Some((store, change, _)) = took.filter(|t| t.2 == time) {
            self.stores(process, store, change);
        }
    }

    /// Goes to something outside of the processes.
    fn goes(&mut self, token: usize, to: Node) {
        if let Node::Process(process) = self.at[token].at {
            self.flows(token, process, Node::Process(process), to);
        }
        (self.at[token].at, self.at[token].within) = (to, false);
    }

    fn stores(&mut self, process: ProcessIx, store: StoreIx, change: i64) {
        let (hub, unit) = self.store[store.i()];
        let (from, to) = match change > 0 {
            true => (Node::Process(process), Node::Store(store)),
            false => (Node::Store(store), Node::Process(process)),
        };
        *self.flows.entry((hub, from, to, unit)).or_default() += change.abs();
    }

    /// Room is taken before service begins – at one moment that is told before the queue is joined – and freed after it.
    fn stored(&mut self, token: usize, (store, change): (StoreIx, i64), time: Time) {
        match self.at[token] {
            Progress { at: Node::Process(process), within, .. } if within == (change > 0) => {
                self.stores(process, store, change);
            }
            _ if change > 0 => self.at[token].took = Some((store, change, time)),
            _ => {}
        }
    }

    fn end_of_trip(&mut self, token: usize) {
        let to = match (self.at[token].leaves, self.at[token].missed) {
            (true, true) => Node::Missed,
            (true, false) => Node::Service,
            (false, _) => Node::Walk,
        };
        if matches!(self.at[token].at, Node::Process(_)) {
            self.goes(token, to);
        }
    }
}

/// Where items come from: the process at which they are handed over, or their service.
fn origin(hubs: &Hubs, hub: HubIx, chain: u16) -> Node {
    let hub = &hubs.hubs[hub.i()];
    let Some(own) = hub.chains.get(usize::from(chain)) else { return Node::Service };
    let what = match own.user {
        ChainUser::BagsOut => HandOver::Bags,
        ChainUser::Load => HandOver::Freight,
        _ => return Node::Service,
    };
    let of_terminal = |c: &&crate::network::hubs::Chain| own.terminal.is_none() || c.terminal == own.terminal;
    let steps = hub.chains.iter().filter(of_terminal).flat_map(|c| &c.steps);
    let mut dropping = steps.filter(|s| s.drops == Some(what));
    dropping.next().map_or(Node::Service, |step| Node::Process(step.process))
}

/// Where items go to: the process at which their party or truck waits for them, or their service; `None` for vehicles of
/// services that have arrived, which stay.
fn destination(hubs: &Hubs, hub: HubIx, chain: u16) -> Option<Node> {
    let hub = &hubs.hubs[hub.i()];
    let own = hub.chains.get(usize::from(chain))?;
    let what = match own.user {
        ChainUser::BagsIn => HandOver::Bags,
        ChainUser::Unload => HandOver::Freight,
        ChainUser::ServiceIn => return None,
        _ => return Some(Node::Service),
    };
    let of_terminal = |c: &&crate::network::hubs::Chain| own.terminal.is_none() || c.terminal == own.terminal;
    let mut steps = hub.chains.iter().filter(of_terminal).flat_map(|c| &c.steps);
    steps.find(|s| s.waits_for == Some(what)).map(|step| Node::Process(step.process))
}

impl EventSink for ProcessFlows {
    fn event(&mut self, event: &Event) {
        let Some(token) = self.tokens.place(event.agent) else { return };
        match event.what {
            What::Queued { process } => self.joins(token, process, event.time),
            What::Served { process, .. } if self.at[token].at == Node::Process(process) => {
                self.at[token].within = false
            }
            What::Stored { store, change } => self.stored(token, (store, change), event.time),
            // A drive may begin at a taxi rank; it is on the road from its first link on.
            What::LinkEntered { .. } => self.goes(token, Node::Road),
            What::Boarded { .. } => self.goes(token, Node::Lines),
            What::Missed => self.at[token].missed = true,
            What::Embarked { .. } => {
                self.at[token].missed = false;
                self.end_of_trip(token);
            }
            What::Arrived => self.end_of_trip(token),
            _ => {}
        }
    }
}

impl Indicator for ProcessFlows {
    fn name(&self) -> &'static str {
        "process_flows"
    }

    fn close(&mut self, context: &Context, _traffic: &LinkTraffic) {
        let items = &context.demand.items;
        for (i, item) in items.list.iter().enumerate() {
            let Some(token) = self.tokens.place(items.agent(i)) else { continue };
            let (Node::Process(last), false) = (self.at[token].at, self.at[token].within) else { continue };
            if let Some(to) =
                destination(&context.network.hubs, item.hub, item.chain).filter(|&to| to != Node::Process(last))
            {
                self.goes(token, to);
            }
        }
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        if self.flows.is_empty() {
            return Vec::new();
        }
        let names = &context.network.names;
        let word = |node: Node| match node {
            Node::Road => "road".to_owned(),
            Node::Lines => "lines".to_owned(),
            Node::Walk => "walk".to_owned(),
            Node::Service => "service".to_owned(),
            Node::Missed => "missed".to_owned(),
            Node::Process(p) => names.processes.name(p.0).to_owned(),
            Node::Store(s) => names.stores.name(s.0).to_owned(),
        };
        let unit = |amount: Amount| match amount {
            Amount::Of(unit) => unit.word(),
            Amount::Teu => "TEU",
            Amount::Tonnes => "tonnes",
        };
        let text =
            |of: &dyn Fn(&(HubIx, Node, Node, Amount)) -> String| self.flows.keys().map(of).collect::<Vec<String>>();
        // Vehicles of services are all there in a sample.
        let (processes, stores) = context.network.hubs.of_services();
        let is_whole = |node: Node| match node {
            Node::Process(p) => processes[p.i()],
            Node::Store(s) => stores[s.i()],
            _ => false,
        };
        let sample = |flow: &(HubIx, Node, Node, Amount)| {
            if is_whole(flow.1) || is_whole(flow.2) { 1.0 } else { context.demand.sample }
        };
        let outside = "process or store as hub/id, or road, lines, walk, service, missed";
        vec![
            Table::new("process_flows")
                .key("hub", "external id of the hub", text(&|f| names.hubs.name(f.0.0).to_owned()))
                .key("from", outside, text(&|f| word(f.1)))
                .key("to", outside, text(&|f| word(f.2)))
                .key(
                    "unit",
                    "what flows: persons, vehicles, bags, consignments, TEU or tonnes",
                    text(&|f| unit(f.3).to_owned()),
                )
                .real(
                    "amount",
                    "as in column unit per day",
                    "amount, expanded by 1/sample",
                    self.flows.iter().map(|(flow, &a)| a as f64 / WHOLE as f64 / sample(flow)).collect(),
                ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{ARRIVING, COMMUTER, DEPARTING, TRANSFER, Town, at};
    use crate::mode::Mode;
    use crate::network::hubs::Store;

    /// (from, to, unit) → amount.
    fn flows(town: &Town, events: &[Event]) -> BTreeMap<[String; 3], f64> {
        let (tables, _) = town.tell(ProcessFlows::new(&town.context()), events);
        let Some(table) = tables.first() else { return BTreeMap::new() };
        let key = |r: usize| ["from", "to", "unit"].map(|c| table.word(c, r).unwrap().replace("airport/", ""));
        (0..table.rows()).map(|r| (key(r), table.number("amount", r).unwrap())).collect()
    }

    fn amount(flows: &BTreeMap<[String; 3], f64>, from: &str, to: &str, unit: &str) -> f64 {
        flows.get(&[from, to, unit].map(str::to_owned)).copied().unwrap_or(0.0)
    }

    #[test]
    fn passengers_flow_from_the_road_through_processes_to_their_service() {
        // Two by car and on; three change and one comes from a service, goes by metro; the commuter walks in and out again.
        // What comes to security is 2 + 3 + 1 + 1 persons, and the same goes.
        let town = Town::new();
        let car = Some(Mode::Car);
        let mut events = vec![
            at(0).began(DEPARTING, 0, car),
            at(500).entered(DEPARTING, 0),
            at(9_000).event(DEPARTING, What::Embarked { service: crate::ids::ServiceIx(0) }),
            at(9_500).arrived(DEPARTING),
            at(9_000).boarded(ARRIVING, 0, 0, 8_000),
            at(9_000).arrived(COMMUTER),
            at(9_000).arrived(TRANSFER),
        ];
        for agent in [DEPARTING, ARRIVING, TRANSFER, COMMUTER] {
            events.push(at(1_000).queued(agent, 0));
            events.push(at(5_000).served(agent, 0, 1_000, 2_000));
        }
        let flows = flows(&town, &events);
        let to = |from| amount(&flows, from, "security", "persons");
        assert_eq!(["road", "service", "walk"].map(to), [2.0, 4.0, 1.0]);
        let from = |to| amount(&flows, "security", to, "persons");
        assert_eq!(["service", "lines", "walk"].map(from), [5.0, 1.0, 1.0]);
    }

    #[test]
    fn who_is_stranded_ends_as_missed() {
        let town = Town::new();
        let events = [
            at(1_000).queued(DEPARTING, 0),
            at(5_000).served(DEPARTING, 0, 1_000, 2_000),
            at(6_000).missed(DEPARTING),
            at(7_000).arrived(DEPARTING),
        ];
        let flows = flows(&town, &events);
        assert_eq!(amount(&flows, "security", "missed", "persons"), 2.0);
        assert_eq!(amount(&flows, "security", "service", "persons"), 0.0);
    }

    #[test]
    fn room_is_taken_before_service_even_when_it_is_told_before_the_queue() {
        // Persons take room at the gate at the moment at which they join it, and free it after service at security.
        let mut town = Town::new();
        let store = Store { hub: HubIx(0), capacity: 9.0, ..Store::default() };
        town.network.hubs.stores.push(store);
        town.network.names.stores.add("airport/hall");
        let stored = |ms, change| at(ms).event(DEPARTING, What::Stored { store: StoreIx(0), change });
        let events = [
            stored(1_000, 2_000),
            at(1_000).queued(DEPARTING, 1),
            at(2_000).served(DEPARTING, 1, 1_000, 1_000),
            at(3_000).queued(DEPARTING, 0),
            at(4_000).served(DEPARTING, 0, 3_000, 3_000),
            stored(4_000, -2_000),
        ];
        let flows = flows(&town, &events);
        assert_eq!(amount(&flows, "gate", "hall", "persons"), 2.0);
        assert_eq!(amount(&flows, "hall", "security", "persons"), 2.0);
        assert_eq!(amount(&flows, "gate", "security", "persons"), 2.0);
    }
}
