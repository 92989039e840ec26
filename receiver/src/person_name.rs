//! Names of people, as somebody may give them. Pure.

use thiserror::Error;

/// Width of the column.
const MAX_CHARACTERS: usize = 255;

/// A name of 1 to 255 characters, without spaces around it and without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PersonName(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum PersonNameError {
    #[error("the name is empty: give one, for instance \"Ann Lee\"")]
    Empty,
    #[error("the name is longer than {MAX_CHARACTERS} characters: shorten it")]
    TooLong,
    #[error("the name has a character in it that is not printed, a line break for instance: leave it out")]
    ControlCharacter,
}

impl PersonName {
    /// The name that somebody wrote; spaces around it are no part of it.
    pub(crate) fn parse(text: &str) -> Result<Self, PersonNameError> {
        let name = text.trim();
        match name.chars().count() {
            0 => Err(PersonNameError::Empty),
            length if length > MAX_CHARACTERS => Err(PersonNameError::TooLong),
            _ if name.contains(char::is_control) => Err(PersonNameError::ControlCharacter),
            _ => Ok(Self(name.to_owned())),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_without_the_spaces_around_it_and_what_is_none_is_refused() {
        let longest = "ä".repeat(MAX_CHARACTERS);
        let too_long = "x".repeat(MAX_CHARACTERS + 1);
        let table = [
            ("Ann", Ok("Ann")),
            (" \tAnn Lee\n", Ok("Ann Lee")),
            ("José 2 <b>", Ok("José 2 <b>")),
            (&longest, Ok(&longest)),
            (&too_long, Err(PersonNameError::TooLong)),
            ("", Err(PersonNameError::Empty)),
            (" \u{a0} ", Err(PersonNameError::Empty)),
            ("Ann\nLee", Err(PersonNameError::ControlCharacter)),
            ("Ann\0", Err(PersonNameError::ControlCharacter)),
            ("Ann\u{85}Lee", Err(PersonNameError::ControlCharacter)),
        ];
        for (text, expected) in table {
            let name = PersonName::parse(text);
            assert_eq!(name.as_ref().map(PersonName::as_str), expected.as_ref().copied(), "{text:?}");
        }
    }
}
