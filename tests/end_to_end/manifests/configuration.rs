//! The services are told what they read, and secrets are files.

use std::{collections::BTreeMap, path::Path};

use super::{
    objects::pick,
    rendering::{ALL, Rendering, named, systems},
    workload::{Workload, environment, program},
};
use crate::configuration::{help, variables};

/// Which account each program has at the database; `migrate` makes the accounts.
const ACCOUNTS: [(&str, &str); 4] = [
    ("receiver", "receiver"),
    ("image-processor", "image-processor"),
    ("frontend", "frontend"),
    ("migrate", "root"),
];

fn for_each_program(check: impl Fn(&Rendering, &Workload<'_>, &str, &k8s_openapi::api::core::v1::Container)) {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            for container in workload.containers() {
                if let Some(program) = program(container) {
                    check(rendering, &workload, program, container);
                }
            }
        }
    }
}

#[test]
fn every_variable_is_one_that_the_service_reads() {
    for_each_program(|rendering, workload, program, container| {
        let read = variables(&help(program));
        for variable in environment(rendering, container).keys() {
            assert!(
                read.contains(variable),
                "{}: {} does not read {variable}",
                rendering.name,
                workload.name
            );
        }
    });
}

/// What a file of variables under `k8s/` sets.
fn settings(file: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../k8s").join(file);
    let text = std::fs::read_to_string(path).expect("the file lies in k8s/");
    let set = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_drain_comes_to_the_database_as_the_services_do() {
    let (services, drain) = (settings("base/config/database.env"), settings("drain/drain.env"));

    assert!(!services.is_empty());
    for (variable, value) in &services {
        assert_eq!(drain.get(variable), Some(value), "{variable}");
    }
}

#[test]
fn whoever_asks_recognisers_is_told_of_some_that_are_there() {
    for_each_program(|rendering, workload, _, container| {
        let Some(told) = environment(rendering, container).remove("RECOGNITION") else { return };
        let at = format!("{}: {} is told {told}", rendering.name, workload.name);
        let (scheme, place) = told.split_once("://").unwrap_or_else(|| panic!("{at}"));
        let (host, port) = place.rsplit_once(':').unwrap_or_else(|| panic!("{at}"));
        let name = match scheme {
            "dns" => host,
            "kube" => host.strip_prefix("rollcall/").unwrap_or_else(|| panic!("{at}: not our namespace")),
            // A recogniser beside it, in its own pod.
            "http" if host == "127.0.0.1" => return,
            // It asks seldom, and any of them.
            "http" if workload.name == "receiver" => host,
            _ => panic!("{at}"),
        };
        let services = rendering.of_kind(pick!(Service));
        let service = services.iter().find(|one| one.metadata.name.as_deref() == Some(name));
        let spec =
            service.and_then(|one| one.spec.as_ref()).unwrap_or_else(|| panic!("{at}: no such Service"));
        let open = spec.ports.iter().flatten().any(|one| match scheme {
            "dns" | "http" => one.port.to_string() == port,
            _ => one.name.as_deref() == Some(port),
        });
        assert!(open, "{at}: no such port");
    });
}

#[test]
fn recognisers_are_found_by_the_api_where_its_component_is_and_by_dns_elsewhere() {
    for (name, scheme) in [("local", "dns://"), ("endpoint-slices", "kube://"), ("production", "kube://")] {
        let rendering = named(name);
        let worker = rendering.workload("image-processor");
        let told = environment(rendering, &worker.pod().containers[0]);
        assert!(told["RECOGNITION"].starts_with(scheme), "{name}: {}", told["RECOGNITION"]);
    }
}

#[test]
fn every_program_is_deployed() {
    for rendering in systems() {
        for program in crate::configuration::PROGRAMS {
            let workloads = rendering.workloads();
            let mut containers = workloads.iter().flat_map(Workload::containers);
            let deployed = containers.any(|container| super::workload::program(container) == Some(program));
            assert!(deployed, "{} lacks {program}", rendering.name);
        }
    }
}

#[test]
fn no_secret_is_in_the_environment() {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            for container in workload.containers() {
                let at = format!("{}: {} {}", rendering.name, workload.name, container.name);
                let from_secrets = container.env_from.iter().flatten().any(|from| from.secret_ref.is_some());
                let values = container.env.iter().flatten().filter_map(|one| one.value_from.as_ref());
                let keys = values.filter(|value| value.secret_key_ref.is_some()).count();
                assert!(!from_secrets && keys == 0, "{at} reads a secret into its environment");
                for variable in environment(rendering, container).keys() {
                    let secret = variable.contains("PASSWORD") || variable.contains("TOKEN");
                    assert!(!secret || variable.ends_with("_FILE"), "{at} is told {variable}");
                }
            }
        }
    }
}

#[test]
fn every_file_that_a_service_is_told_of_is_mounted() {
    for_each_program(|rendering, workload, _, container| {
        for (variable, path) in environment(rendering, container) {
            if variable.ends_with("_FILE") || variable == "MYSQL_TLS_CA" || variable == "ACCOUNTS" {
                let mounts = container.volume_mounts.iter().flatten();
                let mounted = mounts.map(|mount| &mount.mount_path).any(|mount| path.starts_with(mount));
                assert!(mounted, "{}: {} has no {variable} {path}", rendering.name, workload.name);
            }
        }
    });
}

#[test]
fn every_program_has_its_own_account_and_a_verified_connection() {
    for_each_program(|rendering, workload, program, container| {
        let Some((_, account)) = ACCOUNTS.iter().find(|(name, _)| *name == program) else { return };
        let told = environment(rendering, container);
        let at = format!("{}: {} {}", rendering.name, workload.name, container.name);
        assert_eq!(told.get("MYSQL_USER").map(String::as_str), Some(*account), "{at}");
        assert_eq!(told.get("MYSQL_TLS").map(String::as_str), Some("verify_identity"), "{at}");
    });
}

#[test]
fn the_database_takes_encrypted_connections_only() {
    for rendering in systems() {
        let mysql = rendering.workload("mysql");
        let arguments: Vec<&String> = mysql.pod().containers[0].args.iter().flatten().collect();
        let wanted = "--require_secure_transport=ON";
        assert!(
            arguments.iter().any(|one| one.replace('-', "_") == wanted.replace('-', "_")),
            "{arguments:?}"
        );
    }
}

#[test]
fn only_the_database_and_migrate_see_the_password_of_root() {
    for rendering in ALL.iter() {
        for workload in rendering.workloads() {
            let with_root: Vec<&str> = workload
                .volumes()
                .iter()
                .filter(|volume| serde_json::to_string(volume).expect("plain data").contains("mysql-root"))
                .map(|volume| volume.name.as_str())
                .collect();
            for container in workload.containers() {
                let mounts = container.volume_mounts.iter().flatten();
                let sees = mounts.into_iter().any(|mount| with_root.contains(&mount.name.as_str()));
                assert_eq!(
                    sees,
                    ["mysql", "migrate"].contains(&container.name.as_str()),
                    "{}: {} {}",
                    rendering.name,
                    workload.name,
                    container.name
                );
            }
        }
    }
}
