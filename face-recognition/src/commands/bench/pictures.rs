//! A picture from its bytes to its faces.

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::thread;

use anyhow::ensure;
use image::{ImageFormat, Rgb, RgbImage, imageops};

use super::{median_time, milliseconds, row};
use crate::config::Config;
use crate::engine::picture::{Picture, PictureLimits};
use crate::engine::{Engine, EngineError, EngineOptions, MinFace};
use crate::pack::Pack;

pub(super) struct Setup<'a> {
    pub(super) pack: &'a Pack,
    pub(super) config: &'a Config,
    pub(super) photo: &'a Picture,
    pub(super) rounds: usize,
}

/// A picture that is measured with: its size, and which faces are looked for.
struct Case {
    width: u32,
    height: u32,
    min_face: &'static str,
}

const CASES: [Case; 3] = [
    Case { width: 853, height: 480, min_face: "80px" },
    Case { width: 1920, height: 1080, min_face: "5%" },
    Case { width: 4000, height: 3000, min_face: "5%" },
];
/// That compute one picture.
const THREADS: [NonZeroUsize; 2] = [NonZeroUsize::MIN, NonZeroUsize::MIN.saturating_add(1)];
/// Pictures of one round of the comparison of threads.
const MANY: u32 = 20;

/// Prints the rows of all cases.
pub(super) fn measure(setup: &Setup<'_>) -> anyhow::Result<()> {
    for case in &CASES {
        let bytes = case.jpeg(setup.photo)?;
        for threads in THREADS {
            case.measure(setup, &bytes, threads)?;
        }
    }
    two_against_one(setup)
}

impl Case {
    /// The photo in the middle of grey noise, as high as the picture, in JPEG.
    fn jpeg(&self, photo: &Picture) -> anyhow::Result<Vec<u8>> {
        let noise = |x: u32, y: u32| {
            let [noise, ..] = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes();
            Rgb([96 + noise % 32; 3])
        };
        let mut picture = RgbImage::from_fn(self.width, self.height, noise);
        let image = RgbImage::from_raw(photo.width(), photo.height(), photo.rgb().to_vec());
        let image = image.expect("a picture has a pixel for each place");
        let width = photo.width() * self.height / photo.height();
        let scaled = imageops::resize(&image, width, self.height, imageops::FilterType::Triangle);
        imageops::replace(&mut picture, &scaled, i64::from(self.width / 2) - i64::from(width / 2), 0);
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Jpeg)?;
        Ok(bytes.into_inner())
    }

    fn measure(&self, setup: &Setup<'_>, bytes: &[u8], threads: NonZeroUsize) -> anyhow::Result<()> {
        let min_face: MinFace = self.min_face.parse()?;
        let mut engine = engine(setup, EngineOptions { min_face, threads })?;
        let limits = PictureLimits::default();
        let decoding = median_time(setup.rounds, || Picture::decode(bytes, &limits).map(drop))?;
        let mut found = 0;
        let whole = median_time(setup.rounds, || {
            found = engine.faces(&Picture::decode(bytes, &limits)?)?.len();
            anyhow::Ok(())
        })?;
        ensure!(found == 1, "the photo has to show one face; {found} were found");
        let Self { width, height, min_face } = self;
        row(
            &format!("{width} x {height}, one face, faces from {min_face}, {threads} thread(s)"),
            &format!("{}, of which decoding {}", milliseconds(whole), milliseconds(decoding)),
        )?;
        Ok(())
    }
}

fn engine(setup: &Setup<'_>, options: EngineOptions) -> Result<Engine, EngineError> {
    Engine::load(setup.pack, &setup.config.onnx_runtime, options)
}

/// How many pictures an hour two workers look at for each one of a single worker.
fn two_against_one(setup: &Setup<'_>) -> anyhow::Result<()> {
    let bytes = CASES[0].jpeg(setup.photo)?;
    let mut rates = Vec::new();
    for workers in [1_u32, 2] {
        let mut engines: Vec<Engine> =
            (0..workers).map(|_| engine(setup, EngineOptions::default())).collect::<Result<_, _>>()?;
        let time = median_time(setup.rounds, || look_side_by_side(&mut engines, &bytes))?;
        rates.push(f64::from(workers * MANY) / time.as_secs_f64());
    }
    row(
        "853 x 480, two workers against one",
        &format!(
            "{:.1} against {:.1} pictures a second: {:.2} times",
            rates[1],
            rates[0],
            rates[1] / rates[0]
        ),
    )?;
    Ok(())
}

fn look_side_by_side(engines: &mut [Engine], bytes: &[u8]) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let workers: Vec<_> = engines
            .iter_mut()
            .map(|engine| {
                scope.spawn(move || {
                    for _ in 0..MANY {
                        engine.faces(&Picture::decode(bytes, &PictureLimits::default())?)?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("an engine does not panic"))
    })
}
