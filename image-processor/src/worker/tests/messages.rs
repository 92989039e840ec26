//! Messages of every kind are answered.

use std::sync::Mutex;

use super::*;
use crate::queue::Stale;

/// What was said of a message, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Finish,
    Requeue,
}

/// A message that notes how it is answered.
struct Noted {
    body: Vec<u8>,
    said: Arc<Mutex<Vec<Said>>>,
}

impl Noted {
    fn note(&self, said: Said) {
        self.said.lock().expect("no test panics with the lock").push(said);
    }
}

impl Message for Noted {
    fn body(&self) -> &[u8] {
        &self.body
    }

    fn deliveries(&self) -> u16 {
        1
    }

    fn touch(&self) -> Result<(), Stale> {
        Ok(())
    }

    fn finish(self) -> Result<(), Stale> {
        self.note(Said::Finish);
        Ok(())
    }

    fn requeue(self, _: Duration) -> Result<(), Stale> {
        self.note(Said::Requeue);
        Ok(())
    }
}

/// Handles a message with this body and answers what was said of it.
async fn handle(workplace: &Arc<Worker<MySqlStore>>, body: &[u8]) -> Vec<Said> {
    let said = Arc::default();
    Arc::clone(workplace).handle(Noted { body: body.to_vec(), said: Arc::clone(&said) }).await;
    let said = said.lock().expect("no test panics with the lock");
    said.clone()
}

#[tokio::test]
async fn messages_that_ask_for_nothing_are_finished_and_change_nothing() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    sqlx::query("UPDATE images SET status = 4, reason = 'no_face'").execute(&workplace.database.pool).await?;
    let (final_image, worker) = (workplace.image, Arc::new(workplace.worker));

    for length in 0..8 {
        assert_eq!(handle(&worker, &vec![1; length]).await, [Said::Finish], "{length} bytes");
    }
    for id in [0, 4711, u64::MAX, final_image.0] {
        assert_eq!(handle(&worker, &id.to_le_bytes()).await, [Said::Finish], "{id}");
    }

    assert_eq!(recogniser.asked(), Asked::default());
    Ok(())
}

#[tokio::test]
async fn what_follows_the_id_in_a_message_is_passed_over() -> anyhow::Result<()> {
    let (workplace, recogniser) = start(script(Recognize::Answers(no_face()))).await?;
    let body =
        [&workplace.image.0.to_le_bytes()[..], b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
            .concat();

    assert_eq!(handle(&Arc::new(workplace.worker), &body).await, [Said::Finish]);

    assert_eq!(recogniser.asked().recognize, [PATH]);
    Ok(())
}
