//! What people say of faces: it is this person, it is not. Every later decision obeys it.
//!
//! Images are locked before their faces, and faces before people, as whoever records a result does. The columns of a face
//! that follow from a verdict are image-processor's to decide; only who a face is said to be is shown at once.

mod words;

use migrations::{FaceOutcome, FaceVerdict, ImageStatus};
use serde_json::{Value, json};
use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction};

use super::{
    ChangeError, Refusal, Store, StoreError, Whom,
    audit::{self, Action, AuditEntry},
    people::{find_or_create, root_of},
    redecisions, repeatedly, within,
};
use crate::{actor::Actor, person_ref::PersonRef};
use words::{Said, said_of, say, take_back};

/// A face that something is said of.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Subject {
    pub(crate) id: u64,
    pub(crate) image_id: u64,
    pub(super) outcome: FaceOutcome,
    /// Of an unknown face: the group that it is in.
    pub(super) group_id: Option<u64>,
    person_id: Option<u64>,
    person_name: Option<String>,
}

impl Subject {
    /// Who it was before: nobody unless somebody was named.
    fn before(&self) -> Value {
        let named = self.outcome == FaceOutcome::Identified;
        let person = self.person_id.zip(self.person_name.clone()).filter(|_| named);
        json!({"outcome": self.outcome.name(), "person": person.map(|(id, name)| PersonRef { id, name })})
    }
}

impl Store {
    /// Says who a face is. Another word about who it is goes, and one that it is not this person.
    pub(crate) async fn assign_face(&self, actor: &Actor, face: u64, whom: &Whom) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let subject = lock_one(&mut transaction, face).await?;
            let person = find_or_create(&mut transaction, actor, whom).await?.person;
            assign(&mut transaction, actor, &[subject], &person).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }

    /// Takes back who a face was said to be.
    pub(crate) async fn unassign_face(&self, actor: &Actor, face: u64) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let subject = lock_one(&mut transaction, face).await?;
            let said = said_of(&mut transaction, &[face]).await?;
            let Some(word) = said.iter().find(|word| word.verdict == FaceVerdict::Is) else { return Ok(()) };
            take_back(&mut transaction, word).await?;
            let person = root_of(&mut transaction, word.person_id).await?;
            let detail = json!({"from": {"person": person}, "to": {"person": null}});
            let entry = entry(Action::FaceUnassigned, &subject, person.id, detail);
            settle(&mut transaction, actor, &[subject], &[entry]).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }

    /// Says who a face is not. That it is this person, if somebody said so, is taken back.
    pub(crate) async fn refuse_face(&self, actor: &Actor, face: u64, person: u64) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let subject = lock_one(&mut transaction, face).await?;
            let person = find_or_create(&mut transaction, actor, &Whom::Id(person)).await?.person;
            let said = said_of(&mut transaction, &[face]).await?;
            let of_person: Vec<&Said> = said.iter().filter(|word| word.root == person.id).collect();
            if !of_person.is_empty() && of_person.iter().all(|word| word.verdict == FaceVerdict::IsNot) {
                return Ok(());
            }
            for word in of_person {
                take_back(&mut transaction, word).await?;
            }
            say(&mut transaction, &[face], person.id, FaceVerdict::IsNot).await?;
            let detail = json!({"from": subject.before(), "to": {"not": person}});
            let entry = entry(Action::FaceRefused, &subject, person.id, detail);
            settle(&mut transaction, actor, &[subject], &[entry]).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }

    /// Takes back who a face was said not to be.
    pub(crate) async fn unrefuse_face(
        &self,
        actor: &Actor,
        face: u64,
        person: u64,
    ) -> Result<(), ChangeError> {
        within(repeatedly(|| async {
            let mut transaction = self.begin().await?;
            let subject = lock_one(&mut transaction, face).await?;
            let person = find_or_create(&mut transaction, actor, &Whom::Id(person)).await?.person;
            let said = said_of(&mut transaction, &[face]).await?;
            let words: Vec<&Said> = said
                .iter()
                .filter(|word| word.root == person.id && word.verdict == FaceVerdict::IsNot)
                .collect();
            if words.is_empty() {
                return Ok(());
            }
            for word in words {
                take_back(&mut transaction, word).await?;
            }
            let detail = json!({"from": {"not": person}, "to": {"not": null}});
            let entry = entry(Action::FaceUnrefused, &subject, person.id, detail);
            settle(&mut transaction, actor, &[subject], &[entry]).await?;
            transaction.commit().await?;
            Ok(())
        }))
        .await
    }
}

