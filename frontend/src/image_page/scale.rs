//! Distances on a scale from "the same photo" to "far beyond nobody we know". Pure.

use crate::store::Details;

/// What distances mean; those by which the image was decided, if it tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Thresholds {
    pub(super) accept: f32,
    pub(super) unknown: f32,
    pub(super) margin: f32,
    /// Whether the image tells them; else they are those of the model that Rollcall comes with.
    pub(super) are_own: bool,
}

/// Of dlib's model.
const USUAL: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05, are_own: false };

/// Columns of the scale.
const WIDTH: f32 = 300.0;
/// The scale goes on beyond the second threshold by this share of it.
const BEYOND: f32 = 1.6;

/// Where things are on the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) accept: f32,
    pub(super) unknown: f32,
    pub(super) best: f32,
    pub(super) runner_up: Option<f32>,
}

impl Thresholds {
    pub(super) fn of(details: &Details) -> Self {
        match (details.accept_below, details.unknown_from, details.margin) {
            (Some(accept), Some(unknown), Some(margin)) => Self { accept, unknown, margin, are_own: true },
            _ => USUAL,
        }
    }

    /// The scale for a face.
    pub(super) fn scale(self, best: f32, runner_up: Option<f32>) -> Scale {
        let whole = (self.unknown * BEYOND).max(f32::EPSILON);
        // Whole columns: nobody sees a part of one.
        let place = |distance: f32| (WIDTH * (distance / whole).clamp(0.0, 1.0)).round();
        Scale {
            accept: place(self.accept),
            unknown: place(self.unknown),
            best: place(best),
            runner_up: runner_up.map(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_every_distance() {
        let scale = USUAL.scale(0.3, Some(7.0));
        assert_eq!(scale, Scale { accept: 172.0, unknown: 188.0, best: 94.0, runner_up: Some(300.0) });
        let nearest = USUAL.scale(-1.0, None);
        assert_eq!(nearest, Scale { best: 0.0, runner_up: None, ..scale });
    }
}
