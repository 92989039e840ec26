//! Looks into a WebP file before the decoder does (RFC 9649, section 2): whether it was cut short or claims more than it
//! holds, and whether its lossy pixels are as many as their place has.
//!
//! A file is a row of chunks: a name of four letters, a length, so many bytes, and one more where the length is odd. A
//! frame of an animation is a chunk that holds chunks.

/// The marks of the format, in front of the first chunk.
const FILE_HEADER: usize = 12;
/// Place, size and duration of a frame, in front of its first chunk.
const FRAME_HEADER: usize = 16;
/// Where the size is in the header of a frame, and in the chunk that says what the file has beside pixels.
const SIZE_IN_FRAME: usize = 6;
const SIZE_IN_EXTENDED: usize = 4;
/// And among lossy pixels.
const SIZE_IN_LOSSY: usize = 6;
const FRAME: [u8; 4] = *b"ANMF";
const EXTENDED: [u8; 4] = *b"VP8X";
const ALPHA: [u8; 4] = *b"ALPH";
const LOSSY: [u8; 4] = *b"VP8 ";

/// Columns and rows.
type Size = [u32; 2];

/// Whether every chunk ends within the file, and every lossy picture has the size of its frame or of the file. The decoder
/// compares them only when it has decoded all, and in a frame with transparency never.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    let mut canvas = None;
    bytes.get(FILE_HEADER..).is_some_and(|row| {
        Chunks(row).all(|chunk| match chunk {
            Some(Chunk { name: EXTENDED, body }) => {
                canvas = canvas.or_else(|| size_at(body, SIZE_IN_EXTENDED));
                true
            }
            Some(Chunk { name: FRAME, body }) => is_sound_frame(body),
            Some(chunk) => fits(&chunk, canvas),
            None => false,
        })
    })
}

/// There are no frames in frames. What stands behind transparency is decoded as lossy pixels, whatever its name.
fn is_sound_frame(frame: &[u8]) -> bool {
    let size = size_at(frame, SIZE_IN_FRAME);
    let mut behind_alpha = false;
    frame.get(FRAME_HEADER..).is_some_and(|row| {
        Chunks(row).all(|chunk| {
            chunk.is_some_and(|chunk| {
                let named = !behind_alpha || chunk.name == LOSSY;
                behind_alpha = chunk.name == ALPHA;
                named && fits(&chunk, size)
            })
        })
    })
}

/// Whether the chunk holds no lossy pixels, or those for a place of this size.
fn fits(chunk: &Chunk, place: Option<Size>) -> bool {
    let lossy = (chunk.name == LOSSY).then(|| lossy_size(chunk.body)).flatten();
    lossy.is_none() || place.is_none() || lossy == place
}

/// A size written as two numbers of three bytes, each less by one.
fn size_at(bytes: &[u8], place: usize) -> Option<Size> {
    let (numbers, _) = bytes.get(place..place + 6)?.as_chunks::<3>();
    let size = |number: &[u8; 3]| u32::from_le_bytes([number[0], number[1], number[2], 0]) + 1;
    Some([size(&numbers[0]), size(&numbers[1])])
}

/// A size written as two numbers of two bytes, of which the highest two bits mean something else.
fn lossy_size(bytes: &[u8]) -> Option<Size> {
    let (numbers, _) = bytes.get(SIZE_IN_LOSSY..SIZE_IN_LOSSY + 4)?.as_chunks::<2>();
    let size = |number: [u8; 2]| u32::from(u16::from_le_bytes(number) & 0x3fff);
    Some([size(numbers[0]), size(numbers[1])])
}

struct Chunk<'a> {
    name: [u8; 4],
    body: &'a [u8],
}

/// A row of chunks; `None` for one that reaches beyond the end of the row.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Option<Chunk<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let Some((body, behind)) = rest.split_at_checked(length) else {
            self.0 = &[];
            return Some(None);
        };
        self.0 = behind.get(length % 2..).unwrap_or_default();
        Some(Some(Chunk { name: *name, body }))
    }
}
