//! Which thresholds count, whatever lies below `STATE_DIR`.

use tempfile::TempDir;

use super::*;

const OF_PACK: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };
const MEASURED: Thresholds = Thresholds { accept: 0.51, unknown: 0.58, margin: 0.05 };

fn calibration() -> Calibration {
    let rates = MeasuredRates { falsely_named: 0.01, missed: 0.2, misnamed: 0.0 };
    Calibration {
        format: FORMAT,
        model_id: "dlib".to_owned(),
        date: "2026-02-03T04:05:06Z".parse().expect("a date"),
        thresholds: MEASURED,
        measured: Measured {
            wanted_rate: 0.01,
            people: 12,
            photos: 80,
            strangers: 300,
            mated_probes: 79,
            non_mated_probes: 380,
            at_accept: rates,
            at_unknown: rates,
        },
    }
}

fn state() -> TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

fn written(calibration: &Calibration) -> (TempDir, PathBuf) {
    let state = state();
    let path = calibration.write(state.path()).expect("it can be written");
    (state, path)
}

#[test]
fn what_was_written_counts_for_its_model_and_no_other() {
    let (state, path) = written(&calibration());

    assert_eq!(path, state.path().join("calibration/dlib.toml"));
    assert_eq!(Calibration::read(state.path(), "dlib").expect("it is sound"), Some(calibration()));
    assert_eq!(thresholds(state.path(), "dlib", OF_PACK), MEASURED);
    assert_eq!(thresholds(state.path(), "sface", OF_PACK), OF_PACK);
}

#[test]
fn the_file_is_one_that_people_can_read() {
    let (_state, path) = written(&calibration());

    let text = fs::read_to_string(path).expect("it is there");

    assert!(text.contains("date = 2026-02-03T04:05:06Z\n"), "{text}");
    assert!(text.contains("[thresholds]\naccept = 0.51\nunknown = 0.58\nmargin = 0.05\n"), "{text}");
}

#[test]
fn the_last_one_counts() {
    let (state, _) = written(&calibration());
    let later = Thresholds { accept: 0.4, ..MEASURED };

    Calibration { thresholds: later, ..calibration() }.write(state.path()).expect("it can be written");

    assert_eq!(thresholds(state.path(), "dlib", OF_PACK), later);
}

#[test]
fn without_a_calibration_the_pack_counts() {
    assert_eq!(thresholds(state().path(), "dlib", OF_PACK), OF_PACK);
}

#[test]
fn a_calibration_that_cannot_be_used_is_not_used() {
    let sound = toml::to_string(&calibration()).expect("it is TOML");
    let table = [
        ("nothing", String::new(), "damaged"),
        ("no TOML", "accept".to_owned(), "damaged"),
        ("cut short", sound[..sound.len() / 2].to_owned(), "damaged"),
        ("a key that nobody knows", format!("{sound}more = 1\n"), "damaged"),
        ("no date", sound.replace("2026-02-03T04:05:06Z", "\"soon\""), "damaged"),
        ("another format", sound.replace("format = 1", "format = 2"), "format is 2"),
        ("another model", sound.replace("\"dlib\"", "\"sface\""), "model sface"),
        ("no accept", sound.replace("accept = 0.51", "accept = 0.0"), "cannot be"),
        ("accept above unknown", sound.replace("accept = 0.51", "accept = 0.59"), "cannot be"),
        ("no number", sound.replace("margin = 0.05", "margin = nan"), "cannot be"),
        ("without an end", sound.replace("unknown = 0.58", "unknown = inf"), "cannot be"),
        ("a margin below 0", sound.replace("margin = 0.05", "margin = -0.05"), "cannot be"),
    ];
    for (case, text, reason) in table {
        let (state, path) = written(&calibration());
        assert_ne!(text, sound, "{case}");
        fs::write(path, text).expect("it can be written");

        assert_eq!(thresholds(state.path(), "dlib", OF_PACK), OF_PACK, "{case}");
        let error = Calibration::read(state.path(), "dlib").expect_err(case);
        assert!(error.to_string().contains(reason), "{case}: {error}");
    }
}

#[test]
fn a_calibration_that_cannot_be_read_is_not_used() {
    let (state, path) = written(&calibration());
    fs::remove_file(&path).expect("it is there");
    fs::create_dir(&path).expect("its place is free");

    assert_eq!(thresholds(state.path(), "dlib", OF_PACK), OF_PACK);
    assert!(matches!(Calibration::read(state.path(), "dlib"), Err(UnusableCalibration::Unreadable(_))));
}
