//! Diagrams of hubs made by hand.

use super::*;

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|w| (*w).to_owned()).collect()
}

/// An airport whose passengers pass security and gates, and whose trucks fill a yard behind their gate.
fn airport() -> Outcome {
    let flows = [
        ("road", "A/security", "persons", 800.0),
        ("lines", "A/security", "persons", 200.0),
        ("A/security", "A/gates", "persons", 1_000.0),
        ("A/gates", "service", "persons", 990.0),
        ("A/gates", "missed", "persons", 10.0),
        ("road", "A/truck_gate", "vehicles", 50.0),
        ("A/truck_gate", "A/yard", "TEU", 80.0),
        ("A/yard", "A/truck_gate", "TEU", 20.0),
        ("A/truck_gate", "road", "vehicles", 50.0),
    ];
    let column = |of: fn(&(&str, &str, &str, f64)) -> String| flows.iter().map(of).collect::<Vec<String>>();
    let flows = Table::new("process_flows")
        .key("hub", "", vec!["A".into(); flows.len()])
        .key("from", "", column(|f| f.0.into()))
        .key("to", "", column(|f| f.1.into()))
        .key("unit", "", column(|f| f.2.into()))
        .real("amount", "", "", flows.iter().map(|f| f.3).collect());
    let processes = Table::new("processes")
        .key("process", "", words(&["A/security", "A/gates", "A/truck_gate"]))
        .text("hub", "", words(&["A", "A", "A"]))
        .text("name", "", words(&["安检<b>", "登机口", "货车闸口"]))
        .text("name_en", "", words(&["Security", "Gates", "Truck gate"]))
        .text("unit", "", words(&["persons", "persons", "vehicles"]))
        .real("served", "", "", vec![1_000.0, 1_000.0, 50.0])
        .real("wait_p95_s", "seconds", "", vec![900.0, 30.0, 0.0])
        .real("utilisation", "share", "", vec![0.85, 0.2, 0.5]);
    let hours = Table::new("process_hours")
        .key("process", "", words(&["A/security", "A/security"]))
        .key_int("hour", "", "", vec![8, 9])
        .real("queue", "", "", vec![40.0, 20.0])
        .real("servers", "", "", vec![4.0, 6.0]);
    let stores = Table::new("stores")
        .key("store", "", words(&["A/yard"]))
        .text("hub", "", words(&["A"]))
        .text("name_en", "", words(&["Yard"]))
        .text("unit", "", words(&["TEU"]))
        .real("capacity", "", "", vec![100.0])
        .real("max", "", "", vec![90.0])
        .real("full_share", "share", "", vec![0.25]);
    Outcome { tables: vec![flows, processes, hours, stores], ..crate::report::sample::city(300) }
}

#[test]
fn passengers_and_trucks_are_two_diagrams_and_the_larger_comes_first() {
    let html = diagram(&airport(), "A");
    assert_eq!(html.matches("<svg").count(), 2);
    let (security, truck) = (html.find("Security"), html.find("Truck gate"));
    assert!(security < truck);
    assert_eq!(diagram(&airport(), "B"), "");
}

#[test]
fn bands_are_as_wide_as_what_flows() {
    // The busiest process, 1,000 persons, is 84 wide: 800 are 67.2 and 200 are 16.8; ten missed are at least 1.2.
    let html = diagram(&airport(), "A");
    let width = |words: &str| {
        let band = html.split("<path class=\"band").find(|b| b.contains(words)).unwrap();
        band.split("stroke-width=\"").nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(width("道路 road → 安检"), 67.2);
    assert_eq!(width("公共交通 lines → 安检"), 16.8);
    assert_eq!(width("missed: 10"), 1.2);
}

#[test]
fn a_box_tells_its_wait_its_use_and_its_names_as_text() {
    let html = diagram(&airport(), "A");
    assert!(html.contains("安检&lt;b&gt;") && !html.contains("<b>\u{5b89}"));
    assert!(html.contains("95 % ≤ 15 min · 85 % busy"), "{html}");
    // 15 min lie in the class from 10 min, the fifth; the yard is full a quarter of the day, the sixth class of stores.
    assert!(html.contains("card\" x") && html.contains("<rect class=\"fl4\""));
    assert!(html.contains("full 25 % of the day") && html.contains("<rect class=\"fl5\""));
}
