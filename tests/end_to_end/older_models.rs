//! Models that an older version converted are converted again by themselves.

use std::fs;

use rollcall_tests::{
    installed::Installed,
    mariadb, samples,
    stack::{Layout, Plan, Ports},
};
use tempfile::TempDir;

#[tokio::test]
async fn a_pack_of_an_older_format_keeps_nobody_from_starting() -> anyhow::Result<()> {
    let (installed, folder) = (Installed::find()?, TempDir::new()?);
    let layout = Layout::new(folder.path().to_owned()).with_template(mariadb::shared_template());
    samples::provide(&installed.assets.join("photos"), &layout.image_root(), &layout.known_people())?;
    let pack = folder.path().join("models/dlib");
    fs::create_dir_all(&pack)?;
    fs::write(pack.join("pack.toml"), "format = 1\nid = \"dlib\"\n")?;

    let stack = Plan::new(&layout, &installed, Ports::Any).start(|_| {}).await?;

    stack.stop().await
}
