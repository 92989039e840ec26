//! Whose known photo it is: read, and written by many at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio::task::JoinSet;

use super::*;

/// Workers that see a new gallery at the same time.
const WORKERS: usize = 8;

fn named(photos: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    photos.iter().map(|(photo, name)| (*photo, (*name).to_owned())).collect()
}

/// Each known photo with the name of its person.
async fn photos(pool: &MySqlPool) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT image_name, person.name FROM person_images JOIN person ON person.id = person_id ORDER BY image_name",
    )
    .fetch_all(pool)
    .await
}

fn owner(person: u64, photos: u32) -> Owner {
    Owner { person: PersonId(person), photos }
}

async fn count_people(pool: &MySqlPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM person").fetch_one(pool).await
}

#[tokio::test]
async fn a_new_photo_gets_its_row_and_its_person() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    store.add_known_photos(&named(&[("john_doe.jpg", "John Doe")])).await?;

    assert_eq!(photos(&database.pool).await?, [("john_doe.jpg".to_owned(), "John Doe".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn two_photos_of_one_name_share_one_person() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    store.add_known_photos(&named(&[("john_doe_1.jpg", "John Doe"), ("john_doe_2.jpg", "John Doe")])).await?;

    assert_eq!(count_people(&database.pool).await?, 1);
    let owners = store.owners(&BTreeSet::from(["john_doe_1.jpg", "john_doe_2.jpg"])).await?;
    assert_eq!(owners["john_doe_1.jpg"].person, owners["john_doe_2.jpg"].person);
    Ok(())
}

#[tokio::test]
async fn an_owner_is_told_with_the_number_of_all_photos_of_that_person() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let named = named(&[
        ("john_doe.jpg", "John Doe"),
        ("john_doe_2.jpg", "John Doe"),
        ("john_doe_3.jpg", "John Doe"),
        ("jane_doe.jpg", "Jane Doe"),
    ]);
    store.add_known_photos(&named).await?;

    let owners = store.owners(&BTreeSet::from(["john_doe_2.jpg", "john_doe_3.jpg", "jane_doe.jpg"])).await?;

    let photos: BTreeMap<&str, u32> =
        owners.iter().map(|(photo, owner)| (photo.as_str(), owner.photos)).collect();
    assert_eq!(photos, BTreeMap::from([("jane_doe.jpg", 1), ("john_doe_2.jpg", 3), ("john_doe_3.jpg", 3)]));
    Ok(())
}

#[tokio::test]
async fn adding_a_photo_again_changes_nothing() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let named = named(&[("john_doe.jpg", "John Doe"), ("jane_doe.jpg", "Jane Doe")]);
    store.add_known_photos(&named).await?;
    let before = photos(&database.pool).await?;

    store.add_known_photos(&named).await?;

    assert_eq!(photos(&database.pool).await?, before);
    assert_eq!(count_people(&database.pool).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_photo_that_belongs_to_somebody_stays_with_them() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    store.add_known_photos(&named(&[("img_0001.jpg", "John Doe")])).await?;

    store.add_known_photos(&named(&[("img_0001.jpg", "Img")])).await?;

    assert_eq!(photos(&database.pool).await?, [("img_0001.jpg".to_owned(), "John Doe".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn many_workers_can_add_the_same_photos_at_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let file_names: Vec<String> = (0..20).map(|number| format!("person_{number}.jpg")).collect();

    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (store, mut file_names) = (store.clone(), file_names.clone());
        // Each begins elsewhere, so that they meet in every order.
        file_names.rotate_left(worker * 5 % 20);
        workers.spawn(async move {
            let named: Vec<(&str, String)> =
                file_names.iter().map(|photo| (photo.as_str(), "John Doe".to_owned())).collect();
            store.add_known_photos(&named).await
        });
    }

    workers.join_all().await.into_iter().collect::<Result<(), _>>()?;
    assert_eq!(photos(&database.pool).await?.len(), 20);
    assert_eq!(count_people(&database.pool).await?, 1);
    Ok(())
}

#[tokio::test]
async fn only_photos_with_a_row_have_an_owner() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    store.add_known_photos(&named(&[("john_doe.jpg", "John Doe"), ("jane_doe.jpg", "Jane Doe")])).await?;
    let john: u64 =
        sqlx::query_scalar("SELECT id FROM person WHERE name = 'John Doe'").fetch_one(&database.pool).await?;

    let owners = store.owners(&BTreeSet::from(["john_doe.jpg", "stranger.jpg"])).await?;

    assert_eq!(owners, HashMap::from([("john_doe.jpg".to_owned(), owner(john, 1))]));
    assert_eq!(store.owners(&BTreeSet::new()).await?, HashMap::new());
    Ok(())
}

#[tokio::test]
async fn questions_that_are_asked_together_each_get_their_own_owners() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut people = Vec::new();
    for number in 0..WORKERS {
        store.add_known_photos(&[(&format!("{number}.jpg"), format!("Person {number}"))]).await?;
        let id: u64 = sqlx::query_scalar("SELECT id FROM person WHERE name = ?")
            .bind(format!("Person {number}"))
            .fetch_one(&database.pool)
            .await?;
        people.push(id);
    }

    let mut questions = JoinSet::new();
    for (number, person) in people.into_iter().enumerate() {
        let store = store.clone();
        questions.spawn(async move {
            let photo = format!("{number}.jpg");
            let owners = store.owners(&BTreeSet::from([photo.as_str(), "stranger.jpg"])).await?;
            anyhow::ensure!(owners == HashMap::from([(photo, owner(person, 1))]), "{number}: {owners:?}");
            Ok(())
        });
    }

    questions.join_all().await.into_iter().collect()
}

#[tokio::test]
async fn a_question_may_name_more_photos_than_a_statement() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    store.add_known_photos(&named(&[("0.jpg", "John Doe"), ("66000.jpg", "Jane Doe")])).await?;
    let photos: Vec<String> = (0..=66_000).map(|number| format!("{number}.jpg")).collect();

    let owners = store.owners(&photos.iter().map(String::as_str).collect()).await?;

    let known: BTreeSet<&str> = owners.keys().map(String::as_str).collect();
    assert_eq!(known, BTreeSet::from(["0.jpg", "66000.jpg"]));
    Ok(())
}

