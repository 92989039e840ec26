//! Files come, change, move and go, in any order with the looks at them.

use std::collections::BTreeSet;

use proptest::{prelude::*, sample::select};

use super::*;
use crate::engine::Embedding;

fn stat(version: i64) -> Stat {
    Stat { size: 1, modified_ns: version, changed_ns: version, inode: 1 }
}

fn record(version: i64, content: u8) -> Record {
    Record { stat: stat(version), racy: false, content_hash: [content; 32] }
}

fn face(content: u8) -> Embedding {
    Embedding::new([f32::from(content), 1.0])
}

fn cached(name: &str, version: i64, content: u8) -> CachedPhoto {
    CachedPhoto { name: name.to_owned(), record: record(version, content), finding: Ok(face(content)) }
}

/// A folder whose files each have a version of their times and a content.
fn files(files: &[(&str, i64)]) -> Vec<(String, Stat)> {
    files.iter().map(|(name, version)| ((*name).to_owned(), stat(*version))).collect()
}

/// A ledger that knows these files.
fn knowing(photos: &[(&str, i64, u8)]) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.scan(photos.iter().map(|(name, version, _)| ((*name).to_owned(), stat(*version))), Scan::Thorough);
    ledger.take(photos.iter().map(|(name, version, content)| cached(name, *version, *content)).collect());
    ledger.gallery();
    ledger
}

fn names(gallery: &Gallery) -> Vec<&str> {
    gallery.photos().iter().map(|photo| photo.name.as_str()).collect()
}

#[test]
fn two_thousand_cached_photos_need_no_look() {
    let names: Vec<String> = (0..2000).map(|number| format!("photo_{number:04}.jpg")).collect();
    let mut ledger = Ledger::default();
    ledger.scan(names.iter().map(|name| (name.clone(), stat(1))), Scan::Thorough);

    ledger.take(names.iter().map(|name| cached(name, 1, 7)).collect());

    assert!(!ledger.has_work());
    assert_eq!(ledger.next(), None);
    assert_eq!(ledger.gallery().photos().len(), 2000);
}

#[test]
fn a_file_is_read_again_only_when_it_may_have_changed() {
    let mut ledger = knowing(&[("a.jpg", 1, 1)]);
    let racy = Record { racy: true, ..record(1, 2) };
    ledger.add("racy.jpg".to_owned(), racy, Ok(face(2)));

    for scan in [Scan::Quick, Scan::Thorough] {
        ledger.scan(files(&[("a.jpg", 1), ("racy.jpg", 1)]), scan);
        assert_eq!(ledger.next().as_deref(), Some("racy.jpg"), "{scan:?}");
        assert_eq!(ledger.next(), None, "{scan:?}");
        assert!(!ledger.was_read("racy.jpg".to_owned(), racy), "{scan:?}: its bytes are known");
    }
    ledger.scan(files(&[("a.jpg", 2), ("racy.jpg", 1)]), Scan::Quick);
    assert_eq!(ledger.next().as_deref(), Some("a.jpg"));
}

#[test]
fn a_file_that_changes_is_found_as_it_was_until_its_new_bytes_are_known() {
    let mut ledger = knowing(&[("a.jpg", 1, 1)]);
    let before = ledger.gallery();

    ledger.scan(files(&[("a.jpg", 2)]), Scan::Quick);
    assert_eq!(ledger.next().as_deref(), Some("a.jpg"));
    assert!(ledger.was_read("a.jpg".to_owned(), record(2, 2)));
    assert_eq!(ledger.gallery().revision(), before.revision());

    ledger.was_encoded([2; 32], Standing::Found(Ok(face(2))));
    assert_eq!(ledger.gallery().finding(&[2; 32]), Some(Ok(face(2))));
    assert_eq!(ledger.gallery().finding(&[1; 32]), None);
}

#[test]
fn a_file_that_got_another_name_is_not_encoded_again_however_often_the_gallery_is_made_meanwhile() {
    let mut ledger = knowing(&[("a.jpg", 1, 1), ("b.jpg", 1, 2)]);

    ledger.scan(files(&[("b.jpg", 1), ("c.jpg", 2)]), Scan::Quick);
    assert_eq!(names(&ledger.gallery()), ["b.jpg"]);
    assert_eq!(ledger.next().as_deref(), Some("c.jpg"));

    assert!(!ledger.was_read("c.jpg".to_owned(), record(2, 1)));
    assert_eq!(names(&ledger.gallery()), ["b.jpg", "c.jpg"]);
}

#[test]
fn files_with_the_same_bytes_are_encoded_once() {
    let mut ledger = Ledger::default();
    ledger.scan(files(&[("a.jpg", 1), ("b.jpg", 1)]), Scan::Quick);
    let (a, b) = (ledger.next().expect("a file"), ledger.next().expect("another"));

    assert!(ledger.was_read(a, record(1, 1)));
    assert!(!ledger.was_read(b, record(1, 1)));
    ledger.was_encoded([1; 32], Standing::Found(Ok(face(1))));

    assert_eq!(names(&ledger.gallery()), ["a.jpg", "b.jpg"]);
    assert!(!ledger.has_work());
}

#[test]
fn what_failed_is_told_and_not_saved_and_tried_again_at_a_thorough_scan_or_a_change() {
    let mut ledger = Ledger::default();
    ledger.scan(files(&[("a.jpg", 1)]), Scan::Quick);
    let name = ledger.next().expect("a file");
    assert!(ledger.was_read(name, record(1, 1)));
    ledger.was_encoded([1; 32], Standing::Failed("the engine panicked".to_owned()));

    assert_eq!(ledger.gallery().photos()[0].skipped.as_deref(), Some("the engine panicked"));
    assert!(ledger.save().is_empty());
    for (version, scan, is_tried) in
        [(1, Scan::Quick, false), (2, Scan::Quick, true), (1, Scan::Thorough, true)]
    {
        ledger.scan(files(&[("a.jpg", version)]), scan);
        assert_eq!(ledger.has_work(), is_tried, "{version} {scan:?}");
    }
}

