//! Which face of a new look at a picture is which of an earlier look: the one whose box it overlaps most.

/// Of two boxes that share no more than this much of what they cover together, neither is the other's face.
const LEAST_SHARE: f64 = 0.5;

/// The box of a face, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// May be negative where the border cuts the face.
    pub left: i32,
    /// The same.
    pub top: i32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Bounds {
    /// In pixels.
    #[must_use]
    pub fn area(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// What both boxes cover, as a share of what either of them covers: 0 to 1.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f64 {
        let width = shared(self.left, self.width, other.left, other.width);
        let height = shared(self.top, self.height, other.top, other.height);
        let both = u128::from(width) * u128::from(height);
        let either = u128::from(self.area()) + u128::from(other.area()) - both;
        #[expect(clippy::cast_precision_loss, reason = "a share needs no more than the precision of an f64")]
        let share = both as f64 / either.max(1) as f64;
        share
    }
}

/// How long two lines overlap.
fn shared(begin: i32, length: u32, other_begin: i32, other_length: u32) -> u64 {
    let end = |begin: i32, length: u32| i64::from(begin) + i64::from(length);
    let last = end(begin, length).min(end(other_begin, other_length));
    u64::try_from(last - i64::from(begin.max(other_begin))).unwrap_or(0)
}

/// For each new box the number of the old one that is the same face, if one is. The pair that overlaps most comes first,
/// of equal ones that with the earlier new box, then with the earlier old one; each box is in one pair at most.
#[must_use]
pub fn pair(new: &[Bounds], old: &[Bounds]) -> Vec<Option<usize>> {
    let mut overlaps: Vec<(f64, usize, usize)> = Vec::new();
    for (new_number, new) in new.iter().enumerate() {
        let near = old.iter().enumerate().map(|(old_number, old)| (new.overlap(old), new_number, old_number));
        overlaps.extend(near.filter(|(share, ..)| *share > LEAST_SHARE));
    }
    // A stable sort keeps the order of the boxes among equals.
    overlaps.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    let (mut pairs, mut taken) = (vec![None; new.len()], vec![false; old.len()]);
    for (_, new_number, old_number) in overlaps {
        if pairs[new_number].is_none() && !taken[old_number] {
            pairs[new_number] = Some(old_number);
            taken[old_number] = true;
        }
    }
    pairs
}

#[cfg(test)]
mod tests;
