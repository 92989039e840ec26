//! The gRPC contract: as an older client speaks it, and what every gRPC server offers beside.

use proto::{RecognizeRequest, recognize_request::Picture};
use tonic::{Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use crate::rollcall::Rollcall;

/// The four original messages, written down here once more: a change of the contract must not change its test.
mod original {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct IdentifyRequest {
        #[prost(string, tag = "1")]
        pub(super) image_path: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct IdentifyResponse {
        #[prost(string, tag = "1")]
        pub(super) image_name: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Empty {}

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct HealthCheckResponse {
        #[prost(bool, tag = "1")]
        pub(super) ready: bool,
    }
}

/// Calls a method by its path, as a client of any language does.
async fn call<Q, A>(rollcall: &Rollcall, method: &'static str, request: Q) -> Result<A, Status>
where
    Q: prost::Message + Default + 'static,
    A: prost::Message + Default + 'static,
{
    let mut client = Grpc::new(rollcall.channel().await);
    client.ready().await.expect("the recogniser takes a call");
    let codec = ProstCodec::<Q, A>::default();
    let answer = client.unary(Request::new(request), PathAndQuery::from_static(method), codec).await?;
    Ok(answer.into_inner())
}

#[tokio::test]
async fn an_older_client_gets_the_photo_or_not_found() {
    let rollcall = Rollcall::start().await;
    let absolute = rollcall.layout.image_root().join("unknown_images/unknown0006.jpg");
    let pictures = [
        ("/unknown_images/unknown0001.jpg", "barack_obama.jpg"),
        (absolute.to_str().expect("a plain path"), "joe_biden.jpg"),
        ("/unknown_images/unknown0008.jpg", "not_found"),
    ];

    for (path, name) in pictures {
        let request = original::IdentifyRequest { image_path: path.to_owned() };
        let answer: original::IdentifyResponse =
            call(&rollcall, "/facerecog.Identify/Identify", request).await.expect("an answer");
        assert_eq!(answer.image_name, name, "{path}");
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn every_health_service_says_that_it_serves() {
    let rollcall = Rollcall::start().await;

    let original: original::HealthCheckResponse =
        call(&rollcall, "/facerecog.HealthCheck/HealthCheck", original::Empty {}).await.expect("an answer");
    assert!(original.ready);

    for service in ["", "facerecog.Identify", "facerecog.Recognition"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let standard = HealthClient::new(rollcall.channel().await).check(request).await.expect("an answer");
        assert_eq!(standard.into_inner().status(), ServingStatus::Serving, "{service:?}");
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn the_server_describes_its_contract_by_reflection() {
    let rollcall = Rollcall::start().await;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut reflection = ServerReflectionClient::new(rollcall.channel().await);

    let answers = reflection.server_reflection_info(tokio_stream::iter([request])).await.expect("a stream");

    let answer =
        answers.into_inner().message().await.expect("an answer").expect("one answer for one question");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("a list of services: {answer:?}")
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    for service in ["Identify", "HealthCheck", "Recognition", "Gallery"] {
        assert!(names.contains(&format!("facerecog.{service}").as_str()), "{names:?}");
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn what_cannot_be_recognised_has_a_status_and_an_error_code() {
    let rollcall = Rollcall::start().await;
    let root = rollcall.layout.image_root();
    std::fs::write(root.join("text.jpg"), "this is no picture").expect("a small file");
    std::fs::write(root.join("empty.jpg"), "").expect("an empty file");
    std::os::unix::fs::symlink("/etc/hostname", root.join("link.jpg")).expect("a link");
    let mut recognition = rollcall.recognition().await;
    let cases = [
        ("/missing.jpg", Code::NotFound, "file_missing"),
        ("/../etc/passwd", Code::InvalidArgument, "path_outside_root"),
        ("/link.jpg", Code::InvalidArgument, "path_outside_root"),
        ("/unknown_images", Code::InvalidArgument, "not_a_file"),
        ("/text.jpg", Code::InvalidArgument, "not_an_image"),
        ("/empty.jpg", Code::InvalidArgument, "empty_file"),
    ];

    for (path, code, error_code) in cases {
        let request = RecognizeRequest { picture: Some(Picture::ImagePath(path.to_owned())) };
        let status = recognition.recognize(request).await.expect_err("no picture is there");
        assert_eq!(status.code(), code, "{path}: {status}");
        let told = status.metadata().get(proto::ERROR_CODE_TRAILER).and_then(|value| value.to_str().ok());
        assert_eq!(told, Some(error_code), "{path}: {status}");
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn a_picture_can_be_sent_as_bytes() {
    let rollcall = Rollcall::start().await;
    let file = rollcall.layout.image_root().join("unknown_images/unknown0001.jpg");
    let mut recognition = rollcall.recognition().await;

    let request = RecognizeRequest { picture: Some(Picture::Image(std::fs::read(file).expect("a picture"))) };
    let answer = recognition.recognize(request).await.expect("an answer").into_inner();

    assert_eq!(answer.faces.len(), 1, "{answer:?}");
    assert_eq!(answer.faces[0].nearest[0].photo, "barack_obama.jpg");
    assert_eq!(answer.faces[0].landmarks.len(), 5);
    rollcall.stop().await;
}
