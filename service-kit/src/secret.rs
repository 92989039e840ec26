//! Text that cannot be printed, and the rule "the value or a file that holds it, never both".

use std::{
    convert::Infallible,
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::Context;

/// A password or token. `Debug` hides it and there is no `Display`; [`Secret::reveal`] marks each use.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text of a file, without the newline that editors add at the end.
    pub fn read(file: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(file)?;
        Ok(Self(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// The secret `name`, from its value or from the file that `name_FILE` names. The error is a sentence that says what to
/// do.
pub fn value_or_file(
    name: &str,
    value: Option<&Secret>,
    file: Option<&PathBuf>,
) -> anyhow::Result<Option<Secret>> {
    anyhow::ensure!(
        value.is_none() || file.is_none(),
        "{name} and {name}_FILE are both set: unset one of them"
    );
    let Some(path) = file else { return Ok(value.cloned()) };
    let secret = Secret::read(path)
        .with_context(|| format!("{name}_FILE names {}, which cannot be read", path.display()))?;
    Ok(Some(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        let Ok(secret) = text.parse();
        secret
    }

    #[test]
    fn debug_output_does_not_hold_the_text() {
        assert!(!format!("{:?}", secret("hunter2")).contains("hunter2"));
    }

    #[test]
    fn the_value_and_a_file_together_are_refused() {
        let both = value_or_file("MYSQL_PASSWORD", Some(&secret("a")), Some(&PathBuf::from("/b")));

        let message = both.expect_err("one of them has to go").to_string();
        assert!(message.contains("MYSQL_PASSWORD and MYSQL_PASSWORD_FILE"), "{message}");
    }

    #[test]
    fn a_file_gives_its_text_without_the_last_newline() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("password");
        fs::write(&path, " pass word \n").expect("a small file");

        let read = value_or_file("MYSQL_PASSWORD", None, Some(&path)).expect("a readable file");

        assert_eq!(read.as_ref().map(Secret::reveal), Some(" pass word "));
    }

    #[test]
    fn a_missing_file_is_named_in_the_error() {
        let missing = value_or_file("MYSQL_PASSWORD", None, Some(&PathBuf::from("/no/such/file")));

        let message = missing.expect_err("there is no such file").to_string();
        assert!(message.contains("/no/such/file"), "{message}");
    }
}
