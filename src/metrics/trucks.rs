//! Trucks on the road: kilometres, and the share of them that is driven empty.
//!
//! A truck is loaded on its way to the hub when it carries an outbound consignment, and on its way back when it carries
//! an inbound one; all else is empty running, and it is driven in the same traffic. What a truck drives is the route of its
//! plan: of a drive that has ended all of it, of one under way the links that it has entered.

use crate::demand::Class;
use crate::demand::plan::{Leg, Plan};
use crate::events::{Event, EventSink, What};
use crate::ids::{AgentIx, LinkIx};
use crate::metrics::summary::{kpi, ratio};
use crate::metrics::traversals::{Came, lengths_mm};
use crate::metrics::{Context, Indicator};
use crate::network::passages::LinkTraffic;
use crate::table::{Kpi, Table};
use crate::units::Time;

/// A truck, its load, and how far it is in its plan.
#[derive(Clone, Copy, Debug, Default)]
struct Truck {
    outbound: bool,
    inbound: bool,
    /// Legs that it has begun, and that it has ended.
    begun: usize,
    ended: usize,
}

impl Truck {
    /// The routes of the legs that it has begun, each with whether it drives there empty.
    fn drives<'p>(&self, plan: &'p Plan) -> impl Iterator<Item = (usize, &'p [LinkIx], bool)> {
        let (mut empty, inbound) = (!self.outbound, self.inbound);
        plan.legs.iter().take(self.begun).enumerate().filter_map(move |(leg, planned)| match planned {
            Leg::Drive { route } => Some((leg, &route[..], empty)),
            Leg::Visit { .. } => {
                empty = !inbound;
                None
            }
            _ => None,
        })
    }
}

/// Kilometres of trucks.
#[derive(Debug)]
pub struct Trucks {
    /// By agent; `None` for who is no truck. Empty when there is none.
    trucks: Vec<Option<Truck>>,
    driven_mm: u64,
    empty_mm: u64,
    set_out: u64,
}

impl Trucks {
    /// All trucks are where they start.
    pub fn new(context: &Context) -> Trucks {
        let truck = |class| (class == Class::Truck).then(Truck::default);
        let agents = &context.demand.agents;
        let any = agents.iter().any(|a| a.class == Class::Truck);
        let mut trucks: Vec<Option<Truck>> = agents.iter().filter(|_| any).map(|a| truck(a.class)).collect();
        for consignment in &context.demand.consignments {
            if let Some(Some(truck)) = trucks.get_mut(consignment.agent.i()) {
                truck.outbound |= consignment.outbound;
                truck.inbound |= !consignment.outbound;
            }
        }
        Trucks { trucks, driven_mm: 0, empty_mm: 0, set_out: 0 }
    }
}

impl EventSink for Trucks {
    fn event(&mut self, event: &Event) {
        let Some(Some(truck)) = self.trucks.get_mut(event.agent.i()) else { return };
        match event.what {
            What::LegBegan { leg, .. } => {
                self.set_out += u64::from(leg == 0);
                truck.begun = truck.begun.max(usize::from(leg) + 1);
            }
            What::LegEnded { leg, .. } => truck.ended = truck.ended.max(usize::from(leg) + 1),
            _ => {}
        }
    }
}

impl Indicator for Trucks {
    fn name(&self) -> &'static str {
        "trucks"
    }

    fn close(&mut self, context: &Context, traffic: &LinkTraffic) {
        let length_mm = lengths_mm(&context.network.roads);
        for (a, truck) in self.trucks.iter().enumerate() {
            let (Some(truck), Some(plan)) = (truck, &context.plans[a]) else { continue };
            for (leg, route, empty) in truck.drives(plan) {
                let came = if leg < truck.ended { Came::Through } else { Came::of(AgentIx::from(a), traffic) };
                // What a truck changed on its way out lies on that way alone: the way back runs over other links.
                let route = traffic.driven(AgentIx::from(a), route, Time(i64::MIN)..Time::NEVER);
                let mm: u64 = came.entered(&route).iter().map(|link| length_mm[link.i()]).sum();
                self.driven_mm += mm;
                self.empty_mm += if empty { mm } else { 0 };
            }
        }
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
    use crate::ids::HubIx;
    use crate::metrics::town::{TRUCK, Town, at};
    use crate::mode::Mode;

    /// Over link 0 (1 km) to the hub, back over links 1 and 0 (3 and 1 km).
    fn round_trip(town: &mut Town) -> Vec<Event> {
        let drive = |links: &[u32]| Leg::Drive { route: links.iter().map(|&l| LinkIx(l)).collect() };
        let legs = vec![drive(&[0]), Leg::Visit { hub: HubIx(0), chain: 0 }, drive(&[1, 0])];
        town.plans[TRUCK as usize].as_mut().unwrap().legs = legs.into();
        let truck = Some(Mode::Truck);
        vec![
            at(0).began(TRUCK, 0, truck),
            at(1).entered(TRUCK, 0),
            at(60_001).left(TRUCK, 0, 1),
            at(60_001).ended(TRUCK, 0, truck),
            at(900_000).began(TRUCK, 1, None),
            at(1_700_000).ended(TRUCK, 1, None),
            at(1_800_000).began(TRUCK, 2, truck),
            at(1_800_001).entered(TRUCK, 1),
        ]
    }

    fn share(town: &Town, events: &[Event]) -> (f64, f64) {
        let (_, kpis) = town.tell(Trucks::new(&town.context()), events);
        let value = |name: &str| kpis.iter().find(|k| k.name == name).unwrap().value;
        (value("truck_km"), value("empty_truck_km_share"))
    }

    #[test]
    fn a_truck_that_brings_and_fetches_never_drives_empty() {
        // 1 km there with 10 t, 3 km back with 2 TEU; it is still on the link of 3 km, which counts.
        let mut town = Town::new();
        let events = round_trip(&mut town);
        assert_eq!(share(&town, &events), (4.0, 0.0));
    }

    #[test]
    fn a_truck_that_only_brings_drives_back_empty() {
        // 3 of 4 km are empty.
        let mut town = Town::new();
        let events = round_trip(&mut town);
        town.demand.consignments.pop();
        assert_eq!(share(&town, &events), (4.0, 0.75));
    }

    #[test]
    fn a_truck_that_only_fetches_drives_there_empty_and_home_again_loaded() {
        // 1 km there; home 3 + 1 km, all of which counts once the drive has ended: 1 of 5 km.
        let mut town = Town::new();
        let mut events = round_trip(&mut town);
        town.demand.consignments.remove(0);
        events.push(at(1_950_001).left(TRUCK, 1, 1_800_001));
        events.push(at(1_950_001).entered(TRUCK, 0));
        events.push(at(2_000_001).left(TRUCK, 0, 1_950_001));
        events.push(at(2_000_001).ended(TRUCK, 2, Some(Mode::Truck)));
        assert_eq!(share(&town, &events), (5.0, 0.2));
    }
}
