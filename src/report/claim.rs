//! Who writes into a run folder: one run at a time, from before the simulation until its files are whole.

use super::folder::{Overwrite, check_folder};
use crate::error::{Error, Problem, Result};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// File in the folder with the number of the process that writes there.
pub(super) const LOCK: &str = ".hubflow-lock";

/// The right to write into a folder, given up when dropped.
#[derive(Debug)]
pub struct Claim {
    lock: PathBuf,
    /// Folders that the claim made, the innermost first.
    made: Vec<PathBuf>,
}

impl Claim {
    /// Claims a folder for results, after the checks of [`check_folder`].
    ///
    /// # Errors
    /// A folder that does not fit or cannot be written, and one into which another run is writing. The lock that a
    /// killed run left is taken over where something may be overwritten and its process is known to be gone.
    pub fn new(dir: &Path, overwrite: Overwrite) -> Result<Claim> {
        let lock = dir.join(LOCK);
        if let Some(problem) = held(dir, &lock, overwrite) {
            return Err(Error::Problems(vec![problem]));
        }
        let made = dir.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.exists());
        let made = made.map(Path::to_owned).collect();
        check_folder(dir, overwrite)?;
        if lock.exists() {
            fs::remove_file(&lock).map_err(|e| Error::file(&lock, e))?;
        }
        let mut file = match fs::File::create_new(&lock) {
            Ok(file) => file,
            // Another run was quicker.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(Error::Problems(vec![writing(dir)])),
            Err(e) => return Err(Error::file(&lock, e)),
        };
        let claim = Claim { lock, made };
        write!(file, "{}", std::process::id()).map_err(|e| Error::file(&claim.lock, e))?;
        // A run may have ended here between the check and the lock.
        check_folder(dir, overwrite)?;
        Ok(claim)
    }
}

impl Drop for Claim {
    /// Takes the lock away, and the folders that were made for nothing; those that hold results are not empty.
    fn drop(&mut self) {
        // A lock that cannot be removed is told to the next run; there is nobody to tell it to here.
        let _ = fs::remove_file(&self.lock);
        for dir in &self.made {
            let _ = fs::remove_dir(dir);
        }
    }
}

/// What stands against taking the folder, where it is locked.
fn held(dir: &Path, lock: &Path, overwrite: Overwrite) -> Option<Problem> {
    let text = match fs::read_to_string(lock) {
        Ok(text) => text,
        // No folder at all is for the other checks to tell.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        Err(_) => return Some(writing(dir)),
    };
    match (is_gone(text.trim()), overwrite) {
        (false, _) => Some(writing(dir)),
        (true, Overwrite::Replace | Overwrite::Resume) => None,
        (true, Overwrite::Fail) => {
            let shown = dir.display().to_string();
            let hint = "--overwrite replace or resume takes the folder over; else remove .hubflow-lock";
            Some(Problem::new(shown, "the lock of a run that was killed", "an empty or new folder").hint(hint))
        }
    }
}

fn writing(dir: &Path) -> Problem {
    let hint = "a run that was killed leaves its lock; remove .hubflow-lock if no run is going";
    Problem::new(dir.display().to_string(), "a run is writing here", "another folder").hint(hint)
}

/// Whether the process of a lock is known to be gone, which only systems with `/proc` tell.
fn is_gone(process: &str) -> bool {
    let is_number = !process.is_empty() && process.bytes().all(|b| b.is_ascii_digit());
    is_number && Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_into_the_same_folder_is_refused_until_the_first_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new/run");
        let first = Claim::new(&out, Overwrite::Fail).unwrap();
        for overwrite in [Overwrite::Fail, Overwrite::Replace, Overwrite::Resume] {
            let told = Claim::new(&out, overwrite).unwrap_err().to_string();
            assert!(told.contains("a run is writing here") && told.contains("remove .hubflow-lock"), "{told}");
        }
        drop(first);
        // Nothing came of it, so nothing is left of it.
        assert!(!dir.path().join("new").exists());
        Claim::new(&out, Overwrite::Fail).unwrap();
    }

    #[test]
    fn the_lock_of_a_killed_run_is_taken_over_when_something_may_be_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join(LOCK);
        // No system numbers processes that high.
        fs::write(&lock, "4294967294").unwrap();
        assert!(Claim::new(dir.path(), Overwrite::Fail).is_err());
        if Path::new("/proc/self").exists() {
            drop(Claim::new(dir.path(), Overwrite::Replace).unwrap());
            assert!(!lock.exists());
        }
        // Killed before it wrote its number: nobody knows whether it is going.
        fs::write(&lock, "").unwrap();
        assert!(Claim::new(dir.path(), Overwrite::Replace).is_err());
    }
}
