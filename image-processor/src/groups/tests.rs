//! Unknown faces get their groups, with a real MariaDB.

use super::*;
use crate::{
    message::ImageId,
    recognizer::RecognizedFace,
    tests::{Recorded, face, worker_on},
};

/// A stranger who looks like this.
fn stranger(left: i32, embedding: [f32; 2]) -> RecognizedFace {
    RecognizedFace { embedding: embedding.to_vec(), ..face(left, &[]) }
}

/// The group of each face of an image.
async fn groups(recorded: &Recorded, image: ImageId) -> anyhow::Result<Vec<Option<u64>>> {
    Ok(recorded.faces(image).await?.into_iter().map(|face| face.group_id).collect())
}

#[tokio::test]
async fn strangers_who_look_alike_are_in_one_group_also_after_a_restart() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let first = recorded.image("/a.jpg", vec![stranger(0, [0.0, 0.0]), stranger(500, [5.0, 0.0])]).await?;
    let ids: Vec<u64> = recorded.faces(first).await?.iter().map(|face| face.id).collect();

    assert!(Grouping::new(recorded.store.clone()).group_all().await?);

    assert_eq!(groups(&recorded, first).await?, [Some(ids[0]), Some(ids[1])]);
    let second = recorded.image("/b.jpg", vec![stranger(0, [5.1, 0.0]), stranger(500, [0.0, 0.1])]).await?;
    let known = recorded.image("/c.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;

    assert!(Grouping::new(recorded.store.clone()).group_all().await?);

    assert_eq!(groups(&recorded, second).await?, [Some(ids[1]), Some(ids[0])]);
    assert_eq!(groups(&recorded, known).await?, [None]);
    Ok(())
}

#[tokio::test]
async fn more_faces_than_one_page_are_grouped_at_once() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let crowd: i16 = 520;
    let faces: Vec<RecognizedFace> = (0..crowd)
        .map(|number| stranger(i32::from(number) * 200, [f32::from(number % 2) * 9.0, 0.0]))
        .collect();
    let image = recorded.image("/crowd.jpg", faces).await?;
    let ids: Vec<u64> = recorded.faces(image).await?.iter().map(|face| face.id).collect();

    assert!(Grouping::new(recorded.store.clone()).group_all().await?);

    for (number, group) in groups(&recorded, image).await?.into_iter().enumerate() {
        assert_eq!(group, Some(ids[number % 2]), "{number}");
    }
    Ok(())
}

#[tokio::test]
async fn one_process_at_a_time_groups_faces() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", vec![stranger(0, [0.0, 0.0])]).await?;
    let other = worker_on(&recorded.database, "other");
    assert!(other.hold_duty(DUTY, LEASE).await?);

    assert!(!Grouping::new(recorded.store.clone()).group_all().await?);

    assert_eq!(groups(&recorded, image).await?, [None]);
    Ok(())
}

#[tokio::test]
async fn who_is_told_to_stop_leaves_the_duty_to_others() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    assert!(recorded.store.hold_duty(DUTY, LEASE).await?);
    let stopping = CancellationToken::new();
    stopping.cancel();

    Grouping::new(recorded.store.clone()).run(&stopping).await;

    assert!(worker_on(&recorded.database, "other").hold_duty(DUTY, LEASE).await?);
    Ok(())
}
