#![expect(clippy::float_cmp, reason = "halves are exact")]

use proptest::prelude::*;

use super::*;

fn windows() -> Windows {
    Windows::new(80, 8, 14)
}

/// A strip to which every row belongs.
fn whole() -> Strip {
    Strip { frame: windows().frame(Level { width: 100, height: 60 }), own: 0..140 }
}

#[test]
fn a_cell_is_mapped_back_over_stride_padding_and_scale() {
    let mapping = Mapping { left: 40.0, top: 40.0, across: 2.0, down: 3.0 };
    // Centred on pixel 14 of the padded level, which is pixel -26 of the level: from -65.5 to 14.5.
    let first = windows().area(0, 0, &mapping);
    assert_eq!(first, Area { left: -131.0, top: -196.5, right: 29.0, bottom: 43.5 });
    // Ten cells are 80 pixels of the level.
    assert_eq!(windows().area(10, 0, &mapping).left, -131.0 + 160.0);
    assert_eq!(windows().area(0, 10, &mapping).top, -196.5 + 240.0);
}

#[test]
fn cells_above_the_threshold_are_faces_and_others_are_not() {
    let mapping = Mapping { left: 40.0, top: 40.0, across: 1.0, down: 1.0 };
    let scores = [-1.0, 0.5, 0.25, f32::NAN, 1.0, 0.75];

    let found: Vec<Candidate> = windows().faces(&scores, 3, &whole(), 0.5, &mapping).collect();

    let expected = [(1, 1, 1.0), (2, 1, 0.75)].map(|(column, row, score)| Candidate {
        area: windows().area(column, row, &mapping),
        score,
        landmarks: None,
    });
    assert_eq!(found, expected);
}

#[test]
fn a_level_has_half_a_window_on_all_sides() {
    let frame = windows().frame(Level { width: 100, height: 60 });
    assert_eq!(frame, Frame { left: 40, top: 40, width: 180, height: 140 });
}

#[test]
fn a_small_level_is_one_strip_and_a_large_one_several_of_bounded_size() {
    let strips = |width, height| windows().strips(Level { width, height }).collect::<Vec<_>>();

    assert_eq!(strips(100, 60), [whole()]);
    for (width, height) in [(2000, 1300), (1300, 2000), (2560, 1600)] {
        let strips = strips(width, height);
        assert!(strips.len() > 1, "{width} x {height}");
        for Strip { frame, .. } in strips {
            let context = frame.width * 2 * windows().context;
            assert!(frame.width * frame.height <= MOST_PIXELS + context + 8 * frame.width, "{frame:?}");
        }
    }
}

proptest! {
    /// In cells of the whole level: the strips' own ones, one strip after the other.
    #[test]
    fn each_row_of_cells_belongs_to_one_strip(width in 1_u32..3000, height in 1_u32..3000) {
        let windows = windows();
        let level = Level { width, height };
        let whole = windows.frame(level);
        let mut rows = Vec::new();
        for Strip { frame, own } in windows.strips(level) {
            let first = usize::try_from(whole.top - frame.top).expect("it begins in the whole");
            prop_assert_eq!(first % windows.stride, 0);
            let middles = (0..).map(|row| windows.middle + windows.stride * row);
            let seen = middles.take_while(|middle| *middle < frame.height);
            rows.extend(seen.filter(|middle| own.contains(middle)).map(|middle| first + middle));
        }
        let expected: Vec<_> = (windows.middle..whole.height).step_by(windows.stride).collect();
        prop_assert_eq!(rows, expected);
    }
}
