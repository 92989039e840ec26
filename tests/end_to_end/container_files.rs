//! `docker/compose.yaml` and `docker/stack.yaml` fit the services, and run them as tightly as they allow.

mod agreement;
mod recogniser;

use std::path::Path;

use migrations::accounts::Account;
use serde_json::{Map, Value, json};

use crate::configuration::{PROGRAMS, help, variables};

const FILES: [&str; 2] = ["compose.yaml", "stack.yaml"];
const ADMINISTRATOR: &str = "mysql_root_password";
/// How the secrets are called with which one comes to the database.
const PASSWORD: &str = "mysql_";
/// The database itself, and who makes the accounts of the others.
const ADMINISTER: [&str; 2] = ["mysql", "migrate"];
/// Where a service finds what it is given.
const SECRETS: &str = "/run/secrets";
/// Those that end; nobody asks them how they are.
const ONE_SHOT: [&str; 2] = ["migrate", "samples"];

fn in_docker(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker").join(file);
    std::fs::read_to_string(path).expect("the file lies in docker/")
}

/// One part of a file: its services, its volumes, its secrets.
fn section(file: &str, name: &str) -> Map<String, Value> {
    let mut whole: Value = serde_saphyr::from_str(&in_docker(file)).expect("the file is YAML");
    let Value::Object(section) = whole[name].take() else { panic!("{file} has no {name}") };
    section
}

fn services(file: &str) -> Map<String, Value> {
    section(file, "services")
}

fn is_ours(service: &Value) -> bool {
    service["image"].as_str().is_some_and(|image| image.starts_with("rollcall/"))
}

/// The secret that holds the password of an account.
fn secret_of(account: Account) -> String {
    format!("mysql_{}_password", account.name().replace('-', "_"))
}

/// The secrets that a service is given, each with the file in which it finds it.
fn secrets(service: &Value) -> Vec<(String, String)> {
    let secrets = service["secrets"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &Value| value.as_str().expect("a name is text").to_owned();
    secrets
        .iter()
        .map(|secret| match secret {
            Value::String(name) => (name.clone(), format!("{SECRETS}/{name}")),
            secret => (text(&secret["source"]), text(&secret["target"])),
        })
        .collect()
}

/// A volume in a service.
#[derive(Debug, PartialEq)]
struct Mount {
    volume: String,
    target: String,
    read_only: bool,
}

fn mounts(service: &Value) -> Vec<Mount> {
    let written = service["volumes"].as_array().map_or(&[][..], Vec::as_slice).iter();
    written
        .map(|mount| {
            let parts: Vec<&str> = mount.as_str().expect("a mount is text").split(':').collect();
            let (volume, target, read_only) = match parts.as_slice() {
                [volume, target] => (volume, target, false),
                [volume, target, "ro"] => (volume, target, true),
                _ => panic!("{mount} is not VOLUME:FOLDER or VOLUME:FOLDER:ro"),
            };
            Mount { volume: (*volume).to_owned(), target: (*target).to_owned(), read_only }
        })
        .collect()
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
fn the_settings_of_the_stack_are_variables_that_some_service_reads() {
    let settings = in_docker("settings.env");
    let read: Vec<String> = PROGRAMS.iter().flat_map(|program| variables(&help(program))).collect();

    let set: Vec<&str> = settings.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();

    assert!(!set.is_empty());
    let unknown: Vec<&&str> =
        set.iter().filter(|variable| !read.iter().any(|one| one == *variable)).collect();
    assert!(unknown.is_empty(), "nobody reads {unknown:?}");
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

#[test]
fn nobody_but_the_database_and_migrate_is_given_the_administrators_password() {
    for file in FILES {
        for (name, service) in services(file) {
            let is_given = secrets(&service).iter().any(|(secret, _)| secret == ADMINISTRATOR);
            assert_eq!(is_given, ADMINISTER.contains(&name.as_str()), "{file}: {name}");
        }
    }
}

#[test]
fn every_service_comes_to_the_database_by_its_own_account_and_with_no_other_password() {
    for file in FILES {
        let services = services(file);
        let with_account = Account::ALL.map(Account::name);
        for account in Account::ALL {
            let (service, secret) = (&services[account.name()], secret_of(account));
            let path = format!("{SECRETS}/{secret}");
            assert_eq!(service["environment"]["MYSQL_USER"], account.name(), "{file}");
            assert_eq!(service["environment"]["MYSQL_PASSWORD_FILE"], path.as_str(), "{file}");
            let passwords = secrets(service).into_iter().filter(|(secret, _)| secret.starts_with(PASSWORD));
            assert_eq!(passwords.collect::<Vec<_>>(), [(secret, path)], "{file}: {}", account.name());
        }
        let others = services.iter().filter(|(name, _)| {
            !with_account.contains(&name.as_str()) && !ADMINISTER.contains(&name.as_str())
        });
        for (name, service) in others {
            let has_password = secrets(service).iter().any(|(secret, _)| secret.starts_with(PASSWORD));
            assert!(!has_password, "{file}: {name}");
        }
    }
}

#[test]
fn migrate_finds_the_password_of_every_account_in_one_folder() {
    for file in FILES {
        let migrate = &services(file)["migrate"];
        let folder = migrate["environment"]["ACCOUNTS"].as_str().expect("migrate makes accounts");
        let mut expected = vec![(ADMINISTRATOR.to_owned(), format!("{SECRETS}/{ADMINISTRATOR}"))];
        expected
            .extend(Account::ALL.map(|account| (secret_of(account), format!("{folder}/{}", account.name()))));

        assert_eq!(secrets(migrate), expected, "{file}");
        assert_eq!(migrate["environment"]["MYSQL_USER"], "root", "{file}");
        assert_eq!(migrate["environment"]["MYSQL_PASSWORD_FILE"], expected[0].1.as_str(), "{file}");
    }
}
