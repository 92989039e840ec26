//! Memory that pictures needed is given back when no more come.

use rollcall_tests::{http, wait};

use crate::server::{LONG, Server};

#[tokio::test]
async fn idle_threads_give_memory_back_although_a_platform_goes_on_probing() {
    let server = Server::start(2, 2).await;
    server.make_large();
    let client = server.client().await;
    let (one, other) = tokio::join!(client.clone().path("/large.png"), client.path("/large.png"));
    one.and(other).expect("both are looked at");

    let readyz = format!("http://{}/readyz", server.service.addresses[1]);
    let http = http::client().expect("a client");
    let each_thread_rests = wait::until("each thread to rest", LONG, async || {
        let ready = http.get(&readyz).send().await?.status();
        anyhow::ensure!(ready == 200, "{ready}");
        let rests = server.metric("rollcall_engine_rests_total").await?;
        anyhow::ensure!(rests == 2, "{rests}");
        Ok(())
    });

    each_thread_rests.await.expect("two rests");
}
