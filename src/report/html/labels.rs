//! Names on the map: hubs always, districts where they fit, none over another.

use super::format::escape;
use serde_json::{Value, json};
use std::fmt::Write;

/// Size of letters, pixels: hubs and districts.
const LETTERS_PX: [f64; 2] = [12.5, 12.0];

/// A name with its place.
pub struct Label {
    /// Where, map units.
    pub at: [f64; 2],
    /// Name in the local script.
    pub name: String,
    /// Name in English.
    pub english: String,
    /// Whether it names a hub.
    pub hub: bool,
    /// Room around the place, map units across.
    pub room: f64,
}

impl Label {
    /// For the script, which lays the names out again after each zoom.
    pub fn json(&self) -> Value {
        let room = if self.hub { Value::Null } else { json!(self.room.round()) };
        json!({"at": self.at.map(f64::round), "name": self.name, "en": self.english, "hub": self.hub, "room": room})
    }

    fn letters(&self) -> f64 {
        LETTERS_PX[usize::from(!self.hub)]
    }

    /// Width and height in pixels; an ideograph is as wide as high, a Latin letter about 0.56 of that.
    fn size(&self) -> [f64; 2] {
        let across = |text: &str| text.chars().map(|c| if c as u32 > 0x2e80 { 1.0 } else { 0.56 }).sum::<f64>();
        let lines = 1.0 + f64::from(u8::from(self.has_english()));
        let widest = across(&self.name).max(if self.has_english() { across(&self.english) * 0.86 } else { 0.0 });
        [widest * self.letters(), lines * self.letters() * 1.12]
    }

    fn has_english(&self) -> bool {
        !self.english.is_empty() && self.english != self.name
    }
}

/// Boxes of the places that a label may take around its point, as left and top in pixels, best first, with the anchor.
fn places(label: &Label, [w, h]: [f64; 2]) -> Vec<([f64; 2], &'static str)> {
    if !label.hub {
        return vec![([-w / 2.0, -h / 2.0], "middle")];
    }
    let gap = 9.0;
    vec![
        ([gap, -h / 2.0], "start"),
        ([-gap - w, -h / 2.0], "end"),
        ([-w / 2.0, -gap - h], "middle"),
        ([-w / 2.0, gap], "middle"),
        ([gap, -h - 2.0], "start"),
        ([gap, 2.0], "start"),
        ([-gap - w, -h - 2.0], "end"),
        ([-gap - w, 2.0], "end"),
    ]
}

/// The labels of a view as SVG text; `unit_px` map units are a pixel.
pub fn placed(labels: &[Label], view: [f64; 4], unit_px: f64) -> String {
    let mut taken: Vec<[f64; 4]> = labels
        .iter()
        .filter(|l| l.hub)
        .map(|l| [l.at[0] / unit_px - 7.0, l.at[1] / unit_px - 7.0, l.at[0] / unit_px + 7.0, l.at[1] / unit_px + 7.0])
        .collect();
    let mut html = String::new();
    for label in labels {
        let [x, y] = label.at.map(|a| a / unit_px);
        let [w, h] = label.size();
        let inside =
            (view[0]..view[0] + view[2]).contains(&label.at[0]) && (view[1]..view[1] + view[3]).contains(&label.at[1]);
        if !inside || label.room / unit_px < w * 0.8 {
            continue;
        }
        let free = |at: &[f64; 2]| {
            let own = [x + at[0], y + at[1], x + at[0] + w, y + at[1] + h];
            taken.iter().all(|t| own[0] >= t[2] || own[2] <= t[0] || own[1] >= t[3] || own[3] <= t[1])
        };
        let Some((at, anchor)) = places(label, [w, h]).into_iter().find(|(at, _)| free(at)) else { continue };
        taken.push([x + at[0], y + at[1], x + at[0] + w, y + at[1] + h]);
        let shift = match anchor {
            "start" => 0.0,
            "end" => w,
            _ => w / 2.0,
        };
        text(&mut html, label, [(x + at[0] + shift) * unit_px, (y + at[1]) * unit_px], anchor, unit_px);
    }
    html
}

