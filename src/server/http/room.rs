//! Room for connections: how many there may be at once, of all and of each address, and what the one too many is told.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::server::{config::Limits, network::network};

/// So many are told at once why they are refused; others are only closed.
const TOLD: usize = 64;
/// For being told.
const PATIENCE: Duration = Duration::from_secs(1);
/// Seconds after which it may be tried again.
const AGAIN: u32 = 5;

/// Counts the connections of a process.
#[derive(Clone, Debug)]
pub struct Room {
    most: usize,
    most_each: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    told: usize,
    /// Without this machine's own: a proxy on it brings everybody's.
    each: HashMap<IpAddr, usize>,
}

/// A place in it, until this is dropped.
#[derive(Debug)]
pub struct Place {
    room: Room,
    of: Whose,
}

#[derive(Clone, Copy, Debug)]
enum Whose {
    ThisMachine,
    Of(IpAddr),
    /// One that is being refused.
    Refused,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    All,
    OfAddress,
}

impl Room {
    pub fn new(limits: &Limits) -> Self {
        Self {
            most: limits.connections,
            most_each: limits.connections_each,
            taken: Arc::default(),
        }
    }

    /// Takes a place for a connection from this address.
    pub fn enter(&self, address: IpAddr) -> Result<Place, Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.most {
            return Err(Full::All);
        }
        let address = network(address);
        let of = if address.is_loopback() {
            Whose::ThisMachine
        } else {
            let each = taken.each.entry(address).or_default();
            if *each >= self.most_each {
                return Err(Full::OfAddress);
            }
            *each += 1;
            Whose::Of(address)
        };
        taken.all += 1;
        Ok(Place {
            room: self.clone(),
            of,
        })
    }

    /// Takes a place to tell a connection that there is no room, if not too many are being told.
    pub fn refuse(&self) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        (taken.told < TOLD).then(|| {
            taken.told += 1;
            Place {
                room: self.clone(),
                of: Whose::Refused,
            }
        })
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all == 0 && taken.told == 0 && taken.each.is_empty()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self
            .room
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match self.of {
            Whose::Refused => {
                taken.told -= 1;
                return;
            }
            Whose::ThisMachine => {}
            Whose::Of(address) => {
                let left = taken.each.get(&address).map_or(0, |each| each - 1);
                if left == 0 {
                    taken.each.remove(&address);
                } else {
                    taken.each.insert(address, left);
                }
            }
        }
        taken.all -= 1;
    }
}

/// Answers a connection for which there is no room, and closes it.
pub async fn tell(mut stream: TcpStream, full: Full, _until_told: Place) {
    let detail = match full {
        Full::All => {
            "This server has as many connections as it takes (NUMWATCH_MAX_CONNECTIONS). Try again in a few seconds."
        }
        Full::OfAddress => {
            "Your address has as many connections to this server as one may have (NUMWATCH_MAX_CONNECTIONS_PER_ADDRESS). Close some, or try again in a few seconds."
        }
    };
    let body = format!(
        "{{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"{detail}\"}}"
    );
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nRetry-After: {AGAIN}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let told = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // What it has sent is read: closed on unread bytes, the connection would be reset and the answer lost.
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let _ = timeout(PATIENCE, told).await;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn room(most: usize, most_each: usize) -> Room {
        Room {
            most,
            most_each,
            taken: Arc::default(),
        }
    }

    #[test]
    fn a_household_is_one_address_and_this_machine_is_none() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        let room = room(3, 1);
        let local: IpAddr = "127.0.0.1".parse().expect("an address");
        let places: Vec<_> = (0..3).map(|_| room.enter(local)).collect();
        assert!(places.iter().all(Result::is_ok));
        assert_eq!(room.enter(local).err(), Some(Full::All));
    }

    proptest! {
        /// Whoever comes and goes: there are never more than there may be, nobody is refused while there is room, and
        /// nothing is left of those who went.
        #[test]
        fn places_are_counted_as_a_list_of_who_is_there_would(
            steps in prop::collection::vec((any::<bool>(), 0_u8..4), 0..200)
        ) {
            let room = room(5, 2);
            let mut there: Vec<(u8, Place)> = Vec::new();
            for (comes, who) in steps {
                let address = IpAddr::from([192, 0, 2, who]);
                if comes {
                    let each = there.iter().filter(|(other, _)| *other == who).count();
                    let expected = if there.len() >= 5 {
                        Err(Full::All)
                    } else if each >= 2 {
                        Err(Full::OfAddress)
                    } else {
                        Ok(())
                    };
                    let entered = room.enter(address);
                    prop_assert_eq!(entered.as_ref().map(|_| ()).map_err(|full| *full), expected);
                    if let Ok(place) = entered {
                        there.push((who, place));
                    }
                } else if let Some(at) = there.iter().position(|(other, _)| *other == who) {
                    there.swap_remove(at);
                }
            }
            drop(there);
            prop_assert!(room.is_empty());
        }
    }
}
