//! The way of one message, from the claim to what stands in the row, with a real MariaDB and a recogniser that
//! answers what the test wrote down.

mod answers;
mod breaker;
mod faults;
mod leases;
mod messages;
mod sources;

use std::net::SocketAddr;

use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};
use rollcall_tests::{
    mariadb::ScratchDatabase,
    scripted_recogniser::{Asked, Recognize, Script, ScriptedRecogniser, no_face, one_face},
};
use sqlx::FromRow;
use tonic::Code;

use super::*;
use crate::{breaker::BreakerOptions, recognizer::RecognitionSource, store::MySqlStore};

const IMAGE_ROOT: &str = "/srv/pictures";
const PATH: &str = "/photos/a.jpg";
const LEASE: Duration = Duration::from_mins(1);
/// Long enough for a server in the same process.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Failures in a row that open the breaker.
const FAILURES: NonZeroU32 = NonZeroU32::new(8).expect("8 is not 0");

/// What of `images` tells what became of an image.
#[derive(Debug, PartialEq, FromRow)]
struct Outcome {
    status: ImageStatus,
    person: Option<String>,
    reason: Option<UnresolvedReason>,
    error_code: Option<String>,
    retryable: bool,
    attempts: u32,
}

impl Outcome {
    /// An image that waits for the next attempt.
    fn pending(attempts: u32) -> Self {
        let status = ImageStatus::Pending;
        Self { status, person: None, reason: None, error_code: None, retryable: false, attempts }
    }

    /// An image that waits for the next attempt, because the last one failed of this.
    fn pending_after(error_code: &str, attempts: u32) -> Self {
        Self { error_code: Some(error_code.to_owned()), ..Self::pending(attempts) }
    }

    fn failed(error_code: &str, retryable: bool, attempts: u32) -> Self {
        let (status, error_code) = (ImageStatus::Failed, Some(error_code.to_owned()));
        Self { status, error_code, retryable, ..Self::pending(attempts) }
    }

    fn processed(person: &str) -> Self {
        let (status, person) = (ImageStatus::Processed, Some(person.to_owned()));
        Self { status, person, ..Self::pending(0) }
    }

    fn unresolved(reason: UnresolvedReason) -> Self {
        Self { status: ImageStatus::Unresolved, reason: Some(reason), ..Self::pending(0) }
    }
}

/// What of `faces` tells who a face is.
#[derive(Debug, PartialEq, FromRow)]
struct StoredFace {
    outcome: FaceOutcome,
    person: Option<String>,
    matched_photo: Option<String>,
    distance: Option<f32>,
    runner_up: Option<String>,
}

/// A worker, its database and one image for it.
struct Workplace {
    database: ScratchDatabase,
    worker: Worker<MySqlStore>,
    breaker: Breaker,
    image: ImageId,
}

impl Workplace {
    async fn start(address: SocketAddr, call_timeout: Duration) -> anyhow::Result<Self> {
        Self::wire(address, call_timeout, LEASE).await
    }

    async fn with_lease(address: SocketAddr, lease: Duration) -> anyhow::Result<Self> {
        Self::wire(address, CALL_TIMEOUT, lease).await
    }

    async fn wire(address: SocketAddr, call_timeout: Duration, lease: Duration) -> anyhow::Result<Self> {
        let database = ScratchDatabase::start().await?;
        let source = RecognitionSource::List([address.into()].into());
        let recognizer = Recognizer::new(source, call_timeout, IMAGE_ROOT.into());
        let (store, mut tasks) = MySqlStore::start(database.pool.clone(), "worker".to_owned(), lease);
        // They end with the store.
        tasks.detach_all();
        // Wide enough that it stays closed where a test is not about it.
        let breaker = Breaker::new(
            BreakerOptions { failures: FAILURES, ..BreakerOptions::new(CALL_TIMEOUT) },
            Jitter::random(),
        );
        let worker =
            Worker::new(store, recognizer, breaker.clone(), lease, NonZeroU32::MIN, Jitter::random());
        let mut workplace = Self { database, worker, breaker, image: ImageId(0) };
        workplace.image = workplace.insert_image(PATH).await?;
        Ok(workplace)
    }

    /// Puts a pending image there that is due.
    async fn insert_image(&self, path: &str) -> sqlx::Result<ImageId> {
        let inserted = sqlx::query(
            "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
             VALUES (?, UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(path)
        .bind(path)
        .execute(&self.database.pool)
        .await?;
        Ok(ImageId(inserted.last_insert_id()))
    }

    /// Lets the time pass that the image has to wait.
    async fn make_due(&self) -> sqlx::Result<()> {
        sqlx::query("UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6)")
            .execute(&self.database.pool)
            .await?;
        Ok(())
    }

    /// The message of the image is delivered for the first time.
    async fn process(&self) -> Disposal {
        self.worker.process(self.image, 1, || {}).await
    }

    /// The image is claimed and worked on whatever the breaker says.
    async fn work_on(&self) -> anyhow::Result<Disposal> {
        let Claimed::Yes(claim) = self.worker.store.claim(self.image).await? else {
            anyhow::bail!("the image cannot be claimed");
        };
        let open_minded = Breaker::new(BreakerOptions::new(CALL_TIMEOUT), Jitter::random());
        let permit = open_minded.try_acquire()?;
        Ok(self.worker.work_on(&claim, permit, 1, || {}).await)
    }

    async fn outcome(&self) -> sqlx::Result<Outcome> {
        self.outcome_of(self.image).await
    }

    async fn outcome_of(&self, image: ImageId) -> sqlx::Result<Outcome> {
        sqlx::query_as(
            "SELECT status, person.name AS person, reason, error_code, retryable, attempts
             FROM images LEFT JOIN person ON person.id = images.person WHERE images.id = ?",
        )
        .bind(image.0)
        .fetch_one(&self.database.pool)
        .await
    }

    async fn only_face(&self) -> sqlx::Result<StoredFace> {
        sqlx::query_as(
            "SELECT outcome, best.name AS person, matched_photo, distance, second.name AS runner_up
             FROM faces LEFT JOIN person AS best ON best.id = person_id
                        LEFT JOIN person AS second ON second.id = runner_up_person_id",
        )
        .fetch_one(&self.database.pool)
        .await
    }

    /// Each known photo with the name of its person.
    async fn known_photos(&self) -> sqlx::Result<Vec<(String, String)>> {
        sqlx::query_as(
            "SELECT image_name, person.name FROM person_images JOIN person ON person.id = person_id
             ORDER BY image_name",
        )
        .fetch_all(&self.database.pool)
        .await
    }
}

/// A worker whose recogniser keeps to the script.
async fn start(script: Script) -> anyhow::Result<(Workplace, ScriptedRecogniser)> {
    let recogniser = ScriptedRecogniser::start(script)?;
    Ok((Workplace::start(recogniser.address(), CALL_TIMEOUT).await?, recogniser))
}

/// A recogniser whose `Recognize` ends like this, and which has no known photos.
fn script(recognize: Recognize) -> Script {
    Script { best_photo: Some(proto::NOBODY_MATCHED.to_owned()), ..Script::new(recognize) }
}
