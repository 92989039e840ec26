//! Files of no format that is read, and of more than one.

use super::case::{Case, DAMAGED, NO_IMAGE, TOO_LARGE, red_and_blue, refused};
use super::jpeg;

pub(crate) fn cases() -> Vec<Case> {
    let picture = jpeg::plain();
    let size = (16, 8);
    let html = b"<!DOCTYPE html><html><body><img src='x.jpg'></body></html>";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>";
    vec![
        refused("a page", html.to_vec(), NO_IMAGE),
        refused("a drawing", svg.to_vec(), NO_IMAGE),
        refused("a document that holds a picture", [b"%PDF-1.7\n".as_slice(), &picture].concat(), NO_IMAGE),
        refused(
            "an archive in front of a picture",
            [b"PK\x03\x04".as_slice(), &[0; 26], &picture].concat(),
            NO_IMAGE,
        ),
        refused("a program", [b"\x7fELF".as_slice(), &[2; 60]].concat(), NO_IMAGE),
        refused("zeros", vec![0; 4_096], NO_IMAGE),
        refused("one byte", vec![0xff], NO_IMAGE),
        refused("an icon", [b"\0\0\x01\0\x01\0\x10\x10".as_slice(), &[0; 64]].concat(), NO_IMAGE),
        refused("a portable pixmap", b"P6\n1 1\n255\n\xff\0\0".to_vec(), NO_IMAGE),
        refused(
            "a picture of a newer format",
            [b"\0\0\0\x20ftypavif".as_slice(), &[0; 64]].concat(),
            NO_IMAGE,
        ),
        refused(
            "text that begins as a BMP file does",
            b"BMW builds cars, and that is no bitmap.".to_vec(),
            NO_IMAGE,
        ),
        refused("text that begins as a GIF file does", b"GIF89a=1;alert(1)//".to_vec(), TOO_LARGE),
        refused("text that begins as a TIFF file does", b"II*\0 is how it begins.".to_vec(), DAMAGED),
        refused("the marks of a JPEG file alone", b"\xff\xd8\xff".to_vec(), DAMAGED),
        refused("the first and the last mark of a JPEG file", b"\xff\xd8\xff\xd9".to_vec(), DAMAGED),
        red_and_blue("a picture with a page behind it", [picture.as_slice(), html].concat(), size),
        red_and_blue(
            "a picture with an archive behind it",
            [picture.as_slice(), b"PK\x03\x04", &[0; 400]].concat(),
            size,
        ),
        red_and_blue("a picture with a page in it", jpeg::with_segment(&picture, 0xfe, html), size),
    ]
}
