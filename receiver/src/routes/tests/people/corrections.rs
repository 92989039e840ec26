//! Names, merges, and what is said of faces.

use super::*;

#[tokio::test]
async fn people_are_made_renamed_merged_and_unmerged() -> anyhow::Result<()> {
    let scene = Scene::start().await?;

    let made = scene.send("POST", "/people", json!({"name": " Ann "})).await?;
    let other = scene.send("POST", "/people", json!({"name": "Annie"})).await?;
    let renamed = scene.send("PATCH", "/people/1", json!({"name": "Ann Lee"})).await?;
    let merged = scene.send("POST", "/people/2/merge", json!({"into": 1})).await?;
    let told = scene.get("/people/2").await?;
    let list = scene.get("/people?limit=1").await?;
    let undone = scene.send("POST", "/merges/1/undo", Value::Null).await?;

    let person = |id, name: &str| json!({"id": id, "name": name, "photos": [], "images": 0, "merged": []});
    assert_eq!((made.status, made.body), (StatusCode::CREATED, person(1, "Ann")));
    assert_eq!((other.status, renamed.body), (StatusCode::CREATED, person(1, "Ann Lee")));
    assert_eq!((merged.status, &merged.body["merge"]), (StatusCode::OK, &json!(1)));
    assert_eq!(merged.body["person"]["merged"][0]["person"], json!({"id": 2, "name": "Annie"}));
    told.expect_problem("merged", StatusCode::NOT_FOUND, "unknown_person", None);
    assert!(told.body["detail"].to_string().contains("person 1"), "{told:?}");
    let next = &list.body["next"];
    assert_eq!(list.body["people"], json!([{"id": 1, "name": "Ann Lee", "photos": 0, "images": 0}]));
    let rest = scene.get(&format!("/people?limit=1&cursor={}", next.as_str().expect("a cursor"))).await?;
    assert_eq!(rest.body["people"][0]["name"], json!("Annie"), "it is a person again: {rest:?}");
    assert_eq!((undone.status, &undone.body["person"]), (StatusCode::OK, &person(2, "Annie")));
    Ok(())
}

#[tokio::test]
async fn what_people_cannot_be_asked_for_is_told_as_a_problem() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let face = scene.insert_face("/a.jpg").await?;
    scene.send("POST", "/people", json!({"name": "Ann"})).await?;
    scene.send("POST", "/people", json!({"name": "Bob"})).await?;
    let (conflict, wrong, missing) =
        (StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::NOT_FOUND);
    let face_route = format!("/faces/{face}/person");
    let table = [
        ("POST", "/people", json!({"name": "Ann"}), conflict, "name_taken", Some("name")),
        ("POST", "/people", json!({"name": " "}), wrong, "wrong_name", Some("name")),
        ("POST", "/people", json!({"name": "a\nb"}), wrong, "wrong_name", Some("name")),
        ("PATCH", "/people/1", json!({"name": "Bob"}), conflict, "name_taken", Some("name")),
        ("PATCH", "/people/9", json!({"name": "Carl"}), missing, "unknown_person", None),
        ("GET", "/people/9", Value::Null, missing, "unknown_person", None),
        ("GET", "/people/x", Value::Null, wrong, "wrong_shape", Some("id")),
        ("GET", "/people?limit=0", Value::Null, wrong, "wrong_query", Some("limit")),
        ("GET", "/people?cursor=x", Value::Null, wrong, "wrong_cursor", Some("cursor")),
        ("POST", "/people/1/merge", json!({"into": 1}), wrong, "same_person", Some("into")),
        ("POST", "/people/1/merge", json!({"into": 9}), missing, "unknown_person", None),
        ("POST", "/merges/9/undo", Value::Null, missing, "unknown_merge", None),
        ("PUT", "/faces/9/person", json!({"person_id": 1}), missing, "unknown_face", None),
        ("PUT", &face_route, json!({"person_id": 9}), missing, "unknown_person", None),
        ("PUT", &face_route, json!({"person_id": 1, "name": "Ann"}), wrong, "wrong_shape", None),
        ("PUT", &face_route, json!({}), wrong, "wrong_shape", None),
        ("PUT", "/faces/9/not/1", Value::Null, missing, "unknown_face", None),
        ("GET", "/unknown-groups/77", Value::Null, missing, "unknown_group", None),
        ("POST", "/unknown-groups/77/name", json!({"person_id": 1}), missing, "unknown_group", None),
        ("POST", "/unknown-groups/77/name", json!({"person_id": 1, "as": 7}), wrong, "wrong_shape", None),
    ];
    for (method, route, body, status, code, field) in table {
        let answer = scene.send(method, route, body.clone()).await?;
        answer.expect_problem(&format!("{method} {route} {body}"), status, code, field);
    }
    Ok(())
}

