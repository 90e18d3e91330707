//! A comparison in words for people.

use super::Comparison;
use super::increment::NET;
use crate::spillover::ledger::{ALL_DISTRICTS, LedgerRow};

/// Sentences on what matters most, then the notes.
pub fn summary(c: &Comparison) -> Vec<String> {
    let mut lines = vec![format!("{} compared with {}.", c.variant, c.base)];
    lines.extend(c.notes.iter().cloned());
    lines.extend(economy(c));
    lines.extend(welfare(c));
    lines.extend(traffic(c));
    lines.extend(conversion(c));
    lines.extend(trust(c));
    lines.extend(changed_kpis(c));
    lines
}

fn economy(c: &Comparison) -> Vec<String> {
    let Some(net) = c.total(NET) else { return Vec::new() };
    let mut line = format!("Value added of the region (ledger A): {}{}", signed(net.value, &net.unit), interval(net));
    let parts: Vec<String> =
        ["agglomeration", "visitor_demand_gross", "freight_demand_gross", "displaced", "hub_operations"]
            .iter()
            .filter_map(|name| c.total(name))
            .filter(|row| row.value != 0.0)
            .map(|row| format!("{} {}", row.channel.replace('_', " "), signed(row.value, "")))
            .collect();
    if !parts.is_empty() {
        line.push_str(&format!("; {}", parts.join(", ")));
    }
    vec![line + ".", winners(c)]
}

/// The English name of a district, or its id.
fn name<'a>(c: &'a Comparison, id: &'a str) -> &'a str {
    let known = c.district_names.iter().find(|(known, name)| known == id && !name.is_empty());
    known.map_or(id, |(_, name)| name)
}

/// The districts that gain and lose most.
fn winners(c: &Comparison) -> String {
    let mut rows: Vec<&LedgerRow> = c.increments.iter().filter(|r| r.channel == NET && r.value != 0.0).collect();
    // Largest first; equal ones in the order of the districts (the sort is stable).
    rows.sort_by(|a, b| b.value.total_cmp(&a.value));
    if rows.is_empty() {
        return "No district gains or loses value added.".to_owned();
    }
    let told = |row: &&LedgerRow| format!("{} {}", name(c, &row.district_id), signed(row.value, &row.unit));
    let gains: Vec<String> = rows.iter().filter(|r| r.value > 0.0).take(3).map(told).collect();
    let losses: Vec<String> = rows.iter().rev().filter(|r| r.value < 0.0).take(3).map(told).collect();
    let list = |what: &str, of: &[String]| match of {
        [] => format!("no district {what}"),
        _ => format!("{what} most: {}", of.join(", ")),
    };
    format!("Gains and losses: {}; {}.", list("gains", &gains), list("loses", &losses))
}

fn welfare(c: &Comparison) -> Vec<String> {
    let rows = [("user_benefit_hub_access", "Users of the hubs"), ("user_benefit_other_trips", "All other trips")];
    rows.iter()
        .filter_map(|(channel, who)| c.total(channel).map(|row| (who, row)))
        .map(|(who, row)| format!("{who} (ledger B): benefit of {}.", signed(row.value, &row.unit)))
        .collect()
}

fn traffic(c: &Comparison) -> Vec<String> {
    let rows = [("vehicle_km", "driven"), ("delay", "delay"), ("co2", "carbon dioxide")];
    let parts: Vec<String> = rows
        .iter()
        .filter_map(|(channel, what)| c.total(channel).map(|row| format!("{what} {}", signed(row.value, &row.unit))))
        .collect();
    if parts.is_empty() { Vec::new() } else { vec![format!("Road traffic (ledger C): {}.", parts.join(", "))] }
}

fn conversion(c: &Comparison) -> Vec<String> {
    let rows = c.conversions.iter().filter(|r| r.district_id == ALL_DISTRICTS);
    rows.map(|r| match r.hub_id.as_str() {
        "all" => format!("Net increment of all districts per {} of all hubs: {}.", r.per, signed(r.value, "yuan")),
        hub => format!(
            "Gross value added of all districts per additional {} of {hub}: {}.",
            r.per,
            signed(r.value, "yuan")
        ),
    })
    .collect()
}

fn trust(c: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(share) = c.unverified_share {
        let percent = 100.0 * share;
        lines.push(format!(
            "{percent:.0} % of the variance of the net increment comes from parameters marked as unverified."
        ));
    }
    if let Some(check) = c.implied_elasticity {
        let place = if check.inside() { "inside" } else { "outside" };
        lines.push(format!(
            "Check from above: elasticity of value added to effective density {:.3}, {place} the published band {} to {}.",
            check.implied, check.low, check.high
        ));
    }
    lines
}

/// The five key figures that change most in percent.
fn changed_kpis(c: &Comparison) -> Vec<String> {
    let mut changed: Vec<_> =
        c.kpis.iter().filter_map(|k| Some((k, k.difference?, k.percent?))).filter(|k| k.1 != 0.0).collect();
    changed.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    if changed.is_empty() {
        return vec!["No key figure changes.".to_owned()];
    }
    let told = |(k, d, percent): &(&super::KpiDifference, f64, f64)| {
        format!("{} {} ({percent:+.2} %)", k.name, signed(*d, &k.unit))
    };
    vec![format!("Key figures that change most: {}.", changed.iter().take(5).map(told).collect::<Vec<_>>().join("; "))]
}

fn interval(row: &LedgerRow) -> String {
    match (row.p05, row.p95, row.probability_positive) {
        (Some(low), Some(high), Some(chance)) => {
            format!(" (5–95 %: {} to {}; chance of a gain {:.0} %)", number(low), number(high), 100.0 * chance)
        }
        _ => String::new(),
    }
}

fn signed(value: f64, unit: &str) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{} {unit}", number(value)).trim_end().to_owned()
}

/// A number with three digits that matter, and a word for large ones.
pub fn number(value: f64) -> String {
    // Plus zero turns −0 into 0.
    let value = value + 0.0;
    let size = value.abs();
    let (scaled, word) = match size {
        _ if size >= 1e9 => (value / 1e9, " billion"),
        _ if size >= 1e6 => (value / 1e6, " million"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        x if x >= 100.0 || x == 0.0 => 0,
        x if x >= 10.0 => 1,
        x if x >= 1.0 => 2,
        _ => 3,
    };
    format!("{scaled:.digits$}{word}")
}

/// A share in percent, to a hundredth below ten percent and without zeros at the end: a sample of 0.005 is 0.5 %.
pub fn percent(share: f64) -> String {
    let digits = if share < 0.1 { 100.0 } else { 1.0 };
    format!("{}", (share * 100.0 * digits).round() / digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_shares_are_not_told_as_none() {
        for (share, told) in [(0.005, "0.5"), (0.0025, "0.25"), (0.07, "7"), (0.25, "25"), (1.0, "100")] {
            assert_eq!(percent(share), told);
        }
    }

    #[test]
    fn numbers_are_told_with_the_digits_that_matter() {
        for (value, told) in [(0.0, "0"), (0.1234, "0.123"), (-5.678, "-5.68"), (45.67, "45.7"), (99_999.0, "99999")] {
            assert_eq!(number(value), told);
        }
        assert_eq!(number(1_234_000.0), "1.23 million");
        assert_eq!(signed(-2.5e9, "yuan a year"), "-2.50 billion yuan a year");
        assert_eq!(signed(-0.0, "jobs"), "0 jobs");
    }
}
