//! Tables as rows of words, written with fixed decimals so that the same facts give the same bytes.

use std::error::Error;
use std::path::Path;

/// A table: header and rows.
#[derive(Clone, Debug)]
pub struct Sheet {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty table.
    pub fn new(header: &'static [&'static str]) -> Sheet {
        Sheet { header, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, row: Vec<String>) {
        assert_eq!(row.len(), self.header.len(), "a row of a table with columns {:?}", self.header);
        self.rows.push(row);
    }

    /// Writes the table.
    pub fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let mut writer = csv::WriterBuilder::new().from_path(path).map_err(|e| format!("{}: {e}", path.display()))?;
        writer.write_record(self.header)?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        Ok(writer.flush()?)
    }
}

/// Writes a text file.
pub fn write_text(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    Ok(std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?)
}

/// Degrees with six decimals (0.1 m).
pub fn degrees(x: f64) -> String {
    format!("{x:.6}")
}

/// `total` split by weights into whole numbers that sum to it (largest remainder; ties to the earlier).
pub fn shares(total: u64, weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|w| total as f64 * w / sum).collect();
    let mut counts: Vec<u64> = exact.iter().map(|x| x.floor() as u64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let rest = |i: usize| exact[i] - exact[i].floor();
    order.sort_by(|&a, &b| rest(b).total_cmp(&rest(a)).then(a.cmp(&b)));
    let left = total - counts.iter().sum::<u64>();
    for &i in order.iter().cycle().take(left as usize) {
        counts[i] += 1;
    }
    counts
}

/// Seconds after midnight as `HH:MM:SS`.
pub fn clock(s: u32) -> String {
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}
