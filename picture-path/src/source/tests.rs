//! Which texts are addresses of one picture, and which are refused.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<PictureSource, SourceError> {
    PictureSource::parse(text, Path::new("/srv/photos"))
}

fn normal(text: &str) -> Result<String, SourceError> {
    parse(text).map(|source| source.to_string())
}

#[test]
fn different_spellings_of_one_address_have_one_normal_form() {
    let table = [
        ("HTTPS://Example.ORG:443/a%20b/../c.jpg?size=1#face", "https://example.org/c.jpg?size=1"),
        ("http://example.org", "http://example.org/"),
        ("http://example.org:80/a b.jpg", "http://example.org/a%20b.jpg"),
        ("http://example.org:8080/A.jpg", "http://example.org:8080/A.jpg"),
        ("http://0x7f.1/a.jpg", "http://127.0.0.1/a.jpg"),
        ("http://2130706433/a.jpg", "http://127.0.0.1/a.jpg"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://bücher.example/a.jpg", "http://xn--bcher-kva.example/a.jpg"),
        ("S3://photos/2024/A b.jpg", "s3://photos/2024/A b.jpg"),
        ("s3://photos/100%?#.jpg", "s3://photos/100%?#.jpg"),
        ("/srv/photos//a.jpg", "/a.jpg"),
    ];
    for (text, expected) in table {
        assert_eq!(normal(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn an_address_that_cannot_be_asked_is_refused_with_its_code() {
    let table = [
        ("http://", "address_malformed"),
        ("https://exa mple.org/a.jpg", "address_malformed"),
        ("http://example.org:99999/a.jpg", "address_malformed"),
        ("http://1.2.3.256/", "address_malformed"),
        ("https://user@example.org/a.jpg", "address_with_password"),
        ("https://user:word@example.org/a.jpg", "address_with_password"),
        ("https://:word@example.org/a.jpg", "address_with_password"),
        ("s3://photos", "address_malformed"),
        ("s3://photos/", "address_malformed"),
        ("s3://ab/a.jpg", "address_malformed"),
        ("s3://Photos/a.jpg", "address_malformed"),
        ("s3://pho_tos/a.jpg", "address_malformed"),
        ("s3://user:word@photos/a.jpg", "address_malformed"),
        ("s3://a..b/a.jpg", "address_malformed"),
        ("s3://.photos/a.jpg", "address_malformed"),
        ("s3://photos/../secrets/a.jpg", "address_malformed"),
        ("s3://photos//a.jpg", "address_malformed"),
        ("s3://photos/a\n.jpg", "address_malformed"),
        ("http://example.org/\0", "path_malformed"),
        ("/..", "path_outside_root"),
    ];
    for (text, code) in table {
        assert_eq!(parse(text).map_err(SourceError::code).err(), Some(code), "{text:?}");
    }
}

#[test]
fn other_schemes_are_paths_as_they_always_were() {
    for (text, path) in
        [("ftp://example.org/a.jpg", "/ftp:/example.org/a.jpg"), ("httpx", "/httpx"), ("é", "/é")]
    {
        assert_eq!(normal(text).as_deref(), Ok(path), "{text}");
    }
}

#[test]
fn an_address_is_refused_one_character_above_the_limit() {
    let web = "http://example.org/".to_owned();
    let fits = web.clone() + &"a".repeat(MAX_CHARACTERS - web.len());
    let key = "s3://photos/".to_owned() + &"a".repeat(1024);

    assert_eq!(normal(&fits).as_deref(), Ok(fits.as_str()));
    assert_eq!(normal(&(fits + "a")), Err(SourceError::TooLong));
    assert_eq!(normal(&key).as_deref(), Ok(key.as_str()));
    assert_eq!(normal(&(key + "a")), Err(SourceError::Key));
}

#[test]
fn a_key_keeps_its_folders() {
    let Ok(PictureSource::Object(object)) = parse("s3://photos/2024/may/a.jpg") else {
        panic!("it is an object's address")
    };

    assert_eq!((object.bucket(), object.key()), ("photos", "2024/may/a.jpg"));
}

#[test]
fn a_redirect_leads_on_from_the_address_that_was_asked() {
    let Ok(PictureSource::Web(here)) = parse("https://example.org/photos/a.jpg") else {
        panic!("it is a web address")
    };
    let table = [
        ("b.jpg", Ok("https://example.org/photos/b.jpg")),
        ("/b.jpg", Ok("https://example.org/b.jpg")),
        ("//other.example/b.jpg", Ok("https://other.example/b.jpg")),
        ("http://other.example/", Ok("http://other.example/")),
        ("ftp://other.example/", Err(SourceError::NotWeb)),
        ("file:///etc/passwd", Err(SourceError::NotWeb)),
        ("https://user:word@other.example/", Err(SourceError::Credentials)),
    ];
    for (to, expected) in table {
        let led = here.redirected(to).map(|address| address.to_string());
        assert_eq!(led, expected.map(str::to_owned), "{to}");
    }
}

proptest! {
    #[test]
    fn a_normal_form_is_its_own_normal_form(
        scheme in "(http|HTTPS|s3|S3|ftp)?(://|:/|)",
        rest in r"[a-cA-C0-9.:/@%?#\[\]\\ ~ä\-]{0,40}",
    ) {
        let root = Path::new("/a/b");
        if let Ok(source) = PictureSource::parse(&format!("{scheme}{rest}"), root) {
            let again = PictureSource::parse(source.as_str(), root);
            prop_assert_eq!(again.as_ref(), Ok(&source));
            prop_assert_eq!(again.map(|again| again.hash()), Ok(source.hash()));
        }
    }
}
