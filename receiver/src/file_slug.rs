//! The part of a text that any file system takes as a name, for reading it there again. Pure.

/// Letters, digits and `_` of ASCII, lower case, at most `longest` of them: accents fall off Latin letters, what is
/// between words becomes one `_`, the rest goes. Empty where nothing is left.
pub(crate) fn slug(text: &str, longest: usize) -> String {
    let mut slug = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        match latin(character) {
            _ if character.is_ascii_lowercase() || character.is_ascii_digit() => slug.push(character),
            Some(letters) => slug.push_str(letters),
            None if character.is_alphanumeric() || is_accent(character) => {}
            None if slug.is_empty() || slug.ends_with('_') => {}
            None => slug.push('_'),
        }
    }
    slug.truncate(longest);
    slug.truncate(slug.trim_end_matches('_').len());
    slug
}

/// An accent that stands beside its letter, as some systems write it.
const fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// The plain letters that stand for a Latin one.
const fn latin(character: char) -> Option<&'static str> {
    Some(match character {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ō' | 'ő' => "o",
        'ö' | 'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_becomes_a_plain_name() {
        let table = [
            ("Ann Lee", "ann_lee"),
            ("  J. R.  O'Neil-Smith ", "j_r_o_neil_smith"),
            ("José Müller", "jose_mueller"),
            ("../../etc/passwd", "etc_passwd"),
            ("Агата 7", "7"),
            ("大輔", ""),
            ("!?", ""),
            ("İzmir", "izmir"),
            ("Jose\u{301}", "jose"),
        ];
        for (text, expected) in table {
            assert_eq!(slug(text, 20), expected, "{text:?}");
        }
        assert_eq!(slug("abcd efgh", 5), "abcd");
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_name_of_a_plain_file(text: String, longest in 0_usize..40) {
            let slug = slug(&text, longest);

            prop_assert!(slug.len() <= longest);
            prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
            prop_assert!(!slug.starts_with('_') && !slug.ends_with('_'), "{slug:?}");
        }
    }
}
