use proptest::prelude::*;

use super::*;

const WINDOW: u32 = 80;

fn search(smallest_face: u32) -> Search {
    Search { smallest_face, ..Search::default() }
}

fn first(width: u32, height: u32, search: Search) -> Option<(u32, u32)> {
    levels(width, height, WINDOW, &search).first().map(|level| (level.width, level.height))
}

#[test]
fn the_first_level_shows_the_smallest_face_as_large_as_the_window() {
    let cases = [
        (640, 480, 80, Some((640, 480)), "as it is"),
        (640, 480, 160, Some((320, 240)), "half"),
        (640, 480, 40, Some((1280, 960)), "twice, because it was asked for"),
        (4000, 3000, 80, Some((2337, 1753)), "as many pixels as allowed"),
        (60, 40, 80, Some((60, 40)), "smaller than the window, but a cut face may be in it"),
        (60, 39, 80, None, "smaller than any part of a face"),
    ];
    for (width, height, smallest, expected, case) in cases {
        assert_eq!(first(width, height, search(smallest)), expected, "{case}");
    }
}

#[test]
fn each_level_is_five_sixths_of_the_one_before() {
    let widths: Vec<u32> = levels(144, 100, WINDOW, &search(80)).iter().map(|level| level.width).collect();
    assert_eq!(widths, [144, 120, 100, 83, 69, 58]);
}

#[test]
fn absurd_settings_give_few_levels_instead_of_a_panic() {
    assert!(levels(640, 480, WINDOW, &search(u32::MAX)).is_empty());
    assert!(levels(640, 480, WINDOW, &Search { smallest_face: 80, most_pixels: 0 }).is_empty());
    assert!(levels(640, 480, WINDOW, &Search { smallest_face: 0, most_pixels: 1 << 20 }).len() < 30);
}

proptest! {
    #[test]
    fn any_face_from_the_smallest_up_is_near_the_window_at_some_level(
        width in 80_u32..6000, height in 80_u32..6000, smallest in 40_u32..400, share in 0.0..1.0_f64,
    ) {
        let levels = levels(width, height, WINDOW, &search(smallest));
        prop_assume!(!levels.is_empty());
        let scale = |level: &Level| f64::from(level.width) / f64::from(width);
        let smallest = f64::from(WINDOW) / scale(&levels[0]);
        let largest = f64::from(width.min(height)).max(smallest);
        let face = smallest + share * (largest - smallest);

        let nearest = levels.iter().map(|level| (face * scale(level) / f64::from(WINDOW)).ln().abs());
        let nearest = nearest.fold(f64::INFINITY, f64::min);
        prop_assert!(nearest < 0.12, "a face of {face} is off by {nearest} in {levels:?}");
    }

    #[test]
    fn no_level_is_larger_than_allowed_or_than_the_picture(
        width in 1_u32..20_000, height in 1_u32..20_000, smallest in 80_u32..400,
    ) {
        let search = search(smallest);
        for level in levels(width, height, WINDOW, &search) {
            prop_assert!(level.width <= width && level.height <= height);
            // Sides are rounded to whole pixels.
            let pixels = (u64::from(level.width) - 1) * (u64::from(level.height) - 1);
            prop_assert!(pixels <= search.most_pixels, "{level:?}");
        }
    }
}
