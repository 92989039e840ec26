//! Which part of a picture shows a face: a square around it, with something of what is around, within the picture. Pure.

use std::ops::Range;

/// A rectangle in pixels. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Of its left edge.
    pub left: i32,
    /// Of its upper edge.
    pub top: i32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A rectangle within a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) side: u32,
}

/// Of the longer side of a face's box, in percent: a face with hair and chin.
pub(crate) const HEAD: u32 = 150;
/// The same for a face that a detector is to find again: it wants to see more of what is around.
pub(crate) const HEAD_AND_SHOULDERS: u32 = 220;

/// The square around a face in a picture of this size, as large as these percent of the face; as large as the picture allows
/// where it does not fit.
pub(crate) fn around(face: Area, percent: u32, whole: (u32, u32)) -> Frame {
    let longest = i64::from(whole.0.min(whole.1)).max(1);
    let side = (i64::from(face.width.max(face.height)) * i64::from(percent) / 100).clamp(1, longest);
    let begin = |edge: i32, extent: u32, border: u32| {
        let centre = i64::from(edge) + i64::from(extent) / 2;
        (centre - side / 2).clamp(0, (i64::from(border) - side).max(0))
    };
    let narrow = |number: i64| u32::try_from(number).expect("clamped to a side of a picture");
    Frame {
        left: narrow(begin(face.left, face.width, whole.0)),
        top: narrow(begin(face.top, face.height, whole.1)),
        side: narrow(side),
    }
}

impl Frame {
    /// The columns and rows of the frame that an area of the picture covers, counted from the frame's own corner.
    pub(crate) fn part_of(self, area: Area) -> Option<(Range<u32>, Range<u32>)> {
        let cut = |edge: i32, extent: u32, begin: u32| {
            let within = |place: i64| {
                let place = (place - i64::from(begin)).clamp(0, i64::from(self.side));
                u32::try_from(place).expect("clamped to the frame")
            };
            let edge = i64::from(edge);
            Some(within(edge)..within(edge + i64::from(extent))).filter(|range| !range.is_empty())
        };
        Some((cut(area.left, area.width, self.left)?, cut(area.top, area.height, self.top)?))
    }
}

impl Area {
    /// The same place in a copy of the picture that has another size.
    pub(crate) fn scaled(self, from: (u32, u32), to: (u32, u32)) -> Self {
        let scale =
            |number: i64, from: u32, to: u32| i128::from(number) * i128::from(to) / i128::from(from.max(1));
        let edge =
            |number: i128| i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX });
        let extent = |number: i128| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            left: edge(scale(self.left.into(), from.0, to.0)),
            top: edge(scale(self.top.into(), from.1, to.1)),
            width: extent(scale(self.width.into(), from.0, to.0)),
            height: extent(scale(self.height.into(), from.1, to.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_face_stands_in_the_middle_and_is_moved_in_at_the_border() {
        let face = |left, top| Area { left, top, width: 40, height: 20 };
        let table = [
            (face(100, 100), Frame { left: 90, top: 80, side: 60 }),
            (face(-10, 5), Frame { left: 0, top: 0, side: 60 }),
            (face(390, 290), Frame { left: 340, top: 240, side: 60 }),
            (Area { left: 0, top: 0, width: 900, height: 900 }, Frame { left: 100, top: 0, side: 300 }),
        ];
        for (face, frame) in table {
            assert_eq!(around(face, HEAD, (400, 300)), frame, "{face:?}");
        }
    }

    #[test]
    fn what_lies_of_another_face_in_the_frame_is_told_in_its_pixels() {
        let frame = Frame { left: 100, top: 50, side: 80 };
        let area = |left, top, width, height| Area { left, top, width, height };
        let table = [
            (area(120, 60, 10, 20), Some((20..30, 10..30))),
            (area(-500, 40, 620, 30), Some((0..20, 0..20))),
            (area(170, 120, 4_000_000_000, 4_000_000_000), Some((70..80, 70..80))),
            (area(180, 60, 10, 10), None),
            (area(120, 0, 10, 50), None),
            (area(120, 60, 0, 10), None),
        ];
        for (area, expected) in table {
            assert_eq!(frame.part_of(area), expected, "{area:?}");
        }
    }

    #[test]
    fn a_smaller_copy_has_the_face_at_the_same_place() {
        let face = Area { left: -20, top: 40, width: 80, height: 60 };
        assert_eq!(face.scaled((400, 200), (100, 100)), Area { left: -5, top: 20, width: 20, height: 30 });
    }

    proptest! {
        #[test]
        fn the_frame_is_within_the_picture(
            left: i32, top: i32, width: u32, height: u32, percent in 100_u32..400,
            columns in 1_u32..60_000, rows in 1_u32..60_000,
        ) {
            let frame = around(Area { left, top, width, height }, percent, (columns, rows));

            prop_assert!(frame.side >= 1);
            prop_assert!(frame.left + frame.side <= columns && frame.top + frame.side <= rows, "{frame:?}");
        }

        #[test]
        fn any_area_can_be_scaled(
            left: i32, top: i32, width: u32, height: u32, from: (u32, u32), to: (u32, u32),
        ) {
            let area = Area { left, top, width, height };
            let _no_panic = area.scaled(from, to);
        }
    }
}
