//! What is known of each file of the folder, and which have to be looked at. Pure: the keeper lists, reads and encodes,
//! and tells here what came of it.
//!
//! A file that changed keeps its place in the gallery until what it has become is known: nobody is unknown meanwhile.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::Arc,
};

use super::{
    ContentHash, Finding, Gallery, Standing, UNREAD,
    folder::{Record, Stat},
};

/// How a list of the folder is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// What failed waits until its file changes.
    Quick,
    /// What failed is tried again.
    Thorough,
    /// The same, and somebody asked for it: whatever is there is right.
    Asked,
}

/// A file whose finding was kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CachedPhoto {
    pub(super) name: String,
    pub(super) record: Record,
    pub(super) finding: Finding,
}

#[cfg(test)]
impl CachedPhoto {
    /// One like any other, under this name.
    pub(super) fn sample(name: &str) -> Self {
        let stat = Stat { size: 1, modified_ns: 2, changed_ns: 3, inode: 4 };
        Self {
            name: name.to_owned(),
            record: Record { stat, racy: false, content_hash: [5; 32] },
            finding: Ok(crate::engine::Embedding::new([1.0, 2.0])),
        }
    }
}

#[derive(Debug)]
struct Failure {
    stat: Stat,
    content_hash: ContentHash,
    reason: String,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The last list.
    listed: BTreeMap<String, Stat>,
    /// Files with findings, which are in the gallery or among the fresh ones.
    records: BTreeMap<String, Record>,
    failures: BTreeMap<String, Failure>,
    /// Files to be looked at.
    pending: BTreeMap<String, Stat>,
    /// Files that are being looked at, as they were listed.
    in_work: BTreeMap<String, Stat>,
    /// Those of them whose bytes wait for the engine: one look for all with the same.
    waiting: HashMap<ContentHash, Vec<(String, Record)>>,
    /// Findings that are not in the gallery yet.
    fresh: HashMap<ContentHash, Finding>,
    gallery: Arc<Gallery>,
    /// The file after which the next one to be looked at is taken.
    position: String,
    gallery_is_stale: bool,
    is_unsaved: bool,
}

impl Ledger {
    /// Takes a list of the folder.
    pub(super) fn scan(&mut self, files: impl IntoIterator<Item = (String, Stat)>, scan: Scan) {
        self.listed = files.into_iter().collect();
        self.pending.clear();
        for (name, stat) in &self.listed {
            let is_known = match (self.records.get(name), self.failures.get(name)) {
                (Some(record), _) => record.stat == *stat && !record.racy,
                (None, Some(failure)) => failure.stat == *stat && scan == Scan::Quick,
                (None, None) => false,
            };
            if !is_known && self.in_work.get(name) != Some(stat) {
                self.pending.insert(name.clone(), *stat);
            }
        }
        let before = self.records.len() + self.failures.len();
        self.records.retain(|name, _| self.listed.contains_key(name));
        self.failures.retain(|name, _| self.listed.contains_key(name));
        if self.records.len() + self.failures.len() != before {
            self.changed();
        }
    }

    /// Takes over from a snapshot what is still to be found out: files that are as they were then, and findings for
    /// bytes that may be met under other names.
    pub(super) fn take(&mut self, photos: Vec<CachedPhoto>) {
        for CachedPhoto { name, record, finding } in photos {
            if !self.has_work() {
                return;
            }
            if !self.knows(&record.content_hash) {
                self.fresh.insert(record.content_hash, finding);
            }
            if !record.racy && self.pending.get(&name) == Some(&record.stat) {
                self.pending.remove(&name);
                self.accept(name, record);
            }
        }
    }

    /// Where to begin: recognisers that start together begin at different places and take over from each other.
    pub(super) fn begin_at(&mut self, number: usize) {
        let place = number.checked_rem(self.pending.len()).and_then(|number| self.pending.keys().nth(number));
        self.position = place.cloned().unwrap_or_default();
    }

    /// The next file to be read. Each is to be answered by [`Self::was_read`] or [`Self::failed`].
    pub(super) fn next(&mut self) -> Option<String> {
        let after = (Bound::Excluded(self.position.clone()), Bound::Unbounded);
        let all = self.pending.range::<String, _>(after).chain(&self.pending);
        let (name, stat) = all.into_iter().find(|(name, _)| !self.in_work.contains_key(*name))?;
        let (name, stat) = (name.clone(), *stat);
        self.pending.remove(&name);
        self.in_work.insert(name.clone(), stat);
        self.position.clone_from(&name);
        Some(name)
    }

    /// Takes what was read of a file. Whether its bytes are to be encoded: what comes of it is to be told to
    /// [`Self::was_encoded`].
    pub(super) fn was_read(&mut self, name: String, record: Record) -> bool {
        if self.knows(&record.content_hash) {
            self.settle_file(name, record);
            return false;
        }
        let waiting = self.waiting.entry(record.content_hash).or_default();
        waiting.push((name, record));
        waiting.len() == 1
    }

