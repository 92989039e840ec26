//! People and their photos as a face model might see them: synthetic embeddings, and a gallery that is searched as
//! face-recognition does.

use identification::{Neighbour, Owner};

use crate::generator::Generator;

/// Effective dimensions: the numbers of a real embedding are not independent of each other.
const DIMENSIONS: u8 = 36;
/// What photos of different people are apart, typically, beyond what two of one person are.
const BETWEEN: f64 = 0.75;
/// What two photos of one person are apart, typically.
const WITHIN: f64 = 0.40;
/// Some photos are worse than others: the scale of their noise is log-normal.
const NOISE: f64 = 0.2;
/// Neighbours that an answer holds at least, and all within the margin of the nearest.
const NEAREST: usize = 16;
const MARGIN: f32 = 0.05;

pub(crate) type Embedding = [f32; DIMENSIONS as usize];

/// A person, known or not: where their photos scatter.
pub(crate) struct Person([f64; DIMENSIONS as usize]);

/// On each axis, for points that are this far apart typically.
fn deviation(apart: f64) -> f64 {
    apart / (2.0 * f64::from(DIMENSIONS)).sqrt()
}

impl Person {
    pub(crate) fn new(generator: &mut Generator) -> Self {
        Self(std::array::from_fn(|_| deviation(BETWEEN) * generator.normal()))
    }

    pub(crate) fn photo(&self, generator: &mut Generator) -> Embedding {
        let noise = deviation(WITHIN) * (NOISE * generator.normal()).exp();
        #[expect(clippy::cast_possible_truncation, reason = "embeddings are of single precision")]
        self.0.map(|centre| (centre + noise * generator.normal()) as f32)
    }
}

/// The known photos, with the person that each shows.
#[derive(Clone)]
pub(crate) struct Gallery {
    photos: Vec<(Embedding, usize)>,
    photos_of: Vec<u32>,
}

impl Gallery {
    /// One photo of each.
    pub(crate) fn of(people: &[Person], generator: &mut Generator) -> Self {
        let photos = people.iter().enumerate().map(|(number, person)| (person.photo(generator), number));
        Self { photos: photos.collect(), photos_of: vec![1; people.len()] }
    }

    /// Adds photos of the person with this number.
    pub(crate) fn add_photos(
        &mut self,
        number: usize,
        person: &Person,
        more: u32,
        generator: &mut Generator,
    ) {
        self.photos.extend((0..more).map(|_| (person.photo(generator), number)));
        self.photos_of[number] += more;
    }

    /// What a recogniser tells of a face: the nearest few, and all within the margin.
    pub(crate) fn nearest(&self, face: &Embedding) -> Vec<Neighbour> {
        let mut distances: Vec<(f32, usize)> =
            self.photos.iter().map(|(photo, person)| (distance(photo, face), *person)).collect();
        distances.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        let farthest = distances[0].0 + MARGIN;
        let within = distances.partition_point(|(distance, _)| *distance < farthest);
        distances
            .into_iter()
            .take(within.max(NEAREST))
            .map(|(distance, person)| Neighbour { photo: person.to_string(), distance })
            .collect()
    }

    /// A photo is named by the number of whom it shows.
    pub(crate) fn owner_of(&self, photo: &str) -> Option<Owner<usize>> {
        let person = photo.parse().ok()?;
        Some(Owner { person, photos: self.photos_of[person] })
    }
}

fn distance(a: &Embedding, b: &Embedding) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}
