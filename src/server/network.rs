//! Whose an address is.

use std::net::{IpAddr, Ipv6Addr};

/// The household of an address: one of IPv6 has as many neighbours as it likes, which are all one household's.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}
