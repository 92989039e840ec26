#![expect(clippy::float_cmp, reason = "small whole numbers are exact")]

use proptest::prelude::*;

use super::*;

const SHAPE: [Point; 3] = [Point { x: 0.0, y: 0.0 }, Point { x: 4.0, y: 1.0 }, Point { x: 1.0, y: 3.0 }];

fn area(left: f64, top: f64, right: f64, bottom: f64) -> Area {
    Area { left, top, right, bottom }
}

proptest! {
    #[test]
    fn a_fit_finds_the_transform_that_was_applied(
        a in -3.0..3.0_f64, b in -3.0..3.0_f64, x in -50.0..50.0_f64, y in -50.0..50.0_f64,
    ) {
        let truth = Similarity { a, b, shift: Point::new(x, y) };
        let fitted = Similarity::fit(&SHAPE, &SHAPE.map(|point| truth.apply(point)));
        for (found, expected) in [(fitted.a, a), (fitted.b, b), (fitted.shift.x, x), (fitted.shift.y, y)] {
            prop_assert!((found - expected).abs() < 1e-9, "{fitted:?} instead of {truth:?}");
        }
    }
}

#[test]
fn a_fit_to_noisy_points_is_the_least_squares_one() {
    let source = [Point::new(-1.0, 0.0), Point::new(1.0, 0.0)];
    let target = [Point::new(-2.0, 0.5), Point::new(2.0, 0.5)];
    let fitted = Similarity::fit(&source, &target);
    assert_eq!(fitted, Similarity { a: 2.0, b: 0.0, shift: Point::new(0.0, 0.5) });
}

#[test]
fn points_that_coincide_have_scale_zero_and_no_nan() {
    let fitted = Similarity::fit(&[Point::new(1.0, 1.0); 3], &SHAPE);
    assert_eq!(fitted.scale(), 0.0);
    assert!(fitted.apply(SHAPE[1]).x.is_finite());
}

#[test]
fn shared_area_is_counted_once_and_never_negative() {
    let square = area(0.0, 0.0, 10.0, 10.0);
    let cases = [
        (square, 100.0, "itself"),
        (area(5.0, 5.0, 15.0, 15.0), 25.0, "a corner"),
        (area(2.0, 2.0, 4.0, 4.0), 4.0, "inside"),
        (area(10.0, 0.0, 20.0, 10.0), 0.0, "touching"),
        (area(20.0, 20.0, 30.0, 30.0), 0.0, "apart in both directions"),
    ];
    for (other, expected, case) in cases {
        assert_eq!(square.shared(&other), expected, "{case}");
        assert_eq!(other.shared(&square), expected, "{case}");
    }
}

#[test]
fn a_square_is_rounded_to_a_square() {
    let bounds = area(-0.6, 0.4, 9.9, 10.9).rounded();
    assert_eq!(bounds, Bounds { left: -1, top: 0, width: 11, height: 11 });
    assert_eq!(Area::from(bounds), area(-1.0, 0.0, 10.0, 11.0));
}
