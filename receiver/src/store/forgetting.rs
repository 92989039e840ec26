//! People who go, with those who were merged into them. What the trail tells of them stays.

use serde_json::json;

use super::{
    ChangeError, Store,
    audit::{self, Action, AuditEntry},
    merging::members,
    people::lock_root,
    redecisions, repeatedly, within,
};
use crate::{actor::Actor, person_ref::PersonRef};

impl Store {
    /// Deletes somebody whose known photos are these, which are forgotten by now. Where there are others, nothing is done and
    /// they are told: somebody was quicker.
    ///
    /// Foreign keys take their rows in `person_images`, `person_merges` and `face_verdicts` along, and their names from faces
    /// and images, which are decided again.
    pub(crate) async fn delete_person(
        &self,
        actor: &Actor,
        id: u64,
        forgotten: &[String],
    ) -> Result<Vec<String>, ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let person = lock_root(&mut transaction, id).await?;
            let photos: Vec<String> = sqlx::query_scalar(
                "SELECT image_name FROM person JOIN person_images ON person_images.person_id = person.id
                 WHERE person.id = ? OR person.merged_into = ? ORDER BY image_name",
            )
            .bind(id)
            .bind(id)
            .fetch_all(&mut *transaction)
            .await?;
            let left: Vec<String> =
                photos.iter().filter(|photo| !forgotten.contains(photo)).cloned().collect();
            if !left.is_empty() {
                return Ok(left);
            }
            let people = members(&mut transaction, id).await?;
            let merged: Vec<PersonRef> =
                sqlx::query_as("SELECT id, name FROM person WHERE merged_into = ? ORDER BY id")
                    .bind(id)
                    .fetch_all(&mut *transaction)
                    .await?;
            redecisions::ask_about_people(&mut transaction, &people).await?;
            sqlx::query("DELETE FROM person WHERE id = ?").bind(id).execute(&mut *transaction).await?;
            let from = json!({"person": person, "merged": merged, "photos": photos});
            let entry = AuditEntry::of_person(Action::PersonDeleted, id, json!({"from": from, "to": null}));
            audit::write(&mut transaction, actor, &[entry]).await?;
            transaction.commit().await?;
            Ok(Vec::new())
        }))
        .await
    }
}
