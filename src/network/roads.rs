//! Nodes and links of roads and paths as arrays by index, with forward and backward stars.

use super::NetworkNames;
use super::build::{Files, add, find, quoted};
use super::districts::Places;
use super::hubs::Hubs;
use super::movements::Movements;
use super::periods::LinkPeriod;
use super::points::Points;
use crate::error::Problem;
use crate::ids::{DistrictIx, HubIx, LinkIx, NodeIx, ZoneIx};
use crate::mode::{Uses, VehicleClass};
use crate::scenario::Scenario;

/// Nodes and links; arrays by [`NodeIx`] or [`LinkIx`] as named.
#[derive(Clone, Debug, Default)]
pub struct Roads {
    /// Position of a node, lon/lat degrees.
    pub node_position: Vec<[f64; 2]>,
    /// Zone that a node gives access to.
    pub node_zone: Vec<Option<ZoneIx>>,
    /// District that a node lies in (its zone's, else by position).
    pub node_district: Vec<Option<DistrictIx>>,
    /// Node that a link leaves.
    pub from: Vec<NodeIx>,
    /// Node that a link reaches.
    pub to: Vec<NodeIx>,
    /// Length, metres.
    pub length_m: Vec<f64>,
    /// Free speed, metres per second.
    pub free_speed_mps: Vec<f64>,
    /// Flow capacity of all lanes, PCU per hour; 0 for a closed link.
    pub capacity_pcu_h: Vec<f64>,
    /// Storage of all lanes at jam density, PCU.
    pub storage_pcu: Vec<f64>,
    /// Lanes.
    pub lanes: Vec<f64>,
    /// Toll, yuan.
    pub toll_cny: Vec<f64>,
    /// Allowed uses.
    pub uses: Vec<Uses>,
    /// Facility type in GMNS words.
    pub facility: Vec<String>,
    /// Street or road name.
    pub name: Vec<String>,
    /// District of a link (of its downstream node).
    pub district: Vec<Option<DistrictIx>>,
    /// Hub whose kerb, forecourt or gate the link is (links that touch a hub's access node and have facility type kerb,
    /// forecourt or gate).
    pub hub: Vec<Option<HubIx>>,
    /// Points between the ends, lon/lat; empty when straight.
    pub shape: Vec<Vec<[f64; 2]>>,
    /// Links that leave a node.
    pub leaving: Star,
    /// Links that reach a node.
    pub reaching: Star,
    /// Parts of the day in which links differ, sorted by (link, from); those of one link do not overlap.
    pub periods: Vec<LinkPeriod>,
    /// Turns that are written down, with their bays and signals.
    pub movements: Movements,
}

/// The links at each node: a compressed sparse row, links of a node in order of their index.
#[derive(Clone, Debug, Default)]
pub struct Star {
    first: Vec<u32>,
    links: Vec<LinkIx>,
}

impl Star {
    /// Groups links by the node that `node_of` gives, for `nodes` nodes.
    pub fn new(nodes: usize, node_of: &[NodeIx]) -> Star {
        let mut first = vec![0u32; nodes + 1];
        for node in node_of {
            first[node.i() + 1] += 1;
        }
        for n in 0..nodes {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut links = vec![LinkIx(0); node_of.len()];
        for (l, node) in node_of.iter().enumerate() {
            links[next[node.i()] as usize] = LinkIx::from(l);
            next[node.i()] += 1;
        }
        Star { first, links }
    }

    /// The links at a node.
    pub fn at(&self, node: NodeIx) -> &[LinkIx] {
        &self.links[self.first[node.i()] as usize..self.first[node.i() + 1] as usize]
    }
}

impl Roads {
    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.node_position.len()
    }

    /// Number of links.
    pub fn links(&self) -> usize {
        self.from.len()
    }

    /// Whether vehicles of the class may use the link (it is open and allows them).
    pub fn open_to(&self, link: LinkIx, class: VehicleClass) -> bool {
        self.capacity_pcu_h[link.i()] > 0.0 && self.uses[link.i()].allows(class)
    }

    /// Free-flow travel time of a vehicle of the class, milliseconds, at least one.
    pub fn free_flow_ms(&self, link: LinkIx, class: VehicleClass) -> i64 {
        let speed = self.free_speed_mps[link.i()].min(class.max_speed_mps());
        ((self.length_m[link.i()] / speed * 1000.0).round() as i64).max(1)
    }
}

