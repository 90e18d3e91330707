//! Numbers, names and words as people read them: separators, few decimals, units, two scripts side by side.

use crate::outcome::Outcome;
use crate::table::{Column, Table, Values};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Text that is safe inside an element and inside a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// JSON that may stand inside a `script` element: no `<` can end it.
pub fn script_json(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// A number with thousands separators and the given decimals: `−1,234.5`.
pub fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return "–".into();
    }
    let digits = format!("{:.decimals$}", x.abs());
    let (whole, fraction) = digits.split_once('.').map_or((digits.as_str(), None), |(w, f)| (w, Some(f)));
    let negative = x < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let mut text = String::from(if negative { "\u{2212}" } else { "" });
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(c);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A number in about three digits: `0.0213`, `4.56`, `1,234`, `12.3 k`, `4.56 M`, `1.20 bn`.
pub fn short(x: f64) -> String {
    let size = x.abs();
    let scaled = |factor: f64, word: &str| {
        let value = x / factor;
        let decimals = if value.abs() < 9.995 { 2 } else { usize::from(value.abs() < 99.95) };
        format!("{}\u{202f}{word}", fixed(value, decimals))
    };
    match size {
        _ if !x.is_finite() => "–".into(),
        _ if size >= 999_500_000.0 => scaled(1e9, "bn"),
        _ if size >= 999_500.0 => scaled(1e6, "M"),
        _ if size >= 10_000.0 => scaled(1e3, "k"),
        _ if x.fract() == 0.0 => fixed(x, 0),
        _ => fixed(x, decimals(size)),
    }
}

/// A number beside an axis or in a legend: like [`short`], without zeros at the end.
pub fn tick(x: f64) -> String {
    let text = short(x);
    let (digits, word) = text.split_once('\u{202f}').map_or((text.as_str(), ""), |(d, w)| (d, w));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    if word.is_empty() { digits.to_owned() } else { format!("{digits}\u{202f}{word}") }
}

/// A number with its sign: `+1.2`, `−3.4`, `0`.
pub fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", short(x)) } else { short(x) }
}

/// Decimals that leave about three digits of a number of this size.
pub fn decimals(size: f64) -> usize {
    match size {
        _ if size >= 1000.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ if size >= 0.1 || size == 0.0 => 3,
        _ => (2.0 - libm::floor(libm::log10(size))).min(9.0) as usize,
    }
}

/// How the numbers of one column are shown, so that they stand under each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// What a value is multiplied with.
    pub factor: f64,
    /// The unit of the product.
    pub unit: String,
    /// Decimals of all values.
    pub decimals: usize,
}

/// A unit as it is shown: `seconds` is `s`, `vehicle-km per day` is `veh-km/day`, `yuan a year` is `CNY/year`; what only
/// says where the unit stands, or that there is none, is left out.
pub fn unit(words: &str) -> String {
    const SHORT: [(&str, &str); 17] = [
        ("seconds", "s"),
        ("minutes", "min"),
        ("hours", "h"),
        ("metres", "m"),
        ("kilometres", "km"),
        ("tonnes", "t"),
        ("yuan", "CNY"),
        ("degrees", "°"),
        ("vehicles", "veh"),
        ("vehicle-km", "veh-km"),
        ("vehicle-hours", "veh-h"),
        ("vehicle-seconds", "veh-s"),
        ("ratio", ""),
        ("index", ""),
        ("hour of the day", ""),
        ("square metres", "m²"),
        ("person-trips", "trips"),
    ];
    if words.starts_with("as in column") {
        return String::new();
    }
    let (stem, rate) =
        [(" per day", "/day"), (" a day", "/day"), (" per hour", "/h"), (" a year", "/year"), (" per year", "/year")]
            .into_iter()
            .find_map(|(end, rate)| words.strip_suffix(end).map(|stem| (stem, rate)))
            .unwrap_or((words, ""));
    let stem = SHORT.iter().find(|(long, _)| *long == stem).map_or(stem, |(_, short)| short);
    format!("{stem}{rate}")
}

