//! The process diagram of a hub: who and what flows from the street through its processes and stores to its services and
//! back, left to right. Bands are as wide as what passes in a day; every process has its queue over the day beside its
//! name, with the servers on duty, and the colour of the wait that 95 % do not exceed.

mod layout;

use super::format::{escape, short, word};
use super::profile::cut;
use super::scale;
use crate::outcome::Outcome;
use crate::table::Table;
use layout::{Layout, Wanted, layout};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Waits that 95 % do not exceed at which the colours change, minutes.
const WAITS_MIN: [f64; 6] = [1.0, 3.0, 5.0, 10.0, 20.0, 40.0];

/// Shares of the day without room at which the colours of stores change.
const FULL: [f64; 6] = [0.001, 0.02, 0.05, 0.1, 0.2, 0.4];

/// Measures, in the units of the view box.
const CARD: [f64; 2] = [166.0, 104.0];
const END: f64 = 96.0;
const LEAST_PITCH: f64 = 222.0;
const WIDTH: f64 = 1124.0;
const WIDEST: f64 = 84.0;
const MARGIN: f64 = 10.0;

/// A flow of a day.
#[derive(Clone, Debug)]
struct Flow {
    from: String,
    to: String,
    unit: String,
    amount: f64,
}

/// A process or store by hour.
#[derive(Clone, Debug, Default)]
struct Card {
    name: String,
    english: String,
    /// What is known in words, short.
    words: [String; 2],
    /// All that is known, for the tooltip.
    all: String,
    /// By hour: queue or content, and servers or room.
    hours: Vec<(f64, f64, f64)>,
    colour: usize,
    store: bool,
}

/// What lies beyond the processes: word, name in the local script, in English.
const BEYOND: [(&str, &str, &str); 5] = [
    ("road", "道路", "road"),
    ("lines", "公共交通", "lines"),
    ("walk", "步行", "on foot"),
    ("service", "班次", "services"),
    ("missed", "误点", "missed"),
];

/// The diagrams of a hub, one for each part of it that hangs together; nothing where no flows are told.
pub fn diagram(outcome: &Outcome, hub: &str) -> String {
    let Some(table) = outcome.table("process_flows") else { return String::new() };
    let flows = flows(table, hub);
    if flows.is_empty() {
        return String::new();
    }
    let cards = cards(outcome, hub);
    let scales = scales(&flows);
    let mut html = String::new();
    for part in parts(&flows) {
        html.push_str(&draw(&part, &cards, &scales, hub));
    }
    format!("{html}{}", legend(&flows))
}

fn flows(table: &Table, hub: &str) -> Vec<Flow> {
    let own = (0..table.rows()).filter(|&r| word(table, "hub", r).as_deref() == Some(hub));
    let flow = |r: usize| {
        let text = |column: &str| word(table, column, r);
        let amount = table.number("amount", r).filter(|a| *a > 0.0)?;
        Some(Flow { from: text("from")?, to: text("to")?, unit: text("unit")?, amount })
    };
    own.filter_map(flow).collect()
}

fn is_beyond(id: &str) -> bool {
    !id.contains('/')
}

/// Width of a band for one unit of each kind: the busiest box of a kind is as wide as may be, freight half of that.
fn scales(flows: &[Flow]) -> BTreeMap<String, f64> {
    let mut through: BTreeMap<(&str, &str, bool), f64> = BTreeMap::new();
    for flow in flows {
        *through.entry((&flow.unit, &flow.from, true)).or_default() += flow.amount;
        *through.entry((&flow.unit, &flow.to, false)).or_default() += flow.amount;
    }
    let mut most: BTreeMap<String, f64> = BTreeMap::new();
    for ((unit, _, _), amount) in through.into_iter().filter(|((_, id, _), _)| !is_beyond(id)) {
        let most = most.entry(unit.to_owned()).or_default();
        *most = most.max(amount);
    }
    most.into_iter()
        .map(|(unit, most)| {
            let widest = if unit == "persons" { WIDEST } else { WIDEST / 2.0 };
            (unit, widest / most.max(1e-9))
        })
        .collect()
}

