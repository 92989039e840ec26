//! Open pages hear of what happens.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::*;

/// Who waits for it has failed.
const DEADLINE: Duration = Duration::from_secs(30);

/// An open page.
struct OpenPage {
    events: BodyDataStream,
    heard: String,
}

impl Frontend {
    async fn follow(&self, address: &str, last_event: Option<&str>) -> anyhow::Result<OpenPage> {
        let mut request = Request::builder().uri(address);
        if let Some(id) = last_event {
            request = request.header("last-event-id", id);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty())?).await?;
        anyhow::ensure!(response.status() == StatusCode::OK, "{}", response.status());
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut page = OpenPage { events: response.into_body().into_data_stream(), heard: String::new() };
        page.hear("event: hello").await?;
        Ok(page)
    }

    /// What the page of all images listens to.
    async fn listed(&self) -> anyhow::Result<String> {
        let page = self.get("/").await?;
        let (_, rest) = page.text.split_once("data-address=\"").expect("the page follows");
        let (address, _) = rest.split_once('"').expect("an attribute ends");
        Ok(address.replace("&#38;", "&"))
    }
}

impl OpenPage {
    /// Waits until this was heard; what was heard before it is forgotten.
    async fn hear(&mut self, text: &str) -> anyhow::Result<String> {
        let hearing = async {
            loop {
                if self.heard.contains(text) {
                    return Ok(std::mem::take(&mut self.heard));
                }
                let event = self.events.next().await.expect("the page is told until the process stops")?;
                self.heard.push_str(std::str::from_utf8(&event)?);
            }
        };
        match timeout(DEADLINE, hearing).await {
            Ok(heard) => heard,
            Err(_) => anyhow::bail!("waited for {text:?}; heard {:?}", self.heard),
        }
    }
}

#[tokio::test]
async fn a_row_that_changes_is_told_to_the_pages_that_show_it() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(2).await?;
    frontend.update_images("UPDATE images SET updated_at = '2024-02-29 12:00:00'").await?;
    let mut page = frontend.follow(&frontend.listed().await?, None).await?;

    frontend
        .update_images("UPDATE images SET status = 2, updated_at = UTC_TIMESTAMP(6) WHERE id = 1")
        .await?;

    let event = page.hear("</tr>").await?;
    assert!(
        event.contains("event: row") && event.contains("picture-1\"") && event.contains("failed"),
        "{event}"
    );
    assert!(!event.contains("picture-2\""), "{event}");
    Ok(())
}

#[tokio::test]
async fn a_new_image_is_told_to_the_newest_page_and_to_no_other() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    let mut newest = frontend.follow(&frontend.listed().await?, None).await?;
    let mut other = frontend.follow("/live?rows=1", None).await?;

    frontend.insert_images(2).await?;

    let event = newest.hear("picture-2\"").await?;
    assert!(event.contains("picture-1\""), "the older one comes first: {event}");
    let event = other.hear("</tr>").await?;
    assert!(event.contains("picture-1\"") && !event.contains("picture-2\""), "{event}");
    Ok(())
}

#[tokio::test]
async fn a_page_that_lost_the_connection_hears_what_it_missed() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(3).await?;
    frontend.update_images("UPDATE images SET updated_at = '2024-02-29 12:00:00' WHERE id = 1").await?;
    frontend.update_images("UPDATE images SET updated_at = '2024-02-29 12:01:00' WHERE id = 2").await?;
    let noon_and_a_half = "1709208030000000";

    let mut page = frontend.follow("/live?rows=2,1&new=1&since=1", Some(noon_and_a_half)).await?;

    let event = page.hear("picture-3\"").await?;
    assert!(event.contains("picture-2\"") && !event.contains("picture-1\""), "{event}");
    Ok(())
}

#[tokio::test]
async fn a_page_that_asks_for_nonsense_is_refused() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;

    for address in ["/live?rows=x", "/live?rows=-1", "/live?since=x"] {
        let page = frontend.get(address).await?;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{address}");
    }
    Ok(())
}
