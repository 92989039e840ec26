//! Pictures are taken in, a group in one transaction: which of them are known, rows for those that are not, a new look
//! for those that need one, and an outbox row for each that has work now.
//!
//! While all paths are new, which is what a camera or an import brings, nobody looks which of them are known: one that is
//! known is a unique violation, and the group is done again with a look.
//!
//! Receivers share the database, so a path that is new to two of them at once is a unique violation for one, rows that two
//! lock in different orders are a deadlock, and a row that was found may be deleted before it is locked. Each undoes the
//! transaction, which is then done again and sees what the other one did. Rows are written in the order of their hashes or
//! ids, which keeps that rare.

use std::{collections::HashMap, sync::atomic::Ordering};

use migrations::ImageStatus;
use picture_path::PictureSource;
use service_kit::{
    database::DatabaseFault,
    statements::{BEGIN_READ_COMMITTED, push_list},
};
use sqlx::{Connection, MySql, QueryBuilder, Transaction};

use super::{Store, StoreError, new_rows, within};
use crate::{
    message::{self, TOPIC},
    publisher::Announcement,
    trace_context::TraceContext,
};

/// How often a transaction is done that loses races. Each time it loses, somebody else's was committed.
pub(super) const TRIES: u32 = 10;
/// How long the relay leaves a new message to the publisher.
const FAST_PATH_SECONDS: u32 = 5;

type Hash = [u8; 32];

/// A picture that somebody posted, by its path or address.
#[derive(Debug, Clone)]
pub struct Post {
    path: PictureSource,
    hash: Hash,
    trace_context: Option<TraceContext>,
    /// Whether a picture that has its result is to be looked at again.
    rerun: bool,
}

impl Post {
    /// `rerun` asks for a new look at a picture that has its result.
    #[must_use]
    pub fn new(path: impl Into<PictureSource>, trace_context: Option<TraceContext>, rerun: bool) -> Self {
        let path = path.into();
        let hash = path.hash();
        Self { path, hash, trace_context, rerun }
    }

    /// Of the picture.
    #[must_use]
    pub fn path(&self) -> &PictureSource {
        &self.path
    }

    /// Of the request that brought it.
    #[must_use]
    pub fn trace_context(&self) -> Option<&TraceContext> {
        self.trace_context.as_ref()
    }

    /// Whether a picture that has its result is to be looked at again.
    #[must_use]
    pub fn is_rerun(&self) -> bool {
        self.rerun
    }
}

/// What became of a path that somebody posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Of the image.
    pub id: u64,
    /// As it is now.
    pub status: ImageStatus,
    /// Whether the path was not known before.
    pub created: bool,
}

/// A group of posts that is stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Committed {
    /// What became of each post, in their order.
    pub accepted: Vec<Accepted>,
    /// The messages to publish.
    pub announcements: Vec<Announcement>,
}

/// One path of a group, however often it was posted there.
struct Wanted<'a> {
    post: &'a Post,
    /// Whether one of its posts asks for a new look.
    rerun: bool,
    /// The places of its posts in the group, the first one first.
    places: Vec<usize>,
}

/// A row that was there before the transaction, or that it wrote.
#[derive(Clone, Copy)]
struct Row {
    id: u64,
    status: ImageStatus,
}

impl Row {
    const fn pending(id: u64) -> Self {
        Self { id, status: ImageStatus::Pending }
    }
}

impl Store {
    /// Takes pictures in: a new row for each, the row that is there, or that row pending again if it had failed or is
    /// to be looked at again. Rows and outbox rows are committed together, all or none.
    pub async fn accept_all(&self, posts: &[Post]) -> Result<Committed, StoreError> {
        if posts.is_empty() {
            return Ok(Committed { accepted: Vec::new(), announcements: Vec::new() });
        }
        let wanted = distinct(posts);
        let mut look_first = !self.new_paths_arrive.load(Ordering::Relaxed);
        within(async {
            for _ in 1..TRIES {
                match self.try_accept(&wanted, posts.len(), look_first).await {
                    Err(error) if error.fault() == DatabaseFault::LostRace => {
                        tracing::debug!(%error, "posts are stored again");
                    }
                    done => return done,
                }
                look_first = true;
            }
            self.try_accept(&wanted, posts.len(), look_first).await
        })
        .await
    }