/// Parts that hang together by processes and stores, the one with the largest flow first.
fn parts(flows: &[Flow]) -> Vec<Vec<Flow>> {
    let mut part_of: BTreeMap<&str, usize> = BTreeMap::new();
    for flow in flows {
        for id in [flow.from.as_str(), flow.to.as_str()].into_iter().filter(|id| !is_beyond(id)) {
            let next = part_of.len();
            part_of.entry(id).or_insert(next);
        }
    }
    for flow in flows.iter().filter(|f| !is_beyond(&f.from) && !is_beyond(&f.to)) {
        let (a, b) = (part_of[flow.from.as_str()], part_of[flow.to.as_str()]);
        part_of.values_mut().filter(|part| **part == a.max(b)).for_each(|part| *part = a.min(b));
    }
    let mut parts: BTreeMap<usize, Vec<Flow>> = BTreeMap::new();
    for flow in flows {
        let inner = if is_beyond(&flow.from) { &flow.to } else { &flow.from };
        if let Some(&part) = part_of.get(inner.as_str()) {
            parts.entry(part).or_default().push(flow.clone());
        }
    }
    let size = |part: &Vec<Flow>| {
        let persons = part.iter().filter(|f| f.unit == "persons").map(|f| f.amount).sum::<f64>();
        (persons, part.iter().map(|f| f.amount).sum::<f64>())
    };
    let mut parts: Vec<Vec<Flow>> = parts.into_values().collect();
    parts.sort_by(|a, b| size(b).0.total_cmp(&size(a).0).then(size(b).1.total_cmp(&size(a).1)));
    parts
}

/// Where a box stands. What lies beyond the processes stands left where it comes from; services, and who missed them,
/// stand right; streets and lines stand right behind the process that leads to them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Side {
    Inner,
    Left,
    Right,
    After(String),
}

/// A band as it is drawn.
struct Band<'a> {
    flow: &'a Flow,
    from: usize,
    to: usize,
    width: f64,
}

fn draw(part: &[Flow], cards: &BTreeMap<String, Card>, scales: &BTreeMap<String, f64>, hub: &str) -> String {
    let mut ids: Vec<(String, Side)> = Vec::new();
    let mut place = |id: &str, other: &str, right: bool| {
        let side = match id {
            _ if !is_beyond(id) => Side::Inner,
            _ if !right => Side::Left,
            "service" | "missed" => Side::Right,
            _ => Side::After(other.to_owned()),
        };
        let key = (id.to_owned(), side);
        ids.iter().position(|known| *known == key).unwrap_or_else(|| {
            ids.push(key);
            ids.len() - 1
        })
    };
    let bands: Vec<Band> = part
        .iter()
        .filter(|flow| flow.from != flow.to)
        .map(|flow| {
            let width = (flow.amount * scales.get(&flow.unit).copied().unwrap_or(0.0)).max(1.2);
            Band { flow, from: place(&flow.from, &flow.to, false), to: place(&flow.to, &flow.from, true), width }
        })
        .collect();
    let wanted: Vec<Wanted> = ids
        .iter()
        .map(|(_, side)| Wanted {
            height: if *side == Side::Inner { CARD[1] } else { 27.0 },
            first: *side == Side::Left,
            last: *side == Side::Right,
            aside: matches!(side, Side::After(_)),
        })
        .collect();
    let mut laid = layout(&wanted, &bands.iter().map(|b| (b.from, b.to, b.width)).collect::<Vec<_>>());
    // A process from which nobody goes on needs the room of one.
    if laid.boxes.iter().zip(&ids).any(|(b, id)| b.0 + 1 == laid.layers && id.1 == Side::Inner) {
        laid.layers += 1;
    }
    let inner = laid.layers.saturating_sub(2).max(1) as f64;
    let pitch = ((WIDTH - 2.0 * END) / inner).max(LEAST_PITCH);
    let (width, height) = (2.0 * END + inner * pitch, laid.height + 2.0 * MARGIN);
    let names: Vec<&str> = ids.iter().filter_map(|(id, _)| cards.get(id)).map(|c| c.english.as_str()).collect();
    let mut svg = format!(
        "<figure class=\"flow\"><div class=\"wide\"><svg viewBox=\"0 0 {width:.0} {height:.0}\" style=\"min-width:{:.0}px\" role=\"img\" aria-label=\"{}\">",
        width * 0.86,
        escape(&format!("Flows through {hub}: {}", names.join(", ")))
    );
    let edges = Edges { laid: &laid, pitch, width };
    for (k, band) in bands.iter().enumerate() {
        edges.band(&mut svg, k, band, cards);
    }
    for (b, (id, side)) in ids.iter().enumerate() {
        let (left, top, high) = edges.place(b);
        match cards.get(id) {
            Some(card) => draw_card(&mut svg, card, (left, top, high)),
            None => {
                let right = *side != Side::Left;
                let own = bands.iter().filter(|k| [k.from, k.to][usize::from(right)] == b);
                let through: f64 = own.map(|k| k.width).sum();
                draw_beyond(&mut svg, id, right, (left, top + high / 2.0, through));
            }
        }
    }
    svg.push_str("</svg></div></figure>");
    svg
}

