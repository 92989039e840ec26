//! Where the small picture of a fetched one lies, so that who writes it and who shows it agree.

use std::path::PathBuf;

/// Folder below the image root, hidden so that nobody takes it for a folder of pictures.
pub const FOLDER: &str = ".thumbnails";

/// The place below the image root: by the hash of the source's normal form (`images.path_hash`), so that a row tells it.
/// 256 folders share the files.
#[must_use]
pub fn place(path_hash: &[u8; 32]) -> PathBuf {
    let name = hex::encode(path_hash);
    [FOLDER, &name[..2], &format!("{name}.jpg")].iter().collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_thumbnail_lies_in_the_folder_of_the_first_two_digits() {
        let mut hash = [0; 32];
        (hash[0], hash[31]) = (0xab, 0x01);

        let expected = format!(".thumbnails/ab/ab{}01.jpg", "00".repeat(30));
        assert_eq!(place(&hash), Path::new(&expected));
    }
}
