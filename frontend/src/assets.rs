//! The style sheet, the scripts and the icon. Their names hold a hash of their contents, so that a browser may keep them for ever.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use sha2::{Digest as _, Sha256};

use crate::error_page::PageError;

/// A file that pages load.
pub(crate) struct Asset {
    path: String,
    content_type: &'static str,
    text: &'static str,
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("style", "css", "text/css; charset=utf-8", include_str!("../static/style.css"))
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("live", "js", "text/javascript; charset=utf-8", include_str!("../static/live.js"))
});
static ADD: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("add", "js", "text/javascript; charset=utf-8", include_str!("../static/add.js"))
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../static/icon.svg")));

impl Asset {
    fn new(name: &str, extension: &str, content_type: &'static str, text: &'static str) -> Self {
        let hash = hex::encode(&Sha256::digest(text)[..8]);
        Self { path: format!("/static/{name}.{hash}.{extension}"), content_type, text }
    }
}

/// Where the style sheet is.
pub(crate) fn style() -> &'static str {
    &STYLE.path
}

/// Where the script is.
pub(crate) fn script() -> &'static str {
    &SCRIPT.path
}

/// Where that of the page for adding pictures is.
pub(crate) fn add_script() -> &'static str {
    &ADD.path
}

/// The mark in the browser's tab.
pub(crate) fn icon() -> &'static str {
    &ICON.path
}

pub(crate) async fn handle(Path(name): Path<String>) -> Response {
    let path = format!("/static/{name}");
    let Some(asset) = [&*STYLE, &*SCRIPT, &*ADD, &*ICON].into_iter().find(|asset| asset.path == path) else {
        return PageError::NoSuchPage.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.text).into_response()
}
