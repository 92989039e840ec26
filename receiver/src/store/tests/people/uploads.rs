//! Who uploaded a picture.

use serde_json::json;

use super::*;

#[tokio::test]
async fn the_first_who_brings_a_picture_is_told_of() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (image, _) = insert(&store, "/uploads/a.jpg").await?;
    let actor = ann();

    let (one, other) = tokio::join!(
        store.tell_of_upload(&actor, image, "/uploads/a.jpg"),
        store.tell_of_upload(&actor, image, "/uploads/a.jpg"),
    );

    one?;
    other?;
    store.tell_of_upload(&Actor::named("Bob"), image, "/uploads/a.jpg").await?;
    let detail = json!({"from": null, "to": {"path": "/uploads/a.jpg"}});
    assert_eq!(
        trail(&database.pool).await?,
        [("picture_uploaded".to_owned(), None, None, Some(image), detail)]
    );
    Ok(())
}

#[tokio::test]
async fn of_an_image_that_is_gone_nothing_is_told() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    store.tell_of_upload(&ann(), 7, "/uploads/a.jpg").await?;

    assert_eq!(trail(&database.pool).await?, []);
    Ok(())
}
