//! What clients of `Gallery` see, and how long they wait for it.

use std::{fs, time::Duration};

use proto::{
    EnrolRequest, EnrolResponse, ForgetRequest, KnownPhoto, ListRequest, ListResponse, RecognizeResponse,
    ReloadRequest, gallery_client::GalleryClient,
};
use rollcall_tests::wait;
use tonic::{Request, Response, Status, transport::Channel};

use crate::{
    assets::asset,
    server::{Server, error_code},
};

/// Within this a change of the folder is known.
pub(crate) const NOTICED: Duration = Duration::from_secs(5);

/// The bytes of a sample photo.
pub(crate) fn photo(name: &str) -> Vec<u8> {
    fs::read(asset("photos").join(name)).expect("the photo can be read")
}

/// Asks about the known photos, and changes them.
#[derive(Clone)]
pub(crate) struct Gallery {
    client: GalleryClient<Channel>,
    token: Option<&'static str>,
}

impl Gallery {
    pub(crate) async fn of(server: &Server) -> Self {
        let channel =
            Channel::from_shared(format!("http://{}", server.address())).expect("an address is a URI");
        let channel = channel.connect().await.expect("it listens");
        let client = GalleryClient::new(channel)
            .max_encoding_message_size(proto::MAX_MESSAGE_BYTES)
            .max_decoding_message_size(proto::MAX_MESSAGE_BYTES);
        Self { client, token: None }
    }

    /// Sends this with every request from now on.
    pub(crate) fn with_token(self, token: &'static str) -> Self {
        Self { token: Some(token), ..self }
    }

    pub(crate) async fn list(&self) -> ListResponse {
        self.client.clone().list(ListRequest {}).await.expect("a list").into_inner()
    }

    pub(crate) async fn enrol(&self, name: &str, image: Vec<u8>) -> Result<EnrolResponse, Status> {
        let request = self.request(EnrolRequest { photo: name.to_owned(), image });
        self.client.clone().enrol(request).await.map(Response::into_inner)
    }

    /// The gallery's revision after it.
    pub(crate) async fn forget(&self, name: &str) -> Result<String, Status> {
        let request = self.request(ForgetRequest { photo: name.to_owned() });
        self.client.clone().forget(request).await.map(|answer| answer.into_inner().gallery_revision)
    }

    /// The gallery's revision after it.
    pub(crate) async fn reload(&self) -> Result<String, Status> {
        let request = self.request(ReloadRequest {});
        self.client.clone().reload(request).await.map(|answer| answer.into_inner().gallery_revision)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = self.token {
            let value = format!("Bearer {token}").parse().expect("a header's value");
            request.metadata_mut().insert("authorization", value);
        }
        request
    }

    /// Waits until the list is as it should be, no longer than a change may take to be noticed.
    pub(crate) async fn becomes(&self, what: &str, expected: impl Fn(&[KnownPhoto]) -> bool) -> ListResponse {
        let probe = async || {
            let list = self.list().await;
            if expected(&list.photos) { Ok(list) } else { Err(format!("{:?}", told(&list.photos))) }
        };
        wait::until(what, NOTICED, probe).await.expect("the list follows the folder")
    }
}

/// Names and why they are skipped.
pub(crate) fn told(photos: &[KnownPhoto]) -> Vec<(&str, &str)> {
    photos.iter().map(|photo| (photo.photo.as_str(), photo.skipped.as_str())).collect()
}

/// The known photo that is nearest to the only face.
pub(crate) fn nearest(answer: &RecognizeResponse) -> Option<&str> {
    let [face] = answer.faces.as_slice() else { panic!("one face: {answer:?}") };
    face.nearest.first().map(|near| near.photo.as_str())
}

/// The word for programs of a refusal.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.expect_err("it is refused");
    error_code(&status).unwrap_or_else(|| panic!("no error code: {status:?}")).to_owned()
}
