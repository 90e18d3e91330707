//! What the reader takes and what it refuses.

use super::*;

const NET: &str = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> 2\n<END OF METADATA>\n\
    ~ init_node term_node …\n\t1\t3\t10\t1\t2\t0.15\t4\t60\t0\t1\t;\n\t3\t2\t10\t1\t2\t0.15\t4\t60\t0\t1\t;\n";
const TRIPS: &str = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 7.5\n<END OF METADATA>\n\nOrigin 1\n 1 : 0.0; 2 : 5.0;\n\
    Origin 2\n 1 : 2.5;\n";

fn told<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("not a list of problems: {other:?}"),
    }
}

fn two_zones() -> TntpNetwork {
    parse_network("net", NET).unwrap()
}

fn net(from: &str, to: &str) -> Vec<String> {
    assert!(NET.contains(from), "{from}");
    told(parse_network("net", &NET.replacen(from, to, 1)))
}

fn trips(from: &str, to: &str) -> Vec<String> {
    assert!(TRIPS.contains(from), "{from}");
    told(parse_trips("trips", &TRIPS.replacen(from, to, 1), Some(&two_zones())))
}

#[test]
fn what_real_files_do_reads_alike() {
    let plain = parse_network("net", NET).unwrap();
    assert_eq!((plain.zones, plain.nodes, plain.first_thru_node, plain.links.len()), (2, 3, 3, 2));
    assert_eq!((plain.links[1].from, plain.links[1].to, plain.links[1].line), (3, 2, 8));
    let crlf = NET.replace('\n', "\r\n");
    let lower = NET.replace("<NUMBER OF  ZONES>", "<number of zones>").replace("<END OF", "<End  of");
    let tight = NET.replace("1\t;", "1;");
    let unended = NET.replace("\t;", "");
    let remark = NET.replace("<NUMBER OF ZONES> 2", "\u{feff}<NUMBER OF ZONES>\t 2 \t~ two\n<ORIGINAL HEADER>~ a b ;");
    let indented = NET.replace("<END OF", " \t<END OF");
    let named = NET.replace("~ init_node term_node …", "init_node term_node capacity ;");
    let no_names = NET.replace("~ init_node term_node …", "");
    let trailing = NET.replace("\t;\n", "\t;\t\t ~ rest\n").replace("<END OF METADATA>", "<END OF METADATA>\t\t\t");
    let scientific = NET.replace("\t10\t", "\t1.0000000000E+001\t").replace("0.15", "1.5e-001");
    let other_tags = NET.replace("<FIRST", "<SCENARIO> \"Build\"\n<FIRST");
    let forms =
        [(crlf, 0), (lower, 0), (tight, 0), (unended, 0), (remark, 1), (indented, 0), (named, 0), (no_names, 0)];
    let more = [(trailing, 0), (scientific, 0), (other_tags, 1)];
    for (text, added) in forms.into_iter().chain(more) {
        let mut read = parse_network("net", &text).unwrap();
        read.links.iter_mut().for_each(|l| l.line -= added);
        assert_eq!(read, plain);
    }

    let plain = parse_trips("trips", TRIPS, Some(&two_zones())).unwrap();
    let pairs = |t: &TntpTrips| t.pairs.iter().map(|p| (p.origin, p.destination, p.trips)).collect::<Vec<_>>();
    assert_eq!(pairs(&plain), [(1, 2, 5.0), (2, 1, 2.5)]);
    let forms = [
        TRIPS.replace('\n', "\r\n"),
        TRIPS.replace("Origin 1\n", "ORIGIN \t1 \n\n"),
        TRIPS.replace("2 : 5.0;", "2\n:\t5.0\n;"),
        TRIPS.replace(" 2 : 5.0;", "2:5;"),
        TRIPS.replace("Origin 1\n 1", "Origin 1 1"),
        TRIPS.replace("Origin 2\n 1 : 2.5;", "Origin 2\n 1 : 2.5"),
        TRIPS.replace("Origin 2", "~ the second\norigin 2"),
        TRIPS.replace("<TOTAL OD FLOW> 7.5\n", ""),
    ];
    for text in forms {
        assert_eq!(pairs(&parse_trips("trips", &text, Some(&two_zones())).unwrap()), pairs(&plain), "{text}");
    }
}

