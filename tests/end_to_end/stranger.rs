//! Somebody whom nobody enrolled.

use crate::rollcall::{Rollcall, identified};

#[tokio::test]
async fn a_person_without_a_known_photo_is_an_unknown_face() {
    let rollcall = Rollcall::knowing(&["barack_obama.jpg"]).await;

    let biden = rollcall.recognise("unknown0006.jpg").await;
    let obama = rollcall.recognise("unknown0001.jpg").await;
    let both = rollcall.recognise("unknown0007.jpg").await;

    assert_eq!(biden["status"], "unresolved", "{biden}");
    assert_eq!(biden["reason"], "unknown_face", "{biden}");
    assert_eq!(identified(&obama), ["Barack Obama"], "{obama}");
    assert_eq!(identified(&both), ["Barack Obama"], "{both}");
    rollcall.stop().await;
}

#[tokio::test]
async fn with_nobody_known_every_face_is_unknown() {
    let rollcall = Rollcall::knowing(&[]).await;

    let obama = rollcall.recognise("unknown0001.jpg").await;

    assert_eq!(obama["reason"], "unknown_face", "{obama}");
    rollcall.stop().await;
}