impl Roads {
    /// Nodes and links of a scenario; the hubs of links come later, when the hubs are resolved.
    pub(super) fn build(
        scenario: &Scenario,
        places: &Places,
        names: &mut NetworkNames,
        problems: &mut Vec<Problem>,
    ) -> Roads {
        let before = problems.len();
        let mut roads = Roads::default();
        roads.add_nodes(scenario, names, problems);
        roads.add_links(scenario, names, problems);
        if problems.len() > before {
            return Roads::default();
        }
        roads.leaving = Star::new(roads.nodes(), &roads.from);
        roads.reaching = Star::new(roads.nodes(), &roads.to);
        roads.set_districts(places);
        roads.movements = Movements::build(scenario, &roads, names, problems);
        roads.periods = LinkPeriod::build(scenario, names, problems);
        roads
    }

    fn add_nodes(&mut self, scenario: &Scenario, names: &mut NetworkNames, problems: &mut Vec<Problem>) {
        let file = Files(scenario).network("node.csv");
        for row in &scenario.nodes {
            let at = |found: &str, wanted, column| {
                Problem::new(file.as_str(), quoted(found), wanted).at(row.row).column(column)
            };
            add(&mut names.nodes, &row.node_id, || at(&row.node_id, "an id of its own", "node_id"), problems);
            // Zones of a network whose scenario has no zone table mean nothing here.
            let zone = row
                .zone_id
                .as_deref()
                .filter(|_| !scenario.zones.is_empty())
                .and_then(|zone| find(&names.zones, zone, || at(zone, "the id of a zone", "zone_id"), problems));
            self.node_position.push([row.x_coord, row.y_coord]);
            self.node_zone.push(zone.map(ZoneIx));
        }
    }

    fn add_links(&mut self, scenario: &Scenario, names: &mut NetworkNames, problems: &mut Vec<Problem>) {
        let file = Files(scenario).network("link.csv");
        let settings = &scenario.settings.network;
        for row in &scenario.links {
            let at =
                |found: String, wanted, column| Problem::new(file.as_str(), found, wanted).at(row.row).column(column);
            add(&mut names.links, &row.link_id, || at(quoted(&row.link_id), "an id of its own", "link_id"), problems);
            let mut end = |id: &str, column| {
                find(&names.nodes, id, || at(quoted(id), "the id of a node", column), problems)
                    .map_or(NodeIx(0), NodeIx)
            };
            self.from.push(end(&row.from_node_id, "from_node_id"));
            self.to.push(end(&row.to_node_id, "to_node_id"));
            if !(row.free_speed_mps > 0.0 && row.free_speed_mps.is_finite()) {
                problems.push(at(row.free_speed_mps.to_string(), "a speed above 0", "free_speed"));
            }
            if !(row.length_m >= 0.0 && row.length_m.is_finite()) {
                problems.push(at(row.length_m.to_string(), "a length of at least 0", "length"));
            }
            let uses = row.uses();
            // A link that is closed by word carries nothing, like one without lanes or capacity.
            let open = if uses.car || uses.truck || uses.walk { settings.capacity_factor } else { 0.0 };
            self.uses.push(uses);
            let jam_pcu_m = row.jam_density_pcu_km.unwrap_or(settings.jam_density_pcu_km) / 1000.0;
            self.length_m.push(row.length_m);
            self.free_speed_mps.push(row.free_speed_mps);
            self.capacity_pcu_h.push(row.capacity_pcu_h_lane * row.lanes * open);
            self.storage_pcu.push(jam_pcu_m * row.length_m * row.lanes * settings.capacity_factor);
            self.lanes.push(row.lanes);
            self.toll_cny.push(row.toll_cny);
            self.facility.push(row.facility_type.clone());
            self.name.push(row.name.clone());
            self.hub.push(None);
            self.shape.push(row.shape.clone());
        }
    }

