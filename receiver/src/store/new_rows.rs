//! INSERTs of many rows, and the ids that they get.

use service_kit::statements::pieces;
use sqlx::{MySql, QueryBuilder, Transaction, query_builder::Separated};

use super::StoreError;

/// Rows of one statement where there are many.
const LONG: [usize; 3] = [1_000, 256, 64];

/// Inserts rows into a table that numbers them, and returns their ids, in the order of the rows.
///
/// `into` is the statement up to `VALUES`, `push_row` appends the values of one row. The ids follow from the first one:
/// they are `step` apart, as the server promises for an INSERT that lists its rows (a "simple insert" in the reference
/// manual's chapter on `AUTO_INCREMENT` in `InnoDB`).
pub(super) async fn insert<T>(
    transaction: &mut Transaction<'_, MySql>,
    step: u64,
    into: &str,
    rows: &[T],
    push_row: impl Fn(&mut Separated<'_, MySql, &'static str>, &T),
) -> Result<Vec<u64>, StoreError> {
    let mut ids = Vec::with_capacity(rows.len());
    for piece in pieces(rows, &LONG) {
        let mut query = QueryBuilder::new(into);
        query.push_values(piece, |mut row, value| push_row(&mut row, value));
        let first = query.build().execute(&mut **transaction).await?.last_insert_id();
        ids.extend((0..piece.len() as u64).map(|number| first + number * step));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(rows: usize) -> Vec<usize> {
        pieces(&vec![(); rows], &LONG).map(<[()]>::len).collect()
    }

    #[test]
    fn rows_are_cut_into_pieces_of_few_lengths() {
        for (rows, expected) in [
            (0, vec![]),
            (1, vec![1]),
            (15, vec![15]),
            (17, vec![16, 1]),
            (63, vec![16, 16, 16, 15]),
            (999, vec![256, 256, 256, 64, 64, 64, 16, 16, 7]),
            (1_000, vec![1_000]),
            (2_065, vec![1_000, 1_000, 64, 1]),
        ] {
            assert_eq!(lengths(rows), expected, "{rows} rows");
        }
    }
}
