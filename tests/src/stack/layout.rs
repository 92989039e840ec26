//! What lies where in the folder of a stack.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use migrations::accounts::Account;

use crate::{password_file, service::AddressFile};

/// The folder of a stack (`ROLLCALL_HOME`) and what is in it.
#[derive(Debug, Clone)]
pub struct Layout {
    home: PathBuf,
    template: PathBuf,
}

impl Layout {
    /// A stack in `home`, an absolute path.
    #[must_use]
    pub fn new(home: PathBuf) -> Self {
        let template = home.join("mariadb").join("template");
        Self { home, template }
    }

    /// The same, with a database template that several stacks share.
    #[must_use]
    pub fn with_template(self, template: PathBuf) -> Self {
        Self { template, ..self }
    }

    /// The folder itself.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Folder that paths of pictures are looked up below (`IMAGE_ROOT`).
    #[must_use]
    pub fn image_root(&self) -> PathBuf {
        self.home.join("images")
    }

    /// Folder of the known photos (`KNOWN_PEOPLE`).
    #[must_use]
    pub fn known_people(&self) -> PathBuf {
        self.home.join("known_people")
    }

    /// Folder for what was found in the known photos (`STATE_DIR`).
    pub(super) fn state(&self) -> PathBuf {
        self.home.join("state")
    }

    /// Folder of thumbnails (`CACHE_DIR`).
    pub(super) fn cache(&self) -> PathBuf {
        self.home.join("cache")
    }

    /// Folder of the log files.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.home.join("logs")
    }

    /// Folder of the passwords with which the services come to the database.
    pub(super) fn accounts(&self) -> PathBuf {
        self.home.join("accounts")
    }

    /// The password of one service.
    pub(super) fn password_file(&self, account: Account) -> PathBuf {
        self.accounts().join(account.name())
    }

    pub(super) fn model_pack(&self) -> PathBuf {
        self.home.join("models").join("dlib")
    }

    pub(super) fn mariadb(&self) -> PathBuf {
        self.home.join("mariadb")
    }

    pub(super) fn mariadb_template(&self) -> PathBuf {
        self.template.clone()
    }

    pub(super) fn nsqd(&self) -> PathBuf {
        self.home.join("nsqd")
    }

    /// Where the service `name` writes an address.
    pub(super) fn address_file(
        &self,
        option: &'static str,
        variable: &'static str,
        name: &str,
    ) -> AddressFile {
        let path = self.home.join("run").join(name).with_extension("addr");
        AddressFile { option, variable, path }
    }

    pub(super) fn create_folders(&self) -> io::Result<()> {
        for folder in [
            "accounts",
            "cache",
            "images",
            "known_people",
            "logs",
            "mariadb",
            "models",
            "nsqd",
            "run",
            "state",
        ] {
            fs::create_dir_all(self.home.join(folder))?;
        }
        Ok(())
    }

    /// Chooses the passwords that are not there.
    pub(super) fn choose_passwords(&self) -> io::Result<()> {
        Account::ALL
            .into_iter()
            .try_for_each(|account| password_file::choose_once(&self.password_file(account)))
    }
}
