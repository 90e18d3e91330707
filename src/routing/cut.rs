//! Small cuts through a piece of a road network: inertial flow.
//!
//! Nodes are sorted along a direction; a first part of them is the source of a flow and a last part its drain, and the
//! least set of roads whose loss parts the two is found by maximum flow with a capacity of one a road (Dinic's blocking
//! flows). Of four directions the smallest cut is taken (Schild and Sommer, "On balanced separators in road networks",
//! 2015). No random numbers; equal cuts go to the earlier direction.

/// The neighbours of nodes 0, 1, 2, …, without direction: a compressed sparse row.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Where the neighbours of a node begin; one entry more than nodes.
    pub first: Vec<u32>,
    /// Neighbours, each pair once from either side.
    pub heads: Vec<u32>,
    /// Position of a node on a plane, any unit.
    pub places: Vec<[f32; 2]>,
}

/// A cut: which nodes lie on the side of the source, and how many roads cross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Whether a node lies on the side of the source.
    pub here: Vec<bool>,
    /// Roads between the sides.
    pub roads: usize,
}

/// The share of the nodes that each side has at least.
///
/// Triangles of the hierarchy, which customisation walks over, in millions (November 2026), at shares of 0.15, 0.2, 0.25,
/// 0.3 and 0.35: on a grid of 316 × 316 nodes 527, 416, 353, 314, 291; on the roads of `baiyun` (3,365 nodes) 0.06, 0.05,
/// 0.05, 0.06, 0.06, with the fewest arcs at 0.25. Real towns have narrow places to be cut at, which a larger share misses.
const SHARE: f64 = 0.3;

const NONE: u32 = u32::MAX;

impl Piece {
    /// Nodes.
    pub fn nodes(&self) -> usize {
        self.first.len() - 1
    }

    /// Neighbours of a node.
    pub fn at(&self, node: u32) -> &[u32] {
        &self.heads[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// The smallest cut in four directions; the piece has two nodes or more and is connected.
    pub fn cut(&self) -> Cut {
        let mut flow = Flow::new(self);
        let mut best: Option<Cut> = None;
        for [a, b] in [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]] {
            let along = |node: u32| self.places[node as usize][0] * a + self.places[node as usize][1] * b;
            let mut nodes: Vec<u32> = (0..self.nodes() as u32).collect();
            nodes.sort_unstable_by(|&x, &y| along(x).total_cmp(&along(y)).then(x.cmp(&y)));
            let at_most = best.as_ref().map_or(usize::MAX, |cut| cut.roads - 1);
            if let Some(cut) = flow.cut(&nodes, at_most) {
                let none = cut.roads == 0;
                best = Some(cut);
                if none {
                    break;
                }
            }
        }
        best.expect("the first direction finds a cut of any size")
    }
}

/// Memory of the maximum flow on a piece.
struct Flow<'a> {
    piece: &'a Piece,
    /// The same road seen from the other side, by entry of `heads`.
    twin: Vec<u32>,
    /// Flow along an entry of `heads`: −1, 0 or 1.
    flow: Vec<i8>,
    /// Source 1, drain 2, else 0.
    side: Vec<u8>,
    /// Steps from the source.
    level: Vec<u32>,
    /// Next entry to be tried.
    next: Vec<u32>,
    queue: Vec<u32>,
    path: Vec<u32>,
}

