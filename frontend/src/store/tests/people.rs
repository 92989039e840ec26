//! People, their photos, who turned out to be them, and what was said of faces.

use migrations::FaceVerdict;

use super::*;
use crate::store::people::People;

async fn merge(pool: &MySqlPool, from: u64, into: u64, root: u64) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO person_merges (from_person, into_person, created_at) VALUES (?, ?, '2024-02-29 12:00:00')")
        .bind(from)
        .bind(into)
        .execute(pool)
        .await?;
    sqlx::query("UPDATE person SET merged_into = ? WHERE id = ?").bind(root).bind(from).execute(pool).await?;
    Ok(())
}

async fn insert_photo(pool: &MySqlPool, photo: &str, person: u64) -> sqlx::Result<()> {
    let query = sqlx::query("INSERT INTO person_images (image_name, person_id) VALUES (?, ?)");
    query.bind(photo).bind(person).execute(pool).await?;
    Ok(())
}

fn names(people: &People) -> Vec<&str> {
    people.rows.iter().map(|person| person.name.as_str()).collect()
}

#[tokio::test]
async fn people_come_by_name_a_page_at_a_time_without_those_who_are_somebody_else() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    assert_eq!(store.people(None, "", PAGE).await?, People::default());
    let mut ids = Vec::new();
    for name in ["Dora", "Ann", "Émile", "Bob", "Cy"] {
        ids.push(insert_person(&database.pool, name).await?);
    }
    merge(&database.pool, ids[3], ids[1], ids[1]).await?;

    let first = store.people(None, "", PAGE).await?;
    let rest = store.people(None, "Dora", PAGE).await?;

    assert_eq!(
        (names(&first), first.further.as_deref(), first.is_cut),
        (vec!["Ann", "Cy", "Dora"], Some("Dora"), false)
    );
    assert_eq!((names(&rest), rest.further.as_deref()), (vec!["Émile"], None));
    assert_eq!(names(&store.people(Some("ÉMI"), "", PAGE).await?), ["Émile"]);
    assert_eq!(names(&store.people(Some("%"), "", PAGE).await?), [""; 0], "what is looked for is no pattern");
    assert_eq!(store.names(2).await?, ["Ann", "Cy"]);
    Ok(())
}

#[tokio::test]
async fn a_search_for_somebody_ends_where_its_budget_does_and_goes_on_from_there() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    sqlx::query(
        "INSERT INTO person (name)
         WITH RECURSIVE digits AS (SELECT 0 AS digit UNION ALL SELECT digit + 1 FROM digits WHERE digit < 9)
         SELECT CONCAT('Person ', a.digit, b.digit, c.digit, d.digit) FROM digits a, digits b, digits c, digits d",
    )
    .execute(&database.pool)
    .await?;
    insert_person(&database.pool, "Zoë").await?;

    let first = store.people(Some("zoë"), "", PAGE).await?;
    let second = store.people(Some("zoë"), "Person 9999", PAGE).await?;

    assert_eq!((names(&first), first.further.as_deref(), first.is_cut), (vec![], Some("Person 9999"), true));
    assert_eq!((names(&second), second.further.as_deref(), second.is_cut), (vec!["Zoë"], None, false));
    Ok(())
}

#[tokio::test]
async fn photos_and_pictures_are_counted_with_those_of_who_was_merged() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 3).await?;
    let ann = insert_person(&database.pool, "Ann").await?;
    let bob = insert_person(&database.pool, "Bob").await?;
    let cy = insert_person(&database.pool, "Cy").await?;
    merge(&database.pool, bob, ann, ann).await?;
    for (photo, person) in [("z.jpg", ann), ("b.jpg", bob), ("c.jpg", cy)] {
        insert_photo(&database.pool, photo, person).await?;
    }
    for (image, outcome) in [(1, "identified"), (2, "identified"), (2, "identified"), (3, "unknown")] {
        insert_face(&database.pool, image, Some(ann), outcome).await?;
    }
    let people = store.people(None, "", PAGE).await?.rows;

    let known = store.known_of(&people).await?;

    let of = |at_least| Count { at_least, is_exact: true };
    let photo = |name: &str| Some(name.to_owned());
    assert_eq!(known[&ann], Known { photos: 2, photo: photo("b.jpg"), pictures: of(2), face: Some(3) });
    assert_eq!(known[&cy], Known { photos: 1, photo: photo("c.jpg"), ..Known::default() });
    assert_eq!(store.known_of(&[]).await?, HashMap::new());
    let photos = store.photos(ann, 9).await?;
    let owners: Vec<_> =
        photos.iter().map(|photo| (photo.photo.as_str(), photo.owner, &*photo.owner_name)).collect();
    assert_eq!(owners, [("b.jpg", bob, "Bob"), ("z.jpg", ann, "Ann")]);
    assert_eq!(store.photos(ann, 1).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn pictures_of_somebody_are_counted_no_further_than_anybody_wants_to_know() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 1).await?;
    let ann = insert_person(&database.pool, "Ann").await?;
    insert_face(&database.pool, 1, Some(ann), "identified").await?;
    for _ in 0..10 {
        sqlx::query(
            "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                                embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at)
             SELECT image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                    embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at FROM faces",
        )
        .execute(&database.pool)
        .await?;
    }
    let people = store.people(None, "", PAGE).await?.rows;

    let known = store.known_of(&people).await?;

    assert_eq!(known[&ann].pictures, Count { at_least: 1, is_exact: false });
    Ok(())
}

