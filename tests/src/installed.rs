//! Where programs and assets are. `make setup` puts them into `ROLLCALL_HOME`.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// What a stack is made from.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Folder of our own binaries: the one that this program was built into.
    pub services: PathBuf,
    /// Folder that `make` builds programs written in Go into, nsqd among them.
    pub go_programs: PathBuf,
    /// Folder of the weights, the photos and ONNX Runtime.
    pub assets: PathBuf,
}

impl Installed {
    /// As `make test` says it in the environment, else below `.rollcall` of this checkout.
    pub fn find() -> anyhow::Result<Self> {
        let checkout =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the crate lies in the checkout")?;
        let home = checkout.join(".rollcall");
        let folder = |variable, name| env::var_os(variable).map_or_else(|| home.join(name), PathBuf::from);
        Self::in_folders(folder("ROLLCALL_BIN", "bin"), folder("ROLLCALL_ASSETS", "assets"))
    }

    /// As `make setup` leaves it below `home`.
    pub fn in_home(home: &Path) -> anyhow::Result<Self> {
        Self::in_folders(home.join("bin"), home.join("assets"))
    }

    fn in_folders(go_programs: PathBuf, assets: PathBuf) -> anyhow::Result<Self> {
        anyhow::ensure!(
            assets.join("dlib").is_dir(),
            "there are no weights in {}: run `make setup`, or set ROLLCALL_ASSETS to the folder that has them",
            assets.display()
        );
        // Test binaries lie in `deps`, one below the services.
        let program = env::current_exe()?;
        let folder = program.parent().context("a program lies in a folder")?;
        let services = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
        Ok(Self { services: services.to_owned(), go_programs, assets })
    }

    /// One of our own binaries.
    pub fn service(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.services.join(name);
        anyhow::ensure!(path.is_file(), "{} is not built: run `cargo build --workspace`", path.display());
        Ok(path)
    }

    /// The object store of the tests, as `make test` installed it.
    pub fn moto_server(&self) -> anyhow::Result<PathBuf> {
        find_program("moto_server", &[&self.go_programs])
            .context("moto_server is missing: run `make test`, which installs it")
    }

    /// axe-core, a script that finds what keeps people out of a page, as `make test` fetched it.
    pub fn axe(&self) -> anyhow::Result<PathBuf> {
        let path = self.go_programs.join("axe.min.js");
        anyhow::ensure!(path.is_file(), "axe.min.js is missing: run `make test`, which fetches it");
        Ok(path)
    }

    /// nsqd, nsqlookupd or kustomize, from the PATH or as `make` built it.
    pub fn go_program(&self, name: &str) -> anyhow::Result<PathBuf> {
        find_program(name, &[&self.go_programs])
            .with_context(|| format!("{name} is missing: run `make test`, which builds it"))
    }
}

/// A program on the PATH or in one of these folders.
#[must_use]
pub fn find_program(name: &str, folders: &[&Path]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(folders.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}
