//! The log file of a child process: continued by each start, read from the last one on.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// What a process has said since it was started.
#[derive(Debug, Clone)]
pub struct LogFile {
    path: PathBuf,
    /// Bytes that were there before.
    start: u64,
}

impl LogFile {
    /// Opens a log for a process that is about to start.
    pub(crate) fn open(path: PathBuf) -> io::Result<(File, Self)> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let start = file.metadata()?.len();
        Ok((file, Self { path, start }))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything said since the start.
    pub fn text(&self) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.start))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The last few lines of it.
    #[must_use]
    pub fn last_lines(&self, count: usize) -> String {
        let text = self.text().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn only_what_was_said_since_the_start_is_read() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("logs/service.log");
        let (mut before, _) = LogFile::open(path.clone()).expect("a new log");
        before.write_all(b"old\n").expect("room for a line");

        let (mut file, log) = LogFile::open(path).expect("the log is continued");
        file.write_all(b"one\ntwo\nthree\n").expect("room for three lines");

        assert_eq!(log.text().expect("a readable log"), "one\ntwo\nthree\n");
        assert_eq!(log.last_lines(2), "two\nthree");
    }
}
