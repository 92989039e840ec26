//! Which files are posted, how, and what is said of the others.

use std::{fs, os::unix::fs::symlink};

use rollcall_tests::mariadb::ScratchDatabase;
use tempfile::TempDir;

use super::*;
use crate::relay::Queue;

/// Takes everything.
#[derive(Clone)]
struct Sink;

impl Queue for Sink {
    async fn publish_many(
        &self,
        _: &nsq_client::Topic,
        _: Vec<bytes::Bytes>,
    ) -> Result<(), nsq_client::PublishError> {
        Ok(())
    }
}

struct Imported {
    database: ScratchDatabase,
    tally: Tally,
    result: anyhow::Result<()>,
}

impl Imported {
    async fn paths(&self) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar("SELECT path FROM images ORDER BY path").fetch_all(&self.database.pool).await
    }
}

/// Imports `folder` below `root` as often as is said, into one database.
async fn import(
    root: &Path,
    folder: &Path,
    times: usize,
    stopping: &CancellationToken,
) -> anyhow::Result<Imported> {
    let database = ScratchDatabase::start().await?;
    let store = Store::new(database.pool.clone());
    let roots = Roots::resolve(folder, root)?;
    let mut last = (Tally::default(), Ok(()));
    for _ in 0..times {
        let (publisher, publishing) = publisher::start(store.clone(), Sink);
        let mut import = Import::new(store.clone(), publisher);
        let (found, walking) = walk::start(roots.folder.clone());
        let result = import.all(found, &roots.image_root, stopping).await;
        last = (import.tally, result);
        drop(import);
        walking.await?;
        publishing.await?;
    }
    let (tally, result) = last;
    Ok(Imported { database, tally, result })
}

fn write<const N: usize>(root: &Path, files: [&str; N]) -> anyhow::Result<()> {
    for file in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, "")?;
    }
    Ok(())
}

#[tokio::test]
async fn every_picture_below_the_folder_is_posted_and_announced() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    write(root.path(), ["in/a.jpg", "in/deep/er/b.JPEG", "in/c.Png", "in/d.webp", "in/e.gif", "in/f.bmp"])?;
    write(
        root.path(),
        ["in/g.tif", "in/h.TIFF", "in/notes.txt", "in/jpg", "in/.jpg", "in/i.jpg.part", "out/j.jpg"],
    )?;

    write(root.path(), ["in/.thumbnails/ab/abcd.jpg"])?;

    let imported = import(root.path(), &root.path().join("in"), 1, &CancellationToken::new()).await?;

    let names = ["a.jpg", "c.Png", "d.webp", "deep/er/b.JPEG", "e.gif", "f.bmp", "g.tif", "h.TIFF"];
    assert_eq!(imported.paths().await?, names.map(|name| format!("/in/{name}")));
    assert_eq!(imported.tally, Tally { posted: 8, known: 0, rejected: 0 });
    imported.result?;
    let published: Vec<bool> = sqlx::query_scalar("SELECT published_at IS NOT NULL FROM outbox")
        .fetch_all(&imported.database.pool)
        .await?;
    assert_eq!(published, [true; 8]);
    Ok(())
}

#[tokio::test]
async fn links_are_not_followed() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    let outside = TempDir::new()?;
    write(outside.path(), ["secret.jpg"])?;
    write(root.path(), ["in/a.jpg"])?;
    symlink(outside.path(), root.path().join("in/folder"))?;
    symlink(outside.path().join("secret.jpg"), root.path().join("in/file.jpg"))?;
    symlink(root.path().join("in"), root.path().join("in/circle"))?;

    let imported = import(root.path(), &root.path().join("in"), 1, &CancellationToken::new()).await?;

    assert_eq!(imported.paths().await?, ["/in/a.jpg"]);
    Ok(())
}

#[tokio::test]
async fn what_is_imported_again_is_known() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    write(root.path(), ["a.jpg", "b.jpg"])?;

    let imported = import(root.path(), root.path(), 2, &CancellationToken::new()).await?;

    assert_eq!(imported.tally, Tally { posted: 0, known: 2, rejected: 0 });
    assert_eq!(imported.paths().await?, ["/a.jpg", "/b.jpg"]);
    Ok(())
}

/// A folder that is named like the image root lies below it all the same.
#[tokio::test]
async fn the_path_of_a_picture_is_its_place_below_the_image_root() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    let like_the_root = root.path().strip_prefix("/")?.join("a.jpg");
    write(root.path(), [like_the_root.to_str().context("a plain path")?])?;

    let imported = import(root.path(), root.path(), 1, &CancellationToken::new()).await?;

    assert_eq!(imported.paths().await?, [format!("/{}", like_the_root.display())]);
    Ok(())
}

#[tokio::test]
async fn more_pictures_than_a_group_holds_are_all_posted() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    for number in 0..2_500 {
        fs::write(root.path().join(format!("{number}.jpg")), "")?;
    }

    let imported = import(root.path(), root.path(), 1, &CancellationToken::new()).await?;

    assert_eq!(imported.tally, Tally { posted: 2_500, known: 0, rejected: 0 });
    assert_eq!(imported.paths().await?.len(), 2_500);
    Ok(())
}

#[tokio::test]
async fn a_name_that_is_no_path_is_rejected_and_the_others_are_posted() -> anyhow::Result<()> {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let root = TempDir::new()?;
    write(root.path(), ["a.jpg"])?;
    fs::write(root.path().join(OsStr::from_bytes(b"\xff.jpg")), "")?;

    let imported = import(root.path(), root.path(), 1, &CancellationToken::new()).await?;

    assert_eq!(imported.tally, Tally { posted: 1, known: 0, rejected: 1 });
    assert_eq!(imported.paths().await?, ["/a.jpg"]);
    Ok(())
}

#[tokio::test]
async fn an_import_that_is_told_to_stop_posts_no_more() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    write(root.path(), ["a.jpg"])?;
    let stopping = CancellationToken::new();
    stopping.cancel();

    let imported = import(root.path(), root.path(), 1, &stopping).await?;

    assert_eq!(imported.tally, Tally::default());
    Ok(())
}

#[test]
fn a_folder_that_does_not_lie_below_the_image_root_is_refused_in_a_sentence() -> anyhow::Result<()> {
    let (root, outside) = (TempDir::new()?, TempDir::new()?);
    write(root.path(), ["a.jpg"])?;
    symlink(outside.path(), root.path().join("link"))?;
    let cases = [
        (outside.path().to_owned(), "does not lie below IMAGE_ROOT"),
        (root.path().join("link"), "does not lie below IMAGE_ROOT"),
        (root.path().join("none"), "cannot be found"),
        (root.path().join("a.jpg"), "is no folder"),
    ];

    for (folder, said) in cases {
        let error = Roots::resolve(&folder, root.path()).err().context("it is refused")?;

        assert!(error.to_string().contains(said), "{error}");
    }
    Ok(())
}

#[test]
fn the_image_root_itself_can_be_imported() -> anyhow::Result<()> {
    let root = TempDir::new()?;

    let roots = Roots::resolve(root.path(), root.path())?;

    assert_eq!(roots.folder, roots.image_root);
    Ok(())
}
