//! Two model packs on the same photos: which faces they find, how long they take, and how far the embeddings of the same
//! faces are from each other.

use std::path::PathBuf;

use super::{median_time, milliseconds, row};
use crate::commands::picture_file;
use crate::config::Config;
use crate::engine::geometry::Area;
use crate::engine::{Engine, Face};
use crate::pack::Pack;

/// What is compared.
pub(super) struct Comparison<'a> {
    pub(super) packs: [&'a Pack; 2],
    pub(super) photos: &'a [PathBuf],
    pub(super) config: &'a Config,
    pub(super) rounds: usize,
}

impl Comparison<'_> {
    /// Prints a row for each photo.
    pub(super) fn measure(&self) -> anyhow::Result<()> {
        let options = self.config.engine_options();
        let load = |pack: &Pack| Engine::load(pack, &self.config.onnx_runtime, options);
        let mut engines = [load(self.packs[0])?, load(self.packs[1])?];
        let [one, other] = self.packs.map(|pack| &pack.manifest.id);
        for photo in self.photos {
            let picture = picture_file::decode(photo)?;
            let mut looks = Vec::new();
            for engine in &mut engines {
                let mut faces = Vec::new();
                let time = median_time(self.rounds, || {
                    faces = engine.faces(&picture)?;
                    anyhow::Ok(())
                })?;
                looks.push((faces, milliseconds(time)));
            }
            let distances: Vec<String> = shared(&looks[0].0, &looks[1].0)
                .map(|(one, other)| format!("{:.3}", one.embedding.distance(&other.embedding)))
                .collect();
            let name = photo.file_name().unwrap_or_default().display();
            let (width, height) = (picture.width(), picture.height());
            row(
                &format!("{name}, {width} x {height}: {one} against {other}"),
                &format!(
                    "{} against {} faces, {} against {}, embeddings apart {}",
                    looks[0].0.len(),
                    looks[1].0.len(),
                    looks[0].1,
                    looks[1].1,
                    distances.join(", ")
                ),
            )?;
        }
        Ok(())
    }
}

/// The faces that both found: whose boxes have their middles in each other.
fn shared<'a>(one: &'a [Face], other: &'a [Face]) -> impl Iterator<Item = (&'a Face, &'a Face)> {
    one.iter().filter_map(move |face| {
        let same = |candidate: &&Face| contains(face, candidate) && contains(candidate, face);
        Some((face, other.iter().find(same)?))
    })
}

/// Whether the middle of the second box is in the first.
fn contains(face: &Face, other: &Face) -> bool {
    let (area, other) = (Area::from(face.bounds), Area::from(other.bounds));
    let (x, y) = (f64::midpoint(other.left, other.right), f64::midpoint(other.top, other.bottom));
    area.left < x && x < area.right && area.top < y && y < area.bottom
}
