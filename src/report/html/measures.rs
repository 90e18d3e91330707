//! What the map can show: measures of links and of sections of lines, found in whatever tables an outcome has, and
//! changes of measures between two outcomes.

use super::format::{self, Style, is_measure, label, number, word};
use super::scale;
use crate::table::Table;
use std::collections::BTreeMap;

/// A measure of the map: one value per district, link or section, already in the unit that is shown.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Heading under which the menu lists it; may be empty.
    pub group: String,
    /// Name for the menu.
    pub label: String,
    /// Unit shown.
    pub unit: String,
    /// What the table's values were multiplied with for it.
    pub factor: f64,
    /// What it means.
    pub about: String,
    /// Values, `None` where there is nothing to tell.
    pub values: Vec<Option<f64>>,
    /// Limits between classes.
    pub limits: Vec<f64>,
    /// Letter of the ramp.
    pub ramp: char,
    /// Whether the smallest values take the strong end of the ramp, as with speed.
    pub reverse: bool,
}

impl Measure {
    /// A measure with limits at round numbers; `ramp` as in [`scale`].
    pub fn new(label: String, unit: &str, about: &str, values: Vec<Option<f64>>, ramp: char) -> Measure {
        let style = Style::of(unit, values.iter().flatten().copied());
        let values: Vec<Option<f64>> = values.into_iter().map(|v| v.map(|x| x * style.factor)).collect();
        let all = values.iter().flatten().copied();
        let limits = if matches!(ramp, 'x' | 'y') { scale::change_limits(all) } else { scale::limits(all) };
        Measure {
            group: String::new(),
            label,
            unit: style.unit,
            factor: style.factor,
            about: about.to_owned(),
            values,
            limits,
            ramp,
            reverse: false,
        }
    }

    /// The same measure under a heading of the menu.
    pub fn under(self, group: &str) -> Measure {
        Measure { group: group.to_owned(), ..self }
    }

    /// Heading and name.
    pub fn title(&self) -> String {
        if self.group.is_empty() { self.label.clone() } else { format!("{}: {}", self.group, self.label) }
    }

    /// The CSS name of the colour of a row; `n` for no data.
    pub fn class(&self, row: usize) -> String {
        match self.values.get(row).copied().flatten() {
            None => "n".into(),
            Some(value) => self.class_at(scale::class(&self.limits, value)),
        }
    }

    /// The CSS name of the colour of a class.
    pub fn class_at(&self, class: usize) -> String {
        let place = scale::colour(class, self.limits.len());
        format!("{}{}", self.ramp, if self.reverse { scale::CLASSES - 1 - place } else { place })
    }

    /// Whether the values are told with their sign.
    pub fn is_change(&self) -> bool {
        matches!(self.ramp, 'x' | 'y')
    }

    /// Whether there is anything to see.
    pub fn has_values(&self) -> bool {
        self.values.iter().flatten().any(|x| *x != 0.0)
    }
}

/// All measures of the links, the most telling first.
pub fn of_links(links: &Table) -> Vec<Measure> {
    const FIRST: [&str; 8] =
        ["saturation", "speed_kmh", "delay_s", "delay_h", "volume_veh", "hub_share", "trucks_veh", "trucks"];
    let mut measures = Vec::new();
    let known = FIRST.iter().filter_map(|n| links.column(n));
    let others = links.columns.iter().filter(|c| !FIRST.contains(&c.name.as_str()) && !is_place(&c.name));
    for column in known.chain(others).filter(|c| is_measure(c)) {
        let values: Vec<Option<f64>> = (0..links.rows()).map(|row| number(column, row)).collect();
        let mut measure = Measure::new(label(&column.name, &column.unit), &column.unit, &column.about, values, 'l');
        if column.name == "saturation" {
            let percent = if measure.unit == "%" { 100.0 } else { 1.0 };
            measure.limits = [0.2, 0.4, 0.6, 0.8, 0.9, 1.0].map(|x| x * percent).to_vec();
        }
        measure.reverse = column.name.starts_with("speed");
        measures.push(measure);
    }
    measures.extend(slowness(links));
    measures.retain(Measure::has_values);
    measures
}