#[test]
fn a_photo_that_is_removed_while_it_is_looked_at_does_not_come_back() {
    let mut ledger = Ledger::default();
    ledger.scan(files(&[("a.jpg", 1)]), Scan::Quick);
    let name = ledger.next().expect("a file");
    assert!(ledger.was_read(name, record(1, 1)));

    ledger.remove("a.jpg");
    ledger.was_encoded([1; 32], Standing::Found(Ok(face(1))));

    assert!(names(&ledger.gallery()).is_empty());
    assert!(ledger.save().is_empty() && !ledger.has_work());
}

#[test]
fn a_snapshot_of_another_recogniser_gives_only_what_is_missing() {
    let mut ledger = Ledger::default();
    ledger.scan(files(&[("here.jpg", 1), ("other_times.jpg", 5)]), Scan::Thorough);

    ledger.take(vec![cached("gone.jpg", 1, 1), cached("here.jpg", 1, 2), cached("other_times.jpg", 1, 3)]);

    assert_eq!(names(&ledger.gallery()), ["here.jpg"]);
    let saved: Vec<String> = ledger.save().into_iter().map(|photo| photo.name).collect();
    assert_eq!(saved, ["here.jpg"], "a photo that is gone is not kept");
    assert_eq!(ledger.next().as_deref(), Some("other_times.jpg"));
    assert!(!ledger.was_read("other_times.jpg".to_owned(), record(5, 3)), "its bytes are known");
}

#[test]
fn recognisers_that_begin_at_different_places_look_at_every_file() {
    let all = ["a", "b", "c", "d"];
    for number in 0..5 {
        let mut ledger = Ledger::default();
        ledger.scan(all.iter().map(|name| ((*name).to_owned(), stat(1))), Scan::Thorough);
        ledger.begin_at(number);

        let taken: BTreeSet<String> = std::iter::from_fn(|| ledger.next()).collect();

        assert_eq!(taken.into_iter().collect::<Vec<_>>(), all, "{number}");
    }
}

/// What can happen to a folder and its ledger.
#[derive(Debug, Clone, Copy)]
enum Event {
    Write(&'static str, u8),
    Delete(&'static str),
    Rename(&'static str, &'static str),
    Scan,
    BeginLook,
    Read,
    Encode,
    MakeGallery,
}

fn event() -> impl Strategy<Value = Event> {
    let name = || select(vec!["a", "b", "c", "d"]);
    prop_oneof![
        (name(), 0..5_u8).prop_map(|(name, content)| Event::Write(name, content)),
        name().prop_map(Event::Delete),
        (name(), name()).prop_map(|(from, to)| Event::Rename(from, to)),
        Just(Event::Scan),
        Just(Event::BeginLook),
        Just(Event::Read),
        Just(Event::Encode),
        Just(Event::MakeGallery),
    ]
}

/// A folder, its ledger and the looks that are under way.
#[derive(Default)]
struct World {
    clock: i64,
    folder: BTreeMap<String, (i64, u8)>,
    ledger: Ledger,
    reading: Vec<String>,
    encoding: Vec<u8>,
}

impl World {
    fn happens(&mut self, event: Event) {
        self.clock += 1;
        match event {
            Event::Write(name, content) => {
                self.folder.insert(name.to_owned(), (self.clock, content));
            }
            Event::Delete(name) => {
                self.folder.remove(name);
            }
            Event::Rename(from, to) => {
                if let Some((_, content)) = self.folder.remove(from) {
                    self.folder.insert(to.to_owned(), (self.clock, content));
                }
            }
            Event::Scan => {
                let files = self.folder.iter().map(|(name, (version, _))| (name.clone(), stat(*version)));
                self.ledger.scan(files, Scan::Thorough);
            }
            Event::BeginLook => self.reading.extend(self.ledger.next()),
            Event::Read => {
                let Some(name) = self.reading.pop() else { return };
                match self.folder.get(&name).copied() {
                    None => self.ledger.failed(name, "it is gone".to_owned()),
                    Some((version, content)) => {
                        if self.ledger.was_read(name, record(version, content)) {
                            assert!(!self.encoding.contains(&content), "encoded twice at a time");
                            self.encoding.push(content);
                        }
                    }
                }
            }
            Event::Encode => {
                if let Some(content) = self.encoding.pop() {
                    self.ledger.was_encoded([content; 32], Standing::Found(Ok(face(content))));
                }
            }
            Event::MakeGallery => {
                self.ledger.gallery();
            }
        }
    }
}

proptest! {
    #[test]
    fn in_the_end_the_gallery_is_that_of_the_files(events in prop::collection::vec(event(), 0..60)) {
        let mut world = World::default();

        for event in events {
            world.happens(event);
        }
        world.happens(Event::Scan);
        while world.ledger.has_work() {
            for event in [Event::BeginLook, Event::Read, Event::Encode] {
                world.happens(event);
            }
        }

        let files = world.folder.iter();
        let expected = Gallery::new(files.map(|(name, (_, content))| {
            (name.clone(), [*content; 32], Standing::Found(Ok(face(*content))))
        }));
        let gallery = world.ledger.gallery();
        prop_assert_eq!(gallery.revision(), expected.revision());
        prop_assert_eq!(gallery.photos(), expected.photos());
        prop_assert_eq!(world.ledger.save().len(), world.folder.len());
    }
}
