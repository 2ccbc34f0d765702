//! Resolves names as the system does, with an error that can be told from others.

use std::{io, iter, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver.
#[derive(Debug)]
pub struct Resolver;

/// A name that has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name {name} has no address")]
pub struct NameError {
    pub name: String,
    source: Option<io::Error>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            // The port is reqwest's to set.
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map(|mut addresses| addresses.next().map(|first| (first, addresses.collect())));
            let (first, others): (SocketAddr, Vec<SocketAddr>) = match found {
                Ok(Some(found)) => found,
                Ok(None) => return Err(NameError { name, source: None }.into()),
                Err(error) => {
                    return Err(NameError {
                        name,
                        source: Some(error),
                    }
                    .into());
                }
            };
            Ok(Box::new(iter::once(first).chain(others)) as Addrs)
        })
    }
}
