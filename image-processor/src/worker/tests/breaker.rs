//! The breaker stands before the claim, and hears how calls end.

use super::*;
use crate::breaker::BreakerState;

fn state(workplace: &Workplace) -> BreakerState {
    *workplace.breaker.state().borrow()
}

#[tokio::test]
async fn an_open_breaker_sends_the_message_back_and_leaves_the_row_alone() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    for _ in 0..FAILURES.get() {
        workplace.breaker.try_acquire()?.begin().end(CallOutcome::Failed);
    }

    let disposal = workplace.process().await;

    let Disposal::Requeue(after) = disposal else { panic!("it is not answered: {disposal:?}") };
    assert!(after > Duration::ZERO && after <= Duration::from_secs(90), "{after:?}");
    assert_eq!(workplace.outcome().await?, Outcome::pending(0));
    let token: u64 =
        sqlx::query_scalar("SELECT lease_token FROM images").fetch_one(&workplace.database.pool).await?;
    assert_eq!((token, recogniser.asked()), (0, Asked::default()));
    Ok(())
}

#[tokio::test]
async fn failures_of_the_recogniser_open_the_breaker() -> anyhow::Result<()> {
    for code in [Code::Unavailable, Code::Internal, Code::Unknown, Code::DeadlineExceeded] {
        let (workplace, _recogniser) =
            start(Script { healthy: false, ..script(Recognize::Fails(code)) }).await?;

        for _ in 0..FAILURES.get() {
            assert_eq!(state(&workplace), BreakerState::Closed, "{code:?}");
            workplace.process().await;
            workplace.make_due().await?;
        }

        assert_eq!(state(&workplace), BreakerState::Open, "{code:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_the_recogniser_says_of_an_image_or_of_its_load_does_not_open_the_breaker() -> anyhow::Result<()>
{
    for code in [Code::InvalidArgument, Code::NotFound, Code::ResourceExhausted, Code::FailedPrecondition] {
        let (workplace, _recogniser) = start(script(Recognize::Fails(code))).await?;

        for number in 0..=FAILURES.get() {
            let image = workplace.insert_image(&format!("/{number}.jpg")).await?;
            workplace.worker.process(image, 1, || {}).await;
        }

        assert_eq!(state(&workplace), BreakerState::Closed, "{code:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_has_its_result_gives_its_permit_back() -> anyhow::Result<()> {
    let (workplace, _recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    workplace.process().await;
    for _ in 0..FAILURES.get() - 1 {
        workplace.breaker.try_acquire()?.begin().end(CallOutcome::Failed);
    }

    assert_eq!(workplace.process().await, Disposal::Finish);

    assert_eq!(state(&workplace), BreakerState::Closed);
    Ok(())
}
