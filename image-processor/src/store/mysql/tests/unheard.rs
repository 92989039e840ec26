//! The database does what it is asked, and nobody hears of it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rollcall_tests::mariadb::{NAME, SCRATCH_PASSWORD};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
};

use super::*;

/// A way to the database on which the answer to the first COMMIT is lost, and the connection with it.
async fn lossy_way(socket: PathBuf) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let lost = Arc::new(AtomicBool::new(false));
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await?;
            let server = UnixStream::connect(&socket).await?;
            tokio::spawn(carry(client, server, Arc::clone(&lost)));
        }
        #[expect(unreachable_code, reason = "says what the errors above are")]
        io::Result::Ok(())
    });
    Ok(address)
}

async fn carry(mut client: TcpStream, mut server: UnixStream, lost: Arc<AtomicBool>) -> io::Result<()> {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    while !lost.load(Ordering::SeqCst) {
        tokio::select! {
            length = client.read(&mut asked) => {
                let asked = &asked[..length?];
                server.write_all(asked).await?;
                if asked.is_empty() {
                    return Ok(());
                }
                if asked.ends_with(b"COMMIT") {
                    lost.store(true, Ordering::SeqCst);
                    // It is done by now.
                    server.read_exact(&mut [0; 1]).await?;
                    return Ok(());
                }
            }
            length = server.read(&mut answered) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                client.write_all(&answered[..length]).await?;
            }
        }
    }
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// A worker that does not hear of its first commit.
async fn start_unheard() -> anyhow::Result<(ScratchDatabase, MySqlStore, ImageId)> {
    let database = ScratchDatabase::start().await?;
    let address = lossy_way(database.server.socket().to_owned()).await?;
    let options = MySqlConnectOptions::new()
        .host(&address.ip().to_string())
        .port(address.port())
        .username(Account::ImageProcessor.name())
        .password(SCRATCH_PASSWORD)
        .database(NAME);
    let pool = MySqlPoolOptions::new().connect_lazy_with(options);
    let (store, mut tasks) = MySqlStore::start(pool, "worker".to_owned(), LEASE);
    tasks.detach_all();
    let id = insert_image(&database.pool).await?;
    Ok((database, store, id))
}

async fn expect_leased(database: &ScratchDatabase, id: ImageId) -> anyhow::Result<()> {
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.lease_token), (ImageStatus::Processing, 1), "the commit was done");
    Ok(())
}

#[tokio::test]
async fn an_image_whose_claim_nobody_heard_of_is_claimed_again_without_a_loss() -> anyhow::Result<()> {
    let (database, store, id) = start_unheard().await?;
    store.claim(id).await.expect_err("the answer is lost");
    expect_leased(&database, id).await?;

    let claim = claim(&store, id).await?;

    assert_eq!((claim.token, claim.history.losses), (2, 0));
    assert!(store.record(&claim, Finding::of_older_recogniser(None)).await?);
    Ok(())
}

#[tokio::test]
async fn a_sweep_gives_back_what_was_leased_and_nobody_heard_of() -> anyhow::Result<()> {
    let (database, store, id) = start_unheard().await?;
    store.claim(id).await.expect_err("the answer is lost");
    expect_leased(&database, id).await?;

    assert_eq!(store.end_leases().await?, Swept::default(), "no lease ran out");

    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.losses, row.lease_owner), (ImageStatus::Pending, 0, None));
    Ok(())
}

#[tokio::test]
async fn a_drain_that_did_not_hear_of_its_image_gives_it_back() -> anyhow::Result<()> {
    let (database, store, id) = start_unheard().await?;
    store.claim_due(id).await.expect_err("the answer is lost");
    expect_leased(&database, id).await?;

    store.end_leases().await?;

    let again = store.claim_due(id).await?.expect("it is due");
    assert_eq!((again.token, again.history.losses), (2, 0));
    Ok(())
}

#[tokio::test]
async fn an_image_that_somebody_else_has_by_now_is_not_given_back() -> anyhow::Result<()> {
    let (database, store, id) = start_unheard().await?;
    store.claim(id).await.expect_err("the answer is lost");
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6)").execute(&database.pool).await?;
    let theirs = claim(&worker_on(&database), id).await?;

    store.end_leases().await?;

    assert!(matches!(store.claim(id).await?, Claimed::NotYet(_)));
    assert!(store.record(&theirs, Finding::of_older_recogniser(None)).await?);
    Ok(())
}