#[tokio::test]
async fn who_was_merged_is_found_as_who_they_are_by_now() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut ids = Vec::new();
    for name in ["Ann", "Bob", "Cy", "Dora"] {
        ids.push(insert_person(&database.pool, name).await?);
    }
    let [ann, bob, cy, dora] = ids[..] else { panic!("four people") };
    // Cy was Bob, then Bob was Ann; Dora was Ann, and is herself again.
    merge(&database.pool, cy, bob, ann).await?;
    merge(&database.pool, bob, ann, ann).await?;
    merge(&database.pool, dora, ann, ann).await?;
    sqlx::query("UPDATE person_merges SET undone_at = UTC_TIMESTAMP(6) WHERE from_person = ?")
        .bind(dora)
        .execute(&database.pool)
        .await?;
    sqlx::query("UPDATE person SET merged_into = NULL WHERE id = ?")
        .bind(dora)
        .execute(&database.pool)
        .await?;

    let ann_row = PersonRow { id: ann, name: "Ann".to_owned() };
    assert_eq!(store.person(cy).await?, Some(ann_row.clone()));
    assert_eq!(store.person_called("Bob").await?, Some(ann_row));
    assert_eq!(store.person(dora).await?.map(|person| person.id), Some(dora));
    assert_eq!((store.person(99).await?, store.person_called("ann").await?), (None, None));

    let merges = store.merges(ann, 9).await?;
    let told: Vec<_> = merges.iter().map(|merge| (merge.id, &*merge.name, &*merge.into_name)).collect();
    assert_eq!(told, [(2, "Bob", "Ann"), (1, "Cy", "Bob")]);
    assert_eq!(merges[0].created_at, datetime!(2024-02-29 12:00 UTC));
    assert_eq!(store.merges(ann, 1).await?.len(), 1);
    assert_eq!(store.merges(dora, 9).await?, []);
    Ok(())
}

#[tokio::test]
async fn what_was_said_of_the_faces_of_an_image_is_said_of_who_they_are_by_now() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 2).await?;
    let ann = insert_person(&database.pool, "Ann").await?;
    let bob = insert_person(&database.pool, "Bob").await?;
    let cy = insert_person(&database.pool, "Cy").await?;
    merge(&database.pool, bob, ann, ann).await?;
    merge(&database.pool, cy, ann, ann).await?;
    for image in [1, 1, 2] {
        insert_face(&database.pool, image, None, "unknown").await?;
    }
    for (face, person, verdict, second) in [
        (1, ann, "is_not", 1),
        (2, bob, "is", 2),
        (1, bob, "is", 3),
        (3, ann, "is", 4),
        (2, ann, "is_not", 5),
        (2, cy, "is_not", 6),
    ] {
        sqlx::query("INSERT INTO face_verdicts VALUES (?, ?, ?, '2024-02-29' + INTERVAL ? SECOND)")
            .bind(face)
            .bind(person)
            .bind(verdict)
            .bind(second)
            .execute(&database.pool)
            .await?;
    }

    let verdicts = store.verdicts(1).await?;

    // The API knows nobody any more who was merged: what was said of Bob is taken back from Ann.
    let verdict = |face_id, said| Verdict { face_id, said, person_id: ann, name: "Ann".to_owned() };
    let expected = [
        verdict(1, FaceVerdict::IsNot),
        verdict(1, FaceVerdict::Is),
        verdict(2, FaceVerdict::Is),
        verdict(2, FaceVerdict::IsNot),
    ];
    assert_eq!(verdicts, expected);
    Ok(())
}
