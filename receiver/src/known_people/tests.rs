//! The database is a real one, the gallery shows the faults that a real one does not show when asked to.

use std::time::Duration;

use migrations::accounts::Account;
use rollcall_tests::{mariadb::ScratchDatabase, wait};
use tonic::Code;

use super::*;
use crate::{
    gallery::{
        Limits,
        scripted::{Answers, ScriptedGallery},
    },
    person_name::PersonName,
};

const SHORT: Limits = Limits { change: Duration::from_millis(500), question: Duration::from_millis(500) };
const DEADLINE: Duration = Duration::from_secs(10);

struct Scene {
    database: ScratchDatabase,
    gallery: ScriptedGallery,
    people: KnownPeople,
    under_way: UnderWay,
}

async fn scene(photos: &[&str]) -> anyhow::Result<Scene> {
    let database = ScratchDatabase::start().await?;
    let gallery = ScriptedGallery::start(photos).await?;
    let under_way = UnderWay::default();
    let store = Store::new(database.pool_of(Account::Receiver));
    let client = Gallery::new(gallery.uri(), None, SHORT);
    let people = KnownPeople::new(store, client, under_way.clone());
    Ok(Scene { database, gallery, people, under_way })
}

impl Scene {
    async fn enrol(&self, name: &str, bytes: &str) -> Result<EnrolledPhoto, KnownPeopleError> {
        let whom = Whom::Name(PersonName::parse(name).expect("a name"));
        let photo = NewPhoto {
            bytes: bytes.as_bytes().to_vec(),
            format: PictureFormat::Jpeg,
            face: None,
            turn: None,
        };
        self.people.enrol(Actor::named("Ann"), whom, photo).await
    }

    async fn rows(&self) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar("SELECT image_name FROM person_images ORDER BY image_name")
            .fetch_all(&self.database.pool)
            .await
    }

    async fn names(&self) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar("SELECT name FROM person ORDER BY name").fetch_all(&self.database.pool).await
    }
}

fn code_of<T: std::fmt::Debug>(done: Result<T, KnownPeopleError>) -> &'static str {
    match done {
        Err(KnownPeopleError::Gallery(GalleryFailure::Refused(refused))) => refused.code,
        Err(KnownPeopleError::Gallery(GalleryFailure::Away(_))) => "away",
        Err(KnownPeopleError::Gallery(GalleryFailure::Lost(_))) => "lost",
        Err(KnownPeopleError::Change(ChangeError::Refused(Refusal::UnknownPerson(_)))) => "unknown person",
        Err(KnownPeopleError::Change(ChangeError::Refused(Refusal::UnknownPhoto(_)))) => "unknown photo",
        other => panic!("it has no code: {other:?}"),
    }
}

#[tokio::test]
async fn a_photo_of_somebody_new_is_known_and_tells_of_others_that_it_looks_like() -> anyhow::Result<()> {
    let scene = scene(&["stranger.jpg"]).await?;
    scene.enrol("Bob", "bob").await?;
    scene.gallery.script().resembles = vec![("bob.jpg", 0.25), ("ann.jpg", 0.3), ("stranger.jpg", 0.5)];

    let ann = scene.enrol("Ann", "ann").await?;

    let near: Vec<_> = ann.resembles.iter().map(|near| (near.photo.as_str(), near.person.as_ref())).collect();
    let bob = near[0].1.map(|person| person.name.as_str());
    assert_eq!((ann.photo.as_str(), ann.person.name.as_str()), ("ann.jpg", "Ann"));
    assert_eq!((near[0].0, bob, near[1]), ("bob.jpg", Some("Bob"), ("stranger.jpg", None)));
    assert_eq!(near.len(), 2, "it does not resemble Ann's own: {near:?}");
    assert_eq!(scene.gallery.photos(), ["ann.jpg", "bob.jpg", "stranger.jpg"]);
    Ok(())
}

#[tokio::test]
async fn a_photo_that_the_recogniser_does_not_take_leaves_nothing() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;

    for (answers, expected) in [
        (Answers::Refuses(Code::InvalidArgument, "several_faces"), "several_faces"),
        (Answers::Refuses(Code::Unavailable, "loading"), "away"),
        (Answers::Hangs, "away"),
    ] {
        scene.gallery.script().changes = answers;

        let done = scene.enrol("Ann", "ann").await;

        assert_eq!(code_of(done), expected);
        assert_eq!((scene.rows().await?, scene.names().await?), (Vec::new(), Vec::new()), "{answers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn while_the_recogniser_is_away_nobody_is_made() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    scene.gallery.script().list = Answers::Refuses(Code::Unavailable, "loading");

    assert_eq!(code_of(scene.enrol("Ann", "ann").await), "away");

    let told: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM audit_entries").fetch_one(&scene.database.pool).await?;
    assert_eq!((scene.names().await?, told), (Vec::new(), 0));
    Ok(())
}

#[tokio::test]
async fn an_enrolment_whose_answer_is_lost_keeps_its_row_when_the_photo_is_there() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    scene.gallery.script().changes = Answers::DoesAndHangs;

    let enrolled = scene.enrol("Ann", "ann").await?;

    assert_eq!(enrolled.photo, "ann.jpg");
    assert_eq!(
        (scene.rows().await?, scene.gallery.photos()),
        (vec!["ann.jpg".to_owned()], vec!["ann.jpg".to_owned()])
    );
    Ok(())
}

