//! Pages of images under a filter, each at a bounded cost (`image_search`).

use image_search::{Found, Way, store as search};

use super::{ImageRow, Store, StoreError};
use crate::view::{Position, View};

/// A page of images, newest first.
#[derive(Debug, Default)]
pub(crate) struct Images {
    pub(crate) rows: Vec<ImageRow>,
    pub(crate) newer: Option<Position>,
    pub(crate) older: Option<Position>,
    /// Set where the budget was used up: images beyond this id were not looked at.
    pub(crate) looked_to: Option<u64>,
}

impl Store {
    /// At most `size` images. `None` when the filter names somebody whom nobody knows.
    pub(crate) async fn images(&self, view: &View, size: usize) -> Result<Option<Images>, StoreError> {
        let Some(wanted) = search::prepare(&self.pool, &view.filter).await? else { return Ok(None) };
        // One more than is shown tells whether there is another page.
        let way = Way::from(view.position);
        let Found { mut ids, looked_to } = search::find(&self.pool, &wanted, way, size + 1).await?;
        let has_more = ids.len() > size;
        ids.truncate(size);
        let further = if has_more { ids.last().copied() } else { looked_to };
        let behind = match (view.position, ids.first()) {
            (Position::Newest, _) | (_, None) => None,
            (_, Some(first)) => {
                let is_there = search::any(&self.pool, &wanted, way.turned_at(*first)).await?;
                is_there.then_some(*first)
            }
        };
        let (newer, older) = match way {
            Way::Older { .. } => (behind.map(Position::After), further.map(Position::Before)),
            Way::Newer { .. } => (further.map(Position::After), behind.map(Position::Before)),
        };
        let rows = self.images_by_id(&ids).await?;
        Ok(Some(Images { rows, newer, older, looked_to: looked_to.filter(|_| !has_more) }))
    }
}
