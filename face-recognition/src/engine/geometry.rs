//! Points, boxes and the transform that lays one face over another. Coordinates are pixels, x to the right and
//! y down; a [`Point`] at whole numbers is the centre of a pixel.

/// A place in a picture; (0, 0) is the centre of the first pixel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// A point at (`x`, `y`).
    #[must_use]
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Half way to `other`.
    #[must_use]
    pub fn middle(self, other: Self) -> Self {
        Self::new(f64::midpoint(self.x, other.x), f64::midpoint(self.y, other.y))
    }
}

/// A box of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// First column.
    pub left: i32,
    /// First row.
    pub top: i32,
    /// Columns.
    pub width: i32,
    /// Rows.
    pub height: i32,
}

/// A box by its edges: column 0 reaches from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Area {
    /// Pixels covered; 0 for an empty box.
    #[must_use]
    pub fn size(&self) -> f64 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    /// Pixels covered by both.
    #[must_use]
    pub fn shared(&self, other: &Self) -> f64 {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        both.size()
    }

    /// The nearest box of whole pixels; a square stays one.
    #[must_use]
    pub fn rounded(&self) -> Bounds {
        #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
        let whole = |value: f64| value.round() as i32;
        Bounds {
            left: whole(self.left),
            top: whole(self.top),
            width: whole(self.right - self.left),
            height: whole(self.bottom - self.top),
        }
    }
}

impl From<Bounds> for Area {
    fn from(bounds: Bounds) -> Self {
        let (left, top) = (f64::from(bounds.left), f64::from(bounds.top));
        Self { left, top, right: left + f64::from(bounds.width), bottom: top + f64::from(bounds.height) }
    }
}

/// Rotation, uniform scale and shift: (x, y) -> (a x - b y, b x + a y) + shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Scale times cosine.
    pub a: f64,
    /// Scale times sine.
    pub b: f64,
    /// Where the origin goes.
    pub shift: Point,
}

impl Similarity {
    /// The least-squares fit that takes `source` to `target` (Umeyama 1991). In the plane it has a closed form.
    /// Points that all coincide give scale 0.
    #[must_use]
    pub fn fit<const N: usize>(source: &[Point; N], target: &[Point; N]) -> Self {
        let (from, to) = (centroid(source), centroid(target));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (s, t) in source.iter().zip(target) {
            let (s, t) = (Point::new(s.x - from.x, s.y - from.y), Point::new(t.x - to.x, t.y - to.y));
            along += s.x * t.x + s.y * t.y;
            across += s.x * t.y - s.y * t.x;
            spread += s.x * s.x + s.y * s.y;
        }
        let (a, b) = if spread > 0.0 { (along / spread, across / spread) } else { (0.0, 0.0) };
        let unshifted = Self { a, b, shift: Point::default() }.apply(from);
        Self { a, b, shift: Point::new(to.x - unshifted.x, to.y - unshifted.y) }
    }

    /// Where `point` goes.
    #[must_use]
    pub fn apply(&self, point: Point) -> Point {
        Point::new(
            self.a * point.x - self.b * point.y + self.shift.x,
            self.b * point.x + self.a * point.y + self.shift.y,
        )
    }

    /// How much longer everything becomes.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of points")]
fn centroid<const N: usize>(points: &[Point; N]) -> Point {
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.x, y + point.y));
    Point::new(x / N as f64, y / N as f64)
}

#[cfg(test)]
mod tests;
