//! Facts about a network in words and figures, for `check` and the report.

use super::Network;
use std::collections::BTreeMap;

impl Network {
    /// What the network holds: lines of (what, how much) for people, in a fixed order.
    pub fn summary(&self) -> Vec<(String, String)> {
        let roads = &self.roads;
        let mut facts = vec![line("nodes", roads.nodes()), line("links", roads.links())];
        let mut facilities: BTreeMap<&str, usize> = BTreeMap::new();
        for facility in &roads.facility {
            *facilities.entry(if facility.is_empty() { "without type" } else { facility }).or_default() += 1;
        }
        facts.extend(facilities.into_iter().map(|(facility, links)| line(&format!("links: {facility}"), links)));
        let lane_m = roads.length_m.iter().zip(&roads.lanes).fold(0.0, |sum, (metres, lanes)| sum + metres * lanes);
        facts.push(("lane-km".into(), format!("{:.1}", lane_m / 1000.0)));
        let closed = roads.capacity_pcu_h.iter().filter(|&&c| c <= 0.0).count();
        if closed > 0 {
            facts.push(line("closed links", closed));
        }
        facts.extend([
            line("stops", self.lines.stops.len()),
            line("lines", self.lines.lines.len()),
            line("departures", self.lines.departures as usize),
            line("hubs", self.hubs.hubs.len()),
            line("processes", self.hubs.processes.len()),
            line("hub services", self.hubs.services.len()),
            line("zones", self.places.zones.len()),
            line("districts", self.places.districts.len()),
        ]);
        facts
    }
}

fn line(what: &str, count: usize) -> (String, String) {
    (what.to_owned(), grouped(count))
}

/// A count with commas between thousands.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::{CENTRE, link, node, north, scenario};

    #[test]
    fn the_summary_counts_links_by_facility_and_adds_up_lane_kilometres() {
        // Three links of 1 km with 2 lanes = 6.0 lane-km, one of them closed.
        let mut s = scenario();
        s.nodes = vec![node("a", CENTRE), node("b", north(CENTRE, 900.0))];
        s.links = vec![link("1", "a", "b"), link("2", "b", "a"), link("3", "a", "b")];
        s.links[2].facility_type = "motorway".into();
        s.links[2].capacity_pcu_h_lane = 0.0;
        let told: Vec<String> = Network::build(&s)
            .expect("a street")
            .summary()
            .into_iter()
            .map(|(what, how)| format!("{what} = {how}"))
            .collect();
        assert_eq!(
            told[..6],
            [
                "nodes = 2",
                "links = 3",
                "links: motorway = 1",
                "links: primary = 2",
                "lane-km = 6.0",
                "closed links = 1"
            ]
        );
        assert!(told.contains(&"districts = 0".to_owned()));
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