/// Places of boxes and bands on the page.
struct Edges<'a> {
    laid: &'a Layout,
    pitch: f64,
    width: f64,
}

impl Edges<'_> {
    /// Left and right of the boxes of a layer.
    fn sides(&self, layer: usize) -> [f64; 2] {
        match layer {
            0 => [0.0, END],
            _ if layer + 1 == self.laid.layers => [self.width - END, self.width],
            _ => {
                let middle = END + (layer as f64 - 0.5) * self.pitch;
                [middle - CARD[0] / 2.0, middle + CARD[0] / 2.0]
            }
        }
    }

    /// Left, top and height of a box.
    fn place(&self, b: usize) -> (f64, f64, f64) {
        let (layer, top, height) = self.laid.boxes[b];
        (self.sides(layer)[0], top + MARGIN, height)
    }

    fn band(&self, svg: &mut String, k: usize, band: &Band, cards: &BTreeMap<String, Card>) {
        let (first, way) = &self.laid.bands[k];
        let mut path = String::new();
        for (i, pair) in way.windows(2).enumerate() {
            let (a, b) = (self.sides(first + i), self.sides(first + i + 1));
            let (x0, x1) = (a[1], b[0]);
            let (y0, y1) = (pair[0] + MARGIN, pair[1] + MARGIN);
            let middle = (x0 + x1) / 2.0;
            if i == 0 {
                let _ = write!(path, "M{x0:.1} {y0:.1}");
            } else {
                // Straight past the boxes of the layer between.
                let _ = write!(path, "H{x0:.1}");
            }
            let _ = write!(path, "C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}");
        }
        let name = |id: &str| match cards.get(id) {
            Some(card) => format!("{} {}", card.name, card.english),
            None => BEYOND.iter().find(|b| b.0 == id).map_or(id.to_owned(), |b| format!("{} {}", b.1, b.2)),
        };
        let Flow { from, to, unit, amount } = band.flow;
        let class = if to == "missed" { "missed" } else { unit.as_str() };
        let _ = write!(
            svg,
            "<path class=\"band u-{}\" d=\"{path}\" stroke-width=\"{:.1}\"><title>{}</title></path>",
            escape(class),
            band.width,
            escape(&format!("{} → {}: {} {unit} a day", name(from), name(to), short(*amount)))
        );
    }
}

fn draw_beyond(svg: &mut String, id: &str, right: bool, (left, middle, high): (f64, f64, f64)) {
    let (_, name, english) = BEYOND.iter().find(|b| b.0 == id).copied().unwrap_or(("", id, ""));
    let high = high.max(2.0);
    let (bar, text, anchor) = match right {
        false => (left + END - 5.0, left + END - 12.0, "end"),
        true => (left, left + 12.0, "start"),
    };
    let _ = write!(
        svg,
        "<rect class=\"beyond\" x=\"{bar:.1}\" y=\"{:.1}\" width=\"5\" height=\"{high:.1}\"/>\
         <text class=\"who\" x=\"{text:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>\
         <text class=\"tick\" x=\"{text:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
        middle - high / 2.0,
        middle - 1.0,
        escape(name),
        middle + 12.0,
        escape(english)
    );
}

/// A process or store: its names, its day, what is most to know of it.
fn draw_card(svg: &mut String, card: &Card, (left, top, high): (f64, f64, f64)) {
    let [wide, least] = CARD;
    let _ = write!(
        svg,
        "<g><title>{}</title><rect class=\"{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide}\" height=\"{high:.1}\" rx=\"5\"/>\
         <rect class=\"fl{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"6\" height=\"{high:.1}\" rx=\"2\"/>",
        escape(&card.all),
        if card.store { "card store" } else { "card" },
        card.colour
    );
    // The words stand in the middle of a box that wide bands make higher.
    let (x, y) = (left + 13.0, top + (high - least) / 2.0);
    let _ = write!(
        svg,
        "<text class=\"who\" x=\"{x:.1}\" y=\"{:.1}\">{}</text><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
        y + 17.0,
        escape(&cut(&card.name, 21)),
        y + 30.0,
        escape(&cut(&card.english, 26))
    );
    curve(svg, card, (x, y + 35.0, wide - 20.0, 36.0));
    for (words, dy) in card.words.iter().zip([84.0, 97.0]) {
        let _ = write!(svg, "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>", y + dy, escape(words));
    }
    svg.push_str("</g>");
}

