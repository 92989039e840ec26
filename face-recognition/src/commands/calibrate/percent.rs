//! Rates as people write them.

use identification::calibration::WantedRate;
use thiserror::Error;

/// A text that is no rate that can be wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("give a percentage above 0% and of 20% at most, for instance 1% or 0.5%")]
pub(super) struct NoRate;

/// A number with a percent sign: without one, 1 could be all.
pub(super) fn parse(text: &str) -> Result<WantedRate, NoRate> {
    let percent = text.trim().strip_suffix('%').ok_or(NoRate)?;
    let percent: f64 = percent.trim_end().parse().map_err(|_| NoRate)?;
    WantedRate::new(percent / 100.0).ok_or(NoRate)
}

/// As it was written, without what a division adds to it.
pub(super) fn wanted(rate: WantedRate) -> String {
    let percent = format!("{:.6}", rate.rate() * 100.0);
    format!("{} %", percent.trim_end_matches('0').trim_end_matches('.'))
}

/// To a tenth.
pub(super) fn measured(rate: f64) -> String {
    format!("{:.1} %", rate * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_told_as_it_was_written() {
        let table = [
            ("1%", "1 %"),
            ("0.5%", "0.5 %"),
            (" 7 % ", "7 %"),
            ("20%", "20 %"),
            ("0.10%", "0.1 %"),
            ("0.0001%", "0.0001 %"),
        ];
        for (text, told) in table {
            assert_eq!(parse(text).map(wanted).as_deref(), Ok(told), "{text}");
        }
    }

    #[test]
    fn what_is_no_percentage_that_can_be_wanted_is_refused() {
        for text in ["", "%", "1", "0.01", "0%", "-1%", "20.1%", "100%", "nan%", "inf%", "1%%", "one%"] {
            assert_eq!(parse(text), Err(NoRate), "{text}");
        }
    }
}
