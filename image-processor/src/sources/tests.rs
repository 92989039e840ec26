//! Pictures fetched from a server of ours, and from where nobody may fetch. What needs a name or an address outside of this
//! machine stays in the pure tests.

use std::net::{Ipv4Addr, SocketAddr};

use rollcall_tests::scripted_web_server::{Page, ScriptedWebServer};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::*;
use crate::retry::Blame;

/// A picture of one pixel. The recogniser is not asked here, so that it may be small.
const PICTURE: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
/// Enough for a server on this machine.
const IN_TIME: Duration = Duration::from_secs(10);
const LIMIT: usize = 100_000;

fn sources(allowed: &str, timeout: Duration) -> Sources {
    let connector = Connector::default();
    let allowed = allowed.parse().expect("a list");
    Sources(Some(Fetching {
        web: Web::new(connector, allowed, LIMIT),
        objects: None,
        timeout,
        thumbnails: Thumbnails::new(Path::new("/nowhere")),
    }))
}

async fn bring(allowed: SocketAddr, address: &str) -> Result<Bytes, Failure> {
    match sources(&allowed.to_string(), IN_TIME).bring(address).await? {
        Picture::Fetched(fetched) => Ok(fetched.bytes),
        Picture::File(path) => panic!("{path} was not fetched"),
    }
}

/// The first answer of a server that knows one page, at `/a`.
async fn bring_page(page: Page) -> anyhow::Result<Result<Bytes, Failure>> {
    let server = ScriptedWebServer::start().await?;
    server.put("/a", [page]);
    Ok(bring(server.address(), &server.url("/a")).await)
}

fn code_and_blame<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> (String, Blame) {
    let failure = outcome.expect_err("it fails");
    (failure.code, failure.blame)
}

const LATER: Blame = Blame::Source { retry_after: Duration::ZERO };

