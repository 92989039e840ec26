//! Wires the recogniser together: bind, load, serve, stop in order.

use std::{future::ready, sync::Arc, time::Duration};

use axum::middleware;
use proto::{gallery_server, health_check_server, identify_server, recognition_server};
use service_kit::{Process, bearer::Access, health::Health, listen};
use tokio::{net::TcpListener, sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    config::{ADDR_VARIABLE, ADMIN_ADDR_VARIABLE, Config},
    folders,
    grpc::{Services, deadline},
    loading::Loaded,
    recogniser::Slot,
    workers::Threads,
};

/// Calls that one client may have open beside those that are worked on or wait, so that one too many is refused at once
/// and not kept waiting. Each may hold a whole picture.
const CALLS_BESIDE: usize = 16;
/// How long a call may take, whatever its caller says. No worker waits longer: nsqd would not.
const LONGEST_CALL: Duration = Duration::from_mins(15);
/// How long open calls may take when the process is told to stop.
const DRAIN_BUDGET: Duration = Duration::from_secs(15);

/// Names of the services whose state grpc.health.v1 tells.
const SERVICE_NAMES: [&str; 4] = [
    identify_server::SERVICE_NAME,
    health_check_server::SERVICE_NAME,
    recognition_server::SERVICE_NAME,
    gallery_server::SERVICE_NAME,
];

/// A recogniser that listens and does not answer yet.
pub struct App {
    grpc: TcpListener,
    admin: TcpListener,
    config: Config,
}

impl App {
    /// Opens both ports.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let grpc =
            listen::bind(config.face_recognition_addr, ADDR_VARIABLE, config.addr_file.as_deref()).await?;
        let admin = listen::bind(
            config.face_recognition_admin_addr,
            ADMIN_ADDR_VARIABLE,
            config.admin_addr_file.as_deref(),
        )
        .await?;
        Ok(Self { grpc, admin, config })
    }

    /// Answers until the process is told to stop, then finishes the open calls and returns. While models and known people
    /// are loaded, calls are answered UNAVAILABLE.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        let stopping = process.stopping.clone();
        let Self { grpc, admin, config } = self;
        let slot = Slot::default();
        // Whether the engine keeps up is no question of readiness: a busy recogniser must stay in use.
        let health = Health::new(process).requires("models and known people", {
            let slot = slot.clone();
            move || ready(slot.get().map(|_| ()).map_err(|loading| loading.to_string()))
        });
        let (missing, waited_for) = watch::channel(None);
        let health =
            health.requires("folders", move || ready(waited_for.borrow().clone().map_or(Ok(()), Err)));
        // The last known people stay in use: no reason to send requests elsewhere.
        let health = health.reports("folder of known people", {
            let slot = slot.clone();
            move || {
                ready(
                    slot.get()
                        .ok()
                        .and_then(|recogniser| recogniser.known_photos.fault())
                        .map_or(Ok(()), Err),
                )
            }
        });
        let (reporter, health_service) = tonic_health::server::health_reporter();
        // It would begin as serving.
        announce(&reporter, ServingStatus::NotServing).await;
        let mut routes = Routes::builder();
        let access = Access::new(config.api_token()?, grpc.local_addr()?);
        Services { recogniser: slot.clone(), image_root: Arc::new(config.image_root.clone()), access }
            .add_to(&mut routes);
        routes
            .add_service(health_service)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);

        tracing::info!(address = %grpc.local_addr()?, "the recogniser listens");
        let serving = Server::builder()
            .concurrency_limit_per_connection(config.worker_count().get() + config.queue.get() + CALLS_BESIDE)
            .add_routes(within_deadlines(routes.routes()))
            .serve_with_incoming_shutdown(
                TcpIncoming::from(grpc).with_nodelay(Some(true)),
                stopping.clone().cancelled_owned(),
            );
        let calls_ended = CancellationToken::new();
        // To the end, so that whoever asks meanwhile hears that it is not ready.
        let watching = listen::serve(admin, health.router(), calls_ended.clone());
        // All three end when the process is told to stop; a failure of any ends the process.
        let (drained, (), threads) = tokio::try_join!(
            async {
                let drained = drain(serving, &stopping).await;
                calls_ended.cancel();
                drained
            },
            async { Ok(watching.await?) },
            load(&config, &missing, &slot, &reporter, &stopping, &calls_ended)
        )?;

        // With the last way to them gone, the threads finish what waits and end. A call that is still open holds them.
        drop(slot);
        if let Some(threads) = threads.filter(|_| drained) {
            tokio::task::spawn_blocking(|| threads.join()).await?;
        }
        Ok(())
    }
}

/// The same services, none of which takes longer than its caller or [`LONGEST_CALL`] allows.
fn within_deadlines(routes: Routes) -> Routes {
    routes.into_axum_router().layer(middleware::from_fn_with_state(LONGEST_CALL, deadline::keep)).into()
}

/// Waits for `serving`, and once the process is told to stop no longer than [`DRAIN_BUDGET`]: a client that watches
/// the health service never ends its call. Whether all calls ended.
async fn drain(
    serving: impl Future<Output = Result<(), tonic::transport::Error>>,
    stopping: &CancellationToken,
) -> anyhow::Result<bool> {
    tokio::select! {
        served = serving => {
            served?;
            Ok(true)
        }
        () = async { stopping.cancelled().await; sleep(DRAIN_BUDGET).await } => {
            tracing::warn!("open calls are cut off");
            Ok(false)
        }
    }
}

/// Waits for the folders, loads models and known people, announces that the recogniser serves, and keeps the known people until the end. The
/// announcement is taken back at once when the process is told to stop. `None` when the end came before everything was loaded.
async fn load(
    config: &Config,
    missing: &watch::Sender<Option<String>>,
    slot: &Slot,
    reporter: &HealthReporter,
    stopping: &CancellationToken,
    calls_ended: &CancellationToken,
) -> anyhow::Result<Option<Threads>> {
    let loading = async {
        folders::until_there(&config.folders(), missing).await;
        Loaded::load(config, &config.image_root).await
    };
    let Some(loaded) = stopping.run_until_cancelled(loading).await else { return Ok(None) };
    let Loaded { recogniser, keeper, threads } = loaded?;
    slot.fill(recogniser);
    announce(reporter, ServingStatus::Serving).await;
    // Open calls may want changes, to the end.
    let mut keeping = tokio::spawn(keeper.run(calls_ended.clone()));
    tokio::select! {
        // First, or a keeper that ended because the process does would be taken for a fault.
        biased;
        () = stopping.cancelled() => {}
        ended = &mut keeping => {
            ended?;
            anyhow::bail!("nobody keeps the known photos any more");
        }
    }
    announce(reporter, ServingStatus::NotServing).await;
    keeping.await?;
    Ok(Some(threads))
}

/// Says by grpc.health.v1 whether the services of the contract answer.
async fn announce(reporter: &HealthReporter, status: ServingStatus) {
    reporter.set_service_status("", status).await;
    for name in SERVICE_NAMES {
        reporter.set_service_status(name, status).await;
    }
}

/// The contract described by the server itself; old clients ask by the older name of this service.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
