//! Charts as plain SVG: small panels by hour, lines over iterations, intervals in a row, shares of a whole.

use super::format::{escape, short, signed, tick};
use std::fmt::Write;

/// Series of numbers by hour, drawn as bars with an optional line over them.
pub struct Panel {
    /// Title (HTML).
    pub title: String,
    /// What the bars tell, with values by hour.
    pub bars: (String, Vec<(f64, f64)>),
    /// What the line tells, with values by hour; on a scale of its own.
    pub line: Option<(String, Vec<(f64, f64)>)>,
}

/// A panel over the hours of a day.
pub fn panel(panel: &Panel) -> String {
    let (w, h, left, top, bottom) = (250.0, 104.0, 2.0, 22.0, 16.0);
    let all = || panel.bars.1.iter().chain(panel.line.iter().flat_map(|l| &l.1));
    let last = all().map(|p| p.0).fold(23.0, f64::max) + 1.0;
    let x = |hour: f64| left + (w - 2.0 * left) * hour / last;
    let y = |share: f64| h - bottom - (h - top - bottom) * share;
    let most = |values: &[(f64, f64)]| values.iter().map(|p| p.1).fold(0.0, f64::max);
    let mut svg = format!("<figure class=\"panel\"><figcaption>{}</figcaption>", panel.title);
    let (bars_most, line_most) = (most(&panel.bars.1), panel.line.as_ref().map_or(0.0, |l| most(&l.1)));
    let said = format!("By hour: {} up to {}", panel.bars.0, short(bars_most));
    let _ = write!(svg, "<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{}\">", escape(&said));
    let _ = write!(svg, "<line class=\"axis\" x1=\"0\" x2=\"{w}\" y1=\"{0}\" y2=\"{0}\"/>", h - bottom);
    for (hour, value) in panel.bars.1.iter().filter(|p| p.1 > 0.0 && bars_most > 0.0) {
        let (x0, y0) = (x(*hour) + 0.7, y(value / bars_most));
        let _ = write!(
            svg,
            "<rect class=\"bar0\" x=\"{x0:.1}\" y=\"{y0:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}:00 {} {}</title></rect>",
            x(1.0) - x(0.0) - 1.4,
            h - bottom - y0,
            hour,
            short(*value),
            escape(&panel.bars.0)
        );
    }
    if let Some((words, values)) = panel.line.as_ref().filter(|_| line_most > 0.0) {
        let at = |p: &(f64, f64)| format!("{:.1} {:.1}", x(p.0 + 0.5), y(p.1 / line_most));
        let path: Vec<String> = values.iter().map(at).collect();
        let _ = write!(svg, "<path class=\"line1\" d=\"M{}\"><title>{}</title></path>", path.join("L"), escape(words));
    }
    for hour in [0.0, 6.0, 12.0, 18.0, 24.0].into_iter().filter(|t| *t <= last) {
        let anchor = if hour == 0.0 {
            "start"
        } else if hour >= last {
            "end"
        } else {
            "middle"
        };
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{hour}</text>",
            x(hour),
            h - 4.0
        );
    }
    let _ = write!(
        svg,
        "<text class=\"key0\" x=\"{left}\" y=\"11\">{} ≤ {}</text>",
        escape(&panel.bars.0),
        short(bars_most)
    );
    if let Some((words, _)) = &panel.line {
        let x = w - left;
        let words = escape(words);
        let _ = write!(
            svg,
            "<text class=\"key1\" x=\"{x}\" y=\"11\" text-anchor=\"end\">{words} ≤ {}</text>",
            short(line_most)
        );
    }
    svg.push_str("</svg></figure>");
    svg
}

/// A line over steps, with an axis that begins at zero, or a logarithmic one where values span more than a decade.
pub struct Line<'a> {
    /// Title (HTML).
    pub title: &'a str,
    /// What the horizontal axis counts.
    pub across: &'a str,
    /// Places and values.
    pub points: Vec<(f64, f64)>,
    /// A level to be reached, drawn dashed.
    pub target: Option<f64>,
}

