//! Pictures are dropped onto the page in a real browser.

use serde_json::{Value, json};

use crate::{
    browser::Browser,
    rollcall::{Rollcall, sample_photo},
};

const HOSTILE: &str = "<img src=x onerror=document.title=1>.jpg";

/// Drops files, of each its name and its bytes, where the page takes them.
async fn drop_files(browser: &mut Browser, files: &[(&str, &[u8])]) {
    browser.value("window.dropped = new DataTransfer(); true").await;
    for (name, bytes) in files {
        let add = format!(
            "dropped.items.add(new File([Uint8Array.from({}.match(/../g) ?? [], (digits) => parseInt(digits, 16))], {})); true",
            json!(hex::encode(bytes)),
            json!(name),
        );
        browser.value(&add).await;
    }
    let drop = "document.getElementById('drop').dispatchEvent(
        new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }))";
    // The page does with the event what it likes, and not what a browser does with a file.
    assert_eq!(browser.value(drop).await, false);
}

#[tokio::test]
async fn pictures_that_are_dropped_are_named_and_other_files_are_refused_in_words() {
    let rollcall = Rollcall::start().await;
    let (obama, biden) = (sample_photo("obama2.jpg"), sample_photo("biden.jpg"));
    let mut browser = Browser::start().await;
    browser.open(&rollcall.page_url("/add")).await;
    browser.until("document.documentElement.classList.contains('scripted')").await;
    browser.value("window.kept = 'the same page'").await;

    let files: [(&str, &[u8]); 3] =
        [("holiday.jpg", &obama), (HOSTILE, b"this is no picture"), ("office.jpg", &biden)];
    drop_files(&mut browser, &files).await;

    for name in ["Barack Obama", "Joe Biden"] {
        let named = format!(
            "[...document.querySelectorAll('#rows .person')].some((person) => person.innerText === {})",
            json!(name)
        );
        browser.until(&named).await;
    }
    let refused = "[...document.querySelectorAll('#uploads li')].map((line) => line.innerText).join()";
    let refused = browser.value(refused).await;
    assert!(refused.as_str().is_some_and(|line| line.contains(HOSTILE)), "{refused}");
    assert_eq!(browser.value("document.querySelectorAll('#uploads li').length").await, 1, "{refused}");
    assert_eq!(browser.value("document.querySelectorAll('[onerror]').length").await, 0);
    assert_eq!(browser.value("window.kept").await, "the same page");
    // Who loads the page again finds the same pictures.
    browser.until("new URLSearchParams(location.search).get('ids')?.split(',').length === 2").await;
    browser.stop().await;
    rollcall.stop().await;
}

#[tokio::test]
async fn a_path_is_added_by_the_form_without_scripts() {
    let rollcall = Rollcall::start().await;
    let mut browser = Browser::start().await;
    browser.forbid_scripts().await;
    browser.open(&rollcall.page_url("/add")).await;

    browser.value("document.querySelector('textarea').value = '/unknown_images/unknown0001.jpg'; true").await;
    browser.value("document.querySelector('textarea').form.requestSubmit()").await;

    browser.until("location.search.startsWith('?ids=') && document.readyState === 'complete'").await;
    let row = browser.value("document.querySelector('#rows .path').innerText").await;
    assert_eq!(row, Value::from("/unknown_images/unknown0001.jpg"));
    browser.stop().await;
    rollcall.stop().await;
}
