//! A scenario being read: which files were opened, their digests, and all problems found so far.

use crate::error::{Error, Problem};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
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
    /// How many rows of a table have a problem, by file and column of the first problem of a row, told or not.
    pub faults: Vec<(String, Option<String>, usize)>,
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
            faults: Vec::new(),
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
                self.digest(file, &blake3::hash(&bytes));
                Some(bytes)
            }
            Err(error) => self.missing(file, what, &error),
        }
    }

    /// A file that must be there, to be read piece by piece as text and then closed with [`Reading::close`]; tells when
    /// it is not there.
    pub fn stream(&mut self, file: &str, what: &str) -> Option<Stream> {
        self.opens(file);
        match File::open(self.path(file)) {
            Ok(opened) => Some(Stream::new(opened)),
            Err(error) => self.missing(file, what, &error),
        }
    }

    /// Reads what is left of a file, notes its digest and tells what was wrong with it as a text. Whether it could be
    /// read to its end.
    pub fn close(&mut self, file: &str, mut stream: Stream) -> bool {
        if !self.ended(file, &mut stream) {
            return false;
        }
        self.digest(file, &stream.hasher.finalize());
        true
    }

    /// Reads what is left of a text and tells what was wrong with it as a text. Whether it could be read to its end.
    pub fn ended<R: Read>(&mut self, file: &str, stream: &mut Stream<R>) -> bool {
        if let Err(error) = io::copy(stream, &mut io::sink()) {
            let problem = Problem::new(file, error.to_string(), "a file that can be read");
            if !self.problems.iter().any(|p| p.file == problem.file && p.found == problem.found) {
                self.problem(problem);
            }
            return false;
        }
        if let Some((row, byte)) = stream.not_utf8 {
            self.not_utf8(file, row, byte);
        }
        true
    }

    /// Notes the digest of a file.
    pub fn digest(&mut self, file: &str, digest: &blake3::Hash) {
        if !self.digests.iter().any(|(f, _)| f == file) {
            self.digests.push((file.to_owned(), digest.to_hex().to_string()));
        }
    }

    /// Tells that a file is not there or cannot be read.
    pub fn missing<T>(&mut self, file: &str, what: &str, error: &io::Error) -> Option<T> {
        let found = match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            _ => error.to_string(),
        };
        let problem = Problem::new(file, found, what);
        let problem = problem.did_you_mean_file(&self.path(file));
        self.problem(problem);
        None
    }

    fn not_utf8(&mut self, file: &str, row: u32, byte: u8) {
        let found = format!("byte 0x{byte:02X}, which is not UTF-8");
        let problem = Problem::new(file, found, UTF_8).at(row);
        self.problem(problem.hint("the file may be in GBK or Latin-1; save it as UTF-8"));
    }

    /// The text of a file without its byte order mark. Where it is not UTF-8, the first such row is told, and the text
    /// goes on with replacement characters.
    pub fn text<'a>(&mut self, file: &str, bytes: &'a [u8]) -> Cow<'a, str> {
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                self.not_utf8(file, row_at(bytes, error.valid_up_to()), bytes[error.valid_up_to()]);
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

/// What is wanted of bytes that are no text.
pub(in crate::scenario) const UTF_8: &str = "text in UTF-8";

/// The byte order mark, which some programs put before a text in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes of a file that are held at once.
const PIECE: usize = 1 << 20;

/// A file as text, piece by piece: its digest is taken and its UTF-8 checked as the bytes pass, the byte order mark is
/// left out, and what is not UTF-8 becomes replacement characters.
pub(in crate::scenario) struct Stream<R = File> {
    file: R,
    hasher: blake3::Hasher,
    /// Bytes that were read and not yet checked: at most the beginning of a character, between two pieces.
    raw: Vec<u8>,
    /// Text that is checked, and how much of it was handed on.
    text: Vec<u8>,
    handed: usize,
    ended: bool,
    begun: bool,
    /// Line breaks before `text`.
    lines: u32,
    /// Row and value of the first byte that is not UTF-8.
    not_utf8: Option<(u32, u8)>,
}

impl<R: Read> Stream<R> {
    /// Of a text.
    pub fn new(file: R) -> Stream<R> {
        let (raw, text) = (Vec::new(), Vec::new());
        let hasher = blake3::Hasher::new();
        Stream { file, hasher, raw, text, handed: 0, ended: false, begun: false, lines: 0, not_utf8: None }
    }

    /// Brings the next piece of text; empty at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.handed = 0;
        self.text.clear();
        while self.text.is_empty() && !self.ended {
            let before = self.raw.len();
            (&mut self.file).take(PIECE as u64).read_to_end(&mut self.raw)?;
            self.ended = self.raw.len() == before;
            self.hasher.update(&self.raw[before..]);
            if !self.begun && (self.raw.len() >= MARK.len() || self.ended) {
                self.begun = true;
                if self.raw.starts_with(MARK) {
                    self.raw.drain(..MARK.len());
                }
            }
            if self.begun {
                self.check();
            }
        }
        Ok(())
    }

    /// Moves what is whole characters from `raw` to `text`.
    fn check(&mut self) {
        match std::str::from_utf8(&self.raw) {
            Ok(_) => std::mem::swap(&mut self.raw, &mut self.text),
            Err(error) if error.error_len().is_none() && !self.ended => {
                let rest = self.raw.split_off(error.valid_up_to());
                self.text = std::mem::replace(&mut self.raw, rest);
            }
            Err(error) => {
                // A character that was cut at the end of the piece waits for the next one.
                let cut = (1..4.min(self.raw.len())).find(|n| {
                    let tail = &self.raw[self.raw.len() - n..];
                    !self.ended
                        && std::str::from_utf8(tail).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
                });
                let rest = self.raw.split_off(self.raw.len() - cut.unwrap_or(0));
                let at = error.valid_up_to();
                self.not_utf8.get_or_insert((self.lines + row_at(&self.raw, at), self.raw[at]));
                self.text = String::from_utf8_lossy(&self.raw).into_owned().into_bytes();
                self.raw = rest;
            }
        }
        if self.not_utf8.is_none() {
            self.lines += row_at(&self.text, self.text.len()) - 1;
        }
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.handed == self.text.len() {
            self.fill()?;
        }
        let count = to.len().min(self.text.len() - self.handed);
        to[..count].copy_from_slice(&self.text[self.handed..self.handed + count]);
        self.handed += count;
        Ok(count)
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
