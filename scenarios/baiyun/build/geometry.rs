//! Plane geometry of the region: a local projection in metres, polylines, polygons and their clipping.

use hubflow::units::distance_m;

/// Origin of the local projection, lon/lat: between the old centre (Yuexiu) and the new one (Zhujiang New Town).
/// Distances "from the centre" in all rules are from here.
pub const CENTRE: [f64; 2] = [113.295, 23.125];

/// Metres in a degree of latitude on the mean sphere.
const DEGREE_M: f64 = 111_195.08;

/// East and north of [`CENTRE`] in metres (equirectangular; within 0.5 % of the sphere over the region).
pub fn to_plane(p: [f64; 2]) -> [f64; 2] {
    [(p[0] - CENTRE[0]) * DEGREE_M * libm::cos(CENTRE[1].to_radians()), (p[1] - CENTRE[1]) * DEGREE_M]
}

/// Lon/lat of a point of the plane.
pub fn to_lonlat(p: [f64; 2]) -> [f64; 2] {
    [CENTRE[0] + p[0] / (DEGREE_M * libm::cos(CENTRE[1].to_radians())), CENTRE[1] + p[1] / DEGREE_M]
}

/// Straight distance of two points of the plane, metres.
pub fn gap(a: [f64; 2], b: [f64; 2]) -> f64 {
    libm::hypot(a[0] - b[0], a[1] - b[1])
}

/// The point at distance `r` metres from `p` in direction `turn` (1 is a full turn, counted from east).
pub fn around(p: [f64; 2], r: f64, turn: f64) -> [f64; 2] {
    let angle = turn * std::f64::consts::TAU;
    [p[0] + r * libm::cos(angle), p[1] + r * libm::sin(angle)]
}

/// Length of a lon/lat polyline on the sphere, metres.
pub fn length_m(points: &[[f64; 2]]) -> f64 {
    points.windows(2).map(|w| distance_m(w[0], w[1])).sum()
}

/// A polyline of the plane with the distance of every vertex from its start.
#[derive(Clone, Debug)]
pub struct Polyline {
    /// Vertices.
    pub points: Vec<[f64; 2]>,
    /// Metres from the start.
    pub chain: Vec<f64>,
}

impl Polyline {
    /// A polyline through the points.
    pub fn new(points: Vec<[f64; 2]>) -> Polyline {
        let mut chain = vec![0.0];
        for w in points.windows(2) {
            chain.push(chain[chain.len() - 1] + gap(w[0], w[1]));
        }
        Polyline { points, chain }
    }

    /// Whole length, metres.
    pub fn length(&self) -> f64 {
        self.chain[self.chain.len() - 1]
    }

