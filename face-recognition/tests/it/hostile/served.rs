//! What the recogniser as a process says to the same files, and what they cost it.

use std::{fs, path::Path};

use proto::RecognizeResponse;
use tokio::time::timeout;
use tonic::{Code, Status};

use super::{
    case::{Case, Expected},
    corpus, jpeg,
};
use crate::server::{LONG, Server, error_code};

/// Memory in KiB that a call may take beside the pixels: far more than a small file needs, far less than some here claim.
const LITTLE_KIB: u64 = 256 << 10;
/// While a picture is decoded and looked at.
const BYTES_PER_PIXEL: u64 = 16;

/// The most memory that the process with this folder in its command line ever had, in KiB of address space: what was
/// taken counts, used or not.
fn peak_kib(folder: &Path) -> u64 {
    let folder = folder.to_str().expect("a plain path");
    let processes = fs::read_dir("/proc").expect("the system tells of processes").flatten();
    let mut peaks = processes.filter_map(|process| {
        let command = fs::read(process.path().join("cmdline")).ok()?;
        String::from_utf8_lossy(&command).contains(folder).then_some(())?;
        let status = fs::read_to_string(process.path().join("status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmPeak:")?.strip_suffix("kB")?.trim().parse().ok())
    });
    peaks.next().expect("the recogniser runs")
}

/// Whether the answer says what it should.
fn is_right(expected: &Expected, answer: &Result<RecognizeResponse, Status>) -> bool {
    match (expected, answer) {
        (Expected::Shown { size, .. }, Ok(response)) => (response.width, response.height) == *size,
        (Expected::Refused(code), Err(status)) => {
            status.code() == Code::InvalidArgument && error_code(status) == Some(*code)
        }
        _ => false,
    }
}

fn allowed_kib(expected: &Expected) -> u64 {
    match expected {
        Expected::Shown { size: (width, height), .. } => {
            LITTLE_KIB + u64::from(*width) * u64::from(*height) * BYTES_PER_PIXEL / 1024
        }
        Expected::Refused(_) => LITTLE_KIB,
    }
}

#[tokio::test]
async fn the_recogniser_answers_every_file_takes_no_memory_for_lies_and_goes_on() {
    let mut server = Server::start(1, 1).await;
    let client = server.client().await;
    client.clone().bytes(jpeg::plain()).await.expect("the threads have taken what they need");
    let mut faults = Vec::new();

    for Case { name, bytes, expected } in corpus() {
        let before = peak_kib(server.folder.path());
        let answer = timeout(LONG, client.clone().bytes(bytes)).await;
        let taken = peak_kib(server.folder.path()) - before;

        if answer.as_ref().is_ok_and(|answer| is_right(&expected, answer)) && taken < allowed_kib(&expected) {
            continue;
        }
        faults.push(format!("{name}: {taken} KiB, {answer:?}"));
    }

    assert!(faults.is_empty(), "{}", faults.join("\n"));
    client.bytes(jpeg::plain()).await.expect("it goes on");
    server.service.stop().await.expect("it stops");
}
