//! What one process at a time does for all.

use std::time::Duration;

use super::{MySqlStore, microseconds, within};
use crate::store::StoreError;

impl MySqlStore {
    /// Takes a duty, or keeps it, for so long; `false` when somebody else has it.
    pub(crate) async fn hold_duty(&self, name: &str, lease: Duration) -> Result<bool, StoreError> {
        within(async {
            let kept = sqlx::query(
                "UPDATE duties SET owner = ?, lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND
                 WHERE name = ? AND (owner = ? OR lease_until <= UTC_TIMESTAMP(6))",
            )
            .bind(&self.owner)
            .bind(microseconds(lease))
            .bind(name)
            .bind(&self.owner)
            .execute(&self.pool)
            .await?;
            if kept.rows_affected() > 0 {
                return Ok(true);
            }
            let taken = sqlx::query(
                "INSERT IGNORE INTO duties (name, owner, lease_until)
                 VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND)",
            )
            .bind(name)
            .bind(&self.owner)
            .bind(microseconds(lease))
            .execute(&self.pool)
            .await?;
            Ok(taken.rows_affected() > 0)
        })
        .await
    }

    /// Leaves a duty to whoever wants it next.
    pub(crate) async fn leave_duty(&self, name: &str) -> Result<(), StoreError> {
        within(async {
            sqlx::query("UPDATE duties SET lease_until = UTC_TIMESTAMP(6) WHERE name = ? AND owner = ?")
                .bind(name)
                .bind(&self.owner)
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }
}
