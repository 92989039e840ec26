//! The same neighbours as comparing everything with everything.

use proptest::prelude::*;

use super::*;

const FEW: Wanted = Wanted { at_least: 3, margin: 0.05, at_most: 8 };

fn number(number: usize) -> f32 {
    f32::from(u16::try_from(number).expect("a small number"))
}

/// Compares the probe with every row.
fn brute_force(rows: &[Vec<f32>], probe: &[f32], wanted: Wanted) -> Vec<Hit> {
    let probe = Embedding::new(probe);
    let mut hits: Vec<Hit> = rows
        .iter()
        .enumerate()
        .map(|(row, values)| Hit { row, distance: probe.distance(&Embedding::new(values.as_slice())) })
        .collect();
    hits.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.row.cmp(&b.row)));
    let limit = hits.first().map_or(0.0, |nearest| nearest.distance + wanted.margin);
    let within_margin = hits.partition_point(|hit| hit.distance < limit);
    hits.truncate(within_margin.clamp(wanted.at_least, wanted.at_most));
    hits
}

fn index(rows: &[Vec<f32>]) -> Index {
    let mut index = Index::default();
    for row in rows {
        index.push(&Embedding::new(row.as_slice()));
    }
    index
}

/// Rows that lie around a few points, as the photos of a few people do, and a probe near one of them.
fn people() -> impl Strategy<Value = (Vec<Vec<f32>>, Vec<f32>)> {
    let dimension = prop_oneof![Just(1_usize), Just(3), Just(16), Just(128), Just(131)];
    (dimension, 1_usize..6, 0_usize..300, 0.001_f32..0.5).prop_flat_map(
        |(dimension, people, photos, spread)| {
            let number = -1.0_f32..1.0;
            let centres = prop::collection::vec(prop::collection::vec(number.clone(), dimension), people);
            let offsets =
                prop::collection::vec((any::<usize>(), prop::collection::vec(number, dimension)), photos + 1);
            (centres, offsets).prop_map(move |(centres, offsets)| {
                let mut rows: Vec<Vec<f32>> = offsets
                    .into_iter()
                    .map(|(person, offset)| {
                        let centre = &centres[person % centres.len()];
                        centre.iter().zip(offset).map(|(centre, offset)| centre + spread * offset).collect()
                    })
                    .collect();
                let probe = rows.pop().expect("there is one more");
                (rows, probe)
            })
        },
    )
}

proptest! {
    #[test]
    fn the_neighbours_are_those_of_brute_force(
        (rows, probe) in people(),
        at_least in 1_usize..20,
        margin in 0.0_f32..0.3,
    ) {
        let wanted = Wanted { at_least, margin, at_most: 30 };

        let found = index(&rows).nearest(&Embedding::new(probe.as_slice()), wanted);

        prop_assert_eq!(found, brute_force(&rows, &probe, wanted));
    }
}

#[test]
fn more_rows_than_a_block_are_all_searched() {
    let rows: Vec<Vec<f32>> =
        (0..3 * BLOCK + 7).map(|row| vec![number((row * 7919) % 10_007), 1.0]).collect();
    let index = index(&rows);

    for probe in [[0.0, 1.0], [5000.4, 1.0], [10_006.0, 1.0]] {
        assert_eq!(index.nearest(&Embedding::new(probe), FEW), brute_force(&rows, &probe, FEW));
    }
}

#[test]
fn rows_at_the_same_distance_come_in_their_order() {
    let rows = vec![vec![1.0, 0.0], vec![0.0, 1.0], vec![-1.0, 0.0], vec![0.0, -1.0]];

    let found =
        index(&rows).nearest(&Embedding::new([0.0, 0.0]), Wanted { at_least: 2, margin: 0.0, at_most: 2 });

    assert_eq!(found.iter().map(|hit| hit.row).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn all_that_lie_within_the_margin_come_up_to_the_limit() {
    let rows: Vec<Vec<f32>> = (0..20).map(|row| vec![1.0 + number(row) / 1000.0]).collect();

    let found = index(&rows).nearest(&Embedding::new([0.0]), FEW);

    assert_eq!(found.len(), FEW.at_most);
}

#[test]
fn what_comes_from_another_model_is_never_near() {
    let mut index = Index::default();
    for values in [vec![1.0, 0.0], vec![0.0], vec![f32::NAN, 0.0], vec![0.0, 2.0]] {
        index.push(&Embedding::new(values));
    }

    let found = index.nearest(&Embedding::new([0.0, 0.0]), FEW);
    assert_eq!(found.iter().map(|hit| hit.row).collect::<Vec<_>>(), [0, 3]);
    assert!(index.nearest(&Embedding::new([0.0]), FEW).is_empty());
    assert!(index.nearest(&Embedding::new([f32::NAN, 0.0]), FEW).is_empty());
}

#[test]
fn a_row_gives_its_embedding_back() {
    let index = index(&[vec![1.0, 0.5], vec![-2.0, 0.25]]);

    assert_eq!(index.embedding(1), [-2.0, 0.25]);
}

#[test]
fn an_empty_index_has_no_neighbours() {
    assert!(Index::default().nearest(&Embedding::new([0.0]), FEW).is_empty());
}
