//! Thresholds that were measured on a user's own photos, as a file below `STATE_DIR`; and which thresholds count. Blocks.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use identification::Thresholds;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::value::Datetime;

use crate::{state_dir, whole_file};

/// Folder within the state.
const FOLDER: &str = "calibration";
const EXTENSION: &str = "toml";
/// Version of the file that is read and written.
pub(crate) const FORMAT: u32 = 1;
/// Nothing in it is secret: one account may calibrate, and another serve.
const MODE: u32 = 0o644;

/// What was measured for one model. Unknown keys are refused: a setting that is not understood must not be passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    /// Version of the file.
    pub(crate) format: u32,
    /// The model whose distances were measured.
    pub(crate) model_id: String,
    /// When, in UTC.
    pub(crate) date: Datetime,
    /// What follows.
    pub(crate) thresholds: Thresholds,
    /// On what, and what happened.
    pub(crate) measured: Measured,
}

/// The photos, and what happened under the thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measured {
    /// The share of strangers that may be named.
    pub(crate) wanted_rate: f64,
    pub(crate) people: usize,
    /// Of these people.
    pub(crate) photos: usize,
    /// Photos of other people.
    pub(crate) strangers: usize,
    /// Searches for people who were to be found.
    pub(crate) mated_probes: u32,
    /// Searches for people who were not.
    pub(crate) non_mated_probes: u32,
    pub(crate) at_accept: MeasuredRates,
    pub(crate) at_unknown: MeasuredRates,
}

/// Shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasuredRates {
    /// Of the non-mated probes.
    pub(crate) falsely_named: f64,
    /// Of the mated probes.
    pub(crate) missed: f64,
    /// Of the mated probes; these are missed, too.
    pub(crate) misnamed: f64,
}

/// Why a calibration does not count.
#[derive(Debug, Error)]
pub(crate) enum UnusableCalibration {
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it is damaged: {0}")]
    Damaged(#[from] Box<toml::de::Error>),
    #[error("its format is {0}, here is {FORMAT}")]
    OtherFormat(u32),
    #[error("it is of the model {0}")]
    OtherModel(String),
    #[error("its thresholds cannot be: they must be 0 < accept <= unknown and margin >= 0")]
    Impossible,
}

impl Calibration {
    fn path(state: &Path, model_id: &str) -> PathBuf {
        state.join(FOLDER).join(state_dir::file_name(model_id, EXTENSION))
    }

    /// Writes it in place of an earlier one of the same model; tells where.
    pub(crate) fn write(&self, state: &Path) -> io::Result<PathBuf> {
        let path = Self::path(state, &self.model_id);
        fs::create_dir_all(state.join(FOLDER))?;
        let text = toml::to_string(self).expect("a calibration has nothing that TOML cannot say");
        whole_file::replace(&path, text.as_bytes(), Permissions::from_mode(MODE))?;
        Ok(path)
    }

    /// The calibration of this model, if there is one.
    fn read(state: &Path, model_id: &str) -> Result<Option<Self>, UnusableCalibration> {
        let bytes = match fs::read(Self::path(state, model_id)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let calibration: Self = toml::from_slice(&bytes).map_err(Box::new)?;
        if calibration.format != FORMAT {
            Err(UnusableCalibration::OtherFormat(calibration.format))
        } else if calibration.model_id != model_id {
            Err(UnusableCalibration::OtherModel(calibration.model_id))
        } else if !calibration.thresholds.are_possible() {
            Err(UnusableCalibration::Impossible)
        } else {
            Ok(Some(calibration))
        }
    }
}

/// The thresholds that count for a model: those of its calibration below `state`, and without a usable one those of its
/// pack.
pub(crate) fn thresholds(state: &Path, model_id: &str, of_pack: Thresholds) -> Thresholds {
    match Calibration::read(state, model_id) {
        Ok(Some(Calibration { date, thresholds, measured, .. })) => {
            tracing::info!(
                calibration.date = %date,
                wanted_rate = measured.wanted_rate,
                falsely_named = measured.at_accept.falsely_named,
                missed = measured.at_accept.missed,
                accept = thresholds.accept,
                unknown = thresholds.unknown,
                margin = thresholds.margin,
                "the thresholds are those of a calibration"
            );
            thresholds
        }
        Ok(None) => of_pack,
        Err(error) => {
            let path = Calibration::path(state, model_id);
            tracing::warn!(path = %path.display(), %error, "a calibration is not used: the thresholds are those of the pack");
            of_pack
        }
    }
}

#[cfg(test)]
mod tests;
