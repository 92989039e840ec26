//! Where a picture is, in a normal form, so that one picture is one row: its path below the image root, or the address that
//! it is fetched from. Nothing here touches the file system or the network.
//!
//! | module | what |
//! |---|---|
//! | `source` | either of both: what somebody may post |
//! | `path` | paths below the image root |
//! | `web_address` | `http://` and `https://` |
//! | `object_address` | `s3://` |
//! | [`thumbnail`] | where the small picture of a fetched one lies |

mod object_address;
mod path;
mod source;
pub mod thumbnail;
mod web_address;

pub use self::{
    object_address::ObjectAddress,
    path::{PathError, PicturePath},
    source::{PictureSource, SourceError},
    web_address::WebAddress,
};

/// The longest normal form in characters; the column that holds it has this width.
pub const MAX_CHARACTERS: usize = 2048;
