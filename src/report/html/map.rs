//! The map: districts, links, sections of lines and hubs as one SVG that reads without any script, and the figures as
//! one JSON block with which the script redraws it (choice of measures, zoom, pointer).
//!
//! Map units are ten metres on a plane tangent at the middle latitude, so that coordinates are short whole numbers.

use super::districts;
use super::format::{Names, escape, is_measure, label, number, tick, word};
use super::labels::{self, Label};
use super::measures::{self, Measure};
use super::sections;
use crate::outcome::Outcome;
use crate::table::Table;
use serde_json::{Value, json};
use std::fmt::Write;

/// Width and height in pixels for which the first drawing is laid out.
const SIZE_PX: [f64; 2] = [1120.0, 700.0];

/// Widths of links in pixels, by class of volume.
const WIDTHS_PX: [f64; 6] = [0.7, 1.1, 1.7, 2.5, 3.5, 4.8];

/// Upper limits of these classes, as shares of the volume that 99 % of the links stay below.
const WIDTH_LIMITS: [f64; 5] = [0.03, 0.1, 0.22, 0.42, 0.72];

/// Corners of outlines closer than this to the one before are left out, map units.
const COARSE: f64 = 4.0;

/// Most links that are drawn. A page of 20,000 has about 2.5 MB; with a million it would open in no browser.
const MOST_LINKS: usize = 20_000;

/// What is drawn.
pub struct Layers {
    /// Measures of districts, the first of which is shown first.
    pub districts: Vec<Measure>,
    /// Measures of links.
    pub links: Vec<Measure>,
    /// Measures of sections of lines.
    pub sections: Vec<Measure>,
}

impl Layers {
    /// Of a run.
    pub fn of(outcome: &Outcome, names: &Names) -> Layers {
        Layers {
            districts: districts::of_districts(outcome, names),
            links: outcome.table("links").map(measures::of_links).unwrap_or_default(),
            sections: outcome.table("line_sections").map(measures::of_sections).unwrap_or_default(),
        }
    }
}

impl Layers {
    /// The same for some links only.
    fn of_links(&self, rows: &[usize]) -> Layers {
        let some = |m: &Measure| Measure { values: rows.iter().map(|&row| m.values[row]).collect(), ..m.clone() };
        let links = self.links.iter().map(some).collect();
        Layers { districts: self.districts.clone(), links, sections: self.sections.clone() }
    }
}

/// Rows of the links with most vehicles, in their order, where there are too many to draw; of equals the first.
fn busiest(links: &Table) -> Option<Vec<usize>> {
    if links.rows() <= MOST_LINKS {
        return None;
    }
    let volumes = volumes(Some(links), "volume_veh");
    let mut rows: Vec<usize> = (0..links.rows()).collect();
    rows.sort_by(|&a, &b| volumes[b].total_cmp(&volumes[a]).then(a.cmp(&b)));
    rows.truncate(MOST_LINKS);
    rows.sort_unstable();
    Some(rows)
}

/// A plane around a middle latitude.
struct Plane {
    middle: [f64; 2],
    per_degree: [f64; 2],
}

impl Plane {
    fn around(points: &[[f64; 2]]) -> Plane {
        let range = |i: usize| {
            let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[i]), h.max(p[i])));
            if low > high { 0.0 } else { (low + high) / 2.0 }
        };
        let middle = [range(0), range(1)];
        // One degree of latitude on the mean sphere is 111,195 m; a map unit is ten metres.
        let north = 11_119.5;
        Plane { middle, per_degree: [north * libm::cos(middle[1].to_radians()), north] }
    }

    fn at(&self, [lon, lat]: [f64; 2]) -> [i64; 2] {
        let x = (lon - self.middle[0]) * self.per_degree[0];
        let y = (self.middle[1] - lat) * self.per_degree[1];
        [x.round() as i64, y.round() as i64]
    }
}

/// Lines on the map: links or sections.
struct Lines {
    ends: Vec<[i64; 4]>,
    widths: Vec<usize>,
}

/// Part of the map that is shown first: left, top, width, height in map units.
type View = [f64; 4];

