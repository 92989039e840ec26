//! Copies of real files.

use std::{fs, io::Cursor};

use image::{ImageFormat, Rgb, RgbImage};
use picture_path::PicturePath;
use tempfile::TempDir;

use super::*;
use crate::{Area, Face};

struct Folder(TempDir);

impl Folder {
    /// With a picture of 400 by 200 pixels, red on the left and blue on the right.
    fn with_picture() -> anyhow::Result<Self> {
        let folder = Self(tempfile::tempdir()?);
        folder.write("a.png", 400)?;
        Ok(folder)
    }

    fn write(&self, name: &str, width: u32) -> anyhow::Result<()> {
        let half = width / 2;
        let image = RgbImage::from_fn(width, 200, |x, _| if x < half { RED } else { BLUE });
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Png)?;
        Ok(fs::write(self.0.path().join(name), bytes.into_inner())?)
    }

    fn renditions(&self) -> Renditions {
        Renditions::new(&Settings { folder: self.0.path().join("cache"), limit: 1 << 20 })
    }

    async fn get(
        &self,
        renditions: &Renditions,
        path: &str,
        kind: Kind,
        known: Option<&str>,
    ) -> Result<Answer, RenditionError> {
        let path = PicturePath::parse(path, self.0.path()).expect("a path in normal form");
        renditions.get(Source { folder: self.0.path(), path: &path }, kind, known).await
    }
}

const RED: Rgb<u8> = Rgb([255, 0, 0]);
const BLUE: Rgb<u8> = Rgb([0, 0, 255]);
const THUMBNAIL: Kind = Kind::Whole(100);

#[track_caller]
fn decoded(answer: &Answer) -> RgbImage {
    let Answer::Copy { jpeg, .. } = answer else { panic!("no copy: {answer:?}") };
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).expect("a JPEG").into_rgb8()
}

#[tokio::test]
async fn a_thumbnail_is_a_smaller_picture_of_the_same_shape() -> anyhow::Result<()> {
    let folder = Folder::with_picture()?;

    let thumbnail = decoded(&folder.get(&folder.renditions(), "/a.png", THUMBNAIL, None).await?);
    let larger = decoded(&folder.get(&folder.renditions(), "/a.png", Kind::Whole(1600), None).await?);

    assert_eq!((thumbnail.dimensions(), larger.dimensions()), ((100, 50), (400, 200)));
    assert!(thumbnail.get_pixel(20, 25)[0] > 200 && thumbnail.get_pixel(80, 25)[2] > 200);
    Ok(())
}

#[tokio::test]
async fn a_face_is_cut_out_also_of_a_smaller_copy_of_its_picture() -> anyhow::Result<()> {
    let folder = Folder::with_picture()?;
    // In a picture twice as large, on the right.
    let area = Area { left: 600, top: 100, width: 100, height: 100 };
    let face = Face { area, of: Some((800, 400)), side: 64 };

    let crop = decoded(&folder.get(&folder.renditions(), "/a.png", Kind::Face(face), None).await?);

    assert_eq!(crop.dimensions(), (64, 64));
    assert!(crop.pixels().all(|pixel| pixel[2] > 200), "only blue is there");
    Ok(())
}

#[tokio::test]
async fn a_copy_is_made_once_and_again_when_the_file_changes() -> anyhow::Result<()> {
    let folder = Folder::with_picture()?;
    let renditions = folder.renditions();
    let first = folder.get(&renditions, "/a.png", THUMBNAIL, None).await?;
    let Answer::Copy { name, .. } = &first else { panic!("{first:?}") };

    assert_eq!(folder.get(&renditions, "/a.png", THUMBNAIL, Some(name)).await?, Answer::Unchanged);
    assert_eq!(folder.get(&folder.renditions(), "/a.png", THUMBNAIL, None).await?, first);
    assert_eq!(fs::read_dir(folder.0.path().join("cache"))?.count(), 1);

    folder.write("a.png", 200)?;
    let second = folder.get(&renditions, "/a.png", THUMBNAIL, Some(name)).await?;
    assert_eq!(decoded(&second).dimensions(), (100, 100));
    Ok(())
}

#[tokio::test]
async fn copies_are_made_without_a_folder_to_keep_them_in() -> anyhow::Result<()> {
    let folder = Folder::with_picture()?;
    let renditions = Renditions::new(&Settings { folder: folder.0.path().join("a.png"), limit: 1 });

    let thumbnail = folder.get(&renditions, "/a.png", THUMBNAIL, None).await?;

    assert_eq!(decoded(&thumbnail).dimensions(), (100, 50));
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_copied_says_why() -> anyhow::Result<()> {
    let folder = Folder::with_picture()?;
    fs::write(folder.0.path().join("text.jpg"), "no picture")?;
    let renditions = folder.renditions();

    let missing = folder.get(&renditions, "/b.png", THUMBNAIL, None).await;
    assert!(matches!(missing, Err(RenditionError::Read(ReadError::Missing))), "{missing:?}");
    let text = folder.get(&renditions, "/text.jpg", THUMBNAIL, None).await;
    assert!(matches!(text, Err(RenditionError::Picture(PictureError::Unsupported))), "{text:?}");
    let path = PicturePath::parse("/a.png", folder.0.path())?;
    let nowhere = Path::new("/nowhere");
    let gone = renditions.get(Source { folder: nowhere, path: &path }, THUMBNAIL, None).await;
    assert!(matches!(gone, Err(RenditionError::NoFolder)), "{gone:?}");
    Ok(())
}

#[tokio::test]
async fn whoever_comes_when_too_many_wait_is_turned_away() -> anyhow::Result<()> {
    let folder = Folder::with_picture()?;
    let renditions = Renditions::bounded(None, 1, 1);
    let places = Arc::clone(&renditions.places).acquire_many_owned(2).await?;

    let turned_away = folder.get(&renditions, "/a.png", THUMBNAIL, None).await;
    drop(places);
    let served = folder.get(&renditions, "/a.png", THUMBNAIL, None).await;

    assert!(matches!(turned_away, Err(RenditionError::Busy)), "{turned_away:?}");
    assert!(served.is_ok(), "{served:?}");
    Ok(())
}
