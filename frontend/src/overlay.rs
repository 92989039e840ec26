//! The boxes of faces over a picture: an SVG in the picture's own pixels, which fits any copy of it. Pure.

use migrations::FaceOutcome;

use crate::store::{FaceDetails, FaceRow};

/// What lies over a picture.
pub(crate) struct Overlay {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Height of the letters beside a box.
    pub(crate) letters: u32,
    pub(crate) faces: Vec<FaceBox>,
}

/// One box.
pub(crate) struct FaceBox {
    pub(crate) number: usize,
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Where the letters stand: above the box, or within it at the upper border.
    pub(crate) letters_at: i32,
    /// The border of the box at which the letters start, or end so that they run into the picture.
    pub(crate) letters_from: i32,
    /// `start` or `end`: SVG's `text-anchor`.
    pub(crate) anchor: &'static str,
    /// The class of the style sheet: line and colour.
    pub(crate) outcome: &'static str,
    pub(crate) label: String,
}

impl Overlay {
    /// `None` where nobody knows how large the picture is, or no face is in it.
    pub(crate) fn of_rows(size: Option<(u32, u32)>, faces: &[FaceRow]) -> Option<Self> {
        let places = faces.iter().map(|face| {
            let place = (face.box_left, face.box_top, face.box_width, face.box_height);
            (place, face.outcome, face.person.as_deref())
        });
        Self::new(size, places)
    }

    pub(crate) fn of_details(size: Option<(u32, u32)>, faces: &[FaceDetails]) -> Option<Self> {
        let places = faces.iter().map(|face| {
            let place = (face.box_left, face.box_top, face.box_width, face.box_height);
            (place, face.outcome, face.person.as_deref())
        });
        Self::new(size, places)
    }

    fn new<'a>(
        size: Option<(u32, u32)>,
        faces: impl Iterator<Item = ((i32, i32, u32, u32), FaceOutcome, Option<&'a str>)>,
    ) -> Option<Self> {
        let (picture_width, picture_height) = size?;
        let letters = (picture_width.max(picture_height) / 42).max(1);
        let border = i32::try_from(picture_width).unwrap_or(i32::MAX);
        let above = i32::try_from(letters).unwrap_or(i32::MAX);
        let faces: Vec<FaceBox> = (1..)
            .zip(faces)
            .map(|(number, ((left, top, width, height), outcome, person))| {
                let right = left.saturating_add_unsigned(width);
                let is_at_the_right = i64::from(left) + i64::from(right) > i64::from(picture_width);
                FaceBox {
                    number,
                    left,
                    top,
                    width,
                    height,
                    letters_at: if top > above { top - above / 4 } else { top.max(0).saturating_add(above) },
                    letters_from: if is_at_the_right { right.min(border) } else { left.max(0) },
                    anchor: if is_at_the_right { "end" } else { "start" },
                    outcome: outcome.name(),
                    label: label(outcome, person),
                }
            })
            .collect();
        (!faces.is_empty()).then_some(Self { width: picture_width, height: picture_height, letters, faces })
    }
}

/// Who it is, in a word.
fn label(outcome: FaceOutcome, person: Option<&str>) -> String {
    match (outcome, person) {
        (FaceOutcome::Identified, Some(name)) => name.to_owned(),
        (FaceOutcome::Ambiguous, Some(name)) => format!("{name}?"),
        (FaceOutcome::Identified | FaceOutcome::Ambiguous, None) => "?".to_owned(),
        (FaceOutcome::Unknown, _) => "unknown".to_owned(),
        (FaceOutcome::LowQuality, _) => "not clear".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(top: i32, outcome: FaceOutcome, person: Option<&str>) -> FaceRow {
        let person = person.map(str::to_owned);
        FaceRow { image_id: 1, box_left: -5, box_top: top, box_width: 50, box_height: 60, outcome, person }
    }

    #[test]
    fn each_box_says_who_it_is_above_it_or_within() {
        use FaceOutcome::{Ambiguous, Identified, LowQuality, Unknown};
        let john = Some("John Doe");
        let faces = [
            face(100, Identified, john),
            face(100, Ambiguous, john),
            face(-20, Unknown, john),
            face(10, LowQuality, None),
        ];

        let overlay = Overlay::of_rows(Some((840, 280)), &faces).expect("there are faces");

        let labels: Vec<_> =
            overlay.faces.iter().map(|face| (face.number, face.label.as_str(), face.letters_at)).collect();
        assert_eq!(
            labels,
            [(1, "John Doe", 95), (2, "John Doe?", 95), (3, "unknown", 20), (4, "not clear", 30)]
        );
    }

    #[test]
    fn names_run_into_the_picture() {
        let at = |left, width| FaceRow {
            box_left: left,
            box_width: width,
            ..face(100, FaceOutcome::Identified, Some("John Doe"))
        };

        let overlay =
            Overlay::of_rows(Some((840, 280)), &[at(-5, 50), at(100, 50), at(700, 50), at(800, 90)])
                .expect("faces");

        let letters: Vec<_> = overlay.faces.iter().map(|face| (face.letters_from, face.anchor)).collect();
        assert_eq!(letters, [(0, "start"), (100, "start"), (750, "end"), (840, "end")]);
    }

    #[test]
    fn without_a_size_or_a_face_there_is_none() {
        let one = [face(0, FaceOutcome::Unknown, None)];
        assert!(Overlay::of_rows(None, &one).is_none());
        assert!(Overlay::of_rows(Some((1, 1)), &[]).is_none());
        assert!(Overlay::of_rows(Some((1, 1)), &one).is_some());
    }
}
