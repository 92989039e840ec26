//! The recogniser answers: who is named, what is asked, and whose the known photos are.

use super::*;

fn known_photo(photo: &str, skipped: &str) -> proto::KnownPhoto {
    proto::KnownPhoto { photo: photo.to_owned(), skipped: skipped.to_owned(), ..proto::KnownPhoto::default() }
}

fn owned(photos: &[(&str, &str)]) -> Vec<(String, String)> {
    photos.iter().map(|(photo, name)| ((*photo).to_owned(), (*name).to_owned())).collect()
}

#[tokio::test]
async fn a_face_near_a_known_photo_names_the_image() -> anyhow::Result<()> {
    let answer = Recognize::Answers(one_face(&[("john_doe_2.jpg", 0.3), ("jane_doe.jpg", 0.7)]));
    let (workplace, recogniser) = start(script(answer)).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::processed("John Doe"));
    assert_eq!(recogniser.asked().recognize, [PATH]);
    Ok(())
}

#[tokio::test]
async fn the_size_of_the_picture_and_the_thresholds_of_its_answer_are_kept() -> anyhow::Result<()> {
    let (workplace, _recogniser) = start(script(Recognize::Answers(no_face()))).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    let kept: (u32, u32, f32, f32, f32) =
        sqlx::query_as("SELECT width, height, accept_below, unknown_from, margin FROM images")
            .fetch_one(&workplace.database.pool)
            .await?;
    assert_eq!(kept, (640, 480, 0.55, 0.6, 0.05));
    Ok(())
}

#[tokio::test]
async fn a_face_that_misses_limits_names_nobody_and_tells_who_it_would_have_been() -> anyhow::Result<()> {
    const OF_A_NEWER_RECOGNISER: i32 = 77;
    for missed in
        [vec![proto::QualityLimit::Size.into(), proto::QualityLimit::Yaw.into()], vec![OF_A_NEWER_RECOGNISER]]
    {
        let mut answer = one_face(&[("john_doe.jpg", 0.25), ("jane_doe.jpg", 0.75)]);
        answer.faces[0].quality.get_or_insert_default().missed = missed;
        let (workplace, _recogniser) = start(script(Recognize::Answers(answer))).await?;

        assert_eq!(workplace.process().await, Disposal::Finish);

        assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::LowQuality));
        assert_eq!(
            workplace.only_face().await?,
            StoredFace {
                outcome: FaceOutcome::LowQuality,
                person: Some("John Doe".to_owned()),
                matched_photo: Some("john_doe.jpg".to_owned()),
                distance: Some(0.25),
                runner_up: Some("Jane Doe".to_owned()),
            }
        );
    }
    Ok(())
}

#[tokio::test]
async fn all_photos_of_a_person_decide_also_those_that_are_not_near() -> anyhow::Result<()> {
    let photos = ["john_doe.jpg", "john_doe_2.jpg", "john_doe_3.jpg"];
    let gallery = Some(photos.map(|photo| known_photo(photo, "")).into());
    // The nearest photo alone would name him: it is below the accept threshold, which is 0.55.
    let answer = Recognize::Answers(one_face(&[("john_doe.jpg", 0.54), ("john_doe_2.jpg", 0.9)]));
    let (workplace, _recogniser) = start(Script { photos: gallery, ..script(answer) }).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::Ambiguous));
    assert_eq!(
        workplace.only_face().await?,
        StoredFace {
            outcome: FaceOutcome::Ambiguous,
            person: Some("John Doe".to_owned()),
            matched_photo: Some("john_doe.jpg".to_owned()),
            distance: identification::score(&[0.54, 0.9], 3),
            runner_up: None,
        }
    );
    Ok(())
}

#[tokio::test]
async fn a_picture_without_a_face_is_unresolved() -> anyhow::Result<()> {
    let (workplace, _recogniser) = start(script(Recognize::Answers(no_face()))).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::NoFace));
    Ok(())
}

#[tokio::test]
async fn a_message_that_comes_twice_is_asked_about_once() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(recogniser.asked().recognize, [PATH]);
    Ok(())
}

#[tokio::test]
async fn an_older_recogniser_is_asked_with_the_absolute_path() -> anyhow::Result<()> {
    let older = Script {
        best_photo: Some("john_doe.jpg".to_owned()),
        ..script(Recognize::Fails(Code::Unimplemented))
    };
    let (workplace, recogniser) = start(older).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    let identify = vec!["/srv/pictures/photos/a.jpg".to_owned()];
    assert_eq!(recogniser.asked(), Asked { recognize: vec![PATH.to_owned()], identify, ..Asked::default() });
    assert_eq!(workplace.outcome().await?, Outcome::processed("John Doe"));
    assert_eq!(workplace.known_photos().await?, owned(&[("john_doe.jpg", "John Doe")]));
    Ok(())
}

#[tokio::test]
async fn an_older_recogniser_that_matches_nobody_leaves_a_stranger() -> anyhow::Result<()> {
    let (workplace, _recogniser) = start(script(Recognize::Fails(Code::Unimplemented))).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::UnknownFace));
    assert_eq!(workplace.known_photos().await?, []);
    Ok(())
}

#[tokio::test]
async fn the_photos_of_a_gallery_get_their_people_before_a_picture_shows_them() -> anyhow::Result<()> {
    let photos = vec![known_photo("jane_doe.jpg", ""), known_photo("broken.jpg", "no face was found")];
    let gallery = Script { photos: Some(photos), ..script(Recognize::Answers(no_face())) };
    let (workplace, _recogniser) = start(gallery).await?;

    workplace.process().await;

    assert_eq!(workplace.known_photos().await?, owned(&[("jane_doe.jpg", "Jane Doe")]));
    Ok(())
}

#[tokio::test]
async fn a_gallery_is_listed_once_as_long_as_it_stays_the_same() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    let other = workplace.insert_image("/photos/b.jpg").await?;

    for image in [workplace.image, other] {
        assert_eq!(workplace.worker.process(image, 1, || {}).await, Disposal::Finish);
    }

    assert_eq!((recogniser.asked().recognize.len(), recogniser.asked().list), (2, 1));
    Ok(())
}

#[tokio::test]
async fn a_list_of_another_gallery_than_the_answers_is_asked_for_again() -> anyhow::Result<()> {
    let answer = proto::RecognizeResponse { gallery_revision: "r2".to_owned(), ..no_face() };
    let (workplace, recogniser) = start(script(Recognize::Answers(answer))).await?;
    let other = workplace.insert_image("/photos/b.jpg").await?;

    for image in [workplace.image, other] {
        assert_eq!(workplace.worker.process(image, 1, || {}).await, Disposal::Finish);
    }

    assert_eq!(recogniser.asked().list, 2);
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_cannot_list_its_photos_still_names_people() -> anyhow::Result<()> {
    let answer = Recognize::Answers(one_face(&[("john_doe.jpg", 0.3)]));
    let (workplace, _recogniser) = start(Script { photos: None, ..script(answer) }).await?;

    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::processed("John Doe"));
    Ok(())
}

#[tokio::test]
async fn an_id_without_an_image_is_dropped_and_nobody_is_asked() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;

    assert_eq!(workplace.worker.process(ImageId(u64::MAX), 1, || {}).await, Disposal::Finish);

    assert_eq!(recogniser.asked(), Asked::default());
    Ok(())
}
