//! Listing the folder: what is there counts, unless it cannot be the folder that the known photos are kept in.
//!
//! Where a volume is not mounted, an empty folder is in its place, and nobody would be known any more. So another folder
//! than the one before, in which there is no photo, changes nothing until it has one, or until somebody asks for it. Who
//! removes the last photo does so in the same folder.

use std::io;

use super::Keeper;
use crate::gallery::{
    folder::{Identity, Listing},
    ledger::Scan,
};

/// Counter: times that the folder could not be listed.
const FAILED_SCANS: &str = "rollcall_gallery_failed_scans_total";

impl Keeper {
    /// Lists the folder. One that cannot be listed changes nothing.
    pub(super) async fn scan(&mut self, scan: Scan) -> io::Result<()> {
        let listed = self.list(scan).await;
        let fault = listed.as_ref().err().map(ToString::to_string);
        let was_faulty = self.ends.fault.borrow().is_some();
        match &fault {
            Some(error) => {
                metrics::counter!(FAILED_SCANS).increment(1);
                if !was_faulty {
                    tracing::warn!(
                        error,
                        "the folder of known photos cannot be read: the last ones stay in use"
                    );
                }
            }
            None if was_faulty => tracing::info!("the folder of known photos can be read again"),
            None => {}
        }
        self.ends.fault.send_replace(fault);
        let Listing { folder, files } = listed?;
        self.listed = Some(folder);
        self.ledger.scan(files, scan);
        Ok(())
    }

    async fn list(&self, scan: Scan) -> io::Result<Listing> {
        let listing = self.in_folder(Listing::of).await?;
        let is_another = self.listed.is_some_and(|before| before != listing.folder);
        let had_photos = !self.gallery().photos().is_empty();
        if is_another && had_photos && listing.files.is_empty() && scan != Scan::Asked {
            return Err(io::Error::other(
                "it is another folder than before, without a photo: mount its volume, or ask for Reload if it is right",
            ));
        }
        Ok(listing)
    }

    /// Sees that a change is made in the folder that the known photos are from, and not in what is in its place.
    pub(super) async fn ensure_folder(&mut self) -> io::Result<()> {
        let folder = self.in_folder(Identity::of).await?;
        if self.listed == Some(folder) { Ok(()) } else { self.scan(Scan::Quick).await }
    }
}
