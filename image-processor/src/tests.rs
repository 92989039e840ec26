//! What tests of several modules share: a database with images that have a result, decided by the real store.

use std::{collections::BTreeSet, time::Duration};

use identification::{Neighbour, Thresholds, candidates};
use migrations::{FaceOutcome, FaceVerdict, ImageStatus, UnresolvedReason, accounts::Account};
use rollcall_tests::{mariadb::ScratchDatabase, wait};
use sqlx::{FromRow, MySqlPool};

use crate::{
    decision::PersonId,
    message::ImageId,
    people::owners_of,
    recognizer::RecognizedFace,
    store::{Claimed, DecidedFace, Finding, MySqlStore, Store, decision_of},
};

pub(crate) const MODEL: &str = "dlib";
pub(crate) const DLIB: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };
const LEASE: Duration = Duration::from_mins(1);

/// A database and a worker's store over it.
pub(crate) struct Recorded {
    pub(crate) database: ScratchDatabase,
    pub(crate) store: MySqlStore,
}

/// What of `faces` tells who a face is.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct FaceState {
    pub(crate) id: u64,
    pub(crate) outcome: FaceOutcome,
    pub(crate) person: Option<String>,
    pub(crate) matched_photo: Option<String>,
    pub(crate) distance: Option<f32>,
    pub(crate) runner_up: Option<String>,
    pub(crate) source: String,
    pub(crate) gallery_revision: String,
    pub(crate) group_id: Option<u64>,
}

/// What of `images` tells what became of an image.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub(crate) struct ImageState {
    pub(crate) status: ImageStatus,
    pub(crate) person: Option<String>,
    pub(crate) reason: Option<UnresolvedReason>,
    pub(crate) lease_token: u64,
    pub(crate) gallery_revision: Option<String>,
}

/// A face at this place that is this far from these known photos.
pub(crate) fn face(left: i32, nearest: &[(&str, f32)]) -> RecognizedFace {
    RecognizedFace {
        bounds: proto::Box { left, top: 0, width: 100, height: 100 },
        score: 0.75,
        landmarks: Vec::new(),
        quality: proto::Quality::default(),
        embedding: vec![1.0, 2.0],
        nearest: nearest
            .iter()
            .map(|(photo, distance)| Neighbour { photo: (*photo).to_owned(), distance: *distance })
            .collect(),
    }
}