/// Mean time against free-flow time.
fn slowness(links: &Table) -> Option<Measure> {
    links.column("mean_time_s").and(links.column("free_time_s"))?;
    let ratio = |row| {
        let free = links.number("free_time_s", row).filter(|f| *f > 0.0)?;
        links.number("mean_time_s", row).map(|mean| mean / free)
    };
    let values = (0..links.rows()).map(ratio).collect();
    let about = "Mean travel time divided by free-flow time.";
    let mut measure = Measure::new("Time against free flow".into(), "times", about, values, 'l');
    measure.limits = vec![1.1, 1.25, 1.5, 2.0, 3.0, 5.0];
    Some(measure)
}

/// Measures of sections of lines.
pub fn of_sections(sections: &Table) -> Vec<Measure> {
    let columns = sections.columns.iter().filter(|c| is_measure(c) && !is_place(&c.name));
    let mut measures: Vec<Measure> = columns
        .map(|c| {
            let values = (0..sections.rows()).map(|row| number(c, row)).collect();
            Measure::new(label(&c.name, &c.unit), &c.unit, &c.about, values, 't')
        })
        .collect();
    measures.retain(Measure::has_values);
    measures.sort_by_key(|m| !m.label.to_lowercase().contains("load"));
    measures
}

/// Whether a column only says where a row lies or how it is ordered.
pub fn is_place(name: &str) -> bool {
    const PLACES: [&str; 9] =
        ["lanes", "length_m", "sequence", "position", "free_time_s", "lon", "lat", "capacity_pcu_h", "capacity"];
    PLACES.contains(&name) || name.ends_with("_lon") || name.ends_with("_lat")
}

/// Whether a column is one end of an interval around another.
pub fn is_bound(name: &str) -> bool {
    matches!(name, "p05" | "p50" | "p95") || name.ends_with("_p05") || name.ends_with("_p50") || name.ends_with("_p95")
}

/// Changes of measures that both sides have under the same name: variant minus base, by matched rows.
pub fn changes(base: &[Measure], variant: &[Measure], base_row: &[Option<usize>]) -> Vec<Measure> {
    let matched = variant.iter().filter_map(|after| {
        // Vehicles and PCU are both volumes: what they mean tells them apart.
        let before = base.iter().find(|b| b.title() == after.title() && b.about == after.about)?;
        // Each side may be shown in a unit of its own (seconds here, minutes there); the variant's is kept.
        let to_after = after.factor / before.factor;
        let values: Vec<Option<f64>> = (0..after.values.len())
            .map(|row| {
                let before = base_row.get(row).copied().flatten().and_then(|b| before.values.get(b).copied().flatten());
                Some(after.values[row]? - before? * to_after)
            })
            .collect();
        let limits = scale::change_limits(values.iter().flatten().copied());
        let group = if after.group.is_empty() { "Change".to_owned() } else { format!("Change, {}", after.group) };
        Some(Measure {
            group,
            values,
            limits,
            ramp: if matches!(after.ramp, 'l' | 't') { 'x' } else { 'y' },
            reverse: false,
            ..after.clone()
        })
    });
    matched.filter(Measure::has_values).collect()
}

/// For every row of `variant` the row of `base` with the same words in the column, if any.
pub fn matched_rows(base: &Table, variant: &Table, column: &str) -> Vec<Option<usize>> {
    let known: BTreeMap<String, usize> =
        (0..base.rows()).filter_map(|row| Some((word(base, column, row)?, row))).collect();
    (0..variant.rows()).map(|row| word(variant, column, row).and_then(|w| known.get(&w).copied())).collect()
}

/// The value in the words of the map, for titles: `12.3 k veh`.
pub fn told(measure: &Measure, row: usize) -> String {
    match measure.values.get(row).copied().flatten() {
        Some(x) if measure.is_change() => format!("{} {}", format::signed(x), measure.unit),
        Some(x) => format!("{} {}", format::short(x), measure.unit),
        None => "no data".into(),
    }
}
