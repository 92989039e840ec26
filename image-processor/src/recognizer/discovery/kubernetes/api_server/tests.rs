//! Whom the worker takes for the API server. The certificates are valid from November 2026 for ten years; the tests bring
//! their own clock.

use rustls::pki_types::pem::PemObject;

use super::*;

const OWN_AUTHORITY: &[u8] = include_bytes!("certificates/own_authority.pem");
const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
/// By `AUTHORITY`.
const ISSUED: &[u8] = include_bytes!("certificates/issued.pem");

const SERVER: &str = "10.96.0.1";
/// 2027-01-15, in seconds since 1970.
const VALID: u64 = 1_800_000_000;
/// 2040-01-30.
const LATE: u64 = 2_211_000_000;

fn certificate(pem: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem).expect("a certificate")
}

fn believes(trusted: &[u8], presented: &[u8], name: &str, now: u64) -> bool {
    let verifier = Verifier::new(vec![certificate(trusted)]).expect("certificates to trust");
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
    verifier.verify_server_cert(&certificate(presented), &[], &name, &[], now).is_ok()
}

#[test]
fn a_certificate_that_a_trusted_authority_issued_is_believed() {
    assert!(believes(AUTHORITY, ISSUED, SERVER, VALID));
}

#[test]
fn a_certificate_that_is_itself_trusted_is_believed() {
    assert!(believes(OWN_AUTHORITY, OWN_AUTHORITY, SERVER, VALID), "one that is its own authority");
    assert!(believes(ISSUED, ISSUED, SERVER, VALID), "a leaf");
}

#[test]
fn no_certificate_is_believed_for_another_name_or_beyond_its_time() {
    for (trusted, presented) in [(AUTHORITY, ISSUED), (OWN_AUTHORITY, OWN_AUTHORITY), (ISSUED, ISSUED)] {
        assert!(!believes(trusted, presented, "10.96.0.2", VALID));
        assert!(!believes(trusted, presented, SERVER, LATE));
    }
}

#[test]
fn a_certificate_that_nobody_trusts_is_not_believed() {
    for (trusted, presented) in [(AUTHORITY, OWN_AUTHORITY), (OWN_AUTHORITY, ISSUED), (ISSUED, OWN_AUTHORITY)]
    {
        assert!(!believes(trusted, presented, SERVER, VALID));
    }
}
