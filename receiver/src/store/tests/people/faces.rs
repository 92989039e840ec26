//! What people say of faces.

use serde_json::json;
use sqlx::FromRow;

use super::*;

#[derive(Debug, PartialEq, FromRow)]
struct Face {
    outcome: String,
    source: String,
    person_id: Option<u64>,
    distance: Option<f32>,
    matched_photo: Option<String>,
    runner_up_person_id: Option<u64>,
    runner_up_distance: Option<f32>,
}

async fn face_row(pool: &MySqlPool, face: u64) -> sqlx::Result<Face> {
    sqlx::query_as(
        "SELECT outcome, source, person_id, distance, matched_photo, runner_up_person_id, runner_up_distance
         FROM faces WHERE id = ?",
    )
    .bind(face)
    .fetch_one(pool)
    .await
}

async fn verdicts(pool: &MySqlPool) -> sqlx::Result<Vec<(u64, u64, String)>> {
    sqlx::query_as("SELECT face_id, person_id, verdict FROM face_verdicts ORDER BY face_id, person_id")
        .fetch_all(pool)
        .await
}

/// Token and time of an image, and whether that is the one that it was left with.
async fn image_state(pool: &MySqlPool, image: u64) -> sqlx::Result<(u64, bool)> {
    sqlx::query_as("SELECT lease_token, updated_at = '2001-01-01' FROM images WHERE id = ?")
        .bind(image)
        .fetch_one(pool)
        .await
}

fn by_id(person: u64) -> Whom {
    Whom::Id(person)
}

fn by_name(text: &str) -> Whom {
    Whom::Name(name(text))
}

#[tokio::test]
async fn a_face_is_shown_as_who_it_is_said_to_be_at_once_and_its_picture_is_decided_again()
-> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;

    store.assign_face(&ann(), face, &by_name("Bob")).await?;

    let bob = store.people(None, None, 1).await?.remove(0).id;
    assert_eq!(verdicts(&database.pool).await?, [(face, bob, "is".to_owned())]);
    let shown = face_row(&database.pool, face).await?;
    assert_eq!((shown.outcome.as_str(), shown.source.as_str()), ("identified", "person"));
    assert_eq!((shown.person_id, shown.distance, shown.matched_photo), (Some(bob), None, None));
    assert_eq!(
        image_state(&database.pool, image).await?,
        (1, false),
        "who decided before writes nothing any more"
    );
    assert_eq!(wishes(&database.pool).await?, [(image, 1)]);
    let bob_ref = json!({"id": bob, "name": "Bob"});
    let detail = json!({"from": {"outcome": "unknown", "person": null}, "to": {"outcome": "identified", "person": bob_ref}});
    let created = json!({"from": null, "to": {"person": bob_ref}});
    let entries = [
        ("person_created".to_owned(), Some(bob), None, None, created),
        ("face_assigned".to_owned(), Some(bob), Some(face), Some(image), detail),
    ];
    assert_eq!(trail(&database.pool).await?, entries);
    Ok(())
}

#[tokio::test]
async fn saying_it_twice_changes_nothing_the_second_time() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let bob = insert_person(&database.pool, "Bob").await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    store.assign_face(&ann(), face, &by_id(bob)).await?;
    store.refuse_face(&ann(), face, insert_person(&database.pool, "Carl").await?).await?;
    let carl = store.people(Some("Carl"), None, 1).await?.remove(0).id;
    let before = (
        wishes(&database.pool).await?,
        trail(&database.pool).await?,
        image_state(&database.pool, image).await?,
    );

    store.assign_face(&ann(), face, &by_id(bob)).await?;
    store.assign_face(&ann(), face, &by_name("Bob")).await?;
    store.refuse_face(&ann(), face, carl).await?;

    let after = (
        wishes(&database.pool).await?,
        trail(&database.pool).await?,
        image_state(&database.pool, image).await?,
    );
    assert_eq!(after, before);
    Ok(())
}

#[tokio::test]
async fn the_distance_that_is_known_to_the_right_person_is_kept() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [bob, carl, dora] = [
        insert_person(&database.pool, "Bob").await?,
        insert_person(&database.pool, "Carl").await?,
        insert_person(&database.pool, "Dora").await?,
    ];
    let row = |person_id, distance, photo: Option<&str>, second, second_distance| Face {
        outcome: "identified".to_owned(),
        source: "person".to_owned(),
        person_id: Some(person_id),
        distance,
        matched_photo: photo.map(str::to_owned),
        runner_up_person_id: second,
        runner_up_distance: second_distance,
    };
    let table = [
        (bob, row(bob, Some(0.25), Some("a.jpg"), Some(carl), Some(0.5))),
        (carl, row(carl, Some(0.5), None, None, None)),
        (dora, row(dora, None, None, Some(carl), Some(0.5))),
    ];
    for (person, expected) in table {
        let (face, _) = insert_face(&database, &store, &format!("/{person}.jpg")).await?;
        set_person(&database.pool, face, bob, Some(carl)).await?;

        store.assign_face(&ann(), face, &by_id(person)).await?;

        assert_eq!(face_row(&database.pool, face).await?, expected, "{person}");
    }
    Ok(())
}

