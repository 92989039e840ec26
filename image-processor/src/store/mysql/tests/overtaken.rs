//! Results and further decisions that a change of people overtook: decided before it, recorded after it.

use std::collections::{BTreeSet, HashMap};

use migrations::FaceOutcome;

use super::{
    redeciding::{LONG, decided},
    results::{finding, identified},
    *,
};
use crate::{
    store::Wish,
    tests::{Recorded, until_it_waits},
};

/// Somebody named John is recognised, and Jane is behind him; what becomes of them before it is recorded is still open.
async fn recognised() -> anyhow::Result<(ScratchDatabase, MySqlStore, Claim, Finding)> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let photos = [("john.jpg", "John"), ("jane.jpg", "Jane")].map(|(photo, name)| (photo, name.to_owned()));
    store.add_known_photos(&photos).await?;
    let owners = store.owners(&BTreeSet::from(["john.jpg", "jane.jpg"])).await?;
    let (john, jane) = (owners["john.jpg"].person, owners["jane.jpg"].person);
    let claim = claim(&store, id).await?;
    Ok((database, store, claim, finding(ImageDecision::Identified(john), vec![identified(john, jane)])))
}

async fn wished(pool: &MySqlPool) -> sqlx::Result<Vec<u64>> {
    sqlx::query_scalar("SELECT image_id FROM redecisions").fetch_all(pool).await
}

#[tokio::test]
async fn a_result_of_people_who_stayed_who_they_are_is_not_decided_again() -> anyhow::Result<()> {
    let (database, store, claim, finding) = recognised().await?;

    assert!(store.record(&claim, finding).await?);

    assert_eq!(wished(&database.pool).await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn a_result_that_names_somebody_who_turned_out_to_be_somebody_else_meanwhile_is_decided_again()
-> anyhow::Result<()> {
    for changed in [
        "UPDATE person SET merged_into = (SELECT id FROM (SELECT id FROM person WHERE name = 'Ann') AS ann)
         WHERE name = 'John'",
        "UPDATE person SET merged_into = (SELECT id FROM (SELECT id FROM person WHERE name = 'Ann') AS ann)
         WHERE name = 'Jane'",
        // John was Ann, and is not: the photo is hers, or of nobody.
        "UPDATE person_images SET person_id = (SELECT id FROM person WHERE name = 'Ann')
         WHERE image_name = 'john.jpg'",
        "DELETE FROM person_images WHERE image_name = 'john.jpg'",
    ] {
        let (database, store, claim, finding) = recognised().await?;
        insert_person(&database.pool, "Ann").await?;
        sqlx::query(changed).execute(&database.pool).await?;

        assert!(store.record(&claim, finding).await?);

        assert_eq!(wished(&database.pool).await?, [claim.id.0], "{changed}");
    }
    Ok(())
}

#[tokio::test]
async fn a_result_without_faces_that_names_somebody_who_was_merged_is_decided_again() -> anyhow::Result<()> {
    let (database, store, claim, finding) = recognised().await?;
    sqlx::query("UPDATE person SET merged_into = 2 WHERE id = 1").execute(&database.pool).await?;
    let finding = Finding { faces: Vec::new(), ..finding };

    assert!(store.record(&claim, finding).await?);

    assert_eq!(wished(&database.pool).await?, [claim.id.0]);
    Ok(())
}

/// The merge has begun before the result is written, and ends after the worker has looked at the people.
#[tokio::test]
async fn a_merge_that_ends_while_a_result_is_written_is_not_lost() -> anyhow::Result<()> {
    let (database, store, claim, finding) = recognised().await?;
    let mut merging = database.pool.begin().await?;
    sqlx::query("UPDATE person SET merged_into = 2 WHERE id = 1").execute(&mut *merging).await?;

    let recording = tokio::spawn({
        let (store, claim) = (store.clone(), claim.clone());
        async move { store.record(&claim, finding).await }
    });
    until_it_waits(&database, "UPDATE images").await?;
    merging.commit().await?;

    assert!(recording.await??);
    assert_eq!(wished(&database.pool).await?, [claim.id.0]);
    Ok(())
}

#[tokio::test]
async fn somebody_who_was_deleted_since_the_decision_is_not_named() -> anyhow::Result<()> {
    let (database, store, claim, finding) = recognised().await?;
    sqlx::query("DELETE FROM person").execute(&database.pool).await?;

    assert!(store.record(&claim, finding).await?);

    let row = image(&database.pool, claim.id).await?;
    let told = (row.status, row.person, row.reason, row.attempts);
    assert_eq!(told, (ImageStatus::Unresolved, None, Some(UnresolvedReason::UnknownFace), 0));
    let outcome: FaceOutcome =
        sqlx::query_scalar("SELECT outcome FROM faces").fetch_one(&database.pool).await?;
    assert_eq!(outcome, FaceOutcome::Unknown);
    Ok(())
}

#[tokio::test]
async fn an_older_recogniser_does_not_name_somebody_who_was_deleted() -> anyhow::Result<()> {
    let (database, store, claim, finding) = recognised().await?;
    sqlx::query("DELETE FROM person").execute(&database.pool).await?;

    assert!(store.record(&claim, Finding { faces: Vec::new(), ..finding }).await?);

    let row = image(&database.pool, claim.id).await?;
    assert_eq!((row.status, row.reason), (ImageStatus::Unresolved, Some(UnresolvedReason::UnknownFace)));
    Ok(())
}

#[tokio::test]
async fn somebody_who_is_deleted_while_a_result_is_written_is_not_named() -> anyhow::Result<()> {
    let (database, store, claim, finding) = recognised().await?;
    let mut deleting = database.pool.begin().await?;
    sqlx::query("DELETE FROM person").execute(&mut *deleting).await?;

    let recording = tokio::spawn({
        let (store, claim) = (store.clone(), claim.clone());
        async move { store.record(&claim, finding).await }
    });
    until_it_waits(&database, "UPDATE images").await?;
    deleting.commit().await?;

    assert!(recording.await??);
    let row = image(&database.pool, claim.id).await?;
    assert_eq!((row.status, row.person), (ImageStatus::Unresolved, None));
    Ok(())
}

/// Whoever merges wishes for the images that name these people, and this one does not yet.
#[tokio::test]
async fn what_a_merge_overtook_is_due_again() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let (id, redecisions) = decided(&recorded).await?;
    let (ann, bob) = (recorded.person("Ann").await?, recorded.person("Bob").await?);
    recorded.merge(ann, bob).await?;

    let written = recorded.store.record_again(&redecisions).await?;

    assert_eq!(written, BTreeSet::from([id.0]));
    assert_eq!(recorded.store.take_wishes(9, LONG).await?, [Wish { image: id, wishes: 2 }]);
    Ok(())
}

#[tokio::test]
async fn what_was_decided_by_a_photo_that_is_somebody_elses_now_is_due_again() -> anyhow::Result<()> {
    for (whose, due) in [("Ann", 0), ("Bob", 1)] {
        let recorded = Recorded::start().await?;
        let (_, mut redecisions) = decided(&recorded).await?;
        let ann = recorded.person("Ann").await?;
        redecisions.images[0].faces[0].after.matched_photo = Some("face.jpg".to_owned());
        redecisions.owners = HashMap::from([("face.jpg".to_owned(), Owner { person: ann, photos: 1 })]);
        recorded.store.add_known_photos(&[("face.jpg", whose.to_owned())]).await?;

        recorded.store.record_again(&redecisions).await?;

        assert_eq!(recorded.store.take_wishes(9, LONG).await?.len(), due, "{whose}");
    }
    Ok(())
}
