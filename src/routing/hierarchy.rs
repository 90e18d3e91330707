//! A customizable contraction hierarchy: what of the search for least ways depends on the roads alone.
//!
//! Nodes are taken out in the order of a nested dissection; whenever one goes, its remaining neighbours are joined
//! pairwise, so that least ways stay what they were. What results is a chordal graph: the neighbours of a node that are
//! more important than it are its ancestors in the *elimination tree*, and every least way goes up the tree and down
//! again (Dibbelt, Strasser and Wagner, "Customizable contraction hierarchies", 2016). Weights come later and may change
//! as often as they like ([`Metric`](super::metric::Metric)).
//!
//! Everything in here is numbered by rank: 0 is taken out first.

/// An absent node.
pub const NONE: u32 = u32::MAX;

/// The chordal graph over a network.
#[derive(Clone, Debug)]
pub struct Hierarchy {
    /// Rank of a node.
    pub rank: Vec<u32>,
    /// Where the arcs up from a rank begin; one entry more than nodes.
    pub first: Vec<u32>,
    /// Upper end of an arc; those of a rank ascend.
    pub heads: Vec<u32>,
    /// The next node up the elimination tree, the lowest upper neighbour; [`NONE`] at a root.
    pub parent: Vec<u32>,
    /// Where the arcs down from a rank begin; one entry more than nodes.
    pub below_first: Vec<u32>,
    /// Lower ends of the arcs down, ascending, and the arcs.
    pub below: Vec<(u32, u32)>,
    /// Of a link, in the order in which links were given: its arc, and whether it leads up; [`NONE`] for a loop.
    pub arc_of: Vec<(u32, bool)>,
}

impl Hierarchy {
    /// Contracts a network of directed links in an order from the least to the most important node.
    pub fn new(order: &[u32], links: &[(u32, u32)]) -> Hierarchy {
        let nodes = order.len();
        let mut rank = vec![0; nodes];
        order.iter().enumerate().for_each(|(r, &node)| rank[node as usize] = r as u32);
        let (first, heads, parent) = contract(&rank, links);
        let mut below_first = vec![0u32; nodes + 1];
        heads.iter().for_each(|&head| below_first[head as usize + 1] += 1);
        (0..nodes).for_each(|n| below_first[n + 1] += below_first[n]);
        let mut next = below_first.clone();
        let mut below = vec![(0, 0); heads.len()];
        for low in 0..nodes {
            for arc in first[low]..first[low + 1] {
                let place = &mut next[heads[arc as usize] as usize];
                below[*place as usize] = (low as u32, arc);
                *place += 1;
            }
        }
        let mut hierarchy = Hierarchy { rank, first, heads, parent, below_first, below, arc_of: Vec::new() };
        hierarchy.arc_of = links.iter().map(|&link| hierarchy.arc_of_link(link)).collect();
        hierarchy
    }

    fn arc_of_link(&self, (from, to): (u32, u32)) -> (u32, bool) {
        let (from, to) = (self.rank[from as usize], self.rank[to as usize]);
        if from == to { (NONE, true) } else { (self.arc(from.min(to), from.max(to)), from < to) }
    }

    /// Nodes.
    pub fn nodes(&self) -> usize {
        self.parent.len()
    }

    /// Arcs, each for both directions.
    pub fn arcs(&self) -> usize {
        self.heads.len()
    }

    /// Arcs up from a rank.
    pub fn up(&self, rank: u32) -> std::ops::Range<usize> {
        self.first[rank as usize] as usize..self.first[rank as usize + 1] as usize
    }

    /// Lower ends and arcs down from a rank.
    pub fn down(&self, rank: u32) -> &[(u32, u32)] {
        &self.below[self.below_first[rank as usize] as usize..self.below_first[rank as usize + 1] as usize]
    }

    /// The arc between two ranks that are joined.
    pub fn arc(&self, low: u32, high: u32) -> u32 {
        let up = self.up(low);
        (up.start + self.heads[up].partition_point(|&head| head < high)) as u32
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        4 * (2 * self.nodes() + self.first.len() + self.below_first.len()) + 12 * self.arcs() + 8 * self.arc_of.len()
    }
}

/// Arcs up by rank, sorted, and the elimination tree.
fn contract(rank: &[u32], links: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let nodes = rank.len();
    let mut pairs: Vec<(u32, u32)> = (links.iter())
        .map(|&(a, b)| (rank[a as usize], rank[b as usize]))
        .filter(|(a, b)| a != b)
        .map(|(a, b)| (a.min(b), a.max(b)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let (mut first, mut heads, mut parent) = (vec![0u32], Vec::with_capacity(3 * pairs.len()), vec![NONE; nodes]);
    // Children in the elimination tree as linked lists: the last child of a node, and the child before a child.
    let (mut last_child, mut before) = (vec![NONE; nodes], vec![NONE; nodes]);
    let mut seen = vec![NONE; nodes];
    let mut pair = pairs.into_iter().peekable();
    for node in 0..nodes as u32 {
        let start = heads.len();
        seen[node as usize] = node;
        while let Some((_, head)) = pair.next_if(|(low, _)| *low == node) {
            seen[head as usize] = node;
            heads.push(head);
        }
        let mut child = last_child[node as usize];
        while child != NONE {
            for arc in first[child as usize] as usize..first[child as usize + 1] as usize {
                let head = heads[arc];
                if seen[head as usize] != node {
                    seen[head as usize] = node;
                    heads.push(head);
                }
            }
            child = before[child as usize];
        }
        heads[start..].sort_unstable();
        if let Some(&up) = heads.get(start) {
            parent[node as usize] = up;
            before[node as usize] = last_child[up as usize];
            last_child[up as usize] = node;
        }
        first.push(heads.len() as u32);
    }
    (first, heads, parent)
}