    async fn try_accept(
        &self,
        wanted: &[Wanted<'_>],
        count: usize,
        look_first: bool,
    ) -> Result<Committed, StoreError> {
        let mut numbered = self.kept.take(&self.pool).await?;
        let mut transaction = numbered.connection.begin_with(BEGIN_READ_COMMITTED).await?;
        let known = if look_first { find(&mut transaction, wanted).await? } else { HashMap::new() };
        self.new_paths_arrive.store(known.is_empty(), Ordering::Relaxed);
        let committed = accept_in(transaction, numbered.step, wanted, count, known).await?;
        self.kept.keep(numbered);
        Ok(committed)
    }
}

async fn accept_in(
    mut transaction: Transaction<'_, MySql>,
    step: u64,
    wanted: &[Wanted<'_>],
    count: usize,
    mut rows: HashMap<Hash, Row>,
) -> Result<Committed, StoreError> {
    let new: Vec<&Wanted<'_>> =
        wanted.iter().filter(|wanted| !rows.contains_key(&wanted.post.hash)).collect();
    let ids = insert_images(&mut transaction, step, &new).await?;
    rows.extend(new.iter().zip(&ids).map(|(wanted, id)| (wanted.post.hash, Row::pending(*id))));
    let mut with_work: Vec<(u64, &Post)> =
        ids.into_iter().zip(new.iter().map(|wanted| wanted.post)).collect();
    with_work.extend(begin_anew(&mut transaction, wanted, &mut rows).await?);
    let announcements = insert_outbox(&mut transaction, step, with_work).await?;
    transaction.commit().await?;

    let mut accepted = vec![None; count];
    for wanted in wanted {
        let Row { id, status } = rows[&wanted.post.hash];
        for place in &wanted.places {
            accepted[*place] = Some(Accepted { id, status, created: false });
        }
    }
    for created in new.iter().filter_map(|wanted| wanted.places.first()) {
        accepted[*created] = accepted[*created].map(|accepted| Accepted { created: true, ..accepted });
    }
    Ok(Committed { accepted: accepted.into_iter().flatten().collect(), announcements })
}

/// Each path once, in the order of the hashes.
fn distinct(posts: &[Post]) -> Vec<Wanted<'_>> {
    let mut places: Vec<usize> = (0..posts.len()).collect();
    places.sort_by_key(|place| posts[*place].hash);
    let same_path = places.chunk_by(|one, other| posts[*one].hash == posts[*other].hash);
    same_path
        .map(|places| Wanted {
            post: &posts[places[0]],
            rerun: places.iter().any(|place| posts[*place].rerun),
            places: places.to_vec(),
        })
        .collect()
}

async fn find(
    transaction: &mut Transaction<'_, MySql>,
    wanted: &[Wanted<'_>],
) -> Result<HashMap<Hash, Row>, StoreError> {
    let mut query = QueryBuilder::new("SELECT path_hash, id, status FROM images WHERE path_hash IN ");
    let hashes: Vec<&[u8]> = wanted.iter().map(|wanted| wanted.post.hash.as_slice()).collect();
    push_list(&mut query, &hashes);
    let found: Vec<(Vec<u8>, u64, ImageStatus)> =
        query.build_query_as().fetch_all(&mut **transaction).await?;
    let rows = found.into_iter().map(|(hash, id, status)| Ok((hash.try_into()?, Row { id, status })));
    rows.collect::<Result<_, Vec<u8>>>().map_err(|hash| {
        let error = format!("a hash of {} bytes", hash.len());
        sqlx::Error::ColumnDecode { index: "path_hash".to_owned(), source: error.into() }.into()
    })
}

async fn insert_images(
    transaction: &mut Transaction<'_, MySql>,
    step: u64,
    new: &[&Wanted<'_>],
) -> Result<Vec<u64>, StoreError> {
    let into =
        "INSERT INTO images (path, path_hash, traceparent, status, next_attempt_at, created_at, updated_at) ";
    new_rows::insert(transaction, step, into, new, |row, Wanted { post, .. }| {
        row.push_bind(post.path.as_str())
            .push_bind(post.hash.as_slice())
            .push_bind(post.trace_context.as_ref().map(TraceContext::as_str))
            .push(ImageStatus::Pending.code())
            .push("UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)");
    })
    .await
}

/// Makes those pending again that failed, or that have a result and are to be looked at again; returns these. The
/// result goes, the faces stay until there are new ones.
///
/// The fencing token rises, although no worker can hold a lease on such an image: who decides its faces again names the
/// token that he read, and must not write into an image that waits for its new look.
async fn begin_anew<'a>(
    transaction: &mut Transaction<'_, MySql>,
    wanted: &[Wanted<'a>],
    rows: &mut HashMap<Hash, Row>,
) -> Result<Vec<(u64, &'a Post)>, StoreError> {
    let mut asked: Vec<(u64, &Wanted<'a>)> = wanted
        .iter()
        .filter_map(|wanted| Some((rows.get(&wanted.post.hash)?, wanted)))
        .filter(|(row, wanted)| begins_anew(row.status, wanted.rerun))
        .map(|(row, wanted)| (row.id, wanted))
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    asked.sort_unstable_by_key(|(id, _)| *id);
    // Locked and looked at again: somebody else may have been quicker.
    let mut query = QueryBuilder::new("SELECT id, status FROM images FORCE INDEX (PRIMARY) WHERE id IN ");
    let ids: Vec<u64> = asked.iter().map(|(id, _)| *id).collect();
    push_list(&mut query, &ids);
    query.push(" ORDER BY id FOR UPDATE");
    let locked: Vec<(u64, ImageStatus)> = query.build_query_as().fetch_all(&mut **transaction).await?;
    let locked: HashMap<u64, ImageStatus> = locked.into_iter().collect();
    let mut begun = Vec::with_capacity(asked.len());
    for (id, wanted) in asked {
        let mut status = locked.get(&id).copied().ok_or(StoreError::Gone)?;
        if begins_anew(status, wanted.rerun) {
            begun.push((id, wanted.post));
            status = ImageStatus::Pending;
        }
        rows.insert(wanted.post.hash, Row { id, status });
    }
    let ids: Vec<u64> = begun.iter().map(|(id, _)| *id).collect();
    reset(transaction, &ids).await?;
    Ok(begun)
}

/// Whether a post makes an image pending that is in this state.
const fn begins_anew(status: ImageStatus, rerun: bool) -> bool {
    match status {
        ImageStatus::Pending | ImageStatus::Processing => false,
        ImageStatus::Failed => true,
        ImageStatus::Processed | ImageStatus::Unresolved => rerun,
    }
}

/// Makes images pending as if they were new. image-processor does the same with dead letters (`store/mysql/redrive.rs`
/// there): whoever changes this statement changes both.
pub(super) async fn reset(transaction: &mut Transaction<'_, MySql>, ids: &[u64]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::new("UPDATE images FORCE INDEX (PRIMARY) SET status = ");
    query.push_bind(ImageStatus::Pending).push(
        ", person = NULL, reason = NULL, error_code = NULL, error_detail = NULL, retryable = FALSE,
           attempts = 0, losses = 0, rounds = 0, lease_token = lease_token + 1, next_attempt_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
         WHERE id IN ",
    );
    push_list(&mut query, ids);
    query.build().execute(&mut **transaction).await?;
    Ok(())
}

/// Puts announcements into the outbox, within the transaction that makes them necessary.
async fn insert_outbox(
    transaction: &mut Transaction<'_, MySql>,
    step: u64,
    mut with_work: Vec<(u64, &Post)>,
) -> Result<Vec<Announcement>, StoreError> {
    with_work.sort_unstable_by_key(|(id, _)| *id);
    let messages: Vec<(u64, Vec<u8>)> = with_work
        .into_iter()
        .map(|(id, post)| (id, message::body(id, post.trace_context.as_ref())))
        .collect();
    // What is the same in each row is no parameter: the server describes each of them when it prepares the statement.
    let same = format!("'{TOPIC}', UTC_TIMESTAMP(6) + INTERVAL {FAST_PATH_SECONDS} SECOND");
    let into = "INSERT INTO outbox (image_id, body, topic, due_at) ";
    let ids = new_rows::insert(transaction, step, into, &messages, |row, (image_id, body)| {
        row.push_bind(*image_id).push_bind(body.as_slice()).push(&same);
    })
    .await?;
    let announced = ids.into_iter().zip(messages);
    Ok(announced.map(|(outbox_id, (_, body))| Announcement { outbox_id, body }).collect())
}
