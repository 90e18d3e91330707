//! Tokens: who and what passes the processes of hubs. Travellers and trucks come first, items of hubs after them; the
//! vehicle runs of lines, whose numbers lie in between, pass none.
//!
//! What a process counts is its own unit: a hall counts persons, a kerb or a truck gate vehicles, whoever sits in them.

use crate::ids::AgentIx;
use crate::metrics::Context;
use crate::network::hubs::Hubs;
use crate::scenario::hubs::ChainUser;

/// What a process counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Consignments on their way to or from a service.
    Consignments,
    /// Bags of parties.
    Bags,
    /// Cars, trucks, aircraft, trains.
    Vehicles,
    /// Persons.
    Persons,
}

impl Unit {
    /// The word used in files.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Consignments => "consignments",
            Unit::Bags => "bags",
            Unit::Vehicles => "vehicles",
            Unit::Persons => "persons",
        }
    }

    /// What the users of a chain are counted in.
    pub fn of_chain(user: ChainUser) -> Unit {
        use ChainUser::{
            Alighting, Arriving, BagsIn, BagsOut, Boarding, Departing, DropOff, Load, Park, PickUp, ServiceIn,
            ServiceOut, Transfer, Truck, Unload, Unpark,
        };
        match user {
            Departing | Arriving | Transfer | Boarding | Alighting => Unit::Persons,
            Truck | DropOff | PickUp | Park | Unpark | ServiceIn | ServiceOut => Unit::Vehicles,
            BagsOut | BagsIn => Unit::Bags,
            Load | Unload => Unit::Consignments,
        }
    }

    /// The unit of each process: that of the chains that pass it, persons before vehicles where both do. One that no chain
    /// passes counts persons.
    pub fn of_processes(hubs: &Hubs) -> Vec<Unit> {
        let mut units: Vec<Option<Unit>> = vec![None; hubs.processes.len()];
        for chain in hubs.hubs.iter().flat_map(|h| &h.chains) {
            for step in &chain.steps {
                let unit = &mut units[step.process.i()];
                *unit = (*unit).max(Some(Unit::of_chain(chain.user)));
            }
        }
        units.into_iter().map(|unit| unit.unwrap_or(Unit::Persons)).collect()
    }
}

/// Everybody and everything that may pass processes, at places counted from 0.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    agents: usize,
    first_item: usize,
    persons: Vec<u16>,
}

impl Tokens {
    /// The tokens of a day; none where there is no process.
    pub fn new(context: &Context) -> Tokens {
        let demand = context.demand;
        if context.network.hubs.processes.is_empty() {
            return Tokens::default();
        }
        let mut persons: Vec<u16> = demand.agents.iter().map(|a| a.party).collect();
        persons.resize(persons.len() + demand.items.list.len(), 1);
        Tokens { agents: demand.agents.len(), first_item: demand.items.first as usize, persons }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.persons.len()
    }

    /// The place of an agent number; `None` for vehicle runs of lines, and where there is no process.
    pub fn place(&self, agent: AgentIx) -> Option<usize> {
        let number = agent.i();
        let place = match number < self.agents {
            true => number,
            false => self.agents + number.checked_sub(self.first_item.max(self.agents))?,
        };
        (place < self.persons.len()).then_some(place)
    }

    /// What a token counts at a process of a unit: its persons, or one.
    pub fn weight(&self, place: usize, unit: Unit) -> u16 {
        if unit == Unit::Persons { self.persons[place] } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::items::{Item, ItemKind, Items};
    use crate::ids::{HubIx, ProcessIx, ServiceIx};
    use crate::metrics::town::{DEPARTING, Town};
    use crate::network::hubs::{Chain, Step};
    use crate::scenario::hubs::ChainScope;

    #[test]
    fn items_follow_travellers_and_vehicle_runs_between_them_are_no_tokens() {
        // Six agents, two vehicle runs (6 and 7), then one item: number 8 at place 6.
        let mut town = Town::new();
        let kind = ItemKind::Service(ServiceIx(0));
        let item = Item { key: 1, hub: HubIx(0), chain: 0, kind, service: ServiceIx(0) };
        town.demand.items = Items { first: 8, list: vec![item] };
        let tokens = Tokens::new(&town.context());
        let places = [0, 5, 6, 7, 8, 9].map(|a| tokens.place(AgentIx(a)));
        assert_eq!(places, [Some(0), Some(5), None, None, Some(6), None]);
        assert_eq!(tokens.count(), 7);
        let place = tokens.place(AgentIx(DEPARTING)).unwrap();
        assert_eq!([Unit::Persons, Unit::Vehicles].map(|u| tokens.weight(place, u)), [2, 1]);
    }

    #[test]
    fn a_process_counts_persons_where_persons_pass_it_beside_vehicles() {
        let mut town = Town::new();
        let chain = |user, processes: &[u32]| Chain {
            user,
            scope: ChainScope::Any,
            terminal: None,
            steps: processes.iter().map(|&p| Step::at(ProcessIx(p), 0)).collect(),
        };
        town.network.hubs.hubs[0].chains =
            vec![chain(ChainUser::Truck, &[0, 1]), chain(ChainUser::Departing, &[0]), chain(ChainUser::Load, &[1])];
        assert_eq!(Unit::of_processes(&town.network.hubs), [Unit::Persons, Unit::Vehicles]);
    }
}
