//! The recogniser by itself: how soon it is ready with many known photos, and what memory it has at rest, with large pictures
//! waiting, and after very many pictures.

use std::{
    ffi::OsStr,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, ensure};
use image::{ImageFormat, RgbImage, imageops};
use proto::{RecognizeRequest, recognition_client::RecognitionClient, recognize_request::Picture};
use tempfile::TempDir;
use tokio::{task::JoinSet, time::Instant};
use tonic::transport::Channel;

use super::{
    report::{self, milliseconds},
    usage::{peak_resident_mib, resident_mib},
};
use crate::{
    installed::Installed,
    process::Recipe,
    service::{AddressFile, Service},
};

/// Photo that all pictures are made of: one face.
const PHOTO: &str = "obama.jpg";
/// Its face with some space around it: left, top, width, height.
const FACE: [u32; 4] = [240, 160, 460, 460];
/// Side of a known photo.
const KNOWN_SIDE: u32 = 160;
const FEW: usize = 1_000;
/// How long looking at all known photos for the first time may take.
const FIRST_START: Duration = Duration::from_hours(1);
/// Pictures of 12 million pixels that come at the same time.
const LARGE: (u32, u32, usize) = (4000, 3000, 8);
const SMALL: (u32, u32) = (853, 480);
/// Looked at before memory is compared, and in all.
const EARLY: usize = 500;
const MANY: usize = 5_000;

/// Has the recogniser's own program print how long pictures and the search take.
pub(super) fn engine(installed: &Installed) -> anyhow::Result<()> {
    let bench = Bench::new(installed)?;
    let measured = Command::new(&bench.program)
        .arg("bench")
        .arg("--photo")
        .arg(installed.assets.join("photos").join(PHOTO))
        .env("MODEL_PACK", bench.path("pack"))
        .env("ONNX_RUNTIME", &bench.library)
        .status()?;
    ensure!(measured.success(), "face-recognition bench fails");
    Ok(())
}

/// Prints the rows.
pub(super) async fn measure(installed: &Installed, known: usize) -> anyhow::Result<()> {
    let bench = Bench::new(installed)?;
    bench.provide(FEW)?;
    bench.start("first start", FEW).await?.stop().await?;
    bench.start("start with all found before", FEW).await?.stop().await?;
    bench.provide(known)?;
    bench.start("first start", known).await?.stop().await?;

    let mut service = bench.start("start with all found before", known).await?;
    let id = service.process().id();
    report::line(
        &format!("memory at rest, {known} known photos"),
        &format!("{} MiB", resident_mib(id)?),
        "250 MB",
    );
    let channel = Channel::from_shared(format!("http://{}", service.addresses[0]))?.connect().await?;
    let client = RecognitionClient::new(channel).max_encoding_message_size(proto::MAX_MESSAGE_BYTES);

    let large = bench.picture(LARGE.0, LARGE.1)?;
    let mut waiting = JoinSet::new();
    for _ in 0..LARGE.2 {
        waiting.spawn(look(client.clone(), large.clone()));
    }
    while let Some(looked) = waiting.join_next().await {
        looked??;
    }
    let figure = format!("{} MiB at most", peak_resident_mib(id)?);
    report::line(&format!("memory, {} pictures of 12 million pixels at once", LARGE.2), &figure, "500 MB");

    let small = bench.picture(SMALL.0, SMALL.1)?;
    let mut early = 0;
    for number in 1..=MANY {
        look(client.clone(), small.clone()).await?;
        if number == EARLY {
            early = resident_mib(id)?;
        }
    }
    let figure = format!("{early} MiB after {EARLY}, {} MiB after {MANY}", resident_mib(id)?);
    report::line("memory after many pictures of 853 x 480", &figure, "flat");
    service.stop().await
}

async fn look(mut client: RecognitionClient<Channel>, picture: Vec<u8>) -> anyhow::Result<()> {
    let answer = client.recognize(RecognizeRequest { picture: Some(Picture::Image(picture)) }).await?;
    let found = answer.into_inner().faces.len();
    ensure!(found == 1, "the picture shows one face, and {found} were found");
    Ok(())
}

