//! A claim ends with an error.

use super::*;

#[tokio::test]
async fn a_failed_image_keeps_the_error_and_whether_it_may_be_tried_again() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    let later = Fate::Retryable(Duration::from_mins(1));
    for (fate, retryable, attempts) in [(Fate::Final, false, 1), (later, true, 2)] {
        make_due(&database.pool, id).await?;
        let claim = claim(&store, id).await?;

        store.fail(&claim, &failure("damaged_image", "it ends too early"), fate, CHARGED).await?;

        let row = image(&database.pool, id).await?;
        assert_eq!((row.status, row.retryable, row.attempts), (ImageStatus::Failed, retryable, attempts));
        assert_eq!(row.error_code.as_deref(), Some("damaged_image"));
        assert_eq!(row.error_detail.as_deref(), Some("it ends too early"));
        assert_eq!((row.lease_owner, row.lease_seconds), (None, None));
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_fails_loses_its_earlier_result() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let john = insert_person(&database.pool, "John Doe").await?;
    let first = claim(&store, id).await?;
    store.record(&first, Finding::of_older_recogniser(Some(john))).await?;
    make_due(&database.pool, id).await?;
    let second = claim(&store, id).await?;

    store.fail(&second, &failure("file_missing", "it is gone"), Fate::Final, CHARGED).await?;

    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.person, row.reason), (ImageStatus::Failed, None, None));
    Ok(())
}

#[tokio::test]
async fn an_error_that_is_too_long_for_its_columns_is_cut() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;

    store.fail(&claim, &failure(&"c".repeat(100), &"ä".repeat(2000)), Fate::Final, CHARGED).await?;

    let row = image(&database.pool, id).await?;
    assert_eq!(row.error_code, Some("c".repeat(64)));
    assert_eq!(row.error_detail, Some("ä".repeat(1024)));
    Ok(())
}

#[tokio::test]
async fn a_failed_image_is_due_again_only_when_it_may_be_tried_again() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for (fate, minutes) in
        [(Fate::Retryable(Duration::from_mins(5)), 4..=5), (Fate::Final, 1_000_000..=i64::MAX)]
    {
        make_due(&database.pool, id).await?;
        let claim = claim(&store, id).await?;

        store.fail(&claim, &failure("engine_failed", ""), fate, CHARGED).await?;

        let wait: i64 =
            sqlx::query_scalar("SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(6), next_attempt_at) FROM images")
                .fetch_one(&database.pool)
                .await?;
        assert!(minutes.contains(&wait), "{fate:?}: {wait} minutes");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_given_up_becomes_a_dead_letter() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    for (fate, code) in [(Fate::GivenUp, "engine_failed"), (Fate::Lost, "lost_too_often")] {
        let id = insert_image_at(&database.pool, &format!("/{code}.jpg")).await?;
        let claim = claim(&store, id).await?;

        store.fail(&claim, &failure("engine_failed", "it hurts"), fate, CHARGED).await?;

        let row = image(&database.pool, id).await?;
        assert_eq!(
            (row.status, row.retryable, row.error_code.as_deref()),
            (ImageStatus::Failed, false, Some(code))
        );
        let letters = outbox(&database.pool, id).await?;
        let [(topic, body)] = &letters[..] else { panic!("one letter: {letters:?}") };
        let letter: serde_json::Value = serde_json::from_slice(body)?;
        assert_eq!(topic, "images.dead");
        assert_eq!((&letter["id"], &letter["error_code"]), (&id.0.into(), &code.into()), "{letter}");
        assert_eq!(
            (&letter["path"], &letter["attempts"]),
            (&format!("/{code}.jpg").into(), &1.into()),
            "{letter}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_failed_otherwise_is_no_dead_letter() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    for fate in [Fate::Final, Fate::Retryable(Duration::from_mins(1))] {
        let id = insert_image_at(&database.pool, &format!("/{fate:?}.jpg")).await?;
        let claim = claim(&store, id).await?;

        store.fail(&claim, &failure("engine_failed", "it hurts"), fate, CHARGED).await?;

        assert_eq!(outbox(&database.pool, id).await?, []);
    }
    Ok(())
}
