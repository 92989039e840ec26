//! Which values of a manifest an engine can use.

use std::path::{Component, Path};

use super::{DetectorOutput, LandmarksSpec, Manifest, Scaling};

impl Manifest {
    /// Names the first value that no engine can use.
    pub(in crate::pack) fn check(&self) -> Result<(), &'static str> {
        let Self { detector, embedder, quality, thresholds, .. } = self;
        let share = |value: f32| (0.0..=1.0).contains(&value);
        let divides = |scaling: &Scaling| scaling.divisor.is_finite() && scaling.divisor > 0.0;
        let means = |scaling: &Scaling| scaling.mean.iter().all(|mean| (0.0..=255.0).contains(mean));
        let cascade = match &self.landmarks {
            LandmarksSpec::Cascade { cascade } => Some(cascade),
            LandmarksSpec::Detector => None,
        };
        let mut files = [&detector.network, &embedder.network].into_iter().chain(cascade);
        let checks = [
            (!self.id.is_empty(), "id must not be empty"),
            (files.all(|reference| is_plain_name(&reference.file)), "a file must be a name in the pack"),
            ([detector.scaling, embedder.scaling].iter().all(divides), "divisor must be above 0"),
            ([detector.scaling, embedder.scaling].iter().all(means), "mean must be from 0 to 255"),
            (detector.output.is_sound(), "detector.output has a window, stride or offset that cannot be"),
            (
                self.landmarks != LandmarksSpec::Detector
                    || matches!(detector.output, DetectorOutput::Points { .. }),
                "landmarks of the detector need a detector that tells points",
            ),
            (
                4.0 <= detector.faces.from && detector.faces.to <= 4096.0,
                "detector.faces must lie between 4 and 4096",
            ),
            (
                detector.faces.from * 1.1 <= detector.faces.to,
                "detector.faces.to must be a tenth more than from, or no row of sizes would end",
            ),
            (detector.score_threshold.is_finite(), "detector.score_threshold must be a number"),
            (share(detector.overlap_iou), "detector.overlap_iou must be from 0 to 1"),
            (share(detector.overlap_cover), "detector.overlap_cover must be from 0 to 1"),
            ((16..=1024).contains(&embedder.size), "embedder.size must be from 16 to 1024"),
            (
                embedder.template.as_flattened().iter().all(|share| (0.0..=1.0).contains(share)),
                "embedder.template must hold shares from 0 to 1",
            ),
            ((1..=4096).contains(&embedder.dimension), "embedder.dimension must be from 1 to 4096"),
            (quality.sharpness >= 0.0, "quality.sharpness must not be below 0"),
            (
                0.0 <= quality.darkest && quality.darkest < quality.brightest && quality.brightest <= 255.0,
                "quality must be 0 <= darkest < brightest <= 255",
            ),
            ((0.0..=180.0).contains(&quality.roll), "quality.roll must be from 0 to 180"),
            ((0.0..=90.0).contains(&quality.yaw), "quality.yaw must be from 0 to 90"),
            (thresholds.are_possible(), "thresholds must be 0 < accept <= unknown and margin >= 0"),
        ];
        checks.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, reason)| Err(*reason))
    }
}

impl DetectorOutput {
    fn is_sound(&self) -> bool {
        match self {
            Self::Windows { window, stride, offset } => {
                (16..=1024).contains(window) && (1..=*window).contains(stride) && offset <= window
            }
            Self::Points { strides } => {
                !strides.is_empty() && strides.iter().all(|stride| (1..=256).contains(stride))
            }
        }
    }
}

/// Whether it names a file in the pack's own folder.
fn is_plain_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}
