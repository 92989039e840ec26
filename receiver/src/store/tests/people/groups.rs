//! Unknown faces that look alike.

use super::*;

/// Faces of one image each, in a group that is named by the first of them.
async fn insert_group(
    database: &ScratchDatabase,
    store: &Store,
    size: usize,
) -> anyhow::Result<Vec<(u64, u64)>> {
    let mut faces: Vec<(u64, u64)> = Vec::new();
    let before = store.newest_face().await?;
    for number in 0..size {
        let face = insert_face(database, store, &format!("/{before}/{number}.jpg")).await?;
        faces.push(face);
        sqlx::query("UPDATE faces SET group_id = ? WHERE id = ?")
            .bind(faces[0].0)
            .bind(face.0)
            .execute(&database.pool)
            .await?;
    }
    Ok(faces)
}

fn ids(faces: &[(u64, u64)]) -> Vec<u64> {
    faces.iter().map(|(face, _)| *face).collect()
}

fn naming(group: u64, as_of: u64, except: &[u64]) -> Naming {
    Naming { group, as_of, except: except.to_vec() }
}

#[tokio::test]
async fn the_largest_groups_come_first_in_pages_of_the_faces_that_there_were() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let small = insert_group(&database, &store, 1).await?;
    let large = insert_group(&database, &store, 8).await?;
    let same = insert_group(&database, &store, 1).await?;
    insert_face(&database, &store, "/alone.jpg").await?;
    let as_of = store.newest_face().await?;
    let late = insert_face(&database, &store, "/late.jpg").await?.0;
    sqlx::query("UPDATE faces SET group_id = ? WHERE id = ?")
        .bind(small[0].0)
        .bind(late)
        .execute(&database.pool)
        .await?;
    sqlx::query("UPDATE faces SET outcome = 'low_quality' WHERE id = ?")
        .bind(large[7].0)
        .execute(&database.pool)
        .await?;

    let first = store.unknown_groups(as_of, None, 2).await?;
    let second = store.unknown_groups(as_of, Some((1, small[0].0)), 2).await?;
    let now = store.unknown_groups(late, None, 2).await?;

    let group = |faces: &[(u64, u64)], size| GroupRow {
        id: faces[0].0,
        faces: size,
        sample: ids(faces).into_iter().take(6).collect(),
        newest_image: faces.last().expect("a face").1,
    };
    assert_eq!(first, [group(&large[..7], 7), group(&small, 1)]);
    assert_eq!(second, [group(&same, 1)]);
    assert_eq!((now[1].id, now[1].faces), (small[0].0, 2));
    assert_eq!(store.unknown_groups(as_of, Some((1, same[0].0)), 2).await?, []);
    Ok(())
}

#[tokio::test]
async fn without_faces_there_is_no_group() -> anyhow::Result<()> {
    let (_database, store) = start().await?;

    assert_eq!(store.newest_face().await?, 0);
    assert_eq!(store.unknown_groups(u64::MAX, None, 9).await?, []);
    assert_eq!(store.faces_of_group(1, 0, 9).await?, []);
    assert_eq!(store.name_group(&ann(), &naming(1, u64::MAX, &[]), 0, &Whom::Name(name("Bob"))).await?, None);
    assert_eq!(store.people(None, None, 9).await?, [], "nobody was made for it");
    assert_eq!(store.sharpest(&[]).await?, None);
    Ok(())
}

#[tokio::test]
async fn the_faces_of_a_group_come_in_pages_with_their_pictures() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let faces = insert_group(&database, &store, 3).await?;

    let first = store.faces_of_group(faces[0].0, 0, 2).await?;
    let rest = store.faces_of_group(faces[0].0, first[1].id, 2).await?;

    let row = |(id, image_id), path: &str| GroupedFaceRow { id, image_id, path: path.to_owned() };
    assert_eq!(first, [row(faces[0], "/0/0.jpg"), row(faces[1], "/0/1.jpg")]);
    assert_eq!(rest, [row(faces[2], "/0/2.jpg")]);
    Ok(())
}

