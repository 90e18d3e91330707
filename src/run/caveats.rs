//! What a reader of the results must know of the hubs before the figures.

use crate::demand::Demand;
use crate::network::Network;
use crate::scenario::hubs::StoreUnit;
use crate::units::Time;

/// Names that are told before the rest is counted.
const TOLD: usize = 8;

/// Caveats of the hubs of a run.
pub(super) fn of_hubs(network: &Network, demand: &Demand) -> Vec<String> {
    let mut caveats = Vec::new();
    caveats.extend(few_servers(network, demand.sample));
    caveats.extend(full_stores(network, demand));
    caveats
}

/// Processes whose servers are fewer than one in the sample: a single simulated user keeps all of them for as long as those
/// whom it stands for would need, so that waits are far too long.
fn few_servers(network: &Network, sample: f64) -> Option<String> {
    let (whole, _) = network.hubs.of_services();
    let most = |shifts: &[(Time, Time, u32)]| shifts.iter().map(|s| s.2).max().unwrap_or(0);
    let few: Vec<&str> = (network.hubs.processes.iter().enumerate())
        .filter(|(p, process)| !whole[*p] && f64::from(most(&process.shifts)) * sample < 1.0 - 1e-9)
        .filter_map(|(p, _)| network.names.processes.all().get(p).map(String::as_str))
        .collect();
    if few.is_empty() {
        return None;
    }
    let more = few.len().saturating_sub(TOLD);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "At a sample of {} % less than one server is simulated of {}{rest}: waits there are too long. Run a larger sample to \
         judge them.",
        sample * 100.0,
        few[..few.len().min(TOLD)].join(", ")
    ))
}

/// Stores that hold more when the day begins than they have room for.
fn full_stores(network: &Network, demand: &Demand) -> Vec<String> {
    let (_, whole) = network.hubs.of_services();
    let stores =
        network.hubs.stores.iter().zip(&demand.stock.content).zip(network.names.stores.all().iter().zip(whole));
    let over = stores.filter_map(|((store, &content), (name, whole))| {
        let there = content as f64 / 1_000.0 / if whole { 1.0 } else { demand.sample };
        let unit = match store.unit {
            StoreUnit::Persons => "persons",
            StoreUnit::Vehicles => "vehicles",
            StoreUnit::Teu => "TEU",
            StoreUnit::Tonnes => "tonnes",
        };
        (there > store.capacity * 1.001 + 1.0).then(|| {
            format!(
                "The store {name} has room for {} {unit}, and the days before have left {there:.0} in it: nothing more fits in.",
                store.capacity
            )
        })
    });
    over.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::stock::Stock;
    use crate::ids::HubIx;
    use crate::network::hubs::{Process, Store};

    #[test]
    fn a_sample_of_less_than_a_server_and_a_yard_too_small_are_told() {
        let mut network = Network::default();
        let process = |servers| Process { shifts: vec![(Time(0), Time(1), servers)], ..Process::default() };
        network.hubs.processes = vec![process(20), process(9)];
        network.hubs.stores = vec![Store { unit: StoreUnit::Teu, capacity: 50.0, hub: HubIx(0), ..Store::default() }];
        for name in ["port/gate", "port/crane"] {
            network.names.processes.add(name);
        }
        network.names.stores.add("port/yard");
        // A tenth of 20 servers are two, of 9 less than one; 8.78 TEU of the sample are 88.
        let stock = Stock { content: vec![8_780], ..Stock::default() };
        let demand = Demand { sample: 0.1, stock, ..Demand::default() };
        let told = of_hubs(&network, &demand);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("of port/crane: waits") && !told[0].contains("gate"), "{}", told[0]);
        assert!(told[1].contains("room for 50 TEU, and the days before have left 88"), "{}", told[1]);
    }
}
