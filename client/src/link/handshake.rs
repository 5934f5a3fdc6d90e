//! Who is at the other end: judged from the challenge alone, with no I/O, before anything but a random number was sent.

use super::Endpoint;
use crate::account::DeviceKey;
use rialto_shared::{
    id::{DeviceId, Hash, Signature},
    protocol::{
        Binding, Down, KnownKey, Transport, Up, VERSION, challenge_preimage, leads, login_preimage,
    },
    statement::{sign, signed},
};

/// What this end sees of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// The hash of the certificate that the other end has; `None` without TLS.
    pub certificate: Option<Hash>,
    /// Whether the other end is this machine.
    pub loopback: bool,
}

/// Why the other end is not the server that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Another server.
    #[error("this is another server than the one that invited you: nothing was sent to it")]
    Server,
    /// Its key is not the one that its id is of.
    #[error("the server's key is not the one that its id names: nothing was sent to it")]
    Key,
    /// Its key is one that was replaced since, or another successor of one than the one that is known.
    #[error(
        "the server proves itself by a key that it had replaced, or by another new one than is known here: somebody else \
         may hold an old key, or the server's folder was put back from before; nothing was sent to it"
    )]
    Replaced,
    /// The proof is bound to another certificate: somebody is in between.
    #[error(
        "somebody is in between: the certificate seen here is not the one that the server's key vouches for, as where a \
         company's proxy inspects TLS; nothing was sent through it, no invitation either: have this server exempted from \
         the inspection, or use another network"
    )]
    Certificate,
    /// The system's authorities do not vouch for the certificate.
    #[error(
        "this system's trust store does not vouch for the server's certificate ({0}): nothing was sent to it"
    )]
    Untrusted(String),
    /// It speaks of no certificate where one is wanted.
    #[error("the server binds its proof to {found}, this account expects {wanted}")]
    Binding {
        /// What it says.
        found: &'static str,
        /// What is right.
        wanted: &'static str,
    },
    /// Nobody with the key signed.
    #[error("the server's proof does not hold: its signature is wrong")]
    Signature,
    /// It speaks no version that this program speaks.
    #[error("the server speaks version {0} of the wire, this program speaks {VERSION}")]
    Version(u16),
}

/// A server that proved itself, and what logging in answers.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    client_nonce: Hash,
    server_nonce: Hash,
    server: Hash,
    binding: Binding,
    version: u16,
    /// The key that it proved itself by.
    pub(super) key: KnownKey,
}

/// The first frame.
#[must_use]
pub(super) fn hello(nonce: Hash) -> Up {
    Up::Hello {
        versions: vec![VERSION],
        nonce,
    }
}

impl Proof {
    /// Judges a challenge. `None` where the frame is none.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn judge(
        endpoint: &Endpoint,
        sight: Sight,
        client_nonce: Hash,
        challenge: &Down,
    ) -> Option<Result<Self, Distrust>> {
        let Down::Challenge {
            version,
            server,
            key,
            rotations,
            nonce,
            binding,
            signature,
        } = challenge
        else {
            return None;
        };
        let judge = || {
            if *server != endpoint.server {
                return Err(Distrust::Server);
            }
            if !leads(*server, rotations, *key) {
                return Err(Distrust::Key);
            }
            if !endpoint
                .known
                .is_none_or(|known| known.stands_in(rotations, *key))
            {
                return Err(Distrust::Replaced);
            }
            bound(endpoint.transport, sight, *binding)?;
            let preimage = challenge_preimage(client_nonce, *nonce, *server, *binding);
            if !signed(*key, &preimage.0, *signature) {
                return Err(Distrust::Signature);
            }
            if *version != VERSION {
                return Err(Distrust::Version(*version));
            }
            Ok(Self {
                client_nonce,
                server_nonce: *nonce,
                server: *server,
                binding: *binding,
                version: *version,
                key: KnownKey {
                    rotations: rotations.len(),
                    key: *key,
                },
            })
        };
        Some(judge())
    }

    /// The signature by which this device logs in, or joins.
    #[must_use]
    pub fn sign(&self, key: &DeviceKey, device: DeviceId) -> Signature {
        let preimage = login_preimage(
            self.client_nonce,
            self.server_nonce,
            self.server,
            self.binding,
            device,
            self.version,
        );
        sign(key.signing(), &preimage.0)
    }

    /// The frame that logs in.
    #[must_use]
    pub fn login(&self, key: &DeviceKey, device: DeviceId) -> Up {
        Up::Login {
            device,
            signature: self.sign(key, device),
        }
    }
}

const fn words(binding: Binding) -> &'static str {
    match binding {
        Binding::Tls(_) => "its certificate",
        Binding::BehindProxy => "nothing, for a proxy in front of it",
        Binding::Plain => "nothing, without TLS",
    }
}

fn bound(transport: Transport, sight: Sight, binding: Binding) -> Result<(), Distrust> {
    match (transport, binding) {
        (Transport::Tls, Binding::Tls(hash)) if Some(hash) == sight.certificate => Ok(()),
        (Transport::Tls, Binding::Tls(_)) => Err(Distrust::Certificate),
        (Transport::Proxy, Binding::BehindProxy) if sight.certificate.is_some() => Ok(()),
        (Transport::Plain, Binding::Plain) if sight.loopback => Ok(()),
        (Transport::Tls, Binding::BehindProxy | Binding::Plain)
        | (Transport::Proxy, _)
        | (Transport::Plain, _) => Err(Distrust::Binding {
            found: words(binding),
            wanted: match transport {
                Transport::Tls => "its certificate",
                Transport::Proxy => "a proxy in front of it",
                Transport::Plain => "no TLS, on this machine",
            },
        }),
    }
}