#[tokio::test]
async fn another_word_takes_the_place_of_a_contrary_one() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (bob, carl) =
        (insert_person(&database.pool, "Bob").await?, insert_person(&database.pool, "Carl").await?);
    let (face, _) = insert_face(&database, &store, "/a.jpg").await?;
    let word = |person, verdict: &str| (face, person, verdict.to_owned());

    store.refuse_face(&ann(), face, bob).await?;
    assert_eq!(verdicts(&database.pool).await?, [word(bob, "is_not")]);
    store.assign_face(&ann(), face, &by_id(bob)).await?;
    assert_eq!(verdicts(&database.pool).await?, [word(bob, "is")]);
    store.assign_face(&ann(), face, &by_id(carl)).await?;
    assert_eq!(verdicts(&database.pool).await?, [word(carl, "is")]);
    store.refuse_face(&ann(), face, bob).await?;
    store.refuse_face(&ann(), face, carl).await?;
    assert_eq!(verdicts(&database.pool).await?, [word(bob, "is_not"), word(carl, "is_not")]);
    Ok(())
}

#[tokio::test]
async fn what_was_said_can_be_taken_back_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (bob, carl) =
        (insert_person(&database.pool, "Bob").await?, insert_person(&database.pool, "Carl").await?);
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    store.assign_face(&ann(), face, &by_id(bob)).await?;
    store.refuse_face(&ann(), face, carl).await?;

    for _ in 0..2 {
        store.unassign_face(&ann(), face).await?;
        store.unrefuse_face(&ann(), face, carl).await?;
    }

    assert_eq!(verdicts(&database.pool).await?, []);
    assert_eq!(wishes(&database.pool).await?, [(image, 4)]);
    let entries = trail(&database.pool).await?;
    let person = |id, name| json!({"id": id, "name": name});
    let refused = json!({"from": {"outcome": "identified", "person": person(bob, "Bob")}, "to": {"not": person(carl, "Carl")}});
    let unassigned = json!({"from": {"person": person(bob, "Bob")}, "to": {"person": null}});
    let unrefused = json!({"from": {"not": person(carl, "Carl")}, "to": {"not": null}});
    let entry =
        |action: &str, person, detail| (action.to_owned(), Some(person), Some(face), Some(image), detail);
    assert_eq!(
        entries[1..],
        [
            entry("face_refused", carl, refused),
            entry("face_unassigned", bob, unassigned),
            entry("face_unrefused", carl, unrefused),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_word_about_somebody_who_was_merged_counts_for_who_they_are() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (bob, bobby) =
        (insert_person(&database.pool, "Bob").await?, insert_person(&database.pool, "Bobby").await?);
    let (face, _) = insert_face(&database, &store, "/a.jpg").await?;
    let (other, _) = insert_face(&database, &store, "/b.jpg").await?;
    store.assign_face(&ann(), face, &by_id(bobby)).await?;
    store.refuse_face(&ann(), face, bob).await?;
    store.refuse_face(&ann(), other, bobby).await?;
    store.merge_people(&ann(), bobby, bob).await?;

    store.refuse_face(&ann(), other, bob).await?;
    assert_eq!(verdicts(&database.pool).await?.last(), Some(&(other, bobby, "is_not".to_owned())));
    store.assign_face(&ann(), other, &by_name("Bobby")).await?;
    assert_eq!(verdicts(&database.pool).await?.last(), Some(&(other, bob, "is".to_owned())));
    store.assign_face(&ann(), face, &by_id(bob)).await?;
    assert_eq!(verdicts(&database.pool).await?.first(), Some(&(face, bob, "is".to_owned())));
    assert_eq!(verdicts(&database.pool).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn an_image_in_work_keeps_its_lease() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    sqlx::query("UPDATE images SET status = 3, reason = NULL").execute(&database.pool).await?;

    store.assign_face(&ann(), face, &by_name("Bob")).await?;

    assert_eq!(image_state(&database.pool, image).await?, (0, true));
    Ok(())
}

#[tokio::test]
async fn of_what_is_not_there_nothing_is_said() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (face, _) = insert_face(&database, &store, "/a.jpg").await?;
    let unknown = Refusal::UnknownFace(face + 1);

    let table = [
        (store.assign_face(&ann(), face + 1, &by_name("Bob")).await, unknown.clone()),
        (store.unassign_face(&ann(), face + 1).await, unknown.clone()),
        (store.refuse_face(&ann(), face + 1, 1).await, unknown.clone()),
        (store.unrefuse_face(&ann(), face + 1, 1).await, unknown),
        (store.assign_face(&ann(), face, &by_id(7)).await, Refusal::UnknownPerson(7)),
        (store.refuse_face(&ann(), face, 7).await, Refusal::UnknownPerson(7)),
        (store.unrefuse_face(&ann(), face, 7).await, Refusal::UnknownPerson(7)),
    ];

    for (done, expected) in table {
        assert_eq!(refusal(done), expected);
    }
    assert_eq!(trail(&database.pool).await?, []);
    assert_eq!(store.people(None, None, 9).await?, [], "nobody was made for it");
    Ok(())
}

#[tokio::test]
async fn many_who_correct_the_same_picture_at_once_all_have_their_word() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (first, image) = insert_face(&database, &store, "/a.jpg").await?;
    let second = reading::insert_plain_face(&database.pool, image, 0.5).await?;
    let actor = ann();
    let (bob, carl) = (by_name("Bob"), by_name("Carl"));

    let (one, other, third) = tokio::join!(
        store.assign_face(&actor, first, &bob),
        store.assign_face(&actor, second, &carl),
        store.assign_face(&actor, first, &bob),
    );

    for done in [one, other, third] {
        done?;
    }
    assert_eq!(verdicts(&database.pool).await?.len(), 2);
    assert_eq!(actions(&database.pool).await?.iter().filter(|action| *action == "face_assigned").count(), 2);
    Ok(())
}
