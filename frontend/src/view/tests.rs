//! Which addresses show what, and which are refused.

use axum::{extract::Query, http::Uri};

use super::*;

fn view_of(address: &str) -> Result<View, AddressError> {
    let address: Uri = address.parse().expect("an address");
    let Query(address) = Query::<Address>::try_from_uri(&address).expect("no parameter stands in it twice");
    View::try_from(address)
}

#[test]
fn a_page_is_found_again_at_its_address() {
    let statuses = ImageStatus::ALL.map(Filter::Status);
    let reasons = UnresolvedReason::ALL.iter().copied().map(Filter::Reason);
    for filter in [Filter::All].into_iter().chain(statuses).chain(reasons) {
        for position in [Position::Newest, Position::Before(0), Position::After(u64::MAX)] {
            let view = View { filter, position };

            assert_eq!(view_of(&view.address()), Ok(view));
        }
    }
}

#[test]
fn the_addresses_are_the_ones_that_people_write_down() {
    let table = [
        (Filter::All, Position::Newest, "/"),
        (Filter::All, Position::Before(7), "/?before=7"),
        (Filter::Status(ImageStatus::Failed), Position::Newest, "/?status=failed"),
        (Filter::Status(ImageStatus::Failed), Position::After(7), "/?status=failed&after=7"),
        (Filter::Reason(UnresolvedReason::NoFace), Position::Newest, "/?status=unresolved&reason=no_face"),
    ];
    for (filter, position, address) in table {
        assert_eq!(View { filter, position }.address(), address);
    }
}

#[test]
fn a_reason_alone_means_unresolved() {
    assert_eq!(view_of("/?reason=ambiguous"), Ok(View::newest(Filter::Reason(UnresolvedReason::Ambiguous))));
}

#[test]
fn what_is_no_address_of_a_page_is_refused() {
    let table = [
        ("/?status=broken", AddressError::UnknownStatus),
        ("/?status=", AddressError::UnknownStatus),
        ("/?status=Failed", AddressError::UnknownStatus),
        ("/?status=2", AddressError::UnknownStatus),
        ("/?reason=ugly", AddressError::UnknownReason),
        ("/?status=failed&reason=ugly", AddressError::UnknownReason),
        ("/?status=failed&reason=no_face", AddressError::ReasonOfAnotherStatus),
        ("/?before=x", AddressError::NoId),
        ("/?after=-1", AddressError::NoId),
        ("/?after=18446744073709551616", AddressError::NoId),
        ("/?before=", AddressError::NoId),
        ("/?before=1&after=2", AddressError::BeforeAndAfter),
    ];
    for (address, error) in table {
        assert_eq!(view_of(address), Err(error), "{address}");
    }
}

#[test]
fn a_value_that_does_not_exist_is_answered_with_those_that_do() {
    let table = [
        (AddressError::UnknownStatus, "one of pending, processed, failed, processing, unresolved."),
        (AddressError::UnknownReason, "one of no_face, low_quality, unknown_face, ambiguous."),
    ];
    for (error, values) in table {
        assert!(error.to_string().ends_with(values), "{error}");
    }
}
