//! A snapshot gives back what went in, or says why it does not.

use proptest::{collection::vec, prelude::*};

use super::*;

const MODEL: &str = "dlib";

prop_compose! {
    fn stat()(size: u64, modified_ns: i64, changed_ns: i64, inode: u64) -> Stat {
        Stat { size, modified_ns, changed_ns, inode }
    }
}

prop_compose! {
    fn photo()(
        name in "[^/]{1,20}",
        stat in stat(),
        racy: bool,
        content_hash: [u8; 32],
        finding in prop_oneof![
            vec(-1.0_f32..1.0, 3).prop_map(|numbers| Ok(Embedding::new(numbers))),
            "[a-z ]{1,20}".prop_map(Err),
        ],
    ) -> CachedPhoto {
        CachedPhoto { name, record: Record { stat, racy, content_hash }, finding }
    }
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(photos in vec(photo(), 0..8)) {
        let bytes = encode(MODEL, photos.clone());

        prop_assert_eq!(decode(&bytes, MODEL, 3), Ok(photos));
    }

    #[test]
    fn a_snapshot_with_any_byte_changed_or_cut_off_is_refused(
        photos in vec(photo(), 0..8),
        place: prop::sample::Index,
        change in 1..=255_u8,
    ) {
        let bytes = encode(MODEL, photos);
        let mut changed = bytes.clone();
        changed[place.index(bytes.len())] ^= change;

        prop_assert!(decode(&changed, MODEL, 3).is_err());
        prop_assert!(decode(&bytes[..place.index(bytes.len())], MODEL, 3).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(decode(&bytes, MODEL, 3).is_err());
        prop_assert_eq!(without(&bytes, "a.jpg"), None);
    }
}

#[test]
fn a_snapshot_of_a_newer_version_or_another_model_is_refused_by_name() {
    let bytes = encode(MODEL, vec![CachedPhoto::sample("a.jpg")]);
    let mut newer = bytes.clone();
    newer[MARK.len()] = 2;

    assert_eq!(decode(&newer, MODEL, 2), Err(SnapshotError::Version(2)));
    assert_eq!(decode(&bytes, "other", 2), Err(SnapshotError::Model(MODEL.to_owned())));
    assert_eq!(decode(b"a picture", MODEL, 2), Err(SnapshotError::Foreign));
}

#[test]
fn an_embedding_that_the_model_cannot_have_made_is_left_out() {
    let broken =
        CachedPhoto { finding: Ok(Embedding::new([f32::NAN, 0.0])), ..CachedPhoto::sample("broken.jpg") };
    let short = CachedPhoto { finding: Ok(Embedding::new([0.5])), ..CachedPhoto::sample("short.jpg") };
    let bytes = encode(MODEL, vec![broken, CachedPhoto::sample("a.jpg"), short]);

    assert_eq!(decode(&bytes, MODEL, 2), Ok(vec![CachedPhoto::sample("a.jpg")]));
}

#[test]
fn a_name_is_taken_out_of_a_snapshot_of_any_model() {
    let bytes = encode("older", vec![CachedPhoto::sample("a.jpg"), CachedPhoto::sample("b.jpg")]);

    let left = without(&bytes, "a.jpg").expect("it is in it");

    assert_eq!(decode(&left, "older", 2), Ok(vec![CachedPhoto::sample("b.jpg")]));
    assert_eq!(without(&left, "a.jpg"), None);
}
