//! Chance that repeats itself: the same seeds give the same numbers, on every machine.

/// A stream of numbers drawn from a seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream that belongs to these seeds.
    #[must_use]
    pub fn new(seeds: &[u64]) -> Self {
        seeds.iter().fold(Self(0), |mut chance, seed| {
            chance.0 ^= seed;
            Self(chance.next())
        })
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `bound`; 0 if there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// A number from 0.0 to below 1.0.
    pub fn share(&mut self) -> f64 {
        let [a, b, c, d, ..] = self.next().to_be_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
    }

    /// So many decimal digits, leading zeros included.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b"0123456789"[usize::from(self.next().to_be_bytes()[0]) % 10]))
            .collect()
    }
}