/// Queue or content as a hill, servers or room as a line of steps on a scale of its own (of a store on the same).
fn curve(svg: &mut String, card: &Card, (left, top, wide, high): (f64, f64, f64, f64)) {
    let last = card.hours.iter().map(|h| h.0).fold(23.0, f64::max) + 1.0;
    let x = |hour: f64| left + wide * hour / last;
    let most = |of: fn(&(f64, f64, f64)) -> f64| card.hours.iter().map(of).fold(0.0, f64::max);
    let (mut most_queue, most_servers) = (most(|h| h.1), most(|h| h.2));
    if card.store {
        most_queue = most_queue.max(most_servers);
    }
    let base = top + high;
    let _ = write!(svg, "<path class=\"axis\" d=\"M{left:.1} {base:.1}h{wide:.1}\"/>");
    if most_queue > 0.0 {
        let mut path = String::new();
        for &(hour, queue, _) in card.hours.iter().filter(|h| h.1 > 0.0) {
            let y = base - high * queue / most_queue;
            let _ = write!(path, "M{:.1} {base:.1}V{y:.1}H{:.1}V{base:.1}Z", x(hour), x(hour + 1.0));
        }
        let _ = write!(svg, "<path class=\"hill\" d=\"{path}\"/>");
    }
    if most_servers > 0.0 {
        let scale = if card.store { most_queue } else { most_servers };
        let mut path = String::new();
        let mut before: Option<f64> = None;
        for &(hour, _, servers) in &card.hours {
            let y = base - high * 0.94 * servers / scale;
            let joined = before.is_some_and(|end| (end - hour).abs() < 1e-6);
            let _ = match joined {
                true => write!(path, "V{y:.1}H{:.1}", x(hour + 1.0)),
                false => write!(path, "M{:.1} {y:.1}H{:.1}", x(hour), x(hour + 1.0)),
            };
            before = Some(hour + 1.0);
        }
        let _ = write!(svg, "<path class=\"staff\" d=\"{path}\"/>");
    }
}

/// Minutes in words: seconds below two minutes.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 119.5 => format!("{s:.0} s"),
        s if s < 5_970.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}

fn cards(outcome: &Outcome, hub: &str) -> BTreeMap<String, Card> {
    let mut cards = BTreeMap::new();
    if let Some(table) = outcome.table("processes") {
        let own = (0..table.rows()).filter(|&r| word(table, "hub", r).as_deref() == Some(hub));
        let hours =
            outcome.table("process_hours").map(|h| by_key(h, "process", ["queue", "servers"])).unwrap_or_default();
        for row in own {
            let id = word(table, "process", row).unwrap_or_default();
            let card = process(table, row, hours.get(&id).cloned().unwrap_or_default());
            cards.insert(id, card);
        }
    }
    if let Some(table) = outcome.table("stores") {
        let own = (0..table.rows()).filter(|&r| word(table, "hub", r).as_deref() == Some(hub));
        let hours =
            outcome.table("store_hours").map(|h| by_key(h, "store", ["content", "content"])).unwrap_or_default();
        for row in own {
            let id = word(table, "store", row).unwrap_or_default();
            let card = store(table, row, hours.get(&id).cloned().unwrap_or_default());
            cards.insert(id, card);
        }
    }
    cards
}

/// Two figures by hour of each key.
fn by_key(table: &Table, key: &str, columns: [&str; 2]) -> BTreeMap<String, Vec<(f64, f64, f64)>> {
    let mut by: BTreeMap<String, Vec<(f64, f64, f64)>> = BTreeMap::new();
    for row in 0..table.rows() {
        let (Some(id), Some(hour)) = (word(table, key, row), table.number("hour", row)) else { continue };
        let [a, b] = columns.map(|c| table.number(c, row).unwrap_or(0.0));
        by.entry(id).or_default().push((hour, a, b));
    }
    by.values_mut().for_each(|hours| hours.sort_by(|a, b| a.0.total_cmp(&b.0)));
    by
}

