//! Whose cryptography TLS is made of, for every connection of the process.

/// Lets TLS use ring. Whoever makes a client of HTTP says so before; the first to say it decides.
pub fn use_ring() {
    // Somebody has said so already: that is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
