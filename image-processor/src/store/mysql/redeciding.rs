//! What was decided again is written: images, faces, the history, and the wishes that came true, in one transaction.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use migrations::ImageStatus;
use serde_json::{Value, json};
use service_kit::statements::{BEGIN_READ_COMMITTED, push_list};
use sqlx::{MySql, QueryBuilder, Transaction, types::Json};

use super::{
    MySqlStore,
    overtaken::{self, Named},
    redecisions, within,
};
use crate::{
    decision::{Owner, PersonId},
    store::{FaceColumns, ImageColumns, Redecided, RedecidedFace, StoreError, Wish},
};

/// In `audit_entries.actor`: nobody did it by hand.
const ENGINE: &str = "engine";
/// In `audit_entries.action`.
const FACE_REDECIDED: &str = "face_redecided";
/// How long an image waits that somebody else had locked.
const AFTER_LOCK: Duration = Duration::from_secs(1);

/// What a round of deciding again comes to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Redecisions {
    pub(crate) images: Vec<Redecided>,
    /// True as soon as the images are written, or because there is nothing to write.
    pub(crate) fulfilled: Vec<Wish>,
    /// What a recogniser has yet to be asked about.
    pub(crate) waiting: Vec<Wish>,
    /// How long they wait.
    pub(crate) wait: Duration,
    /// Whose the photos were by which it was decided, as far as a recogniser was asked.
    pub(crate) owners: HashMap<String, Owner>,
}

impl MySqlStore {
    /// Writes images that were decided again, unless something else was written to them meanwhile: such an image is due
    /// at once, and one that somebody else has locked in a moment. Says which were written.
    pub(crate) async fn record_again(&self, redecisions: &Redecisions) -> Result<BTreeSet<u64>, StoreError> {
        within(async {
            let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
            match write(&mut transaction, redecisions).await {
                Ok(written) => {
                    transaction.commit().await?;
                    Ok(written)
                }
                Err(error) => {
                    // Whoever tries again at once is not to meet its locks.
                    transaction.rollback().await?;
                    Err(error)
                }
            }
        })
        .await
    }
}

async fn write(
    transaction: &mut Transaction<'_, MySql>,
    redecisions: &Redecisions,
) -> Result<BTreeSet<u64>, StoreError> {
    let tokens = lock(transaction, &redecisions.images).await?;
    let is_current = |image: &&Redecided| tokens.get(&image.id.0) == Some(&image.token);
    let images: Vec<&Redecided> = redecisions.images.iter().filter(is_current).collect();
    if !images.is_empty() {
        write_images(transaction, &images).await?;
        write_faces(transaction, &images).await?;
        tell(transaction, &images).await?;
        let named: Vec<Named> = images.iter().flat_map(|image| named(image, &redecisions.owners)).collect();
        overtaken::wish_again(transaction, &named).await?;
    }
    let missed: BTreeSet<u64> =
        redecisions.images.iter().filter(|image| !is_current(image)).map(|image| image.id.0).collect();
    let wishes = [&redecisions.fulfilled[..], &redecisions.waiting].concat();
    let (missed, free): (Vec<Wish>, Vec<Wish>) = redecisions::lock(transaction, &wishes)
        .await?
        .into_iter()
        .partition(|wish| missed.contains(&wish.image.0));
    let (fulfilled, waiting): (Vec<Wish>, Vec<Wish>) =
        free.into_iter().partition(|wish| redecisions.fulfilled.contains(wish));
    let (overtaken, locked): (Vec<Wish>, Vec<Wish>) =
        missed.into_iter().partition(|wish| tokens.contains_key(&wish.image.0));
    redecisions::fulfil(transaction, &fulfilled).await?;
    redecisions::postpone(transaction, &waiting, redecisions.wait).await?;
    redecisions::postpone(transaction, &overtaken, Duration::ZERO).await?;
    redecisions::postpone(transaction, &locked, AFTER_LOCK).await?;
    Ok(images.iter().map(|image| image.id.0).collect())
}

/// Whom the rows of an image name.
fn named<'a>(image: &'a Redecided, owners: &'a HashMap<String, Owner>) -> impl Iterator<Item = Named<'a>> {
    let of_faces = image.faces.iter().flat_map(|face| {
        let FaceColumns { person, matched_photo, runner_up, .. } = &face.after;
        let photo = matched_photo.as_deref();
        let photo = photo.and_then(|photo| Some((photo, owners.get(photo)?.person)));
        [(*person, photo), (*runner_up, None)]
    });
    of_faces
        .chain([(image.after.person, None)])
        .filter_map(|(person, photo)| Some(Named { image: image.id.0, person: person?, photo }))
}

/// The fencing tokens of those of these images that have a result and that nobody else has locked: one that is locked would
/// hold up all others. They stay locked. An image that has no result any more gets one that is decided by what is true
/// then.
async fn lock(
    transaction: &mut Transaction<'_, MySql>,
    images: &[Redecided],
) -> Result<HashMap<u64, u64>, StoreError> {
    if images.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<u64> = images.iter().map(|image| image.id.0).collect();
    let mut select =
        QueryBuilder::new("SELECT id, lease_token FROM images FORCE INDEX (PRIMARY) WHERE id IN ");
    push_list(&mut select, &ids);
    select.push(" AND status IN (").push_bind(ImageStatus::Processed);
    select.push(", ").push_bind(ImageStatus::Unresolved).push(") FOR UPDATE SKIP LOCKED");
    let rows: Vec<(u64, u64)> = select.build_query_as().fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().collect())
}

