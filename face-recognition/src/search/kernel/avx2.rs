//! The kernel for x86-64 with AVX2.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_hadd_epi32, _mm_loadu_si128, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_extracti128_si256, _mm256_madd_epi16,
    _mm256_setzero_si256,
};

use crate::search::quantised::LANES;

/// As [`super::dot_products`].
#[target_feature(enable = "avx2")]
pub(super) fn dot_products(rows: &[i8], probe: &[i8], products: &mut [i32]) {
    let probe_lanes: Vec<__m256i> = probe.as_chunks::<LANES>().0.iter().map(|lanes| widen(lanes)).collect();
    for (row, product) in rows.chunks_exact(probe.len()).zip(products) {
        let mut sum = _mm256_setzero_si256();
        for (lanes, probe) in row.as_chunks::<LANES>().0.iter().zip(&probe_lanes) {
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(widen(lanes), *probe));
        }
        *product = total(sum);
    }
}

/// To 16 bits, in which two products of 8 bits can be added.
#[target_feature(enable = "avx2")]
fn widen(lanes: &[i8; LANES]) -> __m256i {
    #[expect(unsafe_code, reason = "a load through a pointer")]
    // SAFETY: the array has the 16 bytes that are read, and the load needs no alignment.
    let lanes: __m128i = unsafe { _mm_loadu_si128(lanes.as_ptr().cast()) };
    _mm256_cvtepi8_epi16(lanes)
}

#[target_feature(enable = "avx2")]
fn total(sums: __m256i) -> i32 {
    let four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
    let two = _mm_hadd_epi32(four, four);
    _mm_cvtsi128_si32(_mm_hadd_epi32(two, two))
}
