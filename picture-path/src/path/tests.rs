//! Which texts are one picture, and which are none.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<String, PathError> {
    PicturePath::parse(text, Path::new("/srv/photos")).map(|path| path.as_str().to_owned())
}

#[test]
fn different_spellings_of_one_picture_have_one_normal_form() {
    let spellings = [
        "/unknown/a.jpg",
        "unknown/a.jpg",
        "//unknown///a.jpg",
        "/./unknown/./a.jpg",
        "/unknown/b/../a.jpg",
        "/srv/photos/unknown/a.jpg",
        "/srv//photos/./unknown/a.jpg",
    ];
    for spelling in spellings {
        assert_eq!(parse(spelling).as_deref(), Ok("/unknown/a.jpg"), "{spelling}");
    }
}

#[test]
fn what_is_no_path_of_a_picture_is_refused_with_its_reason() {
    let table = [
        ("", PathError::Empty),
        ("/", PathError::Empty),
        ("/a/..", PathError::Empty),
        ("/..", PathError::AboveRoot),
        ("/a/../../b.jpg", PathError::AboveRoot),
        ("a\0.jpg", PathError::Nul),
        ("https://example.org/a.jpg", PathError::SourceNotSupported),
        ("S3://bucket/a.jpg", PathError::SourceNotSupported),
    ];
    for (text, reason) in table {
        assert_eq!(parse(text), Err(reason), "{text:?}");
    }
}

#[test]
fn a_path_is_refused_one_character_above_the_limit() {
    let fits = "/".to_owned() + &"ä".repeat(MAX_CHARACTERS - 1);

    assert_eq!(parse(&fits).as_deref(), Ok(fits.as_str()));
    assert_eq!(parse(&(fits + "ä")), Err(PathError::TooLong));
}

#[test]
fn with_the_file_systems_root_as_image_root_a_path_is_itself() {
    let path = PicturePath::parse("/a/b.jpg", Path::new("/")).expect("a plain path");

    assert_eq!(path.absolute(Path::new("/")), Path::new("/a/b.jpg"));
}

#[test]
fn the_absolute_path_lies_below_the_image_root() {
    let path = PicturePath::parse("/a/b.jpg", Path::new("/srv/photos")).expect("a plain path");

    assert_eq!(path.absolute(Path::new("/srv/photos")), Path::new("/srv/photos/a/b.jpg"));
}

proptest! {
    #[test]
    fn a_normal_form_is_its_own_normal_form(text in "[ab./]{0,40}") {
        let root = Path::new("/a/b");
        if let Ok(path) = PicturePath::parse(&text, root) {
            let again = PicturePath::parse(path.as_str(), root);
            prop_assert_eq!(again.as_ref(), Ok(&path));
            prop_assert!(path.as_str().split('/').skip(1).all(|part| !matches!(part, "" | "." | "..")));
        }
    }
}
