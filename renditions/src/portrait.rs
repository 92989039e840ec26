//! A face in a picture of its own, for others to be recognised by: with enough around it that a detector finds it again, and
//! without the faces beside it.

use image::{Rgb, RgbImage, imageops};
use pictures::PictureError;

use crate::{
    framing::{self, Area},
    making,
};

/// Of the JPEG: what is lost here would be missing in every comparison.
const QUALITY: u8 = 95;
/// Columns and rows at most. A detector needs less, and a face is described from far fewer.
const LONGEST: u32 = 1_024;
/// Over other faces.
const GREY: Rgb<u8> = Rgb([128; 3]);

/// Which face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portrait {
    /// Where it is, in pixels of the picture as it was recognised.
    pub area: Area,
    /// The other faces of the picture.
    pub others: Vec<Area>,
    /// Columns and rows of that picture, if they are known: the file may be a smaller copy of it.
    pub of: Option<(u32, u32)>,
}

impl Portrait {
    /// The face, cut out of the picture's bytes, as a JPEG. Takes the time of a core: not to be called where others wait for
    /// it.
    pub fn make(&self, bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
        making::decoded(bytes, |image| making::jpeg(&making::smaller(self.cut_out(&image), LONGEST), QUALITY))
    }

    fn cut_out(&self, image: &RgbImage) -> RgbImage {
        let size = image.dimensions();
        let here = |area: Area| self.of.map_or(area, |of| area.scaled(of, size));
        let face = here(self.area);
        let frame = framing::around(face, framing::HEAD_AND_SHOULDERS, size);
        let mut part = imageops::crop_imm(image, frame.left, frame.top, frame.side, frame.side).to_image();
        let own = frame.part_of(face);
        for (columns, rows) in self.others.iter().filter_map(|other| frame.part_of(here(*other))) {
            for (column, row) in rows.flat_map(|row| columns.clone().map(move |column| (column, row))) {
                let is_own = own
                    .as_ref()
                    .is_some_and(|(columns, rows)| columns.contains(&column) && rows.contains(&row));
                if !is_own {
                    part.put_pixel(column, row, GREY);
                }
            }
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, load_from_memory};

    use super::*;

    const RED: Rgb<u8> = Rgb([200, 0, 0]);
    const BLUE: Rgb<u8> = Rgb([0, 0, 200]);
    const WHITE: Rgb<u8> = Rgb([255; 3]);

    fn fill(image: &mut RgbImage, area: Area, colour: Rgb<u8>) {
        for row in 0..area.height {
            for column in 0..area.width {
                let place = |edge: i32, by: u32| u32::try_from(edge).expect("inside") + by;
                image.put_pixel(place(area.left, column), place(area.top, row), colour);
            }
        }
    }

    fn png(image: &RgbImage) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Png).expect("a small picture");
        bytes.into_inner()
    }

    /// A white picture with a red face and a blue one that touches it.
    fn two_faces(scale: u32) -> (Vec<u8>, Area, Area) {
        let area = |left: i32, top: i32| Area { left, top, width: 40 * scale, height: 40 * scale };
        let scaled = |place: u32| i32::try_from(place * scale).expect("small");
        let (red, blue) = (area(scaled(80), scaled(80)), area(scaled(110), scaled(100)));
        let mut image = RgbImage::from_pixel(300 * scale, 200 * scale, WHITE);
        fill(&mut image, blue, BLUE);
        fill(&mut image, red, RED);
        (png(&image), red, blue)
    }

    fn is_near(pixel: Rgb<u8>, colour: Rgb<u8>) -> bool {
        pixel.0.iter().zip(colour.0).all(|(one, other)| one.abs_diff(other) < 40)
    }

    #[test]
    fn a_portrait_shows_the_face_whole_with_its_surroundings_and_no_other_face() {
        let (bytes, area, other) = two_faces(1);

        let jpeg =
            Portrait { area, others: vec![other], of: Some((300, 200)) }.make(&bytes).expect("a picture");

        let portrait = load_from_memory(&jpeg).expect("a JPEG").into_rgb8();
        assert_eq!(portrait.dimensions(), (88, 88));
        assert!(is_near(*portrait.get_pixel(44, 44), RED), "the face is in the middle");
        assert!(is_near(*portrait.get_pixel(60, 60), RED), "what the other face's box covers of it stays");
        assert!(is_near(*portrait.get_pixel(10, 10), WHITE), "there is something around it");
        assert!(portrait.pixels().all(|pixel| !is_near(*pixel, BLUE)), "the other face is gone");
        assert!(is_near(*portrait.get_pixel(80, 80), GREY));
    }

    #[test]
    fn in_a_smaller_copy_of_the_picture_the_face_is_found_where_it_was() {
        let (bytes, area, other) = two_faces(1);
        let larger = |area: Area| area.scaled((300, 200), (1_200, 800));

        let portrait = Portrait { area: larger(area), others: vec![larger(other)], of: Some((1_200, 800)) };

        let same = Portrait { area, others: vec![other], of: None };
        assert_eq!(portrait.make(&bytes), same.make(&bytes));
    }

    #[test]
    fn a_large_face_is_made_smaller() {
        let (bytes, area, _) = two_faces(14);

        let jpeg = Portrait { area, others: Vec::new(), of: None }.make(&bytes).expect("a picture");

        let portrait = load_from_memory(&jpeg).expect("a JPEG");
        assert_eq!((portrait.width(), portrait.height()), (1_024, 1_024));
    }

    #[test]
    fn what_is_no_picture_is_told_as_such() {
        let portrait =
            Portrait { area: Area { left: 0, top: 0, width: 1, height: 1 }, others: Vec::new(), of: None };

        assert_eq!(portrait.make(b"words"), Err(PictureError::Unsupported));
    }
}