#[tokio::test]
async fn a_group_is_named_at_once_but_for_those_who_are_left_out_or_came_later() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let faces = insert_group(&database, &store, 5).await?;
    let group = faces[0].0;
    let naming = naming(group, faces[3].0, &[faces[1].0]);

    let named =
        store.name_group(&ann(), &naming, 0, &Whom::Name(name("Bob"))).await?.expect("there are faces");
    let again = store.name_group(&ann(), &naming, 0, &Whom::Name(name("Bob"))).await?;

    assert_eq!((named.faces, named.more_after), (vec![group, faces[2].0, faces[3].0], None));
    assert_eq!(again, None, "the rest is not to be named");
    let left: Vec<u64> = store.faces_of_group(group, 0, 9).await?.iter().map(|face| face.id).collect();
    assert_eq!(left, [faces[1].0, faces[4].0]);
    let images = [faces[0].1, faces[2].1, faces[3].1].map(|image| (image, 1));
    assert_eq!(wishes(&database.pool).await?, images);
    let told = actions(&database.pool).await?;
    assert_eq!(told, ["person_created", "face_assigned", "face_assigned", "face_assigned", "group_named"]);
    let (_, person, .., detail) = trail(&database.pool).await?.pop().expect("an entry");
    assert_eq!(
        (person, &detail["from"]["group"], &detail["from"]["faces"]),
        (Some(named.person.id), &group.into(), &3.into())
    );
    Ok(())
}

#[tokio::test]
async fn a_large_group_is_named_part_by_part() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (first, image) = insert_face(&database, &store, "/crowd.jpg").await?;
    for _ in 0..300 {
        reading::insert_plain_face(&database.pool, image, 0.5).await?;
    }
    sqlx::query("UPDATE faces SET group_id = ?").bind(first).execute(&database.pool).await?;
    let (naming, whom) = (naming(first, u64::MAX, &[]), Whom::Name(name("Bob")));

    let part = store.name_group(&ann(), &naming, 0, &whom).await?.expect("there are faces");
    let rest = store.name_group(&ann(), &naming, part.more_after.expect("there are more"), &whom).await?;

    let rest = rest.expect("there are faces");
    assert_eq!((part.faces.len(), rest.faces.len(), rest.more_after), (256, 45, None));
    assert_eq!(store.faces_of_group(first, 0, 9).await?, []);
    Ok(())
}

#[tokio::test]
async fn the_sharpest_face_stands_for_a_group() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let faces = ids(&insert_group(&database, &store, 4).await?);
    for (face, quality) in
        faces.iter().zip(["{}", r#"{"sharpness": 90.5}"#, r#"{"sharpness": 1200}"#, r#"{"sharpness": null}"#])
    {
        sqlx::query("UPDATE faces SET quality = ? WHERE id = ?")
            .bind(quality)
            .bind(face)
            .execute(&database.pool)
            .await?;
    }

    assert_eq!(store.sharpest(&faces).await?, Some(faces[2]));
    assert_eq!(store.sharpest(&faces[..1]).await?, Some(faces[0]));
    Ok(())
}

#[tokio::test]
async fn the_sharpest_of_more_faces_than_a_statement_takes_is_found() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let faces = ids(&insert_group(&database, &store, 3).await?);
    sqlx::query("UPDATE faces SET quality = JSON_OBJECT('sharpness', 7 * (id = ?) + 1)")
        .bind(faces[2])
        .execute(&database.pool)
        .await?;
    let gone = (1_000_000..1_040_000).collect::<Vec<u64>>();

    let last = [&faces[..2], &gone, &faces[2..]].concat();
    let first = [&faces[1..2], &gone, &faces[..1]].concat();

    assert_eq!(store.sharpest(&last).await?, Some(faces[2]));
    assert_eq!(store.sharpest(&first).await?, Some(faces[1]), "both are as sharp: the first one");
    assert_eq!(store.sharpest(&gone).await?, None);
    Ok(())
}