#[tokio::test]
async fn a_face_is_who_somebody_says_and_whoever_said_so_is_in_the_trail() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let face = scene.insert_face("/a.jpg").await?;

    let assigned = scene.send("PUT", &format!("/faces/{face}/person"), json!({"name": "Bob"})).await?;
    let again = scene.send("PUT", &format!("/faces/{face}/person"), json!({"person_id": 1})).await?;
    let refused = scene.send("PUT", &format!("/faces/{face}/not/1"), Value::Null).await?;
    let unrefused = scene.send("DELETE", &format!("/faces/{face}/not/1"), Value::Null).await?;
    let unassigned = scene.send("DELETE", &format!("/faces/{face}/person"), Value::Null).await?;

    assert_eq!((assigned.status, &assigned.body["id"]), (StatusCode::OK, &json!(face)));
    assert_eq!(
        (&assigned.body["outcome"], &assigned.body["source"]),
        (&json!("identified"), &json!("person"))
    );
    assert_eq!(again.body, assigned.body);
    for answer in [refused, unrefused, unassigned] {
        assert_eq!((answer.status, &answer.body["id"]), (StatusCode::OK, &json!(face)), "{answer:?}");
    }
    let told = ["person_created", "face_assigned", "face_refused", "face_unrefused"];
    assert_eq!(scene.actors().await?, told.map(|action| ("Ann".to_owned(), action.to_owned())));
    Ok(())
}

#[tokio::test]
async fn a_group_of_unknown_faces_is_listed_looked_into_and_named() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let mut faces = Vec::new();
    for path in ["/a.jpg", "/b.jpg", "/c.jpg"] {
        faces.push(scene.insert_face(path).await?);
    }
    let group = faces[0];

    let groups = scene.get("/unknown-groups").await?;
    let page = scene.get(&format!("/unknown-groups/{group}?limit=2")).await?;
    let next = page.body["next"].as_str().expect("there is more").to_owned();
    let rest = scene.get(&format!("/unknown-groups/{group}?limit=2&cursor={next}")).await?;
    let body = json!({"name": "Bob", "as_of": faces[2], "except": [faces[1]]});
    let named = scene.send("POST", &format!("/unknown-groups/{group}/name"), body).await?;
    let left = scene.get("/unknown-groups").await?;

    let told = |size, sample: &[u64], image| json!({"groups": [{"id": group, "faces": size, "sample": sample, "newest_image": image}], "next": null});
    assert_eq!(groups.body, told(3, &faces, 3));
    assert_eq!(page.body["faces"][0], json!({"id": group, "image_id": 1, "path": "/a.jpg"}));
    assert_eq!((rest.body["faces"].as_array().map(Vec::len), &rest.body["next"]), (Some(1), &Value::Null));
    let expected = json!({"person": {"id": 1, "name": "Bob"}, "faces": 2, "photo": null, "resembles": [], "not_enrolled": null});
    assert_eq!((named.status, named.body), (StatusCode::OK, expected));
    assert_eq!(left.body, told(1, &[faces[1]], 2));
    Ok(())
}

#[tokio::test]
async fn groups_stay_as_they_were_while_somebody_pages_through_them() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let faces = [scene.insert_face("/a.jpg").await?, scene.insert_face("/b.jpg").await?];
    sqlx::query("UPDATE faces SET group_id = id").execute(scene.receiver.pool()).await?;

    let first = scene.get("/unknown-groups?limit=1").await?;
    let late = scene.insert_face("/late.jpg").await?;
    sqlx::query("UPDATE faces SET group_id = ? WHERE id = ?")
        .bind(faces[1])
        .bind(late)
        .execute(scene.receiver.pool())
        .await?;
    let cursor = first.body["next"].as_str().expect("there is more");
    let second = scene.get(&format!("/unknown-groups?limit=1&cursor={cursor}")).await?;

    let seen = [&first, &second]
        .map(|page| (page.body["groups"][0]["id"].clone(), page.body["groups"][0]["faces"].clone()));
    assert_eq!(seen, faces.map(|face| (json!(face), json!(1))));
    Ok(())
}
