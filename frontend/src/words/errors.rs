//! What the codes in `images.error_code` mean for a person. They come from the recogniser (the table at the head of
//! `facerecog.proto`), from the form of a path or
//! address, and from the worker, which also fetches; another recogniser may have codes of its own.

/// What a code says, and what a person does about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) happened: &'static str,
    pub(super) next: &'static str,
}

/// The words for a code; a code that nobody here knows has words too.
pub(super) fn advice(code: &str) -> Advice {
    let (happened, next) = match code {
        "path_malformed" => ("The path is empty, too long or holds a NUL character.", POST_THE_RIGHT_PATH),
        "path_outside_root" => (
            "The path leads out of the folder of pictures.",
            "Put the picture below that folder and post its path there.",
        ),
        "source_not_supported" => (
            "Pictures are not fetched from web addresses here.",
            "Put the picture below the folder of pictures and post its path there.",
        ),
        "address_malformed" => ("The address cannot be read.", POST_THE_RIGHT_ADDRESS),
        "address_with_password" => ("The address holds a user or a password.", POST_THE_RIGHT_ADDRESS),
        "address_forbidden" => (
            "Pictures are not fetched from this address: it is not on the public internet.",
            "Post another address, or have the host allowed (FETCH_ALLOW of image-processor).",
        ),
        "too_many_redirects" | "redirect_refused" => {
            ("The server sends us on to where pictures are not fetched from.", POST_THE_RIGHT_ADDRESS)
        }
        "source_missing" => ("There is no picture at this address.", POST_THE_RIGHT_ADDRESS),
        "source_denied" => {
            ("The picture at this address may not be read.", "Make it readable, or post another address.")
        }
        "source_refused" => ("The server does not answer with a picture.", POST_THE_RIGHT_ADDRESS),
        "source_unavailable" | "source_unreachable" | "source_too_slow" => (
            "The picture could not be fetched.",
            "See that the server of this address answers, then post it again.",
        ),
        "s3_not_configured" => (
            "No object store is set up.",
            "Set S3_ENDPOINT or S3_ACCESS_KEY of image-processor, then post this address again.",
        ),
        "recogniser_too_old" => (
            "The recogniser cannot take pictures that were fetched.",
            "Put the picture below the folder of pictures and post its path there.",
        ),
        "not_a_file" => ("This is not a file but a folder.", POST_THE_RIGHT_PATH),
        "special_file" => ("This is not a file but a pipe, a socket or a device.", POST_THE_RIGHT_PATH),
        "file_missing" => (
            "There is no such file.",
            "Put the picture there and post this path again, or post the right one.",
        ),
        "empty_file" => ("The file is empty.", MEND_AND_POST_AGAIN),
        "damaged_image" => ("The picture is cut short or corrupt.", MEND_AND_POST_AGAIN),
        "decoder_failed" => {
            ("What decodes pictures of this format failed.", "Save it in another format and post it again.")
        }
        "not_an_image" => (
            "This is no picture in a format that can be read.",
            "Save it as JPEG, PNG, WebP, GIF, BMP or TIFF and post it again.",
        ),
        "file_too_large" => ("The file has more bytes than are allowed.", MAKE_IT_SMALLER),
        "image_too_large" => ("The picture has more pixels than are allowed.", MAKE_IT_SMALLER),
        "invalid_argument" => ("The recogniser does not take this picture.", MEND_AND_POST_AGAIN),
        "file_unreadable" => (
            "The file is there and cannot be read.",
            "See that face-recognition may read it (its log has the cause), then post this path again.",
        ),
        "queue_full" | "recogniser_busy" => ("The recogniser was too busy.", POST_AGAIN_LATER),
        "loading" | "recogniser_unavailable" => ("The recogniser was not there.", POST_AGAIN_LATER),
        "deadline_exceeded" => ("The recogniser took too long.", POST_AGAIN_WHEN_CLEAR),
        "engine_failed" | "recogniser_failed" => ("The recogniser failed.", POST_AGAIN_WHEN_CLEAR),
        "contract_broken" => (
            "The recogniser's answer makes no sense.",
            "See that face-recognition and image-processor have the same version, then post this path again.",
        ),
        "result_refused" => (
            "The recogniser answered, and the database did not take the result.",
            "See that all services have the same version (the log of image-processor has the cause), then post this path again.",
        ),
        "lost_too_often" => {
            ("The recogniser went away each time it looked at this picture.", POST_AGAIN_WHEN_CLEAR)
        }
        _ => ("The picture could not be looked at.", POST_AGAIN_WHEN_CLEAR),
    };
    Advice { happened, next }
}

const POST_THE_RIGHT_PATH: &str = "Post the path of a picture.";
const POST_THE_RIGHT_ADDRESS: &str = "Post the address of the picture itself.";
const MEND_AND_POST_AGAIN: &str = "Post it again when it is mended.";
const MAKE_IT_SMALLER: &str = "Make it smaller and post this path again.";
const POST_AGAIN_LATER: &str = "Nothing is wrong with the picture: post this path again.";
const POST_AGAIN_WHEN_CLEAR: &str =
    "The log of face-recognition has the cause. When that is mended, post this path again.";
