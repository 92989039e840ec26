//! Turns an aligned face into an embedding.

use std::num::NonZeroUsize;

use super::chip::Chip;
use super::embedding::Embedding;
use super::geometry::Point;
use super::picture::Picture;
use super::runtime::{Library, Network, RuntimeError};
use super::tensor::{Frame, Planes};
use crate::pack::EmbedderSpec;

pub(super) struct Embedder {
    network: Network,
    spec: EmbedderSpec,
    planes: Planes,
}

impl Embedder {
    pub(super) fn load(
        library: &Library,
        model: &[u8],
        spec: &EmbedderSpec,
        threads: NonZeroUsize,
    ) -> Result<Self, RuntimeError> {
        let network = Network::load(library, "embedder", model, threads)?;
        Ok(Self { network, spec: spec.clone(), planes: Planes::new(spec.channels, spec.scaling) })
    }

    /// Cuts the face with these landmarks as the network wants it.
    pub(super) fn chip(&self, picture: &Picture, landmarks: &[Point; 5]) -> Chip {
        Chip::cut(picture, landmarks, self.spec.size, &self.spec.template)
    }

    pub(super) fn embed(&mut self, chip: &Chip) -> Result<Embedding, RuntimeError> {
        let side = chip.size() as usize;
        self.planes.fill(chip.rgb(), side, Frame { left: 0, top: 0, width: side, height: side });
        let dimension = self.spec.dimension;
        self.network.run(self.planes.shape(), self.planes.values(), |outputs| {
            let (shape, values) = outputs.get("output")?;
            (shape == [1, i64::from(dimension)]).then(|| Embedding::new(values))
        })
    }
}
