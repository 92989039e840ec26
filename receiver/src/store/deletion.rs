//! Images that go, with all that is known of them.

use serde_json::json;

use super::{
    Store, StoreError,
    audit::{self, Action, AuditEntry},
    redrive::{lock, told},
    repeatedly, within,
};
use crate::actor::Actor;

impl Store {
    /// Removes an image, its faces and what people said of them, and its messages. Returns its path, or `None` where
    /// there is no such image. A worker that is at it finds its claim gone.
    pub(crate) async fn delete_image(&self, id: u64, actor: &Actor) -> Result<Option<String>, StoreError> {
        within(repeatedly(|| self.try_delete(id, actor))).await
    }

    async fn try_delete(&self, id: u64, actor: &Actor) -> Result<Option<String>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(row) = lock(&mut transaction, &[id]).await?.remove(&id) else { return Ok(None) };
        let mut from = told(&mut transaction, &row).await?;
        from["path"] = json!(row.path);
        let entry = AuditEntry::of_image(Action::ImageDeleted, id, json!({"from": from, "to": null}));
        audit::write(&mut transaction, actor, &[entry]).await?;
        // What belongs to it goes with it, by the foreign keys.
        sqlx::query("DELETE FROM images WHERE id = ?").bind(id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Some(row.path))
    }
}
