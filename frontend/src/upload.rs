//! The files of a form, one after the other. Only so many are in memory at once, whoever sends them.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{api::ApiError, error_page::PageError, site::Site};

/// Bytes of a form with all of its files.
pub(crate) const MOST_BYTES: usize = 512 * 1024 * 1024;
/// Bytes of a file: as many as the recogniser takes.
const MOST_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Files of a form.
pub(crate) const MOST_FILES: usize = 100;
/// Files that are in memory at once.
const AT_ONCE: usize = 4;

/// Lets files into memory.
#[derive(Debug, Clone)]
pub(crate) struct UploadRoom(Arc<Semaphore>);

/// The files of one form.
pub(crate) struct Upload {
    form: Multipart,
    room: UploadRoom,
    files: usize,
}

/// What became of them.
#[derive(Debug)]
pub(crate) struct Sent<T> {
    pub(crate) taken: Vec<T>,
    /// Names, and why not.
    pub(crate) refused: Vec<(String, String)>,
    /// Set when nothing is taken from this visitor.
    pub(crate) not_let_in: Option<ApiError>,
}

/// One of them.
struct UploadedFile {
    name: String,
    /// The sentence says why there are none.
    bytes: Result<Bytes, String>,
    /// It counts as in memory for as long as this is kept.
    _permit: OwnedSemaphorePermit,
}

/// The form ended in the middle.
#[derive(Debug)]
struct CutShort;

impl UploadRoom {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl FromRequest<Site> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Site) -> Result<Self, PageError> {
        let form = Multipart::from_request(request, site).await.map_err(|_| PageError::NoFiles)?;
        Ok(Self { form, room: site.upload_room.clone(), files: 0 })
    }
}

impl Upload {
    /// Sends each file on: what is wrong with one does not keep the others out.
    pub(crate) async fn send_each<T, F: Future<Output = Result<T, ApiError>>>(
        mut self,
        forward: impl Fn(String, Bytes) -> F,
    ) -> Sent<T> {
        let mut sent = Sent { taken: Vec::new(), refused: Vec::new(), not_let_in: None };
        loop {
            let file = match self.next().await {
                Ok(Some(file)) => file,
                Ok(None) => return sent,
                Err(CutShort) => {
                    let sentence = "Not all of it arrived. Send it again, fewer or smaller files at once.";
                    sent.refused.push(("The rest".to_owned(), sentence.to_owned()));
                    return sent;
                }
            };
            // The rest is read and not used: a browser that is cut off shows an error of its own.
            if sent.not_let_in.is_some() {
                continue;
            }
            match file.bytes {
                Err(sentence) => sent.refused.push((file.name, sentence)),
                Ok(bytes) => match forward(file.name.clone(), bytes).await {
                    Ok(taken) => sent.taken.push(taken),
                    Err(error) if error.keeps_out() => sent.not_let_in = Some(error),
                    Err(error) => sent.refused.push((file.name, error.sentence().to_owned())),
                },
            }
        }
    }

    /// The next file; `None` at the end. Fields that hold none are passed over.
    async fn next(&mut self) -> Result<Option<UploadedFile>, CutShort> {
        loop {
            let Some(field) = self.form.next_field().await.map_err(cut_short)? else { return Ok(None) };
            // A field in which no file was chosen has an empty name.
            let Some(name) = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned) else {
                continue;
            };
            self.files += 1;
            let permit = Arc::clone(&self.room.0).acquire_owned().await.map_err(|_| CutShort)?;
            let bytes = if self.files > MOST_FILES {
                Err(format!("More than {MOST_FILES} files at once: send it again."))
            } else {
                read(field).await?
            };
            return Ok(Some(UploadedFile { name, bytes, _permit: permit }));
        }
    }
}

/// Reads to the end even what is too large: the next file comes behind it.
async fn read(mut field: Field<'_>) -> Result<Result<Bytes, String>, CutShort> {
    let mut bytes = Vec::new();
    let mut is_too_large = false;
    while let Some(chunk) = field.chunk().await.map_err(cut_short)? {
        if is_too_large || bytes.len() + chunk.len() > MOST_FILE_BYTES {
            is_too_large = true;
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if is_too_large {
        let mib = MOST_FILE_BYTES >> 20;
        return Ok(Err(format!("The file is larger than {mib} MiB: make it smaller.")));
    }
    Ok(Ok(bytes.into()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is a function for map_err")]
fn cut_short(error: MultipartError) -> CutShort {
    tracing::info!(%error, "files did not arrive whole");
    CutShort
}
