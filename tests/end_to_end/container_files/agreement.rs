//! The two files agree with each other, with themselves and with `docker/make-secrets`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value;

use super::{FILES, in_docker, is_ours, mounts, secrets, section, services};

/// What a service is told, `settings` among it.
fn environment(service: &Value, settings: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = service["environment"].as_object().into_iter().flatten();
    let own = own.map(|(name, value)| (name.clone(), value.as_str().expect("a value is text").to_owned()));
    settings.clone().into_iter().chain(own).collect()
}

/// What every service of the stack is told.
fn settings() -> BTreeMap<String, String> {
    let text = in_docker("settings.env");
    let set = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn compose_and_stack_run_the_same_images_with_the_same_volumes_secrets_and_memory() {
    let [compose, stack] = FILES.map(services);
    let names = |services: &serde_json::Map<String, Value>| services.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&compose), names(&stack));

    for (name, composed) in &compose {
        let stacked = &stack[name];
        assert_eq!(composed["image"], stacked["image"], "{name}");
        assert_eq!(mounts(composed), mounts(stacked), "{name}");
        assert_eq!(secrets(composed), secrets(stacked), "{name}");
        assert_eq!(composed["mem_limit"], stacked["deploy"]["resources"]["limits"]["memory"], "{name}");
    }
}

#[test]
fn compose_tells_a_service_nothing_that_the_stack_does_not_and_the_other_way_round() {
    let [compose, stack] = FILES.map(services);
    let settings = settings();
    for (name, composed) in &compose {
        let told = environment(composed, &BTreeMap::new());
        let in_stack = if is_ours(composed) { settings.clone() } else { BTreeMap::new() };
        let told_in_stack = environment(&stack[name], &in_stack);

        for (variable, value) in &told {
            assert_eq!(told_in_stack.get(variable), Some(value), "{name}: {variable}");
        }
        let only_stack = told_in_stack.keys().filter(|variable| !told.contains_key(*variable));
        let unknown: Vec<&String> = only_stack.filter(|variable| !settings.contains_key(*variable)).collect();
        assert!(unknown.is_empty(), "compose does not tell {name} {unknown:?}");
    }
}

#[test]
fn every_volume_and_secret_that_is_declared_is_used_and_no_other() {
    for file in FILES {
        let declared = |kind| section(file, kind).keys().cloned().collect::<BTreeSet<String>>();
        let services = services(file);
        let volumes: BTreeSet<String> =
            services.values().flat_map(mounts).map(|mount| mount.volume).collect();
        let given: BTreeSet<String> = services.values().flat_map(secrets).map(|(secret, _)| secret).collect();

        assert_eq!(volumes, declared("volumes"), "{file}");
        assert_eq!(given, declared("secrets"), "{file}");
    }
}

#[test]
fn make_secrets_makes_every_secret_that_is_declared() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let script = folder.path().join("make-secrets");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/make-secrets"), &script)
        .expect("the script lies in docker/");

    let status = Command::new("bash").arg(&script).status().expect("the script starts");

    assert!(status.success(), "{status}");
    for file in FILES {
        for (name, secret) in section(file, "secrets") {
            let made = secret["file"].as_str().expect("a secret is a file");
            let text = fs::read_to_string(folder.path().join(made))
                .unwrap_or_else(|error| panic!("{file}: {name}: {made}: {error}"));
            assert!(text.len() >= 24 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        }
    }
}

#[test]
fn no_secret_is_in_the_environment() {
    for file in FILES {
        for (name, service) in services(file) {
            for variable in environment(&service, &settings()).keys() {
                let secret = variable.contains("PASSWORD") || variable.contains("TOKEN");
                assert!(!secret || variable.ends_with("_FILE"), "{file}: {name} is told {variable}");
            }
        }
    }
}
