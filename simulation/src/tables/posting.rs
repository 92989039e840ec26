//! Pictures are taken in, with the messages that announce them.

use std::time::Duration;

use image_processor::message::ImageId;
use migrations::ImageStatus;
use receiver::{
    message,
    publisher::Announcement,
    store::{Accepted, Committed, Post},
};

use super::{ImageRow, OutboxRow, Tables, Time};

/// How long the relay leaves a new message to the publisher.
const FAST_PATH: Duration = Duration::from_secs(5);

impl Tables {
    /// Takes pictures in; the same path several times is one picture.
    pub fn accept(&mut self, posts: &[Post], now: Time) -> Committed {
        let mut accepted: Vec<Accepted> = Vec::with_capacity(posts.len());
        let mut begun: Vec<(u64, &Post)> = Vec::new();
        for post in posts {
            let known = self.images.iter().find(|(_, row)| row.path == post.path().as_str());
            let known = known.map(|(id, row)| (*id, row.status));
            let wants_another_look = || posts.iter().any(|one| one.path() == post.path() && one.is_rerun());
            let (id, created) = match known {
                None => (self.insert(post, now), true),
                Some((id, status)) => {
                    if begins_anew(status, wants_another_look()) {
                        self.begin_anew(id, now);
                        begun.push((id, post));
                    }
                    (id, false)
                }
            };
            if created {
                begun.push((id, post));
            }
            accepted.push(Accepted { id, status: ImageStatus::Pending, created });
        }
        for one in &mut accepted {
            one.status = self.images[&one.id].status;
        }
        begun.sort_by_key(|(id, _)| *id);
        let announcements = begun.into_iter().map(|(id, post)| self.announce_post(id, post, now)).collect();
        Committed { accepted, announcements }
    }

    fn insert(&mut self, post: &Post, now: Time) -> u64 {
        let id = self.images.last_key_value().map_or(1, |(id, _)| id + 1);
        let row = ImageRow {
            path: post.path().as_str().to_owned(),
            status: ImageStatus::Pending,
            person: None,
            reason: None,
            error_code: None,
            error_detail: None,
            retryable: false,
            attempts: 0,
            losses: 0,
            rounds: 0,
            lease_token: 0,
            lease_until: None,
            next_attempt_at: Some(now),
            traceparent: post.trace_context().map(|context| context.as_str().to_owned()),
            model_id: None,
            gallery_revision: None,
        };
        self.images.insert(id, row);
        self.touched.images.insert(id);
        id
    }

    /// The faces, and the model and gallery that they come from, stay until there are new ones.
    fn begin_anew(&mut self, id: u64, now: Time) {
        let Some(row) = self.image_mut(id) else { return };
        row.status = ImageStatus::Pending;
        (row.person, row.reason, row.error_code, row.error_detail) = (None, None, None, None);
        row.retryable = false;
        (row.attempts, row.losses, row.rounds) = (0, 0, 0);
        row.lease_token += 1;
        row.next_attempt_at = Some(now);
    }

    fn announce_post(&mut self, id: u64, post: &Post, now: Time) -> Announcement {
        let body = message::body(id, post.trace_context());
        let row = OutboxRow {
            image_id: id,
            topic: message::TOPIC.to_owned(),
            body: body.clone().into(),
            due_at: now + FAST_PATH,
            leased_until: None,
            published_at: None,
            publishes: 0,
        };
        Announcement { outbox_id: self.put_out(row), body }
    }

    /// Puts a message into the outbox.
    pub(super) fn put_out(&mut self, row: OutboxRow) -> u64 {
        let id = self.next_message;
        self.next_message += 1;
        self.outbox.insert(id, row);
        self.touched.outbox.insert(id);
        id
    }

    /// The highest id there is.
    #[must_use]
    pub fn last_image(&self) -> ImageId {
        ImageId(self.images.last_key_value().map_or(0, |(id, _)| *id))
    }
}

fn begins_anew(status: ImageStatus, rerun: bool) -> bool {
    match status {
        ImageStatus::Pending | ImageStatus::Processing => false,
        ImageStatus::Failed => true,
        ImageStatus::Processed | ImageStatus::Unresolved => rerun,
    }
}
