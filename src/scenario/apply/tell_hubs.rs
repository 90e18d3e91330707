//! What a variant changes at hubs, in words.

use super::super::Scenario;
use super::super::hubs::{Scope, StoreUnit};
use super::super::variant::Measure;
use super::tell::{hub_name, joined};

/// One sentence for a measure on what a hub can do; nothing for other measures.
pub(super) fn sentence(measure: &Measure, scenario: &Scenario) -> String {
    match measure {
        Measure::SetProcess {
            hub_id,
            process,
            servers_factor,
            servers,
            mean_s,
            reset_s,
            places,
            batch_size,
            priority,
        } => {
            let classes = |classes: &Vec<crate::scenario::hubs::UserClass>| {
                let words: Vec<&str> = classes.iter().map(|class| class.word()).collect();
                if words.is_empty() { "nobody first".to_owned() } else { format!("{} first", words.join(", then ")) }
            };
            let values = [
                servers_factor.map(|x| format!("servers times {x}")),
                servers.map(|x| format!("{x} servers the whole day")),
                mean_s.map(|x| format!("mean service time {x} s")),
                reset_s.map(|x| format!("{x} s after each service")),
                places.map(|x| format!("{x} places")),
                batch_size.map(|x| format!("{x} at once")),
                priority.as_ref().map(classes),
            ];
            format!("sets at process {process} of {}: {}", hub_name(scenario, hub_id), joined(values))
        }
        Measure::SetStore { hub_id, store, capacity, capacity_factor } => {
            let hub = scenario.hubs.iter().find(|h| h.hub_id == *hub_id);
            let row = hub.and_then(|h| h.stores.iter().find(|s| s.id == *store));
            let unit = row.map_or("", |row| match row.unit {
                StoreUnit::Persons => " persons",
                StoreUnit::Vehicles => " vehicles",
                StoreUnit::Teu => " TEU",
                StoreUnit::Tonnes => " t",
            });
            let now = row.map_or(String::new(), |row| format!(" (now {}{unit})", row.capacity));
            let values =
                [capacity.map(|x| format!("room for {x}{unit}")), capacity_factor.map(|x| format!("room times {x}"))];
            format!("sets at store {store} of {}: {}{now}", hub_name(scenario, hub_id), joined(values))
        }
        Measure::SetAppointments { hub_id, slot_min, trucks, early_min } => {
            let values = [
                slot_min.map(|x| format!("slots of {x} min")),
                trucks.map(|x| format!("{x} trucks a slot")),
                early_min.map(|x| format!("taken in {x} min before")),
            ];
            let hub = hub_name(scenario, hub_id);
            if values.iter().all(Option::is_none) {
                return format!("ends the appointments of trucks at {hub}");
            }
            format!("sets the appointments of trucks at {hub}: {}", joined(values))
        }
        Measure::AssignTerminal { hub_id, terminal, share, scope, region, from } => {
            let scope = match scope {
                None => "services",
                Some(Scope::Domestic) => "domestic services",
                Some(Scope::International) => "international services",
            };
            let part = share.filter(|x| *x < 1.0).map_or("all".to_owned(), |x| format!("{} % of the", x * 100.0));
            let region = region.as_ref().map_or(String::new(), |region| format!(" of region {region}"));
            let from = if from.is_empty() { String::new() } else { format!(" at {}", from.join(", ")) };
            format!("puts {part} {scope}{region}{from} of {} at terminal {terminal}", hub_name(scenario, hub_id))
        }
        _ => String::new(),
    }
}
