//! The real nsqd and nsqlookupd as child processes on ports of their own choosing. They die with the
//! test, also when it is killed.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
};

use nsq_client::Address;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::within;

const ANY_PORT: &str = "127.0.0.1:0";

struct Daemon {
    child: Child,
    tcp: Address,
    http: Address,
}

impl Daemon {
    /// Starts the program and reads from its log where it listens.
    async fn start(program: &str, arguments: &[String]) -> Self {
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(find(program))
            .args(arguments)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("setpriv is part of util-linux");
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut tcp, mut http) = (None, None);
        let mut seen = String::new();
        while tcp.is_none() || http.is_none() {
            let line = within("a daemon says where it listens", log.next_line()).await.unwrap();
            let line = line.unwrap_or_else(|| panic!("{program} ended at its start:\n{seen}"));
            let address = |kind: &str| line.split_once(kind).and_then(|(_, rest)| rest.trim().parse().ok());
            tcp = tcp.or_else(|| address("TCP: listening on "));
            http = http.or_else(|| address("HTTP: listening on "));
            seen = seen + &line + "\n";
        }
        // A full pipe would stop the daemon.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self { child, tcp: tcp.unwrap(), http: http.unwrap() }
    }

    async fn kill(&mut self) {
        within("SIGKILL ends the daemon", self.child.kill()).await.unwrap();
    }
}

/// The program in the folder `ROLLCALL_BIN`, or else on the `PATH`.
fn find(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::var_os("ROLLCALL_BIN")
        .map(PathBuf::from)
        .into_iter()
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!("{program} is neither in ROLLCALL_BIN nor on the PATH: run `make test`, which sets it")
        })
}

pub(crate) struct Lookupd {
    daemon: Daemon,
}

impl Lookupd {
    pub(crate) async fn start() -> Self {
        Self { daemon: start_lookupd(ANY_PORT, ANY_PORT).await }
    }

    pub(crate) fn http(&self) -> Address {
        self.daemon.http.clone()
    }

    pub(crate) async fn kill(&mut self) {
        self.daemon.kill().await;
    }

    /// Starts it again, after [`kill`](Self::kill), on the ports it had. It knows nothing.
    pub(crate) async fn restart(&mut self) {
        let (tcp, http) = (self.daemon.tcp.to_string(), self.daemon.http.to_string());
        self.daemon = start_lookupd(&tcp, &http).await;
    }
}

async fn start_lookupd(tcp: &str, http: &str) -> Daemon {
    let arguments = [format!("--tcp-address={tcp}"), format!("--http-address={http}")];
    Daemon::start("nsqlookupd", &arguments).await
}

pub(crate) struct Nsqd {
    daemon: Daemon,
    data: TempDir,
}

impl Nsqd {
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let daemon = start_nsqd(data.path(), ANY_PORT, None).await;
        Self { daemon, data }
    }

    pub(crate) async fn start_with(lookupd: &Lookupd) -> Self {
        let data = tempfile::tempdir().unwrap();
        let daemon = start_nsqd(data.path(), ANY_PORT, Some(lookupd)).await;
        Self { daemon, data }
    }

    pub(crate) fn address(&self) -> Address {
        self.daemon.tcp.clone()
    }

    pub(crate) async fn kill(&mut self) {
        self.daemon.kill().await;
    }

    /// Starts it again, after [`kill`](Self::kill), on the port it had.
    pub(crate) async fn restart(&mut self) {
        let port = self.daemon.tcp.to_string();
        self.daemon = start_nsqd(self.data.path(), &port, None).await;
    }

    /// The statistics of channel `images/ch`, or null when it does not exist.
    pub(crate) async fn channel_stats(&self) -> Value {
        let url = format!("http://{}/stats?format=json&topic=images&channel=ch", self.daemon.http);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let stats: Value = client.get(url).send().await.unwrap().json().await.unwrap();
        stats["topics"][0]["channels"][0].clone()
    }
}

async fn start_nsqd(data: &Path, tcp: &str, lookupd: Option<&Lookupd>) -> Daemon {
    let mut arguments = vec![
        format!("--tcp-address={tcp}"),
        format!("--http-address={ANY_PORT}"),
        format!("--data-path={}", data.display()),
        "--broadcast-address=127.0.0.1".to_owned(),
    ];
    arguments.extend(lookupd.map(|lookupd| format!("--lookupd-tcp-address={}", lookupd.daemon.tcp)));
    Daemon::start("nsqd", &arguments).await
}
