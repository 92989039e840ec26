//! Known photos: uploaded, cut out of pictures, listed, forgotten.

use tonic::Code;

use super::*;
use crate::gallery::scripted::Answers;

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a face";

#[tokio::test]
async fn a_photo_is_enrolled_listed_and_forgotten() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    scene.send("POST", "/people", json!({"name": "Ann Lee"})).await?;
    scene.gallery.script().photos.insert("bad.jpg".to_owned(), Vec::new());

    let enrolled = scene.bring("/people/1/photos?name=x.png", PHOTO).await?;
    let person = scene.get("/people/1").await?;
    let listed = scene.get("/known-photos").await?;
    let skipped = scene.get("/known-photos?skipped=true").await?;
    let forgotten =
        [scene.delete("/known-photos/ann_lee.jpg").await?, scene.delete("/known-photos/ann_lee.jpg").await?];

    let ann = json!({"id": 1, "name": "Ann Lee"});
    let told = json!({"photo": "ann_lee.jpg", "person": ann, "resembles": []});
    assert_eq!((enrolled.status, enrolled.body), (StatusCode::CREATED, told));
    assert_eq!(person.body["photos"], json!([{"photo": "ann_lee.jpg", "of": ann}]));
    let bad = json!({"photo": "bad.jpg", "person": null, "skipped": "nobody is seen in it"});
    let good = json!({"photo": "ann_lee.jpg", "person": ann, "skipped": null});
    assert_eq!(listed.body, json!({"photos": [good, bad], "gallery_revision": "r1"}));
    assert_eq!(skipped.body["photos"], json!([bad]));
    assert_eq!(forgotten, [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND]);
    Ok(())
}

#[tokio::test]
async fn what_the_recogniser_does_not_take_is_told_with_its_word() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    scene.send("POST", "/people", json!({"name": "Ann"})).await?;
    let table = [
        (Code::InvalidArgument, "no_face", StatusCode::UNPROCESSABLE_ENTITY, "no_face"),
        (Code::InvalidArgument, "several_faces", StatusCode::UNPROCESSABLE_ENTITY, "several_faces"),
        (Code::InvalidArgument, "low_quality", StatusCode::UNPROCESSABLE_ENTITY, "low_quality"),
        (Code::InvalidArgument, "damaged_image", StatusCode::UNPROCESSABLE_ENTITY, "damaged_image"),
        (Code::AlreadyExists, "photo_known", StatusCode::CONFLICT, "photo_known"),
        (Code::FailedPrecondition, "gallery_read_only", StatusCode::CONFLICT, "gallery_read_only"),
        (Code::Unauthenticated, "token_missing", StatusCode::BAD_GATEWAY, "recogniser_refuses"),
        (Code::ResourceExhausted, "queue_full", StatusCode::SERVICE_UNAVAILABLE, "recogniser_busy"),
        (Code::Unavailable, "loading", StatusCode::SERVICE_UNAVAILABLE, "recogniser_away"),
        (Code::Unimplemented, "", StatusCode::NOT_IMPLEMENTED, "recogniser_too_old"),
        (Code::Internal, "engine_failed", StatusCode::BAD_GATEWAY, "recogniser_failed"),
    ];
    for (code, word, status, told) in table {
        scene.gallery.script().changes = Answers::Refuses(code, word);
        let answer = scene.bring("/people/1/photos", PHOTO).await?;
        answer.expect_problem(word, status, told, None);
    }
    assert_eq!(scene.get("/people/1").await?.body["photos"], json!([]));
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_no_picture_or_too_many_do_not_reach_the_recogniser() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    scene.send("POST", "/people", json!({"name": "Ann"})).await?;
    let large = || vec![0xff; (32 << 20) + 1];
    let chunked = Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(large())]));

    let table = [
        (Body::from("words"), StatusCode::UNPROCESSABLE_ENTITY, "not_an_image"),
        (Body::empty(), StatusCode::BAD_REQUEST, "body_empty"),
        (Body::from(large()), StatusCode::PAYLOAD_TOO_LARGE, "file_too_large"),
        (chunked, StatusCode::PAYLOAD_TOO_LARGE, "file_too_large"),
    ];
    for (body, status, code) in table {
        scene.bring("/people/1/photos", body).await?.expect_problem(code, status, code, None);
    }
    let unknown = scene.bring("/people/9/photos", PHOTO).await?;
    unknown.expect_problem("unknown", StatusCode::NOT_FOUND, "unknown_person", None);
    assert_eq!(scene.gallery.photos(), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_face_becomes_a_known_photo_and_is_that_person() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let face = scene.insert_pictured_face("a.png").await?;

    let enrolled = scene.send("POST", &format!("/faces/{face}/enrol"), json!({"name": "Bob"})).await?;

    assert_eq!((enrolled.status, &enrolled.body["photo"]), (StatusCode::CREATED, &json!("bob.jpg")));
    let jpeg = scene.gallery.script().photos["bob.jpg"].clone();
    let photo = image::load_from_memory(&jpeg)?;
    assert_eq!((photo.width(), photo.height()), (44, 44));
    let image = scene.receiver.send(receiver::request("GET", "/api/v1/images/1", "")?).await?;
    assert_eq!(image.body["faces"][0]["source"], json!("person"), "{image:?}");
    let told = ["person_created", "face_assigned", "photo_enrolled"];
    assert_eq!(scene.actors().await?, told.map(|action| ("Ann".to_owned(), action.to_owned())));
    Ok(())
}

