//! What was found in known photos is found once: after a restart, and by replicas together.

use std::fs;

use crate::{
    gallery_client::{Gallery, photo, told},
    server::Setup,
};

const ENCODED: &str = "rollcall_photos_encoded_total";

#[tokio::test]
async fn a_restart_looks_at_no_known_photo_again_unless_the_snapshot_is_damaged() {
    let setup = Setup::new(2, 4).knows("obama.jpg", "obama.jpg").knows("biden.jpg", "biden.jpg");
    let mut server = setup.start().await;
    assert_eq!(server.metric(ENCODED).await.expect("metrics"), 2);
    let before = Gallery::of(&server).await.list().await;
    server.service.stop().await.expect("it stops");

    let mut again = setup.start().await;
    assert_eq!(again.metric(ENCODED).await.expect("metrics"), 0);
    assert_eq!(Gallery::of(&again).await.list().await, before);
    again.service.stop().await.expect("it stops");

    let snapshots = fs::read_dir(setup.inside("state/gallery")).expect("the folder of the snapshots");
    for snapshot in snapshots {
        let path = snapshot.expect("an entry").path();
        let mut bytes = fs::read(&path).expect("a snapshot");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).expect("it can be written");
    }
    let mut damaged = setup.start().await;
    assert_eq!(damaged.metric(ENCODED).await.expect("metrics"), 2);
    assert_eq!(Gallery::of(&damaged).await.list().await, before);
    damaged.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn replicas_agree_after_an_enrolment_at_one_of_them() {
    let setup = Setup::new(1, 4).knows("biden.jpg", "biden.jpg");
    let (mut one, mut other) = (setup.start().await, setup.start().await);
    let (at_one, at_other) = (Gallery::of(&one).await, Gallery::of(&other).await);

    let enrolled = at_one.enrol("obama.jpg", photo("obama.jpg")).await.expect("a good photo");

    let followed = at_other.becomes("the new photo", |photos| told(photos).len() == 2).await;
    assert_eq!(followed.gallery_revision, enrolled.gallery_revision);
    assert_eq!(followed, at_one.list().await);
    for server in [&mut one, &mut other] {
        server.service.stop().await.expect("it stops");
    }
}
