//! Writes what the fuzzer begins with: `seeds FOLDER` fills a folder in it for each target.

// The crate's own tests write dlib's number coding with it.
#[path = "../../src/dlib/coding.rs"]
mod coding;
mod dlib_files;
mod pictures;

use std::{env, error::Error, fs, path::Path};

use face_recognition::{
    dlib::{self, Precision},
    pack::Pack,
};

/// A manifest for empty files.
const MANIFEST: &str = include_str!("pack.toml");

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).ok_or("usage: seeds FOLDER")?;
    let folder = Path::new(&folder);
    let network = dlib_files::network();
    let landmarks = dlib_files::landmarks();
    // A seed that is refused leads the fuzzer nowhere.
    dlib::detector(&network, Precision::Exact)?;
    let cascade = dlib::landmarks(&landmarks)?;

    write(&folder.join("dlib_network"), [("network".to_owned(), network)])?;
    write(&folder.join("dlib_landmarks"), [("landmarks".to_owned(), landmarks)])?;
    write(&folder.join("landmark_cascade"), [("landmarks".to_owned(), cascade)])?;
    write(&folder.join("model_pack"), [("pack.toml".to_owned(), MANIFEST.into())])?;
    check_manifest()?;
    write(&folder.join("decode_picture"), pictures::all())?;
    Ok(())
}

fn write(folder: &Path, seeds: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (name, bytes) in seeds {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn check_manifest() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let files = ["detector.onnx", "landmarks.bin", "embedder.onnx"].map(|name| (name.to_owned(), Vec::new()));
    write(folder.path(), files)?;
    write(folder.path(), [("pack.toml".to_owned(), MANIFEST.into())])?;
    Pack::load(folder.path())?;
    Ok(())
}
