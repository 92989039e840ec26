//! People who are one, and who are not after all.

use serde_json::json;

use super::*;
use crate::person_ref::PersonRef;

/// Who each is, and who was merged.
async fn roots(pool: &MySqlPool) -> sqlx::Result<Vec<(u64, Option<u64>)>> {
    sqlx::query_as("SELECT id, merged_into FROM person ORDER BY id").fetch_all(pool).await
}

async fn three(pool: &MySqlPool) -> sqlx::Result<[u64; 3]> {
    Ok([insert_person(pool, "A").await?, insert_person(pool, "B").await?, insert_person(pool, "C").await?])
}

#[tokio::test]
async fn a_chain_of_merges_leads_to_its_last_and_each_can_be_undone() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [a, b, c] = three(&database.pool).await?;

    let first = store.merge_people(&ann(), a, b).await?;
    let second = store.merge_people(&ann(), b, c).await?;
    assert_eq!(roots(&database.pool).await?, [(a, Some(c)), (b, Some(c)), (c, None)]);
    let told: Vec<(u64, u64)> =
        store.merges_of(c).await?.iter().map(|merge| (merge.merge, merge.person)).collect();
    assert_eq!(told, [(first, a), (second, b)]);

    assert_eq!(store.undo_merge(&ann(), first).await?, a);
    assert_eq!(roots(&database.pool).await?, [(a, None), (b, Some(c)), (c, None)]);
    let third = store.merge_people(&ann(), a, c).await?;
    assert_eq!(store.undo_merge(&ann(), second).await?, b);
    assert_eq!(roots(&database.pool).await?, [(a, Some(c)), (b, None), (c, None)]);
    store.undo_merge(&ann(), third).await?;
    assert_eq!(roots(&database.pool).await?, [(a, None), (b, None), (c, None)]);
    Ok(())
}

#[tokio::test]
async fn undoing_the_last_of_a_chain_takes_those_along_who_were_merged_before() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [a, b, c] = three(&database.pool).await?;
    store.merge_people(&ann(), a, b).await?;
    let last = store.merge_people(&ann(), b, c).await?;

    store.undo_merge(&ann(), last).await?;

    assert_eq!(roots(&database.pool).await?, [(a, Some(b)), (b, None), (c, None)]);
    Ok(())
}

#[tokio::test]
async fn a_merge_and_its_undoing_are_told_and_ask_for_every_picture_of_both() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [a, b, c] = three(&database.pool).await?;
    let (best, of_best) = insert_face(&database, &store, "/best.jpg").await?;
    let (second, of_second) = insert_face(&database, &store, "/second.jpg").await?;
    let (said, of_said) = insert_face(&database, &store, "/said.jpg").await?;
    let (other, _) = insert_face(&database, &store, "/other.jpg").await?;
    set_person(&database.pool, best, a, None).await?;
    set_person(&database.pool, second, c, Some(b)).await?;
    set_person(&database.pool, other, c, None).await?;
    sqlx::query("INSERT INTO face_verdicts VALUES (?, ?, 'is_not', UTC_TIMESTAMP(6))")
        .bind(said)
        .bind(a)
        .execute(&database.pool)
        .await?;

    let merge = store.merge_people(&ann(), a, b).await?;
    assert_eq!(wishes(&database.pool).await?, [(of_best, 1), (of_second, 1), (of_said, 1)]);
    store.undo_merge(&ann(), merge).await?;
    assert_eq!(wishes(&database.pool).await?, [(of_best, 2), (of_second, 2), (of_said, 2)]);

    let person = |id, name| json!({"person": {"id": id, "name": name}});
    let entries = [
        (
            "person_merged".to_owned(),
            Some(b),
            None,
            None,
            json!({"from": person(a, "A"), "to": person(b, "B")}),
        ),
        (
            "merge_undone".to_owned(),
            Some(a),
            None,
            None,
            json!({"from": person(b, "B"), "to": person(a, "A")}),
        ),
    ];
    assert_eq!(trail(&database.pool).await?, entries);
    Ok(())
}

#[tokio::test]
async fn a_merge_again_is_the_same_one_and_what_makes_no_sense_is_refused() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [a, b, c] = three(&database.pool).await?;
    let merge = store.merge_people(&ann(), a, b).await?;
    let c_is_unknown = c + 1;

    assert_eq!(store.merge_people(&ann(), a, b).await?, merge);

    let root = PersonRef { id: b, name: "B".to_owned() };
    let merged = Refusal::MergedPerson { id: a, root };
    let table = [
        (store.merge_people(&ann(), b, b).await, Refusal::SamePerson(b)),
        (store.merge_people(&ann(), b, a).await, merged.clone()),
        (store.merge_people(&ann(), c, a).await, merged.clone()),
        (store.merge_people(&ann(), a, c).await, merged),
        (store.merge_people(&ann(), a, c_is_unknown).await, Refusal::UnknownPerson(c_is_unknown)),
        (store.merge_people(&ann(), c_is_unknown, b).await, Refusal::UnknownPerson(c_is_unknown)),
        (store.undo_merge(&ann(), merge + 1).await, Refusal::UnknownMerge(merge + 1)),
    ];
    for (done, expected) in table {
        assert_eq!(refusal(done), expected);
    }
    store.undo_merge(&ann(), merge).await?;
    assert_eq!(refusal(store.undo_merge(&ann(), merge).await), Refusal::MergeUndone(merge));
    assert_eq!(actions(&database.pool).await?, ["person_merged", "merge_undone"]);
    Ok(())
}

#[tokio::test]
async fn merges_at_the_same_time_close_no_circle() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [a, b, c] = three(&database.pool).await?;
    let actor = ann();

    for _ in 0..10 {
        let (ab, bc, ca) = tokio::join!(
            store.merge_people(&actor, a, b),
            store.merge_people(&actor, b, c),
            store.merge_people(&actor, c, a),
        );

        let merges: Vec<u64> =
            [&ab, &bc, &ca].into_iter().filter_map(|done| done.as_ref().ok().copied()).collect();
        let roots = roots(&database.pool).await?;
        let own = roots.iter().filter(|(_, merged_into)| merged_into.is_none()).count();
        assert_eq!(own, 3 - merges.len(), "{ab:?} {bc:?} {ca:?} {roots:?}");
        assert!(own >= 1, "{roots:?}");
        for merge in merges {
            store.undo_merge(&actor, merge).await?;
        }
    }
    Ok(())
}
