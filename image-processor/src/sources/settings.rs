//! How pictures are fetched, from the command line and the environment.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use picture_path::WebAddress;
use pictures::PictureLimits;
use service_kit::secret::{self, Secret};
use url::Host;

use super::allow_list::AllowList;

/// Shorter is no connection, longer keeps a place in work from the others.
const FETCH_TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_mins(10);

/// Pictures from web servers and object stores.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pictures from elsewhere")]
pub struct FetchArgs {
    /// Where pictures may be fetched from although the address is not public: host names, host:port, addresses and nets
    /// like `10.1.0.0/16`, separated by commas. All others that are not public are refused.
    #[arg(long, env = "FETCH_ALLOW")]
    pub fetch_allow: Option<AllowList>,
    /// How long it may take to fetch a picture, for instance `20s`.
    #[arg(long, env = "FETCH_TIMEOUT", default_value = "20s", value_parser = humantime::parse_duration)]
    pub fetch_timeout: Duration,
    /// The largest picture that is fetched, in bytes; at most 32 MiB, which is what the recogniser takes. `CONCURRENCY`
    /// pictures are held at the same time.
    #[arg(long, env = "FETCH_MAX_BYTES", default_value_t = PictureLimits::default().bytes)]
    pub fetch_max_bytes: usize,
    /// The object store that `s3://` means, for instance `http://minio:9000`; that of AWS when absent.
    #[arg(long, env = "S3_ENDPOINT", value_parser = store_address)]
    pub s3_endpoint: Option<WebAddress>,
    /// Region of the object store.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// Where the bucket is named: in the `path`, or in the name of the `host`.
    #[arg(long, env = "S3_ADDRESSING", default_value = "path")]
    pub s3_addressing: Addressing,
    /// Access key of the object store; without one only what everybody may read is fetched.
    #[arg(long, env = "S3_ACCESS_KEY")]
    pub s3_access_key: Option<String>,
    /// Secret of the access key; or use `S3_SECRET_KEY_FILE`.
    #[arg(long, env = "S3_SECRET_KEY", hide_env_values = true)]
    pub s3_secret_key: Option<Secret>,
    /// File that holds the secret of the access key.
    #[arg(long, env = "S3_SECRET_KEY_FILE")]
    pub s3_secret_key_file: Option<PathBuf>,
}

/// Where a bucket is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Addressing {
    /// `https://host/bucket/key`.
    Path,
    /// `https://bucket.host/key`.
    Host,
}

/// Who we are at the object store.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: Secret,
}

impl FetchArgs {
    /// What is wrong with the arguments, in sentences.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !FETCH_TIMEOUTS.contains(&self.fetch_timeout) {
            faults.push("FETCH_TIMEOUT is out of range: give 100ms to 10m".to_owned());
        }
        let most = PictureLimits::default().bytes;
        if !(1..=most).contains(&self.fetch_max_bytes) {
            faults.push(format!("FETCH_MAX_BYTES is out of range: give 1 to {most}"));
        }
        faults.extend(self.key().err().map(|error| format!("{error:#}")));
        if self.s3_addressing == Addressing::Host && self.s3_endpoint.as_ref().is_some_and(has_no_name) {
            let what =
                "S3_ADDRESSING is host, and S3_ENDPOINT has no name that a bucket's could stand before";
            faults.push(format!("{what}: give the name of the store, or S3_ADDRESSING=path"));
        }
        faults
    }

    /// Whether `s3://` means anything.
    pub(super) fn names_a_store(&self) -> bool {
        self.s3_endpoint.is_some() || self.s3_access_key.is_some()
    }

    pub(super) fn key(&self) -> anyhow::Result<Option<Key>> {
        let secret = secret::value_or_file(
            "S3_SECRET_KEY",
            self.s3_secret_key.as_ref(),
            self.s3_secret_key_file.as_ref(),
        )?;
        match (&self.s3_access_key, secret) {
            (Some(id), Some(secret)) => Ok(Some(Key { id: id.clone(), secret })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                anyhow::bail!("S3_ACCESS_KEY is set without its secret: set S3_SECRET_KEY_FILE")
            }
            (None, Some(_)) => anyhow::bail!("S3_SECRET_KEY is set without its key: set S3_ACCESS_KEY"),
        }
    }
}

fn has_no_name(address: &WebAddress) -> bool {
    matches!(address.url().host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
}

fn store_address(text: &str) -> Result<WebAddress, String> {
    let address = WebAddress::parse(text).map_err(|error| error.to_string())?;
    let url = address.url();
    if url.path() != "/" || url.query().is_some() {
        return Err("give no more than http://host:port or https://host:port".to_owned());
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        fetching: FetchArgs,
    }

    fn faults(arguments: &[&str]) -> Result<Vec<String>, String> {
        let line = [&["line"], arguments].concat();
        Line::try_parse_from(line).map(|line| line.fetching.faults()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_without_fault() {
        assert_eq!(faults(&[]), Ok(Vec::new()));
    }

    #[test]
    fn what_is_out_of_range_or_half_given_is_a_fault() {
        let table: [(&[&str], &str); 6] = [
            (&["--fetch-timeout", "1ms"], "FETCH_TIMEOUT"),
            (&["--fetch-max-bytes", "0"], "FETCH_MAX_BYTES"),
            (&["--fetch-max-bytes", "33554433"], "FETCH_MAX_BYTES"),
            (&["--s3-access-key", "me"], "S3_SECRET_KEY_FILE"),
            (&["--s3-secret-key", "word"], "S3_ACCESS_KEY"),
            (&["--s3-addressing", "host", "--s3-endpoint", "http://10.0.0.1:9000"], "S3_ADDRESSING"),
        ];
        for (arguments, named) in table {
            let faults = faults(arguments).expect("they can be read");
            assert!(faults.len() == 1 && faults[0].contains(named), "{arguments:?}: {faults:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let table: [(&[&str], &str); 5] = [
            (&["--fetch-allow", "http://a.example"], "is no exception"),
            (&["--s3-endpoint", "minio:9000"], "http"),
            (&["--s3-endpoint", "http://minio:9000/bucket"], "give no more than"),
            (&["--s3-endpoint", "http://me:word@minio:9000"], "a user or a password"),
            (&["--s3-addressing", "other"], "[possible values: path, host]"),
        ];
        for (arguments, words) in table {
            let error = faults(arguments).expect_err("they cannot be read");
            assert!(error.contains(words), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        let line = ["line", "--s3-access-key", "me", "--s3-secret-key", "swordfish"];
        let arguments = Line::try_parse_from(line).expect("a line").fetching;

        assert!(!format!("{arguments:?} {:?}", arguments.key()).contains("swordfish"));
    }
}
