//! Generates the client, the server traits and the descriptor set for reflection from `facerecog.proto`.

use std::{env, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    tonic_prost_build::configure()
        .file_descriptor_set_path(out.join("facerecog.bin"))
        .compile_protos(&["proto/facerecog.proto"], &["proto"])?;
    Ok(())
}