#[test]
fn links_that_real_files_have() {
    let rows = |rows: &str, count: u32| {
        let head = NET.split("~ init").next().unwrap().replace("LINKS> 2", &format!("LINKS> {count}"));
        parse_network("net", &format!("{head}{rows}")).unwrap()
    };
    // Twice the same ends, a link to its own start, no time, no capacity but none needed, seven columns.
    let odd = rows("1 3 1 0 0 0 0\n1 3 10 1 2 0.15 4\n3 3 10 1 2 0.15 4\n3 2 0 1 0.5 0 0;3 2 1 1 .2 4.3e-71 16.83;", 5);
    assert_eq!(odd.links.iter().map(|l| (l.from, l.to)).collect::<Vec<_>>(), [(1, 3), (1, 3), (3, 3), (3, 2), (3, 2)]);
    assert!(odd.notes.is_empty());
    // What has no capacity and would need one is a street without this way.
    let closed = rows("1 3 10 1 2 0.15 4;\n3 2 0 1 0 0.15 4;\n3 2 0 1 2 0.15 0;\n", 3);
    assert_eq!(closed.notes, ["net: 1 links have capacity 0 and take no traffic (lines 7)"]);
}

#[test]
fn nodes_with_numbers_of_their_own() {
    // Munich in small: numbers far above the count, more nodes than zones with trips, a zone that no link touches.
    let net = NET
        .replace("THRU NODE> 3", "THRU NODE> 75674")
        .replace("\t1\t3\t10", "\t75674\t113707\t10")
        .replace("\t3\t2\t10", "\t113707\t2146237937\t10");
    let network = parse_network("net", &net).unwrap();
    assert_eq!(network.numbers, [75674, 113707, 2146237937]);
    assert_eq!((network.first_thru_node, network.links[1].from, network.links[1].to), (1, 2, 3));
    assert!(network.notes[0].contains("numbers of their own"));
    let trips = "<NUMBER OF ZONES> 1\n<END OF METADATA>\nOrigin 75674\n2146237937 : 5; 80838 : 1;\n";
    let trips = parse_trips("trips", trips, Some(&network)).unwrap();
    let pairs: Vec<_> = trips.pairs.iter().map(|p| (p.origin, p.destination, p.trips)).collect();
    assert_eq!((pairs, trips.numbers[3]), (vec![(1, 3, 5.0), (1, 4, 1.0)], 80838));
    // One number of many that is wrong is a mistake.
    assert_eq!(told(parse_network("net", &NET.replace("\t3\t2\t10", "\t3\t2146237937\t10"))).len(), 1);
}

#[test]
fn metadata_that_is_missing_or_wrong_is_told() {
    assert_eq!(
        net("<NUMBER OF LINKS> 2\n", ""),
        ["net:1 [NUMBER OF LINKS]: found no <NUMBER OF LINKS>, wanted a whole number from 1 to 10000000"]
    );
    assert_eq!(
        net("<NUMBER OF LINKS>", "<NUMBER OF LINK>")[0],
        "net:1 [NUMBER OF LINKS]: found no <NUMBER OF LINKS>, \
        wanted a whole number from 1 to 10000000 (<NUMBER OF LINK> is not known here)"
    );
    assert_eq!(
        net("<NUMBER OF LINKS> 2", "<NUMBER OF LINKS> 3"),
        ["net:8: found 2 rows of links, wanted 3 links, as <NUMBER OF LINKS> says"]
    );
    assert_eq!(
        net("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> two"),
        ["net:1 [NUMBER OF ZONES]: found \"two\", wanted a whole number from 1 to 10000000"]
    );
    assert_eq!(net("<END OF METADATA>\n", "").len(), 1);
    assert_eq!(told(parse_network("net", "")), ["net:1: found no <END OF METADATA>, wanted a head that ends with it"]);
    assert_eq!(
        trips("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 1")[0],
        "trips:1 [NUMBER OF ZONES]: found 1, wanted 2 zones, as in the network"
    );
}

