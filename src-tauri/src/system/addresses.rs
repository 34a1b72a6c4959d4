//! Which of the changes that interfaces go through mean another network. Pure.

use std::collections::BTreeSet;

use if_watch::{IfEvent, IpNet};

/// The addresses of this computer.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    all: BTreeSet<IpNet>,
    ways: BTreeSet<IpNet>,
}

impl Addresses {
    /// Takes in what happened; whether the computer is on another network than before.
    pub(super) fn changed(&mut self, event: IfEvent) -> bool {
        match event {
            IfEvent::Up(address) => self.all.insert(address),
            IfEvent::Down(address) => self.all.remove(&address),
        };
        let ways: BTreeSet<IpNet> = self.all.iter().filter_map(way).collect();
        ways != std::mem::replace(&mut self.ways, ways.clone())
    }
}

/// The way into a network that an address is. Of IPv6 it is the network alone: computers change their temporary addresses
/// in it every few hours, and what is open stays open.
fn way(address: &IpNet) -> Option<IpNet> {
    match address {
        IpNet::V4(net) => {
            let ip = net.addr();
            (!ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified()).then_some(*address)
        }
        IpNet::V6(net) => {
            let ip = net.addr();
            (!ip.is_loopback() && !ip.is_unicast_link_local() && !ip.is_unspecified()).then(|| address.trunc())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    fn up(address: &str) -> IfEvent {
        IfEvent::Up(address.parse().expect("an address"))
    }

    fn down(address: &str) -> IfEvent {
        IfEvent::Down(address.parse().expect("an address"))
    }

    #[test]
    fn only_another_network_is_a_change() {
        let mut addresses = Addresses::default();
        let rows = [
            (up("127.0.0.1/8"), false, "this computer itself"),
            (up("::1/128"), false, "this computer itself"),
            (up("fe80::1/64"), false, "no way out"),
            (up("169.254.3.4/16"), false, "no way out"),
            (up("192.168.1.7/24"), true, "a network"),
            (up("192.168.1.7/24"), false, "told again"),
            (up("2001:db8:1:2::7/64"), true, "the same network's other half"),
            (up("2001:db8:1:2:aaaa::1/64"), false, "a temporary address"),
            (up("2001:db8:1:2:bbbb::1/64"), false, "the next one"),
            (down("2001:db8:1:2:aaaa::1/64"), false, "the old one goes"),
            (down("2001:db8:1:2::7/64"), false, "one is left"),
            (down("2001:db8:1:2:bbbb::1/64"), true, "none is left"),
            (down("192.168.1.7/24"), true, "the network goes"),
            (up("192.168.1.9/24"), true, "another address: what is open hangs on the old one"),
            (up("10.8.0.2/32"), true, "a tunnel"),
            (down("fe80::1/64"), false, "no way out"),
            (down("203.0.113.1/24"), false, "never heard of"),
        ];
        for (event, changed, why) in rows {
            assert_eq!(addresses.changed(event), changed, "{event:?}: {why}");
        }
    }
}
