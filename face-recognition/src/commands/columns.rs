//! A table for the terminal: columns as wide as what is in them.

/// The rows, the first of them the head, a line each, with two spaces between columns.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_begin_at_the_same_place_in_every_line() {
        let rows =
            [["WHO", "HOW FAR"], ["Élodie Müller", "0.31"], ["Bo", ""]].map(|row| row.map(str::to_owned));

        assert_eq!(columns(&rows), "WHO            HOW FAR\nÉlodie Müller  0.31\nBo\n");
    }
}
