//! The program as it is used in a terminal.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use face_recognition::dlib::{self, Precision};
use image::RgbImage;
use serde_json::Value;
use tempfile::TempDir;

use crate::assets::asset;

/// Folders for one test: known people, state and model pack.
struct Workplace(TempDir);

impl Workplace {
    /// Where the two people of the sample photos are known.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        for name in ["known_people", "state"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        for (name, photo) in [("barack_obama.jpg", "obama.jpg"), ("joe_biden.jpg", "biden.jpg")] {
            fs::copy(asset("photos").join(photo), folder.path().join("known_people").join(name))
                .expect("room for a photo");
        }
        dlib::import(&asset("dlib"), &folder.path().join("pack"), Precision::Int8).expect("real models");
        Self(folder)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_face-recognition"))
            .args(arguments)
            .env_clear()
            .env("KNOWN_PEOPLE", self.path("known_people"))
            .env("STATE_DIR", self.path("state"))
            .env("MODEL_PACK", self.path("pack"))
            .env("ONNX_RUNTIME", asset("lib/libonnxruntime.so"))
            .current_dir(self.0.path())
            .output()
            .expect("it starts")
    }

    /// What it prints when it succeeds.
    fn printed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

fn sample(name: &str) -> String {
    asset("photos").join(name).to_str().expect("a plain path").to_owned()
}

fn picture_of_nobody(path: &Path) {
    RgbImage::new(160, 120).save(path).expect("room for a picture");
}

#[test]
fn models_are_converted_again_only_where_this_version_does_not_read_what_is_there() {
    let workplace = Workplace::new();
    let (dlib, manifest) = (asset("dlib"), workplace.path("pack/pack.toml"));
    let dlib = dlib.to_str().expect("a plain path");
    let converted = fs::read_to_string(&manifest).expect("there is a manifest");
    let (noted, older) = (format!("# left alone\n{converted}"), "format = 1\nid = \"dlib\"\n".to_owned());

    for (there, left) in [(&noted, &noted), (&older, &converted)] {
        fs::write(&manifest, there).expect("it can be written");
        workplace.printed(&["import-dlib", "--from", dlib, "--to", "pack", "--unless-current"]);
        assert_eq!(fs::read_to_string(&manifest).expect("there is a manifest"), *left);
    }
}

#[test]
fn people_are_named_in_a_table_with_what_speaks_for_them() {
    let workplace = Workplace::new();
    picture_of_nobody(&workplace.path("nobody.png"));

    let table = workplace.printed(&["identify", &sample("obama2.jpg"), "nobody.png"]);

    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    for word in ["identified", "Barack Obama", "barack_obama.jpg", "Joe Biden"] {
        assert!(lines[1].contains(word), "{word}: {table}");
    }
    assert!(lines[2].contains("nobody.png") && lines[2].contains("no face"), "{table}");
}

#[test]
fn programs_get_everything_as_json() {
    let workplace = Workplace::new();

    let answer = workplace.printed(&["identify", "--json", &sample("biden.jpg")]);

    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let face = &answer[0]["faces"][0];
    assert_eq!(answer[0]["faces"].as_array().map(Vec::len), Some(1), "{answer:#}");
    assert_eq!(
        (face["outcome"].as_str(), face["best"]["name"].as_str()),
        (Some("identified"), Some("Joe Biden"))
    );
    assert!(face["best"]["distance"].as_f64().is_some_and(|distance| distance < 0.01), "{face:#}");
    assert_eq!(face["landmarks"].as_array().map(Vec::len), Some(5), "{face:#}");
    assert_eq!(face["quality"]["missed"].as_array().map(Vec::len), Some(0), "{face:#}");
}

#[test]
fn a_picture_without_an_answer_is_told_and_fails_the_command_in_the_end() {
    let workplace = Workplace::new();
    fs::write(workplace.path("note.txt"), "no picture").expect("room for a file");

    let output = workplace.run(&["identify", "note.txt", "missing.jpg", &sample("obama.jpg")]);

    let table = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{table}");
    for words in ["not a picture", "No such file", "Barack Obama"] {
        assert!(table.contains(words), "{words}: {table}");
    }
}

#[test]
fn faces_are_drawn_into_a_copy_of_the_picture() {
    let workplace = Workplace::new();
    let target = workplace.path("drawn.png");

    workplace.printed(&["identify", "--draw", "drawn.png", &sample("obama.jpg")]);

    let [drawn, photo] =
        [target, asset("photos/obama.jpg")].map(|path| image::open(path).expect("a picture").into_rgb8());
    assert_eq!(drawn.dimensions(), photo.dimensions());
    let changed = drawn.pixels().zip(photo.pixels()).filter(|(drawn, photo)| drawn != photo).count();
    let share = changed * 100 / (photo.width() as usize * photo.height() as usize);
    assert!((1..20).contains(&share), "{share} % of the pixels are not those of the photo");
}

#[test]
fn known_photos_are_enrolled_listed_and_forgotten() {
    let workplace = Workplace::new();

    let enrolled =
        workplace.printed(&["gallery", "enrol", &sample("obama3.jpg"), "--name", "joe_biden_2.jpg"]);
    let listed = workplace.printed(&["gallery", "list"]);
    let forgotten = workplace.printed(&["gallery", "forget", "joe_biden_2.jpg"]);
    let again = workplace.run(&["gallery", "forget", "joe_biden_2.jpg"]);

    assert!(enrolled.contains("Joe Biden") && enrolled.contains("it looks like Barack Obama"), "{enrolled}");
    let photos: Vec<&str> =
        listed.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(photos, ["barack_obama.jpg", "joe_biden.jpg", "joe_biden_2.jpg", "revision"], "{listed}");
    assert!(forgotten.contains("forgotten"), "{forgotten}");
    assert!(!again.status.success(), "a photo can be forgotten once");
}

#[test]
fn what_a_crash_left_half_written_is_removed_at_a_later_start() {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("state/gallery")).expect("a folder");
    let left = ["known_people", "state/gallery"]
        .map(|folder| workplace.path(folder).join(".rollcall-unfinished-Xa91zQ"));
    for path in &left {
        let file = fs::File::create(path).expect("a small file");
        let now = file.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        file.set_modified(now - Duration::from_hours(2)).expect("its time can be set");
    }

    workplace.printed(&["gallery", "list"]);

    for path in left {
        assert!(!path.exists(), "{} is still there", path.display());
    }
}

#[test]
fn a_folder_that_is_missing_is_named_before_anything_is_loaded() {
    let workplace = Workplace::new();
    fs::remove_dir_all(workplace.path("known_people")).expect("it is there");

    let output = workplace.run(&["gallery", "list"]);

    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("KNOWN_PEOPLE"), "{said}");
}