/// The fencing token rises also where nothing changed: who read the image before that may have decided by less.
async fn write_images(
    transaction: &mut Transaction<'_, MySql>,
    images: &[&Redecided],
) -> Result<(), StoreError> {
    let mut alike: HashMap<(ImageColumns, Option<&str>, bool), Vec<u64>> = HashMap::new();
    for image in images {
        let becomes = (image.after, image.gallery_revision.as_deref(), image.is_changed());
        alike.entry(becomes).or_default().push(image.id.0);
    }
    for ((columns, gallery_revision, changed), ids) in alike {
        let mut update = QueryBuilder::new(
            "UPDATE images FORCE INDEX (PRIMARY) SET lease_token = lease_token + 1, status = ",
        );
        update.push_bind(columns.status);
        update.push(", person = ").push_bind(columns.person.map(|person| person.0));
        update.push(", reason = ").push_bind(columns.reason);
        update.push(", gallery_revision = COALESCE(").push_bind(gallery_revision).push(", gallery_revision)");
        // Pages show an image anew for this.
        update.push(if changed { ", updated_at = UTC_TIMESTAMP(6) WHERE id IN " } else { " WHERE id IN " });
        push_list(&mut update, &ids);
        update.build().execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn write_faces(
    transaction: &mut Transaction<'_, MySql>,
    images: &[&Redecided],
) -> Result<(), StoreError> {
    let faces = || images.iter().flat_map(|image| &image.faces);
    let mut same: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for face in faces().filter(|face| face.before == face.after) {
        if let Some(revision) = face.gallery_revision.as_deref() {
            same.entry(revision).or_default().push(face.id);
        }
    }
    for (revision, ids) in same {
        let mut update = QueryBuilder::new("UPDATE faces SET gallery_revision = ");
        update.push_bind(revision).push(" WHERE id IN ");
        push_list(&mut update, &ids);
        update.build().execute(&mut **transaction).await?;
    }
    let mut changed: Vec<&RedecidedFace> = faces().filter(|face| face.before != face.after).collect();
    changed.sort_unstable_by_key(|face| face.id);
    for face in changed {
        write_face(transaction, face).await?;
    }
    Ok(())
}

async fn write_face(
    transaction: &mut Transaction<'_, MySql>,
    face: &RedecidedFace,
) -> Result<(), StoreError> {
    let after = &face.after;
    sqlx::query(
        "UPDATE faces
         SET outcome = ?, person_id = ?, matched_photo = ?, distance = ?, runner_up_person_id = ?,
             runner_up_distance = ?, source = ?, gallery_revision = COALESCE(?, gallery_revision),
             updated_at = UTC_TIMESTAMP(6)
         WHERE id = ?",
    )
    .bind(after.outcome)
    .bind(after.person.map(|person| person.0))
    .bind(after.matched_photo.as_deref())
    .bind(after.distance)
    .bind(after.runner_up.map(|person| person.0))
    .bind(after.runner_up_distance)
    .bind(after.source())
    .bind(face.gallery_revision.as_deref())
    .bind(face.id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// An entry of the history for each face that is said to be somebody else now, or not to be them.
async fn tell(transaction: &mut Transaction<'_, MySql>, images: &[&Redecided]) -> Result<(), StoreError> {
    let told: Vec<(u64, &RedecidedFace)> = images
        .iter()
        .flat_map(|image| image.faces.iter().map(|face| (image.id.0, face)))
        .filter(|(_, face)| face.is_told())
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    let people: BTreeSet<u64> = told
        .iter()
        .flat_map(|(_, face)| [face.before.identified(), face.after.identified()])
        .flatten()
        .map(|person| person.0)
        .collect();
    let names = names(transaction, &people.into_iter().collect::<Vec<_>>()).await?;
    let mut insert = QueryBuilder::new(
        "INSERT INTO audit_entries (at, actor, action, person_id, face_id, image_id, detail) ",
    );
    insert.push_values(&told, |mut row, (image, face)| {
        let person = face.after.identified().or(face.before.identified());
        let detail = json!({"from": words(&face.before, &names), "to": words(&face.after, &names)});
        row.push("UTC_TIMESTAMP(6)")
            .push_bind(ENGINE)
            .push_bind(FACE_REDECIDED)
            .push_bind(person.map(|person| person.0))
            .push_bind(face.id)
            .push_bind(*image)
            .push_bind(Json(detail));
    });
    insert.build().persistent(false).execute(&mut **transaction).await?;
    Ok(())
}

async fn names(
    transaction: &mut Transaction<'_, MySql>,
    people: &[u64],
) -> Result<HashMap<u64, String>, StoreError> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = QueryBuilder::new("SELECT id, name FROM person WHERE id IN ");
    push_list(&mut select, people);
    let rows: Vec<(u64, String)> = select.build_query_as().fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().collect())
}

fn words(face: &FaceColumns, names: &HashMap<u64, String>) -> Value {
    let person = face.identified().map(|PersonId(id)| json!({"id": id, "name": names.get(&id)}));
    json!({"outcome": face.outcome.name(), "person": person})
}
