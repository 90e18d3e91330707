//! tidy: the house keeps its plan. Arrows run one way, there are no statics, files stay readable, README tells the truth.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of every room of `src/`; a room imports only from lower floors. This table is the plan of the house.
const FLOORS: [(&str, u32); 27] = [
    ("units", 0),
    ("ids", 0),
    ("error", 0),
    ("random", 0),
    ("mode", 0),
    ("table", 0),
    ("events", 1),
    ("scenario", 1),
    ("import", 2),
    ("network", 2),
    ("assign", 3),
    ("demand", 3),
    ("generate", 3),
    ("routing", 3),
    ("transit", 3),
    ("choice", 4),
    ("mobsim", 4),
    ("journey", 5),
    ("metrics", 5),
    ("spillover", 6),
    ("outcome", 7),
    ("compare", 8),
    ("report", 9),
    ("run", 10),
    ("cli", 11),
    ("main", 12),
    ("lib", 12),
];

/// Imports between rooms of the ground floor, which may know each other in this order only.
const GROUND: [&str; 6] = ["units", "ids", "mode", "table", "error", "random"];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            match path.is_dir() {
                true => walk(&path, found),
                false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
                false => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("src"), &mut found);
    found.into_iter().map(|p| (p.strip_prefix(root).unwrap().to_owned(), fs::read_to_string(&p).unwrap())).collect()
}

/// The room of a file of `src/`: its first folder, or its stem at the top.
fn room(path: &Path) -> String {
    let first = path.iter().nth(1).unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The part of a source before its unit tests.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap()
        .split("#[cfg(test)]\npub(crate) mod tests {")
        .next()
        .unwrap()
}

/// Rooms named in a line as `crate::room`, or as `hubflow::room` in the binary.
fn rooms_named(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap();
    ["crate::", "hubflow::"]
        .iter()
        .flat_map(|prefix| code.match_indices(prefix).map(|(at, found)| &code[at + found.len()..]))
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn arrows_run_down() {
    let floors: BTreeMap<&str, u32> = FLOORS.into_iter().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = room(&path);
        let floor =
            *floors.get(own.as_str()).unwrap_or_else(|| panic!("{}: the plan has no room {own}", path.display()));
        for (number, line) in before_tests(&text).lines().enumerate() {
            for named in rooms_named(line) {
                let Some(&other) = floors.get(named.as_str()) else { continue };
                let ground = floor == 0 && other == 0;
                let place = |room: &str| GROUND.iter().position(|r| *r == room);
                let allowed = named == own || other < floor || ground && place(&named) < place(&own);
                if !allowed {
                    let at = format!("{}:{}", path.display(), number + 1);
                    wrong.push(format!("{at}: {own} (floor {floor}) may not know {named} (floor {other})"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows run from higher floors to lower ones only:\n{}", wrong.join("\n"));
}

#[test]
fn each_package_has_one_home() {
    let homes = [
        ("bevy_ecs", "mobsim"),
        ("petgraph", "network"),
        ("arrow_array", "report"),
        ("arrow_schema", "report"),
        ("parquet", "report"),
        ("clap", "cli"),
        ("indicatif", "cli"),
        ("csv", "scenario"),
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (number, line) in before_tests(&text).lines().enumerate() {
            for (package, home) in homes {
                let named = line.contains(&format!("use {package}::")) || line.contains(&format!(" {package}::"));
                let own = room(&path);
                // A table of results is also written as CSV.
                if named && own != home && !(own == "report" && package == "csv") {
                    wrong.push(format!("{}:{}: {package} lives in {home}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_library_has_no_statics_and_reads_no_clock() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = room(&path);
        for (number, line) in before_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap().trim_start();
            let is_static =
                code.starts_with("static ") || code.starts_with("pub static ") || code.contains("thread_local!");
            // Stage timings are told, never used; the command line shows progress.
            let clock = code.contains("Instant::now") && own != "run" && own != "cli";
            if is_static || clock || code.contains("SystemTime") {
                wrong.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "two runs live side by side in one process:\n{}", wrong.join("\n"));
}

#[test]
fn files_hold_one_noun() {
    let long: Vec<String> = (sources().iter())
        .map(|(path, text)| (path, before_tests(text).lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "at 600 lines look for the second noun:\n{}", long.join("\n"));
}

#[test]
fn readme_shows_the_tree_on_disk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let on_disk: Vec<String> = (fs::read_dir(root.join("src")).unwrap())
        .map(|e| e.unwrap().path())
        .map(|p| format!("{}{}", p.file_name().unwrap().to_str().unwrap(), if p.is_dir() { "/" } else { "" }))
        .collect();
    let shown: Vec<&str> = (readme.split("<!-- tree -->").nth(1).expect("README has the tree between two marks"))
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .filter(|w| w.ends_with(".rs") || w.ends_with('/'))
        .collect();
    for name in &on_disk {
        assert!(shown.contains(&name.as_str()), "README's tree lacks src/{name}");
    }
    for name in shown {
        assert!(on_disk.iter().any(|d| d == name), "README's tree shows {name}, which is not there");
    }
}

#[test]
fn readme_and_ci_name_the_same_test_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let ci = fs::read_to_string(root.join(".ci/run")).unwrap();
    let command = "cargo test --locked --profile ci\n";
    assert!(readme.contains(command) && ci.contains(command));
}
