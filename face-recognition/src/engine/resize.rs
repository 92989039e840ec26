//! Resizing, by OpenCV. It sees decoded pixels only, never files.

use opencv::core::{Mat, Size, Vec3b, set_num_threads};
use opencv::imgproc::{self, INTER_LINEAR};

use super::picture::Picture;
use super::pyramid::Level;

/// Workers are the parallelism; OpenCV must not start threads of its own.
pub(super) fn use_one_thread() -> Result<(), opencv::Error> {
    set_num_threads(1)
}

/// The picture in another size, from half to twice its own: linearly between pixels, which at one half is the mean of four.
pub(super) fn resize(picture: &Picture, to: Level) -> Result<Picture, opencv::Error> {
    let [width, height, to_width, to_height] = [picture.width(), picture.height(), to.width, to.height]
        .map(|side| i32::try_from(side).unwrap_or(i32::MAX));
    let mut rgb = vec![0; to.width as usize * to.height as usize * 3];
    let source = Mat::new_rows_cols_with_bytes::<Vec3b>(height, width, picture.rgb())?;
    let mut target = Mat::new_rows_cols_with_bytes_mut::<Vec3b>(to_height, to_width, &mut rgb)?;
    imgproc::resize(&source, &mut target, Size::new(to_width, to_height), 0.0, 0.0, INTER_LINEAR)?;
    Ok(Picture::from_rgb(to.width, to.height, rgb).expect("the buffer was made for this size"))
}
