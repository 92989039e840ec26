//! The client against a gallery with faults, over a real connection.

use tonic::Code;

use super::{
    scripted::{Answers, ScriptedGallery},
    *,
};

/// Long enough for a loopback connection, short enough to wait for where nobody answers.
const SHORT: Limits = Limits { change: Duration::from_millis(300), question: Duration::from_millis(300) };
const LONG: Limits = Limits { change: Duration::from_secs(20), question: Duration::from_secs(20) };

fn client(gallery: &ScriptedGallery, limits: Limits) -> Gallery {
    Gallery::new(gallery.uri(), None, limits)
}

fn token(text: &str) -> GalleryToken {
    let file = tempfile::NamedTempFile::new().expect("a scratch file");
    std::fs::write(file.path(), text).expect("a small file");
    GalleryToken::read(file.path()).expect("a token")
}

#[tokio::test]
async fn a_photo_is_enrolled_listed_and_forgotten() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&["bad.jpg", "bob.jpg"]).await?;
    server.script().resembles = vec![("bob.jpg", 0.25)];
    let gallery = client(&server, LONG);

    let enrolled = gallery.enrol("ann.jpg", b"a face".to_vec()).await?;
    let listed = gallery.list().await?;
    let forgotten = [gallery.forget("ann.jpg").await?, gallery.forget("ann.jpg").await?];

    assert_eq!(enrolled, [Resembling { photo: "bob.jpg".to_owned(), distance: 0.25 }]);
    let skipped = Some("nobody is seen in it".to_owned());
    let photo = |photo: &str, skipped| ListedPhoto { photo: photo.to_owned(), skipped };
    assert_eq!(listed.photos, [photo("ann.jpg", None), photo("bad.jpg", skipped), photo("bob.jpg", None)]);
    assert_eq!(listed.revision, "r1");
    assert_eq!(forgotten, [Forgotten::Now, Forgotten::Before]);
    assert_eq!(server.photos(), ["bad.jpg", "bob.jpg"]);
    Ok(())
}

#[tokio::test]
async fn a_picture_as_large_as_the_recogniser_takes_is_sent() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;

    client(&server, LONG).enrol("ann.jpg", vec![7; 32 << 20]).await?;

    assert_eq!(server.script().photos["ann.jpg"].len(), 32 << 20);
    Ok(())
}

#[tokio::test]
async fn changes_carry_the_token_and_are_refused_without_it() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&["bob.jpg"]).await?;
    server.script().token = Some("s3cret");

    let without = client(&server, LONG).forget("bob.jpg").await.expect_err("it wants a token");
    let with = Gallery::new(server.uri(), Some(token(" s3cret\n")), LONG).forget("bob.jpg").await?;

    assert_eq!(without, GalleryFailure::NotAllowed("send the token".to_owned()));
    assert_eq!(with, Forgotten::Now);
    Ok(())
}

#[test]
fn a_token_is_never_printed() {
    let token = token("s3cret");
    let gallery_value = format!("{token:?} {:?}", token.0);

    assert!(!gallery_value.contains("s3cret"), "{gallery_value}");
}

#[test]
fn a_file_without_a_token_is_named() {
    let empty = tempfile::NamedTempFile::new().expect("a scratch file");
    let odd = tempfile::NamedTempFile::new().expect("a scratch file");
    std::fs::write(odd.path(), "s3\nret").expect("a small file");

    let faults = [empty.path(), Path::new("/no/such/file"), odd.path()]
        .map(|path| GalleryToken::read(path).expect_err("there is no token").to_string());

    assert!(faults[0].contains("which is empty"), "{faults:?}");
    assert!(faults[1].contains("/no/such/file, which cannot be read"), "{faults:?}");
    assert!(faults[2].contains("printable ASCII") && !faults[2].contains("ret\""), "{faults:?}");
}

#[tokio::test]
async fn an_enrolment_whose_answer_is_lost_counts_when_the_photo_is_there() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;
    server.script().changes = Answers::DoesAndHangs;

    let enrolled = client(&server, SHORT).enrol("ann.jpg", b"a face".to_vec()).await?;

    assert_eq!(enrolled, []);
    assert_eq!(server.photos(), ["ann.jpg"]);
    Ok(())
}

