#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixel values from 0 to 255")]

use super::*;

const BOUNDS: Bounds = Bounds { left: 0, top: 0, width: 90, height: 100 };

/// Eyes level, nose in the middle.
const FRONTAL: [Point; 5] = [
    Point { x: 150.0, y: 100.0 },
    Point { x: 120.0, y: 100.0 },
    Point { x: 50.0, y: 100.0 },
    Point { x: 80.0, y: 100.0 },
    Point { x: 100.0, y: 150.0 },
];

fn chip(value: impl Fn(u32, u32) -> u8) -> Chip {
    let side = 150;
    Chip::from_rgb(side, (0..side * side).flat_map(|i| [value(i % side, i / side); 3]).collect())
}

fn turned(points: [Point; 5], degrees: f64) -> [Point; 5] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    points.map(|point| Point::new(cos * point.x - sin * point.y, sin * point.x + cos * point.y))
}

fn with_nose_at(x: f64) -> [Point; 5] {
    let mut points = FRONTAL;
    points[4].x = x;
    points
}

#[test]
fn size_is_the_shorter_side() {
    assert_eq!(measure(BOUNDS, Points::EyeCorners, &FRONTAL, &chip(|_, _| 0)).size, 90);
}

#[test]
fn brightness_is_the_mean_grey_value() {
    for (value, expected) in [(0, 0.0), (128, 128.0), (255, 255.0)] {
        let brightness = measure(BOUNDS, Points::EyeCorners, &FRONTAL, &chip(|_, _| value)).brightness;
        assert!((brightness - expected).abs() < 0.1, "{value}: {brightness}");
    }
}

#[test]
fn sharpness_grows_with_the_edges() {
    let sharpness = |value: &dyn Fn(u32, u32) -> u8| {
        measure(BOUNDS, Points::EyeCorners, &FRONTAL, &chip(value)).sharpness
    };
    let flat = sharpness(&|_, _| 100);
    let ramp = sharpness(&|x, _| x as u8);
    let soft = sharpness(&|x, _| (127.0 + 100.0 * (f64::from(x) / 8.0).sin()) as u8);
    let board = sharpness(&|x, y| if (x + y) % 2 == 0 { 100 } else { 110 });
    assert!(flat < 0.01 && ramp < 0.01, "{flat} {ramp}");
    assert!(ramp < soft && soft < board, "{ramp} {soft} {board}");
    // Every Laplacian is +40 or -40.
    assert!((board - 1600.0).abs() < 1.0, "{board}");
}

#[test]
fn roll_is_the_angle_that_the_face_was_turned_by() {
    for degrees in [-170.0, -45.0, 0.0, 20.0, 90.0] {
        let (roll, yaw) = pose(Points::EyeCorners, &turned(FRONTAL, degrees));
        assert!((f64::from(roll) - degrees).abs() < 1e-3, "{degrees}: {roll}");
        assert!(yaw.abs() < 1e-3, "a turn in the picture is no yaw: {yaw}");
    }
}

#[test]
fn yaw_has_the_sign_of_the_side_that_the_nose_moved_to() {
    // (nose, expected): a nose moved by its depth is at 45 degrees.
    for (x, expected) in [(100.0, 0.0), (135.0, 45.0), (65.0, -45.0)] {
        let (_, yaw) = pose(Points::EyeCorners, &with_nose_at(x));
        assert!((yaw - expected).abs() < 1e-3, "{x}: {yaw}");
        let (_, yaw) = pose(Points::EyeCorners, &turned(with_nose_at(x), 30.0));
        assert!((yaw - expected).abs() < 1e-3, "{x}, turned: {yaw}");
    }
}

#[test]
fn landmarks_that_coincide_give_numbers() {
    let (roll, yaw) = pose(Points::EyeCorners, &[Point::new(5.0, 5.0); 5]);
    assert!(roll.is_finite() && yaw.is_finite());
}

#[test]
fn each_limit_that_a_face_misses_is_named() {
    let limits =
        QualityLimits { size: 40, sharpness: 12.0, darkest: 30.0, brightest: 230.0, roll: 60.0, yaw: 55.0 };
    let just_good = Quality { size: 40, sharpness: 12.0, brightness: 30.0, roll: -60.0, yaw: 55.0 };
    let table = [
        (just_good, vec![]),
        (Quality { brightness: 230.0, roll: 60.0, yaw: -55.0, ..just_good }, vec![]),
        (Quality { size: 39, ..just_good }, vec![Shortcoming::Small]),
        (Quality { sharpness: 11.9, ..just_good }, vec![Shortcoming::Blurred]),
        (Quality { brightness: 29.9, ..just_good }, vec![Shortcoming::Dark]),
        (Quality { brightness: 230.1, ..just_good }, vec![Shortcoming::Bright]),
        (Quality { roll: -60.1, ..just_good }, vec![Shortcoming::Rolled]),
        (Quality { yaw: 55.1, ..just_good }, vec![Shortcoming::Averted]),
        (
            Quality { size: 0, sharpness: f32::NAN, ..just_good },
            vec![Shortcoming::Small, Shortcoming::Blurred],
        ),
    ];
    for (quality, expected) in table {
        assert_eq!(quality.shortcomings(&limits), expected, "{quality:?}");
    }
}

#[test]
fn other_landmarks_tell_the_same_turn() {
    // Eyes at 60 and 140: half their distance is 40, the nose lies 48 in front.
    let frontal = [(60.0, 100.0), (140.0, 100.0), (100.0, 140.0), (70.0, 170.0), (130.0, 170.0)];
    for (x, roll, yaw) in [(100.0, 0.0, 0.0), (148.0, 0.0, 45.0), (52.0, 30.0, -45.0)] {
        let mut points = frontal.map(|(x, y)| Point::new(x, y));
        points[2].x = x;
        let found = pose(Points::EyesAndMouth, &turned(points, roll));
        assert!((f64::from(found.0) - roll).abs() < 1e-3, "{x} {roll}: {found:?}");
        assert!((found.1 - yaw).abs() < 1e-3, "{x} {roll}: {found:?}");
    }
}
