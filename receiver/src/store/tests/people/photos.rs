//! Whose known photo it is, and people who go.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{person_ref::PersonRef, picture_format::PictureFormat};

async fn rows(pool: &MySqlPool) -> sqlx::Result<Vec<(String, u64)>> {
    sqlx::query_as("SELECT image_name, person_id FROM person_images ORDER BY image_name")
        .fetch_all(pool)
        .await
}

async fn reserve(store: &Store, whom: &Whom, files: &[&str]) -> Result<Reserved, ChangeError> {
    let files: BTreeSet<String> = files.iter().map(ToString::to_string).collect();
    store.reserve_photo(&ann(), whom, PictureFormat::Jpeg, &files).await
}

fn person_ref(id: u64, name: &str) -> PersonRef {
    PersonRef { id, name: name.to_owned() }
}

#[tokio::test]
async fn the_name_of_a_photo_is_free_in_the_folder_and_in_the_database() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_person(&database.pool, "Ann Lee").await?;
    sqlx::query("INSERT INTO person_images (image_name, person_id) VALUES ('ann_lee.jpg', ?)")
        .bind(id)
        .execute(&database.pool)
        .await?;

    let second = reserve(&store, &Whom::Id(id), &["ann_lee_3.jpg"]).await?;
    let fourth = reserve(&store, &Whom::Id(id), &["ann_lee_3.jpg"]).await?;

    assert_eq!((second.photo.as_str(), fourth.photo.as_str()), ("ann_lee_2.jpg", "ann_lee_4.jpg"));
    let names: Vec<String> = rows(&database.pool).await?.into_iter().map(|(photo, _)| photo).collect();
    assert_eq!(names, ["ann_lee.jpg", "ann_lee_2.jpg", "ann_lee_4.jpg"]);
    Ok(())
}

#[tokio::test]
async fn photos_that_are_enrolled_at_the_same_time_have_different_names() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let whom = Whom::Id(insert_person(&database.pool, "Ann").await?);

    let reserved =
        tokio::join!(reserve(&store, &whom, &[]), reserve(&store, &whom, &[]), reserve(&store, &whom, &[]));

    let names: BTreeSet<String> = [reserved.0?.photo, reserved.1?.photo, reserved.2?.photo].into();
    assert_eq!(names, ["ann.jpg", "ann_2.jpg", "ann_3.jpg"].map(str::to_owned).into());
    Ok(())
}

#[tokio::test]
async fn a_photo_that_is_taken_is_told_and_every_picture_of_its_person_is_decided_again() -> anyhow::Result<()>
{
    let (database, store) = start().await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    let (other, of_other) = insert_face(&database, &store, "/b.jpg").await?;
    let reserved = reserve(&store, &Whom::Name(name("Bob")), &[]).await?;
    let bob = reserved.whose.person.id;
    set_person(&database.pool, other, bob, None).await?;

    let confirmed = store.confirm_photo(&ann(), &reserved, Some(face)).await?;

    assert_eq!((confirmed, reserved.whose.created), (Confirmed::Known, true));
    assert_eq!(rows(&database.pool).await?, [("bob.jpg".to_owned(), bob)]);
    let wished = wishes(&database.pool).await?;
    assert_eq!(wished.iter().map(|(image, _)| *image).collect::<Vec<_>>(), [image, of_other]);
    assert_eq!(actions(&database.pool).await?, ["person_created", "face_assigned", "photo_enrolled"]);
    let enrolled = json!({"from": null, "to": {"photo": "bob.jpg", "person": {"id": bob, "name": "Bob"}}});
    let last = trail(&database.pool).await?.pop();
    assert_eq!(last, Some(("photo_enrolled".to_owned(), Some(bob), Some(face), Some(image), enrolled)));
    Ok(())
}

#[tokio::test]
async fn a_photo_whose_face_is_gone_is_somebodys_all_the_same() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let reserved = reserve(&store, &Whom::Name(name("Bob")), &[]).await?;

    assert_eq!(store.confirm_photo(&ann(), &reserved, Some(77)).await?, Confirmed::Known);

    assert_eq!(actions(&database.pool).await?, ["person_created", "photo_enrolled"]);
    Ok(())
}

#[tokio::test]
async fn a_photo_of_somebody_who_went_meanwhile_is_not_wanted() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let reserved = reserve(&store, &Whom::Name(name("Bob")), &[]).await?;
    let bob = reserved.whose.person.id;

    assert_eq!(store.delete_person(&ann(), bob, &[]).await?, ["bob.jpg"], "it has to be forgotten first");
    assert_eq!(store.delete_person(&ann(), bob, &["bob.jpg".to_owned()]).await?, Vec::<String>::new());

    assert_eq!(store.confirm_photo(&ann(), &reserved, None).await?, Confirmed::Unwanted);
    Ok(())
}

#[tokio::test]
async fn a_photo_that_is_refused_leaves_nothing_not_even_who_was_made_for_it() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let ann_lee = insert_person(&database.pool, "Ann Lee").await?;
    let made = reserve(&store, &Whom::Name(name("Bob")), &[]).await?;
    let known = reserve(&store, &Whom::Id(ann_lee), &[]).await?;

    store.withdraw_photo(&ann(), &made).await?;
    store.withdraw_photo(&ann(), &known).await?;

    assert_eq!(rows(&database.pool).await?, []);
    let left: Vec<u64> = store.people(None, None, 9).await?.iter().map(|person| person.id).collect();
    assert_eq!(left, [ann_lee]);
    assert_eq!(actions(&database.pool).await?, ["person_created", "person_deleted"]);
    Ok(())
}

