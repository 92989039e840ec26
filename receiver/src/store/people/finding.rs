//! People within a transaction: whom a request means, who somebody is, and somebody new.

use serde_json::json;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction};

use crate::{
    actor::Actor,
    person_name::PersonName,
    person_ref::PersonRef,
    store::{
        ChangeError, Refusal, StoreError,
        audit::{self, Action, AuditEntry},
    },
};

/// Whom a request means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Somebody who is known.
    Id(u64),
    /// Whoever is called so, or was before a merge; somebody new where nobody is.
    Name(PersonName),
}

/// Somebody who is a person of their own, perhaps made just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundPerson {
    pub(crate) person: PersonRef,
    pub(crate) created: bool,
}

/// A row of `person`, and who that is.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    id: u64,
    name: String,
    merged_into: Option<u64>,
    root_name: Option<String>,
}

impl Row {
    fn own(self) -> PersonRef {
        PersonRef { id: self.id, name: self.name }
    }

    /// Themselves, or who they were merged into.
    pub(super) fn root(self) -> PersonRef {
        match (self.merged_into, self.root_name) {
            (Some(id), Some(name)) => PersonRef { id, name },
            _ => PersonRef { id: self.id, name: self.name },
        }
    }

    /// Themselves, if they are a person of their own.
    pub(super) fn independent(self) -> Result<PersonRef, Refusal> {
        match self.merged_into {
            None => Ok(self.own()),
            Some(_) => Err(Refusal::MergedPerson { id: self.id, root: self.root() }),
        }
    }
}

/// Reads rows of `person`, up to their condition.
pub(super) const SELECT: &str = "SELECT person.id, person.name, person.merged_into, root.name AS root_name
     FROM person LEFT JOIN person AS root ON root.id = person.merged_into WHERE ";

/// Whom a request means, kept from going or being merged until the transaction ends. Somebody new is made.
pub(in crate::store) async fn find_or_create(
    transaction: &mut Transaction<'_, MySql>,
    actor: &Actor,
    whom: &Whom,
) -> Result<FoundPerson, ChangeError> {
    let found = match whom {
        Whom::Id(id) => keep(transaction, *id).await?.ok_or(Refusal::UnknownPerson(*id))?.independent()?,
        Whom::Name(name) => match find_by_name(transaction, name).await? {
            Some(row) => {
                let root = row.root().id;
                let kept = keep(transaction, root).await?.ok_or(Refusal::UnknownPerson(root))?;
                kept.independent()?
            }
            None => {
                let person = insert(transaction, actor, name).await?;
                return Ok(FoundPerson { person, created: true });
            }
        },
    };
    Ok(FoundPerson { person: found, created: false })
}

/// Somebody who is a person of their own, locked. Who holds a root decides who is merged into it.
pub(in crate::store) async fn lock_root(
    transaction: &mut Transaction<'_, MySql>,
    id: u64,
) -> Result<PersonRef, ChangeError> {
    let locked: Option<u64> = sqlx::query_scalar("SELECT id FROM person WHERE id = ? FOR UPDATE")
        .bind(id)
        .fetch_optional(&mut **transaction)
        .await?;
    let id = locked.ok_or(Refusal::UnknownPerson(id))?;
    Ok(read(transaction, id).await?.ok_or(Refusal::UnknownPerson(id))?.independent()?)
}

/// Who somebody is: themselves, or who they were merged into. Nobody is locked.
pub(in crate::store) async fn root_of(
    transaction: &mut Transaction<'_, MySql>,
    id: u64,
) -> Result<PersonRef, ChangeError> {
    Ok(read(transaction, id).await?.ok_or(Refusal::UnknownPerson(id))?.root())
}

/// Somebody's row, which nobody changes until the transaction ends.
async fn keep(transaction: &mut Transaction<'_, MySql>, id: u64) -> Result<Option<Row>, StoreError> {
    let kept: Option<u64> = sqlx::query_scalar("SELECT id FROM person WHERE id = ? LOCK IN SHARE MODE")
        .bind(id)
        .fetch_optional(&mut **transaction)
        .await?;
    match kept {
        Some(id) => read(transaction, id).await,
        None => Ok(None),
    }
}

async fn read(transaction: &mut Transaction<'_, MySql>, id: u64) -> Result<Option<Row>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    query.push("person.id = ").push_bind(id);
    Ok(query.build_query_as().fetch_optional(&mut **transaction).await?)
}

/// Whoever has this name, also where they are somebody else by now.
pub(super) async fn find_by_name(
    transaction: &mut Transaction<'_, MySql>,
    name: &PersonName,
) -> Result<Option<Row>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    query.push("person.name = ").push_bind(name.as_str());
    Ok(query.build_query_as().fetch_optional(&mut **transaction).await?)
}

/// Somebody new; the trail tells of them.
pub(super) async fn insert(
    transaction: &mut Transaction<'_, MySql>,
    actor: &Actor,
    name: &PersonName,
) -> Result<PersonRef, StoreError> {
    let name = name.as_str().to_owned();
    let made =
        sqlx::query("INSERT INTO person (name) VALUES (?)").bind(&name).execute(&mut **transaction).await?;
    let person = PersonRef { id: made.last_insert_id(), name };
    let detail = json!({"from": null, "to": {"person": person}});
    let entry = AuditEntry::of_person(Action::PersonCreated, person.id, detail);
    audit::write(transaction, actor, &[entry]).await?;
    Ok(person)
}
