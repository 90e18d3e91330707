//! Zones and districts: where people live and work, and which outline counts what happens.

use super::NetworkNames;
use super::build::{Files, add, find, quoted};
use super::points::Points;
use super::roads::Roads;
use super::topology::Topology;
use crate::error::Problem;
use crate::ids::{DistrictIx, NodeIx, ZoneIx};
use crate::mode::VehicleClass;
use crate::scenario::Scenario;

/// Zones and districts.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Districts by [`DistrictIx`].
    pub districts: Vec<District>,
    /// Zones by [`ZoneIx`].
    pub zones: Vec<Zone>,
}

/// A district or neighbouring city.
#[derive(Clone, Debug)]
pub struct District {
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Residents.
    pub population: f64,
    /// Gross domestic product, yuan a year.
    pub gdp_cny: f64,
    /// Jobs by sector, in the order of [`crate::scenario::tables::SECTORS`].
    pub jobs: [f64; 4],
    /// Rings of its outline, lon/lat, closed.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Its zones.
    pub zones: Vec<ZoneIx>,
}

/// A zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// District.
    pub district: DistrictIx,
    /// Name, may be empty.
    pub name: String,
    /// Position, lon/lat degrees.
    pub position: [f64; 2],
    /// Residents.
    pub population: f64,
    /// Jobs.
    pub jobs: f64,
    /// Whether trips inside the zone are left out.
    pub external: bool,
    /// Nodes at which its trips start and end, in index order; never empty.
    pub nodes: Vec<NodeIx>,
}

impl District {
    /// Whether a lon/lat position lies inside its outline: inside an odd number of rings, so that holes are outside.
    pub fn contains(&self, position: [f64; 2]) -> bool {
        self.rings.iter().filter(|ring| encloses(ring, position)).count() % 2 == 1
    }
}

/// Whether a ring encloses a position: a ray to the east crosses it an odd number of times.
fn encloses(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    for side in ring.windows(2) {
        let ([ax, ay], [bx, by]) = (side[0], side[1]);
        if (ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax) {
            inside = !inside;
        }
    }
    inside
}

impl Places {
    /// Districts and zones of a scenario, still without the zones' nodes.
    pub(super) fn build(scenario: &Scenario, names: &mut NetworkNames, problems: &mut Vec<Problem>) -> Places {
        let files = Files(scenario);
        let mut districts = Vec::with_capacity(scenario.districts.len());
        for row in &scenario.districts {
            let taken =
                || Problem::new(files.districts(), quoted(&row.id), "an id of its own").at(row.row).column("id");
            add(&mut names.districts, &row.id, taken, problems);
            districts.push(District {
                name: row.name.clone(),
                name_en: row.name_en.clone(),
                population: row.population,
                gdp_cny: row.gdp_cny,
                jobs: row.jobs,
                rings: row.rings.clone(),
                zones: Vec::new(),
            });
        }
        let mut zones = Vec::with_capacity(scenario.zones.len());
        for row in &scenario.zones {
            let at = |found: &str, wanted, column| {
                Problem::new(files.zones(), quoted(found), wanted).at(row.row).column(column)
            };
            add(&mut names.zones, &row.zone_id, || at(&row.zone_id, "an id of its own", "zone_id"), problems);
            let unknown = || at(&row.district_id, "the id of a district", "district_id");
            let district = find(&names.districts, &row.district_id, unknown, problems).map(DistrictIx);
            if let Some(district) = district {
                districts[district.i()].zones.push(ZoneIx::from(zones.len()));
            }
            zones.push(Zone {
                district: district.unwrap_or_default(),
                name: row.name.clone(),
                position: [row.x_coord, row.y_coord],
                population: row.population,
                jobs: row.jobs,
                external: row.external,
                nodes: Vec::new(),
            });
        }
        Places { districts, zones }
    }

    /// The district that a position counts to: the first whose outline contains it.
    pub fn district_at(&self, position: [f64; 2]) -> Option<DistrictIx> {
        self.districts.iter().position(|d| d.contains(position)).map(DistrictIx::from)
    }