/// The map as a figure, followed by its data.
pub fn figure(outcome: &Outcome, names: &Names, layers: &Layers) -> (String, Value) {
    let all = outcome.table("links");
    let busiest = all.and_then(busiest);
    let some = all.zip(busiest.as_ref()).map(|(all, rows)| (all.select(rows), layers.of_links(rows)));
    let (links, layers) = some.as_ref().map_or((all, layers), |(links, layers)| (Some(links), layers));
    let sections = outcome.table("line_sections");
    let hubs = hubs(outcome);
    let positions = links.map(ends).unwrap_or_default();
    let mut points: Vec<[f64; 2]> = outcome.outlines.iter().flatten().flatten().copied().collect();
    points.extend(positions.iter().flatten().flat_map(|e| [[e[0], e[1]], [e[2], e[3]]]));
    points.extend(hubs.iter().map(|h| h.1));
    if points.is_empty() {
        return (String::new(), Value::Null);
    }
    let plane = Plane::around(&points);
    let roads = Lines::of(&plane, &positions, &volumes(links, "volume_veh"));
    let transit = sections.map_or_else(Lines::none, |t| Lines::of(&plane, &ends(t), &volumes(Some(t), "load")));
    let hubs: Vec<(String, [i64; 2])> = hubs.into_iter().map(|(id, at)| (id, plane.at(at))).collect();
    let shapes: Vec<Vec<Vec<[i64; 2]>>> = outcome.outlines.iter().map(|rings| shape(&plane, rings)).collect();
    let view = first_view(links, &roads, &shapes, &hubs);
    let of = all.map_or(0, Table::rows);
    let drawn = Drawn { outcome, links, of, names, layers, roads, transit, hubs, shapes, view };
    (drawn.figure(), drawn.data())
}

struct Drawn<'a> {
    outcome: &'a Outcome,
    /// The links that are drawn, and how many there are.
    links: Option<&'a Table>,
    of: usize,
    names: &'a Names,
    layers: &'a Layers,
    roads: Lines,
    transit: Lines,
    hubs: Vec<(String, [i64; 2])>,
    shapes: Vec<Vec<Vec<[i64; 2]>>>,
    view: View,
}

