//! `.env.example` and the services agree on every variable.

use std::{collections::BTreeSet, path::Path, process::Command};

use rollcall_tests::installed::Installed;

pub(crate) const PROGRAMS: [&str; 5] =
    ["face-recognition", "frontend", "image-processor", "migrate", "receiver"];

fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.env.example");
    std::fs::read_to_string(path).expect("the example lies in the project's folder")
}

pub(crate) fn help(program: &str) -> String {
    let program =
        Installed::find().and_then(|installed| installed.service(program)).expect("a built program");
    let output = Command::new(program).arg("--help").env_clear().output().expect("the program starts");
    String::from_utf8(output.stdout).expect("help is text")
}

/// What stands in `[env: NAME=...]`, or in `[env: NAME]` where the value is hidden.
pub(crate) fn variables(help: &str) -> BTreeSet<String> {
    help.split("[env: ")
        .skip(1)
        .filter_map(|rest| rest.split_once(['=', ']']))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The value of a variable that nobody sets: `[env: NAME=] [default: VALUE]`.
pub(crate) fn default<'a>(help: &'a str, variable: &str) -> &'a str {
    let (_, after) = help.split_once(&format!("[env: {variable}=]")).expect("the program reads it");
    let value = after.trim_start().strip_prefix("[default: ").and_then(|rest| rest.split_once(']'));
    value.unwrap_or_else(|| panic!("{variable} has no default")).0
}

/// Each `NAME=` at the beginning of a line, also where a `#` leaves it out.
fn example_variables(example: &str) -> BTreeSet<String> {
    let is_name = |name: &str| {
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain)
    };
    let names = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
    names.map(|(name, _)| name.to_owned()).filter(|name| is_name(name)).collect()
}

#[test]
fn the_example_lists_exactly_the_variables_that_the_services_read() {
    let read: BTreeSet<String> = PROGRAMS.iter().flat_map(|program| variables(&help(program))).collect();

    assert_eq!(example_variables(&example()), read);
}

#[test]
fn the_example_is_a_file_that_the_services_can_read() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    std::fs::write(folder.path().join(".env"), example()).expect("a small file");

    for program in PROGRAMS {
        let path =
            Installed::find().and_then(|installed| installed.service(program)).expect("a built program");
        let output = Command::new(path)
            .arg("--help")
            .current_dir(folder.path())
            .env_clear()
            .output()
            .expect("it starts");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && err.is_empty(), "{program}: {err}");
        // clap shows the value that it read beside the name of the variable.
        assert!(out.contains("[env: LOG=info]"), "{program} reads the value without its comment: {out}");
    }
}

#[test]
fn a_faulty_configuration_is_refused_with_every_fault_and_code_64() {
    let program = Installed::find().and_then(|installed| installed.service("image-processor"));

    let output = Command::new(program.expect("a built program"))
        .env_clear()
        .envs([("IMAGE_ROOT", "pictures"), ("MYSQL_PASSWORD", "a"), ("MYSQL_PASSWORD_FILE", "/b")])
        .current_dir("/")
        .output()
        .expect("the program starts");

    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64), "{said}");
    for fault in
        ["IMAGE_ROOT is pictures", "MYSQL_PASSWORD_FILE are both set", "neither NSQLOOKUPD_ADDRS nor"]
    {
        assert!(said.contains(fault), "{fault:?} is not in {said}");
    }
}
