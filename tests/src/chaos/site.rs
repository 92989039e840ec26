//! What the faults happen to: a whole stack under load, with a gate in each kind of connection.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context;
use sqlx::MySqlPool;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{
    form::Form,
    load::{Load, Pictures},
};
use crate::{
    installed::Installed,
    mariadb,
    samples::{self, PICTURES},
    scripted_recogniser::{Script, ScriptedRecogniser},
    stack::{Layout, Link, Plan, Ports, Stack},
};

/// Workers, and with them sweepers.
const WORKERS: usize = 2;
/// Receivers, and with them relays.
const RECEIVERS: usize = 2;
/// A picture with one face that is known.
const PICTURE: &str = "unknown0001.jpg";
/// How long what was posted may take to be accepted after the last fault.
const ACCEPT_BUDGET: Duration = Duration::from_mins(1);

/// Who recognises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recogniser {
    /// One that shows faults on demand and answers at once.
    Scripted,
    /// face-recognition.
    Real,
}

/// The running parts and the load on them. Dropping it kills all of it.
pub(super) struct Site {
    pub(super) stack: Stack,
    /// `None` where the real one recognises.
    pub(super) scripted: Option<ScriptedRecogniser>,
    pub(super) load: Load,
    /// For looking into the tables, past every gate.
    pub(super) pool: MySqlPool,
    /// Images of pictures that end the recogniser.
    pub(super) fatal: BTreeSet<u64>,
    /// How long a call of the recogniser may take.
    pub(super) recognition_timeout: Duration,
    folder: TempDir,
}

impl Site {
    /// Starts two receivers, two workers and one of everything else, and the load.
    pub(super) async fn start(
        installed: &Installed,
        form: &Form,
        recogniser: Recogniser,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("rollcall-chaos").tempdir()?;
        let layout = Layout::new(folder.path().to_owned()).with_template(mariadb::shared_template());
        let plan = Plan::new(&layout, installed, Ports::Any)
            .gated()
            .receivers(RECEIVERS)
            .workers(WORKERS)
            .set("image-processor", "LEASE", format!("{}s", form.lease.as_secs()))
            .set("image-processor", "RECOGNITION_TIMEOUT", format!("{}s", form.recognition_timeout.as_secs()))
            .set("image-processor", "CONCURRENCY", form.concurrency.to_string());
        let (plan, scripted, pictures) = match recogniser {
            Recogniser::Scripted => {
                let scripted = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
                (plan.recogniser_at(scripted.address()), Some(scripted), Pictures::Imaginary)
            }
            Recogniser::Real => {
                let (image_root, known_people) = (layout.image_root(), layout.known_people());
                samples::provide(&installed.assets.join("photos"), &image_root, &known_people)?;
                let file = image_root.join(PICTURES).join(PICTURE);
                (plan, None, Pictures::LinksTo { file, image_root })
            }
        };
        let stack = plan.start(|_| {}).await?;
        let gate = stack.gates().at(Link::ClientToReceiver).context("the stack has gates")?.address();
        let further = stack.further_receivers.iter().map(|receiver| receiver.addresses[0]);
        let receivers =
            [gate].into_iter().chain(further).map(|address| format!("http://{address}/image/post"));
        let load = Load::start(receivers.collect(), form.rate, pictures)?;
        Ok(Self {
            pool: stack.mariadb.pool()?,
            stack,
            scripted,
            load,
            fatal: BTreeSet::new(),
            recognition_timeout: form.recognition_timeout,
            folder,
        })
    }

    /// The recogniser that keeps to a script.
    pub(super) fn script(&mut self) -> anyhow::Result<&mut ScriptedRecogniser> {
        self.scripted.as_mut().context("only a scripted recogniser shows this fault")
    }

    /// What ended by itself, if anything did.
    pub(super) async fn unexpected_end(&mut self) -> Option<anyhow::Error> {
        timeout(Duration::ZERO, self.stack.unexpected_end()).await.ok()
    }

    /// Ends the load and tells every accepted id.
    pub(super) async fn stop_load(&mut self) -> anyhow::Result<BTreeSet<u64>> {
        self.load.stop(ACCEPT_BUDGET).await
    }

    /// Keeps the folder when all is over, and says where the logs are.
    pub(super) fn keep_logs(&mut self) -> String {
        self.folder.disable_cleanup(true);
        self.folder.path().join("logs").display().to_string()
    }

    /// Stops everything in order.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.pool.close().await;
        self.stack.stop().await
    }
}