    /// A node counts to the district of its zone, else to the one whose outline contains it, else to that of the
    /// nearest zone (outlines are simplified, and a bridge or a border road may lie outside all of them).
    fn set_districts(&mut self, places: &Places) {
        let zones = Points::new(places.zones.iter().map(|zone| zone.position).enumerate());
        let district_of = |(position, zone): (&[f64; 2], &Option<ZoneIx>)| {
            let of_zone = |z: usize| places.zones[z].district;
            zone.map(|z| of_zone(z.i()))
                .or_else(|| places.district_at(*position))
                .or_else(|| zones.nearest(*position, |_| true).map(|(z, _)| of_zone(z)))
        };
        self.node_district = self.node_position.iter().zip(&self.node_zone).map(district_of).collect();
        self.district = self.to.iter().map(|node| self.node_district[node.i()]).collect();
    }

    /// Marks the links that are a hub's kerb, forecourt or gate; a link that touches two hubs counts to the first.
    pub(super) fn mark_hubs(&mut self, hubs: &Hubs) {
        for (h, hub) in hubs.hubs.iter().enumerate() {
            for node in hub.nodes() {
                for &link in self.reaching.at(node).iter().chain(self.leaving.at(node)) {
                    if matches!(self.facility[link.i()].as_str(), "kerb" | "forecourt" | "gate") {
                        self.hub[link.i()].get_or_insert(HubIx::from(h));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;
    use crate::network::fixture::{CENTRE, link, node, north, scenario};

    fn triangle() -> Scenario {
        let mut s = scenario();
        s.nodes = ["a", "b", "c"].iter().enumerate().map(|(i, n)| node(n, north(CENTRE, 900.0 * i as f64))).collect();
        s.links = vec![link("ab", "a", "b"), link("ac", "a", "c"), link("bc", "b", "c"), link("ca", "c", "a")];
        s
    }

    #[test]
    fn a_link_stores_jam_density_times_length_times_lanes() {
        // 150 PCU/km · 1 km · 2 lanes = 300 PCU; with 120 PCU/km of its own 240; half of both with a factor of 0.5.
        // Capacity 1,800 · 2 = 3,600 PCU/h.
        let mut s = triangle();
        s.links[1].jam_density_pcu_km = Some(120.0);
        let roads = Network::build(&s).expect("a triangle").roads;
        assert_eq!((roads.storage_pcu[0], roads.storage_pcu[1], roads.capacity_pcu_h[0]), (300.0, 240.0, 3600.0));
        s.settings.network.capacity_factor = 0.5;
        let roads = Network::build(&s).expect("a triangle").roads;
        assert_eq!((roads.storage_pcu[0], roads.storage_pcu[1], roads.capacity_pcu_h[0]), (150.0, 120.0, 1800.0));
    }

    #[test]
    fn the_stars_list_links_by_their_ends() {
        let roads = Network::build(&triangle()).expect("a triangle").roads;
        assert_eq!(roads.leaving.at(NodeIx(0)), [LinkIx(0), LinkIx(1)]);
        assert_eq!(roads.reaching.at(NodeIx(2)), [LinkIx(1), LinkIx(2)]);
        assert_eq!(roads.reaching.at(NodeIx(0)), [LinkIx(3)]);
    }

    #[test]
    fn a_closed_link_is_open_to_nobody_and_others_to_whom_their_words_name() {
        let mut s = triangle();
        s.links[0].allowed_uses = vec!["auto".into(), "walk".into()];
        s.links[1].allowed_uses = vec!["none".into()];
        s.links[2].capacity_pcu_h_lane = 0.0;
        let roads = Network::build(&s).expect("a triangle").roads;
        let open = |class| (0..4).map(|l| roads.open_to(LinkIx(l), class)).collect::<Vec<bool>>();
        assert_eq!(open(VehicleClass::Car), [true, false, false, true]);
        assert_eq!(open(VehicleClass::Truck), [false, false, false, true]);
        assert!(roads.uses[0].walk && !roads.uses[1].walk && roads.uses[2].walk);
        assert_eq!(roads.capacity_pcu_h, [3600.0, 0.0, 0.0, 3600.0]);
    }

    #[test]
    fn a_link_at_a_standstill_is_told() {
        let mut s = triangle();
        s.links[1].free_speed_mps = 0.0;
        let problems = Network::build(&s).expect_err("no speed").to_string();
        assert!(problems.contains("[free_speed]: found 0, wanted a speed above 0"), "{problems}");
    }
}
