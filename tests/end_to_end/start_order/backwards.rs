//! Everything is started in the wrong order, and then a picture gets its result.

use std::time::Duration;

use migrations::{ImageStatus, accounts::Account};
use rollcall_tests::{
    http,
    scripted_recogniser::{Script, ScriptedRecogniser},
};

use super::lone::{Place, has_everything, migrate, waits_for};
use crate::table::{Table, assert_nothing_was_charged, assert_one_result_each};

#[tokio::test]
async fn what_was_started_backwards_works_once_all_of_it_is_there() -> anyhow::Result<()> {
    let place = Place::new()?;
    let mut database = place.database().await?;
    let (mut lookupd, mut nsqd) = place.queue().await?;
    let mut recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    recogniser.go_away().await?;
    nsqd.stop().await?;
    lookupd.stop().await?;
    database.stop().await?;

    let mut frontend = place.start("frontend", place.account(&database, Account::Frontend)?).await?;
    let mut told = place.account(&database, Account::ImageProcessor)?;
    told.push(("NSQLOOKUPD_ADDRS", lookupd.http.to_string().into()));
    told.push(("RECOGNITION", format!("http://{}", recogniser.address()).into()));
    let mut worker = place.start("image-processor", told).await?;
    let mut told = place.account(&database, Account::Receiver)?;
    told.push(("NSQD_ADDR", nsqd.tcp.to_string().into()));
    told.push(("RECOGNITION", format!("http://{}", recogniser.address()).into()));
    let mut receiver = place.start("receiver", told).await?;
    for service in [&mut frontend, &mut worker, &mut receiver] {
        waits_for(service, "database", "does not answer").await?;
    }
    waits_for(&mut worker, "queue", "NSQLOOKUPD_ADDRS").await?;
    waits_for(&mut worker, "recogniser", "does not answer").await?;
    waits_for(&mut receiver, "queue", "NSQD_ADDR").await?;

    database.start_again().await?;
    migrate(&database).await?;
    receiver.wait_until_ready(Duration::from_mins(1)).await?;
    let url = format!("http://{}/image/post", receiver.addresses[0]);
    let posted = http::client()?.post(url).body(r#"{"path": "/a.jpg"}"#).send().await?;
    assert_eq!(posted.status().as_u16(), 202, "{}", posted.text().await?);
    nsqd.start_again().await?;
    lookupd.start_again().await?;
    recogniser.come_back()?;
    for service in [&mut frontend, &mut worker, &mut receiver] {
        has_everything(service).await?;
    }

    let table = Table::new(database.pool()?);
    table.wait_until(1, ImageStatus::Processed).await;
    let images = table.images().await;
    assert_one_result_each(&images, &[1]);
    assert_nothing_was_charged(&images);
    for service in [&mut frontend, &mut receiver, &mut worker] {
        service.stop().await?;
    }
    Ok(())
}
