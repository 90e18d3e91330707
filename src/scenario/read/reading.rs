//! A scenario being read: which files were opened, their digests, and all problems found so far.

use crate::error::{Error, Problem};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A part of a scenario that others refer to. What refers to a part that could not be read is not checked against it:
/// the missing file is the mistake, not every row that names something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scenario) enum Part {
    /// Nodes of the road network.
    Nodes,
    /// Links of the road network.
    Links,
    /// Movements, signals and times of day.
    Control,
    /// The timetable.
    Services,
    /// Hubs.
    Hubs,
    /// Districts.
    Districts,
    /// Zones.
    Zones,
}

/// What has been read and found so far.
pub(in crate::scenario) struct Reading {
    folder: PathBuf,
    /// Files in the order in which they were opened, which is the order of their problems.
    files: Vec<String>,
    /// Digest of each file that was read.
    pub digests: Vec<(String, String)>,
    /// All problems.
    pub problems: Vec<Problem>,
    /// Parts that could not be read.
    pub unread: BTreeSet<Part>,
}

impl Reading {
    /// Starts reading in a folder.
    pub fn new(folder: &Path) -> Reading {
        Reading {
            folder: folder.to_owned(),
            files: Vec::new(),
            digests: Vec::new(),
            problems: Vec::new(),
            unread: BTreeSet::new(),
        }
    }

    /// Where a file of the scenario lies.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Whether a file is there.
    pub fn has(&self, file: &str) -> bool {
        self.path(file).is_file()
    }

    /// Gives a file its place in the order of problems.
    pub fn opens(&mut self, file: &str) {
        if !self.files.iter().any(|f| f == file) {
            self.files.push(file.to_owned());
        }
    }

    /// The bytes of a file that must be there; tells when it is not.
    pub fn bytes(&mut self, file: &str, what: &str) -> Option<Vec<u8>> {
        self.opens(file);
        match std::fs::read(self.path(file)) {
            Ok(bytes) => {
                let digest = blake3::hash(&bytes).to_hex().to_string();
                if !self.digests.iter().any(|(f, _)| f == file) {
                    self.digests.push((file.to_owned(), digest));
                }
                Some(bytes)
            }
            Err(error) => {
                let found = match error.kind() {
                    std::io::ErrorKind::NotFound => "no such file".to_owned(),
                    _ => error.to_string(),
                };
                let problem = Problem::new(file, found, what);
                let problem = problem.did_you_mean_file(&self.path(file));
                self.problem(problem);
                None
            }
        }
    }

    /// The text of a file without its byte order mark. Where it is not UTF-8, the first such row is told, and the text
    /// goes on with replacement characters.
    pub fn text<'a>(&mut self, file: &str, bytes: &'a [u8]) -> Cow<'a, str> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                let row = row_at(bytes, error.valid_up_to());
                let found = format!("byte 0x{:02X}, which is not UTF-8", bytes[error.valid_up_to()]);
                let problem = Problem::new(file, found, "text in UTF-8").at(row);
                self.problem(problem.hint("the file may be in GBK or Latin-1; save it as UTF-8"));
                String::from_utf8_lossy(bytes)
            }
        }
    }

    /// Adds a problem.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// The value when there are no problems, else all of them, in the order of files and then of rows.
    pub fn finish<T>(self, value: Option<T>) -> crate::error::Result<T> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(self.refusal()),
        }
    }

    /// All problems in the order of files and then of rows.
    pub fn refusal(self) -> Error {
        let Reading { files, mut problems, .. } = self;
        // What belongs to no file (a `--set`) comes first.
        problems.sort_by_cached_key(|p| (files.iter().position(|f| *f == p.file), p.row, p.column.clone()));
        problems.dedup();
        Error::Problems(problems)
    }
}

/// The row, as an editor counts, of a byte offset.
pub(in crate::scenario) fn row_at(bytes: &[u8], offset: usize) -> u32 {
    let before = &bytes[..offset.min(bytes.len())];
    1 + u32::try_from(before.iter().filter(|b| **b == b'\n').count()).unwrap_or(u32::MAX - 1)
}

impl Problem {
    /// "Did you mean" among the files of the folder in which the missing one was looked for.
    fn did_you_mean_file(self, path: &Path) -> Problem {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return self };
        let Ok(entries) = std::fs::read_dir(folder) else { return self };
        let mut names: Vec<String> = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        self.did_you_mean(&name.to_string_lossy(), names.iter().map(String::as_str))
    }
}
