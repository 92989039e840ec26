//! SQL for many values, in few statements. A connection keeps the statements that it prepared, one for each number of
//! values, and preparing one costs as much as executing it: so only a few numbers of values are used.

use std::iter;

use sqlx::{Encode, MySql, QueryBuilder, Type};

/// Begins a transaction in which every statement sees what others committed before it, and gaps between rows are not
/// locked.
pub const BEGIN_READ_COMMITTED: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN";

/// Up to so many rows, every number of rows has a statement of its own.
const SHORT: usize = 16;

/// Appends `(?, ?, ...)`, filled with the last value up to a power of two.
///
/// # Panics
/// When there is no value: no SQL says that.
pub fn push_list<'a, T>(query: &mut QueryBuilder<MySql>, values: &[T])
where
    T: 'a + Copy + Encode<'a, MySql> + Type<MySql>,
{
    let filler = *values.last().expect("a list has a value");
    let filling = iter::repeat_n(filler, values.len().next_power_of_two() - values.len());
    query.push("(");
    let mut list = query.separated(", ");
    for value in values.iter().copied().chain(filling) {
        list.push_bind(value);
    }
    query.push(")");
}

/// Cuts rows into the pieces of one INSERT each: of the `long` lengths, longest first, then of 16, then the rest.
pub fn pieces<'a, T>(mut rows: &'a [T], long: &'a [usize]) -> impl Iterator<Item = &'a [T]> {
    iter::from_fn(move || {
        let lengths = long.iter().copied().chain([SHORT, rows.len()]);
        let length = lengths.into_iter().find(|length| *length <= rows.len())?;
        let (piece, rest) = rows.split_at(length);
        rows = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
