//! The audit: what the tables say at the end, held against what was promised to those who posted.

use std::{collections::BTreeSet, fmt};

use migrations::ImageStatus;
use sqlx::{FromRow, MySqlConnection};

const LOST_TOO_OFTEN: &str = "lost_too_often";
/// Ids that a violation names at most.
const NAMED_AT_MOST: usize = 10;

/// What is to be found.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// Every image that was accepted; each shows one face.
    pub accepted: BTreeSet<u64>,
    /// Those of them that end the recogniser, and are given up.
    pub fatal: BTreeSet<u64>,
    /// Those that may have been charged attempts.
    pub charged: BTreeSet<u64>,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong with these images.
    pub what: &'static str,
    /// The images.
    pub images: Vec<u64>,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<String> = self.images.iter().take(NAMED_AT_MOST).map(ToString::to_string).collect();
        let more = if self.images.len() > NAMED_AT_MOST { ", ..." } else { "" };
        write!(formatter, "{} images {}: {}{more}", self.images.len(), self.what, named.join(", "))
    }
}

/// An image, its faces, and its messages.
#[derive(Debug, Clone, FromRow)]
struct Row {
    id: u64,
    status: ImageStatus,
    error_code: Option<String>,
    retryable: bool,
    attempts: u32,
    leased: bool,
    faces: i64,
    /// Different places of faces.
    places: i64,
}

impl Row {
    fn is_lost(&self) -> bool {
        self.status == ImageStatus::Failed && self.error_code.as_deref() == Some(LOST_TOO_OFTEN)
    }

    fn is_final(&self) -> bool {
        match self.status {
            ImageStatus::Processed | ImageStatus::Unresolved => true,
            ImageStatus::Failed => !self.retryable,
            ImageStatus::Pending | ImageStatus::Processing => false,
        }
    }
}

type Rule = (&'static str, fn(&Row, &Expected) -> bool);

/// What no image may be.
const RULES: [Rule; 8] = [
    ("are in the table and were accepted from nobody", |row, expected| !expected.accepted.contains(&row.id)),
    ("were accepted and have no final result", |row, _| !row.is_final()),
    ("failed, and nobody expects it", |row, expected| {
        row.status == ImageStatus::Failed && !(expected.fatal.contains(&row.id) && row.is_lost())
    }),
    ("end the recogniser and were not given up", |row, expected| {
        expected.fatal.contains(&row.id) && !row.is_lost()
    }),
    ("show one face and have another number of them", |row, _| {
        row.status == ImageStatus::Unresolved || (row.status == ImageStatus::Processed && row.faces != 1)
    }),
    ("have a face twice", |row, _| row.places < row.faces),
    ("are still leased", |row, _| row.leased || row.status == ImageStatus::Processing),
    ("were charged for an outage", |row, expected| row.attempts > 0 && !expected.charged.contains(&row.id)),
];

/// Looks at every image and every message.
pub async fn audit(connection: &mut MySqlConnection, expected: &Expected) -> sqlx::Result<Vec<Violation>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT images.id, status, error_code, retryable, attempts,
                (lease_owner IS NOT NULL OR lease_until IS NOT NULL) AS leased, COUNT(faces.id) AS faces,
                COUNT(DISTINCT box_left, box_top, box_width, box_height) AS places
         FROM images LEFT JOIN faces ON faces.image_id = images.id
         GROUP BY images.id ORDER BY images.id",
    )
    .fetch_all(&mut *connection)
    .await?;
    let due: Vec<u64> = sqlx::query_scalar(
        "SELECT image_id FROM outbox WHERE published_at IS NULL AND due_at <= UTC_TIMESTAMP(6)",
    )
    .fetch_all(&mut *connection)
    .await?;
    let dead: Vec<u64> = sqlx::query_scalar("SELECT image_id FROM outbox WHERE topic = 'images.dead'")
        .fetch_all(&mut *connection)
        .await?;
    let dead = BTreeSet::from_iter(dead);

    let mut violations: Vec<Violation> = RULES
        .iter()
        .map(|(what, is_broken)| {
            let broken = rows.iter().filter(|row| is_broken(row, expected));
            Violation { what, images: broken.map(|row| row.id).collect() }
        })
        .collect();
    let there: BTreeSet<u64> = rows.iter().map(|row| row.id).collect();
    let missing = expected.accepted.difference(&there).copied().collect();
    violations.push(Violation { what: "were accepted and are not in the table", images: missing });
    violations.push(Violation { what: "have a message in the outbox that is due", images: due });
    let unexpected = dead.difference(&expected.fatal).copied().collect();
    violations.push(Violation { what: "have a dead letter, and nobody expects it", images: unexpected });
    let silent = expected.fatal.difference(&dead).copied().collect();
    violations.push(Violation { what: "end the recogniser and have no dead letter", images: silent });
    violations.retain(|violation| !violation.images.is_empty());
    Ok(violations)
}

#[cfg(test)]
mod tests;
