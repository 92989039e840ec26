//! What the pages are made from.

use std::sync::Arc;

use crate::{
    api::Api, live::Live, pixels::Pixels, services::Services, statistics::Statistics, store::Store,
    upload::UploadRoom,
};

/// Given to every handler.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) store: Store,
    pub(crate) api: Api,
    pub(crate) upload_room: UploadRoom,
    pub(crate) pixels: Pixels,
    pub(crate) live: Live,
    pub(crate) services: Arc<Services>,
    pub(crate) statistics: Arc<Statistics>,
}
