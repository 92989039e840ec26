//! `calibrate` with real photos: the figures, the drawing, and the thresholds that the service uses afterwards.

use std::{fs, path::Path, process::Output, time::Duration};

use image::{DynamicImage, RgbImage, imageops};
use proto::Thresholds;
use tokio::{process::Command, time::timeout};

use crate::{assets::asset, server::Setup};

/// How long a few photos may take where everything else runs, too.
const VERY_LONG: Duration = Duration::from_mins(5);

fn image(name: &str) -> DynamicImage {
    image::open(asset("photos").join(name)).expect("a sample photo")
}

/// Puts sample photos into the folder of an album: `barack/1.jpg` is of Obama, and so on.
fn add(setup: &Setup, photos: &[(&str, &str)]) {
    for (path, photo) in photos {
        let path = place(setup, path);
        fs::copy(asset("photos").join(photo), path).expect("room for a photo");
    }
}

/// Puts a photo into the album that is made of a sample photo.
fn add_made(setup: &Setup, path: &str, image: &DynamicImage) {
    image.to_rgb8().save(place(setup, path)).expect("room for a photo");
}

fn place(setup: &Setup, path: &str) -> std::path::PathBuf {
    let path = setup.inside("album").join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
    path
}

async fn calibrate(setup: &Setup, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_face-recognition"));
    command
        .env_clear()
        .env("MODEL_PACK", setup.inside("pack"))
        .env("ONNX_RUNTIME", asset("lib/libonnxruntime.so"))
        .env("STATE_DIR", setup.inside("state"))
        .current_dir(setup.folder.path())
        .args(["calibrate", "album"])
        .args(arguments)
        .kill_on_drop(true);
    timeout(VERY_LONG, command.output()).await.expect("it ends").expect("it can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it writes UTF-8")
}

/// The text between two others.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("{from:?} in {text}")).1;
    rest.split_once(to).unwrap_or_else(|| panic!("{to:?} after {from:?} in {text}")).0
}

fn read_toml(path: &Path) -> toml::Table {
    fs::read_to_string(path).expect("it was written").parse().expect("it is TOML")
}

/// Two people, somebody who looks like one of them, and photos that do not count.
fn album() -> Setup {
    let setup = Setup::new(1, 4);
    add(
        &setup,
        &[
            ("barack/1.jpg", "obama.jpg"),
            ("barack/2.jpg", "obama2.jpg"),
            ("barack/again.jpg", "obama.jpg"),
            ("joe/1.jpg", "biden.jpg"),
            ("_strangers/twin.jpg", "obama3.jpg"),
        ],
    );
    let (obama, biden) = (image("obama.jpg"), image("biden.jpg"));
    add_made(&setup, "joe/mirrored.png", &biden.fliph());
    add_made(&setup, "joe/blurred.png", &DynamicImage::from(imageops::blur(&biden.to_rgb8(), 6.0)));
    let mut both = RgbImage::new(obama.width() + biden.width(), obama.height().max(biden.height()));
    imageops::replace(&mut both, &obama.to_rgb8(), 0, 0);
    imageops::replace(&mut both, &biden.to_rgb8(), i64::from(obama.width()), 0);
    add_made(&setup, "joe/both.png", &both.into());
    add_made(&setup, "joe/nobody.png", &RgbImage::new(200, 200).into());
    fs::write(place(&setup, "joe/damaged.jpg"), b"\xff\xd8\xff\xe0 and nothing else").expect("room");
    fs::write(place(&setup, "stray.txt"), "whose?").expect("room");
    setup
}

