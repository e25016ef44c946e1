//! Addresses and the blocks they lie in.

use std::net::IpAddr;

/// A block of addresses: `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    base: IpAddr,
    bits: u32,
}

impl Block {
    /// Reads a block; a bare address is a block of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text
            .trim()
            .split_once('/')
            .map_or((text.trim(), None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().ok()?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
        Some(Self { base, bits })
    }

    /// Whether the address lies in it.
    pub(crate) fn holds(self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }

    /// Whether it holds every address there is.
    pub(crate) fn is_everything(self) -> bool {
        self.bits == 0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn blocks_hold_their_addresses() {
        let block = Block::parse("10.2.0.0/16").unwrap();
        assert!(block.holds("10.2.255.1".parse().unwrap()));
        assert!(!block.holds("10.3.0.1".parse().unwrap()));
        assert!(!block.holds("fd00::1".parse().unwrap()));
        assert!(Block::parse("::/0").unwrap().holds("fd00::1".parse().unwrap()));
        assert!(Block::parse("0.0.0.0/0").unwrap().is_everything());
        assert!(Block::parse("10.0.0.0/40").is_none());
        assert!(Block::parse("web").is_none());
    }
}
