//! The folders that others fill: a volume may be mounted, or a folder made, after the recogniser has started.

use std::{fs, path::Path, time::Duration};

use tokio::{sync::watch, task::spawn_blocking, time::sleep};

/// Between two looks.
const PERIOD: Duration = Duration::from_millis(500);

/// Waits until each of these folders, named by its variable, can be listed. Says meanwhile what is missing, in words that
/// say what to do.
pub(crate) async fn until_there(folders: &[(&'static str, &Path)], told: &watch::Sender<Option<String>>) {
    loop {
        let paths: Vec<_> = folders.iter().map(|(name, path)| (*name, path.to_path_buf())).collect();
        // On a network volume that hangs this hangs with it, and nobody else does.
        let looked = spawn_blocking(move || {
            let missing =
                paths.iter().filter_map(|(name, path)| Some(words(name, path, &fs::read_dir(path).err()?)));
            missing.collect::<Vec<String>>()
        });
        let missing = looked.await.unwrap_or_default();
        if missing.is_empty() {
            told.send_replace(None);
            return;
        }
        let missing = missing.join("; ");
        told.send_if_modified(|before| {
            let changed = before.as_ref() != Some(&missing);
            if changed {
                tracing::warn!("{missing}");
                *before = Some(missing);
            }
            changed
        });
        sleep(PERIOD).await;
    }
}

fn words(name: &str, path: &Path, error: &std::io::Error) -> String {
    format!(
        "{name} is {}, which cannot be listed ({}): make the folder, or mount its volume",
        path.display(),
        error.kind()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_that_is_made_later_is_waited_for_and_named_meanwhile() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let late = scratch.path().join("late");
        let (told, mut hears) = watch::channel(None);
        let folders = [("IMAGE_ROOT", scratch.path()), ("KNOWN_PEOPLE", late.as_path())];

        let making = async {
            let missing = hears.wait_for(Option::is_some).await.expect("it is told").clone();
            fs::create_dir(&late).expect("a folder");
            missing
        };
        let waiting = async { tokio::join!(until_there(&folders, &told), making) };
        let ((), missing) = tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it ends");

        let missing = missing.expect("something is missing");
        assert!(missing.starts_with("KNOWN_PEOPLE is ") && missing.contains("late"), "{missing}");
        assert!(!missing.contains("IMAGE_ROOT"), "{missing}");
        assert_eq!(*told.borrow(), None);
    }
}
