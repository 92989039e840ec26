//! Whose name a photo bears, by the rule that image-processor has for file names.

/// `john_doe_2.jpg` is of John Doe: the stem without `_digits` at its end, `_` as a space, each word with a capital.
pub(super) fn person_of(photo: &str) -> String {
    let stem = photo.rsplit_once('.').map_or(photo, |(stem, _)| stem);
    let unnumbered = match stem.rsplit_once('_') {
        Some((name, number)) if is_number(number) && !name.is_empty() => name,
        _ => stem,
    };
    let words: Vec<String> =
        unnumbered.split(['_', ' ']).filter(|word| !word.is_empty()).map(capitalise).collect();
    if words.is_empty() { photo.to_owned() } else { words.join(" ") }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn capitalise(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_of_one_person_bear_one_name() {
        let table = [
            ("john_doe.jpg", "john_doe_2.png", true),
            ("john doe.jpg", "john__doe_12.jpg", true),
            ("John_Doe.jpg", "john_doe.jpg", true),
            ("john_doe.jpg", "jane_doe.jpg", false),
            ("agent_007_1.png", "agent_007.jpg", false),
            ("___.jpg", "__.jpg", false),
        ];
        for (one, other, same) in table {
            assert_eq!(person_of(one) == person_of(other), same, "{one} {other}");
        }
    }
}
