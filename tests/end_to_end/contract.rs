//! The gRPC contract as an older client speaks it: the four original messages, and nothing of ours but the `.proto`.

use proto::{
    Empty, IdentifyRequest, RecognizeRequest, health_check_client::HealthCheckClient,
    identify_client::IdentifyClient, recognize_request::Picture,
};
use tonic::Code;

use crate::rollcall::Rollcall;

#[tokio::test]
async fn an_older_client_gets_the_photo_or_not_found() {
    let rollcall = Rollcall::start().await;
    let mut identify = IdentifyClient::new(rollcall.channel().await);
    let absolute = rollcall.layout.image_root().join("unknown_images/unknown0006.jpg");
    let pictures = [
        ("/unknown_images/unknown0001.jpg", "barack_obama.jpg"),
        (absolute.to_str().expect("a plain path"), "joe_biden.jpg"),
        ("/unknown_images/unknown0008.jpg", "not_found"),
    ];

    for (path, name) in pictures {
        let answer = identify.identify(IdentifyRequest { image_path: path.to_owned() }).await;
        assert_eq!(answer.expect("an answer").into_inner().image_name, name, "{path}");
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn the_health_check_says_ready() {
    let rollcall = Rollcall::start().await;
    let mut health = HealthCheckClient::new(rollcall.channel().await);

    let answer = health.health_check(Empty {}).await.expect("an answer").into_inner();

    assert!(answer.ready);
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
