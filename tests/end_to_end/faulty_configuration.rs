//! A service that is set up wrongly says everything that is wrong, once, and opens no port.

use std::process::Command;

use rollcall_tests::installed::Installed;

type Variables = &'static [(&'static str, &'static str)];

/// What each service is told, and a piece of each fault that it has to find.
const FAULTS: [(&str, Variables, &[&str]); 4] = [
    (
        "receiver",
        &[("IMAGE_ROOT", "pictures"), ("MYSQL_PASSWORD", "a"), ("MYSQL_PASSWORD_FILE", "/b")],
        &["IMAGE_ROOT is pictures", "MYSQL_PASSWORD_FILE are both set"],
    ),
    (
        "image-processor",
        &[("IMAGE_ROOT", "pictures"), ("LEASE", "1ms"), ("RECOGNITION_TIMEOUT", "1h"), ("SLOW_CALL", "0s")],
        &[
            "IMAGE_ROOT is pictures",
            "LEASE is out of range",
            "RECOGNITION_TIMEOUT is out of range",
            "SLOW_CALL is out of range",
            "neither NSQLOOKUPD_ADDRS nor",
        ],
    ),
    (
        "face-recognition",
        &[
            ("IMAGE_ROOT", "pictures"),
            ("KNOWN_PEOPLE", "/dev/null"),
            ("STATE_DIR", "/sys/fs"),
            ("API_TOKEN_FILE", "/dev/null"),
            ("MODEL_PACK", "/nothing"),
            ("ONNX_RUNTIME", "/no"),
        ],
        &[
            "IMAGE_ROOT is pictures",
            "KNOWN_PEOPLE is /dev/null, which is no folder",
            "STATE_DIR is /sys/fs, which cannot be written",
            "API_TOKEN_FILE names /dev/null, which is empty",
            "MODEL_PACK is /nothing",
            "ONNX_RUNTIME is /no",
        ],
    ),
    (
        "frontend",
        &[("MYSQL_PASSWORD", "a"), ("MYSQL_PASSWORD_FILE", "/b")],
        &["MYSQL_PASSWORD_FILE are both set"],
    ),
];

#[test]
fn every_service_lists_all_faults_and_opens_no_port() {
    let installed = Installed::find().expect("the services are built");
    let folder = tempfile::tempdir().expect("a scratch folder");

    for (service, variables, faults) in FAULTS {
        let address_file = folder.path().join(service);
        let output = Command::new(installed.service(service).expect("a built program"))
            .arg("--addr-file")
            .arg(&address_file)
            .env_clear()
            .envs(variables.iter().copied())
            .current_dir(folder.path())
            .output()
            .expect("the program starts");

        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{service}: {said}");
        for fault in faults {
            assert!(said.contains(fault), "{service}: {fault:?} is not in {said}");
        }
        assert!(!address_file.exists(), "{service} listened before it ended");
    }
}
