//! Loads along a line as plain SVG: a profile over its sections, one way above and the other below, and a heat map of load
//! factors by section and hour.

use super::format::{escape, short, tick};
use super::scale;
use std::fmt::Write;

/// Load factors at which the classes of the heat map end.
const LIMITS: [f64; 6] = [0.2, 0.4, 0.6, 0.8, 0.9, 1.0];

/// A line in one direction.
pub struct Direction {
    /// Name of its first stop.
    pub from: String,
    /// Name of its last stop.
    pub to: String,
    /// Its sections in order.
    pub sections: Vec<Section>,
}

/// A section of a line.
pub struct Section {
    /// Stop at its beginning.
    pub from: String,
    /// Stop at its end.
    pub to: String,
    /// Persons a day.
    pub day: f64,
    /// Hours with persons and places.
    pub hours: Vec<(i64, f64, f64)>,
}

impl Section {
    fn at(&self, hour: i64) -> (f64, f64) {
        self.hours.iter().find(|h| h.0 == hour).map_or((0.0, 0.0), |h| (h.1, h.2))
    }

    fn words(&self) -> String {
        format!("{} – {}", self.from, self.to)
    }
}

impl Direction {
    /// The place of the section that runs against another one.
    pub fn opposite(&self, other: &Section) -> Option<usize> {
        self.sections.iter().position(|s| s.from == other.to && s.to == other.from)
    }

    /// The hour with most persons on one section, and them.
    fn peak(&self) -> Option<(i64, f64)> {
        let all = self.sections.iter().flat_map(|s| s.hours.iter().map(|h| (h.0, h.1)));
        all.filter(|h| h.1 > 0.0).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    }
}

/// A step of the profile: where it stands, what it tells, persons, and places where they are told.
struct Bar {
    place: usize,
    words: String,
    persons: f64,
    places: f64,
}

/// Measures of the profile, in the units of its view box.
const WIDTH: f64 = 1100.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 72.0;
const HALF: f64 = 64.0;
const HEAD: f64 = 22.0;

/// The profile of a line: the peak hour with the places on offer, and the day.
pub fn profile(name: &str, there: &Direction, back: Option<&Direction>) -> String {
    let count = there.sections.len();
    let peak = [Some(there), back].into_iter().flatten().filter_map(Direction::peak);
    let peak = peak.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let ways = [Some(there), back];
    let bars = |of: &dyn Fn(&Section) -> Bar| {
        ways.map(|way| {
            let sections = way.into_iter().flat_map(|d| d.sections.iter().enumerate());
            let placed = sections.filter_map(|(k, s)| {
                let place = if way.is_some_and(|d| std::ptr::eq(d, there)) { Some(k) } else { there.opposite(s) };
                Some(Bar { place: place?, ..of(s) })
            });
            placed.collect::<Vec<Bar>>()
        })
    };
    let mut blocks: Vec<(String, [Vec<Bar>; 2])> = Vec::new();
    if let Some((hour, _)) = peak {
        let bar = |s: &Section| {
            let (persons, places) = s.at(hour);
            let of_places =
                if places > 0.0 { format!(", {:.0} % of places", persons / places * 100.0) } else { String::new() };
            let words = format!("{}, {hour}:00: {} persons{of_places}", s.words(), short(persons));
            Bar { place: 0, words, persons, places }
        };
        blocks.push((format!("Hour from {hour}:00, persons; the outline is the places on offer"), bars(&bar)));
    }
    let bar = |s: &Section| Bar {
        place: 0,
        words: format!("{}: {} persons a day", s.words(), short(s.day)),
        persons: s.day,
        places: 0.0,
    };
    blocks.push(("Day, persons".into(), bars(&bar)));
    let said = peak.map_or(String::new(), |(hour, most)| format!(", most {} in the hour from {hour}:00", short(most)));
    let names_at = blocks.len() as f64 * (HEAD + 2.0 * HALF) + 12.0;
    let height = names_at + 84.0;
    let mut svg = format!(
        "<figure class=\"chart profile\"><figcaption><i class=\"p0\"></i>{} → {}",
        escape(&there.from),
        escape(&there.to)
    );
    if let Some(back) = back {
        let _ = write!(svg, " <i class=\"p1\"></i>{} → {}", escape(&back.from), escape(&back.to));
    }
    let _ = write!(
        svg,
        "</figcaption><svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">",
        escape(&format!("Loads along {name} from {} to {}{said}", there.from, there.to))
    );
    let step = (WIDTH - LEFT - RIGHT) / count.max(1) as f64;
    for (k, (title, ways)) in blocks.iter().enumerate() {
        block(&mut svg, k as f64 * (HEAD + 2.0 * HALF), title, ways, step);
    }
    let stops = there.sections.iter().map(|s| &s.from).chain(there.sections.last().map(|s| &s.to));
    for (k, stop) in stops.enumerate() {
        let x = LEFT + step * k as f64;
        let _ = write!(
            svg,
            "<text class=\"tick\" transform=\"translate({x:.1} {names_at}) rotate(40)\">{}</text>",
            escape(&cut(stop, 18))
        );
    }
    svg.push_str("</svg></figure>");
    svg
}

