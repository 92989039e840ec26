//! The database is not there, then empty, then complete; later it hangs, and goes on.

use migrations::accounts::Account;
use rollcall_tests::{http, mariadb::MariaDb, service::Service};

use super::lone::{Environment, Place, migrate, waits_for};

const AWAY: &str = "the database does not answer: see that it runs";
const EMPTY: &str = "run migrate";

/// One service that was started before its database.
struct Early {
    _place: Place,
    database: MariaDb,
    service: Service,
}

async fn start(
    program: &str,
    account: Account,
    own: impl AsyncFnOnce(&Place) -> anyhow::Result<Environment>,
) -> anyhow::Result<Early> {
    let place = Place::new()?;
    let mut database = place.database().await?;
    database.stop().await?;
    let mut environment = place.account(&database, account)?;
    environment.extend(own(&place).await?);
    let service = place.start(program, environment).await?;
    Ok(Early { _place: place, database, service })
}

impl Early {
    /// Brings the database, its schema, has it hang, and go on; the service tells each and needs no other start.
    async fn goes_through_it(&mut self) -> anyhow::Result<()> {
        let Self { database, service, .. } = self;
        waits_for(service, "database", AWAY).await?;
        database.start_again().await?;
        waits_for(service, "database", EMPTY).await?;
        migrate(database).await?;
        has_database(service).await?;
        database.process().suspend();
        waits_for(service, "database", AWAY).await?;
        database.process().resume();
        has_database(service).await
    }
}

async fn has_database(service: &mut Service) -> anyhow::Result<()> {
    service.wait_until_ready(std::time::Duration::from_mins(1)).await
}

#[tokio::test]
async fn a_receiver_waits_for_its_database_and_then_stores() -> anyhow::Result<()> {
    let mut early =
        start("receiver", Account::Receiver, async |_| Ok(vec![("NSQD_ADDR", "127.0.0.1:1".into())])).await?;
    let http = http::client()?;
    let post = |early: &Early| {
        let url = format!("http://{}/image/post", early.service.addresses[0]);
        http.post(url).body(r#"{"path": "/a.jpg"}"#).send()
    };

    let refused = post(&early).await?;
    early.goes_through_it().await?;
    let stored = post(&early).await?;

    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"5".parse()?));
    assert_eq!(stored.status().as_u16(), 202, "{}", stored.text().await?);
    early.service.stop().await
}

#[tokio::test]
async fn a_frontend_waits_for_its_database_and_then_shows_the_table() -> anyhow::Result<()> {
    let mut early = start("frontend", Account::Frontend, async |_| Ok(Environment::new())).await?;
    let http = http::client()?;
    let page = |early: &Early| http.get(format!("http://{}/", early.service.addresses[0])).send();

    let refused = page(&early).await?;
    early.goes_through_it().await?;
    let shown = page(&early).await?;

    assert_eq!(refused.status().as_u16(), 503);
    assert_eq!(shown.status().as_u16(), 200, "{}", shown.text().await?);
    early.service.stop().await
}

/// That it then works is told by `backwards`.
#[tokio::test]
async fn a_worker_waits_for_its_database_and_is_then_ready() -> anyhow::Result<()> {
    let mut early = start("image-processor", Account::ImageProcessor, async |_| {
        Ok(vec![("NSQD_ADDRS", "127.0.0.1:1".into()), ("RECOGNITION", "http://127.0.0.1:1".into())])
    })
    .await?;

    early.goes_through_it().await?;

    early.service.stop().await
}

#[tokio::test]
async fn migrate_waits_for_its_database_and_stops_when_it_is_told_to() -> anyhow::Result<()> {
    let place = Place::new()?;
    let mut database = place.database().await?;
    database.stop().await?;
    let mut told_to_stop = place.recipe("migrate", database.environment())?.start()?;
    told_to_stop
        .wait_until("to say what it waits for", std::time::Duration::from_mins(1), {
            let log = told_to_stop.log().clone();
            async move || {
                let said = log.text().unwrap_or_default();
                if said.contains("the database is not there yet") { Ok(()) } else { Err(said) }
            }
        })
        .await?;

    let status = told_to_stop.stop(std::time::Duration::from_secs(10)).await?;
    assert!(!status.success(), "it has not done it: {status}");

    let mut migrate = place.recipe("migrate", database.environment())?.start()?;
    database.start_again().await?;
    migrate.expect_success().await?;
    assert!(migrations::schema::is_current(&database.pool()?).await?);
    drop(place);
    Ok(())
}