#[test]
fn wrong_rows_are_told_all_at_once() {
    let text = NET
        .replace("\t1\t3\t10\t1\t2", "\t1\t4\t-10\t1\tfast")
        .replace("\t3\t2\t10\t1\t2\t0.15\t4", "\t3\t2\t0\t1\t2\t0.15\t99");
    assert_eq!(
        told(parse_network("net", &text)),
        [
            "net:7 [term_node]: found \"4\", wanted a node from 1 to 3",
            "net:7 [capacity]: found \"-10\", wanted a number ≥ 0",
            "net:7 [free_flow_time]: found \"fast\", wanted a number ≥ 0",
            "net:8 [power]: found \"99\", wanted a number from 0 to 60",
        ]
    );
    assert_eq!(
        net("\t3\t2\t10\t1\t2", "\t3\t2\t10\t1"),
        ["net:8: found 9 values in \"3\\t2\\t10\\t1\\t0.15\\t4\\t60\\t0\\t1\", wanted 10 values a link"]
    );
    assert_eq!(net("0.15", "NaN"), ["net:7 [b]: found \"NaN\", wanted a number ≥ 0"]);
}

#[test]
fn wrong_trips_are_told_with_their_lines() {
    assert_eq!(trips("2 : 5.0", "3 : 5.0"), ["trips:6 [destination]: found \"3\", wanted a zone from 1 to 2"]);
    assert_eq!(trips("2 : 5.0", "2 : -5.0"), ["trips:6 [trips]: found \"-5.0\", wanted a number ≥ 0"]);
    assert_eq!(trips("2 : 5.0", "2 : many"), ["trips:6 [trips]: found \"many\", wanted a number ≥ 0"]);
    assert_eq!(trips("2 : 5.0", "2  5.0"), ["trips:6 [entry]: found \"2  5.0\", wanted \"destination : trips;\""]);
    assert_eq!(trips("Origin 2", "Origin 3"), ["trips:7 [Origin]: found \"3\", wanted a zone from 1 to 2"]);
    assert_eq!(
        trips("Origin 1\n", ""),
        ["trips:5 [entry]: found \"1 : 0.0\", wanted a line \"Origin k\" before the first entry"]
    );
    assert_eq!(
        trips("1 : 0.0; 2 : 5.0;", "2 : 1.0; 2 : 4.0;"),
        [
            "trips:6 [destination]: found trips from 1 to 2 a second time, wanted each pair once (the first stand in line 6)"
        ]
    );
}

#[test]
fn a_file_that_was_cut_off_is_told() {
    // In the middle of an entry, and between two blocks.
    assert_eq!(
        trips(" 2 : 5.0;\nOrigin 2\n 1 : 2.5;\n", " 2 : 5"),
        [
            "trips:6: found \"2 : 5\" and then the end of the file, wanted an entry \"destination : trips;\" \
         (the file seems cut off)",
            "trips:6: found 0 trips from the zones up to 1, wanted 7.5 trips, as <TOTAL OD FLOW> says \
         (the file seems cut off)",
        ]
    );
    assert_eq!(trips("Origin 2\n 1 : 2.5;\n", "").len(), 1);
    // Another total alone is only noted.
    let noted = parse_trips("trips", &TRIPS.replace("7.5", "9"), Some(&two_zones())).unwrap();
    assert_eq!(noted.notes, ["trips: the entries hold 7.5 trips, <TOTAL OD FLOW> says 9; the entries count"]);
}
