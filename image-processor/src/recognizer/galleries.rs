//! What recognisers know: asked about stored embeddings, and each of them about its gallery.

use std::collections::BTreeMap;

use identification::Neighbour;
use proto::{
    Embedding, ListRequest, MatchRequest, MatchResponse, gallery_client::GalleryClient,
    recognition_client::RecognitionClient,
};
use tokio::time::timeout;
use tonic::{Code, Status, transport::Channel};

use super::{Address, Failure, Recognizer, answer::LONGEST_NAME, balancer::HEALTH_TIMEOUT, end_of_list};

/// The known photos of one recogniser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gallery {
    /// Equal where the same photos are known.
    pub revision: String,
    /// Of the embeddings that it compares.
    pub model_id: String,
    /// Those that are searched, with the hash of their content.
    pub photos: BTreeMap<String, Vec<u8>>,
}

/// Which known photos some embeddings are near to.
#[derive(Debug, Clone, PartialEq)]
pub struct Matches {
    /// For each embedding, the nearest first.
    pub nearest: Vec<Vec<Neighbour>>,
    /// Of the gallery that was searched.
    pub gallery_revision: String,
}

impl Recognizer {
    /// The known photos that embeddings of this model are near to. [`Blame::Unready`](crate::retry::Blame) when no
    /// recogniser has the model.
    pub async fn match_faces(&self, model_id: &str, embeddings: Vec<Vec<f32>>) -> Result<Matches, Failure> {
        let embeddings: Vec<Embedding> = embeddings.into_iter().map(|values| Embedding { values }).collect();
        let request = MatchRequest { model_id: model_id.to_owned(), embeddings };
        let ask = |channel| {
            let request = request.clone();
            async move { match_at(channel, request).await }
        };
        self.ask(ask, end_of_list).await
    }

    /// Where the recognisers are now.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        self.balancer.addresses()
    }

    /// The revision of the gallery of the recogniser at this address, if it has this model.
    pub async fn revision_at(&self, address: &Address, model_id: &str) -> Result<String, Failure> {
        let request = MatchRequest { model_id: model_id.to_owned(), embeddings: Vec::new() };
        let answer = timeout(HEALTH_TIMEOUT, match_at(self.channel_at(address)?, request)).await;
        Ok(answer.map_err(|_| silent(address))??.gallery_revision)
    }

    /// The gallery of the recogniser at this address.
    pub async fn gallery_at(&self, address: &Address) -> Result<Gallery, Failure> {
        let mut client =
            GalleryClient::new(self.channel_at(address)?).max_decoding_message_size(proto::MAX_MESSAGE_BYTES);
        let answer = timeout(self.call_timeout, client.list(ListRequest {})).await;
        let list = answer.map_err(|_| silent(address))??.into_inner();
        expect_name(&list.gallery_revision)?;
        expect_name(&list.model_id)?;
        let searched = list.photos.into_iter().filter(|photo| photo.skipped.is_empty());
        Ok(Gallery {
            revision: list.gallery_revision,
            model_id: list.model_id,
            photos: searched.map(|photo| (photo.photo, photo.content_hash)).collect(),
        })
    }

    fn channel_at(&self, address: &Address) -> Result<Channel, Failure> {
        self.balancer.at(address).ok_or_else(|| Failure::nobody_there(&self.source))
    }
}

async fn match_at(channel: Channel, request: MatchRequest) -> Result<Matches, Failure> {
    let asked = request.embeddings.len();
    let mut client = RecognitionClient::new(channel)
        .max_decoding_message_size(proto::MAX_MESSAGE_BYTES)
        .max_encoding_message_size(proto::MAX_MESSAGE_BYTES);
    let MatchResponse { matches, gallery_revision } = client.r#match(request).await?.into_inner();
    expect_name(&gallery_revision)?;
    if matches.len() != asked {
        return Err(Failure::contract("the answer has another number of matches than embeddings were sent"));
    }
    let neighbour = |near: proto::Neighbour| Neighbour { photo: near.photo, distance: near.distance };
    Ok(Matches {
        nearest: matches
            .into_iter()
            .map(|matched| matched.nearest.into_iter().map(neighbour).collect())
            .collect(),
        gallery_revision,
    })
}

fn expect_name(name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(Failure::contract("the answer names no model or no gallery, or one too long"));
    }
    Ok(())
}

fn silent(address: &Address) -> Failure {
    Failure::from(Status::new(Code::DeadlineExceeded, format!("the recogniser at {address} does not answer")))
}

#[cfg(test)]
mod tests;
