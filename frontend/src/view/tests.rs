//! Which addresses show what, and which are refused.

use axum::{extract::Query, http::Uri};
use migrations::{ImageStatus, UnresolvedReason};
use time::macros::datetime;

use super::*;

fn view_of(address: &str) -> Result<View, AddressError> {
    let address: Uri = address.parse().expect("an address");
    let Query(address) = Query::<Address>::try_from_uri(&address).expect("no parameter stands in it twice");
    View::try_from(address)
}

fn of(standing: Standing) -> Filter {
    Filter { standing, ..Filter::default() }
}

#[test]
fn a_page_is_found_again_at_its_address() {
    let statuses = ImageStatus::ALL.map(Standing::Status);
    let reasons = UnresolvedReason::ALL.iter().copied().map(Standing::Reason);
    let searched = Filter {
        standing: Standing::Status(ImageStatus::Processed),
        text: Some("a b&c=d?é%/#+".to_owned()),
        person: Some("José \"O'Neil\" <b>".to_owned()),
        from: Some(datetime!(2024-02-29 00:00 UTC)),
        until: Some(datetime!(2024-03-01 12:30:01 UTC)),
    };
    let standings = [Standing::All].into_iter().chain(statuses).chain(reasons).map(of);
    for filter in standings.chain([searched]) {
        for position in [Position::Newest, Position::Before(0), Position::After(u64::MAX)] {
            let view = View { filter: filter.clone(), position };

            assert_eq!(view_of(&view.address()), Ok(view));
        }
    }
}

#[test]
fn the_addresses_are_the_ones_that_people_write_down() {
    let failed = Standing::Status(ImageStatus::Failed);
    let table = [
        (Standing::All, Position::Newest, "/"),
        (Standing::All, Position::Before(7), "/?before=7"),
        (failed, Position::Newest, "/?status=failed"),
        (failed, Position::After(7), "/?status=failed&after=7"),
        (Standing::Reason(UnresolvedReason::NoFace), Position::Newest, "/?status=unresolved&reason=no_face"),
    ];
    for (standing, position, address) in table {
        assert_eq!(View { filter: of(standing), position }.address(), address);
    }
    assert_eq!(address_of_person("John Doe"), "/?person=John%20Doe");
}

#[test]
fn what_a_form_leaves_empty_is_not_looked_for() {
    assert_eq!(view_of("/?q=&person=%20&from=&until="), Ok(View::newest(Filter::default())));
}

#[test]
fn what_is_no_address_of_a_page_is_refused() {
    let long = format!("/?q={}", "a".repeat(2049));
    let table = [
        ("/?status=broken", FilterError::UnknownStatus.into()),
        ("/?status=", FilterError::UnknownStatus.into()),
        ("/?status=Failed", FilterError::UnknownStatus.into()),
        ("/?status=2", FilterError::UnknownStatus.into()),
        ("/?reason=ugly", FilterError::UnknownReason.into()),
        ("/?status=failed&reason=ugly", FilterError::UnknownReason.into()),
        ("/?status=failed&reason=no_face", FilterError::ReasonOfAnotherStatus.into()),
        ("/?before=x", AddressError::NoId),
        ("/?after=-1", AddressError::NoId),
        ("/?after=18446744073709551616", AddressError::NoId),
        ("/?before=", AddressError::NoId),
        ("/?before=1&after=2", AddressError::BeforeAndAfter),
        ("/?from=yesterday", FilterError::NoTime("from").into()),
        ("/?until=2024-02-30", FilterError::NoTime("until").into()),
        (&long, FilterError::TooLong("q").into()),
    ];
    for (address, error) in table {
        assert_eq!(view_of(address), Err(error), "{address}");
    }
}
