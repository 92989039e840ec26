//! Decisions that a change of people overtook before they were written.
//!
//! Whoever merges people, or undoes that, wishes for the images that name them, and has not seen one that is about to.
//! So the people are looked at after the rows are written: from then on foreign keys hold them, and whoever changes them
//! waits, and sees the rows. This takes a transaction in which each statement sees what was committed before it.

use std::collections::{BTreeMap, BTreeSet};

use service_kit::statements::push_list;
use sqlx::{MySql, QueryBuilder, Transaction};

use super::redecisions;
use crate::{decision::PersonId, store::StoreError};

/// People or photos of one question at most: a statement can name 65,535.
const AT_ONCE: usize = 1_000;

/// Somebody whom an image was just said to show.
pub(super) struct Named<'a> {
    pub(super) image: u64,
    pub(super) person: PersonId,
    /// By this photo, and whose that was.
    pub(super) photo: Option<(&'a str, PersonId)>,
}

/// Wishes that those images be decided again that name somebody who is somebody else by now, or by a photo that is
/// somebody else's.
pub(super) async fn wish_again(
    transaction: &mut Transaction<'_, MySql>,
    named: &[Named<'_>],
) -> Result<(), StoreError> {
    let people: Vec<u64> = named.iter().map(|named| named.person.0).collect();
    let roots =
        ids(transaction, "SELECT id FROM person WHERE merged_into IS NULL AND id IN ", people).await?;
    let owners =
        owners(transaction, named.iter().filter_map(|named| named.photo).map(|(photo, _)| photo).collect())
            .await?;
    let is_overtaken = |named: &&Named| {
        !roots.contains(&named.person.0)
            || named.photo.is_some_and(|(photo, owner)| owners.get(photo) != Some(&owner.0))
    };
    let images: BTreeSet<u64> = named.iter().filter(is_overtaken).map(|named| named.image).collect();
    redecisions::wish(transaction, &images.into_iter().collect::<Vec<_>>()).await
}

/// Those of these people who do not exist: somebody deleted them.
pub(super) async fn gone(
    transaction: &mut Transaction<'_, MySql>,
    mut people: BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, StoreError> {
    let asked: Vec<u64> = people.iter().map(|person| person.0).collect();
    let existing = ids(transaction, "SELECT id FROM person WHERE id IN ", asked).await?;
    people.retain(|person| !existing.contains(&person.0));
    Ok(people)
}

async fn ids(
    transaction: &mut Transaction<'_, MySql>,
    select: &'static str,
    mut people: Vec<u64>,
) -> Result<BTreeSet<u64>, StoreError> {
    people.sort_unstable();
    people.dedup();
    let mut found = BTreeSet::new();
    for people in people.chunks(AT_ONCE) {
        let mut query = QueryBuilder::new(select);
        push_list(&mut query, people);
        found.extend(query.build_query_scalar::<u64>().fetch_all(&mut **transaction).await?);
    }
    Ok(found)
}

/// Whose these photos are by now.
async fn owners(
    transaction: &mut Transaction<'_, MySql>,
    photos: BTreeSet<&str>,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let photos: Vec<&str> = photos.into_iter().collect();
    let mut owners = BTreeMap::new();
    for photos in photos.chunks(AT_ONCE) {
        let mut query = QueryBuilder::new(
            "SELECT image_name, COALESCE(person.merged_into, person.id)
             FROM person_images JOIN person ON person.id = person_id WHERE image_name IN ",
        );
        push_list(&mut query, photos);
        owners.extend(query.build_query_as::<(String, u64)>().fetch_all(&mut **transaction).await?);
    }
    Ok(owners)
}
