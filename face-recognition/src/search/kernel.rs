//! The dot products of many int8 rows with one. Memory is read once, from end to end; on x86-64 with AVX2 sixteen numbers
//! at a time, elsewhere as the compiler sees fit.

#[cfg(target_arch = "x86_64")]
mod avx2;

/// Writes the product of each row with `probe`. Rows and probe have the same length, a multiple of
/// [`LANES`](super::quantised::LANES).
pub(super) fn dot_products(rows: &[i8], probe: &[i8], products: &mut [i32]) {
    debug_assert_eq!(rows.len(), probe.len() * products.len(), "a product for each row");
    if probe.is_empty() {
        products.fill(0);
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "a function for AVX2 is unsafe to call where AVX2 may be missing")]
        // SAFETY: the processor says that it has AVX2.
        unsafe {
            avx2::dot_products(rows, probe, products);
        }
        return;
    }
    portable(rows, probe, products);
}

fn portable(rows: &[i8], probe: &[i8], products: &mut [i32]) {
    for (row, product) in rows.chunks_exact(probe.len()).zip(products) {
        *product = row.iter().zip(probe).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::quantised::LANES;

    proptest! {
        #[test]
        fn this_processor_and_any_other_compute_the_same(
            width in 1_usize..12,
            count in 0_usize..9,
            seed in prop::collection::vec(any::<i8>(), 12 * LANES * 10),
        ) {
            let width = width * LANES;
            let (probe, rows) = (&seed[..width], &seed[width..width * (count + 1)]);
            let (mut here, mut anywhere) = (vec![0; count], vec![0; count]);

            dot_products(rows, probe, &mut here);
            portable(rows, probe, &mut anywhere);

            prop_assert_eq!(here, anywhere);
        }
    }
}
