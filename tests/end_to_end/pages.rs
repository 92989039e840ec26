//! The table page.

use crate::rollcall::Rollcall;

#[tokio::test]
async fn the_table_shows_every_picture_with_its_person_or_the_reason_in_words() {
    let rollcall = Rollcall::start().await;
    for picture in ["unknown0001.jpg", "unknown0008.jpg", "nothing_here.jpg"] {
        rollcall.recognise(picture).await;
    }

    let (status, page) = rollcall.page("/").await;

    assert_eq!(status, 200);
    assert!(page.contains("<title>Persons of Interest</title>"), "{page}");
    for text in [
        "/unknown_images/unknown0001.jpg",
        "Barack Obama",
        "No face was found.",
        "nothing_here.jpg",
        "failed",
    ] {
        assert!(page.contains(text), "{text:?} is not in {page}");
    }
    let position = |text| page.find(text).expect("the picture is on the page");
    assert!(position("nothing_here.jpg") < position("unknown0001.jpg"), "the newest comes first");
    rollcall.stop().await;
}

#[tokio::test]
async fn a_filter_leaves_the_pictures_of_one_status_or_one_reason() {
    let rollcall = Rollcall::start().await;
    for picture in ["unknown0001.jpg", "unknown0008.jpg", "nothing_here.jpg"] {
        rollcall.recognise(picture).await;
    }
    let pages = [
        ("/?status=processed", "unknown0001.jpg"),
        ("/?status=unresolved", "unknown0008.jpg"),
        ("/?status=unresolved&reason=no_face", "unknown0008.jpg"),
        ("/?status=failed", "nothing_here.jpg"),
    ];

    for (address, shown) in pages {
        let (status, page) = rollcall.page(address).await;
        assert_eq!(status, 200, "{address}");
        for picture in ["unknown0001.jpg", "unknown0008.jpg", "nothing_here.jpg"] {
            assert_eq!(page.contains(picture), picture == shown, "{picture} at {address}: {page}");
        }
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn text_from_outside_is_escaped() {
    let rollcall = Rollcall::start().await;
    rollcall.recognise("<script>alert(1)</script>.jpg").await;

    let (status, page) = rollcall.page("/").await;

    assert_eq!(status, 200);
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>"), "{page}");
    rollcall.stop().await;
}

#[tokio::test]
async fn a_page_beyond_the_table_leads_back_and_a_wrong_address_says_so() {
    let rollcall = Rollcall::start().await;
    rollcall.recognise("unknown0001.jpg").await;
    let pages = [
        ("/?before=1", 200, "No older pictures"),
        ("/?before=x", 400, "This address is not right"),
        ("/nothing", 404, "There is no such page"),
    ];

    for (address, status, text) in pages {
        let (answered, page) = rollcall.page(address).await;
        assert_eq!(answered, status, "{address}");
        assert!(page.contains(text) && page.contains("href=\"/\""), "{address}: {page}");
    }
    rollcall.stop().await;
}
