//! A real folder that changes, goes and comes back.

use std::{fs, os::unix::fs::symlink};

use tokio::time::timeout;

use super::*;

/// No change waits longer.
const DEADLINE: Duration = Duration::from_secs(5);

async fn next(watch: &mut Watch, what: &str) -> Scan {
    timeout(DEADLINE, watch.next()).await.unwrap_or_else(|_| panic!("no look is due: {what}"))
}

#[tokio::test]
async fn each_kind_of_change_makes_a_look_due() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let at = |name: &str| folder.path().join(name);
    let mut watch = Watch::new(folder.path().to_owned());
    next(&mut watch, "at first").await;

    fs::write(at("a.jpg"), "a").expect("a small file");
    next(&mut watch, "a new file").await;
    fs::write(at("a.jpg"), "other").expect("a small file");
    next(&mut watch, "another content").await;
    fs::rename(at("a.jpg"), at("b.jpg")).expect("it can be renamed");
    next(&mut watch, "another name").await;
    fs::remove_file(at("b.jpg")).expect("it can be removed");
    next(&mut watch, "no file").await;
}

#[tokio::test]
async fn a_folder_that_goes_and_comes_back_is_looked_at_both_times() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path().join("known_people");
    fs::create_dir(&folder).expect("a folder");
    let mut watch = Watch::new(folder.clone());
    next(&mut watch, "at first").await;

    fs::remove_dir(&folder).expect("it is empty");
    next(&mut watch, "it is gone").await;
    fs::create_dir(&folder).expect("a folder");
    next(&mut watch, "it is back").await;
}

#[tokio::test]
async fn a_link_that_is_turned_to_another_folder_makes_a_look_due_there() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let at = |name: &str| scratch.path().join(name);
    for name in ["one", "two"] {
        fs::create_dir(at(name)).expect("a folder");
    }
    symlink("one", at("known_people")).expect("a link");
    let mut watch = Watch::new(at("known_people"));
    next(&mut watch, "at first").await;

    symlink("two", at("turned")).expect("a link");
    fs::rename(at("turned"), at("known_people")).expect("the link is replaced");
    next(&mut watch, "another folder").await;
    fs::write(at("two/a.jpg"), "a").expect("a small file");
    next(&mut watch, "a file in it").await;
}
