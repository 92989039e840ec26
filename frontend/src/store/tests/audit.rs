//! Who changed what.

use super::*;

async fn insert(pool: &MySqlPool, person: Option<u64>, image: Option<u64>) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO audit_entries (at, actor, action, person_id, image_id, detail)
         VALUES ('2024-02-29 12:00:00', 'Ann', 'face_assigned', ?, ?, '{\"to\": 7}')",
    )
    .bind(person)
    .bind(image)
    .execute(pool)
    .await?;
    Ok(())
}

#[tokio::test]
async fn changes_come_newest_first_of_all_or_of_one() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 1).await?;
    let bob = insert_person(&database.pool, "Bob").await?;
    for (person, image) in [(Some(bob), Some(1)), (Some(bob), None), (None, Some(1)), (Some(99), Some(99))] {
        insert(&database.pool, person, image).await?;
    }
    let ids = async |of, before, limit| -> Result<Vec<u64>, StoreError> {
        Ok(store.audit(of, before, limit).await?.iter().map(|entry| entry.id).collect())
    };

    assert_eq!(ids(AuditOf::All, None, 3).await?, [4, 3, 2]);
    assert_eq!(ids(AuditOf::All, Some(2), 3).await?, [1]);
    assert_eq!(ids(AuditOf::Person(bob), None, 3).await?, [2, 1]);
    assert_eq!(ids(AuditOf::Image(1), Some(3), 3).await?, [1]);
    let entries = store.audit(AuditOf::All, None, 9).await?;
    let [gone, .., first] = &entries[..] else { panic!("four changes: {entries:?}") };
    assert_eq!((gone.person_id, gone.person.as_deref(), gone.has_image), (Some(99), None, false));
    assert_eq!((first.person.as_deref(), first.image_id, first.has_image), (Some("Bob"), Some(1), true));
    assert_eq!(
        (first.at, &*first.actor, &*first.action),
        (datetime!(2024-02-29 12:00 UTC), "Ann", "face_assigned")
    );
    assert_eq!(first.detail.0, serde_json::json!({ "to": 7 }));
    Ok(())
}