impl Recorded {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let database = ScratchDatabase::start().await?;
        let store = worker_on(&database, "worker");
        Ok(Self { database, store })
    }

    /// An image that was looked at once, by the gallery `r1`.
    pub(crate) async fn image(&self, path: &str, faces: Vec<RecognizedFace>) -> anyhow::Result<ImageId> {
        let inserted = sqlx::query(
            "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
             VALUES (?, UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(path)
        .bind(path)
        .execute(&self.database.pool)
        .await?;
        let id = ImageId(inserted.last_insert_id());
        self.look(id, faces).await?;
        Ok(id)
    }

    /// A further look at an image.
    pub(crate) async fn look(&self, id: ImageId, faces: Vec<RecognizedFace>) -> anyhow::Result<()> {
        self.look_by("r1", id, faces).await
    }

    /// The same, answered by this gallery.
    pub(crate) async fn look_by(
        &self,
        gallery_revision: &str,
        id: ImageId,
        faces: Vec<RecognizedFace>,
    ) -> anyhow::Result<()> {
        sqlx::query("UPDATE images SET status = 0, next_attempt_at = UTC_TIMESTAMP(6) WHERE id = ?")
            .bind(id.0)
            .execute(&self.database.pool)
            .await?;
        let Claimed::Yes(claim) = self.store.claim(id).await? else { anyhow::bail!("it cannot be claimed") };
        let photos: BTreeSet<&str> =
            faces.iter().flat_map(|face| &face.nearest).map(|near| near.photo.as_str()).collect();
        let owners = owners_of(&self.store, &photos).await?;
        let owner_of = |photo: &str| owners.get(photo).copied();
        let faces: Vec<DecidedFace> = faces
            .into_iter()
            .map(|face| {
                let candidates = candidates(&face.nearest, owner_of);
                DecidedFace::new(face, candidates, DLIB)
            })
            .collect();
        let finding = Finding {
            decision: decision_of(&faces),
            faces,
            model_id: Some(MODEL.to_owned()),
            gallery_revision: Some(gallery_revision.to_owned()),
            size: None,
            thresholds: Some(DLIB),
        };
        anyhow::ensure!(self.store.record(&claim, finding).await?, "the lease was lost");
        Ok(())
    }

    pub(crate) async fn person(&self, name: &str) -> sqlx::Result<PersonId> {
        sqlx::query("INSERT IGNORE INTO person (name) VALUES (?)")
            .bind(name)
            .execute(&self.database.pool)
            .await?;
        let id = sqlx::query_scalar("SELECT id FROM person WHERE name = ?").bind(name);
        Ok(PersonId(id.fetch_one(&self.database.pool).await?))
    }

    /// A person says that a face is somebody, or is not.
    pub(crate) async fn say(&self, face: u64, verdict: FaceVerdict, person: PersonId) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO face_verdicts VALUES (?, ?, ?, UTC_TIMESTAMP(6))")
            .bind(face)
            .bind(person.0)
            .bind(verdict)
            .execute(&self.database.pool)
            .await?;
        Ok(())
    }

    /// Somebody turns out to be somebody else.
    pub(crate) async fn merge(&self, from: PersonId, into: PersonId) -> sqlx::Result<()> {
        sqlx::query("UPDATE person SET merged_into = ? WHERE id = ?")
            .bind(into.0)
            .bind(from.0)
            .execute(&self.database.pool)
            .await?;
        Ok(())
    }

    pub(crate) async fn state(&self, image: ImageId) -> sqlx::Result<ImageState> {
        sqlx::query_as(
            "SELECT status, person.name AS person, reason, lease_token, gallery_revision
             FROM images LEFT JOIN person ON person.id = person WHERE images.id = ?",
        )
        .bind(image.0)
        .fetch_one(&self.database.pool)
        .await
    }

    pub(crate) async fn faces(&self, image: ImageId) -> sqlx::Result<Vec<FaceState>> {
        sqlx::query_as(
            "SELECT faces.id, outcome, best.name AS person, matched_photo, distance, second.name AS runner_up, source,
                    gallery_revision, group_id
             FROM faces LEFT JOIN person AS best ON best.id = person_id
                        LEFT JOIN person AS second ON second.id = runner_up_person_id
             WHERE image_id = ? ORDER BY faces.id",
        )
        .bind(image.0)
        .fetch_all(&self.database.pool)
        .await
    }

    pub(crate) async fn only_face(&self, image: ImageId) -> anyhow::Result<FaceState> {
        let mut faces = self.faces(image).await?;
        anyhow::ensure!(faces.len() == 1, "there are {} faces", faces.len());
        Ok(faces.remove(0))
    }

    /// The images that are wished to be decided again, in the order of their ids.
    pub(crate) async fn wished(&self) -> sqlx::Result<Vec<u64>> {
        sqlx::query_scalar("SELECT image_id FROM redecisions ORDER BY image_id")
            .fetch_all(&self.database.pool)
            .await
    }
}

/// Until a statement of a worker that begins so is under way, which it cannot end while somebody else holds its rows.
pub(crate) async fn until_it_waits(database: &ScratchDatabase, beginning: &str) -> anyhow::Result<()> {
    // Other accounts do not see what it does.
    let pool: MySqlPool = database.pool_of(Account::ImageProcessor);
    wait::until("a statement that waits", Duration::from_secs(10), async || {
        let waiting: Vec<String> = sqlx::query_scalar(
            "SELECT CAST(INFO AS CHAR) FROM information_schema.PROCESSLIST WHERE INFO LIKE CONCAT(?, '%')",
        )
        .bind(beginning)
        .fetch_all(&pool)
        .await?;
        anyhow::ensure!(!waiting.is_empty(), "no {beginning} is under way");
        Ok(())
    })
    .await
}

/// Another worker's store, by its own account.
pub(crate) fn worker_on(database: &ScratchDatabase, owner: &str) -> MySqlStore {
    let pool = database.pool_of(Account::ImageProcessor);
    let (store, mut tasks) = MySqlStore::start(pool, owner.to_owned(), LEASE);
    // They end with the store.
    tasks.detach_all();
    store
}
