//! Long calls keep their lease and their message; lost leases and interrupted calls lose nothing.

use std::sync::atomic::{AtomicU32, Ordering};

use rollcall_tests::wait;

use super::*;

/// Short enough for a test to wait for its end.
const SHORT_LEASE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_call_that_outlasts_the_lease_keeps_the_image_and_the_message() -> anyhow::Result<()> {
    let slow = Script { delay: SHORT_LEASE * 3, ..script(Recognize::Answers(no_face())) };
    let recogniser = ScriptedRecogniser::start(slow)?;
    let workplace = Workplace::with_lease(recogniser.address(), SHORT_LEASE).await?;
    let touches = AtomicU32::new(0);

    let touch = || _ = touches.fetch_add(1, Ordering::Relaxed);
    let disposal = workplace.worker.process(workplace.image, 1, touch).await;

    assert_eq!(disposal, Disposal::Finish);
    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::NoFace));
    assert!(touches.load(Ordering::Relaxed) >= 3, "{touches:?}");
    Ok(())
}

#[tokio::test]
async fn an_image_is_kept_while_its_faces_are_named() -> anyhow::Result<()> {
    let answers = script(Recognize::Answers(no_face()));
    let recogniser = ScriptedRecogniser::start(Script { list_hangs: true, ..answers })?;
    let workplace = Workplace::with_lease(recogniser.address(), SHORT_LEASE).await?;
    let touches = AtomicU32::new(0);

    let touch = || _ = touches.fetch_add(1, Ordering::Relaxed);
    let (disposal, kept) = tokio::join!(workplace.worker.process(workplace.image, 1, touch), async {
        // The picture is recognised; whose the known photos are is asked and not answered.
        wait::until("the known photos to be asked for", CALL_TIMEOUT, async || {
            if recogniser.asked().list == 1 { Ok(()) } else { Err("not yet") }
        })
        .await?;
        let (leased, before) = (lease_until(&workplace).await?, touches.load(Ordering::Relaxed));
        wait::until("the lease to be renewed", CALL_TIMEOUT / 2, async || {
            match lease_until(&workplace).await {
                Ok(renewed) if renewed > leased => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await?;
        anyhow::ensure!(touches.load(Ordering::Relaxed) > before, "the message is not touched");
        recogniser.change(|script| script.list_hangs = false);
        Ok(())
    });

    kept?;
    assert_eq!(disposal, Disposal::Finish);
    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::NoFace));
    Ok(())
}

#[tokio::test]
async fn a_late_answer_does_not_overwrite_a_newer_one() -> anyhow::Result<()> {
    let answer = Recognize::Answers(one_face(&[("john_doe.jpg", 0.3)]));
    let (workplace, recogniser) = start(script(Recognize::Hangs)).await?;

    let (disposal, taken_over) = tokio::join!(workplace.process(), async {
        // While the call is under way, another worker has the image and its result.
        until_leased(&workplace).await?;
        sqlx::query("UPDATE images SET status = 4, reason = 'no_face', lease_token = lease_token + 1")
            .execute(&workplace.database.pool)
            .await?;
        recogniser.change(|script| script.recognize = answer);
        anyhow::Ok(())
    });

    taken_over?;
    assert_eq!(disposal, Disposal::Finish);
    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::NoFace));
    let faces: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM faces").fetch_one(&workplace.database.pool).await?;
    assert_eq!(faces, 0);
    Ok(())
}

#[tokio::test]
async fn an_interrupted_call_gives_its_image_back_at_once_and_for_free() -> anyhow::Result<()> {
    let (workplace, _recogniser) = start(script(Recognize::Hangs)).await?;

    let (disposal, leased) = tokio::join!(workplace.process(), async {
        let leased = until_leased(&workplace).await;
        workplace.worker.interrupt();
        leased
    });

    leased?;
    assert_eq!(disposal, Disposal::Requeue(Duration::ZERO));
    assert_eq!(workplace.outcome().await?, Outcome::pending(0));
    Ok(())
}

async fn until_leased(workplace: &Workplace) -> anyhow::Result<()> {
    wait::until("the image to be leased", CALL_TIMEOUT, async || {
        match workplace.outcome().await.map_err(|error| error.to_string())?.status {
            ImageStatus::Processing => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}

/// When the lease ends, in microseconds; `None` where there is none.
async fn lease_until(workplace: &Workplace) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT TIMESTAMPDIFF(MICROSECOND, created_at, lease_until) FROM images")
        .fetch_one(&workplace.database.pool)
        .await
}
