//! Pictures from elsewhere: what the recogniser is asked, what a failed fetch costs, and that it is no call.

use clap::Parser;
use picture_path::{PictureSource, thumbnail};
use rollcall_tests::{
    scripted_web_server::{Page, ScriptedWebServer},
    wait,
};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::*;
use crate::{
    breaker::BreakerState,
    sources::{FetchArgs, Sources},
};

/// A picture of one pixel; the scripted recogniser does not look at it.
const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[derive(Debug, Parser)]
struct Settings {
    #[command(flatten)]
    fetching: FetchArgs,
}

/// A worker whose image is at `/a` of a web server, and the folder for its thumbnail.
struct Elsewhere {
    workplace: Workplace,
    recogniser: ScriptedRecogniser,
    server: ScriptedWebServer,
    root: TempDir,
}

impl Elsewhere {
    async fn start(script: Script, pages: impl IntoIterator<Item = Page>) -> anyhow::Result<Self> {
        let (server, root) = (ScriptedWebServer::start().await?, TempDir::new()?);
        server.put("/a", pages);
        let (workplace, recogniser) = start(script).await?;
        let allowed = server.address().to_string();
        let settings = Settings::try_parse_from(["settings", "--fetch-allow", &allowed])?.fetching;
        let image = workplace.insert_image(&server.url("/a")).await?;
        let worker = workplace.worker.fetching(Sources::new(&settings, root.path())?);
        Ok(Self { workplace: Workplace { worker, image, ..workplace }, recogniser, server, root })
    }

    /// Where the picture comes as soon as it is told to.
    async fn with_held_picture(script: Script) -> anyhow::Result<(Self, Arc<Notify>)> {
        let go_on = Arc::new(Notify::new());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", PICTURE.len());
        let page = Page::Held(Arc::clone(&go_on), [head.as_bytes(), PICTURE].concat());
        Ok((Self::start(script, [page]).await?, go_on))
    }

    async fn wait_until_it_is_asked(&self) -> anyhow::Result<()> {
        wait::until("a request for the picture", CALL_TIMEOUT, async || match self.server.asked().len() {
            0 => Err("nobody asks"),
            _ => Ok(()),
        })
        .await
    }

    fn open_breaker(&self) -> anyhow::Result<()> {
        for _ in 0..FAILURES.get() {
            self.workplace.breaker.try_acquire()?.begin().end(CallOutcome::Failed);
        }
        Ok(())
    }

    fn has_thumbnail(&self) -> anyhow::Result<bool> {
        let source = PictureSource::parse(&self.server.url("/a"), std::path::Path::new("/"))?;
        Ok(self.root.path().join(thumbnail::place(&source.hash())).is_file())
    }
}

#[tokio::test]
async fn a_fetched_picture_is_sent_as_bytes_and_leaves_a_thumbnail() -> anyhow::Result<()> {
    let script = script(Recognize::Answers(no_face()));
    let elsewhere = Elsewhere::start(script, [Page::file("image/gif", PICTURE)]).await?;

    assert_eq!(elsewhere.workplace.process().await, Disposal::Finish);

    assert_eq!(elsewhere.workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::NoFace));
    assert_eq!(elsewhere.recogniser.asked().recognize, [format!("{} bytes", PICTURE.len())]);
    assert!(elsewhere.has_thumbnail()?);
    Ok(())
}

#[tokio::test]
async fn a_picture_that_cannot_be_fetched_now_is_tried_again_and_charged_whatever_the_recognisers_health()
-> anyhow::Result<()> {
    let away = Script { healthy: false, ..script(Recognize::Answers(no_face())) };
    let picture = Page::file("image/gif", PICTURE);
    let elsewhere = Elsewhere::start(away, [Page::status(503), Page::status(500), picture]).await?;
    let workplace = &elsewhere.workplace;

    for attempts in 1..=2 {
        assert!(matches!(workplace.process().await, Disposal::Requeue(_)));
        assert_eq!(workplace.outcome().await?, Outcome::pending_after("source_unavailable", attempts));
        workplace.make_due().await?;
    }
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?.status, ImageStatus::Unresolved);
    Ok(())
}

#[tokio::test]
async fn a_picture_that_stays_away_fails_and_may_be_tried_again() -> anyhow::Result<()> {
    let script = script(Recognize::Answers(no_face()));
    let elsewhere = Elsewhere::start(script, [Page::status(503)]).await?;
    let workplace = &elsewhere.workplace;

    for _ in 1..5 {
        assert!(matches!(workplace.process().await, Disposal::Requeue(_)));
        workplace.make_due().await?;
    }
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::failed("source_unavailable", true, 5));
    Ok(())
}

