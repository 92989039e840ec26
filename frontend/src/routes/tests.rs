//! The pages as a browser gets them, over a real database.

mod table;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use rollcall_tests::mariadb::ScratchDatabase;
use sqlx::MySqlPool;
use tower::ServiceExt;

use super::router;
use crate::store::Store;

/// More than any page has.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

struct Frontend {
    router: Router,
    database: ScratchDatabase,
}

/// What a browser gets.
struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Frontend {
    async fn start() -> anyhow::Result<Self> {
        let database = ScratchDatabase::start().await?;
        Ok(Self { router: router(Store::new(database.pool.clone())), database })
    }

    fn pool(&self) -> &MySqlPool {
        &self.database.pool
    }

    /// Pending images with the ids 1 to `count` and the paths `/1.jpg`, `/2.jpg`, ...
    async fn insert_images(&self, count: u64) -> sqlx::Result<()> {
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
    async fn update_images(&self, change: &'static str) -> sqlx::Result<()> {
        sqlx::query(change).execute(self.pool()).await?;
        Ok(())
    }

    async fn get(&self, address: &str) -> anyhow::Result<Page> {
        let request = Request::builder().uri(address).body(Body::empty())?;
        let (head, body) = self.router.clone().oneshot(request).await?.into_parts();
        let text = String::from_utf8(to_bytes(body, PAGE_BYTES).await?.to_vec())?;
        Ok(Page { status: head.status, headers: head.headers, text })
    }
}

impl Page {
    #[track_caller]
    fn expect(&self, status: StatusCode, texts: &[&str]) {
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
async fn every_page_forbids_scripts_and_frames() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    for address in ["/", "/style.css", "/nothing", "/?status=x"] {
        let page = frontend.get(address).await?;

        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str()?;
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("script-src") && !page.text.contains("<script"), "{address}");
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
