//! Draws boxes and names into a picture, by OpenCV.

use std::path::Path;

use anyhow::Context as _;
use image::RgbImage;
use opencv::core::{Mat, Point, Rect, Scalar, Vec3b};
use opencv::imgproc::{FILLED, FONT_HERSHEY_SIMPLEX, LINE_AA, get_text_size, put_text, rectangle};

use super::answer::{Answer, FaceAnswer};
use crate::engine::picture::Picture;

/// Red, green, blue.
type Colour = [f64; 3];

const WHITE: Colour = [255.0, 255.0, 255.0];
/// Height of the letters, as a part of the picture's shorter side, and at least this many pixels.
const LETTERS: f64 = 1.0 / 45.0;
const LEAST_LETTERS: f64 = 11.0;
/// Height of the font's capitals at scale 1, in pixels.
const FONT_HEIGHT: f64 = 22.0;

/// Writes the picture with its faces to a file, in PNG.
pub(super) fn draw(picture: &Picture, answer: &Answer, target: &Path) -> anyhow::Result<()> {
    let mut rgb = picture.rgb().to_vec();
    let height = i32::try_from(picture.height())?;
    let width = i32::try_from(picture.width())?;
    {
        let mut canvas = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(height, width, &mut rgb)?;
        let letters = (f64::from(width.min(height)) * LETTERS).max(LEAST_LETTERS);
        for face in &answer.faces {
            draw_face(&mut canvas, face, letters, [width, height])?;
        }
    }
    let image =
        RgbImage::from_raw(picture.width(), picture.height(), rgb).context("a pixel for each place")?;
    image
        .save_with_format(target, image::ImageFormat::Png)
        .with_context(|| format!("cannot write {}", target.display()))
}

fn draw_face(
    canvas: &mut impl opencv::core::ToInputOutputArray,
    face: &FaceAnswer,
    letters: f64,
    [width, height]: [i32; 2],
) -> opencv::Result<()> {
    let bounds = &face.bounds;
    let colour = colour(face.outcome);
    #[expect(clippy::cast_possible_truncation, reason = "a few pixels")]
    let thickness = (letters / 6.0).ceil() as i32;
    let area = Rect::new(bounds.left, bounds.top, bounds.width, bounds.height);
    rectangle(canvas, area, scalar(colour), thickness, LINE_AA, 0)?;

    let (text, scale) = (label(face), letters / FONT_HEIGHT);
    let weight = (thickness / 2).max(1);
    let mut below = 0;
    let size = get_text_size(&text, FONT_HERSHEY_SIMPLEX, scale, weight, &mut below)?;
    // Above the box, or within it where there is no room; never beside the picture.
    let (label_width, label_height) = (size.width + 2 * thickness, size.height + below + 2 * thickness);
    let left = bounds.left.min(width - label_width).max(0);
    let top = if bounds.top >= label_height { bounds.top - label_height } else { bounds.top.max(0) };
    let top = top.min(height - label_height).max(0);
    rectangle(canvas, Rect::new(left, top, label_width, label_height), scalar(colour), FILLED, LINE_AA, 0)?;
    let origin = Point::new(left + thickness, top + thickness + size.height);
    put_text(canvas, &text, origin, FONT_HERSHEY_SIMPLEX, scale, scalar(WHITE), weight, LINE_AA, false)
}

/// The font has no more than ASCII.
fn label(face: &FaceAnswer) -> String {
    let name = match (&face.best, face.outcome) {
        (Some(best), "identified") => format!("{} {:.2}", best.name, best.distance),
        (Some(best), "ambiguous") => format!("{}? {:.2}", best.name, best.distance),
        (_, "low_quality") => "low quality".to_owned(),
        (_, outcome) => outcome.to_owned(),
    };
    name.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect()
}

fn colour(outcome: &str) -> Colour {
    match outcome {
        "identified" => [30.0, 120.0, 50.0],
        "ambiguous" => [180.0, 100.0, 0.0],
        "unknown" => [180.0, 30.0, 30.0],
        _ => [100.0, 100.0, 100.0],
    }
}

fn scalar([red, green, blue]: Colour) -> Scalar {
    // The canvas has its colours in this order.
    Scalar::new(red, green, blue, 0.0)
}
