//! Whose known photo it is: the statements on `person` and `person_images`. A photo of somebody who turned out to be
//! somebody else is a photo of that one.

use std::collections::{BTreeSet, HashMap};

use group_commit::Commit;
use service_kit::statements::push_list;
use sqlx::{MySqlPool, QueryBuilder};

use super::within;
use crate::{
    decision::{Owner, PersonId},
    store::StoreError,
};

/// Photos of one question at most: a gallery has more of them than a statement can name, which is 65,535.
const PHOTOS: usize = 1_000;

/// Asks for the owners that workers want to know, as many as possible in one question.
pub(super) struct Asking {
    pub(super) pool: MySqlPool,
}

impl Asking {
    async fn ask(&self, photos: &BTreeSet<&str>) -> Result<HashMap<String, Owner>, StoreError> {
        let photos: Vec<&str> = photos.iter().copied().collect();
        let mut connection = self.pool.acquire().await?;
        let mut owners = HashMap::new();
        for photos in photos.chunks(PHOTOS) {
            // Counted along `person_images_person` and `person_merged` for each photo: people have few, and a join that
            // counts each person once takes longer.
            let mut query = QueryBuilder::new(
                "SELECT image_name, COALESCE(person.merged_into, person.id) AS root,
                        (SELECT COUNT(*) FROM person_images AS own
                         WHERE own.person_id = COALESCE(person.merged_into, person.id))
                        + (SELECT COUNT(*) FROM person AS merged
                                           JOIN person_images AS theirs ON theirs.person_id = merged.id
                           WHERE merged.merged_into = COALESCE(person.merged_into, person.id))
                 FROM person_images AS shown JOIN person ON person.id = shown.person_id WHERE image_name IN ",
            );
            push_list(&mut query, photos);
            let rows: Vec<(String, u64, i64)> = query.build_query_as().fetch_all(&mut *connection).await?;
            owners.extend(rows.into_iter().map(|(photo, person, photos)| (photo, owner(person, photos))));
        }
        Ok(owners)
    }
}

fn owner(person: u64, photos: i64) -> Owner {
    Owner { person: PersonId(person), photos: u32::try_from(photos).unwrap_or(u32::MAX) }
}

impl Commit for Asking {
    type Request = Vec<String>;
    type Outcome = HashMap<String, Owner>;
    type Error = StoreError;

    async fn commit(&self, group: &[Vec<String>]) -> Result<Vec<Self::Outcome>, StoreError> {
        let owners = within(self.ask(&group.iter().flatten().map(String::as_str).collect())).await?;
        let of = |photos: &Vec<String>| {
            photos
                .iter()
                .filter_map(|photo| owners.get_key_value(photo))
                .map(|(photo, owner)| (photo.clone(), *owner))
                .collect()
        };
        Ok(group.iter().map(of).collect())
    }

    fn spoiled_by_one(error: &StoreError) -> bool {
        error.fault().may_be_of_one_request()
    }
}

pub(super) async fn add_known_photo(pool: &MySqlPool, photo: &str, name: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT IGNORE INTO person (name) VALUES (?)").bind(name).execute(pool).await?;
    sqlx::query(
        "INSERT IGNORE INTO person_images (image_name, person_id) SELECT ?, id FROM person WHERE name = ?",
    )
    .bind(photo)
    .bind(name)
    .execute(pool)
    .await?;
    Ok(())
}
