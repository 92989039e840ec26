//! How long the API is waited for.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use super::*;
use crate::{
    api::{ApiError, Caller, Naming, Who},
    visitor::Visitor,
};

#[tokio::test]
async fn what_the_recogniser_has_to_change_is_waited_for_longer() -> anyhow::Result<()> {
    let api = ScriptedApi::default();
    let limits = Limits { change: Duration::from_millis(50), slow_change: Duration::from_mins(1) };
    let caller = Caller::new(Api::new(api.start().await?, limits)?, Visitor::default());
    let late = CancellationToken::new();
    let enrolled = json!({ "photo": "ann.jpg" });
    for (what, answer) in [
        ("POST /api/v1/images/1/retry", json!({})),
        ("DELETE /api/v1/people/1", json!({})),
        ("DELETE /api/v1/known-photos/ann.jpg", json!({})),
        ("POST /api/v1/people/1/photos?name=a.jpg", enrolled.clone()),
        ("POST /api/v1/faces/7/enrol", enrolled),
        ("POST /api/v1/unknown-groups/7/name", json!({ "person": { "id": 1, "name": "Ann" }, "faces": 1 })),
        ("POST /api/v1/pictures?name=a.jpg", json!({ "id": 1 })),
    ] {
        api.answers(what, StatusCode::OK, answer);
        api.holds(what, &late);
    }
    let ann = || Who::Named { name: "Ann".to_owned() };
    let naming = Naming { who: ann(), enrol: true, as_of: None, except: BTreeSet::new() };
    let ann = ann();

    let slow = async {
        tokio::try_join!(
            caller.delete_person(1),
            caller.forget_photo("ann.jpg"),
            caller.enrol_photo(1, "a.jpg", Bytes::new()),
            caller.enrol_face(7, &ann),
            caller.name_group(7, &naming),
            caller.upload_picture("a.jpg", Bytes::new()),
        )
    };
    // The usual change began last, and its time is over when the others are answered.
    let usual = async {
        let answer = caller.retry_image(1).await;
        late.cancel();
        answer
    };
    let (slow, usual) = tokio::join!(slow, usual);

    assert_eq!(usual, Err(ApiError::Away));
    assert!(slow.is_ok(), "{slow:?}");
    Ok(())
}

#[test]
fn the_receiver_gives_up_before_it_is_given_up() {
    let (its_usual, its_long) = (Duration::from_secs(12), Duration::from_mins(1));
    assert!(Limits::USUAL.change > its_usual && Limits::USUAL.slow_change > its_long);
}