    /// Gives every zone its nodes: those that name it, else the nearest from which cars come and go, which then counts
    /// to the zone unless it has one already.
    pub(super) fn settle(&mut self, scenario: &Scenario, roads: &mut Roads, problems: &mut Vec<Problem>) {
        for (n, zone) in roads.node_zone.iter().enumerate() {
            if let Some(zone) = zone {
                self.zones[zone.i()].nodes.push(NodeIx::from(n));
            }
        }
        if self.zones.iter().all(|zone| !zone.nodes.is_empty()) {
            return;
        }
        // Where no street leads both ways (a one-way road with given trips) every node on a street will do.
        let parts = Topology::new(roads, VehicleClass::Car).strong_components();
        let usable = if parts.first().is_some_and(|part| part.len() > 1) { 1 } else { parts.len() };
        let mut core = vec![false; roads.nodes()];
        parts[..usable].iter().flatten().for_each(|node| core[node.i()] = true);
        let points = Points::new(roads.node_position.iter().copied().enumerate());
        for (z, zone) in self.zones.iter_mut().enumerate().filter(|(_, zone)| zone.nodes.is_empty()) {
            let row = &scenario.zones[z];
            let Some((n, _)) = points.nearest(zone.position, |n| core[n]) else {
                let wanted = "a node with this zone_id, or a node near it that cars reach";
                problems.push(
                    Problem::new(Files(scenario).zones(), quoted(&row.zone_id), wanted).at(row.row).column("zone_id"),
                );
                continue;
            };
            zone.nodes.push(NodeIx::from(n));
            roads.node_zone[n].get_or_insert(ZoneIx::from(z));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::network::fixture::{CENTRE, district, link, node, north, scenario, zone};

    #[test]
    fn a_hole_in_a_district_lies_outside_it() {
        let mut s = scenario();
        s.districts = vec![district("ring", CENTRE, 0.2)];
        let hole = district("hole", CENTRE, 0.1).rings;
        s.districts[0].rings.extend(hole);
        let places = Network::build(&s).expect("a district").places;
        assert_eq!(places.district_at(CENTRE), None);
        assert_eq!(places.district_at([CENTRE[0] + 0.15, CENTRE[1]]), Some(DistrictIx(0)));
        assert_eq!(places.district_at([CENTRE[0] + 0.25, CENTRE[1]]), None);
    }

    #[test]
    fn a_zone_without_nodes_gets_the_nearest_that_cars_reach_and_leave() {
        // The footpath node lies at the zone itself, a one-way end 100 m away; the nearest of the two-way street counts.
        let mut s = scenario();
        s.districts = vec![district("d", CENTRE, 0.1)];
        s.zones = vec![zone("z", "d", CENTRE)];
        let at = |m| north(CENTRE, m);
        s.nodes = vec![node("far", at(900.0)), node("near", at(300.0)), node("end", at(100.0)), node("path", CENTRE)];
        s.links = vec![link("fn", "far", "near"), link("nf", "near", "far"), link("ne", "near", "end")];
        s.links.push(link("ep", "end", "path"));
        s.links[3].allowed_uses = vec!["walk".into()];
        let network = Network::build(&s).expect("one street");
        assert_eq!(network.places.zones[0].nodes, [NodeIx(1)]);
        assert_eq!(network.roads.node_zone[1], Some(ZoneIx(0)));
        assert_eq!(network.places.districts[0].zones, [ZoneIx(0)]);
    }

    #[test]
    fn nodes_count_to_their_zones_district_then_to_the_outline_around_them_then_to_the_nearest_zone() {
        // Two districts side by side; "named" lies in the west and belongs to a zone of the east; "out" lies in neither.
        let mut s = scenario();
        let east = [CENTRE[0] + 0.2, CENTRE[1]];
        s.districts = vec![district("west", CENTRE, 0.1), district("east", east, 0.1)];
        s.zones = vec![zone("w", "west", CENTRE), zone("e", "east", east)];
        let mut named = node("named", CENTRE);
        named.zone_id = Some("e".into());
        s.nodes = vec![named, node("inside", CENTRE), node("out", [CENTRE[0] + 0.4, CENTRE[1]])];
        s.links = vec![link("1", "named", "inside"), link("2", "inside", "out"), link("3", "out", "named")];
        let roads = Network::build(&s).expect("a triangle").roads;
        let (west, east) = (Some(DistrictIx(0)), Some(DistrictIx(1)));
        assert_eq!(roads.node_district, [east, west, east]);
        // A link counts to the district of its downstream node.
        assert_eq!(roads.district, [west, east, east]);
    }
}
