use proptest::prelude::*;

use super::*;

const FACES: FaceSizes = FaceSizes { from: 68.0, to: 96.0 };

fn sizes(width: u32, height: u32, smallest: f64) -> Vec<(u32, u32)> {
    let levels = levels(width, height, FACES, smallest, 80).into_iter();
    levels.map(|level| (level.width, level.height)).collect()
}

#[test]
fn the_first_level_shows_the_smallest_face_as_small_as_it_is_found() {
    let cases = [
        (640, 480, 68.0, Some((640, 480)), "as it is"),
        (640, 480, 136.0, Some((320, 240)), "only larger faces are wanted"),
        (640, 480, 40.0, Some((1088, 816)), "smaller ones are wanted: it is enlarged"),
        (640, 480, 20.0, Some((1280, 960)), "by no more than two"),
        (4000, 3000, 68.0, Some((2338, 1754)), "as many pixels as allowed, with the frame"),
        (60, 40, 80.0, Some((51, 34)), "smaller than the face, but half of one may be in it"),
        (60, 39, 80.0, None, "smaller than any part of a face"),
        (40, 1_250_000, 80.0, None, "a strip whose frame alone would be too much"),
    ];
    for (width, height, smallest, expected, case) in cases {
        assert_eq!(sizes(width, height, smallest).first().copied(), expected, "{case}");
    }
}

#[test]
fn each_level_is_smaller_by_what_the_detector_spans() {
    let widths: Vec<u32> = sizes(853, 480, 80.0).into_iter().map(|size| size.0).collect();
    assert_eq!(widths, [725, 514, 364, 258, 183, 129, 92, 65]);
}

#[test]
fn a_detector_that_spans_much_needs_one_level() {
    let faces = FaceSizes { from: 16.0, to: 400.0 };
    let levels = levels(853, 480, faces, 80.0, 32);
    assert_eq!(levels, [Level { width: 171, height: 96 }]);
}

proptest! {
    #[test]
    fn any_face_from_the_smallest_up_has_a_size_that_is_found_at_some_level(
        width in 80_u32..6000, height in 80_u32..6000, smallest in 40.0..400.0_f64, share in 0.0..1.0_f64,
        from in 8.0..100.0_f32, span in 1.1..20.0_f32,
    ) {
        let faces = FaceSizes { from, to: from * span };
        let levels = levels(width, height, faces, smallest, 80);
        prop_assume!(!levels.is_empty());
        let scale = |level: &Level| f64::from(level.width) / f64::from(width);
        // Neither are very large pictures searched for very small faces, nor are pictures enlarged without end.
        let smallest = smallest.max(f64::from(from) / scale(&levels[0]));
        let largest = (2.0 * f64::from(width.min(height))).max(smallest);
        let face = smallest + share * (largest - smallest);

        // Sides are rounded to whole pixels.
        let is_found = |size: f64| f64::from(faces.from) * 0.95 <= size && size <= f64::from(faces.to) * 1.05;
        prop_assert!(levels.iter().any(|level| is_found(face * scale(level))), "a face of {face} in {levels:?}");
    }

    #[test]
    fn no_level_has_more_pixels_than_allowed_nor_is_it_enlarged_much(
        width in 1_u32..2_000_000, height in 1_u32..20_000, smallest in 20.0..4096.0_f64, frame in 0_u32..=1024,
    ) {
        for level in levels(width, height, FACES, smallest, frame) {
            prop_assert!(level.width <= 2 * width && level.height <= 2 * height);
            // Sides are rounded to whole pixels.
            let [across, down] = [level.width, level.height].map(|side| u64::from((side + frame).max(1)) - 1);
            prop_assert!(across * down <= MOST_PIXELS.into(), "{level:?}");
        }
    }
}