#[tokio::test]
async fn thresholds_that_were_calibrated_count_from_the_next_start_of_the_service_on() {
    let setup = album();

    let output = calibrate(&setup, &["--rate", "10%", "--plot", "rates.svg", "--write"]).await;

    let (told, log) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{told}\n{log}");
    assert!(told.contains("Model dlib-resnet-v1: 2 people in 5 photos, and strangers in 1."), "{told}");
    assert!(told.contains("5 searches for known people"), "{told}");
    assert!(told.contains("6 searches for strangers: 5 photos of known people"), "{told}");
    assert!(told.contains("To show 10 %, 30 searches for strangers are needed."), "{told}");
    assert!(told.contains("  _strangers/twin.jpg is 0."), "{told}");
    assert!(between(&told, "and counted (1):\n", "\n").starts_with("  joe/blurred.png: blurred"), "{told}");
    for line in [
        "Not counted (5):\n",
        "  barack/again.jpg: it is the same file as barack/1.jpg\n",
        "  joe/both.png: it shows 2 faces: crop it to one\n",
        "  joe/damaged.jpg: the picture is damaged: ",
        "  joe/nobody.png: no face was found in it\n",
        "  stray.txt: it is in nobody's folder\n",
    ] {
        assert!(told.contains(line), "{line:?}: {told}");
    }

    let drawing = fs::read_to_string(setup.inside("rates.svg")).expect("a drawing");
    roxmltree::Document::parse(&drawing).expect("a drawing is XML");

    let calibration = read_toml(&setup.inside("state/calibration/dlib-resnet-v1.toml"));
    assert_eq!(calibration["model_id"].as_str(), Some("dlib-resnet-v1"));
    assert_eq!(calibration["measured"]["wanted_rate"].as_float(), Some(0.1));
    assert_eq!(calibration["measured"]["non_mated_probes"].as_integer(), Some(6));
    assert_eq!(calibration["measured"]["at_accept"]["falsely_named"].as_float(), Some(0.0));
    let threshold = |name: &str| -> f32 {
        // Each was written as a number of single precision.
        calibration["thresholds"][name].to_string().parse().expect("a number")
    };
    // The one who looks like a known person is nearer than the pack's threshold.
    let accept = threshold("accept");
    assert!(0.2 < accept && accept < 0.55, "{told}");
    assert_eq!(between(&told, "  accept  ", " "), format!("{accept:.2}"), "{told}");

    let mut server = setup.start().await;
    let log = server.service.process().log().text().expect("a log");
    assert!(log.contains("the thresholds are those of a calibration"), "{log}");
    server.make_small();
    let answer = server.client().await.path("/small.png").await.expect("an answer");
    let expected = Thresholds { accept, unknown: threshold("unknown"), margin: threshold("margin") };
    assert_eq!(answer.thresholds, Some(expected));
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn few_photos_do_not_make_the_service_laxer() {
    let setup = Setup::new(1, 4);
    add(&setup, &[("barack/1.jpg", "obama.jpg"), ("barack/2.jpg", "obama2.jpg"), ("joe/1.jpg", "biden.jpg")]);

    let output = calibrate(&setup, &["--write"]).await;

    let (told, log) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{told}\n{log}");
    assert!(told.contains("if not one of 3 strangers were named, up to 100.0 % might still be"), "{told}");
    assert!(log.contains("not written: accept") && log.contains("until there are 300"), "{log}");
    assert!(!setup.inside("state/calibration").exists());
}

#[tokio::test]
async fn what_cannot_be_measured_is_said_in_a_sentence() {
    let setup = Setup::new(1, 4);
    add(&setup, &[("barack/1.jpg", "obama.jpg")]);
    let alone = calibrate(&setup, &[]).await;
    add(&setup, &[("joe/1.jpg", "biden.jpg"), ("joe/2.jpg", "biden.jpg")]);
    let once = calibrate(&setup, &["--plot", "rates.svg"]).await;

    assert_eq!((alone.status.code(), once.status.code()), (Some(1), Some(1)));
    let log = text(&alone.stderr);
    assert!(log.contains("2 people with usable photos are needed at least"), "{log}");
    let log = text(&once.stderr);
    assert!(log.contains("nobody has two usable photos"), "{log}");
    assert!(text(&once.stdout).contains("joe/2.jpg: it is the same file as joe/1.jpg"));
    assert!(!setup.inside("rates.svg").exists());
}

#[tokio::test]
async fn a_calibration_that_is_damaged_is_told_and_not_used() {
    let setup = Setup::new(1, 4);
    fs::create_dir(setup.inside("state/calibration")).expect("it can be made");
    fs::write(setup.inside("state/calibration/dlib-resnet-v1.toml"), "accept = ").expect("room");

    let mut server = setup.start().await;

    let log = server.service.process().log().text().expect("a log");
    assert!(log.contains("a calibration is not used") && log.contains("it is damaged"), "{log}");
    server.make_small();
    let answer = server.client().await.path("/small.png").await.expect("an answer");
    assert_eq!(answer.thresholds, Some(Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 }));
    server.service.stop().await.expect("it stops");
}
