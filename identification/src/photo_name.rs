//! Whose name a photo bears.

/// The name that a known photo's file name stands for: the stem without `_digits` at its end, `_` as a space, each
/// word with a capital. `john_doe_2.jpg` is John Doe.
#[must_use]
pub fn name_of_photo(photo: &str) -> String {
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
    fn a_file_name_stands_for_a_name() {
        let table = [
            ("john_doe_2.jpg", "John Doe"),
            ("barack_obama.jpg", "Barack Obama"),
            ("obama.jpg", "Obama"),
            ("joe_biden_0012.jpeg", "Joe Biden"),
            ("élodie_müller.png", "Élodie Müller"),
            ("mary_ann_o'neil.jpg", "Mary Ann O'neil"),
            ("R2_D2.jpg", "R2 D2"),
            ("agent_007_1.png", "Agent 007"),
            ("J. R. Smith.jpg", "J. R. Smith"),
            ("_12.jpg", "12"),
            ("___.jpg", "___.jpg"),
            ("noextension", "Noextension"),
        ];
        for (photo, name) in table {
            assert_eq!(name_of_photo(photo), name, "{photo}");
        }
    }
}
