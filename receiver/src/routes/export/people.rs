//! Everybody who is known.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Export, Page};
use crate::store::{CountedPerson, Store, StoreError};

/// People of one page: each has their images counted.
const AT_ONCE: u32 = 100;

/// Everybody.
pub(super) struct People;

/// Somebody, as they are exported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportedPerson {
    id: u64,
    name: String,
    /// Known photos.
    photos: i64,
    /// In which they were identified.
    images: i64,
}

impl Export for People {
    type Row = ExportedPerson;

    const COLUMNS: &'static [&'static str] = &["id", "name", "photos", "images"];

    async fn page(store: &Store, after: u64) -> Result<Page<ExportedPerson>, StoreError> {
        let rows = store.people_after(after, AT_ONCE).await?;
        let last = rows.last().map(|row| row.id);
        Ok(last.map(|last| (rows.into_iter().map(ExportedPerson::new).collect(), last)))
    }

    fn fields(row: ExportedPerson) -> Vec<String> {
        vec![row.id.to_string(), row.name, row.photos.to_string(), row.images.to_string()]
    }
}

impl ExportedPerson {
    fn new(CountedPerson { id, name, photos, images }: CountedPerson) -> Self {
        Self { id, name, photos, images }
    }
}
