//! Hubs by hour: passengers in the hour in which their visit ended, trucks in that in which they came; table `hub_hours`.

use crate::demand::Place;
use crate::events::{Event, EventSink, What};
use crate::metrics::journeys::HubUse;
use crate::metrics::{Context, Hours, Indicator};
use crate::table::Table;

/// Persons and trucks by hub and hour.
#[derive(Debug)]
pub struct HubHours {
    hours: Hours,
    /// Hub, use and persons of an agent that uses one.
    user: Vec<Option<(u32, HubUse, u16)>>,
    /// By hub and hour: departing, arriving, transfer persons, trucks.
    through: Vec<[u64; 4]>,
}

impl HubHours {
    /// Empty hubs.
    pub fn new(context: &Context) -> HubHours {
        let hours = context.hours();
        let hub_of = |place| match place {
            Place::Hub(hub, _) => Some(hub),
            Place::Node(_) => None,
        };
        let user = (context.demand.agents.iter())
            .map(|a| Some((hub_of(a.to).or_else(|| hub_of(a.from))?.0, HubUse::of(a)?, a.party)))
            .collect();
        HubHours { hours, user, through: vec![[0; 4]; hours.count() * context.network.hubs.hubs.len()] }
    }
}

impl EventSink for HubHours {
    fn event(&mut self, event: &Event) {
        // A leg without a mode is a visit of a hub's processes. Trucks count when they come to the gate, which may be hours
        // before they leave it.
        let ends = match event.what {
            What::LegBegan { mode: None, .. } => false,
            What::LegEnded { mode: None, .. } => true,
            _ => return,
        };
        if let Some((hub, how, party)) =
            self.user.get(event.agent.i()).copied().flatten().filter(|u| (u.1 != HubUse::Truck) == ends)
        {
            let cell = &mut self.through[hub as usize * self.hours.count() + self.hours.of(event.time)];
            match how {
                HubUse::Departing => cell[0] += u64::from(party),
                HubUse::Arriving => cell[1] += u64::from(party),
                HubUse::Transfer => cell[2] += u64::from(party),
                HubUse::Truck => cell[3] += 1,
            }
        }
    }
}

impl Indicator for HubHours {
    fn name(&self) -> &'static str {
        "hub_hours"
    }

    fn tables(&self, context: &Context) -> Vec<Table> {
        let rows = || (0..self.through.len()).map(|i| (i / self.hours.count(), i % self.hours.count()));
        let hub = |h: usize| context.network.names.hubs.name(h as u32).to_owned();
        let column = |kinds: &[usize]| -> Vec<f64> {
            self.through.iter().map(|cell| context.expand(kinds.iter().map(|&k| cell[k]).sum())).collect()
        };
        vec![
            Table::new("hub_hours")
                .key("hub", "external id of the hub", rows().map(|(h, _)| hub(h)).collect())
                .key_int(
                    "hour",
                    "hour of the clock",
                    "hour, past 24 after midnight",
                    rows().map(|(_, i)| self.hours.clock(i)).collect(),
                )
                .real(
                    "passengers",
                    "persons per hour",
                    "persons through the hub's processes, expanded",
                    column(&[0, 1, 2]),
                )
                .real("trucks", "trucks per hour", "trucks that came to the gate, expanded", column(&[3]))
                .real("passengers_departing", "persons per hour", "of them from the city to a service", column(&[0]))
                .real("passengers_arriving", "persons per hour", "of them from a service to the city", column(&[1]))
                .real("passengers_transfer", "persons per hour", "of them between two services", column(&[2])),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::town::{Town, at};
    use crate::units::HOUR_MS;

    /// One traveller of the town ends the visit of the hub at 9:30; the sums of all hours hold the party, once.
    #[test]
    fn a_visit_counts_in_the_hour_in_which_it_ends() {
        let town = Town::new();
        let user = (town.demand.agents.iter()).position(|a| HubUse::of(a) == Some(HubUse::Departing)).unwrap();
        let party = f64::from(town.demand.agents[user].party);
        let half_past_nine = 9 * HOUR_MS + HOUR_MS / 2;
        let events = [at(half_past_nine).ended(user as u32, 0, None)];
        let (tables, _) = town.tell(HubHours::new(&town.context()), &events);
        let rows: Vec<f64> = (0..tables[0].rows()).map(|r| tables[0].number("passengers", r).unwrap()).collect();
        assert_eq!(rows.iter().sum::<f64>(), party);
        let row = rows.iter().position(|&p| p > 0.0).unwrap();
        assert_eq!(tables[0].number("hour", row), Some(9.0));
    }
}
