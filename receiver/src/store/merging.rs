//! People who turned out to be one, and who did not after all.
//!
//! `person.merged_into` follows from the merges that are not undone. Who changes it for a group of people holds the row of
//! their root, so that chains neither close to a circle nor lose an end.

use std::collections::BTreeMap;

use serde_json::json;
use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction};
use time::OffsetDateTime;

use super::{
    ChangeError, Refusal, Store, StoreError,
    audit::{self, Action, AuditEntry},
    people::{lock_root, root_of},
    redecisions, repeatedly, within,
};
use crate::{
    actor::Actor,
    merges::{Merge, roots},
    person_ref::PersonRef,
};

/// A merge that is not undone, and who was merged.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct MergeRow {
    pub(crate) merge: u64,
    pub(crate) person: u64,
    pub(crate) name: String,
    pub(crate) at: OffsetDateTime,
}

impl Store {
    /// The merges that made somebody who they are, the first one first.
    pub(crate) async fn merges_of(&self, root: u64) -> Result<Vec<MergeRow>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT person_merges.id AS merge, person.id AS person, person.name, created_at AS at
             FROM person JOIN person_merges ON from_person = person.id
             WHERE person.merged_into = ? AND undone_at IS NULL ORDER BY person_merges.id",
        );
        Ok(rows.bind(root).fetch_all(&self.pool).await?)
    }

    /// Makes one person part of another, with all who were merged into the first one; the id of the merge. One that was done
    /// before is left as it is.
    pub(crate) async fn merge_people(&self, actor: &Actor, from: u64, into: u64) -> Result<u64, ChangeError> {
        if from == into {
            return Err(Refusal::SamePerson(from).into());
        }
        within(repeatedly(|| self.try_merge(actor, from, into))).await
    }

    async fn try_merge(&self, actor: &Actor, from: u64, into: u64) -> Result<u64, ChangeError> {
        let mut transaction = self.begin().await?;
        // In the order of the ids, as everybody does who locks several.
        let first = lock_root(&mut transaction, from.min(into)).await;
        let second = lock_root(&mut transaction, from.max(into)).await;
        let (from_person, into_person) = if from < into { (first, second) } else { (second, first) };
        let into_person = into_person?;
        let from_person = match from_person {
            Err(ChangeError::Refused(Refusal::MergedPerson { root, .. })) if root.id == into => {
                return merge_from(&mut transaction, from).await;
            }
            locked => locked?,
        };
        let moved = members(&mut transaction, from).await?;
        let merge = sqlx::query(
            "INSERT INTO person_merges (from_person, into_person, created_at) VALUES (?, ?, UTC_TIMESTAMP(6))",
        )
        .bind(from)
        .bind(into)
        .execute(&mut *transaction)
        .await?
        .last_insert_id();
        lead_to(&mut transaction, &moved, Some(into)).await?;
        let mut people = moved;
        people.extend(members(&mut transaction, into).await?);
        people.sort_unstable();
        people.dedup();
        redecisions::ask_about_people(&mut transaction, &people).await?;
        let detail = json!({"from": {"person": from_person}, "to": {"person": into_person}});
        let entry = AuditEntry::of_person(Action::PersonMerged, into, detail);
        audit::write(&mut transaction, actor, &[entry]).await?;
        transaction.commit().await?;
        Ok(merge)
    }

    /// Makes somebody their own again who was merged, with those who were merged into them before; who that is.
    pub(crate) async fn undo_merge(&self, actor: &Actor, merge: u64) -> Result<u64, ChangeError> {
        within(repeatedly(|| self.try_undo(actor, merge))).await
    }

    async fn try_undo(&self, actor: &Actor, merge: u64) -> Result<u64, ChangeError> {
        let mut transaction = self.begin().await?;
        let from: Option<u64> = sqlx::query_scalar("SELECT from_person FROM person_merges WHERE id = ?")
            .bind(merge)
            .fetch_optional(&mut *transaction)
            .await?;
        let from = from.ok_or(Refusal::UnknownMerge(merge))?;
        let root = lock_root_of(&mut transaction, from).await?;
        let open: Option<u64> =
            sqlx::query_scalar("SELECT id FROM person_merges WHERE id = ? AND undone_at IS NULL FOR UPDATE")
                .bind(merge)
                .fetch_optional(&mut *transaction)
                .await?;
        if open.is_none() {
            return Err(Refusal::MergeUndone(merge).into());
        }
        sqlx::query("UPDATE person_merges SET undone_at = UTC_TIMESTAMP(6) WHERE id = ?")
            .bind(merge)
            .execute(&mut *transaction)
            .await?;
        let people = members(&mut transaction, root.id).await?;
        let now = roots(&merges_among(&mut transaction, &people).await?);
        let mut moved: BTreeMap<Option<u64>, Vec<u64>> = BTreeMap::new();
        for person in people.iter().filter(|person| **person != root.id) {
            let into = now.get(person).copied();
            if into != Some(root.id) {
                moved.entry(into).or_default().push(*person);
            }
        }
        for (into, people) in &moved {
            lead_to(&mut transaction, people, *into).await?;
        }
        redecisions::ask_about_people(&mut transaction, &people).await?;
        let own = root_of(&mut transaction, from).await?;
        let detail = json!({"from": {"person": root}, "to": {"person": own}});
        let entry = AuditEntry::of_person(Action::MergeUndone, from, detail);
        audit::write(&mut transaction, actor, &[entry]).await?;
        transaction.commit().await?;
        Ok(from)
    }
}

/// Locks who somebody is now. While we wait for the lock that one may be merged, too: then there is another to be locked.
async fn lock_root_of(
    transaction: &mut Transaction<'_, MySql>,
    person: u64,
) -> Result<PersonRef, ChangeError> {
    loop {
        let root = root_of(transaction, person).await?;
        match lock_root(transaction, root.id).await {
            Err(ChangeError::Refused(Refusal::MergedPerson { .. })) => {}
            Ok(locked) if root_of(transaction, person).await?.id != locked.id => {}
            locked => return locked,
        }
    }
}

/// A root and all who were merged into it, by their ids. While its row is not locked, others may join or leave them.
pub(super) async fn members(
    transaction: &mut Transaction<'_, MySql>,
    root: u64,
) -> Result<Vec<u64>, StoreError> {
    let ids = sqlx::query_scalar("SELECT id FROM person WHERE id = ? OR merged_into = ? ORDER BY id");
    Ok(ids.bind(root).bind(root).fetch_all(&mut **transaction).await?)
}

async fn merge_from(transaction: &mut Transaction<'_, MySql>, from: u64) -> Result<u64, ChangeError> {
    let merge =
        sqlx::query_scalar("SELECT id FROM person_merges WHERE from_person = ? AND undone_at IS NULL")
            .bind(from)
            .fetch_one(&mut **transaction)
            .await?;
    Ok(merge)
}

async fn merges_among(
    transaction: &mut Transaction<'_, MySql>,
    people: &[u64],
) -> Result<Vec<Merge>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT from_person, into_person FROM person_merges WHERE undone_at IS NULL AND from_person IN ",
    );
    push_list(&mut query, people);
    let rows: Vec<(u64, u64)> = query.build_query_as().fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().map(|(from, into)| Merge { from, into }).collect())
}

async fn lead_to(
    transaction: &mut Transaction<'_, MySql>,
    people: &[u64],
    into: Option<u64>,
) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new("UPDATE person SET merged_into = ");
    query.push_bind(into).push(" WHERE id IN ");
    push_list(&mut query, people);
    query.build().execute(&mut **transaction).await?;
    Ok(())
}
