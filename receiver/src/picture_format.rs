//! Which kind of picture bytes are, told by how they begin: what the recogniser reads, and nothing else. Pure.

/// How many bytes tell it.
pub(crate) const TELLING_BYTES: usize = 12;

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    Jpeg,
    Png,
    Gif,
    WebP,
    Bmp,
    Tiff,
}

impl PictureFormat {
    /// The kind of a file that begins so; `None` for what is no picture.
    pub(crate) fn of(beginning: &[u8]) -> Option<Self> {
        let begins = |magic: &[u8]| beginning.starts_with(magic);
        if begins(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if begins(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if begins(b"GIF87a") || begins(b"GIF89a") {
            Some(Self::Gif)
        } else if begins(b"RIFF") && beginning.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP)
        } else if begins(b"BM") {
            Some(Self::Bmp)
        } else if begins(b"II*\0") || begins(b"MM\0*") {
            Some(Self::Tiff)
        } else {
            None
        }
    }

    /// How names of such files end.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Bmp => "bmp",
            Self::Tiff => "tif",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_kind_of_a_picture_whatever_it_is_called() {
        let table: [(&[u8], Option<&str>); 12] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", Some("jpg")),
            (b"\x89PNG\r\n\x1a\n\0\0\0\r", Some("png")),
            (b"GIF87a", Some("gif")),
            (b"GIF89a\x01\0\x01\0", Some("gif")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("webp")),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"BM\x46\0\0\0", Some("bmp")),
            (b"II*\0\x08\0\0\0", Some("tif")),
            (b"MM\0*\0\0\0\x08", Some("tif")),
            (b"<svg xmlns=", None),
            (b"%PDF-1.7", None),
            (b"", None),
        ];
        for (bytes, extension) in table {
            assert!(bytes.len() <= TELLING_BYTES + 4);
            let told = PictureFormat::of(&bytes[..bytes.len().min(TELLING_BYTES)]);
            assert_eq!(told.map(PictureFormat::extension), extension, "{bytes:?}");
        }
    }
}
