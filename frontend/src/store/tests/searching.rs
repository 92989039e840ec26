//! Searches: what an index does not decide is checked within a budget.

use super::*;

/// More than two pages may be looked through for.
const MANY: u64 = 22_000;

async fn insert_many(pool: &MySqlPool) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO images (id, path, path_hash, next_attempt_at, created_at, updated_at)
         WITH RECURSIVE digits AS (SELECT 0 AS digit UNION ALL SELECT digit + 1 FROM digits WHERE digit < 9),
              numbers AS (SELECT 1 + a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit AS number
                          FROM digits a, digits b, digits c, digits d, digits e)
         SELECT number, CONCAT('/', number, '.jpg'), UNHEX(SHA2(number, 256)), UTC_TIMESTAMP(6),
                '2024-01-01' + INTERVAL number MINUTE, UTC_TIMESTAMP(6)
         FROM numbers WHERE number <= ?",
    )
    .bind(MANY)
    .execute(pool)
    .await?;
    Ok(())
}

async fn search(store: &Store, filter: &Filter, position: Position) -> Result<Images, StoreError> {
    let view = View { filter: filter.clone(), position };
    Ok(store.images(&view, PAGE).await?.expect("everybody who is looked for is known"))
}

fn ids(images: &Images) -> Vec<u64> {
    images.rows.iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_search_ends_where_its_budget_does_and_goes_on_from_there() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_many(&database.pool).await?;
    sqlx::query("UPDATE images SET path = '/Needle.jpg' WHERE id IN (5, 21000)")
        .execute(&database.pool)
        .await?;
    let filter = Filter { text: Some("needle".to_owned()), ..Filter::default() };

    let first = search(&store, &filter, Position::Newest).await?;
    assert_eq!((ids(&first), first.looked_to), (vec![21_000], Some(12_001)));
    assert_eq!((first.newer, first.older), (None, Some(Position::Before(12_001))));

    let second = search(&store, &filter, Position::Before(12_001)).await?;
    assert_eq!((ids(&second), second.looked_to), (vec![], Some(2_001)));

    let third = search(&store, &filter, Position::Before(2_001)).await?;
    assert_eq!((ids(&third), third.looked_to, third.older), (vec![5], None, None));
    assert!(third.newer.is_some(), "there may be newer ones beyond the budget");

    let back = search(&store, &filter, Position::After(5)).await?;
    assert_eq!((ids(&back), back.newer), (vec![], Some(Position::After(10_005))));
    Ok(())
}

#[tokio::test]
async fn a_search_that_finds_a_page_looks_no_further() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_many(&database.pool).await?;
    let filter = Filter { text: Some("9.jpg".to_owned()), ..Filter::default() };

    let page = search(&store, &filter, Position::Newest).await?;

    assert_eq!((ids(&page), page.looked_to), (vec![21_999, 21_989, 21_979], None));
    assert_eq!(page.older, Some(Position::Before(21_979)));
    let next = search(&store, &filter, Position::Before(21_979)).await?;
    assert_eq!((ids(&next), next.newer), (vec![21_969, 21_959, 21_949], Some(Position::After(21_969))));
    let back = search(&store, &filter, Position::After(21_969)).await?;
    assert_eq!((ids(&back), back.newer), (vec![21_999, 21_989, 21_979], None));
    Ok(())
}

#[tokio::test]
async fn a_time_in_the_middle_is_found_without_a_look_at_the_rest() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_many(&database.pool).await?;
    let filter = Filter {
        from: Some(datetime!(2024-01-02 00:00 UTC)),
        until: Some(datetime!(2024-01-02 00:03 UTC)),
        ..Filter::default()
    };

    let page = search(&store, &filter, Position::Newest).await?;

    assert_eq!((ids(&page), page.looked_to), (vec![1442, 1441, 1440], None));
    assert_eq!((page.newer, page.older), (None, None));
    Ok(())
}

#[tokio::test]
async fn the_pictures_of_a_person_are_those_in_which_they_were_identified_each_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 6).await?;
    let john = Some(insert_person(&database.pool, "John Doe").await?);
    let jane = Some(insert_person(&database.pool, "Jane Doe").await?);
    for (image, person, outcome) in [
        (1, john, "identified"),
        (2, john, "identified"),
        (2, john, "identified"),
        (3, jane, "identified"),
        (4, john, "ambiguous"),
        (5, john, "identified"),
        (6, john, "identified"),
    ] {
        insert_face(&database.pool, image, person, outcome).await?;
    }
    sqlx::query("UPDATE images SET status = 1 WHERE id IN (2, 6)").execute(&database.pool).await?;
    let of = |standing| Filter { standing, person: Some("John Doe".to_owned()), ..Filter::default() };

    let all = search(&store, &of(Standing::All), Position::Newest).await?;
    assert_eq!((ids(&all), all.older), (vec![6, 5, 2], Some(Position::Before(2))));
    let rest = search(&store, &of(Standing::All), Position::Before(2)).await?;
    assert_eq!((ids(&rest), rest.newer, rest.older), (vec![1], Some(Position::After(1)), None));
    let processed = search(&store, &of(Standing::Status(ImageStatus::Processed)), Position::Newest).await?;
    assert_eq!((ids(&processed), processed.older), (vec![6, 2], None));
    let nobody = Filter { person: Some("john doe".to_owned()), ..Filter::default() };
    assert!(store.images(&View::newest(nobody), PAGE).await?.is_none());
    Ok(())
}
