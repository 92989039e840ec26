//! People, their known photos, faces and groups of faces, as a client changes them. The gallery is a scripted one.

mod corrections;
mod enrolment;
mod hang_ups;
mod uploads;

use axum::body::Body;
use serde_json::Value;
use tempfile::TempDir;

use super::{receiver::Answer, *};
use crate::gallery::scripted::ScriptedGallery;

/// A receiver with a folder of pictures and a gallery.
struct Scene {
    receiver: Receiver,
    gallery: ScriptedGallery,
    root: TempDir,
}

impl Scene {
    async fn start() -> anyhow::Result<Self> {
        let root = tempfile::tempdir()?;
        let gallery = ScriptedGallery::start(&[]).await?;
        let receiver = Receiver::start_over(root.path(), &gallery).await?;
        Ok(Self { receiver, gallery, root })
    }

    /// A request with a body of JSON; without one where it is null.
    async fn send(&self, method: &str, route: &str, body: Value) -> anyhow::Result<Answer> {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = receiver::request(method, &format!("/api/v1{route}"), text)?;
        request.headers_mut().insert(header::CONTENT_TYPE, "application/json".parse()?);
        request.headers_mut().insert("rollcall-actor", "Ann".parse()?);
        self.receiver.send(request).await
    }

    async fn get(&self, route: &str) -> anyhow::Result<Answer> {
        self.send("GET", route, Value::Null).await
    }

    /// A request with bytes; its answer.
    async fn bring(&self, route: &str, bytes: impl Into<Body>) -> anyhow::Result<Answer> {
        self.receiver.send(receiver::request("POST", &format!("/api/v1{route}"), bytes)?).await
    }

    /// A request whose answer has no body; the status.
    async fn delete(&self, route: &str) -> anyhow::Result<StatusCode> {
        let answer =
            self.receiver.send_raw(receiver::request("DELETE", &format!("/api/v1{route}"), "")?).await?;
        assert!(answer.status() != StatusCode::NO_CONTENT || answer.body().is_empty(), "{answer:?}");
        Ok(answer.status())
    }

    /// A face of an image at this path, which has its result.
    async fn insert_face(&self, path: &str) -> anyhow::Result<u64> {
        let answer = self.receiver.post("/image/post", json!({ "path": path }).to_string()).await?;
        let image = answer.body["id"].as_u64().expect("an id");
        sqlx::query(
            "UPDATE images SET status = 4, reason = 'unknown_face', width = 200, height = 200 WHERE id = ?",
        )
        .bind(image)
        .execute(self.receiver.pool())
        .await?;
        let face = sqlx::query(
            "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks,
                                quality, embedding, model_id, gallery_revision, outcome, created_at, updated_at)
             VALUES (?, 40, 40, 20, 20, 1, '[]', '{}', '', 'm', 'g', 'unknown', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(image)
        .execute(self.receiver.pool())
        .await?
        .last_insert_id();
        sqlx::query(
            "UPDATE faces SET group_id = (SELECT * FROM (SELECT MIN(id) FROM faces) AS first) WHERE id = ?",
        )
        .bind(face)
        .execute(self.receiver.pool())
        .await?;
        Ok(face)
    }

    /// A face of a picture that is really there.
    async fn insert_pictured_face(&self, name: &str) -> anyhow::Result<u64> {
        let picture = image::RgbImage::from_fn(200, 200, |column, row| {
            image::Rgb([u8::try_from(column ^ row).unwrap_or(7); 3])
        });
        picture.save(self.root.path().join(name))?;
        self.insert_face(&format!("/{name}")).await
    }

    async fn actors(&self) -> anyhow::Result<Vec<(String, String)>> {
        let entries = sqlx::query_as("SELECT actor, action FROM audit_entries ORDER BY id");
        Ok(entries.fetch_all(self.receiver.pool()).await?)
    }
}
