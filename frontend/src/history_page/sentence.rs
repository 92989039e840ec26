//! A change as a sentence: "Ann renamed Bob to Robert." Pure.
//!
//! `detail` says from what to what, and the words in it are of whoever wrote the entry. What is missing there is left out.

use serde_json::Value;

use crate::store::AuditRow;

pub(super) fn of(row: &AuditRow) -> String {
    let detail = &row.detail.0;
    let who = actor(&row.actor);
    let from = name_in(&detail["from"]);
    let to = name_in(&detail["to"]);
    let current = row.person.as_deref();
    let somebody = to.or(current).or(from).unwrap_or("somebody");
    let before = from.or(current).unwrap_or("somebody");
    let photo = text_in(detail, "photo");
    match row.action.as_str() {
        "person_created" => format!("{who} added {somebody}."),
        "person_renamed" => format!("{who} renamed {before} to {somebody}."),
        "person_merged" => format!("{who} merged {before} into {somebody}."),
        "merge_undone" => {
            format!("{who} undid the merge of {}.", to.or(from).or(current).unwrap_or("somebody"))
        }
        "person_deleted" => format!("{who} deleted {before}."),
        "photo_enrolled" => with(format!("{who} added a known photo of {somebody}"), photo),
        "photo_forgotten" => with(format!("{who} forgot a known photo of {before}"), photo),
        "face_assigned" => match from.filter(|_| detail["from"]["outcome"] == "identified") {
            Some(from) if Some(from) != to => format!("{who} said that a face is {somebody}, not {from}."),
            _ => format!("{who} said that a face is {somebody}."),
        },
        "face_unassigned" => format!("{who} took back that a face is {before}."),
        "face_refused" => format!("{who} said that a face is not {}.", to.or(current).unwrap_or("somebody")),
        "face_unrefused" => format!("{who} took back that a face is not {before}."),
        "face_redecided" => {
            format!(
                "{who} decided a face again: {}, before {}.",
                outcome(&detail["to"]),
                outcome(&detail["from"])
            )
        }
        "image_deleted" => with(format!("{who} deleted a picture"), text_in(detail, "path").or(from)),
        "image_rerun" => format!("{who} asked for another look at a picture."),
        "image_retried" => format!("{who} had a picture tried again that had failed."),
        "picture_uploaded" => with(format!("{who} uploaded a picture"), text_in(detail, "path").or(to)),
        "group_named" => match number_in(detail, "faces") {
            Some(1) => format!("{who} said that a group of one face is {somebody}."),
            Some(faces) => format!("{who} said that a group of {faces} faces is {somebody}."),
            None => format!("{who} said that a group of faces is {somebody}."),
        },
        other => format!("{who}: {}.", other.replace('_', " ")),
    }
}

fn actor(actor: &str) -> &str {
    match actor {
        "engine" => "Rollcall",
        "token" => "Somebody with the token",
        "local" => "Somebody on this machine",
        name => name,
    }
}

fn with(begin: String, what: Option<&str>) -> String {
    match what {
        Some(what) => format!("{begin}: {what}"),
        None => begin + ".",
    }
}

/// A name: itself, or of somebody, or of the somebody whom a decision or a rule names.
fn name_in(value: &Value) -> Option<&str> {
    let named = [value, &value["name"], &value["person"]["name"], &value["not"]["name"]];
    named.into_iter().find_map(Value::as_str)
}

/// A text beside "from" and "to", or in one of them.
fn text_in<'a>(detail: &'a Value, word: &str) -> Option<&'a str> {
    [detail, &detail["to"], &detail["from"]].into_iter().find_map(|value| value[word].as_str())
}

fn number_in(detail: &Value, word: &str) -> Option<u64> {
    [detail, &detail["to"], &detail["from"]].into_iter().find_map(|value| value[word].as_u64())
}