fn names(table: &Table, key: &str, row: usize) -> [String; 2] {
    let of = |column: &str| word(table, column, row).filter(|w| !w.is_empty());
    let id = of(key).unwrap_or_default();
    let english = of("name_en").unwrap_or_default();
    let name = of("name").unwrap_or_else(|| if english.is_empty() { id } else { english.clone() });
    [name.clone(), if english == name { String::new() } else { english }]
}

fn process(table: &Table, row: usize, hours: Vec<(f64, f64, f64)>) -> Card {
    let [name, english] = names(table, "process", row);
    let figure = |column: &str| table.number(column, row).unwrap_or(0.0);
    let unit = word(table, "unit", row).unwrap_or_default();
    let (p95, used) = (figure("wait_p95_s"), table.number("utilisation", row));
    let used = used.map_or(String::new(), |u| format!(" · {:.0} % busy", u * 100.0));
    let words = [format!("{} {unit}/day", short(figure("served"))), format!("95 % ≤ {}{used}", time(p95))];
    let mut all = format!(
        "{name} {english}: {} {unit} come, {} are served; wait {} on the mean, 95 % at most {}; queue up to {}{used}",
        short(figure("arrivals")),
        short(figure("served")),
        time(figure("wait_mean_s")),
        time(p95),
        short(figure("max_queue"))
    );
    if figure("blocked") > 0.0 {
        let _ =
            write!(all, "; {} blocked after service for {}", short(figure("blocked")), time(figure("blocked_mean_s")));
    }
    Card { name, english, words, all, hours, colour: scale::class(&WAITS_MIN, p95 / 60.0), store: false }
}

fn store(table: &Table, row: usize, hours: Vec<(f64, f64, f64)>) -> Card {
    let [name, english] = names(table, "store", row);
    let figure = |column: &str| table.number(column, row).unwrap_or(0.0);
    let unit = word(table, "unit", row).unwrap_or_default();
    let (capacity, full) = (figure("capacity"), figure("full_share"));
    let words = [
        format!("≤ {} of {} {unit}", short(figure("max")), short(capacity)),
        format!("full {:.0} % of the day", full * 100.0),
    ];
    let all = format!(
        "{name} {english}: {} {unit} when the day begins, {} come, {} go; room for {}, at most {}",
        short(figure("start")),
        short(figure("in")),
        short(figure("out")),
        short(capacity),
        short(figure("max"))
    );
    let hours = hours.into_iter().map(|(hour, content, _)| (hour, content, capacity)).collect();
    Card { name, english, words, all, hours, colour: scale::class(&FULL, full), store: true }
}

/// What colours and widths mean.
fn legend(flows: &[Flow]) -> String {
    let mut html = String::from(
        "<div class=\"legends\"><div class=\"legend\"><b>排队 Wait</b> that 95 % do not exceed<ul class=\"scale\">",
    );
    for class in 0..scale::CLASSES {
        let words = match class {
            0 => format!("below {:.0} min", WAITS_MIN[0]),
            _ => format!("from {:.0} min", WAITS_MIN[class - 1]),
        };
        let _ = write!(html, "<li><i style=\"background:var(--l{class})\"></i>{words}</li>");
    }
    html.push_str(
        "</ul></div><div class=\"legend\"><b>带宽 Width of a band</b> what passes in a day<ul class=\"keys\">",
    );
    let units: [(&str, &str); 6] = [
        ("persons", "人 persons"),
        ("vehicles", "车 vehicles"),
        ("bags", "行李 bags"),
        ("consignments", "货物 consignments"),
        ("TEU", "标箱 TEU"),
        ("tonnes", "吨 tonnes"),
    ];
    for (unit, words) in units.iter().filter(|(unit, _)| flows.iter().any(|f| f.unit == *unit)) {
        let _ = write!(html, "<li><i class=\"b-{unit}\"></i>{words}</li>");
    }
    html.push_str(
        "</ul></div><div class=\"legend\"><b>框 In a box</b> <span class=\"hillkey\"></span> queue (of stores: content) by \
         hour from 0:00, <span class=\"staffkey\"></span> servers on duty (of stores: room)</div></div>",
    );
    html
}

#[cfg(test)]
mod tests;
