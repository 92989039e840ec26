//! The pages as a browser gets them, over a real database.

mod adding;
mod exporting;
mod faces;
mod following;
mod forms;
mod history;
mod image;
mod people;
mod scripted_api;
mod signing_in;
mod system;
mod table;
mod typed;
mod unknown;
mod waiting;

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use migrations::accounts::Account;
use renditions::Settings;
use rollcall_tests::mariadb::ScratchDatabase;
use sqlx::MySqlPool;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::router;
use crate::{
    api::{Api, Limits},
    live::{self, Live},
    pixels::Pixels,
    services::{ServiceAddress, Services},
    site::Site,
    site_address,
    statistics::Statistics,
    store::Store,
    upload::UploadRoom,
};
use scripted_api::ScriptedApi;

/// More than any page has.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// A frontend over a database and folders of its own.
pub(crate) struct Frontend {
    router: Router,
    api: ScriptedApi,
    database: ScratchDatabase,
    folder: TempDir,
    stopping: CancellationToken,
}

/// What a browser gets.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    text: String,
}

/// The same, of a picture.
pub(crate) struct File {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Drop for Frontend {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

impl Frontend {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::asking(Vec::new()).await
    }

    /// One that asks these services how they are.
    async fn asking(services: Vec<ServiceAddress>) -> anyhow::Result<Self> {
        let database = ScratchDatabase::start().await?;
        let folder = tempfile::tempdir()?;
        let store = Store::new(database.pool_of(Account::Frontend));
        for name in ["images", "known_people"] {
            std::fs::create_dir(folder.path().join(name))?;
        }
        let kept = Settings { folder: folder.path().join("cache"), limit: 1 << 20 };
        let (live, asking) = Live::new();
        let api = ScriptedApi::default();
        let site = Site {
            api: Api::new(api.start().await?, Limits::USUAL)?,
            upload_room: UploadRoom::new(),
            store: store.clone(),
            pixels: Pixels::new(folder.path().join("images"), folder.path().join("known_people"), &kept),
            live,
            services: Arc::new(Services::new(services)?),
            statistics: Arc::new(Statistics::new(store.clone())),
        };
        let stopping = CancellationToken::new();
        tokio::spawn(live::run(store, asking, stopping.clone()));
        Ok(Self { router: router(site), api, database, folder, stopping })
    }

    pub(crate) fn images(&self) -> PathBuf {
        self.folder.path().join("images")
    }

    pub(crate) fn known_people(&self) -> PathBuf {
        self.folder.path().join("known_people")
    }

    fn pool(&self) -> &MySqlPool {
        &self.database.pool
    }

