//! People: who there is, and what they are called.

mod finding;

use serde_json::json;
use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};

use super::{
    ChangeError, Refusal, Store, StoreError,
    audit::{self, Action, AuditEntry},
    repeatedly, within,
};
use crate::{actor::Actor, person_name::PersonName, person_ref::PersonRef};
pub(crate) use finding::{FoundPerson, Whom};
use finding::{Row, SELECT, find_by_name, insert};
pub(super) use finding::{find_or_create, lock_root, root_of};

/// Somebody with what there is of them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct CountedPerson {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// Known photos, also of those who were merged into them.
    pub(crate) photos: i64,
    /// Images in which a face is theirs.
    pub(crate) images: i64,
}

/// A known photo, and whose it was before any merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnPhoto {
    pub(crate) photo: String,
    pub(crate) of: PersonRef,
}

impl Store {
    /// People of their own whose names hold a text, in the order of their names, after this one.
    pub(crate) async fn people(
        &self,
        text: Option<&str>,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<CountedPerson>, StoreError> {
        let mut query = QueryBuilder::new("SELECT id, name FROM person WHERE merged_into IS NULL");
        if let Some(text) = text {
            query.push(" AND LOCATE(LOWER(").push_bind(text).push("), LOWER(name)) > 0");
        }
        if let Some(after) = after {
            query.push(" AND name > ").push_bind(after);
        }
        query.push(" ORDER BY name LIMIT ").push_bind(most);
        within(async {
            let people: Vec<PersonRef> = query.build_query_as().fetch_all(&self.pool).await?;
            self.counted(people).await
        })
        .await
    }

    /// Somebody who is a person of their own.
    pub(crate) async fn person(&self, id: u64) -> Result<CountedPerson, ChangeError> {
        within(async {
            let row: Option<Row> = QueryBuilder::new(SELECT)
                .push("person.id = ")
                .push_bind(id)
                .build_query_as()
                .fetch_optional(&self.pool)
                .await?;
            let person = row.ok_or(Refusal::UnknownPerson(id))?.independent()?;
            Ok(self.counted(vec![person]).await?.remove(0))
        })
        .await
    }

    /// These people, with what there is of them.
    pub(super) async fn counted(&self, people: Vec<PersonRef>) -> Result<Vec<CountedPerson>, StoreError> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<u64> = people.iter().map(|person| person.id).collect();
        let mut photos = QueryBuilder::new(
            "SELECT COALESCE(person.merged_into, person.id) AS root, COUNT(*)
             FROM person JOIN person_images ON person_images.person_id = person.id WHERE person.id IN ",
        );
        push_list(&mut photos, &ids);
        photos.push(" OR person.merged_into IN ");
        push_list(&mut photos, &ids);
        photos.push(" GROUP BY root");
        let mut images = QueryBuilder::new(
            "SELECT person_id, COUNT(DISTINCT image_id) FROM faces FORCE INDEX (faces_person_image)
             WHERE outcome = 'identified' AND person_id IN ",
        );
        push_list(&mut images, &ids);
        images.push(" GROUP BY person_id");
        let photos: Vec<(u64, i64)> = photos.build_query_as().fetch_all(&self.pool).await?;
        let images: Vec<(u64, i64)> = images.build_query_as().fetch_all(&self.pool).await?;
        let of = |counts: &[(u64, i64)], id| {
            counts.iter().find(|(of, _)| *of == id).map_or(0, |(_, count)| *count)
        };
        let counted = people.into_iter().map(|PersonRef { id, name }| CountedPerson {
            photos: of(&photos, id),
            images: of(&images, id),
            id,
            name,
        });
        Ok(counted.collect())
    }

    /// The known photos of somebody and of those who were merged into them, by their names.
    pub(crate) async fn photos_of(&self, root: u64) -> Result<Vec<OwnPhoto>, StoreError> {
        let rows: Vec<(String, u64, String)> = sqlx::query_as(
            "SELECT image_name, person.id, person.name
             FROM person JOIN person_images ON person_images.person_id = person.id
             WHERE person.id = ? OR person.merged_into = ? ORDER BY image_name",
        )
        .bind(root)
        .bind(root)
        .fetch_all(&self.pool)
        .await?;
        let photo = |(photo, id, name)| OwnPhoto { photo, of: PersonRef { id, name } };
        Ok(rows.into_iter().map(photo).collect())
    }

    /// Makes somebody.
    pub(crate) async fn create_person(&self, actor: &Actor, name: &PersonName) -> Result<u64, ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            if let Some(taken) = find_by_name(&mut transaction, name).await? {
                return Err(Refusal::NameTaken(taken.root()).into());
            }
            let id = insert(&mut transaction, actor, name).await?.id;
            transaction.commit().await?;
            Ok(id)
        }))
        .await
    }

    /// Gives somebody another name.
    pub(crate) async fn rename_person(
        &self,
        actor: &Actor,
        id: u64,
        name: &PersonName,
    ) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let before = lock_root(&mut transaction, id).await?;
            if before.name == name.as_str() {
                return Ok(());
            }
            if let Some(taken) = find_by_name(&mut transaction, name).await? {
                return Err(Refusal::NameTaken(taken.root()).into());
            }
            sqlx::query("UPDATE person SET name = ? WHERE id = ?")
                .bind(name.as_str())
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            let to = json!({"person": {"id": id, "name": name.as_str()}});
            let detail = json!({"from": {"person": before}, "to": to});
            let entry = AuditEntry::of_person(Action::PersonRenamed, id, detail);
            audit::write(&mut transaction, actor, &[entry]).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }
}
