//! The table: what it says of each image, its filters, its pages, and what it says without images.

use super::*;

/// For browsers without JavaScript.
const REFRESH: &str = r#"<noscript><meta http-equiv="refresh" content="30"></noscript>"#;

#[tokio::test]
async fn without_pictures_the_page_says_how_to_post_one() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    let page = frontend.get("/").await?;

    page.expect(
        StatusCode::OK,
        &["<title>Persons of Interest</title>", "No pictures yet", "curl -d", REFRESH],
    );
    page.expect_absent(&["<tr id", "aria-label=\"Pages\""]);
    Ok(())
}

#[tokio::test]
async fn without_pictures_of_a_kind_the_page_says_so() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    let table = [
        ("/?status=failed", "No picture is failed"),
        ("/?status=unresolved", "No picture is unresolved"),
        ("/?status=unresolved&reason=no_face", "No picture is unresolved (no face)"),
    ];
    for (address, text) in table {
        let page = frontend.get(address).await?;

        page.expect(StatusCode::OK, &[text, r#"<a href="/">All pictures</a>"#, REFRESH]);
        page.expect_absent(&["<table", "curl -d"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_page_beyond_the_end_leads_to_the_newest_of_its_kind() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    let table = [
        ("/?before=1", "No older pictures", "\"/\""),
        ("/?after=1", "No newer pictures", "\"/\""),
        ("/?status=pending&before=1", "No older pictures", "\"/?status=pending\""),
    ];
    for (address, text, newest) in table {
        let page = frontend.get(address).await?;

        page.expect(StatusCode::OK, &[text, &format!("<a href={newest}>The newest pictures</a>")]);
        page.expect_absent(&["<table", REFRESH, "aria-label=\"Pages\""]);
    }
    Ok(())
}

#[tokio::test]
async fn each_image_says_what_happened_and_what_to_do() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(5).await?;
    frontend
        .update_images(
            "UPDATE images
             SET status = id - 1, reason = IF(id = 5, 'unknown_face', NULL),
                 error_code = IF(id = 3, 'damaged_image', NULL), error_detail = IF(id = 3, 'a <b>bad</b> one', NULL),
                 lease_until = IF(id = 4, '2999-01-01', NULL), updated_at = '2024-05-06 07:08:09'",
        )
        .await?;

    let page = frontend.get("/").await?;

    page.expect(
        StatusCode::OK,
        &[
            "Waiting for a worker.",
            "A &#60;b&#62;bad&#60;/b&#62; one.",
            "Post it again when it is mended.",
            "Being looked at since 2024-05-06 07:08:09 UTC.",
            "A face of nobody we know.",
            "If you know the person, say who it is.",
        ],
    );
    Ok(())
}

#[tokio::test]
async fn a_filter_shows_its_images_and_is_marked_as_the_current_one() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(3).await?;
    frontend.update_images("UPDATE images SET status = 2 WHERE id = 1").await?;
    frontend.update_images("UPDATE images SET status = 4, reason = 'ambiguous' WHERE id = 2").await?;
    let any_reason = r#"<a href="/?status=unresolved" aria-current="true">any reason</a>"#;

    let all = frontend.get("/").await?;
    let failed = frontend.get("/?status=failed").await?;
    let unresolved = frontend.get("/?status=unresolved").await?;
    let ambiguous = frontend.get("/?reason=ambiguous").await?;

    all.expect(StatusCode::OK, &[">/1.jpg", ">/2.jpg", ">/3.jpg", r#"<a href="/" aria-current="true">all "#]);
    all.expect_absent(&["any reason"]);
    failed.expect(StatusCode::OK, &["/1.jpg", r#"<a href="/?status=failed" aria-current="true">failed "#]);
    failed.expect_absent(&["/2.jpg", "/3.jpg", "any reason"]);
    unresolved.expect(StatusCode::OK, &["/2.jpg", any_reason]);
    unresolved.expect_absent(&["/1.jpg", "/3.jpg"]);
    let marked = r#"<a href="/?status=unresolved&#38;reason=ambiguous" aria-current="true">ambiguous</a>"#;
    ambiguous.expect(StatusCode::OK, &["/2.jpg", marked, r#"" aria-current="true">unresolved "#]);
    ambiguous.expect_absent(&["/1.jpg", "/3.jpg", any_reason]);
    Ok(())
}

#[tokio::test]
async fn filters_show_how_many_images_they_have() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(3).await?;
    frontend.update_images("UPDATE images SET status = 2 WHERE id = 1").await?;

    let page = frontend.get("/?status=failed").await?;

    let counts =
        [("all", 3), ("pending", 2), ("processed", 0), ("failed", 1), ("processing", 0), ("unresolved", 0)];
    for (label, count) in counts {
        page.expect(StatusCode::OK, &[&format!(r#">{label} <span class="count">{count}</span></a>"#)]);
    }
    Ok(())
}

#[tokio::test]
async fn the_links_between_pages_keep_the_filter() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(152).await?;
    frontend.update_images("UPDATE images SET status = 2 WHERE id <= 120").await?;

    let newest = frontend.get("/?status=failed").await?;
    let middle = frontend.get("/?status=failed&before=71").await?;
    let oldest = frontend.get("/?status=failed&before=21").await?;

    newest.expect(StatusCode::OK, &[REFRESH, "\"/?status=failed&#38;before=71\" rel=\"next\""]);
    newest.expect_absent(&["rel=\"prev\""]);
    middle.expect(
        StatusCode::OK,
        &[
            "\"/?status=failed&#38;before=21\" rel=\"next\"",
            "\"/?status=failed&#38;after=70\" rel=\"prev\"",
            "href=\"/?status=failed\">Newest</a>",
        ],
    );
    oldest.expect(StatusCode::OK, &["/1.jpg", "\"/?status=failed&#38;after=20\" rel=\"prev\""]);
    oldest.expect_absent(&["rel=\"next\"", REFRESH]);
    Ok(())
}

#[tokio::test]
async fn a_search_finds_pictures_by_part_of_their_path_by_person_and_by_time() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(4).await?;
    frontend.update_images("UPDATE images SET path = '/Party/1.jpg' WHERE id = 1").await?;
    frontend
        .update_images(
            "UPDATE images SET created_at = '2024-02-28 12:00:00' + INTERVAL id - 1 DAY WHERE id <= 2",
        )
        .await?;
    frontend.insert_face(3, "identified", Some("John Doe"), (0, 0, 9, 9)).await?;
    frontend.insert_face(4, "unknown", Some("John Doe"), (0, 0, 9, 9)).await?;
    let table: [(&str, &[u64]); 8] = [
        ("/?q=party", &[1]),
        ("/?q=%2FPARTY", &[1]),
        ("/?q=_.jpg", &[]),
        ("/?q=jpg", &[4, 3, 2, 1]),
        ("/?person=John+Doe", &[3]),
        ("/?from=2024-02-29&until=2024-03-01", &[2]),
        ("/?from=2024-02-29T12:00:01&q=jpg", &[4, 3]),
        ("/?person=John+Doe&status=failed", &[]),
    ];
    for (address, ids) in table {
        let page = frontend.get(address).await?;

        page.expect(StatusCode::OK, &[]);
        let shown: Vec<u64> =
            (1..=4).rev().filter(|id| page.text.contains(&format!("id=\"picture-{id}\""))).collect();
        assert_eq!(shown, ids, "{address}: {}", page.text);
        assert_eq!(page.text.contains("No picture is like that"), ids.is_empty(), "{address}");
    }
    Ok(())
}

#[tokio::test]
async fn who_searches_for_somebody_unknown_is_told() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    let page = frontend.get("/?person=%3Cb%3E").await?;

    page.expect(StatusCode::OK, &["Nobody is called &#60;b&#62;", "value=\"&#60;b&#62;\""]);
    page.expect_absent(&["<b>"]);
    Ok(())
}

#[tokio::test]
async fn the_form_keeps_what_was_looked_for_and_the_kind_of_pictures() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;

    let page = frontend.get("/?status=pending&q=a%22b&from=2024-02-29").await?;

    page.expect(
        StatusCode::OK,
        &[
            r#"<input type="hidden" name="status" value="pending">"#,
            r#"name="q" value="a&#34;b""#,
            r#"name="from" value="2024-02-29T00:00:00""#,
            r#"<a class="button" href="/?status=pending">Clear</a>"#,
            r#"href="/?status=failed&#38;q=a%22b&#38;from=2024-02-29T00:00:00""#,
        ],
    );
    Ok(())
}

#[tokio::test]
async fn faces_are_drawn_over_the_thumbnail_and_named() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(2).await?;
    frontend.update_images("UPDATE images SET width = 640, height = 480 WHERE id = 1").await?;
    frontend.insert_face(1, "identified", Some("<i>John</i>"), (10, 20, 30, 40)).await?;
    frontend.insert_face(2, "unknown", None, (1, 2, 3, 4)).await?;

    let page = frontend.get("/").await?;

    page.expect(
        StatusCode::OK,
        &[
            r#"viewBox="0 0 640 480""#,
            r#"<g class="face identified"><rect x="10" y="20" width="30" height="40"/>"#,
            "&#60;i&#62;John&#60;/i&#62;</text>",
            r#"<a href="/?person=%3Ci%3EJohn%3C/i%3E">"#,
        ],
    );
    page.expect_absent(&[r#"x="1" y="2""#, "<i>"]);
    Ok(())
}