impl Style {
    /// For values of a unit: long times in minutes or hours, long ways in kilometres, large figures in millions.
    pub fn of(unit_words: &str, values: impl Iterator<Item = f64>) -> Style {
        let unit = unit(unit_words);
        let finite: Vec<f64> = values.filter(|x| x.is_finite()).collect();
        let max = finite.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let (factor, unit) = match unit.as_str() {
            "s" if max >= 300_000.0 => (1.0 / 3600.0, "h".to_owned()),
            "s" if max >= 300.0 => (1.0 / 60.0, "min".to_owned()),
            "m" if max >= 10_000.0 => (1e-3, "km".to_owned()),
            "share" => (100.0, "%".to_owned()),
            "veh-s" | "veh-s/day" => (1.0 / 3600.0, unit.replace("-s", "-h")),
            _ if max >= 1e7 => (1e-6, if unit.is_empty() { "million".into() } else { format!("M {unit}") }),
            _ => (1.0, unit.to_owned()),
        };
        // Sums that were expanded from a sample are whole only up to rounding.
        let whole = factor == 1.0 && finite.iter().all(|x| (x - x.round()).abs() < 1e-6);
        let decimals = match unit.as_str() {
            _ if whole => 0,
            "%" => 1,
            _ => decimals(max * factor).min(3),
        };
        Style { factor, unit, decimals }
    }

    /// A value in this style, without the unit.
    pub fn show(&self, x: f64) -> String {
        fixed(x * self.factor, self.decimals)
    }
}

/// Units as names of columns and figures abbreviate them at their end.
const UNIT_WORDS: [&str; 22] = [
    "s", "m", "h", "t", "g", "ms", "kg", "km", "m2", "km2", "min", "veh", "teu", "cny", "pct", "deg", "kmh", "mps",
    "vehh", "vehkm", "pcuh", "pcu",
];

/// Words whose letters are not those of a plain word.
const SPELLINGS: [(&str, &str); 16] = [
    ("gdp", "GDP"),
    ("co2", "CO₂"),
    ("nox", "NOₓ"),
    ("pm25", "PM2.5"),
    ("teu", "TEU"),
    ("pcu", "PCU"),
    ("vkm", "vehicle-km"),
    ("cny", "CNY"),
    ("am", "morning"),
    ("pm", "evening"),
    ("p05", "5 %"),
    ("p50", "50 %"),
    ("p95", "95 %"),
    ("km2", "km²"),
    ("id", "id"),
    ("kpis", "key figures"),
];

