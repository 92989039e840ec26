//! The folder of the passwords: a file for each account, named for it. Container platforms make such folders out of
//! secrets.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use service_kit::secret::Secret;
use thiserror::Error;

use super::{Account, Credentials, PasswordError};

/// What is wrong with the folder, in a sentence that says what to do.
#[derive(Debug, Error)]
pub enum Fault {
    /// It is not there, is no folder, or may not be read.
    #[error("ACCOUNTS is {folder}, which cannot be read as a folder: {source}", folder = .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("ACCOUNTS is {folder}, which holds no password: put a file there for each account, named {names}",
        folder = .0.display(), names = names())]
    NoAccount(PathBuf),
    /// A file that belongs to no account.
    #[error("{file} belongs to no account: remove it, or name it {names}", file = .0.display(), names = names())]
    Stranger(PathBuf),
    /// A file that may not be read, or holds no text.
    #[error("{file}, a password, cannot be read: {source}", file = .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What a file holds is no password.
    #[error("{file} {source}", file = .file.display())]
    Password {
        /// The file.
        file: PathBuf,
        /// Why.
        source: PasswordError,
    },
}

/// Everything that is wrong with the folder.
#[derive(Debug, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Faults(pub Vec<Fault>);

fn names() -> String {
    Account::ALL.map(Account::name).join(" or ")
}

/// The accounts that the folder has passwords for: all of them, or some. Entries that begin with a dot are the
/// platform's own and passed by.
pub fn read(folder: &Path) -> Result<Vec<Credentials>, Faults> {
    let files =
        files(folder).map_err(|source| Faults(vec![Fault::Folder { folder: folder.to_owned(), source }]))?;
    if files.is_empty() {
        return Err(Faults(vec![Fault::NoAccount(folder.to_owned())]));
    }
    let (mut accounts, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        match credentials(file) {
            Ok(credentials) => accounts.push(credentials),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(accounts) } else { Err(Faults(faults)) }
}

/// In the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn credentials(file: PathBuf) -> Result<Credentials, Fault> {
    let Some(account) = file.file_name().and_then(|name| name.to_str()).and_then(Account::named) else {
        return Err(Fault::Stranger(file));
    };
    match Secret::read(&file) {
        Ok(password) => {
            Credentials::new(account, password).map_err(|source| Fault::Password { file, source })
        }
        Err(source) => Err(Fault::File { file, source }),
    }
}

#[cfg(test)]
mod tests;
