//! Whose known photo it is: the rows of `person_images`.
//!
//! The row comes before the photo, so that nobody takes the photo for somebody else's by its file name, and it goes when the
//! recogniser does not take the photo.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;
use service_kit::statements::push_list;
use sqlx::{MySql, QueryBuilder, Transaction};

use super::{
    ChangeError, FoundPerson, Refusal, Store, StoreError, Whom,
    audit::{self, Action, AuditEntry},
    merging::members,
    people::{find_or_create, root_of},
    redecisions, repeatedly, verdicts, within,
};
use crate::{actor::Actor, person_ref::PersonRef, photo_name, picture_format::PictureFormat};

/// Photos of one question at most.
const PHOTOS: usize = 1_000;

/// A row for a photo that is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reserved {
    row: u64,
    /// The name that it is to have.
    pub(crate) photo: String,
    pub(crate) whose: FoundPerson,
}

/// A photo that became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Confirmed {
    Known,
    /// Its person went meanwhile: nobody is to be recognised by it.
    Unwanted,
}

impl Store {
    /// Makes the row of somebody's next photo. Its name is free, as far as the database and `files` tell.
    pub(crate) async fn reserve_photo(
        &self,
        actor: &Actor,
        whom: &Whom,
        format: PictureFormat,
        files: &BTreeSet<String>,
    ) -> Result<Reserved, ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let whose = find_or_create(&mut transaction, actor, whom).await?;
            let stem = photo_name::stem(whose.person.id, &whose.person.name);
            // A stem has no other character that LIKE knows than `_`, which stands for itself among others.
            let taken: Vec<String> =
                sqlx::query_scalar("SELECT image_name FROM person_images WHERE image_name LIKE ?")
                    .bind(format!("{stem}%"))
                    .fetch_all(&mut *transaction)
                    .await?;
            let taken = files.iter().cloned().chain(taken).collect();
            let photo = photo_name::first_free(&stem, format, &taken);
            let row = sqlx::query("INSERT INTO person_images (image_name, person_id) VALUES (?, ?)")
                .bind(&photo)
                .bind(whose.person.id)
                .execute(&mut *transaction)
                .await?
                .last_insert_id();
            transaction.commit().await?;
            Ok(Reserved { row, photo, whose })
        }))
        .await
    }

    /// The recogniser did not take it: the row goes, and whoever was made for it.
    pub(crate) async fn withdraw_photo(&self, actor: &Actor, reserved: &Reserved) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            sqlx::query("DELETE FROM person_images WHERE id = ?")
                .bind(reserved.row)
                .execute(&mut *transaction)
                .await?;
            let FoundPerson { person, created } = &reserved.whose;
            if *created && delete_unused(&mut transaction, person.id).await? {
                let detail = json!({"from": {"person": person}, "to": null});
                let entry = AuditEntry::of_person(Action::PersonDeleted, person.id, detail);
                audit::write(&mut transaction, actor, &[entry]).await?;
            }
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }

    /// The recogniser took it, perhaps as one that was cut out of a picture: then that face is this person.
    pub(crate) async fn confirm_photo(
        &self,
        actor: &Actor,
        reserved: &Reserved,
        face: Option<u64>,
    ) -> Result<Confirmed, ChangeError> {
        within(repeatedly(|| self.try_confirm(actor, reserved, face))).await
    }

    async fn try_confirm(
        &self,
        actor: &Actor,
        reserved: &Reserved,
        face: Option<u64>,
    ) -> Result<Confirmed, ChangeError> {
        let mut transaction = self.begin().await?;
        let subject = match face {
            // A face that is gone since leaves the photo that was made of it.
            Some(face) => verdicts::lock(&mut transaction, &[face]).await?.pop(),
            None => None,
        };
        let owner: Option<u64> =
            sqlx::query_scalar("SELECT person_id FROM person_images WHERE id = ? FOR UPDATE")
                .bind(reserved.row)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(owner) = owner else { return Ok(Confirmed::Unwanted) };
        let person = root_of(&mut transaction, owner).await?;
        if let Some(subject) = &subject {
            verdicts::assign(&mut transaction, actor, std::slice::from_ref(subject), &person).await?;
        }
        let people = members(&mut transaction, person.id).await?;
        redecisions::ask_about_people(&mut transaction, &people).await?;
        let entry = AuditEntry {
            action: Action::PhotoEnrolled,
            person: Some(person.id),
            face: subject.as_ref().map(|subject| subject.id),
            image: subject.as_ref().map(|subject| subject.image_id),
            detail: json!({"from": null, "to": {"photo": reserved.photo, "person": person}}),
        };
        audit::write(&mut transaction, actor, &[entry]).await?;
        transaction.commit().await?;
        Ok(Confirmed::Known)
    }

    /// A photo is forgotten, and with it whose it was. `was_known` says whether the recogniser had it: one that neither has is
    /// refused.
    pub(crate) async fn forget_photo(
        &self,
        actor: &Actor,
        photo: &str,
        was_known: bool,
    ) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let row: Option<(u64, u64)> =
                sqlx::query_as("SELECT id, person_id FROM person_images WHERE image_name = ? FOR UPDATE")
                    .bind(photo)
                    .fetch_optional(&mut *transaction)
                    .await?;
            let mut person = None;
            match row {
                Some((row, owner)) => {
                    let root = root_of(&mut transaction, owner).await?;
                    sqlx::query("DELETE FROM person_images WHERE id = ?")
                        .bind(row)
                        .execute(&mut *transaction)
                        .await?;
                    let people = members(&mut transaction, root.id).await?;
                    redecisions::ask_about_people(&mut transaction, &people).await?;
                    person = Some(root);
                }
                None if !was_known => return Err(Refusal::UnknownPhoto(photo.to_owned()).into()),
                None => {}
            }
            let id = person.as_ref().map(|person| person.id);
            let detail = json!({"from": {"photo": photo, "person": person}, "to": null});
            let entry = AuditEntry::of_person(Action::PhotoForgotten, id, detail);
            audit::write(&mut transaction, actor, &[entry]).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }

    /// Whose these photos are, as far as they are anybody's.
    pub(crate) async fn owners(&self, photos: &[&str]) -> Result<HashMap<String, PersonRef>, StoreError> {
        within(async {
            let mut owners = HashMap::new();
            for photos in photos.chunks(PHOTOS) {
                let mut query = QueryBuilder::new(
                    "SELECT image_name, COALESCE(root.id, person.id), COALESCE(root.name, person.name)
                     FROM person_images JOIN person ON person.id = person_id
                     LEFT JOIN person AS root ON root.id = person.merged_into WHERE image_name IN ",
                );
                push_list(&mut query, photos);
                let rows: Vec<(String, u64, String)> = query.build_query_as().fetch_all(&self.pool).await?;
                owners.extend(rows.into_iter().map(|(photo, id, name)| (photo, PersonRef { id, name })));
            }
            Ok(owners)
        })
        .await
    }
}

/// Deletes somebody of whom nothing is left. Whether that was so.
async fn delete_unused(transaction: &mut Transaction<'_, MySql>, person: u64) -> Result<bool, StoreError> {
    let merged: Option<u64> = sqlx::query_scalar("SELECT id FROM person WHERE merged_into = ? LIMIT 1")
        .bind(person)
        .fetch_optional(&mut **transaction)
        .await?;
    if merged.is_some() {
        return Ok(false);
    }
    let deleted = sqlx::query(
        "DELETE FROM person WHERE id = ? AND merged_into IS NULL
             AND NOT EXISTS (SELECT 1 FROM person_images WHERE person_images.person_id = person.id)
             AND NOT EXISTS (SELECT 1 FROM face_verdicts WHERE face_verdicts.person_id = person.id)
             AND NOT EXISTS (SELECT 1 FROM faces WHERE faces.person_id = person.id)",
    )
    .bind(person)
    .execute(&mut **transaction)
    .await?;
    Ok(deleted.rows_affected() == 1)
}
