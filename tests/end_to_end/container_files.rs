//! `docker/compose.yaml` and `docker/stack.yaml` fit the services, and run them as tightly as they allow.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::configuration::{PROGRAMS, help, variables};

const FILES: [&str; 2] = ["compose.yaml", "stack.yaml"];
/// Those that end; nobody asks them how they are.
const ONE_SHOT: [&str; 2] = ["migrate", "samples"];

fn services(file: &str) -> Map<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker").join(file);
    let text = std::fs::read_to_string(path).expect("the file lies in docker/");
    let mut whole: Value = serde_saphyr::from_str(&text).expect("the file is YAML");
    let Value::Object(services) = whole["services"].take() else { panic!("{file} has no services") };
    services
}

fn is_ours(service: &Value) -> bool {
    service["image"].as_str().is_some_and(|image| image.starts_with("rollcall/"))
}

#[test]
fn every_variable_is_one_that_the_service_reads() {
    for file in FILES {
        for (name, service) in services(file).iter().filter(|(name, _)| PROGRAMS.contains(&name.as_str())) {
            let read = variables(&help(name));
            let set = service["environment"].as_object().expect("a service is told something");
            let unknown: Vec<&String> = set.keys().filter(|variable| !read.contains(*variable)).collect();
            assert!(unknown.is_empty(), "{file}: {name} does not read {unknown:?}");
        }
    }
}

#[test]
fn every_program_is_deployed() {
    for file in FILES {
        let services = services(file);
        for program in PROGRAMS {
            assert!(services.contains_key(program), "{file} lacks {program}");
        }
    }
}

#[test]
fn every_image_has_a_version_and_every_service_a_limit_of_memory() {
    for file in FILES {
        for (name, service) in services(file) {
            let image = service["image"].as_str().unwrap_or_default();
            let tag = image.split_once(':').map(|(_, tag)| tag);
            assert!(tag.is_some_and(|tag| tag != "latest"), "{file}: {name} is {image}");
            let limits = [&service["mem_limit"], &service["deploy"]["resources"]["limits"]["memory"]];
            assert!(limits.iter().any(|limit| limit.is_string()), "{file}: {name}");
        }
    }
}

#[test]
fn our_services_write_nowhere_have_no_capabilities_and_can_be_asked_how_they_are() {
    for file in FILES {
        for (name, service) in services(file).iter().filter(|(_, service)| is_ours(service)) {
            assert_eq!(service["read_only"], true, "{file}: {name}");
            assert_eq!(service["cap_drop"], json!(["ALL"]), "{file}: {name}");
            let asked = service["healthcheck"]["test"][2] == "healthcheck";
            assert_eq!(asked, !ONE_SHOT.contains(&name.as_str()), "{file}: {name}");
        }
    }
}
