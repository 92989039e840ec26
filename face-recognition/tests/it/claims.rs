//! Files that claim more than they hold cost the recogniser nothing: no memory is taken for what a header says.

use std::{fs, io::Cursor, path::Path};

use image::{ImageFormat, RgbImage};
use tonic::Code;

use crate::server::{Server, error_code};

/// Memory in KiB that a call may take: far more than a small file needs, far less than those below claim.
const LITTLE_KIB: u64 = 256 << 10;

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(40, 20).write_to(&mut bytes, format).expect("the format can be written");
    bytes.into_inner()
}

/// A picture of 60,000 x 60,000 pixels by the numbers at this place.
fn sixty_thousand(format: ImageFormat, place: usize) -> Vec<u8> {
    let mut bytes = encoded(format);
    let side = if format == ImageFormat::Png { 60_000_u32.to_be_bytes() } else { 60_000_u32.to_le_bytes() };
    bytes[place..place + 8].copy_from_slice(&[side, side].concat());
    bytes
}

/// One pixel, with a frame of 65,535 x 65,535 pixels.
fn gif() -> Vec<u8> {
    let header = b"GIF89a\x01\0\x01\0\0\0\0".as_slice();
    let frame = b",\0\0\0\0\xff\xff\xff\xff\x80\0\0\0\xff\xff\xff\x02\x02\x4c\x01\0;";
    [header, frame].concat()
}

/// Metadata that claim four gigabytes: behind the picture, or in a frame of an animation.
fn webp(animated: bool) -> Vec<u8> {
    const SIZE: [u8; 6] = [39, 0, 0, 19, 0, 0];
    let picture = &encoded(ImageFormat::WebP)[12..];
    let metadata = b"EXIF\xf0\xff\xff\xffMM\0*";
    let flags = if animated { 0x0a } else { 0x08 };
    let extended = [b"VP8X\x0a\0\0\0", [flags, 0, 0, 0].as_slice(), &SIZE].concat();
    let chunks = if animated {
        let frame = [&[0; 6], SIZE.as_slice(), &[0; 4], picture, metadata].concat();
        let length = u32::try_from(frame.len()).expect("a small frame").to_le_bytes();
        [&extended, b"ANIM\x06\0\0\0\0\0\0\0\0\0ANMF".as_slice(), &length, &frame].concat()
    } else {
        [&extended, picture, metadata].concat()
    };
    [b"RIFF\xf0\xff\xff\xffWEBP".as_slice(), &chunks].concat()
}

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

#[tokio::test]
async fn no_memory_is_taken_for_what_a_file_only_claims() {
    let mut server = Server::start(1, 1).await;
    let client = server.client().await;
    client.clone().bytes(encoded(ImageFormat::Png)).await.expect("the threads have taken what they need");
    let cases = [
        ("PNG header", sixty_thousand(ImageFormat::Png, 16)[..33].to_vec(), "image_too_large"),
        ("PNG", sixty_thousand(ImageFormat::Png, 16), "image_too_large"),
        ("BMP", sixty_thousand(ImageFormat::Bmp, 18), "image_too_large"),
        ("GIF", gif(), "damaged_image"),
        ("WebP", webp(false), "damaged_image"),
        ("animated WebP", webp(true), "damaged_image"),
    ];

    for (name, bytes, expected) in cases {
        let before = peak_kib(server.folder.path());
        let status = client.clone().bytes(bytes).await.expect_err(name);
        let taken = peak_kib(server.folder.path()) - before;

        assert_eq!((status.code(), error_code(&status)), (Code::InvalidArgument, Some(expected)), "{name}");
        assert!(taken < LITTLE_KIB, "{name}: {taken} KiB");
    }
    server.service.stop().await.expect("it stops");
}