    /// The point `at` metres from the start.
    pub fn point(&self, at: f64) -> [f64; 2] {
        let last = self.points.len() - 2;
        let i = self.chain[1..].iter().position(|&c| c >= at).unwrap_or(last).min(last);
        let span = self.chain[i + 1] - self.chain[i];
        let t = if span > 0.0 { ((at - self.chain[i]) / span).clamp(0.0, 1.0) } else { 0.0 };
        let (a, b) = (self.points[i], self.points[i + 1]);
        [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
    }

    /// The vertices strictly between two distances from the start.
    pub fn between(&self, from: f64, to: f64) -> Vec<[f64; 2]> {
        let inside = |&i: &usize| self.chain[i] > from + 1.0 && self.chain[i] < to - 1.0;
        (0..self.points.len()).filter(inside).map(|i| self.points[i]).collect()
    }

    /// Distance from the start of the point of the polyline nearest to `p`, and how far it is from `p`.
    pub fn nearest(&self, p: [f64; 2]) -> (f64, f64) {
        let mut best = (0.0, f64::INFINITY);
        for i in 0..self.points.len() - 1 {
            let (a, b) = (self.points[i], self.points[i + 1]);
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let square = (dx * dx + dy * dy).max(1e-9);
            let t = (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square).clamp(0.0, 1.0);
            let away = gap(p, [a[0] + t * dx, a[1] + t * dy]);
            if away < best.1 {
                best = (self.chain[i] + t * libm::sqrt(square), away);
            }
        }
        best
    }

    /// Where two polylines cross: distances from either start.
    pub fn crossings(&self, other: &Polyline) -> Vec<(f64, f64)> {
        let mut found = Vec::new();
        for i in 0..self.points.len() - 1 {
            for j in 0..other.points.len() - 1 {
                let at = crossing([self.points[i], self.points[i + 1]], [other.points[j], other.points[j + 1]]);
                if let Some((t, u)) = at {
                    let on =
                        |line: &Polyline, k: usize, t: f64| line.chain[k] + t * (line.chain[k + 1] - line.chain[k]);
                    found.push((on(self, i, t), on(other, j, u)));
                }
            }
        }
        found
    }
}

/// Shares along two segments at which they cross, ends included.
fn crossing(s: [[f64; 2]; 2], r: [[f64; 2]; 2]) -> Option<(f64, f64)> {
    let (dx, dy) = (s[1][0] - s[0][0], s[1][1] - s[0][1]);
    let (ex, ey) = (r[1][0] - r[0][0], r[1][1] - r[0][1]);
    let turn = dx * ey - dy * ex;
    if turn.abs() < 1e-9 {
        return None;
    }
    let (fx, fy) = (r[0][0] - s[0][0], r[0][1] - s[0][1]);
    let (t, u) = ((fx * ey - fy * ex) / turn, (fx * dy - fy * dx) / turn);
    let inside = |x: f64| (-1e-6..=1.0 + 1e-6).contains(&x);
    (inside(t) && inside(u)).then_some((t.clamp(0.0, 1.0), u.clamp(0.0, 1.0)))
}

/// Area of a closed ring, square metres, positive whatever its sense.
pub fn area(ring: &[[f64; 2]]) -> f64 {
    let twice: f64 = ring.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum();
    twice.abs() / 2.0
}

/// Whether a point lies inside a closed ring.
pub fn inside(ring: &[[f64; 2]], p: [f64; 2]) -> bool {
    let mut odd = false;
    for w in ring.windows(2) {
        if (w[0][1] > p[1]) != (w[1][1] > p[1]) {
            let x = w[0][0] + (p[1] - w[0][1]) / (w[1][1] - w[0][1]) * (w[1][0] - w[0][0]);
            odd ^= p[0] < x;
        }
    }
    odd
}

/// The part of a closed ring on the side n·p ≤ limit of a line (Sutherland and Hodgman 1974).
pub fn clip(ring: &[[f64; 2]], normal: [f64; 2], limit: f64) -> Vec<[f64; 2]> {
    let over = |p: [f64; 2]| p[0] * normal[0] + p[1] * normal[1] - limit;
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for w in ring.windows(2) {
        let (a, b) = (over(w[0]), over(w[1]));
        if a <= 0.0 {
            kept.push(w[0]);
        }
        if (a <= 0.0) != (b <= 0.0) {
            let t = a / (a - b);
            kept.push([w[0][0] + t * (w[1][0] - w[0][0]), w[0][1] + t * (w[1][1] - w[0][1])]);
        }
    }
    if let Some(&first) = kept.first() {
        kept.push(first);
    }
    kept
}

/// The ring without vertices that lie within `tolerance` metres of the simpler line [Douglas and Peucker 1973].
/// A ring is halved at the vertex farthest from its start, so that it cannot collapse.
pub fn simplify(ring: &[[f64; 2]], tolerance: f64) -> Vec<[f64; 2]> {
    let far = (0..ring.len()).max_by(|&a, &b| gap(ring[0], ring[a]).total_cmp(&gap(ring[0], ring[b]))).unwrap_or(0);
    let mut keep = vec![false; ring.len()];
    keep[0] = true;
    keep[far] = true;
    keep[ring.len() - 1] = true;
    let mut open = vec![(0, far), (far, ring.len() - 1)];
    while let Some((from, to)) = open.pop() {
        let line = Polyline::new(vec![ring[from], ring[to]]);
        let away = |i: usize| line.nearest(ring[i]).1;
        let worst = (from + 1..to).max_by(|&a, &b| away(a).total_cmp(&away(b)));
        if let Some(worst) = worst.filter(|&i| away(i) > tolerance) {
            keep[worst] = true;
            open.push((from, worst));
            open.push((worst, to));
        }
    }
    ring.iter().zip(&keep).filter(|(_, k)| **k).map(|(p, _)| *p).collect()
}
