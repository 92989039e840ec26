//! Where a face is in its picture.

use super::*;

#[tokio::test]
async fn a_face_is_read_with_its_picture_and_the_faces_beside_it() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    let twin = reading::insert_plain_face(&database.pool, image, 0.5).await?;
    insert_face(&database, &store, "/b.jpg").await?;
    sqlx::query("UPDATE faces SET box_left = -3, box_top = 4, box_width = 50, box_height = 60 WHERE id = ?")
        .bind(face)
        .execute(&database.pool)
        .await?;

    let unsized_picture = store.pictured_face(twin).await?;
    sqlx::query("UPDATE images SET width = 640, height = 480 WHERE id = ?")
        .bind(image)
        .execute(&database.pool)
        .await?;
    let sized = store.pictured_face(face).await?;

    let (own, other) = ((-3, 4, 50, 60), (0, 0, 1, 1));
    let picture =
        |size, bounds, beside| PicturedFace { path: "/a.jpg".to_owned(), size, bounds, others: vec![beside] };
    assert_eq!(unsized_picture, picture(None, other, own));
    assert_eq!(sized, picture(Some((640, 480)), own, other));
    Ok(())
}

#[tokio::test]
async fn a_face_leads_to_its_image_and_one_that_is_not_there_to_none() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;

    assert_eq!(store.image_of_face(face).await?, Some(image));
    assert_eq!(store.image_of_face(face + 1).await?, None);
    assert_eq!(refusal(store.pictured_face(face + 1).await), Refusal::UnknownFace(face + 1));
    Ok(())
}
