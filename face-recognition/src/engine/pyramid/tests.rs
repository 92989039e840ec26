use proptest::prelude::*;

use super::*;

const WINDOW: u32 = 80;

#[test]
fn the_first_level_is_the_picture_unless_it_has_too_many_pixels() {
    let cases = [
        (640, 480, 80, Some((640, 480)), "as it is"),
        (2560, 1600, 80, Some((2560, 1600)), "the most that is taken as it is"),
        (4000, 3000, 80, Some((2338, 1754)), "as many pixels as allowed, with the padding"),
        (60, 40, 80, Some((60, 40)), "smaller than the window, but a cut face may be in it"),
        (60, 39, 80, None, "smaller than any part of a face"),
        (40, 1_250_000, 80, None, "a strip whose padding alone would be too much"),
        (u32::MAX, u32::MAX, 1024, Some((1082, 1082)), "the largest window that a pack may have"),
    ];
    for (width, height, window, expected, case) in cases {
        let first = levels(width, height, window).first().map(|level| (level.width, level.height));
        assert_eq!(first, expected, "{case}");
    }
}

#[test]
fn each_level_is_five_sixths_of_the_one_before() {
    let widths: Vec<u32> = levels(144, 100, WINDOW).iter().map(|level| level.width).collect();
    assert_eq!(widths, [144, 120, 100, 83, 69, 58]);
}

proptest! {
    #[test]
    fn any_face_from_the_smallest_up_is_near_the_window_at_some_level(
        width in 80_u32..6000, height in 80_u32..6000, share in 0.0..1.0_f64,
    ) {
        let levels = levels(width, height, WINDOW);
        let scale = |level: &Level| f64::from(level.width) / f64::from(width);
        let smallest = f64::from(WINDOW) / scale(&levels[0]);
        let largest = f64::from(width.min(height)).max(smallest);
        let face = smallest + share * (largest - smallest);

        let nearest = levels.iter().map(|level| (face * scale(level) / f64::from(WINDOW)).ln().abs());
        let nearest = nearest.fold(f64::INFINITY, f64::min);
        prop_assert!(nearest < 0.12, "a face of {face} is off by {nearest} in {levels:?}");
    }

    #[test]
    fn no_padded_level_has_more_pixels_than_allowed_nor_is_it_larger_than_the_picture(
        width in 1_u32..2_000_000, height in 1_u32..20_000, window in 16_u32..=1024,
    ) {
        for level in levels(width, height, window) {
            prop_assert!(level.width <= width && level.height <= height);
            // Sides are rounded to whole pixels.
            let [across, down] = [level.width, level.height].map(|side| u64::from(side + window) - 1);
            prop_assert!(across * down <= MOST_PIXELS.into(), "{level:?}");
        }
    }
}
