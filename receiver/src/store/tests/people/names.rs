//! Who there is, and what they are called.

use serde_json::json;

use super::*;
use crate::person_ref::PersonRef;

#[tokio::test]
async fn somebody_new_is_there_and_the_trail_says_who_made_them() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    let id = store.create_person(&ann(), &name("José")).await?;

    let person = store.person(id).await?;
    assert_eq!(person, CountedPerson { id, name: "José".to_owned(), photos: 0, images: 0 });
    let to = json!({"from": null, "to": {"person": {"id": id, "name": "José"}}});
    assert_eq!(trail(&database.pool).await?, [("person_created".to_owned(), Some(id), None, None, to)]);
    Ok(())
}

#[tokio::test]
async fn a_name_is_had_by_one_person_whatever_becomes_of_them() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let ann_lee = store.create_person(&ann(), &name("Ann Lee")).await?;
    let annie = store.create_person(&ann(), &name("Annie")).await?;
    store.merge_people(&ann(), annie, ann_lee).await?;
    let before = actions(&database.pool).await?;

    let taken = refusal(store.create_person(&ann(), &name("Ann Lee")).await);
    let merged = refusal(store.create_person(&ann(), &name("Annie")).await);
    let renamed = refusal(store.rename_person(&ann(), ann_lee, &name("Annie")).await);
    store.create_person(&ann(), &name("ann lee")).await?;

    let by = Refusal::NameTaken(PersonRef { id: ann_lee, name: "Ann Lee".to_owned() });
    assert_eq!([taken, merged, renamed], [by.clone(), by.clone(), by]);
    assert_eq!(actions(&database.pool).await?.len(), before.len() + 1);
    Ok(())
}

#[tokio::test]
async fn two_who_make_the_same_person_at_once_make_one() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (actor, name) = (ann(), name("Ann"));

    let (one, other) = tokio::join!(store.create_person(&actor, &name), store.create_person(&actor, &name));

    assert_ne!(one.is_ok(), other.is_ok(), "{one:?} {other:?}");
    assert_eq!(actions(&database.pool).await?, ["person_created"]);
    Ok(())
}

#[tokio::test]
async fn somebody_has_another_name_and_twice_the_same_is_told_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_person(&database.pool, "Ann").await?;

    store.rename_person(&ann(), id, &name("Ann Lee")).await?;
    store.rename_person(&ann(), id, &name("Ann Lee")).await?;

    assert_eq!(store.person(id).await?.name, "Ann Lee");
    let person = |name| json!({"person": {"id": id, "name": name}});
    let detail = json!({"from": person("Ann"), "to": person("Ann Lee")});
    assert_eq!(trail(&database.pool).await?, [("person_renamed".to_owned(), Some(id), None, None, detail)]);
    Ok(())
}

#[tokio::test]
async fn who_is_not_there_or_is_somebody_else_is_told_as_such() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (one, other) = (insert_person(&database.pool, "A").await?, insert_person(&database.pool, "B").await?);
    store.merge_people(&ann(), one, other).await?;
    let root = PersonRef { id: other, name: "B".to_owned() };

    let merged = refusal(store.person(one).await);
    let renamed = refusal(store.rename_person(&ann(), one, &name("C")).await);
    let unknown = refusal(store.person(other + 1).await);
    let nobody = refusal(store.rename_person(&ann(), other + 1, &name("C")).await);

    let expected = Refusal::MergedPerson { id: one, root };
    assert_eq!([merged, renamed], [expected.clone(), expected]);
    assert_eq!([unknown, nobody], [Refusal::UnknownPerson(other + 1), Refusal::UnknownPerson(other + 1)]);
    Ok(())
}

#[tokio::test]
async fn people_are_listed_by_name_in_pages_with_what_there_is_of_them() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut ids = Vec::new();
    for name in ["Bob", "Ann", "100% Carl", "Annie"] {
        ids.push(insert_person(&database.pool, name).await?);
    }
    let [bob, ann_lee, carl, annie] = ids[..] else { panic!("four people") };
    sqlx::query(
        "INSERT INTO person_images (image_name, person_id) VALUES ('a.jpg', ?), ('b.jpg', ?), ('c.jpg', ?)",
    )
    .bind(ann_lee)
    .bind(annie)
    .bind(bob)
    .execute(&database.pool)
    .await?;
    store.merge_people(&ann(), annie, ann_lee).await?;
    let (face, image) = insert_face(&database, &store, "/a.jpg").await?;
    let twin = reading::insert_plain_face(&database.pool, image, 0.5).await?;
    let unsure = insert_face(&database, &store, "/b.jpg").await?.0;
    for face in [face, twin, unsure] {
        set_person(&database.pool, face, ann_lee, None).await?;
    }
    sqlx::query("UPDATE faces SET outcome = 'ambiguous' WHERE id = ?")
        .bind(unsure)
        .execute(&database.pool)
        .await?;

    let all = store.people(None, None, 9).await?;
    let page = store.people(None, Some("100% Carl"), 1).await?;
    let found = store.people(Some("0% c"), None, 9).await?;
    let none = store.people(Some("_"), None, 9).await?;

    let row = |id, name: &str, photos, images| CountedPerson { id, name: name.to_owned(), photos, images };
    assert_eq!(all, [row(carl, "100% Carl", 0, 0), row(ann_lee, "Ann", 2, 1), row(bob, "Bob", 1, 0)]);
    assert_eq!((page, found, none), (all[1..2].to_vec(), all[..1].to_vec(), Vec::new()));
    Ok(())
}
