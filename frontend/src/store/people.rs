//! People, by name. Those who turned out to be somebody else are left out: they are that person.

use std::collections::HashMap;

use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, QueryBuilder};

use super::{Count, Store, StoreError};

/// Names that are looked at for a page: all of them are merged away or, in a search, unlike what is looked for.
const PIECE: u32 = 1_000;
const SEARCHED_PIECE: u32 = 10_000;
/// Faces of one person that are looked at to count pictures.
const MOST_FACES: u32 = 1_000;

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct PersonRow {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// People in the order of their names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct People {
    pub(crate) rows: Vec<PersonRow>,
    /// The name behind which there are more, or may be.
    pub(crate) further: Option<String>,
    /// Whether the search ended before the page was full.
    pub(crate) is_cut: bool,
}

/// What there is of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) photos: u64,
    /// One of the known photos.
    pub(crate) photo: Option<String>,
    pub(crate) pictures: Count,
    /// A face that was identified.
    pub(crate) face: Option<u64>,
}

impl Default for Known {
    fn default() -> Self {
        Self { photos: 0, photo: None, pictures: Count { at_least: 0, is_exact: true }, face: None }
    }
}

#[derive(FromRow)]
struct Photos {
    person: u64,
    count: i64,
    photo: Option<String>,
}

#[derive(FromRow)]
struct Pictures {
    person: u64,
    looked_at: i64,
    count: i64,
    face: Option<u64>,
}

impl Store {
    /// At most `size` people whose names have this text in them, in upper or lower case, from behind a name on.
    pub(crate) async fn people(
        &self,
        text: Option<&str>,
        behind: &str,
        size: usize,
    ) -> Result<People, StoreError> {
        let piece = if text.is_some() { SEARCHED_PIECE } else { PIECE };
        let mut query = QueryBuilder::<MySql>::new(
            "SELECT id, name FROM (SELECT id, name, merged_into FROM person FORCE INDEX (person_name) WHERE name > ",
        );
        query.push_bind(behind).push(" ORDER BY name LIMIT ").push_bind(piece);
        query.push(") AS piece WHERE merged_into IS NULL");
        if let Some(text) = text {
            query.push(" AND LOCATE(LOWER(").push_bind(text).push("), LOWER(name)) > 0");
        }
        // One more than is shown tells whether there is another page.
        query.push(" ORDER BY name LIMIT ").push_bind(u32::try_from(size + 1).unwrap_or(u32::MAX));
        let mut rows: Vec<PersonRow> = query.build_query_as().fetch_all(&self.pool).await?;
        if rows.len() > size {
            rows.truncate(size);
            let further = rows.last().map(|row| row.name.clone());
            return Ok(People { rows, further, is_cut: false });
        }
        let query = sqlx::query_scalar(
            "SELECT name FROM person FORCE INDEX (person_name) WHERE name > ? ORDER BY name LIMIT 1 OFFSET ?",
        );
        let last = query.bind(behind).bind(piece - 1).fetch_optional(&self.pool).await?;
        Ok(People { rows, is_cut: last.is_some(), further: last })
    }

    /// What there is of each of these people; somebody of whom there is nothing may be left out.
    pub(crate) async fn known_of(&self, people: &[PersonRow]) -> Result<HashMap<u64, Known>, StoreError> {
        let mut known: HashMap<u64, Known> = HashMap::new();
        if people.is_empty() {
            return Ok(known);
        }
        let ids: Vec<u64> = people.iter().map(|person| person.id).collect();
        for Photos { person, count, photo } in self.count_photos(&ids).await? {
            let entry = known.entry(person).or_default();
            (entry.photos, entry.photo) = (count.unsigned_abs(), photo);
        }
        for row in self.count_pictures(&ids).await? {
            let entry = known.entry(row.person).or_default();
            let is_exact = row.looked_at < i64::from(MOST_FACES);
            entry.pictures = Count { at_least: row.count.unsigned_abs(), is_exact };
            entry.face = row.face;
        }
        Ok(known)
    }

    async fn count_photos(&self, ids: &[u64]) -> Result<Vec<Photos>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT person, COUNT(*) AS count, MIN(image_name) AS photo
             FROM (SELECT person_id AS person, image_name FROM person_images WHERE person_id IN ",
        );
        push_list(&mut query, ids);
        query.push(
            " UNION ALL SELECT person.merged_into, image_name
                        FROM person JOIN person_images ON person_images.person_id = person.id
                        WHERE person.merged_into IN ",
        );
        push_list(&mut query, ids);
        query.push(") AS photos GROUP BY person");
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
    }

    /// A face has the nearest person whatever came of it, so a bounded number of faces is looked at.
    async fn count_pictures(&self, ids: &[u64]) -> Result<Vec<Pictures>, StoreError> {
        let mut query = QueryBuilder::<MySql>::new("");
        for (number, id) in ids.iter().enumerate() {
            query.push(if number == 0 { "" } else { " UNION ALL " });
            query.push(
                "SELECT person_id AS person, COUNT(*) AS looked_at,
                        COUNT(DISTINCT IF(outcome = 'identified', image_id, NULL)) AS count,
                        MAX(IF(outcome = 'identified', id, NULL)) AS face
                 FROM (SELECT id, image_id, person_id, outcome FROM faces FORCE INDEX (faces_person) WHERE person_id = ",
            );
            query.push_bind(*id).push(" LIMIT ").push_bind(MOST_FACES).push(") AS looked GROUP BY person_id");
        }
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
    }

    /// Names to choose from, the first ones of all.
    pub(crate) async fn names(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let people = self.people(None, "", usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        Ok(people.rows.into_iter().map(|person| person.name).collect())
    }

    /// Somebody, as who they are by now.
    pub(crate) async fn person(&self, id: u64) -> Result<Option<PersonRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT root.id, root.name FROM person JOIN person AS root ON root.id = COALESCE(person.merged_into, person.id)
             WHERE person.id = ?",
        );
        Ok(query.bind(id).fetch_optional(&self.pool).await?)
    }

    /// The same, by a name.
    pub(crate) async fn person_called(&self, name: &str) -> Result<Option<PersonRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT root.id, root.name FROM person JOIN person AS root ON root.id = COALESCE(person.merged_into, person.id)
             WHERE person.name = ?",
        );
        Ok(query.bind(name).fetch_optional(&self.pool).await?)
    }
}
