//! Times as an address has them: `2024-02-29T23:59` in UTC, as a browser's field for a date and a time sends it, or with a
//! zone (RFC 3339), as the API tells it. Pure.

use time::{
    Date, Month, OffsetDateTime, Time, UtcOffset,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

const FORM: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");

/// A time in UTC as it stands in an address.
///
/// # Panics
/// Never: the format has only fields that every time has.
#[must_use]
pub fn text(moment: OffsetDateTime) -> String {
    moment.format(FORM).expect("the format has only fields that every time has")
}

/// A day, perhaps with a time of the day, perhaps with a zone.
#[must_use]
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok().or_else(|| without_zone(text))?;
    // The years that the database has.
    moment.checked_to_offset(UtcOffset::UTC).filter(|moment| (1000..=9999).contains(&moment.year()))
}

fn without_zone(text: &str) -> Option<OffsetDateTime> {
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let [year, month, day] = numbers(day, '-')?[..] else { return None };
    let (hour, minute, second) = match numbers(time, ':')?[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let day = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let [hour, minute, second] = [hour, minute, second].map(|number| u8::try_from(number).ok());
    let time = Time::from_hms(hour?, minute?, second?).ok()?;
    Some(OffsetDateTime::new_in_offset(day, time, UtcOffset::UTC))
}

fn numbers(text: &str, separator: char) -> Option<Vec<u32>> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
    text.split(separator).map(digits).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_a_day_with_or_without_hours_minutes_and_seconds() {
        let table = [
            ("2024-02-29", datetime!(2024-02-29 00:00 UTC)),
            ("2024-02-29T23:59", datetime!(2024-02-29 23:59 UTC)),
            ("2024-02-29T23:59:58", datetime!(2024-02-29 23:59:58 UTC)),
            ("2024-02-29 01:02", datetime!(2024-02-29 01:02 UTC)),
            ("2024-02-29T23:59:58.25Z", datetime!(2024-02-29 23:59:58.25 UTC)),
            ("2024-02-29T23:59:58+02:00", datetime!(2024-02-29 21:59:58 UTC)),
        ];
        for (text, time) in table {
            assert_eq!(parse(text), Some(time), "{text}");
        }
        let written = text(datetime!(2024-02-29 23:59:58.5 UTC));
        assert_eq!(parse(&written), Some(datetime!(2024-02-29 23:59:58 UTC)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "x",
            "2024",
            "2023-02-29",
            "2024-13-01",
            "2024-01-01T25:00",
            "2024-01-01T+1:00",
            "24-01-01",
            "-1-01-01",
            "0999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
