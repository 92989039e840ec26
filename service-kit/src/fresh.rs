//! An answer that is asked for at most once in a while, however many want it.

use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};

/// The last answer, and when it was asked for.
#[derive(Debug)]
pub struct Fresh<T> {
    keeps: Duration,
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Fresh<T> {
    /// Without an answer yet; one is kept for so long.
    #[must_use]
    pub fn new(keeps: Duration) -> Self {
        Self { keeps, last: Mutex::new(None) }
    }

    /// The last answer, or a new one when that is too old. Who comes while one is asked for waits for it.
    pub async fn get<E>(&self, ask: impl AsyncFnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut last = self.last.lock().await;
        if let Some((asked, answer)) = &*last
            && asked.elapsed() < self.keeps
        {
            return Ok(answer.clone());
        }
        let answer = ask().await?;
        *last = Some((Instant::now(), answer.clone()));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_asked_for_again_only_when_it_is_old() {
        let fresh = Fresh::new(Duration::from_secs(2));
        let mut asked = 0;
        let mut seen = Vec::new();
        for wait in [0, 1, 1, 2] {
            advance(Duration::from_secs(wait)).await;
            let answer = fresh.get(async || {
                asked += 1;
                Ok::<_, Infallible>(asked)
            });
            let Ok(answer) = answer.await;
            seen.push(answer);
        }

        assert_eq!(seen, [1, 1, 2, 3]);
    }

    #[tokio::test]
    async fn what_could_not_be_asked_is_asked_again() {
        let fresh = Fresh::new(Duration::from_secs(2));

        assert_eq!(fresh.get(async || Err("away")).await, Err("away"));
        assert_eq!(fresh.get(async || Ok::<_, &str>(1)).await, Ok(1));
    }
}
