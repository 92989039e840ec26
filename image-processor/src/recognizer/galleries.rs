//! What recognisers know: asked about stored embeddings, and each of them about its gallery.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use identification::Neighbour;
use proto::{Embedding, ListRequest, MatchRequest, MatchResponse};
use tokio::time::timeout;
use tonic::{Code, Status, transport::Channel};

use super::{
    Address, Failure, Recognizer,
    answer::{expect_name, neighbour},
    balancer::HEALTH_TIMEOUT,
    end_of_list, gallery_client, recognition_client,
};
use crate::retry::Blame;

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
    /// The known photos that embeddings of this model are near to. [`Blame::Unready`] when each recogniser says that it has
    /// another model: one that says nothing may have this one.
    pub async fn match_faces(&self, model_id: &str, embeddings: Vec<Vec<f32>>) -> Result<Matches, Failure> {
        let embeddings: Vec<Embedding> = embeddings.into_iter().map(|values| Embedding { values }).collect();
        let request = MatchRequest { model_id: model_id.to_owned(), embeddings };
        let ask = |channel| {
            let request = request.clone();
            async move { match_at(channel, request).await }
        };
        match self.ask(ask, end_of_list).await {
            // Not all were asked, or not all answered.
            Err(failure) if failure.blame == Blame::Unready => match self.holder_of(model_id).await? {
                Some(address) => {
                    let answer = timeout(self.call_timeout, ask(self.channel_at(&address)?)).await;
                    answer.map_err(|_| silent(&address))?
                }
                None => Err(failure),
            },
            answered => answered,
        }
    }

    /// A recogniser that has this model; none where each says that it has another.
    async fn holder_of(&self, model_id: &str) -> Result<Option<Address>, Failure> {
        let addresses = self.addresses();
        let answers = join_all(addresses.iter().map(|address| self.revision_at(address, model_id))).await;
        let mut unsaid = None;
        for (address, answer) in addresses.into_iter().zip(answers) {
            match answer {
                Ok(_) => return Ok(Some(address)),
                Err(failure) if failure.blame == Blame::Unready => {}
                Err(failure) => unsaid = Some(failure),
            }
        }
        unsaid.map_or(Ok(None), Err)
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
        let mut client = gallery_client(self.channel_at(address)?);
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
    let MatchResponse { matches, gallery_revision } =
        recognition_client(channel).r#match(request).await?.into_inner();
    expect_name(&gallery_revision)?;
    if matches.len() != asked {
        return Err(Failure::contract("the answer has another number of matches than embeddings were sent"));
    }
    Ok(Matches {
        nearest: matches
            .into_iter()
            .map(|matched| matched.nearest.into_iter().map(neighbour).collect())
            .collect(),
        gallery_revision,
    })
}

fn silent(address: &Address) -> Failure {
    Failure::from(Status::new(Code::DeadlineExceeded, format!("the recogniser at {address} does not answer")))
}

#[cfg(test)]
mod tests;
