//! The short form of `make chaos`: a selection of faults under load, and the audit of every picture that was accepted.

use rollcall_tests::chaos;

#[tokio::test]
#[expect(clippy::print_stdout, reason = "a failed run is read with the times of its faults")]
async fn every_accepted_picture_has_its_one_result_whatever_fails_meanwhile() -> anyhow::Result<()> {
    let outcome = chaos::run_short(|line| println!("{line}")).await?;

    assert_eq!(outcome.violations, [""; 0]);
    assert!(outcome.accepted > 0, "nothing was posted");
    Ok(())
}