    /// Takes a file that could not be read.
    pub(super) fn failed(&mut self, name: String, reason: String) {
        if let Some(stat) = self.in_work.remove(&name) {
            self.fail(name, Failure { stat, content_hash: UNREAD, reason });
        }
    }

    /// Takes what the engine made of bytes.
    pub(super) fn was_encoded(&mut self, content_hash: ContentHash, standing: Standing) {
        let files = self.waiting.remove(&content_hash).unwrap_or_default();
        match standing {
            Standing::Found(finding) => {
                self.fresh.insert(content_hash, finding);
                for (name, record) in files {
                    self.settle_file(name, record);
                }
            }
            Standing::Failed(reason) => {
                for (name, record) in files {
                    self.in_work.remove(&name);
                    self.fail(name, Failure { stat: record.stat, content_hash, reason: reason.clone() });
                }
            }
        }
    }

    /// Takes a file that was added here.
    pub(super) fn add(&mut self, name: String, record: Record, finding: Finding) {
        self.listed.insert(name.clone(), record.stat);
        self.pending.remove(&name);
        self.fresh.insert(record.content_hash, finding);
        self.accept(name, record);
    }

    /// Forgets a file that was removed here; one that is being looked at is forgotten when that ends.
    pub(super) fn remove(&mut self, name: &str) {
        self.listed.remove(name);
        self.pending.remove(name);
        self.records.remove(name);
        self.failures.remove(name);
        self.changed();
    }

    /// Whether files are still to be looked at.
    pub(super) fn has_work(&self) -> bool {
        !(self.pending.is_empty() && self.in_work.is_empty())
    }

    /// Files that are known, and all.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.records.len() + self.failures.len(), self.listed.len())
    }

    /// The gallery of what is known now.
    pub(super) fn gallery(&mut self) -> Arc<Gallery> {
        if self.gallery_is_stale {
            let gallery = Gallery::new(self.standings());
            if self.has_work() {
                // A file that got another name is gone before it is there: what was found in it may be needed again.
                let all = self.gallery.photos().iter().map(|photo| photo.content_hash);
                let all = all.filter(|content| !gallery.knows(content));
                let gone = all.filter_map(|content| Some((content, self.gallery.finding(&content)?)));
                self.fresh.extend(gone);
            }
            self.fresh.retain(|content, _| !gallery.knows(content));
            self.gallery = Arc::new(gallery);
            self.gallery_is_stale = false;
        }
        if !self.has_work() {
            self.fresh.clear();
        }
        Arc::clone(&self.gallery)
    }

    /// Whether there is something that a snapshot does not hold.
    pub(super) fn is_unsaved(&self) -> bool {
        self.is_unsaved
    }

    /// What a snapshot is to hold; it counts as saved.
    pub(super) fn save(&mut self) -> Vec<CachedPhoto> {
        self.is_unsaved = false;
        let photos = self.records.iter().filter_map(|(name, record)| {
            let finding = self.finding(&record.content_hash)?;
            Some(CachedPhoto { name: name.clone(), record: *record, finding })
        });
        photos.collect()
    }

    /// What was to be saved was not.
    pub(super) fn was_not_saved(&mut self) {
        self.is_unsaved = true;
    }

    fn standings(&self) -> Vec<(String, ContentHash, Standing)> {
        let found = self.records.iter().filter_map(|(name, record)| {
            let finding = self.finding(&record.content_hash)?;
            Some((name.clone(), record.content_hash, Standing::Found(finding)))
        });
        let failed = self.failures.iter().map(|(name, failure)| {
            (name.clone(), failure.content_hash, Standing::Failed(failure.reason.clone()))
        });
        let mut standings: Vec<_> = found.chain(failed).collect();
        standings.sort_by(|a, b| a.0.cmp(&b.0));
        standings
    }

    fn finding(&self, content: &ContentHash) -> Option<Finding> {
        self.fresh.get(content).cloned().or_else(|| self.gallery.finding(content))
    }

    fn knows(&self, content: &ContentHash) -> bool {
        self.fresh.contains_key(content) || self.gallery.knows(content)
    }

    /// A look at a file has ended: it counts, unless the file is gone.
    fn settle_file(&mut self, name: String, record: Record) {
        self.in_work.remove(&name);
        if self.listed.contains_key(&name) {
            self.accept(name, record);
        }
    }

    fn accept(&mut self, name: String, record: Record) {
        let failed_before = self.failures.remove(&name).is_some();
        let before = self.records.insert(name, record);
        self.is_unsaved = true;
        let same_bytes = before.is_some_and(|before| before.content_hash == record.content_hash);
        self.gallery_is_stale |= failed_before || !same_bytes;
    }

    fn fail(&mut self, name: String, failure: Failure) {
        if !self.listed.contains_key(&name) {
            return;
        }
        self.records.remove(&name);
        let before = self.failures.insert(name, failure);
        if before.is_none() {
            self.changed();
        }
        // Another reason or other bytes are told too.
        self.gallery_is_stale = true;
    }

    fn changed(&mut self) {
        self.gallery_is_stale = true;
        self.is_unsaved = true;
    }
}

#[cfg(test)]
mod tests;
