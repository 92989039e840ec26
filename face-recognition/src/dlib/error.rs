//! What can go wrong in an import.

use super::reader::Malformed;
use crate::pack::PackError;

/// Why the importer wrote no pack.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A source file could not be read, or the pack could not be written.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A file is not in dlib's format: cut short, corrupt, or something else.
    #[error("{file} is not a file of dlib, or is damaged: {source}")]
    Malformed {
        /// Name of the source file.
        file: &'static str,
        /// Where reading stopped, and why.
        source: Malformed,
    },
    /// A file is in dlib's format and holds a network that is not supported.
    #[error("{file} holds another network than expected: {source}")]
    Network {
        /// Name of the source file.
        file: &'static str,
        /// What does not fit.
        source: NetworkError,
    },
}

/// Why a list of layers is not a network that can be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The weights of a layer do not match its input.
    #[error("layer {layer} does not fit its input")]
    Misfit {
        /// Number of the layer, from 0.
        layer: usize,
    },
    /// A layer where this kind of network has none.
    #[error("layer {layer} is out of place")]
    Misplaced {
        /// Number of the layer, from 0.
        layer: usize,
    },
    /// The last layer gives another number of values.
    #[error("it gives {found} values instead of {expected}")]
    Outputs {
        /// Channels of the network found.
        found: usize,
        /// Channels of the network expected.
        expected: usize,
    },
}
