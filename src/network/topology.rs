//! Topology of the road network per class of vehicle as a petgraph `Graph`: connectivity, bridges, and the slow, plain
//! shortest-path search that tests hold the fast routers to.
//!
//! `Graph`, not `Csr`, because two links may join the same two nodes. Strong bridges follow Italiano, Laura and
//! Santaroni, "Finding strong bridges and strong articulation points in linear time" (2012): a link of a strongly
//! connected graph is one when it dominates a node in the graph, or in the reversed graph, seen from any root.

use super::NetworkNames;
use super::roads::Roads;
use crate::ids::{LinkIx, NodeIx};
use crate::mode::VehicleClass;
use crate::units::Time;
use petgraph::algo::{dijkstra, dominators, kosaraju_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, Reversed};

/// The links that are open to a class, as a graph over all nodes.
#[derive(Clone, Debug)]
pub struct Topology<'a> {
    roads: &'a Roads,
    class: VehicleClass,
    graph: DiGraph<NodeIx, LinkIx>,
}

/// How many names a report lists before it only counts.
const LISTED: usize = 8;

impl<'a> Topology<'a> {
    /// The topology that vehicles of a class see.
    pub fn new(roads: &'a Roads, class: VehicleClass) -> Topology<'a> {
        let mut graph = DiGraph::with_capacity(roads.nodes(), roads.links());
        for n in 0..roads.nodes() {
            graph.add_node(NodeIx::from(n));
        }
        for link in (0..roads.links()).map(LinkIx::from).filter(|&l| roads.open_to(l, class)) {
            graph.add_edge(at(roads.from[link.i()]), at(roads.to[link.i()]), link);
        }
        Topology { roads, class, graph }
    }

    /// Number of links that are open to the class.
    pub fn links(&self) -> usize {
        self.graph.edge_count()
    }

    /// The parts within which every node reaches every other, largest first (of equal ones that with the lowest node),
    /// nodes in index order. Nodes that no open link touches are left out.
    pub fn strong_components(&self) -> Vec<Vec<NodeIx>> {
        // Kosaraju's algorithm, because petgraph's form of Tarjan's recurses and long roads would exhaust the stack.
        let mut parts: Vec<Vec<NodeIx>> = kosaraju_scc(&self.graph)
            .into_iter()
            .filter(|part| self.graph.neighbors_undirected(part[0]).next().is_some())
            .map(|part| {
                let mut nodes: Vec<NodeIx> = part.into_iter().map(|n| self.graph[n]).collect();
                nodes.sort_unstable();
                nodes
            })
            .collect();
        parts.sort_by(|a, b| b.len().cmp(&a.len()).then(a[0].cmp(&b[0])));
        parts
    }

    /// Whether every node that an open link touches reaches every other.
    pub fn is_strongly_connected(&self) -> bool {
        self.strong_components().len() <= 1
    }

    /// Links whose closure breaks the strong part that they lie in: their end can then not be reached from their start.
    /// In index order.
    pub fn bridges(&self) -> Vec<LinkIx> {
        let mut bridges = Vec::new();
        for part in self.strong_components().iter().filter(|part| part.len() > 1) {
            let split = self.split(part);
            let root = NodeIndex::new(0);
            bridges.extend(dominating(&split, dominators::simple_fast(&split, root)));
            bridges.extend(dominating(&split, dominators::simple_fast(Reversed(&split), root)));
        }
        bridges.sort_unstable();
        bridges.dedup();
        bridges
    }

    /// A part with a node put into the middle of every link, so that links dominate as nodes do. The part's own nodes
    /// come first and carry no link.
    fn split(&self, part: &[NodeIx]) -> DiGraph<Option<LinkIx>, ()> {
        let mut split = DiGraph::new();
        for _ in part {
            split.add_node(None);
        }
        let place = |node: NodeIx| part.binary_search(&node).ok().map(NodeIndex::new);
        for open in self.graph.edge_references() {
            let (from, to) = (place(self.graph[open.source()]), place(self.graph[open.target()]));
            if let (Some(from), Some(to)) = (from, to) {
                let middle = split.add_node(Some(*open.weight()));
                split.add_edge(from, middle, ());
                split.add_edge(middle, to, ());
            }
        }
        split
    }

    /// Free-flow times from a node to every node (with `reverse` from every node to it), milliseconds by [`NodeIx`],
    /// [`Time::NEVER`]`.0` where no path leads: petgraph's own Dijkstra, the oracle for tests of routers.
    pub fn oracle_shortest_ms(&self, from: NodeIx, reverse: bool) -> Vec<i64> {
        let cost = |link: LinkIx| self.roads.free_flow_ms(link, self.class);
        let found = if reverse {
            dijkstra(Reversed(&self.graph), at(from), None, |open| cost(*open.weight()))
        } else {
            dijkstra(&self.graph, at(from), None, |open| cost(*open.weight()))
        };
        let mut least_ms = vec![Time::NEVER.0; self.roads.nodes()];
        for (node, ms) in found {
            least_ms[node.index()] = ms;
        }
        least_ms
    }

    /// What to know about the connectivity, in sentences for people.
    pub fn tell(&self, names: &NetworkNames) -> Vec<String> {
        let class = self.class.word();
        let parts = self.strong_components();
        let nodes: usize = parts.iter().map(Vec::len).sum();
        if nodes == 0 {
            return vec![format!("{class}: no link is open")];
        }
        let mut lines = Vec::new();
        if parts.len() == 1 {
            lines.push(format!("{class}: {} links join {nodes} nodes; each reaches every other", self.links()));
        } else {
            lines.push(format!(
                "{class}: {} links touch {nodes} nodes; only {} of them all reach each other",
                self.links(),
                parts[0].len()
            ));
            let outside: Vec<&str> = parts[1..].iter().flatten().map(|n| names.nodes.name(n.0)).collect();
            lines.push(format!("{class}: outside the largest part: {}", listed(&outside)));
        }
        let bridges = self.bridges();
        if !bridges.is_empty() {
            let bridges: Vec<&str> = bridges.iter().map(|l| names.links.name(l.0)).collect();
            lines.push(format!("{class}: {} links have no detour: {}", bridges.len(), listed(&bridges)));
        }
        lines
    }
}

fn at(node: NodeIx) -> NodeIndex {
    NodeIndex::new(node.i())
}

/// The links that stand directly before some node in the tree of dominators.
fn dominating(split: &DiGraph<Option<LinkIx>, ()>, tree: dominators::Dominators<NodeIndex>) -> Vec<LinkIx> {
    split.node_indices().filter_map(|n| tree.immediate_dominator(n)).filter_map(|d| split[d]).collect()
}

fn listed(names: &[&str]) -> String {
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::fixture::roads;
    use proptest::prelude::*;

    /// Links (from, to) of 1 km at 20 m/s.
    fn of(nodes: usize, links: &[(usize, usize)]) -> Roads {
        let rows: Vec<_> = links.iter().map(|&(a, b)| (a, b, 1000.0, 20.0)).collect();
        roads(nodes, &rows)
    }

    #[test]
    fn a_one_way_spur_is_a_part_of_its_own() {
        // 0 ⇄ 1 ⇄ 2 and the one-way 2 → 3; node 4 has no link and does not count.
        let net = of(5, &[(0, 1), (1, 0), (1, 2), (2, 1), (2, 3)]);
        let topology = Topology::new(&net, VehicleClass::Car);
        assert_eq!(topology.strong_components(), [vec![NodeIx(0), NodeIx(1), NodeIx(2)], vec![NodeIx(3)]]);
        assert!(!topology.is_strongly_connected());
    }

    #[test]
    fn a_ring_with_a_second_lane_beside_one_link_has_bridges_elsewhere_only() {
        // 0 → 1 → 2 → 0, and a second link 0 → 1: closing one of the two leaves the other.
        let net = of(3, &[(0, 1), (1, 2), (2, 0), (0, 1)]);
        assert_eq!(Topology::new(&net, VehicleClass::Car).bridges(), [LinkIx(1), LinkIx(2)]);
    }

    #[test]
    fn links_that_trucks_may_not_use_are_missing_in_their_topology() {
        let mut net = of(2, &[(0, 1), (1, 0)]);
        net.uses[1].truck = false;
        assert!(Topology::new(&net, VehicleClass::Car).is_strongly_connected());
        assert!(!Topology::new(&net, VehicleClass::Truck).is_strongly_connected());
    }

    #[test]
    fn the_report_names_what_lies_outside_and_what_has_no_detour() {
        let net = of(3, &[(0, 1), (1, 0), (1, 2)]);
        let mut names = NetworkNames::default();
        ["a", "b", "c"].iter().for_each(|n| assert!(names.nodes.add(n).is_some()));
        ["ab", "ba", "bc"].iter().for_each(|n| assert!(names.links.add(n).is_some()));
        assert_eq!(
            Topology::new(&net, VehicleClass::Car).tell(&names),
            [
                "car: 3 links touch 3 nodes; only 2 of them all reach each other",
                "car: outside the largest part: c",
                "car: 2 links have no detour: ab, ba",
            ]
        );
    }

    proptest! {
        #[test]
        fn a_bridge_is_a_link_whose_closure_parts_its_ends(
            links in prop::collection::vec((0..9usize, 0..9usize), 1..30),
        ) {
            let net = of(9, &links);
            let whole = Topology::new(&net, VehicleClass::Car);
            // The plain truth: both ends in one strong part, and after the closure no path between them.
            let mut expected = Vec::new();
            for l in (0..net.links()).map(LinkIx::from) {
                let (from, to) = (net.from[l.i()], net.to[l.i()]);
                let back = whole.oracle_shortest_ms(to, false)[from.i()] < Time::NEVER.0;
                let mut closed = net.clone();
                closed.capacity_pcu_h[l.i()] = 0.0;
                let detour = Topology::new(&closed, VehicleClass::Car).oracle_shortest_ms(from, false)[to.i()];
                if back && detour == Time::NEVER.0 {
                    expected.push(l);
                }
            }
            prop_assert_eq!(whole.bridges(), expected);
        }
    }
}
