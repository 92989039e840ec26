//! The answers that are kept for requests that come again with the same idempotency key.

use std::time::Duration;

use sqlx::{FromRow, MySqlPool};

use super::{Store, StoreError, within};

/// How long an answer is kept, in hours.
const KEPT_HOURS: u32 = 24;
/// How often a key is looked for that others write and delete at the same moment.
const TRIES: u32 = 3;

/// The right to answer a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    route: String,
    name: String,
    token: u64,
}

/// The answer to a request, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptAnswer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// What is known of a request when it comes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Nothing: it is ours to answer.
    Ours(Claim),
    /// It was answered.
    Answered(KeptAnswer),
    /// It is in work.
    InProgress,
    /// Its key stands for another request.
    OtherRequest,
}

#[derive(FromRow)]
struct KeyRow {
    lease_token: u64,
    same_request: bool,
    lease_over: bool,
    expired: bool,
    status: Option<u16>,
    content_type: Option<String>,
    body: Option<Vec<u8>>,
}

impl Store {
    /// Takes a request in hand, unless somebody else has. The lease is to be longer than any request may take.
    pub(crate) async fn begin_request(
        &self,
        route: &str,
        name: &str,
        request_hash: &[u8; 32],
        lease: Duration,
    ) -> Result<Begun, StoreError> {
        let request = Request { route, name, hash: request_hash, lease };
        within(async {
            for _ in 0..TRIES {
                if request.insert(&self.pool).await? {
                    let claim = Claim { route: route.to_owned(), name: name.to_owned(), token: 1 };
                    return Ok(Begun::Ours(claim));
                }
                if let Some(row) = request.find(&self.pool).await? {
                    return request.meet(&self.pool, row).await;
                }
            }
            Ok(Begun::InProgress)
        })
        .await
    }

    /// Keeps the answer to a request; without effect when it was taken over.
    pub(crate) async fn keep_answer(&self, claim: &Claim, answer: &KeptAnswer) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE idempotency_keys SET status = ?, content_type = ?, body = ?
                 WHERE route = ? AND name = ? AND lease_token = ? AND status IS NULL",
            )
            .bind(answer.status)
            .bind(&answer.content_type)
            .bind(&answer.body)
            .bind(&claim.route)
            .bind(&claim.name)
            .bind(claim.token)
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// Ends the lease of a request that could not be answered, so that it may come again at once. The row stays: with
    /// it would go the token that keeps a late answer out.
    pub(crate) async fn release_request(&self, claim: &Claim) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6)
                 WHERE route = ? AND name = ? AND lease_token = ? AND status IS NULL",
            )
            .bind(&claim.route)
            .bind(&claim.name)
            .bind(claim.token)
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }
}

struct Request<'a> {
    route: &'a str,
    name: &'a str,
    hash: &'a [u8; 32],
    lease: Duration,
}

impl Request<'_> {
    /// `false` when the key is there already.
    async fn insert(&self, pool: &MySqlPool) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO idempotency_keys (route, name, request_hash, lease_until, created_at)
             VALUES (?, ?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND, UTC_TIMESTAMP(6))",
        )
        .bind(self.route)
        .bind(self.name)
        .bind(self.hash.as_slice())
        .bind(self.lease.as_secs())
        .execute(pool)
        .await;
        match inserted {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn find(&self, pool: &MySqlPool) -> Result<Option<KeyRow>, StoreError> {
        let row = sqlx::query_as(
            "SELECT lease_token, request_hash = ? AS same_request, lease_until <= UTC_TIMESTAMP(6) AS lease_over,
                    created_at <= UTC_TIMESTAMP(6) - INTERVAL ? HOUR AS expired, status, content_type, body
             FROM idempotency_keys WHERE route = ? AND name = ?",
        )
        .bind(self.hash.as_slice())
        .bind(KEPT_HOURS)
        .bind(self.route)
        .bind(self.name)
        .fetch_optional(pool)
        .await?;
        Ok(row)
    }

    /// What follows from a key that is there already.
    async fn meet(&self, pool: &MySqlPool, row: KeyRow) -> Result<Begun, StoreError> {
        match row {
            KeyRow { expired: true, .. } => self.take_over(pool, row.lease_token).await,
            KeyRow { same_request: false, .. } => Ok(Begun::OtherRequest),
            KeyRow { status: Some(status), content_type, body, .. } => Ok(Begun::Answered(KeptAnswer {
                status,
                content_type: content_type.unwrap_or_default(),
                body: body.unwrap_or_default(),
            })),
            KeyRow { lease_over: true, .. } => self.take_over(pool, row.lease_token).await,
            KeyRow { .. } => Ok(Begun::InProgress),
        }
    }

    async fn take_over(&self, pool: &MySqlPool, token: u64) -> Result<Begun, StoreError> {
        let taken_over = sqlx::query(
            "UPDATE idempotency_keys
             SET request_hash = ?, lease_token = lease_token + 1,
                 lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND,
                 status = NULL, content_type = NULL, body = NULL, created_at = UTC_TIMESTAMP(6)
             WHERE route = ? AND name = ? AND lease_token = ?",
        )
        .bind(self.hash.as_slice())
        .bind(self.lease.as_secs())
        .bind(self.route)
        .bind(self.name)
        .bind(token)
        .execute(pool)
        .await?
        .rows_affected();
        Ok(match taken_over {
            0 => Begun::InProgress,
            _ => Begun::Ours(Claim {
                route: self.route.to_owned(),
                name: self.name.to_owned(),
                token: token + 1,
            }),
        })
    }
}
