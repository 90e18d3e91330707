//! What a comparison reads of one finished outcome: its districts, hub flows, densities and parameters, back from tables.

use crate::ids::DistrictIx;
use crate::outcome::Outcome;
use crate::scenario::tables::SECTORS;
use crate::spillover::direct_demand::HubFlow;
use crate::spillover::parameters::ParameterSet;
use crate::spillover::tables::{kind_from_word, parameter_sets};
use crate::table::Table;
use rustc_hash::FxHashMap;

/// The districts of a comparison: those of the base, in its order.
pub struct Districts {
    /// External ids.
    pub ids: Vec<String>,
    place: FxHashMap<String, usize>,
}

impl Districts {
    /// The districts of an outcome; `None` when it has none.
    pub fn of(outcome: &Outcome) -> Option<Districts> {
        let ids = outcome.table("districts")?.texts("district_id").to_vec();
        let place = ids.iter().cloned().zip(0..).collect();
        (!ids.is_empty()).then_some(Districts { ids, place })
    }

    /// Number of districts.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// The district of a name.
    pub fn find(&self, id: &str) -> Option<DistrictIx> {
        self.place.get(id).map(|&d| DistrictIx::from(d))
    }

    /// A number by district, from a table with one row per district; 0 where it is missing.
    pub fn column(&self, table: &Table, name: &str) -> Vec<f64> {
        let mut values = vec![0.0; self.count()];
        for (row, id) in table.texts("district_id").iter().enumerate() {
            if let Some(d) = self.find(id) {
                values[d.i()] += table.number(name, row).unwrap_or(0.0);
            }
        }
        values
    }
}

/// One outcome, as far as increments follow from it.
pub struct Side<'a> {
    /// Table of districts.
    pub districts: &'a Table,
    /// Flow of each hub with its id.
    pub hubs: Vec<(String, HubFlow)>,
    /// Effective densities as `[district][set * 4 + sector]`; empty without parameters.
    pub densities: Vec<Vec<f64>>,
    /// Parameter sets, defaults first; empty without parameters.
    pub sets: Vec<ParameterSet>,
    /// Shares of car kilometres by purpose: business, commute, other.
    pub purpose_shares: [f64; 3],
}

impl<'a> Side<'a> {
    /// Reads an outcome; `None` when a table that a run with districts writes is missing.
    pub fn read(outcome: &'a Outcome, districts: &Districts) -> Option<Side<'a>> {
        let sets = outcome.table("parameter_draws").and_then(parameter_sets).unwrap_or_default();
        let densities = outcome.table("density_draws").map_or(Vec::new(), |t| densities(t, districts, sets.len()));
        let share = |row| outcome.table("purpose_shares").and_then(|t| t.number("share", row)).unwrap_or(0.0);
        Some(Side {
            districts: outcome.table("districts")?,
            hubs: hubs(outcome.table("hub_flow")?, outcome.table("accessibility")?, districts),
            densities,
            sets,
            purpose_shares: [share(0), share(1), share(2)],
        })
    }

    /// Passengers and TEU a day of all hubs.
    pub fn flow(&self) -> [f64; 2] {
        let flows = self.hubs.iter().map(|(_, h)| h);
        [flows.clone().map(|h| h.passengers).sum(), flows.map(|h| h.teu.iter().sum::<f64>()).sum()]
    }
}

fn densities(table: &Table, districts: &Districts, sets: usize) -> Vec<Vec<f64>> {
    let mut values = vec![vec![0.0; sets * SECTORS.len()]; districts.count()];
    let names = SECTORS.map(|sector| format!("density_{sector}"));
    for (row, id) in table.texts("district_id").iter().enumerate() {
        let set = table.number("draw", row).filter(|&k| k >= 0.0 && (k as usize) < sets);
        let (Some(d), Some(set)) = (districts.find(id), set) else { continue };
        for (s, name) in names.iter().enumerate() {
            values[d.i()][set as usize * SECTORS.len() + s] = table.number(name, row).unwrap_or(0.0);
        }
    }
    values
}

fn hubs(flow: &Table, accessibility: &Table, districts: &Districts) -> Vec<(String, HubFlow)> {
    let mut hubs = Vec::new();
    for (row, id) in flow.texts("hub_id").iter().enumerate() {
        let kind = flow.texts("kind").get(row).and_then(|word| kind_from_word(word));
        let district = flow.texts("district_id").get(row).and_then(|id| districts.find(id));
        let (Some(kind), Some(district)) = (kind, district) else { continue };
        let passengers = flow.number("passengers", row).unwrap_or(0.0);
        let zero = vec![0.0; districts.count()];
        let mut hub = HubFlow {
            kind,
            district: district.i(),
            passengers,
            visitors: zero.clone(),
            tonnes: zero.clone(),
            teu: zero,
        };
        for (at, (h, d)) in accessibility.texts("hub_id").iter().zip(accessibility.texts("district_id")).enumerate() {
            if h == id
                && let Some(d) = districts.find(d)
            {
                let number = |name| accessibility.number(name, at).unwrap_or(0.0);
                hub.visitors[d.i()] = number("visitors_in");
                hub.tonnes[d.i()] = number("freight_t");
                hub.teu[d.i()] = number("freight_teu");
            }
        }
        hubs.push((id.clone(), hub));
    }
    hubs
}
