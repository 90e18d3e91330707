//! What is assigned to what: a static network and a trip table, made from arrays or from TNTP files.

use super::cost::VolumeDelay;
use crate::error::{Error, Problem, Result};
use crate::ids::{NodeIx, ZoneIx};
use crate::import::tntp::{TntpNetwork, TntpTrips};

/// A directed link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaticLink {
    /// Its start.
    pub from: NodeIx,
    /// Its end.
    pub to: NodeIx,
    /// What it costs at a volume.
    pub cost: VolumeDelay,
}

/// A network whose costs depend on volumes. Zone z is node z.
#[derive(Clone, Debug)]
pub struct StaticNetwork {
    /// How many nodes there are.
    pub nodes: usize,
    /// Nodes below this one may be started from and ended at, not passed through.
    pub first_thru_node: usize,
    /// Links; results keep their order.
    pub links: Vec<StaticLink>,
    /// What the file calls each node, where that is not its place counted from 1; else empty.
    numbers: Vec<u32>,
}

impl StaticNetwork {
    /// A network of checked links.
    ///
    /// # Errors
    /// Links between nodes that are not there, and costs that are none.
    pub fn new(nodes: usize, first_thru_node: usize, links: Vec<StaticLink>) -> Result<StaticNetwork> {
        let mut problems = Vec::new();
        for (link, row) in links.iter().zip(1..) {
            if link.from.i().max(link.to.i()) >= nodes {
                let found = format!("from {} to {}", link.from.0, link.to.0);
                problems.push(Problem::new("links", found, format!("nodes below {nodes}")).at(row));
            }
            if let Some(wanted) = link.cost.wanted() {
                problems.push(Problem::new("links", format!("{:?}", link.cost), wanted).at(row));
            }
        }
        if problems.is_empty() {
            Ok(StaticNetwork { nodes, first_thru_node, links, numbers: Vec::new() })
        } else {
            Err(Error::Problems(problems))
        }
    }

    /// The network of a TNTP file; tolls and lengths are weighted into the fixed costs of links.
    ///
    /// # Errors
    /// As [`StaticNetwork::new`]; a file that was read has none of these mistakes.
    pub fn from_tntp(network: &TntpNetwork, weights: Weights) -> Result<StaticNetwork> {
        let links = network.links.iter().map(|link| StaticLink {
            from: NodeIx(link.from - 1),
            to: NodeIx(link.to - 1),
            cost: VolumeDelay {
                free_flow_time: link.free_flow_time,
                b: link.b,
                capacity: link.capacity,
                power: link.power,
                fixed: weights.toll * link.toll + weights.distance * link.length,
            },
        });
        let first_thru_node = network.first_thru_node as usize - 1;
        let made = StaticNetwork::new(network.nodes as usize, first_thru_node, links.collect())?;
        Ok(StaticNetwork { numbers: network.numbers.clone(), ..made })
    }

    /// The number of a node in the file that the network was read from; counted from 1 where there is none.
    pub fn number(&self, node: NodeIx) -> u32 {
        self.numbers.get(node.i()).copied().unwrap_or(node.0 + 1)
    }
}

/// Weights of what is not time in the cost of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    /// Time per unit of toll.
    pub toll: f64,
    /// Time per unit of length.
    pub distance: f64,
}

/// Trips from a zone to a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairTrips {
    /// Where they start.
    pub origin: ZoneIx,
    /// Where they end.
    pub destination: ZoneIx,
    /// How many, in the unit of volumes; ≥ 0.
    pub trips: f64,
}

/// A trip table.
#[derive(Clone, Debug, Default)]
pub struct Trips {
    /// Its pairs, sorted by origin and destination, each once, with trips above 0.
    pub(super) pairs: Vec<PairTrips>,
    /// The file that they were read from, for problems.
    pub(super) file: String,
    /// Its lines by pair; empty when they come from no file.
    pub(super) lines: Vec<u32>,
}

impl Trips {
    /// A trip table; trips of a pair that stands in it more than once are added up.
    ///
    /// # Errors
    /// Trips that are no number ≥ 0.
    pub fn new(mut pairs: Vec<PairTrips>) -> Result<Trips> {
        let wrong = |(row, pair): (u32, &PairTrips)| {
            let bad = !pair.trips.is_finite() || pair.trips < 0.0;
            bad.then(|| Problem::new("trips", pair.trips.to_string(), "a number ≥ 0").at(row))
        };
        let problems: Vec<Problem> = (1..).zip(&pairs).filter_map(wrong).collect();
        if !problems.is_empty() {
            return Err(Error::Problems(problems));
        }
        pairs.retain(|p| p.trips > 0.0);
        pairs.sort_by_key(|p| (p.origin, p.destination));
        pairs.dedup_by(|next, kept| {
            let same = (next.origin, next.destination) == (kept.origin, kept.destination);
            if same {
                kept.trips += next.trips;
            }
            same
        });
        Ok(Trips { pairs, file: "trips".to_owned(), lines: Vec::new() })
    }

    /// The trip table of a TNTP file, `file` being its name in problems.
    pub fn from_tntp(file: &str, trips: &TntpTrips) -> Trips {
        let mut rows: Vec<(PairTrips, u32)> = (trips.pairs.iter())
            .map(|pair| {
                let (origin, destination) = (ZoneIx(pair.origin - 1), ZoneIx(pair.destination - 1));
                (PairTrips { origin, destination, trips: pair.trips }, pair.line)
            })
            .collect();
        rows.sort_by_key(|(pair, _)| (pair.origin, pair.destination));
        let (pairs, lines) = rows.into_iter().unzip();
        Trips { pairs, file: file.to_owned(), lines }
    }

    /// All pairs with trips, sorted by origin and destination.
    pub fn pairs(&self) -> &[PairTrips] {
        &self.pairs
    }

    /// All trips, those within a zone among them.
    pub fn total(&self) -> f64 {
        self.pairs.iter().map(|p| p.trips).sum()
    }
}
