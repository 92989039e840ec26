//! The gallery follows the folder of known photos, without a restart.

use std::fs;

use rollcall_tests::{http, wait};
use sha2::{Digest, Sha256};

use crate::{
    gallery_client::{Gallery, NOTICED, nearest, photo, told},
    server::{LONG, Setup},
};

const MANY: [&str; 6] =
    ["32bit.png", "biden.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg", "obama_partial_face.jpg"];

#[tokio::test]
async fn photos_appear_change_and_vanish_within_seconds() {
    let setup = Setup::new(1, 4);
    let mut server = setup.start().await;
    let (gallery, client) = (Gallery::of(&server).await, server.client().await);
    let known = |name: &str| setup.inside("known_people").join(name);
    assert!(gallery.list().await.photos.is_empty());

    fs::write(known("somebody.jpg"), photo("obama.jpg")).expect("room for a photo");
    let appeared = gallery.becomes("the photo", |photos| told(photos) == [("somebody.jpg", "")]).await;
    let answer = client.clone().bytes(photo("obama2.jpg")).await.expect("an answer");
    assert_eq!(nearest(&answer), Some("somebody.jpg"));
    assert_eq!(answer.gallery_revision, appeared.gallery_revision);

    let biden = photo("biden.jpg");
    fs::write(known(".new"), &biden).expect("room for a photo");
    fs::rename(known(".new"), known("somebody.jpg")).expect("it replaces the photo");
    let hash = Sha256::digest(&biden);
    gallery
        .becomes("another content", |photos| photos.iter().any(|photo| photo.content_hash == hash[..]))
        .await;

    fs::remove_file(known("somebody.jpg")).expect("it is there");
    let empty = gallery.becomes("no photo", <[_]>::is_empty).await;
    let answer = client.bytes(photo("obama2.jpg")).await.expect("an answer");
    assert_eq!(nearest(&answer), None);
    assert_eq!(answer.gallery_revision, empty.gallery_revision);
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_photo_that_is_half_written_is_used_when_it_is_complete() {
    let setup = Setup::new(1, 4);
    let mut server = setup.start().await;
    let gallery = Gallery::of(&server).await;
    let bytes = photo("obama.jpg");
    let path = setup.inside("known_people").join("obama.jpg");

    fs::write(&path, &bytes[..bytes.len() / 2]).expect("room for half a photo");
    gallery
        .becomes("half a photo", |photos| photos.iter().any(|photo| photo.skipped.contains("damaged")))
        .await;
    fs::write(&path, &bytes).expect("room for a photo");

    gallery.becomes("the whole photo", |photos| told(photos) == [("obama.jpg", "")]).await;
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_folder_that_is_gone_keeps_the_last_photos_until_it_is_back() {
    let setup = Setup::new(1, 4).knows("obama.jpg", "obama.jpg");
    let mut server = setup.start().await;
    let gallery = Gallery::of(&server).await;
    let (folder, moved) = (setup.inside("known_people"), setup.inside("moved"));
    let http = http::client().expect("a client");
    let readyz = server.service.admin_url("/readyz");
    let is_readable = async || {
        let answer = http.get(&readyz).send().await.expect("an answer");
        assert!(answer.status().is_success(), "the last photos are enough to be ready");
        let body: serde_json::Value = answer.json().await.expect("JSON");
        body["checks"]["folder of known people"]["ok"].as_bool().ok_or(body)
    };
    let becomes = async |readable: bool| {
        let probe = async || match is_readable().await {
            Ok(is) if is == readable => Ok(()),
            other => Err(format!("{other:?}")),
        };
        wait::until("the folder's state", NOTICED, probe).await.expect("it is told");
    };
    let before = gallery.list().await;

    fs::rename(&folder, &moved).expect("it can be moved");
    becomes(false).await;
    assert_eq!(gallery.list().await, before);
    assert!(server.metric("rollcall_gallery_failed_scans_total").await.expect("metrics") > 0);

    fs::copy(moved.join("obama.jpg"), moved.join("obama_2.jpg")).expect("room for a photo");
    fs::rename(&moved, &folder).expect("it can be moved back");
    becomes(true).await;
    gallery.becomes("both photos", |photos| photos.len() == 2).await;
    server.metric_becomes("rollcall_gallery_photos", 2).await;
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn requests_are_answered_while_new_photos_are_looked_at() {
    let setup = Setup::new(1, 2);
    let mut server = setup.start().await;
    server.make_small();
    let (gallery, client) = (Gallery::of(&server).await, server.client().await);

    for name in MANY {
        fs::write(setup.inside("known_people").join(name), photo(name)).expect("room for a photo");
    }
    let reload = gallery.reload();
    tokio::pin!(reload);
    let mut answered = 0;
    let revision = loop {
        tokio::select! {
            revision = &mut reload => break revision.expect("a revision"),
            answer = client.clone().path("/small.png") => {
                answer.expect("a request is not refused for a known photo");
                answered += 1;
            }
        }
    };

    assert!(answered >= MANY.len(), "{answered} answers in between");
    let list = gallery.list().await;
    assert_eq!((list.photos.len(), list.gallery_revision), (MANY.len(), revision));
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_reload_answers_with_whatever_was_in_the_folder() {
    let setup = Setup::new(1, 4);
    let mut server = setup.start().await;
    let gallery = Gallery::of(&server).await;

    fs::write(setup.inside("known_people/obama.jpg"), photo("obama.jpg")).expect("room for a photo");
    let revision = tokio::time::timeout(LONG, gallery.reload()).await.expect("it ends").expect("a revision");

    let list = gallery.list().await;
    assert_eq!((told(&list.photos), list.gallery_revision), (vec![("obama.jpg", "")], revision));
    server.service.stop().await.expect("it stops");
}