#[tokio::test]
async fn who_was_made_for_a_refused_photo_stays_where_somebody_named_a_face_meanwhile() -> anyhow::Result<()>
{
    let (database, store) = start().await?;
    let (face, _) = insert_face(&database, &store, "/a.jpg").await?;
    let (bob, carl) = (
        reserve(&store, &Whom::Name(name("Bob")), &[]).await?,
        reserve(&store, &Whom::Name(name("Carl")), &[]).await?,
    );
    store.assign_face(&ann(), face, &Whom::Id(bob.whose.person.id)).await?;
    let dora = insert_person(&database.pool, "Dora").await?;
    store.merge_people(&ann(), dora, carl.whose.person.id).await?;

    store.withdraw_photo(&ann(), &bob).await?;
    store.withdraw_photo(&ann(), &carl).await?;

    let names: Vec<String> =
        store.people(None, None, 9).await?.into_iter().map(|person| person.name).collect();
    assert_eq!(names, ["Bob", "Carl"]);
    Ok(())
}

#[tokio::test]
async fn a_forgotten_photo_is_nobodys_and_one_that_never_was_is_told_as_such() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let reserved = reserve(&store, &Whom::Name(name("Bob")), &[]).await?;
    let bob = reserved.whose.person.id;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    set_person(&database.pool, face, bob, None).await?;

    store.forget_photo(&ann(), "bob.jpg", true).await?;
    store.forget_photo(&ann(), "stranger.jpg", true).await?;
    let unknown = refusal(store.forget_photo(&ann(), "bob.jpg", false).await);

    assert_eq!(unknown, Refusal::UnknownPhoto("bob.jpg".to_owned()));
    assert_eq!((rows(&database.pool).await?, wishes(&database.pool).await?), (Vec::new(), vec![(image, 1)]));
    let detail = json!({"from": {"photo": "bob.jpg", "person": {"id": bob, "name": "Bob"}}, "to": null});
    let strange = json!({"from": {"photo": "stranger.jpg", "person": null}, "to": null});
    let entry = |person, detail| ("photo_forgotten".to_owned(), person, None, None, detail);
    assert_eq!(trail(&database.pool).await?[1..], [entry(Some(bob), detail), entry(None, strange)]);
    Ok(())
}

#[tokio::test]
async fn the_photos_of_who_was_merged_are_those_of_who_they_are() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let bob = reserve(&store, &Whom::Name(name("Bob")), &[]).await?.whose.person.id;
    let bobby = reserve(&store, &Whom::Name(name("Bobby")), &[]).await?.whose.person.id;
    store.merge_people(&ann(), bobby, bob).await?;

    let owners = store.owners(&["bob.jpg", "bobby.jpg", "stranger.jpg"]).await?;
    let photos = store.photos_of(bob).await?;

    let root = person_ref(bob, "Bob");
    assert_eq!(owners, [("bob.jpg".to_owned(), root.clone()), ("bobby.jpg".to_owned(), root.clone())].into());
    let photo = |photo: &str, of| OwnPhoto { photo: photo.to_owned(), of };
    assert_eq!(photos, [photo("bob.jpg", root), photo("bobby.jpg", person_ref(bobby, "Bobby"))]);
    assert!(store.owners(&[]).await?.is_empty());
    assert_eq!(count_rows(&database.pool).await?, 2);
    Ok(())
}

async fn count_rows(pool: &MySqlPool) -> sqlx::Result<usize> {
    Ok(rows(pool).await?.len())
}

#[tokio::test]
async fn who_is_deleted_goes_with_all_that_was_said_and_leaves_faces_to_be_decided_again()
-> anyhow::Result<()> {
    let (database, store) = start().await?;
    let bob = insert_person(&database.pool, "Bob").await?;
    let bobby = reserve(&store, &Whom::Name(name("Bobby")), &[]).await?.whose.person.id;
    store.merge_people(&ann(), bobby, bob).await?;
    let (best, of_best) = insert_face(&database, &store, "/best.jpg").await?;
    let (second, of_second) = insert_face(&database, &store, "/second.jpg").await?;
    let (said, of_said) = insert_face(&database, &store, "/said.jpg").await?;
    let (other, _) = insert_face(&database, &store, "/other.jpg").await?;
    let carl = insert_person(&database.pool, "Carl").await?;
    set_person(&database.pool, best, bob, None).await?;
    set_person(&database.pool, second, carl, Some(bobby)).await?;
    set_person(&database.pool, other, carl, None).await?;
    store.assign_face(&ann(), said, &Whom::Id(bob)).await?;
    forget_wishes(&database.pool).await?;

    let left = store.delete_person(&ann(), bob, &["bobby.jpg".to_owned()]).await?;

    assert_eq!(left, Vec::<String>::new());
    assert_eq!(wishes(&database.pool).await?, [(of_best, 1), (of_second, 1), (of_said, 1)]);
    let people: Vec<(u64,)> = sqlx::query_as("SELECT id FROM person").fetch_all(&database.pool).await?;
    assert_eq!(people, [(carl,)]);
    let gone: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM person_images), (SELECT COUNT(*) FROM person_merges),
                (SELECT COUNT(*) FROM face_verdicts), (SELECT COUNT(*) FROM faces WHERE person_id IS NULL)",
    )
    .fetch_one(&database.pool)
    .await?;
    assert_eq!(gone, (0, 0, 0, 2));
    let from = json!({"person": {"id": bob, "name": "Bob"}, "merged": [{"id": bobby, "name": "Bobby"}], "photos": ["bobby.jpg"]});
    let last = trail(&database.pool).await?.pop();
    let detail = json!({"from": from, "to": null});
    assert_eq!(last, Some(("person_deleted".to_owned(), Some(bob), None, None, detail)));
    let gone = refusal(store.delete_person(&ann(), bob, &[]).await);
    assert_eq!(gone, Refusal::UnknownPerson(bob));
    Ok(())
}