/// A line chart.
pub fn line(chart: &Line) -> String {
    let (w, h, left, right, top, bottom) = (460.0, 210.0, 58.0, 12.0, 12.0, 34.0);
    let values: Vec<f64> = chart.points.iter().map(|p| p.1).filter(|v| v.is_finite()).collect();
    if values.len() < 2 {
        return String::new();
    }
    let high = values.iter().copied().chain(chart.target).fold(0.0, f64::max);
    let low = values.iter().copied().chain(chart.target).filter(|v| *v > 0.0).fold(high, f64::min);
    let log = values.iter().all(|v| *v > 0.0) && high > 10.0 * low;
    let ticks = if log { decades(low, high) } else { steps(high) };
    let (first, last) = (ticks[0], ticks[ticks.len() - 1].max(high));
    let share = |v: f64| if log { libm::log(v / first) / libm::log(last / first) } else { v / last };
    let y = |v: f64| h - bottom - (h - top - bottom) * share(v).clamp(0.0, 1.0);
    let (from, to) = chart.points.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.0), b.max(p.0)));
    let x = |p: f64| left + (w - left - right) * (p - from) / (to - from).max(1e-9);
    let mut svg = format!("<figure class=\"chart\"><figcaption>{}</figcaption>", chart.title);
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"Line chart, {} to {}\">",
        short(values[0]),
        short(values[values.len() - 1])
    );
    for level in &ticks {
        let at = y(*level);
        let _ =
            write!(svg, "<line class=\"gridline\" x1=\"{left}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>", w - right);
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 6.0,
            at + 4.0,
            tick(*level)
        );
    }
    if let Some(target) = chart.target.filter(|t| *t > 0.0) {
        let _ = write!(
            svg,
            "<line class=\"target\" x1=\"{left}\" x2=\"{}\" y1=\"{1:.1}\" y2=\"{1:.1}\"/>",
            w - right,
            y(target)
        );
    }
    let path: Vec<String> =
        chart.points.iter().filter(|p| p.1.is_finite()).map(|p| format!("{:.1} {:.1}", x(p.0), y(p.1))).collect();
    let _ = write!(svg, "<path class=\"line0\" d=\"M{}\"/>", path.join("L"));
    let every = (chart.points.len() / 10).max(1);
    for (i, point) in chart.points.iter().enumerate().filter(|(_, p)| p.1.is_finite()) {
        let (at, words) = (x(point.0), short(point.1));
        let _ = write!(
            svg,
            "<circle class=\"dot0\" cx=\"{at:.1}\" cy=\"{:.1}\" r=\"3\"><title>{}: {words}</title></circle>",
            y(point.1),
            point.0
        );
        if i % every == 0 {
            let _ = write!(
                svg,
                "<text class=\"tick\" x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                h - 18.0,
                point.0
            );
        }
    }
    let _ = write!(
        svg,
        "<text class=\"tick\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text></svg></figure>",
        (left + w - right) / 2.0,
        h - 3.0,
        escape(chart.across)
    );
    svg
}

fn decades(low: f64, high: f64) -> Vec<f64> {
    let mut ticks = vec![libm::pow(10.0, libm::floor(libm::log10(low) + 1e-9))];
    while ticks[ticks.len() - 1] < high * 0.999 && ticks.len() < 20 {
        ticks.push(ticks[ticks.len() - 1] * 10.0);
    }
    ticks
}

fn steps(high: f64) -> Vec<f64> {
    if high <= 0.0 {
        return vec![0.0, 1.0];
    }
    let power = libm::pow(10.0, libm::floor(libm::log10(high / 4.0)));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| s * 4.0 >= high * 0.999);
    let step = step.unwrap_or(high / 4.0);
    (0..=4).map(|i| f64::from(i) * step).collect()
}

/// A figure with its interval.
pub struct Estimate {
    /// Name (HTML).
    pub name: String,
    /// Value.
    pub value: f64,
    /// Ends of the interval, if known.
    pub interval: Option<(f64, f64)>,
}

