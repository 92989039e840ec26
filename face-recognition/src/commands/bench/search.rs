//! The nearest of very many embeddings.

use super::{median_time, milliseconds, row};
use crate::engine::Embedding;
use crate::search::{Index, Wanted};

const DIMENSION: u16 = 128;
/// Photos of one person.
const PHOTOS: usize = 5;
/// Distances as dlib's model has them: about so far are two people from each other, and two photos of one.
const BETWEEN_PEOPLE: f32 = 0.85;
const OF_ONE_PERSON: f32 = 0.40;
/// As many as in an answer of `Recognize`, which takes twice the margin.
const WANTED: Wanted = Wanted { at_least: 16, margin: 0.05, at_most: 256 };

/// Prints the rows.
pub(super) fn measure(count: usize, rounds: usize) -> anyhow::Result<()> {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut index = Index::default();
    let mut probes = Vec::new();
    for person in 0..count.div_ceil(PHOTOS) {
        let centre = numbers.embedding(BETWEEN_PEOPLE);
        for _ in 0..PHOTOS.min(count - person * PHOTOS) {
            index.push(&Embedding::new(numbers.near(&centre)));
        }
        if person < rounds {
            probes.push(Embedding::new(numbers.near(&centre)));
        }
    }
    let strangers: Vec<_> = (0..rounds).map(|_| Embedding::new(numbers.embedding(BETWEEN_PEOPLE))).collect();
    for (who, probes) in [("somebody known", &probes), ("a stranger", &strangers)] {
        let mut next = probes.iter().cycle();
        let time = median_time(rounds, || {
            let probe = next.next().ok_or(NoProbe)?;
            std::hint::black_box(index.nearest(probe, WANTED));
            Ok::<(), NoProbe>(())
        })?;
        row(
            &format!(
                "nearest of {count} x {DIMENSION} (synthetic, {PHOTOS} photos a person), {who}, one thread"
            ),
            &milliseconds(time),
        )?;
    }
    Ok(())
}

/// There is a probe for each round.
#[derive(Debug, thiserror::Error)]
#[error("nobody to look for")]
struct NoProbe;

/// Numbers that look random and are the same every time (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    /// Even between -1 and 1; sums of many of them are as good as normal.
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        #[expect(clippy::cast_precision_loss, reason = "24 bits are a float's")]
        let share = (self.0 >> 40) as f32 / (1_u32 << 24) as f32;
        2.0 * share - 1.0
    }

    /// Two such are about this far apart.
    fn embedding(&mut self, apart: f32) -> Vec<f32> {
        (0..DIMENSION).map(|_| self.next() * scale(apart)).collect()
    }

    fn near(&mut self, centre: &[f32]) -> Vec<f32> {
        centre.iter().map(|value| value + self.next() * scale(OF_ONE_PERSON)).collect()
    }
}

/// The mean square of an even number between -1 and 1 is 1/3, that of a difference of two 2/3.
fn scale(apart: f32) -> f32 {
    apart / (f32::from(DIMENSION) * 2.0 / 3.0).sqrt()
}