#[tokio::test]
async fn a_row_stays_where_nobody_knows_whether_its_photo_is_there() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    scene.gallery.script().changes = Answers::DoesAndHangs;
    let enrolling = scene.enrol("Ann", "ann");
    // The list is asked for before the change, and after it.
    let silencing = wait::until("the photo to be there", DEADLINE, async || {
        let mut script = scene.gallery.script();
        anyhow::ensure!(script.photos.contains_key("ann.jpg"), "not yet");
        script.list = Answers::Hangs;
        Ok(())
    });

    let (done, silenced) = tokio::join!(enrolling, silencing);

    silenced?;
    assert_eq!(code_of(done), "lost");
    assert_eq!(scene.rows().await?, ["ann.jpg"], "else it would be taken for somebody by its file name");
    Ok(())
}

#[tokio::test]
async fn what_was_begun_is_ended_although_nobody_waits_for_it() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    scene.gallery.script().changes = Answers::Hangs;

    let given_up = tokio::time::timeout(Duration::from_millis(200), scene.enrol("Ann", "ann")).await;

    assert!(given_up.is_err(), "the recogniser hangs");
    scene.under_way.ended().await;
    assert_eq!((scene.rows().await?, scene.names().await?), (Vec::new(), Vec::new()));
    Ok(())
}

#[tokio::test]
async fn a_photo_is_forgotten_whether_its_file_or_its_row_is_missing() -> anyhow::Result<()> {
    let scene = scene(&["stranger.jpg"]).await?;
    scene.enrol("Ann", "ann").await?;
    let forget = async |photo: &str| scene.people.forget(Actor::named("Ann"), photo.to_owned()).await;

    scene.gallery.script().photos.remove("ann.jpg");
    forget("ann.jpg").await?;
    forget("stranger.jpg").await?;
    let again = forget("ann.jpg").await;

    assert_eq!(
        (code_of(again), scene.rows().await?, scene.gallery.photos()),
        ("unknown photo", vec![], vec![])
    );
    Ok(())
}

#[tokio::test]
async fn who_is_deleted_has_no_photo_left_and_stays_while_one_cannot_be_forgotten() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    let ann = scene.enrol("Ann", "one").await?.person.id;
    scene.enrol("Ann", "two").await?;
    scene.enrol("Bob", "three").await?;
    let delete = async || scene.people.delete(Actor::named("Ann"), ann).await;

    scene.gallery.script().changes = Answers::Refuses(Code::FailedPrecondition, "gallery_read_only");
    assert_eq!(code_of(delete().await), "gallery_read_only");
    assert_eq!(scene.names().await?, ["Ann", "Bob"]);
    scene.gallery.script().changes = Answers::Well;
    delete().await?;

    assert_eq!(
        (scene.names().await?, scene.gallery.photos()),
        (vec!["Bob".to_owned()], vec!["bob.jpg".to_owned()])
    );
    assert_eq!(code_of(delete().await), "unknown person");
    Ok(())
}

#[tokio::test]
async fn a_photo_that_was_enrolled_and_cannot_be_confirmed_is_forgotten_again() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    scene.enrol("Ann", "one").await?;
    // Only the last step tells the trail of somebody who is known.
    sqlx::query("RENAME TABLE audit_entries TO gone").execute(&scene.database.pool).await?;

    let failed = scene.enrol("Ann", "two").await;

    assert!(matches!(failed, Err(KnownPeopleError::Change(ChangeError::Store(_)))), "{failed:?}");
    let first = || vec!["ann.jpg".to_owned()];
    assert_eq!((scene.gallery.photos(), scene.rows().await?), (first(), first()));
    sqlx::query("RENAME TABLE gone TO audit_entries").execute(&scene.database.pool).await?;
    assert_eq!(scene.enrol("Ann", "two").await?.photo, "ann_2.jpg", "it can be brought again");
    Ok(())
}

#[tokio::test]
async fn a_photo_that_can_be_neither_confirmed_nor_forgotten_stays_its_persons() -> anyhow::Result<()> {
    let scene = scene(&[]).await?;
    scene.enrol("Ann", "one").await?;
    sqlx::query("RENAME TABLE audit_entries TO gone").execute(&scene.database.pool).await?;
    scene.gallery.script().forgets = Some(Answers::Refuses(Code::Unavailable, "loading"));

    scene.enrol("Ann", "two").await.expect_err("it cannot be confirmed");

    let both = || ["ann.jpg", "ann_2.jpg"].map(str::to_owned).to_vec();
    assert_eq!((scene.gallery.photos(), scene.rows().await?), (both(), both()));
    Ok(())
}