/// `at` is the top of the first line.
fn text(html: &mut String, label: &Label, [x, top]: [f64; 2], anchor: &str, unit_px: f64) {
    let size = label.letters() * unit_px;
    let kind = if label.hub { "hublabel" } else { "districtlabel" };
    let _ = write!(
        html,
        "<text class=\"{kind}\" font-size=\"{size:.1}\" text-anchor=\"{anchor}\" x=\"{x:.0}\" y=\"{:.0}\">{}",
        top + size * 0.92,
        escape(&label.name)
    );
    if label.has_english() {
        let _ = write!(html, "<tspan class=\"en\" x=\"{x:.0}\" dy=\"1.1em\">{}</tspan>", escape(&label.english));
    }
    html.push_str("</text>");
}

/// A place well inside an outline and the room across it: the middle of the widest stretch of its largest ring, looked
/// for on eleven levels.
pub fn middle(rings: &[Vec<[i64; 2]>]) -> Option<([f64; 2], f64)> {
    let area = |ring: &Vec<[i64; 2]>| {
        let cross = |a: &[i64; 2], b: &[i64; 2]| (a[0] * b[1] - b[0] * a[1]) as f64;
        (ring.windows(2).map(|p| cross(&p[0], &p[1])).sum::<f64>()).abs()
    };
    let ring = rings.iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
    let (low, high) = ring.iter().fold((i64::MAX, i64::MIN), |(l, h), p| (l.min(p[1]), h.max(p[1])));
    let mut best: Option<([f64; 2], f64)> = None;
    for level in 0..11 {
        // Levels near the middle come first, so that they win a tie.
        let step = f64::from((level + 1) / 2) * if level % 2 == 0 { 1.0 } else { -1.0 };
        let y = (low + high) as f64 / 2.0 + step * (high - low) as f64 / 14.0 + 0.5;
        let mut crossings: Vec<f64> = Vec::new();
        for i in 0..ring.len() {
            let ([x0, y0], [x1, y1]) = (ring[i].map(|v| v as f64), ring[(i + 1) % ring.len()].map(|v| v as f64));
            if (y0 > y) != (y1 > y) {
                crossings.push(x0 + (x1 - x0) * (y - y0) / (y1 - y0));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let room = pair[1] - pair[0];
            // The middle is preferred unless another level has clearly more room.
            let weight = room * (1.0 - 0.03 * f64::from(level));
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some(([(pair[0] + pair[1]) / 2.0, y], weight));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(x: f64, name: &str) -> Label {
        Label { at: [x, 50.0], name: name.into(), english: String::new(), hub: true, room: f64::MAX }
    }

    #[test]
    fn labels_of_close_hubs_do_not_cover_each_other() {
        // Both want the place to the right; the second is only 20 px further right, so the first cannot keep it.
        let svg = placed(&[hub(100.0, "aaaaaaaa"), hub(120.0, "bbbbbbbb")], [0.0, 0.0, 400.0, 100.0], 1.0);
        assert_eq!(svg.matches("<text").count(), 2);
        assert!(svg.contains("text-anchor=\"end\"") && svg.contains("text-anchor=\"start\""), "{svg}");
    }

    #[test]
    fn a_name_too_wide_for_its_district_is_left_out() {
        let district =
            |room| Label { at: [50.0, 50.0], name: "Zengcheng".into(), english: String::new(), hub: false, room };
        assert_eq!(placed(&[district(20.0)], [0.0, 0.0, 100.0, 100.0], 1.0), "");
        assert!(placed(&[district(90.0)], [0.0, 0.0, 100.0, 100.0], 1.0).contains("Zengcheng"));
    }

    #[test]
    fn the_middle_of_a_square_is_its_centre() {
        let (at, room) = middle(&[vec![[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]]).unwrap();
        assert!((at[0] - 50.0).abs() < 1.0 && (at[1] - 50.5).abs() < 1e-9 && room == 100.0);
    }
}
