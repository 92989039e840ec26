//! dlib's landmark predictor file: a cascade of regression-tree ensembles (Kazemi and Sullivan 2014).
//!
//! Version 1, then the mean shape (a matrix), `forests[stage][tree]`, `anchors[stage][pixel]` and
//! `deltas[stage][pixel]` (pairs of floats). A tree is its splits (first pixel, second pixel, threshold) and its
//! leaves (matrices). A list is a count and its items; a matrix is minus rows, minus columns, and its floats.

use super::reader::{Malformed, Reader};
use crate::engine::landmarks::{Cascade, Feature, Shape, Split, Stage, Tree};

/// Reads the whole file.
pub(super) fn read(bytes: &[u8]) -> Result<Cascade, Malformed> {
    let mut reader = Reader::new(bytes);
    reader.exactly(1, "a landmark predictor of version 1")?;
    let mean = shape(&mut reader)?;
    let forests = list(&mut reader, |reader| list(reader, tree))?;
    let anchors = list(&mut reader, |reader| list(reader, index))?;
    let deltas = list(&mut reader, |reader| list(reader, |reader| Ok((reader.float()?, reader.float()?))))?;
    if !reader.at_end() {
        return Err(reader.expected("the end of the file"));
    }

    let inconsistent = reader.expected("a consistent cascade of five landmarks");
    if anchors.len() != forests.len() || deltas.len() != forests.len() {
        return Err(inconsistent);
    }
    let stages =
        forests.into_iter().zip(anchors.into_iter().zip(deltas)).map(|(trees, (anchors, deltas))| {
            if anchors.len() != deltas.len() {
                return Err(inconsistent);
            }
            let features = anchors
                .into_iter()
                .zip(deltas)
                .map(|(anchor, (dx, dy))| Feature { anchor, dx, dy })
                .collect();
            Ok(Stage { features, trees })
        });
    Cascade::new(mean, stages.collect::<Result<_, _>>()?).map_err(|_| inconsistent)
}

fn list<'a, T>(
    reader: &mut Reader<'a>,
    item: impl Fn(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    // Grows as items are read: a false count cannot reserve memory.
    (0..reader.count()?).map(|_| item(reader)).collect::<Result<Vec<_>, _>>()
}

fn tree(reader: &mut Reader<'_>) -> Result<Tree, Malformed> {
    let split = |reader: &mut Reader<'_>| -> Result<Split, Malformed> {
        Ok(Split { first: index(reader)?, second: index(reader)?, threshold: reader.float()? })
    };
    Ok(Tree { splits: list(reader, split)?, leaves: list(reader, shape)? })
}

fn index(reader: &mut Reader<'_>) -> Result<u32, Malformed> {
    let start = reader.expected("an index");
    u32::try_from(reader.integer()?).map_err(|_| start)
}

fn shape(reader: &mut Reader<'_>) -> Result<Shape, Malformed> {
    let mut shape = Shape::default();
    reader.exactly(-i64::try_from(shape.len()).unwrap_or(i64::MAX), "ten rows")?;
    reader.exactly(-1, "one column")?;
    for value in &mut shape {
        *value = reader.float()?;
    }
    Ok(shape)
}

#[cfg(test)]
mod tests;
