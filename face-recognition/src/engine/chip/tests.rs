#![expect(clippy::cast_possible_truncation, reason = "columns and rows below 256")]

use proptest::prelude::*;

use super::*;

/// Eyes level and the nose in the middle, not quite symmetric.
const TEMPLATE: Template = [[0.86, 0.21], [0.65, 0.23], [0.12, 0.21], [0.33, 0.23], [0.49, 0.63]];

/// The same face with space around it.
fn padded(padding: f64) -> Template {
    TEMPLATE.map(|place| place.map(|share| (share + padding) / (2.0 * padding + 1.0)))
}

/// A picture whose red is the column and whose green is the row.
fn ramp(side: u32) -> Picture {
    let pixel = |i: u32| [(i % side) as u8, (i / side) as u8, 7];
    Picture::from_rgb(side, side, (0..side * side).flat_map(pixel).collect()).expect("it is a square")
}

/// Landmarks of an upright face whose chip, unpadded, begins at (`x`, `y`) and has this side.
fn upright(x: f64, y: f64, side: f64) -> [Point; 5] {
    TEMPLATE.map(|[u, v]| Point::new(x + u * side, y + v * side))
}

#[test]
fn a_face_that_needs_no_scaling_is_copied() {
    let chip = Chip::cut(&ramp(200), &upright(20.0, 30.0, 100.0), 100, &TEMPLATE);
    let (pixels, _) = chip.rgb().as_chunks::<3>();
    // The middle of 100 chip pixels lies between two of them, the middle of the square on one.
    assert_eq!(pixels[0], [20, 30, 7]);
    assert_eq!(pixels[100 * 99 + 99], [119, 129, 7]);
}

#[test]
fn padding_shows_more_around_the_same_face() {
    let square = Square::around(&upright(100.0, 100.0, 100.0), 150, &padded(0.25));
    assert!((square.extent - 149.0).abs() < 1e-9, "{square:?}");
    assert!((square.centre.x - 150.0).abs() < 1e-9, "{square:?}");
}

#[test]
fn a_turned_face_is_cut_upright() {
    // A quarter turn clockwise: what was right is now down.
    let turned = upright(0.0, 0.0, 100.0).map(|point| Point::new(150.0 - point.y, 50.0 + point.x));
    let chip = Chip::cut(&ramp(200), &turned, 100, &TEMPLATE);
    let (pixels, _) = chip.rgb().as_chunks::<3>();
    let (first, along) = (pixels[100 * 50 + 10], pixels[100 * 50 + 60]);
    assert_eq!(i32::from(along[1]) - i32::from(first[1]), 50, "50 to the right in the chip are 50 down");
    assert_eq!(along[0], first[0]);
}

#[test]
fn a_picture_is_halved_until_the_chip_has_the_pixels() {
    let square = |extent: f64| Square { centre: Point::default(), extent, cos: 1.0, sin: 0.0 };
    for (extent, halvings) in [(0.0, 0), (149.0, 0), (298.0, 0), (298.1, 1), (596.0, 1), (596.1, 2)] {
        assert_eq!(square(extent).halvings(150), halvings, "{extent}");
    }
}

#[test]
fn halving_keeps_places_and_values() {
    let halved = Raster::crop(&ramp(64), 0, 0, 63, 63).halved();
    // Pixel (10, 10) of the half is centred on pixel (22, 22): where the five by five weights lie.
    assert_eq!(halved.bilinear(Point::new(10.0, 10.0)), [22, 22, 7]);
}

#[test]
fn a_face_outside_the_picture_is_black() {
    let chip = Chip::cut(&ramp(50), &upright(1000.0, 1000.0, 100.0), 150, &padded(0.25));
    assert!(chip.rgb().iter().all(|value| *value == 0));
}

proptest! {
    #[test]
    fn any_landmarks_in_any_picture_give_a_chip(
        side in 1_u32..80,
        places in proptest::array::uniform5((-3000.0..3000.0_f64, -3000.0..3000.0_f64)),
    ) {
        let chip = Chip::cut(&ramp(side), &places.map(|(x, y)| Point::new(x, y)), 24, &padded(0.25));
        prop_assert_eq!(chip.rgb().len(), 24 * 24 * 3);
    }
}

#[test]
fn landmarks_that_coincide_give_a_chip() {
    let chip = Chip::cut(&ramp(80), &[Point::new(40.0, 40.0); 5], 24, &padded(0.25));
    assert_eq!(chip.rgb().len(), 24 * 24 * 3);
}
