use rollcall_tests::{
    mariadb::ScratchDatabase,
    scripted_recogniser::{Recognize, Script, ScriptedRecogniser},
    wait,
};
use service_kit::jitter::Jitter;
use tonic::Code;

use super::*;
use crate::{
    breaker::BreakerOptions,
    recognizer::{RecognitionSource, Recognizer},
    store::MySqlStore,
};

const LEASE: Duration = Duration::from_mins(1);
/// Long enough for a server in the same process.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const HANDS: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

/// A database with so many pending images that are due.
async fn images(count: u64) -> anyhow::Result<ScratchDatabase> {
    let database = ScratchDatabase::start().await?;
    for number in 0..count {
        sqlx::query(
            "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
             VALUES (?, UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(format!("/{number}.jpg"))
        .bind(number)
        .execute(&database.pool)
        .await?;
    }
    Ok(database)
}

#[tokio::test]
async fn a_busy_recogniser_is_asked_again_only_after_a_rest() -> anyhow::Result<()> {
    let database = images(100).await?;
    let recogniser = ScriptedRecogniser::start(Script::new(Recognize::Fails(Code::ResourceExhausted)))?;
    let (store, mut tasks) = MySqlStore::start(database.pool.clone(), "drain".to_owned(), LEASE);
    // They end with the store.
    tasks.detach_all();
    let client = Recognizer::new(
        RecognitionSource::List([recogniser.address().into()].into()),
        CALL_TIMEOUT,
        "/".into(),
    );
    let breaker = Breaker::new(BreakerOptions::new(CALL_TIMEOUT), Jitter::random());
    let worker =
        Arc::new(Worker::new(store.clone(), client, breaker.clone(), LEASE, HANDS, Jitter::random()));
    let stopping = CancellationToken::new();

    let (summary, asked) = tokio::join!(run(&store, &worker, &breaker, HANDS, &stopping), async {
        let asked = wait::until("the first call", CALL_TIMEOUT, async || {
            if recogniser.asked().recognize.is_empty() { Err("none") } else { Ok(()) }
        });
        let asked = asked.await;
        sleep(Duration::from_secs(1)).await;
        stopping.cancel();
        asked
    });

    asked?;
    // Each hand rests for half a second at least, and for a whole one after that.
    let calls = recogniser.asked().recognize.len() as u64;
    assert!(calls < 10, "{calls} calls");
    let Summary { worked_on, remaining } = summary?;
    assert_eq!((worked_on, remaining.due + remaining.delayed, remaining.processing), (calls, 100, 0));
    Ok(())
}

#[tokio::test]
async fn a_hand_that_fails_lets_the_others_finish_what_they_have_in_work() {
    let ending = CancellationToken::new();
    let mut hands = JoinSet::new();
    hands.spawn(async { Err(StoreError::TimedOut) });
    let (finished, hears) = tokio::sync::oneshot::channel();
    hands.spawn({
        let ending = ending.clone();
        async move {
            ending.cancelled().await;
            finished.send(()).expect("the test listens");
            Ok(1)
        }
    });

    let worked_on = join(hands, &ending).await;

    assert!(matches!(worked_on, Err(StoreError::TimedOut)), "{worked_on:?}");
    hears.await.expect("the other hand came to its end");
}
