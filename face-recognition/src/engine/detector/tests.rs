use super::*;

fn picture(width: u32, height: u32) -> Picture {
    Picture::from_rgb(width, height, vec![0; (width * height * 3) as usize]).expect("it has these pixels")
}

#[test]
fn a_picture_is_halved_as_long_as_the_smallest_level_fits_in() {
    let sizes = |width, height, smallest| {
        let halves = halves(&picture(width, height), Some(smallest)).expect("memory enough");
        halves.iter().map(|half| (half.width(), half.height())).collect::<Vec<_>>()
    };
    let level = Level { width: 100, height: 50 };
    assert_eq!(sizes(401, 200, level), [(200, 100), (100, 50)]);
    assert_eq!(sizes(401, 199, level), [(200, 99)]);
    assert_eq!(sizes(100, 50, level), []);
}
