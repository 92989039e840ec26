//! What the keeper asks an engine for, and what it makes of the answers. The engine is a script.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use tempfile::TempDir;

use super::*;
use crate::{
    engine::{Bounds, Embedding, Face, Point, quality::Quality},
    error::RecognitionError,
};

const LIMITS: QualityLimits =
    QualityLimits { size: 1, sharpness: 0.0, darkest: 0.0, brightest: 255.0, roll: 180.0, yaw: 90.0 };
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(2).expect("two are some");

/// A folder of known photos, a folder for the state, and how often an engine was asked.
struct Home {
    scratch: TempDir,
    asked: Arc<AtomicUsize>,
}

impl Home {
    fn new(photos: usize) -> Self {
        let home = Self { scratch: tempfile::tempdir().expect("a scratch folder"), asked: Arc::default() };
        for folder in [home.photos(), home.state()] {
            fs::create_dir(folder).expect("a folder");
        }
        for number in 0..photos {
            fs::write(home.photos().join(format!("photo_{number:04}.jpg")), number.to_string())
                .expect("a small file");
        }
        home
    }

    fn photos(&self) -> PathBuf {
        self.scratch.path().join("known_people")
    }

    fn state(&self) -> PathBuf {
        self.scratch.path().join("state")
    }

    /// A source whose engine finds what `rule` says, when it is asked for the so many-th time.
    fn source(&self, rule: impl Fn(usize) -> Result<Vec<Face>, RecognitionError> + Send + 'static) -> Source {
        let asked = Arc::clone(&self.asked);
        let workers = Workers::scripted(move |_| rule(asked.fetch_add(1, Ordering::SeqCst)));
        let state = StateFile::open(&self.state(), "scripted", 2).expect("a folder that can be written");
        Source { folder: self.photos(), state, workers, quality_limits: LIMITS }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn face() -> Face {
    Face {
        bounds: Bounds { left: 0, top: 0, width: 100, height: 100 },
        score: 1.0,
        landmarks: [Point::default(); 5],
        quality: Quality { size: 100, sharpness: 100.0, brightness: 100.0, roll: 0.0, yaw: 0.0 },
        embedding: Embedding::new([0.0, 1.0]),
    }
}

/// The gallery that a source gives, which is saved.
async fn loaded(source: Source) -> Arc<Gallery> {
    let (mut keeper, known_photos) =
        Keeper::load(source, AT_ONCE).await.expect("a folder that can be listed");
    keeper.save().await;
    known_photos.gallery()
}

fn skipped(gallery: &Gallery) -> Vec<Option<&str>> {
    gallery.photos().iter().map(|photo| photo.skipped.as_deref()).collect()
}

#[tokio::test]
async fn two_thousand_photos_that_were_found_before_are_not_looked_at_again() {
    let home = Home::new(2000);
    let first = loaded(home.source(|_| Ok(vec![face()]))).await;
    assert_eq!(home.asked(), 2000);

    let second = loaded(home.source(|_| Err(RecognitionError::Panicked))).await;

    assert_eq!(home.asked(), 2000, "the engine is not asked again");
    assert_eq!(second.revision(), first.revision());
    assert_eq!(second.photos(), first.photos());
    assert_eq!(second.nearest(&face().embedding, 0.0).len(), first.nearest(&face().embedding, 0.0).len());
}

#[tokio::test]
async fn a_photo_that_was_refused_because_others_waited_is_sent_again() {
    let home = Home::new(3);

    let gallery = loaded(home.source(|number| match number {
        0 | 1 => Err(RecognitionError::QueueFull),
        _ => Ok(vec![face()]),
    }))
    .await;

    assert_eq!(skipped(&gallery), [None; 3]);
}

#[tokio::test]
async fn what_is_not_the_photos_fault_is_told_and_not_kept() {
    let home = Home::new(1);

    let failed = loaded(home.source(|_| Err(RecognitionError::Panicked))).await;
    let found = loaded(home.source(|_| Ok(vec![face()]))).await;

    assert_eq!(skipped(&failed), [Some("the engine panicked")]);
    assert_eq!(skipped(&found), [None]);
}

#[tokio::test]
async fn why_a_photo_is_skipped_is_kept() {
    let home = Home::new(1);

    let first = loaded(home.source(|_| Ok(vec![face(), face()]))).await;
    let second = loaded(home.source(|_| Err(RecognitionError::Panicked))).await;

    assert_eq!(skipped(&first), [Some("it shows 2 faces: crop it to one")]);
    assert_eq!(skipped(&second), skipped(&first));
}

#[tokio::test]
async fn recognisers_that_load_at_the_same_time_end_with_the_same_and_save_it_whole() {
    let home = Home::new(40);
    let sources = [(); 2].map(|()| home.source(|_| Ok(vec![face()])));

    let [one, other] = sources.map(|source| tokio::spawn(loaded(source)));
    let (one, other) = (one.await.expect("it loads"), other.await.expect("it loads"));
    let asked = home.asked();
    let third = loaded(home.source(|_| Err(RecognitionError::Panicked))).await;

    assert_eq!(one.revision(), other.revision());
    assert_eq!(third.revision(), one.revision());
    assert_eq!(home.asked(), asked, "all was saved");
}

#[tokio::test]
async fn a_folder_that_cannot_be_listed_is_an_error_at_the_start() {
    let home = Home::new(0);
    fs::remove_dir(home.photos()).expect("it is empty");

    assert!(Keeper::load(home.source(|_| Ok(Vec::new())), AT_ONCE).await.is_err());
}

#[tokio::test]
async fn a_folder_that_is_gone_leaves_the_last_photos_in_use_and_is_told() {
    let home = Home::new(2);
    let source = home.source(|_| Ok(vec![face()]));
    let (mut keeper, known_photos) = Keeper::load(source, AT_ONCE).await.expect("a folder");
    let moved = home.scratch.path().join("moved");

    fs::rename(home.photos(), &moved).expect("it can be moved");
    let failed = keeper.scan(Scan::Quick).await;
    assert!(failed.is_err() && known_photos.fault().is_some());
    assert_eq!(keeper.publish().photos().len(), 2);

    fs::rename(moved, home.photos()).expect("it can be moved back");
    keeper.scan(Scan::Quick).await.expect("it is back");
    assert_eq!(known_photos.fault(), None);
}

#[tokio::test]
async fn another_folder_without_a_photo_changes_nothing_until_somebody_asks_for_it() {
    let home = Home::new(2);
    let source = home.source(|_| Ok(vec![face()]));
    let (mut keeper, known_photos) = Keeper::load(source, AT_ONCE).await.expect("a folder");
    fs::rename(home.photos(), home.scratch.path().join("not_mounted")).expect("it can be moved");
    fs::create_dir(home.photos()).expect("a folder in its place");

    for scan in [Scan::Quick, Scan::Thorough] {
        keeper.scan(scan).await.expect_err("it is not believed");
        assert!(known_photos.fault().is_some_and(|fault| fault.contains("Reload")), "{scan:?}");
        assert_eq!(keeper.publish().photos().len(), 2, "{scan:?}");
    }
    keeper.forget("photo_0000.jpg").await.expect_err("the photo would come back with its folder");
    assert_eq!(keeper.publish().photos().len(), 2);

    keeper.scan(Scan::Asked).await.expect("it is believed");
    assert_eq!(known_photos.fault(), None);
    assert_eq!(keeper.publish().photos().len(), 0);
}

#[tokio::test]
async fn another_folder_with_a_photo_counts_and_so_does_the_same_without() {
    let home = Home::new(2);
    let source = home.source(|_| Ok(vec![face()]));
    let (mut keeper, _known_photos) = Keeper::load(source, AT_ONCE).await.expect("a folder");
    fs::rename(home.photos(), home.scratch.path().join("before")).expect("it can be moved");
    fs::create_dir(home.photos()).expect("a folder in its place");
    fs::write(home.photos().join("other.jpg"), "other").expect("a small file");

    keeper.scan(Scan::Quick).await.expect("it has a photo");
    keeper.look_at_all(1).await;
    assert_eq!(keeper.publish().photos().len(), 1);

    fs::remove_file(home.photos().join("other.jpg")).expect("it is there");
    keeper.scan(Scan::Quick).await.expect("somebody removed the last photo");
    assert_eq!(keeper.publish().photos().len(), 0);
}

#[tokio::test]
async fn the_last_photo_can_be_forgotten() {
    let home = Home::new(1);
    let source = home.source(|_| Ok(vec![face()]));
    let (mut keeper, known_photos) = Keeper::load(source.clone(), AT_ONCE).await.expect("a folder");

    let gallery = keeper.forget("photo_0000.jpg").await.expect("it was known");

    assert_eq!((gallery.photos().len(), known_photos.fault()), (0, None));
    assert!(source.state.read().is_empty());
}

#[tokio::test]
async fn what_others_saved_meanwhile_is_taken_over_and_not_found_again() {
    let home = Home::new(3);
    let mut late = late_keeper(&home.source(|_| Err(RecognitionError::Panicked))).await;
    loaded(home.source(|_| Ok(vec![face()]))).await;

    late.take_over().await;
    late.look_at_all(1).await;

    assert_eq!(skipped(&late.publish()), [None; 3]);
    assert_eq!(home.asked(), 3);
}

#[tokio::test]
async fn what_was_forgotten_elsewhere_is_not_saved_once_more() {
    let home = Home::new(2);
    let source = home.source(|_| Ok(vec![face()]));
    let (mut keeper, _known_photos) = Keeper::load(source.clone(), AT_ONCE).await.expect("a folder");

    fs::remove_file(home.photos().join("photo_0000.jpg")).expect("it is there");
    keeper.save().await;

    let saved: Vec<String> = source.state.read().into_iter().map(|photo| photo.name).collect();
    assert_eq!(saved, ["photo_0001.jpg"]);
}

/// One that has listed the folder and found nothing yet.
async fn late_keeper(source: &Source) -> Keeper {
    let nowhere = Source { folder: empty(&source.folder), ..source.clone() };
    let (mut keeper, _) = Keeper::load(nowhere, AT_ONCE).await.expect("an empty folder");
    keeper.source = source.clone();
    keeper.scan(Scan::Quick).await.expect("a folder");
    keeper
}

fn empty(beside: &Path) -> PathBuf {
    let folder = beside.with_extension("empty");
    fs::create_dir(&folder).expect("a folder");
    folder
}