impl Flow<'_> {
    fn new(piece: &Piece) -> Flow<'_> {
        let (nodes, entries) = (piece.nodes(), piece.heads.len());
        let mut twin = vec![NONE; entries];
        // Rows are sorted, so the twins of a node's entries are met in the order of the nodes that they lead to.
        let mut met = piece.first.clone();
        for node in 0..nodes as u32 {
            for entry in piece.first[node as usize]..piece.first[node as usize + 1] {
                let there = &mut met[piece.heads[entry as usize] as usize];
                twin[entry as usize] = *there;
                *there += 1;
            }
        }
        Flow {
            piece,
            twin,
            flow: vec![0; entries],
            side: vec![0; nodes],
            level: vec![NONE; nodes],
            next: vec![0; nodes],
            queue: Vec::with_capacity(nodes),
            path: Vec::new(),
        }
    }

    /// The least cut between the first and the last nodes of a row; `None` when it is above a limit.
    fn cut(&mut self, row: &[u32], at_most: usize) -> Option<Cut> {
        let nodes = row.len();
        let share = ((nodes as f64 * SHARE) as usize).max(1);
        self.flow.fill(0);
        self.side.fill(0);
        row[..share].iter().for_each(|&node| self.side[node as usize] = 1);
        row[nodes - share..].iter().for_each(|&node| self.side[node as usize] = 2);
        let mut roads = 0;
        while self.levels(&row[..share]) {
            roads += self.block(&row[..share], at_most.saturating_sub(roads));
            if roads > at_most {
                return None;
            }
        }
        // What the source still reaches is one side; what still reaches the drain is another. The more even cut is taken.
        let here: Vec<bool> = self.level.iter().map(|&level| level != NONE).collect();
        let there = self.reaching(&row[nodes - share..]);
        let count = |side: &[bool]| side.iter().filter(|&&s| s).count().abs_diff(nodes / 2);
        let here = if count(&there) < count(&here) { there.iter().map(|t| !t).collect() } else { here };
        Some(Cut { here, roads })
    }

    /// Sets the levels; whether the drain is reached.
    fn levels(&mut self, sources: &[u32]) -> bool {
        self.level.fill(NONE);
        self.queue.clear();
        self.queue.extend_from_slice(sources);
        sources.iter().for_each(|&node| self.level[node as usize] = 0);
        let (mut done, mut found) = (0, NONE);
        while done < self.queue.len() {
            let node = self.queue[done];
            done += 1;
            let level = self.level[node as usize];
            if level >= found {
                break;
            }
            for entry in self.piece.first[node as usize]..self.piece.first[node as usize + 1] {
                let head = self.piece.heads[entry as usize];
                if self.flow[entry as usize] < 1 && self.level[head as usize] == NONE {
                    self.level[head as usize] = level + 1;
                    self.queue.push(head);
                    if self.side[head as usize] == 2 {
                        found = level + 1;
                    }
                }
            }
        }
        found != NONE
    }

    /// Sends flow along paths of rising level until none is left, or more than a limit was sent; how much.
    fn block(&mut self, sources: &[u32], at_most: usize) -> usize {
        self.next.copy_from_slice(&self.piece.first[..self.piece.nodes()]);
        let mut sent = 0;
        for &source in sources {
            while self.augment(source) {
                sent += 1;
                if sent > at_most {
                    return sent;
                }
            }
        }
        sent
    }

    fn augment(&mut self, source: u32) -> bool {
        self.path.clear();
        let mut node = source;
        loop {
            if self.side[node as usize] == 2 {
                for &entry in &self.path {
                    self.flow[entry as usize] += 1;
                    self.flow[self.twin[entry as usize] as usize] -= 1;
                }
                return true;
            }
            let end = self.piece.first[node as usize + 1];
            let step = (self.next[node as usize]..end).find(|&entry| {
                let head = self.piece.heads[entry as usize] as usize;
                self.flow[entry as usize] < 1 && self.level[head] == self.level[node as usize] + 1
            });
            self.next[node as usize] = step.unwrap_or(end);
            match (step, self.path.pop()) {
                (Some(entry), last) => {
                    self.path.extend(last);
                    self.path.push(entry);
                    node = self.piece.heads[entry as usize];
                }
                (None, Some(entry)) => {
                    node = self.piece.heads[self.twin[entry as usize] as usize];
                    self.next[node as usize] += 1;
                }
                (None, None) => return false,
            }
        }
    }

    /// The nodes from which the drain can still be reached.
    fn reaching(&mut self, drains: &[u32]) -> Vec<bool> {
        let mut reaching = vec![false; self.piece.nodes()];
        self.queue.clear();
        self.queue.extend_from_slice(drains);
        drains.iter().for_each(|&node| reaching[node as usize] = true);
        while let Some(node) = self.queue.pop() {
            for entry in self.piece.first[node as usize]..self.piece.first[node as usize + 1] {
                let tail = self.piece.heads[entry as usize];
                if !reaching[tail as usize] && self.flow[self.twin[entry as usize] as usize] < 1 {
                    reaching[tail as usize] = true;
                    self.queue.push(tail);
                }
            }
        }
        reaching
    }
}
