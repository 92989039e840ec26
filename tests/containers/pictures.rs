//! One picture again and again, under paths of their own.

/// What a shell is told where the pictures lie, to have that many in a folder of their own.
pub(crate) fn copy_command(folder: &str, count: usize) -> String {
    format!(
        "mkdir /images/{folder} && for n in $(seq {count}); \
         do cp /images/unknown_images/unknown0001.jpg /images/{folder}/$n.jpg; done"
    )
}

/// As what they are posted then.
pub(crate) fn paths(folder: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("/{folder}/{number}.jpg")).collect()
}
