//! Pairs of places that nothing joins, with the demand between them: agents without any plan are taken out of the day.

use crate::demand::plan::Plan;
use crate::demand::{Agent, Demand, Place};
use crate::error::{Found, Problem};
use crate::ids::HubIx;
use crate::network::Network;
use crate::table::Table;

/// A pair of places without a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where it begins: a node or a hub.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// Agents that were to go there.
    pub agents: u64,
    /// Persons among them; a truck counts for one.
    pub persons: u64,
}

/// The pairs whose agents have no plan, those with most persons first, then by their names.
pub fn pairs(network: &Network, demand: &Demand, plans: &[Option<Plan>]) -> Vec<Pair> {
    let without = demand.agents.iter().zip(plans).filter(|(_, plan)| plan.is_none()).map(|(agent, _)| agent);
    let mut rows: Vec<(String, String, &Agent)> =
        without.map(|agent| (name(network, agent.from), name(network, agent.to), agent)).collect();
    rows.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut pairs: Vec<Pair> = Vec::new();
    for (from, to, agent) in rows {
        let same = pairs.last_mut().filter(|pair| pair.from == from && pair.to == to);
        let persons = u64::from(agent.party.max(1));
        match same {
            Some(pair) => (pair.agents, pair.persons) = (pair.agents + 1, pair.persons + persons),
            None => pairs.push(Pair { from, to, agents: 1, persons }),
        }
    }
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.persons));
    pairs
}

fn name(network: &Network, place: Place) -> String {
    let hub = |hub: HubIx| network.hubs.hubs.get(hub.i()).map_or_else(String::new, |hub| hub.id.clone());
    match place {
        // Networks made by hand may have no names.
        Place::Node(node) => match network.names.nodes.all().get(node.i()) {
            Some(name) => name.clone(),
            None => node.0.to_string(),
        },
        Place::Hub(at, _) => hub(at),
    }
}

/// The pairs as problems: a run does not go on without them unless it was told to.
pub fn problems(pairs: &[Pair], file: &str, sample: f64) -> Vec<Problem> {
    let mut found = Found::default();
    for Pair { from, to, persons, .. } in pairs {
        let what = format!("no way from \"{from}\" to \"{to}\" for {:.0} persons", *persons as f64 / sample);
        let wanted = "a way by any mode, or demand.unreachable = \"remove\" to go on without them";
        found.push(Problem::new(file, what, wanted).column("demand.unreachable"));
    }
    found.problems()
}

/// The table `unreachable`.
pub fn table(pairs: &[Pair], sample: f64) -> Table {
    let texts = |of: fn(&Pair) -> &String| pairs.iter().map(|pair| of(pair).clone()).collect::<Vec<String>>();
    Table::new("unreachable")
        .key("from", "node or hub from which no way leads there", texts(|pair| &pair.from))
        .key("to", "node or hub where it was to go", texts(|pair| &pair.to))
        .int("agents", "agents", "simulated agents that were removed", pairs.iter().map(|p| p.agents as i64).collect())
        .real(
            "persons",
            "persons per day",
            "persons who were to go there, trucks as one, expanded by 1/sample",
            pairs.iter().map(|p| p.persons as f64 / sample).collect(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::toy;
    use crate::units::Time;

    #[test]
    fn pairs_are_told_with_their_demand_the_largest_first() {
        let network = toy::network(toy::roads(&[[113.0, 23.0]; 3], &[]), toy::lines(0, vec![], &[]), &[]);
        let party = |key, from, to, party| Agent { party, ..toy::agent(key, from, to, Time(0)) };
        let agents = vec![party(1, 0, 1, 1), party(2, 1, 2, 3), party(3, 0, 1, 1), party(4, 1, 2, 2)];
        let demand = toy::demand(agents);
        let pairs = pairs(&network, &demand, &[None, None, None, None]);
        let told: Vec<_> = pairs.iter().map(|p| (&*p.from, &*p.to, p.agents, p.persons)).collect();
        assert_eq!(told, [("1", "2", 2, 5), ("0", "1", 2, 2)]);
        // A sample of a half: 10 and 4 persons.
        let problems = problems(&pairs, "scenario.toml", 0.5);
        assert!(problems[0].to_string().contains("for 10 persons"), "{}", problems[0]);
        assert_eq!(table(&pairs, 0.5).number("persons", 1), Some(4.0));
    }
}
