//! The services are told what they read, and secrets are files.

use super::{
    rendering::{ALL, Rendering, systems},
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
