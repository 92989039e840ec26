//! A claim ends with an error.

use super::*;

#[tokio::test]
async fn a_failed_image_keeps_the_error_and_whether_it_may_be_tried_again() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for (retryable, attempts) in [(false, 1), (true, 2)] {
        make_due(&database.pool, id).await?;
        let claim = claim(&store, id).await?;

        store.fail(&claim, &failure("damaged_image", "it ends too early"), retryable).await?;

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
    store.record(&first, &Finding::of_older_recogniser(Some(john))).await?;
    make_due(&database.pool, id).await?;
    let second = claim(&store, id).await?;

    store.fail(&second, &failure("file_missing", "it is gone"), false).await?;

    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.person, row.reason), (ImageStatus::Failed, None, None));
    Ok(())
}

#[tokio::test]
async fn an_error_that_is_too_long_for_its_columns_is_cut() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;

    store.fail(&claim, &failure(&"c".repeat(100), &"ä".repeat(2000)), false).await?;

    let row = image(&database.pool, id).await?;
    assert_eq!(row.error_code, Some("c".repeat(64)));
    assert_eq!(row.error_detail, Some("ä".repeat(1024)));
    Ok(())
}
