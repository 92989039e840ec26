//! What a gallery finds, and what its revision says.

use super::*;

type Photo = (String, ContentHash, Standing);

fn photo(name: &str, content: u8, face: [f32; 2]) -> Photo {
    (name.to_owned(), [content; 32], Standing::Found(Ok(Embedding::new(face))))
}

#[test]
fn the_nearest_photo_comes_first_and_skipped_photos_do_not_come() {
    let skipped = ("skipped.jpg".to_owned(), [3; 32], Standing::Found(Err("no face".to_owned())));
    let gallery = Gallery::new([photo("far.jpg", 1, [3.0, 4.0]), photo("near.jpg", 2, [0.0, 1.0]), skipped]);

    let nearest = gallery.nearest(&Embedding::new([0.0, 0.0]), 0.05);

    let expected = [("near.jpg", 1.0), ("far.jpg", 5.0)];
    assert_eq!(nearest, expected.map(|(photo, distance)| Neighbour { photo, distance }));
}

#[test]
fn a_second_person_within_the_margin_is_told_behind_any_number_of_photos_of_the_first() {
    let mut photos = vec![photo("far.jpg", 51, [0.0, 0.36]), photo("jane.jpg", 50, [0.0, 0.34])];
    photos.extend((10..50_u8).map(|number| photo(&format!("john_{number}.jpg"), number, [0.0, 0.30])));

    let gallery = Gallery::new(photos);
    let nearest = gallery.nearest(&Embedding::new([0.0, 0.0]), 0.05);

    assert_eq!(nearest.len(), 41);
    assert_eq!(nearest[40].photo, "jane.jpg");
}

#[test]
fn the_revision_depends_on_names_contents_and_what_could_be_looked_at() {
    let (a, b) = (photo("a.jpg", 1, [0.0, 0.0]), photo("b.jpg", 2, [0.0, 0.0]));
    let revision = |photos: [Photo; 2]| Gallery::new(photos).revision().to_owned();
    let original = revision([a.clone(), b.clone()]);

    let renamed = revision([a.clone(), ("c.jpg".to_owned(), b.1, b.2.clone())]);
    let changed = revision([("a.jpg".to_owned(), [9; 32], a.2.clone()), b.clone()]);
    let failed = revision([("a.jpg".to_owned(), a.1, Standing::Failed("no memory".to_owned())), b.clone()]);

    assert_eq!(original, revision([a, b]));
    for other in [renamed, changed, failed] {
        assert_ne!(original, other);
    }
}

#[test]
fn a_gallery_gives_back_what_was_found_in_bytes_and_not_what_failed() {
    let face = Embedding::new([0.5, -0.5]);
    let gallery = Gallery::new([
        ("broken.jpg".to_owned(), [1; 32], Standing::Failed("no memory".to_owned())),
        ("crowd.jpg".to_owned(), [2; 32], Standing::Found(Err("3 faces".to_owned()))),
        ("jane.jpg".to_owned(), [9; 32], Standing::Found(Ok(face.clone()))),
        ("john.jpg".to_owned(), [3; 32], Standing::Found(Ok(Embedding::new([1.0, 1.0])))),
    ]);

    assert_eq!(gallery.finding(&[9; 32]), Some(Ok(face)));
    assert_eq!(gallery.finding(&[2; 32]), Some(Err("3 faces".to_owned())));
    assert_eq!(gallery.finding(&[1; 32]), None);
    assert_eq!(gallery.finding(&[7; 32]), None);
    assert_eq!(gallery.photo_of(&[3; 32]).map(|photo| photo.name.as_str()), Some("john.jpg"));
    assert!(gallery.photo("crowd.jpg").is_some() && gallery.photo("nobody.jpg").is_none());
}
