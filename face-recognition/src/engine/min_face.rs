//! The smallest face that is looked for: the setting that decides what a picture costs.

use std::{fmt, str::FromStr};

/// At least so many pixels, and at least this share of the picture's shorter side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinFace {
    pixels: u32,
    share: f64,
}

/// A text that is no smallest face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "give pixels (20px to 4096px), a share of the shorter side (0% to 100%), or both, for instance 80px,5%"
)]
pub struct NoMinFace;

/// Landmarks and embedding of a smaller face tell nothing.
const LEAST_PIXELS: u32 = 20;
const MOST_PIXELS: u32 = 4096;

impl Default for MinFace {
    /// Faces that fill the window of a typical detector; in pictures of cameras those that are more than background.
    fn default() -> Self {
        Self { pixels: 80, share: 0.05 }
    }
}

impl MinFace {
    /// Side of the smallest face that is looked for in a picture of this size, in its pixels.
    #[must_use]
    pub fn within(&self, width: u32, height: u32) -> f64 {
        f64::from(self.pixels).max(self.share * f64::from(width.min(height)))
    }
}

impl FromStr for MinFace {
    type Err = NoMinFace;

    fn from_str(text: &str) -> Result<Self, NoMinFace> {
        let (mut pixels, mut share) = (None, None);
        for part in text.split(',').map(str::trim) {
            let again = match part.strip_suffix('%') {
                Some(percent) => {
                    share.replace(percent.parse::<f64>().map_err(|_| NoMinFace)? / 100.0).is_some()
                }
                None => {
                    let number = part.strip_suffix("px").unwrap_or(part);
                    pixels.replace(number.parse().map_err(|_| NoMinFace)?).is_some()
                }
            };
            if again {
                return Err(NoMinFace);
            }
        }
        let (pixels, share) = (pixels.unwrap_or(LEAST_PIXELS), share.unwrap_or(0.0));
        if (LEAST_PIXELS..=MOST_PIXELS).contains(&pixels) && (0.0..=1.0).contains(&share) {
            Ok(Self { pixels, share })
        } else {
            Err(NoMinFace)
        }
    }
}

impl fmt::Display for MinFace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}px,{}%", self.pixels, self.share * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_a_share_are_read_alone_and_together() {
        let table = [
            ("80", Some((80, 0.0))),
            ("80px", Some((80, 0.0))),
            ("5%", Some((20, 0.05))),
            ("54px,5%", Some((54, 0.05))),
            ("2.5%, 100", Some((100, 0.025))),
            ("", None),
            ("19", None),
            ("4097px", None),
            ("101%", None),
            ("-1%", None),
            ("nan%", None),
            ("5%,6%", None),
            ("80,90", None),
            ("80,", None),
            ("small", None),
        ];
        for (text, expected) in table {
            let expected = expected.map(|(pixels, share)| MinFace { pixels, share }).ok_or(NoMinFace);
            assert_eq!(text.parse(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read() {
        let default = MinFace::default();
        assert_eq!(default.to_string(), "80px,5%");
        assert_eq!(default.to_string().parse(), Ok(default));
    }

    #[test]
    fn the_larger_of_both_counts() {
        let face = MinFace { pixels: 80, share: 0.05 };
        for (size, expected) in [((640, 480), 80.0), ((4000, 3000), 150.0), ((3000, 4000), 150.0)] {
            let found = face.within(size.0, size.1);
            assert!((found - expected).abs() < 1e-9, "{size:?}: {found}");
        }
    }
}