#[tokio::test]
async fn an_enrolment_without_an_answer_did_not_happen_when_the_photo_is_not_there() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;
    server.script().changes = Answers::Hangs;

    let failure = client(&server, SHORT).enrol("ann.jpg", b"a face".to_vec()).await;

    assert!(matches!(failure, Err(GalleryFailure::Away(_))), "{failure:?}");
    Ok(())
}

#[tokio::test]
async fn where_nothing_answers_any_more_it_stays_open_whether_somebody_was_enrolled() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&["bob.jpg"]).await?;
    {
        let mut script = server.script();
        script.changes = Answers::DoesAndHangs;
        script.list = Answers::Hangs;
    }
    let gallery = client(&server, SHORT);

    let enrolled = gallery.enrol("ann.jpg", b"a face".to_vec()).await;
    let forgotten = gallery.forget("bob.jpg").await;

    assert!(matches!(enrolled, Err(GalleryFailure::Lost(_))), "{enrolled:?}");
    assert!(matches!(forgotten, Err(GalleryFailure::Lost(_))), "{forgotten:?}");
    Ok(())
}

#[tokio::test]
async fn a_photo_whose_end_was_not_told_is_forgotten_when_it_is_not_listed() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&["bob.jpg"]).await?;
    server.script().changes = Answers::DoesAndHangs;

    assert_eq!(client(&server, SHORT).forget("bob.jpg").await?, Forgotten::Now);
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_refuses_is_busy_or_is_not_there_has_changed_nothing() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;
    let gallery = client(&server, LONG);

    server.script().changes = Answers::Refuses(Code::InvalidArgument, "several_faces");
    let refused = gallery.enrol("ann.jpg", b"two faces".to_vec()).await;
    server.script().changes = Answers::Refuses(Code::ResourceExhausted, "queue_full");
    let busy = gallery.enrol("ann.jpg", b"a face".to_vec()).await;
    let uri = server.uri();
    drop(server);
    let away = Gallery::new(uri.clone(), None, LONG).enrol("ann.jpg", b"a face".to_vec()).await;
    let unwell = Gallery::new(uri, None, LONG).health().await.expect_err("nobody is there");

    assert!(
        matches!(refused, Err(GalleryFailure::Refused(Refused { code: "several_faces", .. }))),
        "{refused:?}"
    );
    assert!(matches!(busy, Err(GalleryFailure::Busy(_))), "{busy:?}");
    assert!(matches!(away, Err(GalleryFailure::Away(_))), "{away:?}");
    assert!(unwell.contains("RECOGNITION"), "{unwell}");
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_is_well_says_so() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;

    assert_eq!(client(&server, LONG).health().await, Ok(()));
    Ok(())
}

#[tokio::test]
async fn an_enrolment_that_may_be_at_its_last_step_and_cannot_be_undone_stays_open() -> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;
    server.script().changes = Answers::Hangs;

    for failure in [Answers::Refuses(Code::Unavailable, "loading"), Answers::Refuses(Code::Internal, "")] {
        server.script().forgets = Some(failure);
        let enrolled = client(&server, SHORT).enrol("ann.jpg", b"a face".to_vec()).await;
        assert!(matches!(enrolled, Err(GalleryFailure::Lost(_))), "{failure:?}: {enrolled:?}");
    }
    Ok(())
}

#[tokio::test]
async fn who_asks_how_a_recogniser_is_that_hangs_is_told_where_to_look_before_readiness_gives_up()
-> anyhow::Result<()> {
    let server = ScriptedGallery::start(&[]).await?;
    server.script().health = Answers::Hangs;

    let asked = timeout(Duration::from_secs(2), client(&server, Limits::USUAL).health()).await;

    let unwell = asked.expect("it is less than the 2 s of /readyz").expect_err("it hangs");
    assert!(unwell.contains("RECOGNITION"), "{unwell}");
    Ok(())
}
