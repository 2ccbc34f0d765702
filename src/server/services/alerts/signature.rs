//! Signs messages as the Standard Webhooks specification (1.0.0) says: HMAC-SHA256 of id, time and body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::server::config::Key;

/// The header `webhook-signature` of a message that is sent at this second of the epoch. `None`: the key is none.
#[must_use]
pub fn of(key: &Key, id: &str, second: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.bytes()).ok()?;
    mac.update(format!("{id}.{second}.{body}").as_bytes());
    let code = mac.finalize().into_bytes();
    Some(format!("v1,{}", STANDARD.encode(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reckoned with Python's hmac.
    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        let key = Key::read(&"whsec_MfKQ9r8GKYqYTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let signed = of(
            &key,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        let signature = "v1,98Kd4dvMWPk+ZNadd46hEbpPYOQYqs+Vp87ZKzMXylc=";
        assert_eq!(signed.as_deref(), Some(signature));
    }
}
