//! What stands in the tables, seen by the tests themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use migrations::ImageStatus;
use rollcall_tests::wait;
use sqlx::{FromRow, MySqlPool};

/// Long enough for the slowest machine; who waits for it has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(90);

/// An image and its faces.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct ImageRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) status: ImageStatus,
    pub(crate) error_code: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) losses: u32,
    pub(crate) rounds: u32,
    pub(crate) lease_token: u64,
    pub(crate) faces: i64,
}

/// Direct access to `images`, `faces` and `outbox`.
pub(crate) struct Table {
    pool: MySqlPool,
}

impl Table {
    pub(crate) fn new(pool: MySqlPool) -> Self {
        Self { pool }
    }

    /// Every image, in the order of the ids.
    pub(crate) async fn images(&self) -> Vec<ImageRow> {
        let rows = sqlx::query_as(
            "SELECT id, path, status, error_code, attempts, losses, rounds, lease_token,
                    (SELECT COUNT(*) FROM faces WHERE image_id = images.id) AS faces
             FROM images ORDER BY id",
        );
        rows.fetch_all(&self.pool).await.expect("the database answers")
    }

    pub(crate) async fn image(&self, id: u64) -> ImageRow {
        let mut images = self.images().await;
        images.retain(|image| image.id == id);
        images.pop().expect("the image is in the table")
    }

    /// How many images have this status.
    pub(crate) async fn count(&self, status: ImageStatus) -> u64 {
        self.counts().await.get(status.name()).copied().unwrap_or(0)
    }

    /// How many images there are in each state.
    async fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts: Vec<(ImageStatus, i64)> =
            sqlx::query_as("SELECT status, COUNT(*) FROM images GROUP BY status")
                .fetch_all(&self.pool)
                .await
                .expect("the database answers");
        counts.into_iter().map(|(status, count)| (status.name(), count.unsigned_abs())).collect()
    }

    /// How many images have their result.
    pub(crate) async fn done(&self) -> u64 {
        let counts = self.counts().await;
        let open = [ImageStatus::Pending, ImageStatus::Processing].map(ImageStatus::name);
        counts.iter().filter(|(status, _)| !open.contains(*status)).map(|(_, count)| count).sum()
    }

    /// Waits until so many images have their result.
    pub(crate) async fn wait_until_done(&self, images: u64) {
        let what = format!("{images} results");
        let done = wait::until(&what, DEADLINE, async || {
            let counts = self.counts().await;
            let open = [ImageStatus::Pending, ImageStatus::Processing].map(ImageStatus::name);
            let done: u64 =
                counts.iter().filter(|(status, _)| !open.contains(*status)).map(|(_, count)| count).sum();
            if done >= images { Ok(()) } else { Err(format!("{counts:?}")) }
        });
        done.await.expect("the results come in time");
    }

    /// Waits until no worker holds an image.
    pub(crate) async fn wait_until_nothing_is_in_work(&self) {
        let idle = wait::until("no image to be in work", DEADLINE, async || {
            match self.count(ImageStatus::Processing).await {
                0 => Ok(()),
                leased => Err(leased),
            }
        });
        idle.await.expect("the images in work are finished or given back");
    }

    /// Waits until an image has this status.
    pub(crate) async fn wait_until(&self, id: u64, status: ImageStatus) {
        let what = format!("image {id} to be {}", status.name());
        let reached = wait::until(&what, DEADLINE, async || {
            let image = self.image(id).await;
            if image.status == status { Ok(()) } else { Err(format!("{image:?}")) }
        });
        reached.await.expect("the image gets there in time");
    }

    /// Changes rows as a fault or the passing of time would. Repeated where the services are in the way.
    pub(crate) async fn change(&self, statement: &'static str) {
        let changed =
            wait::until(statement, DEADLINE, async || sqlx::query(statement).execute(&self.pool).await);
        changed.await.expect("the database does it");
    }

    /// Lets ten minutes pass for the messages of every image that waits, as far as the database's clock goes.
    pub(crate) async fn let_ten_minutes_pass(&self) {
        self.change(
            "UPDATE images SET next_attempt_at = next_attempt_at - INTERVAL 10 MINUTE WHERE status = 0",
        )
        .await;
        self.change(
            "UPDATE outbox SET due_at = due_at - INTERVAL 10 MINUTE,
                               published_at = published_at - INTERVAL 10 MINUTE",
        )
        .await;
    }
}

/// There are these images and no others, and each was processed, once, with its one face.
#[track_caller]
pub(crate) fn assert_one_result_each(images: &[ImageRow], ids: &[u64]) {
    let found: BTreeSet<u64> = images.iter().map(|image| image.id).collect();
    assert_eq!(found, ids.iter().copied().collect(), "one row for each image");
    for image in images {
        assert_eq!((image.status, image.faces), (ImageStatus::Processed, 1), "{image:?}");
    }
}

/// No attempt of any of these images was charged.
#[track_caller]
pub(crate) fn assert_nothing_was_charged(images: &[ImageRow]) {
    for image in images {
        assert_eq!(image.attempts, 0, "{image:?}");
    }
}

/// No lease of any of these images ran out, and no call was lost. To be asked of images that wait: a result clears the
/// count.
#[track_caller]
pub(crate) fn assert_nothing_was_lost(images: &[ImageRow]) {
    for image in images {
        assert_eq!(image.losses, 0, "{image:?}");
    }
}