impl Drawn<'_> {
    fn figure(&self) -> String {
        let [x, y, w, h] = self.view;
        let mut html = String::from("<figure class=\"map\" id=\"map\">");
        html.push_str("<div class=\"controls js\" id=\"controls\"></div><div class=\"stage\">");
        let _ = write!(
            html,
            "<svg id=\"mapsvg\" viewBox=\"{x:.0} {y:.0} {w:.0} {h:.0}\" role=\"img\" \
             aria-label=\"Map of districts, links and hubs\" preserveAspectRatio=\"xMidYMid slice\">"
        );
        self.districts(&mut html);
        html.push_str("<g id=\"m-links\" class=\"lines\">");
        let _ = write!(html, "{}</g>", self.roads.paths(self.layers.links.first(), w / SIZE_PX[0]));
        html.push_str("<g id=\"m-sections\" class=\"lines\"></g><g id=\"m-hubs\">");
        let radius = 6.0 * w / SIZE_PX[0];
        for (id, [x, y]) in &self.hubs {
            let name = escape(&self.names.plain(id));
            let _ = write!(
                html,
                "<circle class=\"hub\" cx=\"{x}\" cy=\"{y}\" r=\"{radius:.0}\"><title>{name}</title></circle>"
            );
        }
        html.push_str("</g><g id=\"m-labels\">");
        html.push_str(&labels::placed(&self.labels(), self.view, w / SIZE_PX[0]));
        html.push_str("</g></svg><div id=\"tip\" class=\"tip\" role=\"status\" hidden></div></div>");
        html.push_str("<figcaption><div id=\"legends\" class=\"legends\">");
        for (kind, measures) in [("Districts", &self.layers.districts), ("Links", &self.layers.links)] {
            if let Some(measure) = measures.first() {
                html.push_str(&legend(kind, measure));
            }
        }
        html.push_str(
            "</div><p class=\"note\">Width of a line: volume. Links are drawn on the right of their direction.",
        );
        let shown = self.links.map_or(0, Table::rows);
        if shown < self.of {
            let _ =
                write!(html, " Drawn are the {shown} links of {} with most vehicles; links.parquet has all.", self.of);
        }
        html.push_str("</p>");
        html.push_str("</figcaption></figure>");
        html
    }

    fn districts(&self, html: &mut String) {
        html.push_str("<g id=\"m-districts\">");
        for (row, rings) in self.shapes.iter().enumerate() {
            let mut path = String::new();
            for ring in rings {
                let mut last = [0, 0];
                for (i, &[x, y]) in ring.iter().enumerate() {
                    if i == 0 {
                        let _ = write!(path, "M{x} {y}l");
                    } else {
                        let _ = write!(path, "{} {} ", x - last[0], y - last[1]);
                    }
                    last = [x, y];
                }
                path.push('z');
            }
            let (class, told) = match self.layers.districts.first() {
                Some(measure) => (measure.class(row), format!(": {}", measures::told(measure, row))),
                None => ("n".into(), String::new()),
            };
            let title = escape(&format!("{}{told}", self.district(row)));
            let _ = write!(html, "<path class=\"f{class}\" d=\"{path}\"><title>{title}</title></path>");
        }
        html.push_str("</g>");
    }

    fn district(&self, row: usize) -> String {
        let id = self.outcome.table("districts").and_then(|t| word(t, &t.columns.first()?.name, row));
        id.map_or_else(|| format!("{}", row + 1), |id| self.names.plain(&id))
    }

    /// Hubs first: where there is no room for all, districts give way.
    fn labels(&self) -> Vec<Label> {
        let mut labels: Vec<Label> = Vec::new();
        for (id, at) in &self.hubs {
            let (name, english) = self.names.pair(id);
            labels.push(Label { at: at.map(|x| x as f64), name, english, hub: true, room: f64::MAX });
        }
        for (row, rings) in self.shapes.iter().enumerate() {
            let Some((at, room)) = labels::middle(rings) else { continue };
            let id = self.outcome.table("districts").and_then(|t| word(t, &t.columns.first()?.name, row));
            let (name, english) = self.names.pair(&id.unwrap_or_default());
            labels.push(Label { at, name, english, hub: false, room });
        }
        labels
    }

    /// Hubs with the first figures of their table, as text.
    fn hub_data(&self) -> Vec<Value> {
        let Some(table) = self.outcome.table("hubs") else { return Vec::new() };
        let figures = |id: &str| -> Vec<Value> {
            let row = (0..table.rows()).find(|&row| word(table, &table.columns[0].name, row).as_deref() == Some(id));
            let columns = table.columns.iter().filter(|c| is_measure(c) && !measures::is_place(&c.name));
            let told = columns.filter_map(|c| {
                let value = number(c, row?).filter(|x| *x != 0.0)?;
                let (text, unit) = sections::figure(value, &c.unit);
                Some(json!([label(&c.name, &c.unit), format!("{text} {unit}").trim_end()]))
            });
            told.take(10).collect()
        };
        let hub =
            |(id, at): &(String, [i64; 2])| json!({"at": at, "name": self.names.plain(id), "figures": figures(id)});
        self.hubs.iter().map(hub).collect()
    }

    fn data(&self) -> Value {
        let sections = self.outcome.table("line_sections");
        let labels: Vec<Value> = self.labels().iter().map(Label::json).collect();
        let districts: Vec<String> = (0..self.shapes.len()).map(|row| self.district(row)).collect();
        json!({
            "view": self.view.map(f64::round),
            "widths": WIDTHS_PX,
            "labels": labels,
            "hubs": self.hub_data(),
            "districts": {"names": districts, "measures": layer_json(&self.layers.districts)},
            "links": lines_json(&self.roads, self.links, &["name", "link_id"], &self.layers.links),
            "sections": lines_json(&self.transit, sections, &["name", "line", "line_id"], &self.layers.sections),
        })
    }
}

impl Lines {
    fn none() -> Lines {
        Lines { ends: Vec::new(), widths: Vec::new() }
    }

