//! While the known photos change, every answer is that of one gallery, the old or the new one.

use std::collections::{BTreeMap, BTreeSet};

use proto::{MatchRequest, recognition_client::RecognitionClient};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::{
    gallery_client::{Gallery, photo},
    server::Setup,
};

const CHANGES: usize = 6;

#[tokio::test]
async fn every_answer_names_the_photos_of_the_gallery_that_it_says_it_searched() {
    let setup = Setup::new(2, 8).knows("obama.jpg", "obama.jpg");
    let mut server = setup.start().await;
    let gallery = Gallery::of(&server).await;
    let face = server.client().await.bytes(photo("obama2.jpg")).await.expect("an answer");
    let model_id = face.model_id.clone();
    let embedding = proto::Embedding { values: face.faces[0].embedding.clone() };
    let request = MatchRequest { model_id, embeddings: vec![embedding] };
    let revision = gallery.list().await.gallery_revision;
    let mut photos_of = BTreeMap::from([(revision, BTreeSet::from(["obama.jpg".to_owned()]))]);
    let enough = CancellationToken::new();
    let mut asking = JoinSet::new();
    for _ in 0..3 {
        let address = format!("http://{}", server.address());
        let (request, enough) = (request.clone(), enough.clone());
        asking.spawn(async move {
            let channel = Channel::from_shared(address).expect("an address is a URI").connect().await;
            let mut client = RecognitionClient::new(channel.expect("it listens"));
            let mut seen = Vec::new();
            while !enough.is_cancelled() {
                let answer = client.r#match(request.clone()).await.expect("an answer").into_inner();
                let photos = answer.matches[0].nearest.iter().map(|near| near.photo.clone());
                seen.push((answer.gallery_revision, photos.collect::<BTreeSet<_>>()));
            }
            seen
        });
    }

    for number in 0..CHANGES {
        let name = format!("biden_{number}.jpg");
        let enrolled = gallery.enrol(&name, photo("biden.jpg")).await.expect("a good photo");
        photos_of.insert(enrolled.gallery_revision, BTreeSet::from(["obama.jpg".to_owned(), name.clone()]));
        let revision = gallery.forget(&name).await.expect("it was known");
        assert!(photos_of.contains_key(&revision), "it is the first gallery again");
    }
    enough.cancel();

    let seen: Vec<_> = asking.join_all().await.concat();
    let revisions: BTreeSet<&String> = seen.iter().map(|(revision, _)| revision).collect();
    assert!(revisions.len() > 1, "the galleries changed while answers were given");
    for (revision, photos) in &seen {
        assert_eq!(Some(photos), photos_of.get(revision), "{revision}");
    }
    server.service.stop().await.expect("it stops");
}
