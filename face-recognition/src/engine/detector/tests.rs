#![expect(clippy::float_cmp, reason = "halves are exact")]

use super::*;
use crate::pack::{DetectorKind, FileRef, Scaling};

fn spec() -> DetectorSpec {
    DetectorSpec {
        kind: DetectorKind::Mmod,
        network: FileRef { file: String::new(), sha256: String::new() },
        scaling: Scaling { mean: [0.0; 3], divisor: 1.0 },
        window: 80,
        stride: 8,
        offset: 14,
        score_threshold: 0.0,
        overlap_iou: 0.4,
        overlap_cover: 0.9,
    }
}

fn picture(width: u32, height: u32) -> Picture {
    Picture::from_rgb(width, height, vec![0; (width * height * 3) as usize]).expect("it has these pixels")
}

#[test]
fn a_cell_is_mapped_back_over_stride_padding_and_scale() {
    let level = Level { width: 100, height: 60 };
    let windows = Windows::new(&spec(), &picture(200, 180), level, 40);
    // Centred on pixel 14 of the padded level, which is pixel -26 of the level: from -65.5 to 14.5.
    assert_eq!(windows.area(0, 0), Area { left: -131.0, top: -196.5, right: 29.0, bottom: 43.5 });
    // Ten cells are 80 pixels of the level.
    assert_eq!(windows.area(10, 0).left, -131.0 + 160.0);
    assert_eq!(windows.area(0, 10).top, -196.5 + 240.0);
}

#[test]
fn cells_above_the_threshold_are_faces_and_others_are_not() {
    let windows = Windows::new(&spec(), &picture(80, 80), Level { width: 80, height: 80 }, 40);
    let scores = [-1.0, 0.5, 0.25, f32::NAN, 1.0, 0.75];

    let found: Vec<Candidate> = faces(&scores, 3, 0.5, &windows).collect();

    let expected = [(windows.area(1, 1), 1.0), (windows.area(2, 1), 0.75)];
    assert_eq!(found, expected.map(|(area, score)| Candidate { area, score }));
}

#[test]
fn a_picture_is_halved_as_long_as_the_level_fits() {
    let level = Level { width: 100, height: 50 };
    assert_eq!(half_above(&picture(201, 100), level), Some(level));
    assert_eq!(half_above(&picture(201, 99), level), None);
    assert_eq!(half_above(&picture(100, 50), level), None);
}
