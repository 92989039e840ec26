//! Who uploaded a picture.

use serde_json::json;

use super::{
    Store, StoreError,
    audit::{self, Action, AuditEntry},
    repeatedly, within,
};
use crate::actor::Actor;

impl Store {
    /// Writes into the trail who brought a picture; the first one, however often its bytes come. Its row was stored with those
    /// of other posts, before this, so whoever sends the request again after a fault adds what is missing.
    pub(crate) async fn tell_of_upload(
        &self,
        actor: &Actor,
        image: u64,
        path: &str,
    ) -> Result<(), StoreError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            // Who brings the same picture at the same time waits here.
            let locked: Option<u64> =
                sqlx::query_scalar("SELECT id FROM images FORCE INDEX (PRIMARY) WHERE id = ? FOR UPDATE")
                    .bind(image)
                    .fetch_optional(&mut *transaction)
                    .await?;
            let told: Option<u64> = sqlx::query_scalar(
                "SELECT id FROM audit_entries FORCE INDEX (audit_entries_image)
                 WHERE image_id = ? AND action = ? LIMIT 1",
            )
            .bind(image)
            .bind(Action::PictureUploaded.name())
            .fetch_optional(&mut *transaction)
            .await?;
            if locked.is_none() || told.is_some() {
                return Ok(());
            }
            let detail = json!({"from": null, "to": {"path": path}});
            let entry = AuditEntry::of_image(Action::PictureUploaded, image, detail);
            audit::write(&mut transaction, actor, &[entry]).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }
}
