//! Feeds as files: copied into a scenario, and their digests.

use crate::error::{Error, Result};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Copies feeds into `services/` of a scenario as they are; their paths there.
pub(super) fn copy(feeds: &[PathBuf], out: &Path) -> Result<Vec<String>> {
    let folder = out.join("services");
    make(&folder)?;
    let mut copies: Vec<String> = Vec::with_capacity(feeds.len());
    for feed in feeds {
        let name = feed.file_name().map_or("feed".into(), |name| name.to_string_lossy().into_owned());
        let mut copy = format!("services/{name}");
        for number in 2.. {
            if !copies.contains(&copy) {
                break;
            }
            copy = format!("services/{number}_{name}");
        }
        let to = out.join(&copy);
        if feed.is_dir() {
            make(&to)?;
            for table in tables(feed)? {
                let name = table.file_name().unwrap_or_default();
                fs::copy(&table, to.join(name)).map_err(|e| Error::file(&table, e))?;
            }
        } else {
            fs::copy(feed, &to).map_err(|e| Error::file(feed, e))?;
        }
        copies.push(copy);
    }
    Ok(copies)
}

/// The digest of a feed: of the file, or of the names and digests of the tables of a folder.
pub(super) fn digest(feed: &Path) -> Result<String> {
    let of_file = |path: &Path| {
        let mut hasher = blake3::Hasher::new();
        let read = File::open(path).and_then(|mut file| io::copy(&mut file, &mut hasher));
        read.map(|_| hasher.finalize()).map_err(|e| Error::file(path, e))
    };
    if !feed.is_dir() {
        return Ok(of_file(feed)?.to_hex().to_string());
    }
    let mut hasher = blake3::Hasher::new();
    for table in tables(feed)? {
        hasher.update(table.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.update(of_file(&table)?.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|e| Error::file(folder, e))
}

/// The tables of a feed that is a folder, sorted.
fn tables(feed: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(feed).map_err(|e| Error::file(feed, e))?;
    let mut tables: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    tables.retain(|path| path.is_file() && path.extension().is_some_and(|e| e == "txt" || e == "geojson"));
    tables.sort();
    Ok(tables)
}
