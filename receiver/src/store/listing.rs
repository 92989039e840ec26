//! Pages of images, as `GET /api/v1/images` shows them. How they are found is `image_search`.

use image_search::{Filter, Found, Way, store as search};
use migrations::{ImageStatus, UnresolvedReason};
use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};
use time::OffsetDateTime;

use super::{Store, StoreError, within};

/// What a list shows of an image.
#[derive(Debug, FromRow)]
pub(crate) struct SummaryRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) status: ImageStatus,
    pub(crate) reason: Option<UnresolvedReason>,
    pub(crate) person_id: Option<u64>,
    pub(crate) person_name: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_detail: Option<String>,
    pub(crate) retryable: bool,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

/// A page of images, newest first.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) rows: Vec<SummaryRow>,
    /// The next page begins below this id, if there may be one.
    pub(crate) next_below: Option<u64>,
    /// Set where the budget was used up: images below this id were not looked at.
    pub(crate) looked_to: Option<u64>,
}

impl Store {
    /// At most `limit` images of a filter, the newest below an id; none when it names somebody whom nobody knows.
    pub(crate) async fn list(
        &self,
        filter: &Filter,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Listed, StoreError> {
        within(async {
            let Some(wanted) = search::prepare(&self.pool, filter).await? else {
                return Ok(Listed::default());
            };
            // One more than is shown tells whether there is another page.
            let limit = limit as usize;
            let Found { mut ids, looked_to } =
                search::find(&self.pool, &wanted, Way::Older { below }, limit + 1).await?;
            let has_more = ids.len() > limit;
            ids.truncate(limit);
            let looked_to = looked_to.filter(|_| !has_more);
            let next_below = if has_more { ids.last().copied() } else { looked_to };
            Ok(Listed { rows: self.summaries(&ids).await?, next_below, looked_to })
        })
        .await
    }

    async fn summaries(&self, ids: &[u64]) -> Result<Vec<SummaryRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT images.id, path, status, reason, person AS person_id, person.name AS person_name, error_code,
                    error_detail, retryable, width, height, created_at, updated_at
             FROM images LEFT JOIN person ON person.id = images.person WHERE images.id IN ",
        );
        push_list(&mut query, ids);
        query.push(" ORDER BY images.id DESC");
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
    }
}