/// One way above its axis, the other below, on one scale.
fn block(svg: &mut String, top: f64, title: &str, ways: &[Vec<Bar>; 2], step: f64) {
    let most = ways.iter().flatten().map(|b| b.persons.max(b.places)).fold(0.0, f64::max);
    let axis = top + HEAD + HALF;
    let _ = write!(svg, "<text class=\"tick\" x=\"{LEFT}\" y=\"{}\">{}</text>", top + 13.0, escape(title));
    for (sign, way) in [1.0, -1.0].into_iter().zip(ways).filter(|(_, way)| !way.is_empty() && most > 0.0) {
        let y = |value: f64| axis - sign * HALF * value / most;
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y(most) + if sign > 0.0 { 8.0 } else { 0.0 },
            tick(most)
        );
        for bar in way {
            let x = LEFT + step * bar.place as f64;
            let (high, low) = (y(bar.persons).min(axis), y(bar.persons).max(axis));
            let _ = write!(
                svg,
                "<rect class=\"bar{}\" x=\"{:.1}\" y=\"{high:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
                u8::from(sign < 0.0),
                x + 0.5,
                step - 1.0,
                low - high,
                escape(&bar.words)
            );
            if bar.places > 0.0 {
                let _ = write!(svg, "<path class=\"places\" d=\"M{x:.1} {0:.1}h{step:.1}\"/>", y(bar.places));
            }
        }
    }
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{axis}\" y2=\"{axis}\"/><text class=\"tick\" x=\"{}\" y=\"{}\" \
         text-anchor=\"end\">0</text>",
        WIDTH - RIGHT,
        LEFT - 6.0,
        axis + 4.0
    );
}

/// Load factors by section, down, and hour, across.
pub fn heat_map(name: &str, way: &Direction) -> String {
    let hours = way.sections.iter().flat_map(|s| s.hours.iter().map(|h| h.0));
    let Some((first, last)) = hours
        .fold(None, |ends: Option<(i64, i64)>, h| Some(ends.map_or((h, h), |(low, high)| (low.min(h), high.max(h)))))
    else {
        return String::new();
    };
    let (left, top, across, down) = (168.0, 16.0, 17.0, 13.0);
    let width = left + across * (last - first + 1) as f64 + 4.0;
    let height = top + down * way.sections.len() as f64 + 4.0;
    let mut svg = format!(
        "<figure class=\"chart heat\"><figcaption>{} → {} <span class=\"unit\">load factor by hour</span></figcaption>\
         <svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
        escape(&way.from),
        escape(&way.to),
        escape(&fullest(name, way))
    );
    for hour in (first..=last).filter(|h| (h - first) % 3 == 0) {
        let x = left + across * ((hour - first) as f64 + 0.5);
        let _ = write!(svg, "<text class=\"tick\" x=\"{x:.1}\" y=\"11\" text-anchor=\"middle\">{hour}</text>");
    }
    for (k, section) in way.sections.iter().enumerate() {
        let y = top + down * k as f64;
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 5.0,
            y + 10.0,
            escape(&cut(&section.words(), 28))
        );
        for &(hour, persons, places) in section.hours.iter().filter(|h| h.2 > 0.0) {
            let factor = persons / places;
            let _ = write!(
                svg,
                "<rect class=\"fl{}\" x=\"{:.0}\" y=\"{y:.0}\" width=\"16\" height=\"12\"><title>{hour}:00 {:.0} %</title></rect>",
                scale::class(&LIMITS, factor),
                left + across * (hour - first) as f64,
                factor * 100.0
            );
        }
    }
    svg.push_str("</svg></figure>");
    svg
}

/// The fullest hour of a section, in words.
fn fullest(name: &str, way: &Direction) -> String {
    let factors =
        way.sections.iter().flat_map(|s| s.hours.iter().filter(|h| h.2 > 0.0).map(move |h| (s, h.0, h.1 / h.2)));
    let most = factors.max_by(|a, b| a.2.total_cmp(&b.2).then(b.1.cmp(&a.1)));
    let most = most.map_or(String::new(), |(s, hour, factor)| {
        format!(", most {:.0} % from {hour}:00 between {} and {}", factor * 100.0, s.from, s.to)
    });
    format!("Load factors of {name} from {} to {} by section and hour{most}", way.from, way.to)
}

/// The classes of the heat maps.
pub fn legend() -> String {
    let mut html = String::from(
        "<div class=\"legend\"><b>Load factor</b> persons by places on a section in an hour<ul class=\"scale\">",
    );
    for class in 0..scale::CLASSES {
        let words = match class {
            0 => format!("below {:.0} %", LIMITS[0] * 100.0),
            _ => format!("from {:.0} %", LIMITS[class - 1] * 100.0),
        };
        let _ = write!(html, "<li><i style=\"background:var(--l{class})\"></i>{words}</li>");
    }
    html.push_str("</ul></div>");
    html
}

/// A name that fits: an ideograph takes the room of two letters.
pub fn cut(name: &str, letters: usize) -> String {
    let wide = |c: char| if c as u32 > 0x2e80 { 2 } else { 1 };
    if name.chars().map(wide).sum::<usize>() <= letters {
        return name.to_owned();
    }
    let mut room = letters - 1;
    let kept = name.chars().take_while(|&c| {
        let fits = room >= wide(c);
        room = room.saturating_sub(wide(c));
        fits
    });
    kept.collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_where_its_room_ends() {
        assert_eq!(cut("Short", 6), "Short");
        assert_eq!(cut("Universitaetsplatz", 8), "Univers…");
        assert_eq!(cut("广州白云站广场", 8), "广州白…");
    }

    #[test]
    fn the_peak_is_the_earliest_of_equal_hours() {
        let section = |hours| Section { from: "a".into(), to: "b".into(), day: 0.0, hours };
        let sections = vec![section(vec![(8, 5.0, 9.0), (17, 7.0, 9.0)]), section(vec![(9, 7.0, 9.0)])];
        let way = Direction { from: "a".into(), to: "b".into(), sections };
        assert_eq!(way.peak(), Some((9, 7.0)));
    }
}
