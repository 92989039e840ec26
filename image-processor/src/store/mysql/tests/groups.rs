//! Groups of unknown faces: what waits for one, what is put into one, by which faces they are known.

use crate::tests::{Recorded, face};

/// Faces of an image that shows strangers, in the order of their ids.
async fn strangers(recorded: &Recorded, count: i32) -> anyhow::Result<Vec<u64>> {
    let faces = (0..count).map(|number| face(500 * number, &[])).collect();
    let image = recorded.image("/strangers.jpg", faces).await?;
    Ok(recorded.faces(image).await?.into_iter().map(|face| face.id).collect())
}

async fn waiting(recorded: &Recorded) -> anyhow::Result<Vec<u64>> {
    Ok(recorded.store.ungrouped().await?.into_iter().map(|face| face.face.id).collect())
}

#[tokio::test]
async fn unknown_faces_without_a_group_wait_in_their_order() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let ids = strangers(&recorded, 3).await?;
    recorded.image("/known.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    recorded.store.found_groups(&ids[1..2]).await?;

    let faces = recorded.store.ungrouped().await?;

    assert_eq!(faces.iter().map(|face| face.face.id).collect::<Vec<_>>(), [ids[0], ids[2]]);
    assert_eq!((faces[0].face.model_id.as_str(), &faces[0].face.embedding.0[..]), ("dlib", &[1.0, 2.0][..]));
    assert_eq!(faces[0].accept_below, Some(0.55));
    Ok(())
}

#[tokio::test]
async fn faces_found_groups_and_join_them_once() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let ids = strangers(&recorded, 3).await?;

    recorded.store.found_groups(&ids[..1]).await?;
    recorded.store.join_group(ids[0], &ids[1..]).await?;
    recorded.store.found_groups(&ids).await?;
    recorded.store.join_group(ids[2], &ids).await?;
    recorded.store.found_groups(&[]).await?;

    let groups: Vec<u64> = sqlx::query_scalar("SELECT group_id FROM faces ORDER BY id")
        .fetch_all(&recorded.database.pool)
        .await?;
    assert_eq!(groups, [ids[0]; 3]);
    assert_eq!(waiting(&recorded).await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn who_is_not_unknown_any_more_is_put_into_no_group() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let ids = strangers(&recorded, 1).await?;
    sqlx::query("UPDATE faces SET outcome = 'identified'").execute(&recorded.database.pool).await?;

    recorded.store.found_groups(&ids).await?;
    recorded.store.join_group(7, &ids).await?;

    let group: Option<u64> =
        sqlx::query_scalar("SELECT group_id FROM faces").fetch_one(&recorded.database.pool).await?;
    assert_eq!(group, None);
    Ok(())
}

#[tokio::test]
async fn a_group_is_known_by_the_first_of_its_faces_that_is_still_unknown() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let ids = strangers(&recorded, 5).await?;
    recorded.store.found_groups(&[ids[0], ids[3]]).await?;
    recorded.store.join_group(ids[0], &[ids[1], ids[2]]).await?;
    sqlx::query("UPDATE faces SET outcome = 'identified' WHERE id = ?")
        .bind(ids[0])
        .execute(&recorded.database.pool)
        .await?;

    let groups = recorded.store.groups_below(u64::MAX).await?;

    let known: Vec<(u64, u64)> = groups.iter().map(|(group, face)| (*group, face.id)).collect();
    assert_eq!(known, [(ids[3], ids[3]), (ids[0], ids[1])], "the newest first");
    assert_eq!(groups[0].1.embedding.0, [1.0, 2.0]);
    assert_eq!(recorded.store.groups_below(ids[0]).await?, []);
    Ok(())
}