/// Words for a name of a column or figure: `mean_wait_s` is `Mean wait` when the unit says `s`.
pub fn label(name: &str, unit_words: &str) -> String {
    let unit = unit(unit_words);
    let squeezed: String = unit.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    if unit_words.starts_with("vehicle-seconds") {
        return label(name.trim_end_matches("_s"), "");
    }
    let tokens: Vec<&str> = name.split('_').filter(|t| !t.is_empty()).collect();
    let is_unit = |joined: &str| {
        let same = squeezed.starts_with(joined) || (joined == "h" && squeezed.ends_with('h'));
        UNIT_WORDS.contains(&joined) && (same || (joined == "pct" && unit.starts_with('%')))
    };
    let kept = (1..tokens.len()).find(|&from| is_unit(&tokens[from..].concat())).unwrap_or(tokens.len());
    let words: Vec<&str> = tokens[..kept]
        .iter()
        .map(|t| SPELLINGS.iter().find(|(word, _)| word == t).map_or(*t, |(_, spelling)| spelling))
        .collect();
    let words = words.join(" ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The words of a row in a text or whole-number column.
pub fn word(table: &Table, column: &str, row: usize) -> Option<String> {
    match &table.column(column)?.values {
        values @ (Values::Text(_) | Values::Category { .. }) => values.word(row).map(str::to_owned),
        Values::Int(v) => v.get(row).map(ToString::to_string),
        Values::Real(_) => None,
    }
}

/// The number of a row in a column.
pub fn number(column: &Column, row: usize) -> Option<f64> {
    match &column.values {
        Values::Int(v) => v.get(row).map(|&x| x as f64),
        Values::Real(v) => v.at(row).filter(|x| x.is_finite()),
        Values::Text(_) | Values::Category { .. } => None,
    }
}

/// Whether a column holds numbers that are no key.
pub fn is_measure(column: &Column) -> bool {
    !column.key && !matches!(column.values, Values::Text(_) | Values::Category { .. })
}

/// A name without what stands in brackets or after an equals sign: maps and heads of columns have little room.
fn brief(name: &str) -> String {
    name.split(['(', '（', '=']).next().map(str::trim_end).filter(|n| !n.is_empty()).unwrap_or(name).to_owned()
}

/// Words that begin with a capital letter and end without a stop.
pub fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Brief names of districts, hubs and lines by id, in the local script and in English.
#[derive(Default)]
pub struct Names {
    by_id: BTreeMap<String, (String, String)>,
}

impl Names {
    /// From the tables that name what other tables refer to by id.
    pub fn of(outcome: &Outcome) -> Names {
        let mut names = Names::default();
        for table in ["districts", "hubs", "lines"].iter().filter_map(|n| outcome.table(n)) {
            let Some(id) = table.columns.iter().find(|c| matches!(c.values, Values::Text(_))) else { continue };
            for row in 0..table.rows() {
                let Some(key) = word(table, &id.name, row) else { continue };
                let name = word(table, "name", row).filter(|n| !n.is_empty()).unwrap_or_else(|| key.clone());
                let name_en = word(table, "name_en", row).unwrap_or_default();
                names.by_id.entry(key).or_insert((brief(&name), brief(&name_en)));
            }
        }
        names
    }

    /// Whether there is anything of that id.
    pub fn knows(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Both names of an id, or the id itself and nothing.
    pub fn pair(&self, id: &str) -> (String, String) {
        self.by_id.get(id).cloned().unwrap_or_else(|| (id.to_owned(), String::new()))
    }

    /// Both names as plain text.
    pub fn plain(&self, id: &str) -> String {
        let (name, english) = self.pair(id);
        if english.is_empty() || english == name { name } else { format!("{name} {english}") }
    }

    /// Both names as HTML.
    pub fn html(&self, id: &str) -> String {
        let (name, english) = self.pair(id);
        let mut html = format!("<span class=\"nm\">{}", escape(&name));
        if !english.is_empty() && english != name {
            let _ = write!(html, " <span class=\"en\">{}</span>", escape(&english));
        }
        html + "</span>"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_separators() {
        let shown: Vec<String> =
            [0.0, 0.02134, 0.5, 4.567, 45.67, 999.0, 1234.5, 12_345.0, 999_600.0, 4_560_000.0, 1.2e9, -12_345.0]
                .into_iter()
                .map(short)
                .collect();
        let wanted = "0|0.0213|0.500|4.57|45.7|999|1,234|12.3 k|1.00 M|4.56 M|1.20 bn|−12.3 k";
        assert_eq!(shown.join("|").replace('\u{202f}', " "), wanted);
        assert_eq!(fixed(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(short(f64::NAN), "–");
        assert_eq!(signed(3.0), "+3");
        assert_eq!([tick(0.001), tick(200.0), tick(20_000.0)].join("|"), "0.001|200|20\u{202f}k");
    }

    #[test]
    fn a_column_has_one_unit_and_one_number_of_decimals() {
        let style = Style::of("s", [30.0, 600.0].into_iter());
        assert_eq!((style.show(30.0), style.show(600.0), style.unit.as_str()), ("0.5".into(), "10.0".into(), "min"));
        let money = Style::of("CNY", [2.5e9].into_iter());
        assert_eq!((money.show(2.5e9), money.unit.as_str()), ("2,500".into(), "M CNY"));
        assert_eq!(Style::of("share", [0.004, 0.5].into_iter()).show(0.004), "0.4");
        assert_eq!(Style::of("vehicle-seconds per day", [7200.0].into_iter()).unit, "veh-h/day");
        assert_eq!(
            ["yuan a year", "metres", "ratio", "as in column unit", "PCU per hour"].map(unit).join("|"),
            "CNY/year|m|||PCU/h"
        );
        assert_eq!(Style::of("veh", [3.0, 4000.0].into_iter()).show(3.0), "3");
    }

    #[test]
    fn names_of_columns_become_words() {
        assert_eq!(label("mean_wait_s", "s"), "Mean wait");
        assert_eq!(label("capacity_pcu_h", "PCU/h"), "Capacity");
        assert_eq!(label("speed_kmh", "km/h"), "Speed");
        assert_eq!(label("vkm", "veh-km"), "Vehicle-km");
        assert_eq!(label("vehicle_km", "veh-km"), "Vehicle km");
        assert_eq!(label("delay_veh_h", "veh-h"), "Delay");
        assert_eq!(label("delay_s", "vehicle-seconds per day"), "Delay");
        assert_eq!(label("hub_passengers", "passengers"), "Hub passengers");
        assert_eq!(label("gdp_cny", "CNY a year"), "GDP");
        assert_eq!(label("co2_t", "t"), "CO₂");
        assert_eq!(label("relative_gap", ""), "Relative gap");
    }

    #[test]
    fn a_name_is_brief_and_a_caption_a_sentence() {
        assert_eq!(brief("广州国际港(广州铁路集装箱中心站)"), "广州国际港");
        assert_eq!(brief("International Port = Container Station"), "International Port");
        assert_eq!(brief("(unnamed)"), "(unnamed)");
        assert_eq!(sentence("mean time by car."), "Mean time by car");
    }

    #[test]
    fn markup_in_a_name_is_only_text() {
        assert_eq!(escape("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
        let json = script_json(&serde_json::json!({"name": "</script><b>"}));
        assert!(!json.contains('<') && json.contains("\\u003c/script>"), "{json}");
    }
}