struct Bench {
    folder: TempDir,
    program: PathBuf,
    library: PathBuf,
    photo: RgbImage,
}

impl Bench {
    fn new(installed: &Installed) -> anyhow::Result<Self> {
        let bench = Self {
            folder: tempfile::tempdir()?,
            program: installed.service("face-recognition")?,
            library: installed.assets.join("lib/libonnxruntime.so"),
            photo: image::open(installed.assets.join("photos").join(PHOTO))?.into_rgb8(),
        };
        for name in ["images", "known_people", "state", "logs"] {
            fs::create_dir(bench.path(name))?;
        }
        let (from, to) = (installed.assets.join("dlib"), bench.path("pack"));
        let import = Command::new(&bench.program)
            .arg("import-dlib")
            .args([OsStr::new("--from"), from.as_os_str(), OsStr::new("--to"), to.as_os_str()])
            .status()?;
        ensure!(import.success(), "the models cannot be imported");
        Ok(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes known photos up to this number, each with bytes of its own.
    fn provide(&self, count: usize) -> anyhow::Result<()> {
        let [left, top, width, height] = FACE;
        let face = imageops::crop_imm(&self.photo, left, top, width, height).to_image();
        let face = imageops::resize(&face, KNOWN_SIDE, KNOWN_SIDE, imageops::FilterType::Triangle);
        let mut bytes = Cursor::new(Vec::new());
        face.write_to(&mut bytes, ImageFormat::Jpeg)?;
        let mut bytes = bytes.into_inner();
        for number in 0..count {
            let path = self.path("known_people").join(format!("person{number}.jpg"));
            if !path.exists() {
                // Behind the end of the picture nobody looks, but the content is another.
                let length = bytes.len();
                bytes.extend_from_slice(&number.to_le_bytes());
                fs::write(path, &bytes)?;
                bytes.truncate(length);
            }
        }
        Ok(())
    }

    /// The photo in the middle of black, as high as the picture.
    fn picture(&self, width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
        let mut picture = RgbImage::new(width, height);
        let scaled_width = self.photo.width() * height / self.photo.height();
        let scaled = imageops::resize(&self.photo, scaled_width, height, imageops::FilterType::Triangle);
        imageops::replace(&mut picture, &scaled, i64::from(width / 2) - i64::from(scaled_width / 2), 0);
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Jpeg)?;
        Ok(bytes.into_inner())
    }

    /// Starts the recogniser and prints how long it took until it was ready.
    async fn start(&self, what: &str, known: usize) -> anyhow::Result<Service> {
        let folder = |name| self.path(name).into_os_string();
        let recipe = Recipe {
            name: "face-recognition".to_owned(),
            program: self.program.clone(),
            arguments: Vec::new(),
            inherits: false,
            environment: vec![
                ("FACE_RECOGNITION_ADDR", "127.0.0.1:0".into()),
                ("FACE_RECOGNITION_ADMIN_ADDR", "127.0.0.1:0".into()),
                ("IMAGE_ROOT", folder("images")),
                ("KNOWN_PEOPLE", folder("known_people")),
                ("STATE_DIR", folder("state")),
                ("MODEL_PACK", folder("pack")),
                ("ONNX_RUNTIME", self.library.clone().into()),
            ],
            folder: self.folder.path().to_owned(),
            logs: self.path("logs"),
        };
        let addresses =
            [("--addr-file", "FACE_RECOGNITION_ADDR"), ("--admin-addr-file", "FACE_RECOGNITION_ADMIN_ADDR")]
                .map(|(option, variable)| AddressFile {
                    option,
                    variable,
                    path: self.path(option.trim_start_matches('-')),
                });
        let began = Instant::now();
        let mut service = Service::start(recipe, addresses.into()).await?;
        service.wait_until_ready(FIRST_START).await.with_context(|| log_of(&self.path("logs")))?;
        let target = if known == FEW && what != "first start" { "1.5 s" } else { "" };
        report::line(
            &format!("{what}, {known} known photos, until ready"),
            &milliseconds(began.elapsed()),
            target,
        );
        Ok(service)
    }
}

fn log_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("face-recognition.log")).unwrap_or_default()
}
