//! What recognisers keep, what they may change, and who may ask them to.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Volume, VolumeMount};

use super::{
    rendering::ALL,
    workload::{Workload, environment, program},
};
use crate::configuration::{default, help};

const RECOGNISER: &str = "face-recognition";
const STATE: &str = "face-recognition-state";
/// Whose changes want a token, and its Secret, before the hash.
const TOKENS: [(&str, &str); 2] = [(RECOGNISER, "face-recognition-api"), ("receiver", "receiver-api")];

fn for_each_container(check: impl Fn(&str, &Workload<'_>, &Container, &BTreeMap<String, String>)) {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            for container in workload.containers() {
                let at = format!("{}: {} {}", rendering.name, workload.name, container.name);
                check(&at, &workload, container, &environment(rendering, container));
            }
        }
    }
}

fn for_each_recogniser(check: impl Fn(&str, &Workload<'_>, &Container, &BTreeMap<String, String>)) {
    for_each_container(|at, workload, container, told| {
        if program(container) == Some(RECOGNISER) {
            check(at, workload, container, told);
        }
    });
}

/// What is mounted at the folder that a variable of the recogniser names.
fn mounted<'a>(container: &'a Container, told: &BTreeMap<String, String>, variable: &str) -> &'a VolumeMount {
    let help = help(RECOGNISER);
    let folder = told.get(variable).map_or_else(|| default(&help, variable), String::as_str);
    let mut mounts = container.volume_mounts.iter().flatten();
    mounts
        .find(|mount| mount.mount_path == folder)
        .unwrap_or_else(|| panic!("nothing is mounted at {folder}, which is {variable}"))
}

fn may_write(mount: &VolumeMount) -> bool {
    mount.read_only != Some(true)
}

fn volume<'a>(workload: &Workload<'a>, mount: &VolumeMount) -> &'a Volume {
    let volume = workload.volumes().iter().find(|volume| volume.name == mount.name);
    volume.unwrap_or_else(|| panic!("there is no volume {}", mount.name))
}

fn claim(volume: &Volume) -> Option<&str> {
    volume.persistent_volume_claim.as_ref().map(|claim| claim.claim_name.as_str())
}

#[test]
fn all_recognisers_keep_their_state_in_one_claim_and_nobody_else_has_it() {
    for_each_container(|at, workload, container, told| {
        let mounts = container.volume_mounts.iter().flatten();
        let of_state: Vec<&VolumeMount> =
            mounts.filter(|mount| claim(volume(workload, mount)) == Some(STATE)).collect();
        if program(container) == Some(RECOGNISER) {
            let state = mounted(container, told, "STATE_DIR");
            assert_eq!(of_state, [state], "{at}");
            assert!(may_write(state), "{at}");
        } else {
            assert!(of_state.is_empty(), "{at}");
        }
    });
}

#[test]
fn a_recogniser_never_changes_a_picture_and_known_people_only_where_it_asks_for_a_token() {
    for_each_recogniser(|at, _, container, told| {
        assert!(!may_write(mounted(container, told, "IMAGE_ROOT")), "{at}");
        let asks = told.contains_key("API_TOKEN_FILE");
        assert_eq!(may_write(mounted(container, told, "KNOWN_PEOPLE")), asks, "{at}");
    });
}

#[test]
fn a_recogniser_that_is_called_from_afar_has_a_token_and_one_that_is_not_needs_none() {
    for_each_recogniser(|at, _, _, told| {
        let local = told["FACE_RECOGNITION_ADDR"].starts_with("127.0.0.1:");
        assert_eq!(told.contains_key("API_TOKEN_FILE"), !local, "{at}");
    });
}

#[test]
fn a_token_is_a_secret_that_only_its_service_sees_and_who_shows_it() {
    for_each_container(|at, workload, container, told| {
        let folder = |variable: &str| {
            told.get(variable).and_then(|file| file.rsplit_once('/')).map(|(folder, _)| folder)
        };
        for (service, token) in TOKENS {
            let sees: Vec<&str> = container
                .volume_mounts
                .iter()
                .flatten()
                .filter(|mount| {
                    serde_json::to_string(volume(workload, mount)).expect("plain data").contains(token)
                })
                .map(|mount| mount.mount_path.as_str())
                .collect();
            let expected = match program(container) {
                Some(own) if own == service => folder("API_TOKEN_FILE"),
                Some("receiver") => folder("GALLERY_TOKEN_FILE"),
                _ => None,
            };
            assert_eq!(sees, expected.into_iter().collect::<Vec<_>>(), "{at}: {token}");
        }
    });
}

#[test]
fn a_receiver_that_is_called_from_afar_has_a_token() {
    for_each_container(|at, _, container, told| {
        if program(container) == Some("receiver") {
            let local = told["RECEIVER_ADDR"].starts_with("127.0.0.1:");
            assert_eq!(told.contains_key("API_TOKEN_FILE"), !local, "{at}");
        }
    });
}

#[test]
fn a_recogniser_computes_with_no_more_threads_than_it_has_processors() {
    for_each_recogniser(|at, _, container, told| {
        let number = |variable: &str| {
            let help = help(RECOGNISER);
            let text = told.get(variable).map_or_else(|| default(&help, variable), String::as_str);
            text.parse::<u32>().unwrap_or_else(|error| panic!("{at}: {variable}: {error}"))
        };
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        let processors: u32 = limits.expect("it has limits")["cpu"].0.parse().expect("whole processors");

        assert!(told.contains_key("WORKERS"), "{at}: as many as its node has cores");
        assert!(number("WORKERS") * number("THREADS") <= processors, "{at}: {processors} processors");
    });
}
