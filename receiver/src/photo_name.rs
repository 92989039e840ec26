//! The file name of somebody's next known photo: from their name, so that people find it in the folder. Pure.
//!
//! Whose a photo is, its row in `person_images` tells and not its name, so what a name loses does no harm.

use std::collections::BTreeSet;

use crate::{file_slug::slug, picture_format::PictureFormat};

/// Of the name without its number: far below the 255 bytes that a file's name may have.
const LONGEST: usize = 180;

/// What all known photos of somebody are called: `ann_lee`, or by the number where the name has no plain letter.
pub(crate) fn stem(id: u64, name: &str) -> String {
    let slug = slug(name, LONGEST);
    if slug.is_empty() { format!("person_{id}") } else { slug }
}

/// The first free name: `ann_lee.jpg`, `ann_lee_2.jpg`, and so on. Photos of another kind have the same number to themselves,
/// and large letters are the same as small ones, as they are for some volumes.
pub(crate) fn first_free(stem: &str, format: PictureFormat, taken: &BTreeSet<String>) -> String {
    let taken: BTreeSet<String> = taken
        .iter()
        .map(|name| name.rsplit_once('.').map_or(&**name, |(stem, _)| stem).to_lowercase())
        .collect();
    let numbered = (2_u64..).map(|number| format!("{stem}_{number}"));
    let mut candidates = [stem.to_owned()].into_iter().chain(numbered);
    let free = candidates.find(|candidate| !taken.contains(candidate)).expect("there is no last number");
    format!("{free}.{}", format.extension())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use identification::name_of_photo;
    use proptest::prelude::*;

    use super::*;

    fn taken(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_photo_is_called_as_its_person_with_the_next_free_number() {
        let table: [(&str, &[&str], &str); 7] = [
            ("Ann Lee", &[], "ann_lee.jpg"),
            ("Ann Lee", &["ann_lee.jpg"], "ann_lee_2.jpg"),
            ("Ann Lee", &["ann_lee.png"], "ann_lee_2.jpg"),
            ("Ann Lee", &["Ann_Lee.JPG", "ann_lee_3.jpg"], "ann_lee_2.jpg"),
            ("Ann Lee", &["ann.jpg", "bob.jpg", "ann_lee_2.jpg"], "ann_lee.jpg"),
            ("大輔", &[], "person_7.jpg"),
            ("大輔", &["person_7.gif"], "person_7_2.jpg"),
        ];
        for (name, names, expected) in table {
            let photo = first_free(&stem(7, name), PictureFormat::Jpeg, &taken(names));
            assert_eq!(photo, expected, "{name} beside {names:?}");
        }
    }

    #[test]
    fn the_photos_of_a_plain_name_lead_back_to_it() {
        let photo = first_free(&stem(7, "Ann Lee"), PictureFormat::Jpeg, &taken(&["ann_lee.jpg"]));

        assert_eq!(name_of_photo(&photo), "Ann Lee");
    }

    proptest! {
        #[test]
        fn a_name_is_free_and_fits_a_file(name: String, count in 0_usize..20) {
            let stem = stem(u64::MAX, &name);
            let mut names = BTreeSet::new();
            for _ in 0..count {
                prop_assert!(names.insert(first_free(&stem, PictureFormat::WebP, &names)));
            }

            let next = first_free(&stem, PictureFormat::Jpeg, &names);

            prop_assert!(!names.contains(&next));
            let extension = Path::new(&next).extension().and_then(|extension| extension.to_str());
            prop_assert_eq!(extension, Some("jpg"));
            prop_assert!(next.len() <= 255 && !next.starts_with('.'), "{}", next);
        }
    }
}