#[tokio::test]
async fn a_picture_is_fetched_whatever_type_is_told_as_long_as_it_may_be_one() -> anyhow::Result<()> {
    for kind in ["image/gif", "image/jpeg", "application/octet-stream"] {
        assert_eq!(bring_page(Page::file(kind, PICTURE)).await?, Ok(PICTURE.into()), "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn a_path_below_the_image_root_is_not_fetched() {
    let brought = sources("", IN_TIME).bring("/photos/a.jpg").await;

    let path = PicturePath::parse("/photos/a.jpg", Path::new("/")).expect("a path");
    assert_eq!(brought, Ok(Picture::File(path)));
}

#[tokio::test]
async fn what_is_no_picture_fails_for_good() -> anyhow::Result<()> {
    let image = |code: &str| (code.to_owned(), Blame::Image);
    let table = [
        (Page::file("text/html", b"<!doctype html>"), image("not_an_image")),
        (Page::file("image/jpeg", b"<!doctype html>"), image("not_an_image")),
        (Page::file("image/jpeg", b""), image("empty_file")),
        (Page::file("image/gif", &vec![0; LIMIT + 1]), image("file_too_large")),
        (Page::Endless, image("file_too_large")),
        (Page::status(404), image("source_missing")),
        (Page::status(403), image("source_denied")),
        (Page::redirect("/a"), image("too_many_redirects")),
        (Page::redirect("file:///etc/passwd"), image("redirect_refused")),
        (Page::redirect("http://me:word@127.0.0.1/"), image("redirect_refused")),
    ];
    for (page, expected) in table {
        let told = format!("{page:?}").chars().take(100).collect::<String>();
        assert_eq!(code_and_blame(bring_page(page).await?), expected, "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn what_may_be_mended_costs_an_attempt() -> anyhow::Result<()> {
    let later = |code: &str| (code.to_owned(), LATER);
    let lying =
        |length: &str| Page::Raw(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nGIF89a").into());
    let table = [
        (Page::status(503), later("source_unavailable")),
        (lying("1000"), later("source_unreachable")),
        (lying("a few"), later("source_unreachable")),
        (Page::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec()), later("source_unreachable")),
        (Page::Raw(Vec::new()), later("source_unreachable")),
    ];
    for (page, expected) in table {
        let told = format!("{page:?}");
        assert_eq!(code_and_blame(bring_page(page).await?), expected, "{told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_is_read_no_further_than_its_length_was_said_to_be() -> anyhow::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", PICTURE.len());
    let more = [head.as_bytes(), PICTURE, b"more"];

    assert_eq!(bring_page(Page::Raw(more.concat())).await?, Ok(PICTURE.into()));
    Ok(())
}

#[tokio::test]
async fn a_length_above_the_limit_is_believed_at_once() -> anyhow::Result<()> {
    let large = Page::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n".to_vec());

    assert_eq!(code_and_blame(bring_page(large).await?), ("file_too_large".to_owned(), Blame::Image));
    Ok(())
}

#[tokio::test]
async fn a_server_says_how_long_it_wants_to_be_left_alone() -> anyhow::Result<()> {
    let headers = vec![("Retry-After", "90".to_owned())];
    let busy = Page::Answer { status: 429, headers, body: Vec::new() };

    let retry_after = Duration::from_secs(90);
    assert_eq!(code_and_blame(bring_page(busy).await?).1, Blame::Source { retry_after });
    Ok(())
}

#[tokio::test]
async fn what_drips_is_given_up_when_its_time_is_over() -> anyhow::Result<()> {
    let server = ScriptedWebServer::start().await?;
    server.put("/a", [Page::Drips]);
    let impatient = sources("127.0.0.1", Duration::from_millis(300));

    let brought = impatient.bring(&server.url("/a")).await;

    assert_eq!(code_and_blame(brought), ("source_too_slow".to_owned(), LATER));
    Ok(())
}

#[tokio::test]
async fn a_redirect_is_followed_to_where_the_picture_is() -> anyhow::Result<()> {
    let server = ScriptedWebServer::start().await?;
    server.put("/a", [Page::redirect("/b?size=1#face")]);
    server.put("/b?size=1", [Page::redirect(&server.url("/c"))]);
    server.put("/c", [Page::file("image/gif", PICTURE)]);

    assert_eq!(bring(server.address(), &server.url("/a")).await, Ok(PICTURE.into()));
    assert_eq!(server.asked(), ["/a", "/b?size=1", "/c"]);
    Ok(())
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_sixth() -> anyhow::Result<()> {
    let server = ScriptedWebServer::start().await?;
    for step in 0..6 {
        server.put(&format!("/{step}"), [Page::redirect(&format!("/{}", step + 1))]);
    }
    server.put("/6", [Page::file("image/gif", PICTURE)]);

    assert_eq!(bring(server.address(), &server.url("/1")).await, Ok(PICTURE.into()));
    let too_many = bring(server.address(), &server.url("/0")).await;
    assert_eq!(code_and_blame(too_many).0, "too_many_redirects");
    Ok(())
}

#[tokio::test]
async fn a_redirect_to_where_nobody_may_fetch_is_not_followed() -> anyhow::Result<()> {
    let (server, inner) = (ScriptedWebServer::start().await?, ScriptedWebServer::start().await?);
    inner.put("/a", [Page::file("image/gif", PICTURE)]);
    let port = inner.address().port();
    let forbidden = [
        inner.url("/a"),
        format!("http://localhost:{port}/a"),
        format!("http://[::1]:{port}/a"),
        format!("http://[::ffff:127.0.0.1]:{port}/a"),
        format!("http://0.0.0.0:{port}/a"),
        format!("http://2130706433:{port}/a"),
        format!("//127.1:{port}/a"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ];
    for to in forbidden {
        server.put("/a", [Page::redirect(&to)]);
        let brought = bring(server.address(), &server.url("/a")).await;
        assert_eq!(code_and_blame(brought), ("address_forbidden".to_owned(), Blame::Image), "{to}");
    }
    assert_eq!(inner.asked(), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_unless_it_is_allowed() -> anyhow::Result<()> {
    let server = ScriptedWebServer::start().await?;
    server.put("/a", [Page::file("image/gif", PICTURE)]);
    let port = server.address().port();
    let address = format!("http://localhost:{port}/a");
    for allowed in ["", "other.example", "localhost:1"] {
        let brought = sources(allowed, IN_TIME).bring(&address).await;
        let failure = brought.expect_err("it is refused");
        assert_eq!(
            (failure.code.as_str(), failure.blame),
            ("address_forbidden", Blame::Image),
            "{allowed:?}"
        );
        assert!(failure.detail.contains("localhost") && failure.detail.contains("FETCH_ALLOW"), "{failure}");
    }
    assert_eq!(server.asked(), [""; 0]);

    for allowed in ["localhost".to_owned(), format!("localhost:{port}"), "127.0.0.0/8".to_owned()] {
        assert!(sources(&allowed, IN_TIME).bring(&address).await.is_ok(), "{allowed}");
    }
    Ok(())
}

#[tokio::test]
async fn where_nobody_listens_the_picture_may_be_there_later() -> anyhow::Result<()> {
    let address = ScriptedWebServer::start().await?.address();

    let brought = bring(address, &format!("http://{address}/a")).await;

    assert_eq!(code_and_blame(brought), ("source_unreachable".to_owned(), LATER));
    Ok(())
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_reached_by_https() -> anyhow::Result<()> {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = server.local_addr()?;
    let greet = async { server.accept().await?.0.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await };

    let url = format!("https://{address}/a");
    let (greeted, brought) = tokio::join!(greet, bring(address, &url));

    greeted?;
    assert_eq!(code_and_blame(brought), ("source_unreachable".to_owned(), LATER));
    Ok(())
}

#[tokio::test]
async fn without_an_object_store_its_pictures_fail_for_good() {
    let brought = sources("", IN_TIME).bring("s3://photos/a.jpg").await;

    assert_eq!(code_and_blame(brought), ("s3_not_configured".to_owned(), Blame::Image));
}
