//! What people say of faces counts, also after another look.

use reqwest::Method;
use serde_json::{Value, json};

use crate::rollcall::Rollcall;

/// The id of the only face of an image.
fn only_face(image: &Value) -> u64 {
    let [face] = &image["faces"].as_array().expect("a list of faces")[..] else {
        panic!("one face: {image}")
    };
    face["id"].as_u64().expect("an id")
}

fn id(thing: &Value) -> u64 {
    thing["id"].as_u64().expect("an id")
}

#[tokio::test]
async fn a_name_that_was_corrected_stays_when_the_picture_is_looked_at_again() {
    let rollcall = Rollcall::start().await;
    let image = rollcall.recognise("unknown0006.jpg").await;
    assert_eq!(image["person"]["name"], "Joe Biden", "{image}");
    let (image, face) = (id(&image), only_face(&image));

    rollcall.ask(Method::PUT, &format!("/faces/{face}/person"), &json!({ "name": "Jack Twin" })).await;
    let corrected = rollcall.named(image, Some("Jack Twin")).await;
    rollcall.ask(Method::POST, &format!("/images/{image}/rerun"), &Value::Null).await;
    let again = rollcall.result(image).await;

    assert_eq!(corrected["faces"][0]["source"], "person", "{corrected}");
    assert_eq!(again["person"]["name"], "Jack Twin", "{again}");
    assert_eq!(only_face(&again), face, "the face is the same one");

    rollcall.ask(Method::DELETE, &format!("/faces/{face}/person"), &Value::Null).await;
    let taken_back = rollcall.named(image, Some("Joe Biden")).await;
    assert_eq!(taken_back["faces"][0]["source"], "engine", "{taken_back}");
    rollcall.stop().await;
}

#[tokio::test]
async fn who_is_said_not_to_be_in_a_picture_is_not_named_in_it_again() {
    let rollcall = Rollcall::start().await;
    let image = rollcall.recognise("unknown0006.jpg").await;
    let (face, biden) = (only_face(&image), id(&image["person"]));
    let image = id(&image);

    rollcall.ask(Method::PUT, &format!("/faces/{face}/not/{biden}"), &Value::Null).await;
    let refused = rollcall.named(image, None).await;
    rollcall.ask(Method::POST, &format!("/images/{image}/rerun"), &Value::Null).await;
    let again = rollcall.result(image).await;

    assert_eq!(refused["reason"], "unknown_face", "{refused}");
    assert_eq!(again["reason"], "unknown_face", "{again}");
    rollcall.ask(Method::DELETE, &format!("/faces/{face}/not/{biden}"), &Value::Null).await;
    rollcall.named(image, Some("Joe Biden")).await;
    rollcall.stop().await;
}

#[tokio::test]
async fn merged_people_are_one_until_the_merge_is_undone() {
    let rollcall = Rollcall::start().await;
    let [obama, biden] =
        [rollcall.recognise("unknown0001.jpg").await, rollcall.recognise("unknown0006.jpg").await];
    let (from, into) = (id(&biden["person"]), id(&obama["person"]));

    let merged = rollcall.ask(Method::POST, &format!("/people/{from}/merge"), &json!({ "into": into })).await;
    rollcall.named(id(&biden), Some("Barack Obama")).await;
    rollcall.ask(Method::POST, &format!("/merges/{}/undo", merged["merge"]), &Value::Null).await;
    rollcall.named(id(&biden), Some("Joe Biden")).await;
    rollcall.named(id(&obama), Some("Barack Obama")).await;

    let history = rollcall.read("/audit").await;
    let actions: Vec<&str> = history["entries"]
        .as_array()
        .expect("a list of entries")
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .filter(|action| action.contains("merge"))
        .collect();
    assert_eq!(actions, ["merge_undone", "person_merged"], "{history}");
    rollcall.stop().await;
}

#[tokio::test]
async fn who_is_deleted_is_in_no_picture_any_more() {
    let rollcall = Rollcall::start().await;
    let image = rollcall.recognise("unknown0006.jpg").await;
    let person = id(&image["person"]);

    rollcall.ask(Method::DELETE, &format!("/people/{person}"), &Value::Null).await;

    let nobody = |image: &Value| image["reason"] == "unknown_face";
    rollcall.image_until(id(&image), "an image of somebody who was deleted to name nobody", nobody).await;
    assert!(!rollcall.layout.known_people().join("joe_biden.jpg").exists(), "the known photo is gone");
    let again = rollcall.recognise("unknown0007.jpg").await;
    assert_eq!(crate::rollcall::identified(&again), ["Barack Obama"], "{again}");
    rollcall.stop().await;
}
