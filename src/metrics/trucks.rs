//! Trucks on the road: kilometres, and the share of them that is driven empty.
//!
//! A truck is loaded on its way to the hub when it carries an outbound consignment, and on its way back when it carries
//! an inbound one; all else is empty running, and it is driven in the same traffic.

use crate::demand::Class;
use crate::events::{Event, EventSink, What};
use crate::metrics::summary::{kpi, ratio};
use crate::metrics::traversals::lengths_mm;
use crate::metrics::{Context, Indicator};
use crate::table::{Kpi, Table};

/// A truck and its load; not a truck when absent.
#[derive(Clone, Copy, Debug)]
struct Load {
    outbound: bool,
    inbound: bool,
    been_at_hub: bool,
}

impl Load {
    fn empty_now(self) -> bool {
        if self.been_at_hub { !self.inbound } else { !self.outbound }
    }
}

/// Kilometres of trucks.
#[derive(Debug)]
pub struct Trucks {
    load: Vec<Option<Load>>,
    length_mm: Vec<u64>,
    driven_mm: u64,
    empty_mm: u64,
    set_out: u64,
}

impl Trucks {
    /// All trucks are where they start.
    pub fn new(context: &Context) -> Trucks {
        let ready = Load { outbound: false, inbound: false, been_at_hub: false };
        let truck = |class| (class == Class::Truck).then_some(ready);
        let mut load: Vec<Option<Load>> = context.demand.agents.iter().map(|a| truck(a.class)).collect();
        for consignment in &context.demand.consignments {
            if let Some(load) = &mut load[consignment.agent.i()] {
                load.outbound |= consignment.outbound;
                load.inbound |= !consignment.outbound;
            }
        }
        let length_mm = lengths_mm(&context.network.roads);
        Trucks { load, length_mm, driven_mm: 0, empty_mm: 0, set_out: 0 }
    }
}

impl EventSink for Trucks {
    fn event(&mut self, event: &Event) {
        match event.what {
            What::LinkEntered { link } => {
                if let Some(load) = self.load[event.agent.i()] {
                    self.driven_mm += self.length_mm[link.i()];
                    self.empty_mm += if load.empty_now() { self.length_mm[link.i()] } else { 0 };
                }
            }
            What::LegBegan { leg, mode } => {
                if let Some(load) = &mut self.load[event.agent.i()] {
                    self.set_out += u64::from(leg == 0);
                    load.been_at_hub |= mode.is_none();
                }
            }
            _ => {}
        }
    }
}

impl Indicator for Trucks {
    fn name(&self) -> &'static str {
        "trucks"
    }

    fn tables(&self, _context: &Context) -> Vec<Table> {
        Vec::new()
    }

    fn kpis(&self, context: &Context) -> Vec<Kpi> {
        vec![
            kpi("trucks", context.expand(self.set_out), "trucks per day", "trucks that set out, expanded by 1/sample"),
            kpi(
                "truck_km",
                context.expand(self.driven_mm) / 1e6,
                "vehicle-km per day",
                "distance driven by trucks of hubs, expanded by 1/sample",
            ),
            kpi(
                "empty_truck_km_share",
                ratio(self.empty_mm as f64, self.driven_mm as f64),
                "share",
                "share of it driven without a consignment; 0 when no truck drives",
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Event;
    use crate::metrics::town::{COMMUTER, TRUCK, Town, at};
    use crate::mode::Mode;

    fn round_trip() -> Vec<Event> {
        let truck = Some(Mode::Truck);
        vec![
            at(0).began(TRUCK, 0, truck),
            at(1).entered(TRUCK, 0),
            at(2).entered(COMMUTER, 0),
            at(900_000).began(TRUCK, 1, None),
            at(1_800_000).began(TRUCK, 2, truck),
            at(1_800_001).entered(TRUCK, 1),
        ]
    }

    fn share(town: &Town) -> (f64, f64) {
        let (_, kpis) = town.tell(Trucks::new(&town.context()), &round_trip());
        let value = |name: &str| kpis.iter().find(|k| k.name == name).unwrap().value;
        (value("truck_km"), value("empty_truck_km_share"))
    }

    #[test]
    fn a_truck_that_brings_and_fetches_never_drives_empty() {
        // 1 km there with 10 t, 3 km back with 2 TEU.
        assert_eq!(share(&Town::new()), (4.0, 0.0));
    }

    #[test]
    fn a_truck_that_only_brings_drives_back_empty() {
        // 3 of 4 km are empty.
        let mut town = Town::new();
        town.demand.consignments.pop();
        assert_eq!(share(&town), (4.0, 0.75));
    }
}
