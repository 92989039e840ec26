//! The pages in a real browser.

use std::collections::BTreeSet;

use rollcall_tests::scripted_recogniser::{Script, ScriptedRecogniser};
use serde_json::json;

use crate::{browser::Browser, rollcall::Rollcall};

const HOSTILE: &str = "<img src=x onerror=document.title=1>&amp;\"'.jpg";

/// The row of a picture, by its path.
fn row(path: &str) -> String {
    let path = json!(path);
    format!(
        "[...document.querySelectorAll('#rows tr')].find((row) => row.querySelector('.path').innerText === {path})"
    )
}

#[tokio::test]
async fn a_picture_that_is_posted_appears_on_an_open_page_and_gets_its_person_without_loading_it_again() {
    let rollcall = Rollcall::start().await;
    let mut browser = Browser::start().await;
    browser.open(&rollcall.page_url("/")).await;
    browser.until("document.documentElement.hasAttribute('data-following')").await;
    browser.value("window.kept = 'the same page'").await;

    rollcall.post_picture("/unknown_images/unknown0001.jpg").await;

    let row = row("/unknown_images/unknown0001.jpg");
    browser.until(&format!("{row}?.querySelector('.person')?.innerText === 'Barack Obama'")).await;
    browser.until(&format!("{row}.querySelector('.overlay rect') !== null")).await;
    browser.until("/picture/.test(document.getElementById('told').innerText)").await;
    assert_eq!(browser.value("window.kept").await, "the same page");

    let hostile = format!("/unknown_images/{HOSTILE}");
    rollcall.post_picture(&hostile).await;
    browser.until(&format!("{}?.innerText.includes('failed') ?? false", self::row(&hostile))).await;
    assert_eq!(browser.value("document.querySelectorAll('[onerror]').length").await, 0);
    assert_eq!(browser.value("document.title").await, "Persons of Interest");
    assert_eq!(browser.value("window.kept").await, "the same page");
    browser.stop().await;
    rollcall.stop().await;
}

#[tokio::test]
async fn every_page_fits_a_narrow_window_and_shows_its_pictures() {
    let rollcall = Rollcall::start().await;
    let id = rollcall.recognise("unknown0001.jpg").await["id"].clone();
    rollcall.recognise(&format!("{}{HOSTILE}", "a_long_name_without_a_space_".repeat(9))).await;
    let mut browser = Browser::start().await;

    for width in [360, 1280] {
        browser.resize(width, 800).await;
        let image = format!("/images/{id}");
        for address in ["/", &image, "/system", "/?status=failed", "/?q=nothing", "/nothing"] {
            browser.open(&rollcall.page_url(address)).await;

            let beyond =
                "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)";
            assert_eq!(browser.value(beyond).await, 0, "{address} at {width} pixels");
            let pictures = "[...document.images].every((image) => \
                            (image.loading = 'eager') && image.complete && image.naturalWidth > 0)";
            browser.until(pictures).await;
        }
    }
    browser.stop().await;
    rollcall.stop().await;
}

#[tokio::test]
async fn without_scripts_pictures_are_found_and_looked_at_all_the_same() {
    let rollcall = Rollcall::start().await;
    for picture in ["unknown0001.jpg", "unknown0008.jpg"] {
        rollcall.recognise(picture).await;
    }
    let mut browser = Browser::start().await;
    browser.forbid_scripts().await;
    browser.open(&rollcall.page_url("/")).await;

    browser.value("document.querySelector('input[name=q]').value = '0001'").await;
    browser.value("document.querySelector('.search').requestSubmit()").await;
    browser.until("location.search.startsWith('?q=0001') && document.readyState === 'complete'").await;
    assert_eq!(browser.value("document.querySelectorAll('#rows tr').length").await, 1);

    browser.value("document.querySelector('#rows .path a').click()").await;
    browser.until("location.pathname.startsWith('/images/') && document.readyState === 'complete'").await;
    browser.until("document.querySelector('.face-card h3').innerText.includes('Barack Obama')").await;
    assert_eq!(browser.value("document.documentElement.hasAttribute('data-following')").await, false);
    browser.stop().await;
    rollcall.stop().await;
}

#[tokio::test]
async fn ten_thousand_pictures_are_looked_through_page_by_page() {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg")).expect("it listens");
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan.workers(0)).await;
    let posted: BTreeSet<u64> = rollcall.post_pictures(10_000).await.into_iter().collect();

    let mut seen = BTreeSet::new();
    let mut address = Some("/".to_owned());
    while let Some(page) = address {
        let (status, text) = rollcall.page(&page).await;
        assert_eq!(status, 200, "{page}");
        let ids = text.split("id=\"picture-").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok());
        for id in ids {
            assert!(seen.insert(id), "picture {id} is on two pages, the second of them {page}");
        }
        let (before, _) = text.split_once("\" rel=\"next\"").unwrap_or_default();
        address = before.rsplit_once("href=\"").map(|(_, next)| next.replace("&#38;", "&"));
    }

    assert_eq!(seen, posted);
    rollcall.stop().await;
}
