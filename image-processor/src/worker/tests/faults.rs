//! The recogniser fails or is away: what it costs the image, and when the message comes again.

use std::net::Ipv4Addr;

use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpSocket},
};

use super::*;

/// The message comes again, after a delay such as a failure has.
#[track_caller]
fn expect_requeue(disposal: Disposal) {
    let Disposal::Requeue(after) = disposal else { panic!("the message is done: {disposal:?}") };
    assert!((Duration::from_millis(500)..=Duration::from_mins(1)).contains(&after), "{after:?}");
}

#[tokio::test]
async fn an_image_that_fails_five_times_is_failed_and_may_be_tried_again() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Fails(Code::Internal))).await?;

    for attempts in 1..5 {
        expect_requeue(workplace.process().await);
        assert_eq!(workplace.outcome().await?, Outcome::pending_after("engine_failed", attempts));
        workplace.make_due().await?;
    }
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::failed("engine_failed", true, 5));
    assert_eq!(recogniser.asked().recognize.len(), 5);
    Ok(())
}

#[tokio::test]
async fn an_image_that_waits_for_its_next_attempt_is_not_asked_about() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Fails(Code::Internal))).await?;
    sqlx::query("UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6) + INTERVAL 30 SECOND")
        .execute(&workplace.database.pool)
        .await?;

    expect_requeue(workplace.process().await);

    assert_eq!(recogniser.asked(), Asked::default());
    assert_eq!(workplace.outcome().await?, Outcome::pending(0));
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_is_not_available_costs_no_attempt() -> anyhow::Result<()> {
    for (code, error_code) in [
        (Code::Unavailable, "recogniser_unavailable"),
        (Code::ResourceExhausted, "recogniser_busy"),
        (Code::FailedPrecondition, "recogniser_failed"),
    ] {
        let (workplace, recogniser) = start(script(Recognize::Fails(code))).await?;

        for _ in 0..=retry::MAX_ATTEMPTS {
            expect_requeue(workplace.process().await);
            assert_eq!(workplace.outcome().await?, Outcome::pending_after(error_code, 0));
            workplace.make_due().await?;
        }
        assert_eq!(recogniser.asked().recognize.len(), 6, "{code:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_connection_costs_no_attempt() -> anyhow::Result<()> {
    // Bound and not listening: as long as we hold it nobody else can listen there either.
    let nobody = TcpSocket::new_v4()?;
    nobody.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = nobody.local_addr()?;
    let workplace = Workplace::start(address, CALL_TIMEOUT).await?;

    expect_requeue(workplace.process().await);

    assert_eq!(workplace.outcome().await?, Outcome::pending_after("recogniser_unavailable", 0));
    Ok(())
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_charged() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(script(Recognize::Hangs))?;
    let workplace = Workplace::start(recogniser.address(), Duration::from_millis(300)).await?;

    for attempts in 1..5 {
        expect_requeue(workplace.process().await);
        assert_eq!(workplace.outcome().await?, Outcome::pending_after("deadline_exceeded", attempts));
        workplace.make_due().await?;
    }
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::failed("deadline_exceeded", true, 5));
    assert_eq!(recogniser.asked().recognize.len(), 5);
    Ok(())
}

#[tokio::test]
async fn a_picture_that_no_call_can_read_fails_at_once_and_for_good() -> anyhow::Result<()> {
    for (code, error_code) in [(Code::InvalidArgument, "invalid_argument"), (Code::NotFound, "file_missing")]
    {
        let (workplace, _recogniser) = start(script(Recognize::Fails(code))).await?;

        assert_eq!(workplace.process().await, Disposal::Finish);

        assert_eq!(workplace.outcome().await?, Outcome::failed(error_code, false, 1));
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_breaks_the_contract_is_charged() -> anyhow::Result<()> {
    let mut without_box = one_face(&[]);
    without_box.faces[0].r#box = None;
    let mut endless_score = one_face(&[]);
    endless_score.faces[0].score = f32::INFINITY;
    let answers = [
        ("no box", without_box),
        ("no thresholds", proto::RecognizeResponse { thresholds: None, ..no_face() }),
        ("a distance that is no number", one_face(&[("john_doe.jpg", f32::NAN)])),
        ("an endless score", endless_score),
        ("no model", proto::RecognizeResponse { model_id: String::new(), ..no_face() }),
        ("a long revision", proto::RecognizeResponse { gallery_revision: "r".repeat(65), ..no_face() }),
    ];

    for (case, answer) in answers {
        let (workplace, _recogniser) = start(script(Recognize::Answers(answer))).await?;

        expect_requeue(workplace.process().await);

        assert_eq!(workplace.outcome().await?, Outcome::pending_after("contract_broken", 1), "{case}");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_whose_result_cannot_be_stored_is_given_back() -> anyhow::Result<()> {
    let (workplace, _recogniser) = start(script(Recognize::Answers(one_face(&[])))).await?;
    sqlx::query("RENAME TABLE faces TO away").execute(&workplace.database.pool).await?;
    assert_eq!(workplace.process().await, Disposal::Requeue(DATABASE_AWAY));
    assert_eq!(workplace.outcome().await?, Outcome::pending(0));

    sqlx::query("RENAME TABLE away TO faces").execute(&workplace.database.pool).await?;
    workplace.make_due().await?;
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::unresolved(UnresolvedReason::UnknownFace));
    Ok(())
}

#[tokio::test]
async fn a_result_that_the_database_refuses_each_time_is_charged_until_the_image_fails() -> anyhow::Result<()>
{
    let answer = Recognize::Answers(one_face(&[("john_doe.jpg", 0.3)]));
    let (workplace, _recogniser) = start(script(answer)).await?;
    sqlx::query("ALTER TABLE faces MODIFY matched_photo VARCHAR(3) NULL")
        .execute(&workplace.database.pool)
        .await?;

    for attempts in 1..5 {
        expect_requeue(workplace.process().await);
        assert_eq!(workplace.outcome().await?, Outcome::pending_after("result_refused", attempts));
        workplace.make_due().await?;
    }
    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::failed("result_refused", true, 5));
    Ok(())
}

#[tokio::test]
async fn a_stored_path_that_is_none_fails_without_a_call() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    let image = workplace.insert_image("/../a.jpg").await?;

    assert_eq!(workplace.worker.process(image, 1, || {}).await, Disposal::Finish);

    assert_eq!(workplace.outcome_of(image).await?, Outcome::failed("path_outside_root", false, 1));
    assert_eq!(recogniser.asked(), Asked::default());
    Ok(())
}

#[tokio::test]
async fn while_the_database_is_away_the_message_rests() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    workplace.database.pool.close().await;

    assert_eq!(workplace.process().await, Disposal::Requeue(DATABASE_AWAY));

    assert_eq!(recogniser.asked(), Asked::default());
    Ok(())
}

#[tokio::test]
async fn a_failure_while_the_recogniser_is_not_healthy_costs_no_attempt() -> anyhow::Result<()> {
    for (code, error_code) in [(Code::Internal, "engine_failed"), (Code::Unknown, "recogniser_failed")] {
        let fault = Recognize::Fails(code);
        let (workplace, _recogniser) = start(Script { healthy: false, ..script(fault) }).await?;

        for _ in 0..=retry::MAX_ATTEMPTS {
            expect_requeue(workplace.process().await);
            assert_eq!(workplace.outcome().await?, Outcome::pending_after(error_code, 0));
            workplace.make_due().await?;
        }
    }
    Ok(())
}

/// A recogniser that dies of each picture: it takes the request and closes the connection.
#[tokio::test]
async fn a_connection_that_is_lost_after_sending_is_a_loss_and_ten_end_the_image() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let dying = tokio::spawn(async move {
        let mut request = [0; 1024];
        while let Ok((mut connection, _)) = listener.accept().await {
            _ = connection.read(&mut request).await;
        }
    });
    let workplace = Workplace::start(address, CALL_TIMEOUT).await?;

    for losses in 1..10 {
        // Each costs the breaker a failure too; it is not asked here.
        expect_requeue(workplace.work_on().await?);
        let counted: u32 =
            sqlx::query_scalar("SELECT losses FROM images").fetch_one(&workplace.database.pool).await?;
        let waits = Outcome::pending_after("recogniser_failed", 0);
        assert_eq!((counted, workplace.outcome().await?), (losses, waits));
        workplace.make_due().await?;
    }
    assert_eq!(workplace.work_on().await?, Disposal::Finish);

    assert_eq!(workplace.outcome().await?, Outcome::failed("lost_too_often", false, 0));
    dying.abort();
    Ok(())
}
