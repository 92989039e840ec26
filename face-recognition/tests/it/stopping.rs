//! SIGTERM: not ready first, then the open calls, then the end.

use rollcall_tests::{http, wait};
use tokio::task::JoinHandle;

use crate::server::{LONG, Server};

#[tokio::test]
async fn a_recogniser_that_is_stopped_says_so_and_finishes_its_calls() {
    let mut server = Server::start(1, 4).await;
    server.make_large();
    let client = server.client().await;
    let calls = [(); 2].map(|()| tokio::spawn(client.clone().path("/large.png")));
    server.metric_becomes("rollcall_queue_wait_seconds_count", 1).await;
    server.metric_becomes("rollcall_pictures_waiting", 1).await;
    let readyz = format!("http://{}/readyz", server.service.addresses[1]);
    let http = http::client().expect("a client");

    let not_ready = wait::until("not ready", LONG, async || match http.get(&readyz).send().await {
        Ok(answer) if answer.status() == 503 => Ok(calls.iter().any(JoinHandle::is_finished)),
        other => Err(format!("{other:?}")),
    });
    let (stopped, any_finished) = tokio::join!(server.service.stop(), not_ready);

    stopped.expect("it ends well");
    assert!(!any_finished.expect("it says that it is not ready"), "it says so before the calls end");
    for call in calls {
        call.await.expect("it does not panic").expect("an answer");
    }
}
