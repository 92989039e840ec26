//! A drawing in place of a picture that cannot be shown: a grey field with the reason on it. Pure.

use std::fmt::Write as _;

use pictures::{PictureError, ReadError};
use renditions::RenditionError;

use super::PixelError;

/// Characters of a line: what fits a thumbnail.
const LINE: usize = 18;

/// The drawing, as SVG.
pub(super) fn drawing(reason: &str) -> String {
    let lines = lines(reason);
    let first = 108 - 12 * lines.len();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let y = first + 26 * number;
        write!(text, r#"<text x="120" y="{y}">{line}</text>"#).expect("a text takes any text");
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 180" width="240" height="180" role="img"><rect width="240" height="180" fill="#8a8f96" fill-opacity=".18"/><g fill="#7b8087" font-family="system-ui,sans-serif" font-size="21" text-anchor="middle">{text}</g></svg>"##
    )
}

/// Words of ours only: nothing is in them that would have to be escaped.
fn lines(reason: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in reason.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Why there is no picture, in a few words.
pub(super) fn reason(error: &PixelError) -> &'static str {
    match error {
        PixelError::Unknown => "There is no such picture",
        PixelError::DatabaseAway => "The database does not answer",
        PixelError::Path(_) => "The path is not one of a picture",
        PixelError::Rendition(error) => match error {
            RenditionError::Busy => "Too busy: load the page again",
            RenditionError::NoFolder => "The folder of pictures is not here",
            RenditionError::Failed => "The picture cannot be shown",
            RenditionError::Read(error) => match error {
                ReadError::Missing => "The file is not there",
                ReadError::OutsideRoot => "The path leads out of the folder",
                ReadError::NotAFile | ReadError::SpecialFile => "This is no file",
                ReadError::TooLarge(_) => "The file is too large",
                ReadError::Unreadable(_) => "The file cannot be read",
            },
            RenditionError::Picture(error) => match error {
                PictureError::Empty => "The file is empty",
                PictureError::Unsupported => "The file is no picture",
                PictureError::Damaged { .. } => "The picture is damaged",
                PictureError::TooManyBytes { .. } | PictureError::TooManyPixels { .. } => {
                    "The picture is too large"
                }
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_broken_into_lines_that_fit() {
        assert_eq!(lines("The folder of pictures is not here"), ["The folder of", "pictures is not", "here"]);
        for error in [PixelError::Unknown, PixelError::DatabaseAway, RenditionError::Busy.into()] {
            let lines = lines(reason(&error));
            assert!(lines.len() <= 3 && lines.iter().all(|line| line.len() <= LINE), "{lines:?}");
        }
    }
}
