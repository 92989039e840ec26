//! Nothing keeps people out of the pages: axe-core finds no fault, in a wide and a narrow window, light and dark.

use std::fs;

use rollcall_tests::installed::Installed;
use serde_json::{Value, json};

use crate::{browser::Browser, rollcall::Rollcall};

/// The faults that axe finds: of each its rule, and the elements.
const FAULTS: &str = "axe.run().then((found) => found.violations.map(
    (fault) => `${fault.id}: ${fault.nodes.map((node) => node.html).join(' ')}`))";

#[tokio::test]
async fn no_page_keeps_anybody_out() {
    let axe = Installed::find().and_then(|installed| installed.axe()).expect("axe is installed");
    let axe = fs::read_to_string(axe).expect("a script");
    let rollcall = Rollcall::knowing(&["barack_obama.jpg"]).await;
    let named = rollcall.recognise("unknown0007.jpg").await;
    let unknown = rollcall.recognise("unknown0006.jpg").await;
    let group = rollcall.largest_group(2).await;
    let addresses = [
        "/".to_owned(),
        "/?status=failed".to_owned(),
        format!("/images/{}", named["id"]),
        format!("/images/{}", unknown["id"]),
        "/people".to_owned(),
        format!("/people/{}", named["person"]["id"]),
        "/unknown".to_owned(),
        format!("/unknown/{}", group["id"]),
        "/add".to_owned(),
        format!("/add?ids={},{}", named["id"], unknown["id"]),
        "/history".to_owned(),
        "/system".to_owned(),
        "/sign-in".to_owned(),
        "/nothing".to_owned(),
    ];
    let mut browser = Browser::start().await;

    for (width, scheme) in [(1280, "light"), (360, "dark")] {
        browser.resize(width, 800).await;
        browser.prefer(scheme).await;
        for address in &addresses {
            browser.open(&rollcall.page_url(address)).await;
            browser.value(&axe).await;

            assert_eq!(browser.value(FAULTS).await, json!([]), "{address}, {scheme}, {width} pixels");
        }
    }
    browser.stop().await;
    rollcall.stop().await;
}

#[tokio::test]
async fn the_checker_finds_a_fault_where_there_is_one() {
    let axe = Installed::find().and_then(|installed| installed.axe()).expect("axe is installed");
    let axe = fs::read_to_string(axe).expect("a script");
    let mut browser = Browser::start().await;

    browser.value("document.body.innerHTML = '<input>'").await;
    browser.value(&axe).await;

    let faults = browser.value(FAULTS).await;
    let is_named = |fault: &Value| fault.as_str().is_some_and(|fault| fault.starts_with("label: "));
    assert!(faults.as_array().expect("a list").iter().any(is_named), "{faults}");
    browser.stop().await;
}
