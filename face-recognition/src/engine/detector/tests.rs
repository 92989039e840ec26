use super::*;

fn picture(width: u32, height: u32) -> Picture {
    Picture::from_rgb(width, height, vec![0; (width * height * 3) as usize]).expect("it has these pixels")
}

#[test]
fn a_picture_is_halved_as_long_as_the_level_fits() {
    let level = Level { width: 100, height: 50 };
    assert_eq!(half_above(&picture(201, 100), level), Some(level));
    assert_eq!(half_above(&picture(201, 99), level), None);
    assert_eq!(half_above(&picture(100, 50), level), None);
}
