//! Groups of unknown faces.

use super::*;

/// Faces of an image that are in a group; their ids follow each other.
async fn insert_group(pool: &MySqlPool, group: u64, faces: u64) -> sqlx::Result<()> {
    for _ in 0..faces {
        insert_face(pool, 1, None, "unknown").await?;
    }
    sqlx::query("UPDATE faces SET group_id = ? WHERE group_id IS NULL").bind(group).execute(pool).await?;
    Ok(())
}

fn sizes(groups: &Groups) -> Vec<(u64, u64)> {
    groups.rows.iter().map(|group| (group.id, group.size)).collect()
}

#[tokio::test]
async fn the_largest_groups_come_first_and_only_unknown_faces_count() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    assert_eq!(store.groups(None, PAGE).await?, Groups::default());
    insert_images(&database.pool, 1).await?;
    for (group, faces) in [(1, 2), (3, 9), (12, 3), (15, 2)] {
        insert_group(&database.pool, group, faces).await?;
    }
    sqlx::query("UPDATE faces SET outcome = 'identified' WHERE id = 12").execute(&database.pool).await?;
    sqlx::query("UPDATE faces SET group_id = NULL WHERE id = 11").execute(&database.pool).await?;

    let groups = store.groups(None, PAGE).await?;

    assert_eq!(sizes(&groups), [(3, 8), (1, 2), (12, 2)]);
    assert_eq!(groups.rows[0].sample, [3, 4, 5, 6, 7, 8]);
    assert_eq!(groups.rows[2].sample, [13, 14]);
    assert_eq!((groups.as_of, groups.further), (16, Some(GroupPlace { as_of: 16, size: 2, id: 12 })));
    let rest = store.groups(groups.further, PAGE).await?;
    assert_eq!((sizes(&rest), rest.further), (vec![(15, 2)], None));
    Ok(())
}

#[tokio::test]
async fn groups_stay_where_they_are_while_faces_arrive() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 1).await?;
    for (group, faces) in [(1, 3), (4, 2), (6, 1)] {
        insert_group(&database.pool, group, faces).await?;
    }
    let first = store.groups(None, 1).await?;
    insert_group(&database.pool, 6, 5).await?;

    let second = store.groups(first.further, 1).await?;
    let third = store.groups(second.further, 1).await?;

    assert_eq!((sizes(&first), sizes(&second), sizes(&third)), (vec![(1, 3)], vec![(4, 2)], vec![(6, 1)]));
    assert_eq!(third.rows[0].sample, [6]);
    Ok(())
}

#[tokio::test]
async fn the_faces_of_a_group_come_in_pages_with_their_pictures() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 1).await?;
    insert_group(&database.pool, 1, 4).await?;
    sqlx::query("UPDATE faces SET outcome = 'ambiguous' WHERE id = 2").execute(&database.pool).await?;

    let faces = store.group_faces(1, 4, 0, 2).await?;
    let rest = store.group_faces(1, 4, 3, 2).await?;

    let face = |id| GroupFace { id, image_id: 1, path: "/a.jpg".to_owned() };
    assert_eq!((faces, rest), (vec![face(1), face(3)], vec![face(4)]));
    assert_eq!(store.group_faces(1, 3, 3, 2).await?, [], "later faces are not meant");
    assert_eq!(store.group_size(1, None, 9).await?, (3, 4));
    assert_eq!(store.group_size(1, Some(3), 9).await?, (2, 3));
    assert_eq!(store.group_size(1, None, 2).await?, (2, 4));
    assert_eq!(store.group_size(7, None, 9).await?, (0, 4));
    Ok(())
}