#[tokio::test]
async fn failed_fetches_are_no_calls_for_the_breaker() -> anyhow::Result<()> {
    let script = script(Recognize::Answers(no_face()));
    let elsewhere = Elsewhere::start(script, [Page::status(503)]).await?;
    let workplace = &elsewhere.workplace;

    for number in 0..=FAILURES.get() {
        let image = workplace.insert_image(&elsewhere.server.url(&format!("/{number}"))).await?;
        assert_eq!(workplace.worker.process(image, 1, || {}).await, Disposal::Finish);
    }

    assert_eq!(workplace.breaker.snapshot().state, "closed");
    assert_eq!(workplace.breaker.snapshot().consecutive_failures, Some(0));
    assert_eq!(elsewhere.recogniser.asked(), Asked::default());
    Ok(())
}

#[tokio::test]
async fn a_picture_on_its_way_leaves_the_one_call_of_a_half_open_breaker_to_others() -> anyhow::Result<()> {
    let script = script(Recognize::Answers(no_face()));
    let (elsewhere, go_on) = Elsewhere::with_held_picture(script).await?;
    let breaker = &elsewhere.workplace.breaker;
    elsewhere.open_breaker()?;
    let mut state = breaker.state();
    tokio::select! {
        () = breaker.run(|| async { true }) => unreachable!("it has no end"),
        half_open = state.wait_for(|state| *state == BreakerState::HalfOpen) => drop(half_open?),
    }

    let meanwhile = async {
        elsewhere.wait_until_it_is_asked().await?;
        let other = breaker.try_acquire().map(drop);
        go_on.notify_one();
        anyhow::Ok(other)
    };
    let (disposal, other) = tokio::join!(elsewhere.workplace.process(), meanwhile);

    assert_eq!((other?.is_ok(), disposal), (true, Disposal::Finish));
    assert_eq!(breaker.snapshot().state, "closed");
    Ok(())
}

#[tokio::test]
async fn a_picture_that_comes_when_the_breaker_has_opened_waits_and_is_not_charged() -> anyhow::Result<()> {
    let script = script(Recognize::Answers(no_face()));
    let (elsewhere, go_on) = Elsewhere::with_held_picture(script).await?;

    let meanwhile = async {
        elsewhere.wait_until_it_is_asked().await?;
        elsewhere.open_breaker()?;
        go_on.notify_one();
        anyhow::Ok(())
    };
    let (disposal, opened) = tokio::join!(elsewhere.workplace.process(), meanwhile);

    opened?;
    let Disposal::Requeue(after) = disposal else { panic!("it is not answered: {disposal:?}") };
    assert!(after > Duration::ZERO && after <= Duration::from_secs(90), "{after:?}");
    assert_eq!(elsewhere.workplace.outcome().await?, Outcome::pending(0));
    assert_eq!(elsewhere.recogniser.asked(), Asked::default());
    Ok(())
}

#[tokio::test]
async fn an_address_that_nobody_may_fetch_from_fails_for_good_in_words() -> anyhow::Result<()> {
    let elsewhere = Elsewhere::start(script(Recognize::Answers(no_face())), []).await?;
    let workplace = &elsewhere.workplace;
    let image = workplace.insert_image("http://169.254.169.254/latest/meta-data/").await?;

    assert_eq!(workplace.worker.process(image, 1, || {}).await, Disposal::Finish);

    assert_eq!(workplace.outcome_of(image).await?, Outcome::failed("address_forbidden", false, 1));
    let detail: String = sqlx::query_scalar("SELECT error_detail FROM images WHERE id = ?")
        .bind(image.0)
        .fetch_one(&workplace.database.pool)
        .await?;
    assert!(detail.contains("cloud's metadata") && detail.contains("FETCH_ALLOW"), "{detail}");
    Ok(())
}

#[tokio::test]
async fn an_older_recogniser_cannot_be_asked_about_bytes() -> anyhow::Result<()> {
    let older = script(Recognize::Fails(Code::Unimplemented));
    let elsewhere = Elsewhere::start(older, [Page::file("image/gif", PICTURE)]).await?;

    assert_eq!(elsewhere.workplace.process().await, Disposal::Finish);

    assert_eq!(elsewhere.workplace.outcome().await?, Outcome::failed("recogniser_too_old", false, 1));
    assert_eq!(elsewhere.recogniser.asked().identify, [""; 0]);
    assert!(!elsewhere.has_thumbnail()?);
    Ok(())
}

#[tokio::test]
async fn a_picture_without_a_thumbnail_has_its_result() -> anyhow::Result<()> {
    let script = script(Recognize::Answers(no_face()));
    let elsewhere = Elsewhere::start(script, [Page::file("image/gif", b"GIF89a, and no more")]).await?;

    assert_eq!(elsewhere.workplace.process().await, Disposal::Finish);

    assert_eq!(elsewhere.workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::NoFace));
    assert!(!elsewhere.has_thumbnail()?);
    Ok(())
}
