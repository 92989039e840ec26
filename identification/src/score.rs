//! How far a face is from a person of whom there are several photos.
//!
//! The distance to the nearest photo alone would not do: a stranger has as many chances as somebody has photos, so that
//! who has 20 is named wrongly more often than who has one, under the same threshold. The mean of all distances would
//! not do either: photos of another age or pose would push a person away. The power mean of order -16 lies between the
//! two. The near photos decide, every photo counts, and with one photo it is the distance to that photo, so that a model's
//! thresholds keep their meaning however many photos there are.

/// Of the power mean, without its sign.
const ORDER: u8 = 16;

/// The distance to a person with this number of photos: the power mean of order -16 of the distances to all of them.
/// It lies between the nearest distance and that times `photos^(1/16)`, which is 1.21 for 20 photos.
///
/// `known` are the distances that are known, in any order; `None` without any. A distance that is no finite number is
/// not known. A person has at least as many photos as there are known distances.
///
/// A photo whose distance is not known counts as infinitely far away. A recogniser tells the nearest ones, so such a
/// photo is at least as far as each of those. Of k known distances among n photos the result is therefore never too
/// small, and too large by the factor `(n / k)^(1/16)` at most: 4.4 % where half of them are known. A photo 1.3 times as
/// far as the nearest one has 1.5 % of its weight, so that usually far less than that is lost.
#[must_use]
pub fn score(known: &[f32], photos: u32) -> Option<f32> {
    let mut known: Vec<f64> =
        known.iter().copied().filter(|distance| distance.is_finite()).map(f64::from).collect();
    // Sums of numbers depend on their order a little.
    known.sort_by(f64::total_cmp);
    let nearest = *known.first()?;
    if nearest <= 0.0 {
        return Some(0.0);
    }
    let photos = photos.max(u32::try_from(known.len()).unwrap_or(u32::MAX));
    // Relative to the nearest nothing overflows, and what underflows has no weight.
    let weight: f64 = known.iter().map(|distance| (nearest / distance).powi(i32::from(ORDER))).sum();
    let mean = nearest * (f64::from(photos) / weight).powf(1.0 / f64::from(ORDER));
    #[expect(clippy::cast_possible_truncation, reason = "it is as exact as the distances")]
    Some(mean.min(f64::from(f32::MAX)) as f32)
}

#[cfg(test)]
mod tests;
