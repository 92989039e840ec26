//! Normally distributed numbers, the same in every run.

use std::f64::consts::TAU;

/// `SplitMix64` ("Fast Splittable Pseudorandom Number Generators", OOPSLA 2014), made normal by Box and Muller's method.
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Above 0 and at most 1, so that it has a logarithm.
    fn uniform(&mut self) -> f64 {
        let bits = u32::try_from(self.bits() >> 32).expect("32 bits are left");
        (f64::from(bits) + 1.0) / (f64::from(u32::MAX) + 1.0)
    }

    /// Of mean 0 and standard deviation 1.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }

    /// Below this.
    pub(crate) fn index(&mut self, below: usize) -> usize {
        let below = u64::try_from(below).expect("few");
        usize::try_from(self.bits() % below).expect("below a number of this type")
    }
}
