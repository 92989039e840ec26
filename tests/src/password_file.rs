//! Passwords in files that only we may read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Chooses a password, unless the file has one already.
pub(crate) fn choose_once(file: &Path) -> io::Result<()> {
    let is_chosen = fs::metadata(file).is_ok_and(|file| file.len() > 0);
    if is_chosen { Ok(()) } else { write(file, &hex::encode(rand::random::<[u8; 16]>())) }
}

/// Writes a file that holds a password.
pub(crate) fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())
}
