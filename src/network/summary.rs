//! Facts about a network in words and figures, for `check` and the report.

use super::Network;
use crate::scenario::settings::Settings;
use crate::units::Time;
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

    /// What to know of a timetable that lies outside the day, wholly or in part.
    pub fn outside_the_day(&self, settings: &Settings) -> Vec<String> {
        let time = &settings.time;
        let (Some(start), Some(end)) = (Time::parse(&time.start), Time::parse(&time.end)) else { return Vec::new() };
        let (mut within, mut late) = (0, 0);
        for line in self.lines.lines.iter().filter(|line| !line.stops.is_empty()) {
            let last = line.stops.len() - 1;
            for run in 0..line.runs() {
                let is_late = line.departure(run, 0) >= end;
                late += usize::from(is_late);
                within += usize::from(!is_late && line.arrival(run, last) > start);
            }
        }
        let mut remarks = Vec::new();
        if within == 0 && settings.services.is_some() {
            remarks.push(format!("no departure of the timetable lies in the day from {start} to {end}"));
        }
        if late > 0 {
            remarks.push(format!("{} departures leave at or after the day's end, {end}", grouped(late)));
        }
        remarks
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
    use crate::network::fixture::{CENTRE, link, node, north, route, scenario, stop, trip};
    use crate::scenario::tables::GtfsTrip;

    #[test]
    fn a_scenario_whose_departures_miss_the_day_says_so() {
        let mut s = scenario();
        s.timetable.stops = vec![stop("a", CENTRE), stop("b", north(CENTRE, 1000.0))];
        s.timetable.routes = vec![route("r")];
        let at = |id: &str, hour: f64| {
            trip(id, "r", &[(0, hour * 3_600.0, hour * 3_600.0), (1, hour * 3_600.0 + 60.0, hour * 3_600.0 + 60.0)])
        };
        (s.settings.time.start, s.settings.time.end) = ("06:00".into(), "24:00".into());
        let mut remarks = |trips: Vec<GtfsTrip>| {
            s.timetable.trips = trips;
            Network::build(&s).expect("a timetable").outside_the_day(&s.settings)
        };
        assert!(remarks(vec![at("early", 5.0), at("day", 8.0)]).is_empty());
        let none = "no departure of the timetable lies in the day from 06:00:00 to 24:00:00";
        let late = "1 departures leave at or after the day's end, 24:00:00";
        assert_eq!(remarks(vec![at("early", 5.0), at("late", 24.0)]), [none, late]);
        assert_eq!(remarks(vec![at("day", 8.0), at("late", 24.0)]), [late]);
        assert_eq!(remarks(Vec::new()), [none]);
    }

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
