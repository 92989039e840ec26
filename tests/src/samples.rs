//! Known people and pictures to try, made from the sample photos of the `face_recognition` library: Barack Obama and
//! Joe Biden are known; the pictures show one of them, both, or nobody.

use std::{ffi::OsString, fs, path::Path};

use anyhow::Context;
use image::{
    Rgb, RgbImage,
    imageops::{self, FilterType},
};

/// A known photo of each person, by the name under which it is enrolled.
pub const KNOWN_PEOPLE: [(&str, &str); 2] =
    [("barack_obama.jpg", "obama.jpg"), ("joe_biden.jpg", "biden.jpg")];

/// Folder of the pictures below the image root.
pub const PICTURES: &str = "unknown_images";

/// Pictures that are copies of a photo.
const COPIES: [(&str, &str); 5] = [
    ("unknown0001.jpg", "obama2.jpg"),
    ("unknown0002.jpg", "obama3.jpg"),
    ("unknown0003.jpg", "obama_partial_face.jpg"),
    ("unknown0004.jpg", "obama_partial_face2.jpg"),
    ("unknown0005.png", "32bit.png"),
];
const MIRRORED_BIDEN: &str = "unknown0006.jpg";
const BOTH: &str = "unknown0007.jpg";
const NOBODY: &str = "unknown0008.jpg";

/// Puts both folders where a deployment looks for them. A folder that holds anything belongs to the person who runs
/// Rollcall and is left alone.
pub fn provide(photos: &Path, image_root: &Path, known_people: &Path) -> anyhow::Result<()> {
    fill(known_people, |folder| {
        KNOWN_PEOPLE.iter().try_for_each(|(name, photo)| copy(&photos.join(photo), &folder.join(name)))
    })?;
    fill(&image_root.join(PICTURES), |folder| make_pictures(photos, folder))
}

/// Makes the files of a folder in a hidden one within it, which may be a volume of its own, and moves them when all are
/// made: nobody sees half a file.
fn fill(folder: &Path, make: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if names(folder)?.iter().any(|name| !name.as_encoded_bytes().starts_with(b".")) {
        return Ok(());
    }
    let unfinished = tempfile::Builder::new()
        .prefix(".samples")
        .tempdir_in(folder)
        .with_context(|| format!("cannot write to {}", folder.display()))?;
    make(unfinished.path())?;
    for name in names(unfinished.path())? {
        fs::rename(unfinished.path().join(&name), folder.join(&name))?;
    }
    Ok(())
}

fn names(folder: &Path) -> anyhow::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

fn make_pictures(photos: &Path, folder: &Path) -> anyhow::Result<()> {
    for (name, photo) in COPIES {
        copy(&photos.join(photo), &folder.join(name))?;
    }
    let obama = open(&photos.join("obama2.jpg"))?;
    let biden = open(&photos.join("biden.jpg"))?;
    save(&imageops::flip_horizontal(&biden), &folder.join(MIRRORED_BIDEN))?;
    save(&side_by_side(&obama, &biden), &folder.join(BOTH))?;
    save(&landscape(), &folder.join(NOBODY))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}: run `make setup`", from.display()))?;
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<RgbImage> {
    let picture =
        image::open(path).with_context(|| format!("cannot open {}: run `make setup`", path.display()))?;
    Ok(picture.into_rgb8())
}

fn save(picture: &RgbImage, path: &Path) -> anyhow::Result<()> {
    picture.save(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Both pictures at one height.
fn side_by_side(left: &RgbImage, right: &RgbImage) -> RgbImage {
    const HEIGHT: u32 = 800;
    let [left, right] = [left, right].map(|picture| {
        let width = picture.width() * HEIGHT / picture.height();
        imageops::resize(picture, width, HEIGHT, FilterType::Triangle)
    });
    let mut both = RgbImage::new(left.width() + right.width(), HEIGHT);
    imageops::replace(&mut both, &left, 0, 0);
    imageops::replace(&mut both, &right, i64::from(left.width()), 0);
    both
}

/// Sky, sun and two rows of hills: a picture without a face.
fn landscape() -> RgbImage {
    RgbImage::from_fn(960, 640, |x, y| {
        let hill = |waves: f32, base: f32, height: f32| base - height * (pixel(x) * waves / 200.0).sin();
        if pixel(y) > hill(2.0, 520.0, 40.0) {
            Rgb([58, 94, 52])
        } else if pixel(y) > hill(1.1, 430.0, 60.0) {
            Rgb([104, 130, 96])
        } else if (pixel(x) - 740.0).hypot(pixel(y) - 150.0) < 60.0 {
            Rgb([255, 236, 170])
        } else {
            let [red, green] = [90 + y / 5, 140 + y / 6].map(|level| u8::try_from(level).unwrap_or(u8::MAX));
            Rgb([red, green, 230])
        }
    })
}

fn pixel(position: u32) -> f32 {
    f32::from(u16::try_from(position).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_filled_and_a_persons_own_is_left_alone() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let write = |name: &'static str| move |at: &Path| Ok(fs::write(at.join(name), name)?);

        fill(folder.path(), write("first")).expect("a folder that can be written to");
        fill(folder.path(), write("second")).expect("a folder that can be read");

        assert_eq!(names(folder.path()).expect("the folder"), ["first"]);
    }
}
