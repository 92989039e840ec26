//! Every statement of the receiver's store, on a real MariaDB: what is posted, and what is read back.

mod posting;
mod reading;

use std::path::Path;

use rollcall_tests::mariadb::ScratchDatabase;

use super::*;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn start() -> anyhow::Result<(ScratchDatabase, Store)> {
    let database = ScratchDatabase::start().await?;
    let store = Store::new(database.pool.clone());
    Ok((database, store))
}

fn path(text: &str) -> PicturePath {
    PicturePath::parse(text, Path::new("/")).expect("a plain path")
}

async fn insert_person(pool: &MySqlPool, name: &str) -> sqlx::Result<u64> {
    Ok(sqlx::query("INSERT INTO person (name) VALUES (?)").bind(name).execute(pool).await?.last_insert_id())
}
