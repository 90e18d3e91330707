//! `hubflow assign` as a user meets it: what it prints and writes, exit codes, mistakes with file and line.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Braess' network: t = 10v on 1→3 and 4→2, 50 + v on 1→4 and 3→2, 10 + v on 3→4; 1e-8·(1 + 1e9·v) is 10v.
const NET: &str = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 4\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> 5\n<END OF METADATA>\n\
    ~ init term capacity length time b power speed toll type ;\n\
    1 3 1 100 0.00000001 1000000000 1 0 0 1;\n1 4 1 100 50 0.02 1 0 0 1;\n3 2 1 100 50 0.02 1 0 0 1;\n\
    3 4 1 100 10 0.1 1 0 0 1;\n4 2 1 100 0.00000001 1000000000 1 0 0 1;\n";
const TRIPS: &str = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 6\n<END OF METADATA>\nOrigin 1\n1 : 0; 2 : 6;\n";

fn folder(net: &str, trips: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("net.tntp"), net).unwrap();
    fs::write(folder.path().join("trips.tntp"), trips).unwrap();
    folder
}

/// Exit code, what went to stdout, what went to stderr.
fn assign(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("hubflow").unwrap();
    let output = command.args(["assign", "net.tntp", "trips.tntp"]).args(more).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn close(value: &serde_json::Value, wanted: f64) -> bool {
    (value.as_f64().unwrap() - wanted).abs() <= 1e-5 * wanted.abs()
}

#[test]
fn braess_from_its_files_to_its_figures() {
    let folder = folder(NET, TRIPS);
    let (code, out, words) = assign(folder.path(), &["--gap", "1e-12", "--format", "json", "--out", "out"]);
    assert_eq!(code, 0, "{words}");
    for told in [
        "trips: 6 on the network, 0 within",
        "objective: 386.0",
        "total travel time: 552.0",
        "relative gap: ",
        "average excess cost: ",
        "converged",
    ] {
        assert!(words.contains(told), "{told} in {words}");
    }
    let written = json(&fs::read_to_string(folder.path().join("out/assign.json")).unwrap());
    let printed = json(&out);
    for key in ["objective", "total_travel_time", "relative_gap", "average_excess_cost", "iterations"] {
        assert_eq!(written[key], printed[key], "{key}");
    }
    assert!(written["wall_s"].is_number() && written["cpu_s"].is_number());
    assert!(close(&written["objective"], 386.0) && close(&written["total_travel_time"], 552.0), "{written}");
    let flows = fs::read_to_string(folder.path().join("out/link_flows.csv")).unwrap();
    let rows: Vec<Vec<f64>> =
        flows.lines().skip(1).map(|l| l.split(',').map(|x| x.parse().unwrap()).collect()).collect();
    assert_eq!(flows.lines().next(), Some("from,to,volume,cost"));
    for (row, wanted) in rows.iter().zip([[1.0, 3.0, 4.0, 40.0], [1.0, 4.0, 2.0, 52.0], [3.0, 2.0, 2.0, 52.0]]) {
        assert!(row.iter().zip(wanted).all(|(x, w)| (x - w).abs() < 1e-5), "{row:?}");
    }
    // Without the link from 3 to 4, 3 on each way.
    let without = NET.replace("3 4 1 100 10 0.1 1 0 0 1;\n", "").replace("LINKS> 5", "LINKS> 4");
    fs::write(folder.path().join("net.tntp"), without).unwrap();
    let (code, out, words) = assign(folder.path(), &["--gap", "1e-12", "--format", "json"]);
    assert!(code == 0 && close(&json(&out)["total_travel_time"], 498.0), "{words}");
    // A folder with results in it stays as it is unless told otherwise.
    assert_eq!(assign(folder.path(), &["--out", "out"]).0, 1);
    assert_eq!(assign(folder.path(), &["--out", "out", "--overwrite", "replace"]).0, 0);
}

#[test]
fn system_optimum_and_weights() {
    let folder = folder(NET, TRIPS);
    // The optimum leaves the link from 3 to 4 alone.
    let (_, out, words) = assign(folder.path(), &["--objective", "so", "--gap", "1e-12", "--format", "json"]);
    assert!(close(&json(&out)["total_travel_time"], 498.0), "{words}");
    // With 3 on each way of two links the third way costs 10·3 + 10 + 10·3 = 70, 13 less than 83. A link of length 100
    // more costs 41 at a weight of 0.41, so nobody takes it.
    let weights = ["--distance-weight", "0.41", "--gap", "1e-12", "--format", "json"];
    let (_, out, words) = assign(folder.path(), &weights);
    let found = json(&out);
    assert!(close(&found["total_travel_time"], 498.0) && close(&found["total_cost"], 498.0 + 6.0 * 82.0), "{words}");
    // The same from the head of the file; the option goes before it.
    let net = NET.replace("<END OF", "<DISTANCE FACTOR> 0.41\n<END OF");
    fs::write(folder.path().join("net.tntp"), net).unwrap();
    let (_, out, _) = assign(folder.path(), &["--gap", "1e-12", "--format", "json"]);
    assert!(close(&json(&out)["total_travel_time"], 498.0));
    let (_, out, _) = assign(folder.path(), &["--gap", "1e-12", "--format", "json", "--distance-weight", "0"]);
    assert!(close(&json(&out)["total_travel_time"], 552.0));
    // Nor with a toll above 13 on the link from 3 to 4.
    let net = NET.replace("3 4 1 100 10 0.1 1 0 0 1", "3 4 1 100 10 0.1 1 0 1.5 1");
    fs::write(folder.path().join("net.tntp"), net).unwrap();
    let (_, out, _) = assign(folder.path(), &["--gap", "1e-12", "--format", "json", "--toll-weight", "10"]);
    assert!(close(&json(&out)["total_travel_time"], 498.0));
}

#[test]
fn pairs_without_a_path_are_refused_unless_told() {
    let folder =
        folder(NET, &TRIPS.replace("2 : 6;\n", "2 : 6;\nOrigin 2\n1 : 4.5;\n").replace("FLOW> 6", "FLOW> 10.5"));
    let (code, _, words) = assign(folder.path(), &["--out", "out"]);
    assert_eq!(code, 1);
    assert!(words.contains("trips.tntp:7") && words.contains("4.5 trips from zone 2 to zone 1"), "{words}");
    let (code, _, words) = assign(folder.path(), &["--out", "out", "--allow-unreachable"]);
    assert!(code == 0 && words.contains("4.5 trips of 1 pairs"), "{words}");
    let listed = fs::read_to_string(folder.path().join("out/unreachable.csv")).unwrap();
    assert_eq!(listed, "origin,destination,trips\n2,1,4.5\n");
}

#[test]
fn mistakes_of_both_files_are_told_at_once_with_their_lines() {
    let net = NET.replace("1 4 1 100 50", "1 9 1 100 fast").replace("LINKS> 5", "LINKS> 6");
    let folder = folder(&net, &TRIPS.replace("2 : 6", "2 : -6"));
    let (code, out, words) = assign(folder.path(), &["--out", "out"]);
    assert_eq!((code, out.as_str()), (1, ""));
    let mistakes =
        ["net.tntp:8 [term_node]", "net.tntp:8 [free_flow_time]", "net.tntp:11: found 5 rows", "trips.tntp:5 [trips]"];
    for told in mistakes {
        assert!(words.contains(told), "{told} in {words}");
    }
    assert!(!folder.path().join("out").exists(), "nothing is written");
    fs::remove_file(folder.path().join("trips.tntp")).unwrap();
    let (code, _, words) = assign(folder.path(), &[]);
    assert!(code == 1 && words.contains("trips.tntp"), "{words}");
}

#[test]
fn results_go_neither_into_the_folder_of_a_run_nor_into_a_file() {
    let folder = folder(NET, TRIPS);
    fs::create_dir(folder.path().join("run")).unwrap();
    fs::write(folder.path().join("run/run.json"), "{}").unwrap();
    fs::write(folder.path().join("note"), "a file").unwrap();
    for (out, told) in [("run", "a folder with a run in it"), ("note", "found a file, wanted a folder")] {
        let (code, _, words) = assign(folder.path(), &["--out", out, "--overwrite", "replace"]);
        assert!(code == 1 && words.contains(told), "{code}: {words}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("run/run.json")).unwrap(), "{}");
    assert_eq!(fs::read_to_string(folder.path().join("note")).unwrap(), "a file");
}

#[test]
fn a_gap_out_of_reach_ends_with_code_3_and_its_results() {
    let folder = folder(NET, TRIPS);
    let (code, _, words) = assign(folder.path(), &["--gap", "1e-15", "--iterations", "1", "--out", "out"]);
    assert!(code == 3 && words.contains("not converged"), "{words}");
    assert!(folder.path().join("out/link_flows.csv").is_file());
    for wrong in [["--gap", "-1"], ["--toll-weight", "much"], ["--objective", "best"], ["--iterations", "0"]] {
        assert_eq!(assign(folder.path(), &wrong).0, 2, "{wrong:?}");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn link_flows_are_the_same_bytes_on_any_number_of_threads() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tntp/Anaheim");
    let read = |name: &str| fs::read_to_string(data.join(name));
    let (Ok(net), Ok(trips)) = (read("Anaheim_net.tntp"), read("Anaheim_trips.tntp")) else {
        eprintln!("skipped: no {}", data.display());
        return;
    };
    let folder = folder(&net, &trips);
    let flows = |threads: &str| {
        let (code, _, words) = assign(folder.path(), &["--threads", threads, "--out", threads]);
        assert_eq!(code, 0, "{words}");
        fs::read(folder.path().join(threads).join("link_flows.csv")).unwrap()
    };
    let one = flows("1");
    assert!(flows("2") == one && flows("0") == one);
}
