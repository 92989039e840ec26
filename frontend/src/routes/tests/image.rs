//! The page of one image.

use super::*;

#[tokio::test]
async fn each_face_says_who_it_is_and_why() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend
        .update_images(
            "UPDATE images SET status = 1, width = 640, height = 480, path = '/<u>.jpg', model_id = 'dlib',
                    accept_below = 0.5, unknown_from = 0.7, margin = 0.1",
        )
        .await?;
    frontend.insert_face(1, "identified", Some("John Doe"), (10, 20, 30, 40)).await?;
    frontend.insert_face(1, "ambiguous", Some("John Doe"), (90, 20, 30, 40)).await?;

    let page = frontend.get("/images/1").await?;

    page.expect(
        StatusCode::OK,
        &[
            "<title>&#60;u&#62;.jpg",
            r#"src="/pictures/1/view" alt="The picture" width="640" height="480""#,
            "2 faces",
            r#"<a href="/?person=John%20Doe">John Doe</a>"#,
            "Perhaps John Doe",
            "Nearer than 0.50, and nobody else is as near.",
            r#"src="/faces/1/crop""#,
            r#"src="/known-photos/john%20doe.jpg""#,
            "Distance 0.41 to John Doe; below 0.50 is the same person, from 0.70 on nobody we know",
            "Seen well; 40 pixels.",
            "<dt>Model</dt><dd>dlib</dd>",
        ],
    );
    page.expect_absent(&["<u>", "usual ones"]);
    Ok(())
}

#[tokio::test]
async fn an_image_of_before_says_that_its_thresholds_are_the_usual_ones() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend.insert_face(1, "unknown", None, (10, 20, 30, 40)).await?;

    let page = frontend.get("/images/1").await?;

    page.expect(StatusCode::OK, &["One face", "the usual ones of dlib's model", "Nearer than 0.55"]);
    Ok(())
}

#[tokio::test]
async fn an_image_that_failed_tells_its_error_and_its_attempts() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend
        .update_images(
            "UPDATE images SET status = 2, error_code = 'damaged_image', error_detail = 'the data end early',
                    attempts = 3, rounds = 2, losses = 1",
        )
        .await?;

    let page = frontend.get("/images/1").await?;

    page.expect(
        StatusCode::OK,
        &[
            "The data end early.",
            "Post it again when it is mended.",
            "<dt>Failed attempts</dt><dd>3</dd>",
            "<dt>Rounds of attempts before</dt><dd>2</dd>",
            "<dt>Workers lost with it</dt><dd>1</dd>",
            "<dt>Error code</dt><dd>damaged_image</dd>",
            "No face",
        ],
    );
    Ok(())
}

#[tokio::test]
async fn there_is_no_page_of_an_image_that_is_not_there() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    for address in ["/images/1", "/images/x", "/images/-1"] {
        frontend.get(address).await?.expect(StatusCode::NOT_FOUND, &["There is no such page"]);
    }
    Ok(())
}
