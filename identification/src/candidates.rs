//! The people that a face may be, the nearest first.

use std::collections::BTreeMap;

use crate::score;

/// A known photo and how far the face is from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// File name of the photo.
    pub photo: String,
    /// Between the embeddings.
    pub distance: f32,
}

/// Whose a known photo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<P> {
    /// The person it shows.
    pub person: P,
    /// How many known photos there are of this person, this one included.
    pub photos: u32,
}

/// A person that the face may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<P> {
    /// The person.
    pub person: P,
    /// The nearest photo of this person.
    pub photo: String,
    /// How far the face is from the person, by all of the photos: their [`score`].
    pub distance: f32,
}

/// One candidate a person, nearest first; of two equally near ones the smaller key. A photo of nobody is passed over,
/// and so is a distance that is no number: it is near to nobody.
pub fn candidates<P: Copy + Ord>(
    nearest: &[Neighbour],
    owner_of: impl Fn(&str) -> Option<Owner<P>>,
) -> Vec<Candidate<P>> {
    let mut people: BTreeMap<P, Shown> = BTreeMap::new();
    for neighbour in nearest.iter().filter(|neighbour| neighbour.distance.is_finite()) {
        let Some(owner) = owner_of(&neighbour.photo) else { continue };
        let shown = people.entry(owner.person).or_default();
        shown.neighbours.push(neighbour);
        shown.photos = shown.photos.max(owner.photos);
    }
    let mut candidates: Vec<Candidate<P>> =
        people.into_iter().filter_map(|(person, shown)| shown.candidate(person)).collect();
    // A stable sort keeps the order of the keys among equals.
    candidates.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    candidates
}

/// What is known of one person.
#[derive(Default)]
struct Shown<'a> {
    neighbours: Vec<&'a Neighbour>,
    photos: u32,
}

impl Shown<'_> {
    fn candidate<P>(self, person: P) -> Option<Candidate<P>> {
        let distances: Vec<f32> = self.neighbours.iter().map(|neighbour| neighbour.distance).collect();
        let nearest = self
            .neighbours
            .into_iter()
            .min_by(|a, b| a.distance.total_cmp(&b.distance).then_with(|| a.photo.cmp(&b.photo)))?;
        let distance = score(&distances, self.photos)?;
        Some(Candidate { person, photo: nearest.photo.clone(), distance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbours(nearest: &[(&str, f32)]) -> Vec<Neighbour> {
        nearest
            .iter()
            .map(|(photo, distance)| Neighbour { photo: (*photo).to_owned(), distance: *distance })
            .collect()
    }

    /// A photo shows whose letter it begins with; `a` has three photos, everybody else one, and nobody owns an `x`.
    fn owner_of(photo: &str) -> Option<Owner<char>> {
        let person = photo.chars().next().filter(|letter| *letter != 'x')?;
        Some(Owner { person, photos: if person == 'a' { 3 } else { 1 } })
    }

    fn told(nearest: &[(&str, f32)]) -> Vec<(char, String)> {
        candidates(&neighbours(nearest), owner_of)
            .into_iter()
            .map(|candidate| (candidate.person, candidate.photo))
            .collect()
    }

    #[test]
    fn each_person_is_told_once_with_the_nearest_photo() {
        let told = told(&[("b1", 0.7), ("a2", 0.35), ("a1", 0.3), ("x1", 0.1)]);

        assert_eq!(told, [('a', "a1".to_owned()), ('b', "b1".to_owned())]);
    }

    #[test]
    fn all_photos_of_a_person_count() {
        let found = candidates(&neighbours(&[("a1", 0.3), ("a2", 0.35)]), owner_of);

        let [candidate] = &found[..] else { panic!("one person: {found:?}") };
        assert_eq!(Some(candidate.distance), score(&[0.3, 0.35], 3));
    }

    #[test]
    fn one_near_photo_of_several_can_stand_behind_the_only_photo_of_somebody() {
        let told = told(&[("a1", 0.40), ("b1", 0.41)]);

        assert_eq!(told, [('b', "b1".to_owned()), ('a', "a1".to_owned())]);
    }

    #[test]
    fn equals_are_told_in_the_order_of_their_names() {
        for nearest in [[("c1", 0.5), ("b1", 0.5)], [("b1", 0.5), ("c1", 0.5)]] {
            assert_eq!(told(&nearest), [('b', "b1".to_owned()), ('c', "c1".to_owned())]);
        }
        assert_eq!(told(&[("a2", 0.5), ("a1", 0.5)]), [('a', "a1".to_owned())]);
    }

    #[test]
    fn a_distance_that_is_no_number_is_near_to_nobody() {
        assert_eq!(told(&[("a1", f32::NAN), ("b1", f32::INFINITY), ("c1", 0.5)]), [('c', "c1".to_owned())]);
    }
}