    /// Pending images with the ids 1 to `count` and the paths `/1.jpg`, `/2.jpg`, ...
    pub(crate) async fn insert_images(&self, count: u64) -> sqlx::Result<()> {
        for number in 1..=count {
            let path = format!("/{number}.jpg");
            sqlx::query(
                "INSERT INTO images (id, path, path_hash, next_attempt_at, created_at, updated_at)
                 VALUES (?, ?, UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
            )
            .bind(number)
            .bind(&path)
            .bind(&path)
            .execute(self.pool())
            .await?;
        }
        Ok(())
    }

    /// Changes images as the worker would.
    pub(crate) async fn update_images(&self, change: &'static str) -> sqlx::Result<()> {
        sqlx::query(change).execute(self.pool()).await?;
        Ok(())
    }

    /// Somebody, who may be there already.
    pub(crate) async fn insert_person(&self, name: &str) -> sqlx::Result<u64> {
        sqlx::query("INSERT IGNORE INTO person (name) VALUES (?)").bind(name).execute(self.pool()).await?;
        sqlx::query_scalar("SELECT id FROM person WHERE name = ?").bind(name).fetch_one(self.pool()).await
    }

    /// A face of somebody, who is made, with its left and upper edge, width and height.
    pub(crate) async fn insert_face(
        &self,
        image: u64,
        outcome: &str,
        person: Option<&str>,
        (left, top, width, height): (i32, i32, u32, u32),
    ) -> sqlx::Result<()> {
        let person_id = match person {
            Some(name) => Some(self.insert_person(name).await?),
            None => None,
        };
        sqlx::query(
            "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks,
                                quality, embedding, model_id, gallery_revision, outcome, person_id, distance,
                                matched_photo, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, 1, '[]', '{\"size\": 40, \"missed\": []}', '', 'm', 'g', ?, ?, 0.41,
                     'john doe.jpg', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(image)
        .bind(left)
        .bind(top)
        .bind(width)
        .bind(height)
        .bind(outcome)
        .bind(person_id)
        .execute(self.pool())
        .await?;
        Ok(())
    }

    pub(crate) async fn get(&self, address: &str) -> anyhow::Result<Page> {
        let File { status, headers, bytes } = self.get_bytes(address, None).await?;
        Ok(Page { status, headers, text: String::from_utf8(bytes.to_vec())? })
    }

    /// What a browser gets that has a file with this tag.
    pub(crate) async fn get_bytes(&self, address: &str, tag: Option<&str>) -> anyhow::Result<File> {
        let mut request = Request::builder().uri(address);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let (head, body) = self.router.clone().oneshot(request.body(Body::empty())?).await?.into_parts();
        Ok(File { status: head.status, headers: head.headers, bytes: to_bytes(body, PAGE_BYTES).await? })
    }
}

impl Page {
    #[track_caller]
    pub(crate) fn expect(&self, status: StatusCode, texts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.text);
        for text in texts {
            assert!(self.text.contains(text), "{text:?} is not in {}", self.text);
        }
    }

    #[track_caller]
    fn expect_absent(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.text.contains(text), "{text:?} is in {}", self.text);
        }
    }
}

#[tokio::test]
async fn every_page_loads_our_own_files_only_and_has_nothing_written_within() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;

    for address in [
        "/",
        "/images/1",
        "/images/1/delete",
        "/people",
        "/unknown",
        "/unknown/1",
        "/add",
        "/history",
        "/sign-in",
        "/system",
        crate::assets::script(),
        crate::assets::add_script(),
        "/nothing",
        "/?status=x",
    ] {
        let page = frontend.get(address).await?;

        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str()?;
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains("data:"), "{policy}");
        for inline in ["<script>", "<style", " style=", " onclick="] {
            assert!(!page.text.contains(inline), "{inline} is at {address}");
        }
        assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{address}");
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_address_is_answered_with_what_a_right_one_is() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let table = [
        ("/nothing", StatusCode::NOT_FOUND, "There is no such page"),
        ("/?status=broken", StatusCode::BAD_REQUEST, "pending, processed, failed, processing, unresolved"),
        ("/?reason=ugly", StatusCode::BAD_REQUEST, "no_face, low_quality, unknown_face, ambiguous"),
        ("/?status=failed&reason=no_face", StatusCode::BAD_REQUEST, "Only unresolved pictures have a reason"),
        ("/?before=x", StatusCode::BAD_REQUEST, "take the id of a picture"),
        ("/?before=1&after=1", StatusCode::BAD_REQUEST, "exclude each other"),
        ("/?status=failed&status=failed", StatusCode::BAD_REQUEST, "stand in it once"),
    ];
    for (address, status, text) in table {
        let page = frontend.get(address).await?;

        page.expect(
            status,
            &[text, "Persons of Interest</title>", r#"<a href="/">The table of pictures</a>"#],
        );
        page.expect_absent(&["http-equiv=\"refresh\""]);
    }
    Ok(())
}

#[tokio::test]
async fn while_the_database_is_away_the_page_says_so_and_comes_back_by_itself() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.update_images("RENAME TABLE images TO away").await?;

    let away = frontend.get("/").await?;
    frontend.update_images("RENAME TABLE away TO images").await?;
    let back = frontend.get("/").await?;

    away.expect(
        StatusCode::SERVICE_UNAVAILABLE,
        &["The database does not answer", "Nothing is lost", r#"<meta http-equiv="refresh" content="5">"#],
    );
    away.expect_absent(&["images", "rollcall"]);
    back.expect(StatusCode::OK, &["No pictures yet"]);
    Ok(())
}
