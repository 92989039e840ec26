//! The SQL of a search, in whatever service wants it: the pages and the API are to list the same images by the same plan.
//! Each statement is tested by the services that ask it, as their accounts.
//!
//! One index leads through the images of a filter in the order of their ids (`search`). What it does not decide is checked
//! row by row, in pieces and within a budget; when that is used up the page ends there and says how far it looked.

use sqlx::{Error, MySql, MySqlPool, QueryBuilder};

use crate::{
    filter::Filter,
    search::{Driver, Search, Way},
};

/// Rows that are checked at once, and for a whole page.
const PIECE: u64 = 2_000;
const BUDGET: u64 = 10_000;

/// What was found on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The images, the nearest to where the way begins first.
    pub ids: Vec<u64>,
    /// Set where the budget was used up: images beyond this id were not looked at.
    pub looked_to: Option<u64>,
}

/// A filter, ready to be looked for. `None` when it names somebody whom nobody knows.
pub async fn prepare(pool: &MySqlPool, filter: &Filter) -> Result<Option<Search>, Error> {
    let person = match &filter.person {
        None => None,
        Some(name) => match person_named(pool, name).await? {
            None => return Ok(None),
            known => known,
        },
    };
    let mut search = Search::new(filter, person);
    if let Some(from) = search.earliest() {
        let query = "SELECT id FROM images WHERE created_at >= ? ORDER BY created_at LIMIT 1";
        let first: Option<u64> = sqlx::query_scalar(query).bind(from).fetch_optional(pool).await?;
        search.begins_at(first);
    }
    if let Some(until) = search.latest() {
        let query = "SELECT id FROM images WHERE created_at < ? ORDER BY created_at DESC LIMIT 1";
        let last: Option<u64> = sqlx::query_scalar(query).bind(until).fetch_optional(pool).await?;
        search.ends_at(last);
    }
    Ok(Some(search))
}

/// Somebody who turned out to be somebody else is found in the pictures of that one.
async fn person_named(pool: &MySqlPool, name: &str) -> Result<Option<u64>, Error> {
    let query = sqlx::query_scalar("SELECT COALESCE(merged_into, id) FROM person WHERE name = ?").bind(name);
    query.fetch_optional(pool).await
}

/// The ids of up to `limit` images that way.
pub async fn find(pool: &MySqlPool, search: &Search, mut way: Way, limit: usize) -> Result<Found, Error> {
    let mut ids = Vec::new();
    let mut looked = 0;
    loop {
        let rest = u64::try_from(limit - ids.len()).unwrap_or(u64::MAX);
        if !search.has_checks() {
            ids.extend(matching(pool, search, way, None, rest).await?);
            return Ok(Found { ids, looked_to: None });
        }
        let (rows, last) = piece(pool, search, way).await?;
        let Some(last) = last else { return Ok(Found { ids, looked_to: None }) };
        ids.extend(matching(pool, search, way, Some(last), rest).await?);
        looked += rows;
        if ids.len() >= limit || rows < PIECE {
            return Ok(Found { ids, looked_to: None });
        }
        if looked >= BUDGET {
            return Ok(Found { ids, looked_to: Some(last) });
        }
        way = way.beginning_at(last);
    }
}

/// Whether there are images that way, as far as the budget tells.
pub async fn any(pool: &MySqlPool, search: &Search, way: Way) -> Result<bool, Error> {
    let found = find(pool, search, way, 1).await?;
    Ok(!found.ids.is_empty() || found.looked_to.is_some())
}

/// How many rows the next piece has, and the last of their ids.
async fn piece(pool: &MySqlPool, search: &Search, way: Way) -> Result<(u64, Option<u64>), Error> {
    let mut query = QueryBuilder::new("SELECT COUNT(*), ");
    query.push(match way {
        Way::Older { .. } => "MIN(id)",
        Way::Newer { .. } => "MAX(id)",
    });
    query.push(" FROM (SELECT DISTINCT ").push(search.driver.id()).push(" AS id FROM ");
    query.push(search.driver.table());
    push_bounds(&mut query, search, way, None);
    push_order(&mut query, search, way, PIECE);
    query.push(") AS piece");
    let (rows, last): (i64, Option<u64>) = query.build_query_as().fetch_one(pool).await?;
    Ok((rows.unsigned_abs(), last))
}

/// The ids of images that are as the filter says, up to and with `last`.
async fn matching(
    pool: &MySqlPool,
    search: &Search,
    way: Way,
    last: Option<u64>,
    limit: u64,
) -> Result<Vec<u64>, Error> {
    let mut query = QueryBuilder::new("SELECT DISTINCT ");
    query.push(search.driver.id()).push(" AS id FROM ").push(search.driver.table());
    if search.has_checks() {
        query.push(search.driver.join());
    }
    push_bounds(&mut query, search, way, last);
    push_checks(&mut query, search);
    push_order(&mut query, search, way, limit);
    query.build_query_scalar().fetch_all(pool).await
}

/// What the index decides, and between which ids.
///
/// Only an image in work has a lease. To say so of the others makes the index on (status, `lease_until`) one in the order
/// of their ids, from which a page is read without a look at other images.
fn push_bounds(query: &mut QueryBuilder<MySql>, search: &Search, way: Way, last: Option<u64>) {
    query.push(" WHERE TRUE");
    match search.driver {
        Driver::Newest => {}
        Driver::Status { status, has_lease } => {
            query.push(" AND images.status = ").push_bind(status);
            if !has_lease {
                query.push(" AND images.lease_until IS NULL");
            }
        }
        Driver::Reason(reason) => {
            query.push(" AND images.reason = ").push_bind(reason);
        }
        Driver::Person(id) => {
            query.push(" AND faces.outcome = 'identified' AND faces.person_id = ").push_bind(id);
        }
    }
    let id = search.driver.id();
    let (above, below) = search.between(way, last);
    if let Some(above) = above {
        query.push(" AND ").push(id).push(" >= ").push_bind(above);
    }
    if let Some(below) = below {
        query.push(" AND ").push(id).push(" <= ").push_bind(below);
    }
}

/// What the index does not decide.
fn push_checks(query: &mut QueryBuilder<MySql>, search: &Search) {
    if let Some(status) = search.status {
        query.push(" AND images.status = ").push_bind(status);
    }
    if let Some(reason) = search.reason {
        query.push(" AND images.reason = ").push_bind(reason);
    }
    if let Some(text) = &search.text {
        query.push(" AND LOCATE(LOWER(").push_bind(text.clone()).push("), LOWER(images.path)) > 0");
    }
    if let Some(from) = search.from {
        query.push(" AND images.created_at >= ").push_bind(from);
    }
    if let Some(until) = search.until {
        query.push(" AND images.created_at < ").push_bind(until);
    }
}

fn push_order(query: &mut QueryBuilder<MySql>, search: &Search, way: Way, limit: u64) {
    query.push(" ORDER BY ").push(search.driver.id()).push(match way {
        Way::Older { .. } => " DESC",
        Way::Newer { .. } => "",
    });
    query.push(" LIMIT ").push_bind(limit);
}