/// Says of locked faces that they are this person, and shows it at once.
pub(super) async fn assign(
    transaction: &mut Transaction<'_, MySql>,
    actor: &Actor,
    subjects: &[Subject],
    person: &PersonRef,
) -> Result<(), ChangeError> {
    let ids: Vec<u64> = subjects.iter().map(|subject| subject.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let said = said_of(transaction, &ids).await?;
    // After a merge a face may have been said to be somebody and not to be, under two names.
    let is_said = |subject: &Subject| {
        let mut of_person =
            said.iter().filter(|word| word.face_id == subject.id && word.root == person.id).peekable();
        of_person.peek().is_some() && of_person.all(|word| word.verdict == FaceVerdict::Is)
    };
    let changed: Vec<Subject> = subjects.iter().filter(|subject| !is_said(subject)).cloned().collect();
    let ids: Vec<u64> = changed.iter().map(|subject| subject.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let contrary = |word: &&Said| {
        ids.contains(&word.face_id) && (word.verdict == FaceVerdict::Is || word.root == person.id)
    };
    for word in said.iter().filter(contrary) {
        take_back(transaction, word).await?;
    }
    say(transaction, &ids, person.id, FaceVerdict::Is).await?;
    show(transaction, &ids, person.id).await?;
    let entries: Vec<AuditEntry> = changed
        .iter()
        .map(|subject| {
            let to = json!({"outcome": FaceOutcome::Identified.name(), "person": person});
            entry(Action::FaceAssigned, subject, person.id, json!({"from": subject.before(), "to": to}))
        })
        .collect();
    settle(transaction, actor, &changed, &entries).await?;
    Ok(())
}

/// A face and its image, locked.
pub(super) async fn lock_one(
    transaction: &mut Transaction<'_, MySql>,
    face: u64,
) -> Result<Subject, ChangeError> {
    Ok(lock(transaction, &[face]).await?.pop().ok_or(Refusal::UnknownFace(face))?)
}

/// Those of these faces that are there, by their ids; they and their images are locked.
pub(super) async fn lock(
    transaction: &mut Transaction<'_, MySql>,
    faces: &[u64],
) -> Result<Vec<Subject>, StoreError> {
    if faces.is_empty() {
        return Ok(Vec::new());
    }
    let mut select =
        QueryBuilder::new("SELECT DISTINCT image_id FROM faces FORCE INDEX (PRIMARY) WHERE id IN ");
    push_list(&mut select, faces);
    let images: Vec<u64> = select.build_query_scalar().fetch_all(&mut **transaction).await?;
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = QueryBuilder::new("SELECT id FROM images FORCE INDEX (PRIMARY) WHERE id IN ");
    push_list(&mut select, &images);
    select.push(" ORDER BY id FOR UPDATE");
    select.build_query_scalar::<u64>().fetch_all(&mut **transaction).await?;
    let mut select = QueryBuilder::new("SELECT id FROM faces FORCE INDEX (PRIMARY) WHERE id IN ");
    push_list(&mut select, faces);
    select.push(" ORDER BY id FOR UPDATE");
    let locked: Vec<u64> = select.build_query_scalar().fetch_all(&mut **transaction).await?;
    if locked.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = QueryBuilder::new(
        "SELECT faces.id, image_id, outcome, group_id, person_id, person.name AS person_name
         FROM faces LEFT JOIN person ON person.id = person_id WHERE faces.id IN ",
    );
    push_list(&mut select, &locked);
    select.push(" ORDER BY faces.id");
    Ok(select.build_query_as().fetch_all(&mut **transaction).await?)
}

/// Names faces as somebody said, with the distance that is known to that person, if one is. Each assignment sees those before
/// it.
async fn show(
    transaction: &mut Transaction<'_, MySql>,
    faces: &[u64],
    person: u64,
) -> Result<(), StoreError> {
    let mut update =
        QueryBuilder::new("UPDATE faces FORCE INDEX (PRIMARY) SET distance = CASE WHEN person_id = ");
    update.push_bind(person).push(" THEN distance WHEN runner_up_person_id = ").push_bind(person);
    update.push(" THEN runner_up_distance END, matched_photo = IF(person_id = ").push_bind(person);
    update.push(", matched_photo, NULL), runner_up_distance = IF(runner_up_person_id = ").push_bind(person);
    update
        .push(", NULL, runner_up_distance), runner_up_person_id = NULLIF(runner_up_person_id, ")
        .push_bind(person);
    update.push("), person_id = ").push_bind(person).push(", outcome = ").push_bind(FaceOutcome::Identified);
    update.push(", source = 'person', updated_at = UTC_TIMESTAMP(6) WHERE id IN ");
    push_list(&mut update, faces);
    update.build().execute(&mut **transaction).await?;
    Ok(())
}

/// What every change of verdicts needs: its images are decided again, whoever decided before that writes nothing any more,
/// open pages see it, and the trail tells of it. An image in work has its lease; its result obeys the verdicts.
async fn settle(
    transaction: &mut Transaction<'_, MySql>,
    actor: &Actor,
    subjects: &[Subject],
    entries: &[AuditEntry],
) -> Result<(), StoreError> {
    let mut images: Vec<u64> = subjects.iter().map(|subject| subject.image_id).collect();
    images.sort_unstable();
    images.dedup();
    let mut update = QueryBuilder::new(
        "UPDATE images FORCE INDEX (PRIMARY) SET lease_token = lease_token + 1, updated_at = UTC_TIMESTAMP(6)
         WHERE status IN (",
    );
    update
        .push_bind(ImageStatus::Processed)
        .push(", ")
        .push_bind(ImageStatus::Unresolved)
        .push(") AND id IN ");
    push_list(&mut update, &images);
    update.build().execute(&mut **transaction).await?;
    redecisions::ask(transaction, images).await?;
    audit::write(transaction, actor, entries).await
}

fn entry(action: Action, subject: &Subject, person: u64, detail: Value) -> AuditEntry {
    AuditEntry { action, person: Some(person), face: Some(subject.id), image: Some(subject.image_id), detail }
}
