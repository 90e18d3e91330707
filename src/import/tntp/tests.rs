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

fn net(from: &str, to: &str) -> Vec<String> {
    assert!(NET.contains(from), "{from}");
    told(parse_network("net", &NET.replacen(from, to, 1)))
}

fn trips(from: &str, to: &str) -> Vec<String> {
    assert!(TRIPS.contains(from), "{from}");
    told(parse_trips("trips", &TRIPS.replacen(from, to, 1), Some(2)))
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
    for (text, added) in [(crlf, 0), (lower, 0), (tight, 0), (unended, 0), (remark, 1)] {
        let mut read = parse_network("net", &text).unwrap();
        read.links.iter_mut().for_each(|l| l.line -= added);
        assert_eq!(read, plain);
    }

    let plain = parse_trips("trips", TRIPS, Some(2)).unwrap();
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
        assert_eq!(pairs(&parse_trips("trips", &text, Some(2)).unwrap()), pairs(&plain), "{text}");
    }
}

#[test]
fn metadata_that_is_missing_or_wrong_is_told() {
    assert_eq!(
        net("<NUMBER OF LINKS> 2\n", ""),
        ["net:1 [NUMBER OF LINKS]: found no <NUMBER OF LINKS>, wanted a whole number from 1"]
    );
    assert_eq!(
        net("<NUMBER OF LINKS>", "<NUMBER OF LINK>")[0],
        "net:1 [NUMBER OF LINKS]: found no <NUMBER OF LINKS>, \
        wanted a whole number from 1 (<NUMBER OF LINK> is not known here)"
    );
    assert_eq!(
        net("<NUMBER OF LINKS> 2", "<NUMBER OF LINKS> 3"),
        ["net:8: found 2 rows of links, wanted 3 links, as <NUMBER OF LINKS> says"]
    );
    assert_eq!(
        net("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> two"),
        ["net:1 [NUMBER OF ZONES]: found \"two\", wanted a whole number from 1"]
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
        net("\t3\t2\t10", "\t3\t2\t0"),
        ["net:8 [capacity]: found 0, wanted a capacity above 0 where b is above 0"]
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
    let noted = parse_trips("trips", &TRIPS.replace("7.5", "9"), Some(2)).unwrap();
    assert_eq!(noted.notes, ["trips: the entries hold 7.5 trips, <TOTAL OD FLOW> says 9; the entries count"]);
}