/// What came of a face, in words.
fn outcome(decision: &Value) -> String {
    match (decision["outcome"].as_str(), name_in(decision)) {
        (Some("identified") | None, Some(name)) => name.to_owned(),
        (Some("ambiguous"), Some(name)) => format!("perhaps {name}"),
        (Some("unknown"), _) => "nobody we know".to_owned(),
        (Some("low_quality"), _) => "not clear enough".to_owned(),
        (Some(other), _) => other.replace('_', " "),
        (None, None) => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sqlx::types::Json;
    use time::OffsetDateTime;

    use super::*;

    fn said(actor: &str, action: &str, person: Option<&str>, detail: Value) -> String {
        of(&AuditRow {
            id: 1,
            at: OffsetDateTime::UNIX_EPOCH,
            actor: actor.to_owned(),
            action: action.to_owned(),
            person_id: person.map(|_| 3),
            person: person.map(str::to_owned),
            image_id: None,
            has_image: false,
            detail: Json(detail),
        })
    }

    #[test]
    fn each_change_is_a_sentence() {
        let person = |name: &str| json!({ "outcome": "identified", "person": { "id": 3, "name": name } });
        let table = [
            ("person_renamed", json!({ "from": "Bob", "to": "Robert" }), "Ann renamed Bob to Robert."),
            ("person_created", json!({ "from": null, "to": { "id": 3, "name": "Bob" } }), "Ann added Bob."),
            (
                "person_merged",
                json!({ "from": { "id": 4, "name": "Rob" }, "to": { "id": 3, "name": "Bob" } }),
                "Ann merged Rob into Bob.",
            ),
            ("person_deleted", json!({ "from": { "id": 3, "name": "Bob" }, "to": null }), "Ann deleted Bob."),
            (
                "face_assigned",
                json!({ "from": { "outcome": "unknown", "person": null }, "to": person("Bob") }),
                "Ann said that a face is Bob.",
            ),
            (
                "face_assigned",
                json!({ "from": person("Cy"), "to": person("Bob") }),
                "Ann said that a face is Bob, not Cy.",
            ),
            (
                "face_redecided",
                json!({ "from": { "outcome": "unknown", "person": null }, "to": person("Bob") }),
                "Ann decided a face again: Bob, before nobody we know.",
            ),
            (
                "face_refused",
                json!({ "from": person("Cy"), "to": { "not": { "id": 4, "name": "Dora" } } }),
                "Ann said that a face is not Dora.",
            ),
            (
                "face_unrefused",
                json!({ "from": { "not": { "id": 4, "name": "Dora" } }, "to": { "not": null } }),
                "Ann took back that a face is not Dora.",
            ),
            (
                "photo_enrolled",
                json!({ "to": { "photo": "bob_2.jpg" } }),
                "Ann added a known photo of Now: bob_2.jpg",
            ),
            (
                "picture_uploaded",
                json!({ "path": "/uploads/a.jpg" }),
                "Ann uploaded a picture: /uploads/a.jpg",
            ),
            (
                "group_named",
                json!({ "faces": 12, "to": person("Bob") }),
                "Ann said that a group of 12 faces is Bob.",
            ),
            ("something_new", json!({}), "Ann: something new."),
        ];
        for (action, detail, sentence) in table {
            assert_eq!(said("Ann", action, Some("Now"), detail), sentence);
        }
    }

    #[test]
    fn every_action_says_something_without_any_detail() {
        for action in [
            "person_created",
            "person_renamed",
            "person_merged",
            "merge_undone",
            "person_deleted",
            "photo_enrolled",
            "photo_forgotten",
            "face_assigned",
            "face_unassigned",
            "face_refused",
            "face_unrefused",
            "face_redecided",
            "image_deleted",
            "image_rerun",
            "image_retried",
            "picture_uploaded",
            "group_named",
        ] {
            for detail in [json!({}), json!(null), json!([1]), json!({ "from": 7, "to": [] })] {
                let sentence = said("engine", action, None, detail);
                assert!(sentence.starts_with("Rollcall ") && sentence.ends_with('.'), "{sentence}");
                assert!(!sentence.contains('_'), "{sentence}");
            }
        }
    }
}
