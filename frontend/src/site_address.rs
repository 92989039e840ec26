//! Addresses within the site. Pure.

use url::form_urlencoded::{self, Serializer};

/// A path with these words behind it; those without a value are left away.
pub(crate) fn with_words(path: &str, words: &[(&str, Option<String>)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in words {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The sign-in page, which leads back to `next`.
pub(crate) fn sign_in(next: &str) -> String {
    let next = within(next);
    // Who signs in comes back to where they were, and that is not the page about it.
    let next = if next.starts_with("/sign-in") { "/" } else { next };
    with_words("/sign-in", &[("next", (next != "/").then(|| next.to_owned()))])
}

/// `next` where it leads to a page of this site, the first page where it leads elsewhere. Browsers take `\` for `/`, leave
/// out control characters, and `//host` leads to another host.
pub(crate) fn within(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_plain && next.starts_with('/') && !next.starts_with("//") { next } else { "/" }
}

/// A text as one part of a path.
fn part(text: &str) -> String {
    // What is encoded for a query is right in a path but for the space.
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

pub(crate) fn image(id: u64) -> String {
    format!("/images/{id}")
}

pub(crate) fn person(id: u64) -> String {
    format!("/people/{id}")
}

/// Where a known photo is seen.
pub(crate) fn known_photo(photo: &str) -> String {
    format!("/known-photos/{}", part(photo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_to_pages_of_this_site_only() {
        for ours in ["/", "/people/3", "/?q=a%20b&after=//x", "/unknown/7#face-1"] {
            assert_eq!(within(ours), ours);
        }
        for other in [
            "",
            "people",
            "//example.org",
            "https://example.org",
            "/\\example.org",
            "\\\\example.org",
            "/\t/example.org",
            "/\n/example.org",
            " /people",
            "javascript:alert(1)",
            "/ü",
        ] {
            assert_eq!(within(other), "/", "{other:?}");
        }
    }

    #[test]
    fn words_are_encoded_and_left_away_when_there_are_none() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(with_words("/people", &[("q", None)]), "/people");
        assert_eq!(
            with_words("/people", &[("q", some("a&b=ü")), ("after", some("x y"))]),
            "/people?q=a%26b%3D%C3%BC&after=x+y"
        );
    }

    #[test]
    fn a_text_is_one_part_of_a_path() {
        assert_eq!(part("a b/../+ü?.jpg"), "a%20b%2F..%2F%2B%C3%BC%3F.jpg");
    }

    #[test]
    fn the_sign_in_page_leads_back_and_not_to_itself() {
        assert_eq!(sign_in("/people?q=a"), "/sign-in?next=%2Fpeople%3Fq%3Da");
        for back in ["/", "/sign-in?next=%2Fpeople", "//example.org"] {
            assert_eq!(sign_in(back), "/sign-in", "{back}");
        }
    }
}