/// Figures with their intervals under each other, around a line at zero; changes are told with their sign.
pub fn intervals(title: &str, unit: &str, estimates: &[Estimate], changes: bool) -> String {
    let told = if changes { signed } else { short };
    if estimates.is_empty() {
        return String::new();
    }
    let ends = |e: &Estimate| e.interval.map_or([e.value; 2], |(low, high)| [low.min(e.value), high.max(e.value)]);
    let low = estimates.iter().map(|e| ends(e)[0]).fold(0.0, f64::min);
    let high = estimates.iter().map(|e| ends(e)[1]).fold(0.0, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let at = |v: f64| (v - low) / span * 100.0;
    let mut html = format!(
        "<figure class=\"estimates\"><figcaption>{title} <span class=\"unit\">{}</span></figcaption><table><tbody>",
        escape(unit)
    );
    for estimate in estimates {
        let range = estimate.interval.map_or(String::new(), |(l, h)| format!("{} … {}", told(l), told(h)));
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td class=\"plot\"><svg viewBox=\"0 0 100 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <line class=\"zero\" x1=\"{1:.2}\" x2=\"{1:.2}\" y1=\"0\" y2=\"12\"/>",
            estimate.name,
            at(0.0)
        );
        if let Some((l, h)) = estimate.interval {
            let _ = write!(html, "<line class=\"whisker\" x1=\"{:.2}\" x2=\"{:.2}\" y1=\"6\" y2=\"6\"/>", at(l), at(h));
        }
        let sign = if estimate.value < 0.0 { "less" } else { "more" };
        let _ = write!(
            html,
            "<line class=\"{sign}\" x1=\"{0:.2}\" x2=\"{0:.2}\" y1=\"1.5\" y2=\"10.5\"/></svg></td><td class=\"r\">{1}</td><td class=\"r range\">{range}</td></tr>",
            at(estimate.value),
            told(estimate.value)
        );
    }
    html.push_str("</tbody></table></figure>");
    html
}

/// Parts of wholes as stacked bars, one row per whole; `parts` are (name as HTML, values).
pub fn shares(title: &str, wholes: &[String], parts: &[(String, Vec<f64>)], unit: &str) -> String {
    let total = |whole: usize| parts.iter().map(|p| p.1[whole]).sum::<f64>();
    if wholes.is_empty() || (0..wholes.len()).all(|i| total(i) <= 0.0) {
        return String::new();
    }
    let mut html = format!("<figure class=\"shares\"><figcaption>{title}</figcaption><ul class=\"keys\">");
    for (i, (name, _)) in parts.iter().enumerate() {
        let _ = write!(html, "<li><i class=\"p{}\"></i>{name}</li>", i % 6);
    }
    html.push_str("</ul><table><tbody>");
    for (row, whole) in wholes.iter().enumerate() {
        let sum = total(row);
        let _ = write!(html, "<tr><th scope=\"row\">{whole}</th><td class=\"plot\"><div class=\"stack\">");
        for (i, (name, values)) in parts.iter().enumerate().filter(|(_, p)| sum > 0.0 && p.1[row] > 0.0) {
            let share = values[row] / sum * 100.0;
            let words = if share >= 7.0 { format!("{share:.0}\u{202f}%") } else { String::new() };
            let plain = name.split('<').next().unwrap_or_default();
            let _ = write!(
                html,
                "<span class=\"p{}\" style=\"width:{share:.2}%\" title=\"{plain} {} {}\">{words}</span>",
                i % 6,
                short(values[row]),
                escape(unit)
            );
        }
        let _ = write!(
            html,
            "</div></td><td class=\"r\">{} <span class=\"unit\">{}</span></td></tr>",
            short(sum),
            escape(unit)
        );
    }
    html.push_str("</tbody></table></figure>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_that_falls_over_decades_gets_a_logarithmic_axis() {
        let points = vec![(1.0, 0.2), (2.0, 0.02), (3.0, 0.002)];
        let svg = line(&Line { title: "Gap", across: "iteration", points, target: None });
        for level in [">0.001<", ">0.01<", ">0.1<", ">1<"] {
            assert!(svg.contains(level), "{level} in {svg}");
        }
    }

    #[test]
    fn a_single_point_is_no_line() {
        assert_eq!(line(&Line { title: "", across: "", points: vec![(1.0, 1.0)], target: None }), "");
    }
}