#[tokio::test]
async fn a_face_that_is_refused_as_a_photo_is_left_as_it_was() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let (pictured, gone) =
        (scene.insert_pictured_face("a.png").await?, scene.insert_face("/gone.png").await?);
    scene.gallery.script().changes = Answers::Refuses(Code::InvalidArgument, "low_quality");

    let refused = scene.send("POST", &format!("/faces/{pictured}/enrol"), json!({"name": "Bob"})).await?;
    let unreadable = scene.send("POST", &format!("/faces/{gone}/enrol"), json!({"name": "Bob"})).await?;
    let unknown = scene.send("POST", "/faces/77/enrol", json!({"name": "Bob"})).await?;

    refused.expect_problem("refused", StatusCode::UNPROCESSABLE_ENTITY, "low_quality", None);
    unreadable.expect_problem("gone", StatusCode::CONFLICT, "picture_unreadable", None);
    unknown.expect_problem("unknown", StatusCode::NOT_FOUND, "unknown_face", None);
    assert_eq!(scene.get("/people").await?.body["people"], json!([]));
    let verdicts: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM face_verdicts").fetch_one(scene.receiver.pool()).await?;
    assert_eq!(verdicts, 0);
    Ok(())
}

#[tokio::test]
async fn a_group_is_named_also_where_its_sharpest_face_is_no_good_photo() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let first = scene.insert_pictured_face("a.png").await?;
    scene.gallery.script().changes = Answers::Refuses(Code::InvalidArgument, "low_quality");
    let body = json!({"name": "Bob", "enrol": true});

    let refused = scene.send("POST", &format!("/unknown-groups/{first}/name"), body.clone()).await?;
    scene.gallery.script().changes = Answers::Well;
    scene.insert_pictured_face("b.png").await?;
    let enrolled = scene.send("POST", &format!("/unknown-groups/{first}/name"), body).await?;

    assert_eq!(
        (refused.status, &refused.body["faces"], &refused.body["photo"]),
        (StatusCode::OK, &json!(1), &Value::Null)
    );
    assert_eq!(refused.body["not_enrolled"]["code"], json!("low_quality"), "{refused:?}");
    assert_eq!(
        (&enrolled.body["photo"], &enrolled.body["not_enrolled"]),
        (&json!("bob.jpg"), &Value::Null),
        "{enrolled:?}"
    );
    Ok(())
}

#[tokio::test]
async fn who_is_deleted_is_gone_with_their_photos() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    scene.send("POST", "/people", json!({"name": "Ann"})).await?;
    scene.bring("/people/1/photos", PHOTO).await?;

    assert_eq!(scene.delete("/people/1").await?, StatusCode::NO_CONTENT);

    assert_eq!(scene.gallery.photos(), Vec::<String>::new());
    assert_eq!(scene.delete("/people/1").await?, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn while_the_recogniser_is_away_photos_are_not_listed_and_people_are() -> anyhow::Result<()> {
    let receiver = Receiver::start().await?;

    let photos = receiver.send(receiver::request("GET", "/api/v1/known-photos", "")?).await?;
    let people = receiver.send(receiver::request("GET", "/api/v1/people", "")?).await?;

    photos.expect_problem("photos", StatusCode::SERVICE_UNAVAILABLE, "recogniser_away", None);
    assert_eq!((people.status, people.body), (StatusCode::OK, json!({"people": [], "next": null})));
    Ok(())
}
