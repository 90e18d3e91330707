//! The network under construction: nodes and directed links, their tables, and the check that all can reach all.

use crate::geometry::{length_m, to_lonlat};
use crate::output::{Sheet, degrees};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: String,
    pub name: String,
    pub at: [f64; 2],
    pub zone: Option<String>,
}

/// What links of a kind have in common.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub facility: &'static str,
    pub capacity_pcu_h_lane: f64,
    pub lanes: u32,
    pub speed_kmh: f64,
    pub uses: &'static str,
    /// Ratio of the length to the straight distance.
    pub circuity: f64,
}

/// A directed link.
#[derive(Clone, Debug)]
pub struct Link {
    pub id: String,
    pub name: String,
    pub from: usize,
    pub to: usize,
    pub length_m: f64,
    pub kind: Kind,
    /// Vertices between the ends, plane.
    pub shape: Vec<[f64; 2]>,
}

/// Nodes and links.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
}

/// Everything that moves on wheels or feet.
pub const ALL: &str = "auto,truck,walk";
/// Everything with an engine.
pub const MOTOR: &str = "auto,truck";

/// Shortest length of a link, metres: longer than a car at free speed drives in a second or two.
const SHORTEST_M: f64 = 80.0;

impl Network {
    /// Adds a node and returns its position.
    pub fn node(&mut self, id: &str, name: &str, at: [f64; 2], zone: Option<&str>) -> usize {
        self.nodes.push(Node { id: id.into(), name: name.into(), at, zone: zone.map(Into::into) });
        self.nodes.len() - 1
    }

    /// Adds a directed link; its length is the straight distance times the circuity.
    pub fn one_way(&mut self, name: &str, from: usize, to: usize, kind: Kind) {
        let ends = [to_lonlat(self.nodes[from].at), to_lonlat(self.nodes[to].at)];
        let length_m = (length_m(&ends) * kind.circuity).max(SHORTEST_M);
        let id = format!("{}-{}", self.nodes[from].id, self.nodes[to].id);
        self.links.push(Link { id, name: name.into(), from, to, length_m, kind, shape: Vec::new() });
    }

    /// Adds a link and its opposite.
    pub fn two_way(&mut self, name: &str, a: usize, b: usize, kind: Kind) {
        self.one_way(name, a, b, kind);
        self.one_way(name, b, a, kind);
    }

    /// `network/node.csv`.
    pub fn node_sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&["node_id", "name", "x_coord", "y_coord", "zone_id"]);
        for node in &self.nodes {
            let [x, y] = to_lonlat(node.at);
            let zone = node.zone.clone().unwrap_or_default();
            sheet.row(vec![node.id.clone(), node.name.clone(), degrees(x), degrees(y), zone]);
        }
        sheet
    }

    /// `network/link.csv`: lengths in kilometres, speeds in kilometres per hour, capacities per lane.
    pub fn link_sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(&[
            "link_id",
            "name",
            "from_node_id",
            "to_node_id",
            "directed",
            "length",
            "geometry",
            "facility_type",
            "capacity",
            "free_speed",
            "lanes",
            "allowed_uses",
            "toll",
            "jam_density",
        ]);
        for link in &self.links {
            sheet.row(vec![
                link.id.clone(),
                link.name.clone(),
                self.nodes[link.from].id.clone(),
                self.nodes[link.to].id.clone(),
                "true".into(),
                format!("{:.4}", link.length_m / 1_000.0),
                self.geometry(link),
                link.kind.facility.into(),
                format!("{:.0}", link.kind.capacity_pcu_h_lane),
                format!("{:.0}", link.kind.speed_kmh),
                link.kind.lanes.to_string(),
                link.kind.uses.into(),
                "0".into(),
                String::new(),
            ]);
        }
        sheet
    }

    /// WKT of a bent link; empty when it is straight.
    fn geometry(&self, link: &Link) -> String {
        if link.shape.is_empty() {
            return String::new();
        }
        let ends = (self.nodes[link.from].at, self.nodes[link.to].at);
        let points = std::iter::once(&ends.0).chain(&link.shape).chain(std::iter::once(&ends.1));
        let words: Vec<String> = points.map(|&p| to_lonlat(p)).map(|p| format!("{:.5} {:.5}", p[0], p[1])).collect();
        format!("LINESTRING ({})", words.join(", "))
    }

    /// Ids of nodes that are not in the largest strongly connected part for a use (`auto`, `truck`).
    pub fn cut_off(&self, use_: &str) -> Vec<&str> {
        let mut graph: DiGraph<usize, ()> = DiGraph::new();
        let ix: Vec<_> = (0..self.nodes.len()).map(|n| graph.add_node(n)).collect();
        let open = |l: &&Link| l.kind.uses.split(',').any(|u| u == use_);
        for link in self.links.iter().filter(open) {
            graph.add_edge(ix[link.from], ix[link.to], ());
        }
        let parts = tarjan_scc(&graph);
        let largest = parts.iter().map(Vec::len).max().unwrap_or(0);
        let outside = parts.iter().filter(|p| p.len() < largest).flatten();
        outside.map(|&n| self.nodes[graph[n]].id.as_str()).collect()
    }
}