    fn of(plane: &Plane, ends: &[Option<[f64; 4]>], volumes: &[f64]) -> Lines {
        let mut sorted = volumes.to_vec();
        sorted.sort_by(f64::total_cmp);
        let most = sorted.get(sorted.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(0.0).max(1e-9);
        let class = |v: &f64| WIDTH_LIMITS.iter().filter(|l| v / most >= **l).count();
        let place = |end: &Option<[f64; 4]>| {
            end.map_or([0; 4], |[a, b, c, d]| {
                let ([x0, y0], [x1, y1]) = (plane.at([a, b]), plane.at([c, d]));
                [x0, y0, x1, y1]
            })
        };
        Lines { ends: ends.iter().map(place).collect(), widths: volumes.iter().map(class).collect() }
    }

    /// One path for all lines of a colour and width, the strong and wide ones on top.
    fn paths(&self, measure: Option<&Measure>, unit_px: f64) -> String {
        let mut groups: std::collections::BTreeMap<(usize, String), String> = std::collections::BTreeMap::new();
        for (row, &[x0, y0, x1, y1]) in self.ends.iter().enumerate().filter(|(_, e)| e[..2] != e[2..]) {
            let width = self.widths[row];
            let colour = measure.map_or_else(|| "n".into(), |m| m.class(row));
            let [ox, oy] = beside([x0, y0, x1, y1], (WIDTHS_PX[width] / 2.0 + 0.3) * unit_px);
            let path = groups.entry((width, colour)).or_default();
            let (x, y) = ((x0 as f64 + ox).round(), (y0 as f64 + oy).round());
            let _ = write!(path, "M{x} {y}l{} {}", x1 - x0, y1 - y0);
        }
        let mut html = String::new();
        for ((width, colour), path) in groups {
            let _ = write!(html, "<path class=\"s{colour} w{width}\" d=\"{path}\"/>");
        }
        html
    }
}

/// The shift to the right of the direction of travel.
fn beside([x0, y0, x1, y1]: [i64; 4], by: f64) -> [f64; 2] {
    let (dx, dy) = ((x1 - x0) as f64, (y1 - y0) as f64);
    let length = libm::sqrt(dx * dx + dy * dy);
    if length == 0.0 { [0.0; 2] } else { [-dy / length * by, dx / length * by] }
}

/// Legend of a measure.
pub fn legend(kind: &str, measure: &Measure) -> String {
    let mut html = format!("<div class=\"legend\"><b>{kind}</b> {} ", escape(&measure.title()));
    if !measure.unit.is_empty() {
        let _ = write!(html, "<span class=\"unit\">{}</span>", escape(&measure.unit));
    }
    html.push_str("<ol class=\"scale\">");
    for class in 0..=measure.limits.len() {
        let told = match class {
            0 => measure.limits.first().map_or_else(|| "all".into(), |l| format!("&lt; {}", tick(*l))),
            _ => format!("≥ {}", tick(measure.limits[class - 1])),
        };
        let _ = write!(html, "<li><i style=\"background:var(--{})\"></i>{told}</li>", measure.class_at(class));
    }
    html.push_str("</ol></div>");
    html
}

fn ends(table: &Table) -> Vec<Option<[f64; 4]>> {
    let at = |name: &str, row| table.number(name, row).filter(|x| x.is_finite());
    (0..table.rows())
        .map(|row| Some([at("from_lon", row)?, at("from_lat", row)?, at("to_lon", row)?, at("to_lat", row)?]))
        .collect()
}

/// Volume by row: the column of that name, or the first whose name begins with it.
fn volumes(table: Option<&Table>, name: &str) -> Vec<f64> {
    let Some(table) = table else { return Vec::new() };
    let column = table.column(name).or_else(|| table.columns.iter().find(|c| c.name.starts_with(name)));
    (0..table.rows()).map(|row| column.and_then(|c| number(c, row)).unwrap_or(0.0)).collect()
}

/// Hubs with their positions: their own, or the middle of the links that lead to them.
fn hubs(outcome: &Outcome) -> Vec<(String, [f64; 2])> {
    let Some(table) = outcome.table("hubs") else { return Vec::new() };
    let Some(key) = table.columns.first() else { return Vec::new() };
    let position = |row: usize, id: &str| {
        let own = |names: [&str; 3]| names.iter().find_map(|n| table.number(n, row)).filter(|x| x.is_finite());
        match (own(["lon", "x_coord", "longitude"]), own(["lat", "y_coord", "latitude"])) {
            (Some(lon), Some(lat)) => Some([lon, lat]),
            _ => middle_of_links(outcome.table("links")?, id),
        }
    };
    (0..table.rows())
        .filter_map(|row| {
            let id = word(table, &key.name, row)?;
            let at = position(row, &id)?;
            Some((id, at))
        })
        .collect()
}

fn middle_of_links(links: &Table, hub: &str) -> Option<[f64; 2]> {
    let ends = ends(links);
    let own = (0..links.rows()).filter(|&row| word(links, "hub", row).as_deref() == Some(hub));
    let points: Vec<[f64; 2]> = own.filter_map(|row| ends[row]).map(|e| [e[2], e[3]]).collect();
    let count = points.len() as f64;
    (!points.is_empty()).then(|| [0, 1].map(|i| points.iter().map(|p| p[i]).sum::<f64>() / count))
}

fn shape(plane: &Plane, rings: &[Vec<[f64; 2]>]) -> Vec<Vec<[i64; 2]>> {
    let thinned = rings.iter().map(|ring| {
        let mut kept: Vec<[i64; 2]> = Vec::with_capacity(ring.len());
        for &corner in ring {
            let at = plane.at(corner);
            let far = |last: &[i64; 2]| ((at[0] - last[0]).abs() + (at[1] - last[1]).abs()) as f64 >= COARSE;
            if kept.last().is_none_or(far) {
                kept.push(at);
            }
        }
        kept
    });
    thinned.filter(|ring| ring.len() > 2).collect()
}

/// The part of the map where the hubs' traffic is: the middle three fifths of the links, weighted by the hubs' vehicles
/// (all links alike when nothing is known of them), and all hubs.
fn first_view(
    links: Option<&Table>,
    roads: &Lines,
    shapes: &[Vec<Vec<[i64; 2]>>],
    hubs: &[(String, [i64; 2])],
) -> View {
    let volumes = volumes(links, "volume_veh");
    let weight = |row: usize| {
        let share = links.and_then(|t| t.number("hub_share", row)).unwrap_or(1.0);
        volumes.get(row).copied().unwrap_or(0.0) * share
    };
    let total: f64 = (0..roads.ends.len()).map(weight).sum();
    let mut box_of = [0, 1].map(|i| {
        let mut places: Vec<(i64, f64)> = roads
            .ends
            .iter()
            .enumerate()
            .map(|(row, e)| ((e[i] + e[i + 2]) / 2, if total > 0.0 { weight(row) } else { 1.0 }))
            .collect();
        places.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        quantiles(&places)
    });
    let corners: Vec<[i64; 2]> = if roads.ends.is_empty() {
        shapes.iter().flatten().flatten().copied().collect()
    } else {
        hubs.iter().map(|h| h.1).collect()
    };
    for corner in &corners {
        for (span, at) in box_of.iter_mut().zip(corner) {
            *span = span.map_or(Some((*at, *at)), |(low, high)| Some((low.min(*at), high.max(*at))));
        }
    }
    let [(left, right), (top, bottom)] = box_of.map(|span| span.unwrap_or((-1000, 1000)));
    fitted([left as f64, top as f64, (right - left) as f64, (bottom - top) as f64])
}

/// The twentieth and the eightieth percentile of sorted places.
fn quantiles(places: &[(i64, f64)]) -> Option<(i64, i64)> {
    let total: f64 = places.iter().map(|p| p.1).sum();
    let at = |share: f64| {
        let mut passed = 0.0;
        places.iter().find(|p| {
            passed += p.1;
            passed >= share * total
        })
    };
    Some((at(0.2)?.0, at(0.8)?.0))
}

/// A box with a margin of a sixth on every side, widened to the shape of the figure.
fn fitted([x, y, w, h]: View) -> View {
    let (w0, h0) = (w.max(200.0) * 4.0 / 3.0, h.max(200.0) * 4.0 / 3.0);
    let scale = (w0 / SIZE_PX[0]).max(h0 / SIZE_PX[1]);
    let (w1, h1) = (SIZE_PX[0] * scale, SIZE_PX[1] * scale);
    [x + (w - w1) / 2.0, y + (h - h1) / 2.0, w1, h1]
}

/// Four significant digits are more than a pointer needs.
fn rounded(x: f64) -> Value {
    let text = format!("{x:.3e}");
    let value: f64 = text.parse().expect("a formatted number parses");
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

fn layer_json(measures: &[Measure]) -> Vec<Value> {
    measures
        .iter()
        .map(|m| {
            let values: Vec<Value> = m.values.iter().map(|v| v.map_or(Value::Null, rounded)).collect();
            json!({
                "label": m.label, "group": m.group, "unit": m.unit, "about": m.about, "values": values, "limits": m.limits,
                "classes": (0..=m.limits.len()).map(|c| m.class_at(c)).collect::<Vec<_>>(),
                "signed": m.is_change(),
            })
        })
        .collect()
}

/// Lines as start and step, words as a list without repetitions and the place of each in it.
fn lines_json(lines: &Lines, table: Option<&Table>, words: &[&str], measures: &[Measure]) -> Value {
    let flat: Vec<i64> = lines.ends.iter().flat_map(|e| [e[0], e[1], e[2] - e[0], e[3] - e[1]]).collect();
    let mut names: Vec<String> = Vec::new();
    let mut places: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    let mut name_of = Vec::new();
    for row in 0..lines.ends.len() {
        let found = table.and_then(|t| words.iter().find_map(|w| word(t, w, row).filter(|n| !n.is_empty())));
        let name = found.unwrap_or_default();
        let place = *places.entry(name.clone()).or_insert_with(|| {
            names.push(name);
            names.len() - 1
        });
        name_of.push(place);
    }
    let ids: Vec<String> =
        table.map_or_else(Vec::new, |t| (0..t.rows()).filter_map(|r| word(t, "link_id", r)).collect());
    json!({
        "xy": flat, "widths": lines.widths, "names": names, "name": name_of, "ids": ids,
        "measures": layer_json(measures),
    })
}
