//! The file of vectors: a token in, its row out, to be added to a sum.
//!
//! Little-endian: `JAMIEVEC`, version, count of tokens, dimension, bytes of all tokens, usual length of a row (32 bits
//! each, the last a float); then the tokens in the order of their bytes, where each of them ends (32 bits), the scale of
//! each row (the upper half of a 32-bit float), and the numbers, two to a byte, each 8 too large.

use std::{cmp::Ordering, sync::LazyLock};

/// The numbers of a vector.
pub(super) const DIMENSION: usize = 256;
pub(super) const FILE: &[u8] = include_bytes!("../distilled.bin");
const MAGIC: &[u8] = b"JAMIEVEC";
const VERSION: usize = 1;

/// The table of this binary.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(FILE).unwrap_or_default());

/// A table of vectors by token; empty unless it was read from a file.
#[derive(Debug, Default)]
pub(super) struct Table {
    count: usize,
    /// How long a row usually is: what a word of which nothing is known weighs.
    usual: f32,
    tokens: &'static [u8],
    ends: &'static [u8],
    scales: &'static [u8],
    numbers: &'static [u8],
}

impl Table {
    fn of(file: &'static [u8]) -> Option<Self> {
        let (magic, file) = file.split_at_checked(MAGIC.len())?;
        let (header, file) = file.split_at_checked(20)?;
        let number = |at: usize| usize::try_from(u32_at(header, at)?).ok();
        let (count, bytes) = (number(1)?, number(3)?);
        if magic != MAGIC || number(0)? != VERSION || number(2)? != DIMENSION {
            return None;
        }
        let (tokens, file) = file.split_at_checked(bytes)?;
        let (ends, file) = file.split_at_checked(count.checked_mul(4)?)?;
        let (scales, numbers) = file.split_at_checked(count.checked_mul(2)?)?;
        (numbers.len() == count.checked_mul(DIMENSION / 2)?).then_some(())?;
        Some(Self {
            count,
            usual: f32::from_bits(u32_at(header, 4)?),
            tokens,
            ends,
            scales,
            numbers,
        })
    }

    /// The row of a token.
    pub(super) fn find(&self, token: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.token(middle)?.cmp(token) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    fn token(&self, row: usize) -> Option<&[u8]> {
        let end = |row: usize| usize::try_from(u32_at(self.ends, row)?).ok();
        let start = match row.checked_sub(1) {
            Some(before) => end(before)?,
            None => 0,
        };
        self.tokens.get(start..end(row)?)
    }

    /// Adds the vector of a row.
    pub(super) fn add(&self, row: usize, sum: &mut [f32]) {
        const HALF: usize = DIMENSION / 2;
        let (Some(numbers), Some(scale)) = (
            self.numbers.get(row * HALF..(row + 1) * HALF),
            self.scales.get(row * 2..row * 2 + 2),
        ) else {
            return;
        };
        let scale = scale
            .iter()
            .rev()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let scale = f32::from_bits(scale << 16);
        for (pair, byte) in sum.chunks_exact_mut(2).zip(numbers) {
            if let [first, second] = pair {
                *first += scale * (f32::from(byte & 15) - 8.0);
                *second += scale * (f32::from(byte >> 4) - 8.0);
            }
        }
    }

    /// Adds a vector for a word that no token begins or ends: a direction of its own, told by its hash, so that it is like
    /// itself and like no other.
    pub(super) fn add_strange(&self, word: &str, sum: &mut [f32]) {
        let share = self.usual / (DIMENSION as f32).sqrt();
        let mut state = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        for some in sum.chunks_mut(64) {
            // SplitMix64: each step gives 64 signs.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut signs = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            signs = (signs ^ (signs >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            signs ^= signs >> 31;
            for (bit, number) in some.iter_mut().enumerate() {
                *number += if signs >> bit & 1 == 0 { share } else { -share };
            }
        }
    }
}

fn u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    let bytes = bytes.get(place * 4..place * 4 + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{DIMENSION, FILE, TABLE, Table};

    #[test]
    fn every_token_is_found_where_it_is() {
        assert!(TABLE.count > 20_000);
        for row in 0..TABLE.count {
            let token = TABLE.token(row).unwrap();
            assert_eq!(TABLE.find(token), Some(row), "{token:?}");
        }
        assert_eq!(TABLE.find(b"zzzzzz"), None);
        assert_eq!(TABLE.find(b""), None);
    }

    #[test]
    fn every_row_has_numbers() {
        for row in 0..TABLE.count {
            let mut sum = [0.0; DIMENSION];
            TABLE.add(row, &mut sum);
            assert!(sum.iter().any(|x| *x != 0.0) && sum.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn a_file_that_was_cut_is_no_table() {
        for length in [0, 8, 20, 28, 1_000, FILE.len() - 1] {
            assert!(Table::of(&FILE[..length]).is_none(), "{length}");
        }
    }
}
