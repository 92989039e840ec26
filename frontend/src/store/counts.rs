//! How many images have which status, counted no further than a person wants to know.

use std::{fmt, iter::Sum};

use migrations::ImageStatus;
use sqlx::{QueryBuilder, Row};

use super::{Store, StoreError};

/// How many images there are, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) at_least: u64,
    pub(crate) is_exact: bool,
}

impl Count {
    /// From a number that was counted up to one more than `limit`.
    pub(crate) fn up_to(limit: u64, counted: u64) -> Self {
        Self { at_least: counted.min(limit), is_exact: counted <= limit }
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self { at_least: 0, is_exact: true }, |sum, count| Self {
            at_least: sum.at_least + count.at_least,
            is_exact: sum.is_exact && count.is_exact,
        })
    }
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.at_least, if self.is_exact { "" } else { "+" })
    }
}

/// One count for each status, in the order of [`ImageStatus::ALL`].
pub(crate) type Counts = [(ImageStatus, Count); ImageStatus::ALL.len()];

impl Store {
    /// How many images have each status; where there are more than `limit` of one, that there are.
    pub(crate) async fn counts(&self, limit: u64) -> Result<Counts, StoreError> {
        let mut query = QueryBuilder::new("SELECT ");
        let mut columns = query.separated(", ");
        for status in ImageStatus::ALL {
            columns.push("(SELECT COUNT(*) FROM (SELECT 1 FROM images WHERE status = ");
            columns.push_bind_unseparated(status).push_unseparated(" LIMIT ");
            columns.push_bind_unseparated(limit + 1).push_unseparated(") AS counted)");
        }
        let row = query.build().fetch_one(&self.pool).await?;
        let mut counts = ImageStatus::ALL.map(|status| (status, Count::up_to(limit, 0)));
        for (column, (_, count)) in counts.iter_mut().enumerate() {
            *count = Count::up_to(limit, u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0));
        }
        Ok(counts)
    }
}
