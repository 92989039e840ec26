//! The gRPC services: thin, each method turns messages into calls and answers into messages.

pub(crate) mod deadline;
mod gallery;
mod health_check;
mod identify;
mod recognition;

use std::{path::PathBuf, sync::Arc};

use proto::{
    gallery_server::GalleryServer, health_check_server::HealthCheckServer, identify_server::IdentifyServer,
    recognition_server::RecognitionServer,
};
use service_kit::bearer::Access;
use tonic::service::RoutesBuilder;

use crate::recogniser::Slot;

/// What the methods work with.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) recogniser: Slot,
    pub(crate) image_root: Arc<PathBuf>,
    /// Who may change the known photos.
    pub(crate) access: Access,
}

impl Services {
    /// Adds the services of the contract.
    pub(crate) fn add_to(&self, routes: &mut RoutesBuilder) {
        routes
            .add_service(IdentifyServer::new(self.clone()))
            .add_service(HealthCheckServer::new(self.clone()))
            .add_service(
                RecognitionServer::new(self.clone())
                    .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
                    .max_encoding_message_size(proto::MAX_MESSAGE_BYTES),
            )
            .add_service(
                GalleryServer::new(self.clone())
                    .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
                    .max_encoding_message_size(proto::MAX_MESSAGE_BYTES),
            );
    }
}
