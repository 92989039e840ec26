//! The volumes of the pictures and of the known people come after the recogniser.

use std::fs;

use rollcall_tests::samples;

use super::lone::{Environment, Place, has_everything, waits_for};

#[tokio::test]
async fn a_recogniser_waits_for_its_folders_and_then_knows_who_is_in_them() -> anyhow::Result<()> {
    let place = Place::new()?;
    let folder = place.folder.path();
    let (pack, state) = (folder.join("pack"), folder.join("state"));
    let (image_root, known_people) = (folder.join("images"), folder.join("known_people"));
    fs::create_dir(&state)?;
    let mut import = place.recipe("face-recognition", Environment::new())?;
    import.arguments =
        vec!["import-dlib".into(), "--from".into(), place.installed.assets.join("dlib").into()];
    import.arguments.extend(["--to".into(), pack.clone().into()]);
    import.start()?.expect_success().await?;
    let environment: Environment = vec![
        ("IMAGE_ROOT", image_root.clone().into()),
        ("KNOWN_PEOPLE", known_people.clone().into()),
        ("STATE_DIR", state.into()),
        ("MODEL_PACK", pack.into()),
        ("ONNX_RUNTIME", place.installed.assets.join("lib/libonnxruntime.so").into()),
    ];

    let mut service = place.start("face-recognition", environment).await?;
    waits_for(&mut service, "folders", "IMAGE_ROOT is ").await?;
    waits_for(&mut service, "folders", "KNOWN_PEOPLE is ").await?;
    fs::create_dir(&image_root)?;
    waits_for(&mut service, "folders", "mount its volume").await?;
    samples::provide(&place.installed.assets.join("photos"), &image_root, &known_people)?;
    has_everything(&mut service).await?;

    service.stop().await
}
