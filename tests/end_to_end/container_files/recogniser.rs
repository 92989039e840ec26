//! What the recogniser keeps, what it may change, and who may ask it to.

use serde_json::Value;

use super::{FILES, Mount, SECRETS, in_docker, is_ours, mounts, secrets, services};
use crate::configuration::{default, help};

const RECOGNISER: &str = "face-recognition";
/// Whose changes want a token, and its secret.
const TOKENS: [(&str, &str); 2] =
    [(RECOGNISER, "face_recognition_api_token"), ("receiver", "receiver_api_token")];
/// The file that says how its image is made, and that of the samples.
const DOCKERFILE: &str = "face-recognition.Dockerfile";

/// The volume behind the folder that a variable of the recogniser names.
fn mounted(recogniser: &Value, variable: &str) -> Mount {
    let help = help(RECOGNISER);
    let folder = recogniser["environment"][variable].as_str().unwrap_or_else(|| default(&help, variable));
    mounts(recogniser)
        .into_iter()
        .find(|mount| mount.target == folder)
        .unwrap_or_else(|| panic!("nothing is mounted at {folder}, which is {variable}"))
}

#[test]
fn it_keeps_its_state_in_a_volume_that_nobody_else_has() {
    for file in FILES {
        let services = services(file);
        let state = mounted(&services[RECOGNISER], "STATE_DIR");

        let having = services
            .iter()
            .filter(|(_, service)| mounts(service).iter().any(|mount| mount.volume == state.volume));

        assert!(!state.read_only, "{file}");
        assert_eq!(having.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [RECOGNISER], "{file}");
    }
}

#[test]
fn it_may_enrol_and_may_not_change_a_picture() {
    for file in FILES {
        let recogniser = &services(file)[RECOGNISER];

        assert!(!mounted(recogniser, "KNOWN_PEOPLE").read_only, "{file}");
        assert!(mounted(recogniser, "IMAGE_ROOT").read_only, "{file}");
    }
}

#[test]
fn a_token_is_a_secret_that_only_its_service_is_given_and_who_shows_it() {
    for file in FILES {
        for (name, service) in services(file) {
            for (owner, token) in TOKENS {
                let path = format!("{SECRETS}/{token}");
                let given: Vec<_> =
                    secrets(&service).into_iter().filter(|(secret, _)| secret == token).collect();
                if name == owner {
                    let told = service["environment"]["API_TOKEN_FILE"].as_str();
                    assert_eq!(told, Some(path.as_str()), "{file}: {name}");
                    assert_eq!(given, [(token.to_owned(), path)], "{file}: {name}");
                } else if name == "receiver" && owner == RECOGNISER {
                    let told = service["environment"]["GALLERY_TOKEN_FILE"].as_str();
                    assert_eq!(told, Some(path.as_str()), "{file}: {name}");
                    assert_eq!(given, [(token.to_owned(), path)], "{file}: {name}");
                } else {
                    assert!(given.is_empty(), "{file}: {name} is given {token}");
                }
            }
        }
    }
}

#[test]
fn it_is_told_how_many_pictures_its_memory_is_enough_for() {
    for file in FILES {
        let workers = &services(file)[RECOGNISER]["environment"]["WORKERS"];
        let workers = workers.as_str().and_then(|text| text.parse::<u32>().ok());
        assert!(workers.is_some_and(|workers| workers > 0), "{file}: as many as the machine has cores");
    }
}

#[test]
fn every_volume_that_a_service_of_ours_writes_to_begins_as_a_folder_of_its_account() {
    let dockerfiles = [DOCKERFILE, "services.Dockerfile"].map(in_docker);
    let owned: Vec<&str> = dockerfiles
        .iter()
        .flat_map(|dockerfile| dockerfile.lines())
        .filter_map(|line| line.strip_prefix("RUN install --directory --owner=10001 --group=10001 "))
        .flat_map(str::split_whitespace)
        .collect();
    for file in FILES {
        for (name, service) in services(file).iter().filter(|(_, service)| is_ours(service)) {
            for mount in mounts(service).iter().filter(|mount| !mount.read_only) {
                assert!(owned.contains(&mount.target.as_str()), "{file}: {name} writes to {mount:?}");
            }
        }
    }
}