#[tokio::test]
async fn a_photo_of_somebody_who_turned_out_to_be_somebody_else_is_a_photo_of_that_one() -> anyhow::Result<()>
{
    let (database, store) = start().await?;
    store
        .add_known_photos(&named(&[
            ("jon.jpg", "Jon"),
            ("jon_2.jpg", "Jon"),
            ("john.jpg", "John"),
            ("johnny.jpg", "Johnny"),
            ("jane.jpg", "Jane"),
        ]))
        .await?;
    sqlx::query(
        "UPDATE person AS person JOIN person AS john ON john.name = 'John'
         SET person.merged_into = john.id WHERE person.name IN ('Jon', 'Johnny')",
    )
    .execute(&database.pool)
    .await?;
    let john: u64 =
        sqlx::query_scalar("SELECT id FROM person WHERE name = 'John'").fetch_one(&database.pool).await?;

    let owners = store.owners(&BTreeSet::from(["jon_2.jpg", "john.jpg", "johnny.jpg", "jane.jpg"])).await?;

    for photo in ["jon_2.jpg", "john.jpg", "johnny.jpg"] {
        assert_eq!(owners[photo], owner(john, 4), "{photo}");
    }
    assert_eq!(owners["jane.jpg"].photos, 1);
    Ok(())
}

#[tokio::test]
async fn a_new_photo_of_a_name_that_was_merged_is_a_photo_of_whoever_that_is() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (merged, john) =
        (insert_person(&database.pool, "Jon").await?, insert_person(&database.pool, "John").await?);
    sqlx::query("UPDATE person SET merged_into = ? WHERE id = ?")
        .bind(john.0)
        .bind(merged.0)
        .execute(&database.pool)
        .await?;

    store.add_known_photos(&named(&[("jon_7.jpg", "Jon")])).await?;

    assert_eq!(store.owners(&BTreeSet::from(["jon_7.jpg"])).await?["jon_7.jpg"], owner(john.0, 1));
    assert_eq!(photos(&database.pool).await?, [("jon_7.jpg".to_owned(), "Jon".to_owned())]);
    Ok(())
}
