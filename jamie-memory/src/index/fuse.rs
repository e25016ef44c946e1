//! Several rankings of rows in, one out.

use std::collections::BTreeMap;

/// What keeps the first few ranks from counting for everything (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion
/// outperforms Condorcet and individual Rank Learning Methods", 2009).
const K: f64 = 60.0;

/// Reciprocal rank fusion: each row by the sum of 1 / (60 + its rank) over the rankings that have it.
pub(crate) fn fuse(rankings: &[Vec<i64>]) -> BTreeMap<i64, f64> {
    let mut fused = BTreeMap::new();
    for ranking in rankings {
        for (rank, id) in ranking.iter().enumerate() {
            *fused.entry(*id).or_insert(0.0) += 1.0 / (K + 1.0 + rank as f64);
        }
    }
    fused
}

#[cfg(test)]
mod tests {
    use super::fuse;

    #[test]
    fn what_two_rankings_have_comes_before_what_one_has_first() {
        let fused = fuse(&[vec![1, 2, 3], vec![4, 2]]);
        let mut order: Vec<i64> = fused.keys().copied().collect();
        order.sort_by(|a, b| fused[b].total_cmp(&fused[a]));
        assert_eq!(order, [2, 1, 4, 3]);
    }
}
