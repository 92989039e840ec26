//! The receiver's router over a database of its own, by the receiver's own account there. What it publishes goes to a port where nobody listens.

use std::{net::Ipv4Addr, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use migrations::accounts::Account;
use nsq_client::{Address, Producer, ProducerOptions};
use rollcall_tests::mariadb::ScratchDatabase;
use serde_json::Value;
use service_kit::bearer::Access;
use sqlx::MySqlPool;
use tokio::{net::TcpSocket, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    app::{AppState, PHOTOS_AT_ONCE},
    face_photo::FacePhotos,
    gallery::{Gallery, Limits, scripted::ScriptedGallery},
    known_people::KnownPeople,
    posting, publisher,
    routes::{router, statistics},
    store::Store,
    turns::Turns,
    under_way::UnderWay,
    uploads::Uploads,
};

pub(super) const IMAGE_ROOT: &str = "/srv/pictures";
const PUBLISH_DEADLINE: Duration = Duration::from_millis(200);
/// Short enough to wait for where nobody answers.
const GALLERY_LIMITS: Limits = Limits { change: Duration::from_secs(1), question: Duration::from_secs(1) };
/// The same for a turn that nobody gives back.
const PATIENCE: Duration = Duration::from_secs(1);
/// More than any answer has.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

pub(super) struct Receiver {
    router: Router,
    database: ScratchDatabase,
    posting: JoinHandle<()>,
    publishing: JoinHandle<()>,
    /// Bound and not listening: as long as we hold it nobody else can listen there either.
    _no_nsqd: TcpSocket,
}

impl Receiver {
    /// One that listens where only this machine reaches it, without a token.
    pub(super) async fn start() -> anyhow::Result<Self> {
        Self::start_for(Access::Local).await
    }

    /// One that lets these change something.
    pub(super) async fn start_for(access: Access) -> anyhow::Result<Self> {
        Self::start_with(access, Path::new(IMAGE_ROOT), None).await
    }

    /// One with its pictures in this folder.
    pub(super) async fn start_in(image_root: &Path, access: Access) -> anyhow::Result<Self> {
        Self::start_with(access, image_root, None).await
    }

    /// One with pictures in this folder, and this gallery.
    pub(super) async fn start_over(image_root: &Path, gallery: &ScriptedGallery) -> anyhow::Result<Self> {
        Self::start_with(Access::Local, image_root, Some(gallery)).await
    }

    async fn start_with(
        access: Access,
        image_root: &Path,
        gallery: Option<&ScriptedGallery>,
    ) -> anyhow::Result<Self> {
        let database = ScratchDatabase::start().await?;
        let no_nsqd = TcpSocket::new_v4()?;
        no_nsqd.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let nsqd = Address::new("127.0.0.1", no_nsqd.local_addr()?.port())?;
        let options = ProducerOptions { publish_deadline: PUBLISH_DEADLINE, ..ProducerOptions::default() };
        let store = Store::new(database.pool_of(Account::Receiver));
        let (publisher, publishing) =
            publisher::start(store.clone(), Arc::new(Producer::new(vec![nsqd], options)?));
        let (posts, posting) = posting::start(store.clone(), publisher);
        let image_root = Arc::new(image_root.to_owned());
        let nobody = || format!("http://{}", no_nsqd.local_addr().expect("it is bound")).parse();
        let recogniser = gallery.map_or_else(nobody, |gallery| Ok(gallery.uri()))?;
        let gallery = Gallery::new(recogniser, None, GALLERY_LIMITS);
        let under_way = UnderWay::default();
        let state = AppState {
            known_people: KnownPeople::new(store.clone(), gallery.clone(), under_way.clone()),
            photo_turns: Turns::new(PHOTOS_AT_ONCE, PATIENCE),
            under_way,
            face_photos: FacePhotos::new(Arc::clone(&image_root)),
            uploads: Uploads::new(Arc::clone(&image_root)),
            stopping: CancellationToken::new(),
            store,
            posts,
            image_root,
            statistics: statistics::Kept::default(),
            access: Arc::new(access),
            gallery,
        };
        Ok(Self { router: router(state), database, posting, publishing, _no_nsqd: no_nsqd })
    }

    /// Ends as a receiver does that is told to stop: what was posted is stored, and the publisher tries what is left. Returns what is stored.
    pub(super) async fn finish(self) -> anyhow::Result<ScratchDatabase> {
        drop(self.router);
        self.posting.await?;
        self.publishing.await?;
        Ok(self.database)
    }

    pub(super) async fn post(&self, route: &str, body: impl Into<Body>) -> anyhow::Result<Answer> {
        self.send(request("POST", route, body)?).await
    }

    pub(super) async fn get(&self, route: &str) -> anyhow::Result<Answer> {
        self.send(request("GET", route, "")?).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> anyhow::Result<Answer> {
        let (head, body) = self.send_raw(request).await?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: serde_json::from_slice(&body)? })
    }

    /// The answer with its body to the byte.
    pub(super) async fn send_raw(&self, request: Request<Body>) -> anyhow::Result<Response<Bytes>> {
        let (head, body) = self.router.clone().oneshot(request).await?.into_parts();
        Ok(Response::from_parts(head, to_bytes(body, ANSWER_BYTES).await?))
    }

    pub(super) fn router(&self) -> &Router {
        &self.router
    }

    pub(super) fn pool(&self) -> &MySqlPool {
        &self.database.pool
    }

    pub(super) fn pool_of(&self, account: Account) -> MySqlPool {
        self.database.pool_of(account)
    }

    /// The rows of `images` and of `outbox`.
    pub(super) async fn count_stored(&self) -> sqlx::Result<(i64, i64)> {
        sqlx::query_as("SELECT (SELECT COUNT(*) FROM images), (SELECT COUNT(*) FROM outbox)")
            .fetch_one(self.pool())
            .await
    }
}

pub(super) fn request(method: &str, route: &str, body: impl Into<Body>) -> anyhow::Result<Request<Body>> {
    Ok(Request::builder().method(method).uri(route).body(body.into())?)
}

/// What a client reads; the body is JSON in every case.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// Asserts that this is a whole problem document, with the same status inside and outside.
    #[track_caller]
    pub(super) fn expect_problem(&self, case: &str, status: StatusCode, code: &str, field: Option<&str>) {
        assert_eq!(self.status, status, "{case}: {self:?}");
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{case}: {self:?}");
        assert_eq!(self.body["status"], status.as_u16(), "{case}: {self:?}");
        assert_eq!(self.body["code"], code, "{case}: {self:?}");
        assert_eq!(self.body["type"], format!("urn:rollcall:problem:{code}"), "{case}: {self:?}");
        assert_eq!(self.body.get("field").and_then(Value::as_str), field, "{case}: {self:?}");
        for text in ["title", "detail"] {
            assert!(
                self.body[text].as_str().is_some_and(|text| !text.is_empty()),
                "{case}: {text} of {self:?}"
            );
        }
    }
}
