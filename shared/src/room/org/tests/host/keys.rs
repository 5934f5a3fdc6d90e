//! The keys of an organisation's first device, which the stories sign with.

use super::server;
use crate::{
    id::{Hash, OrgId},
    statement::{Certificate, Use, public_key},
};
use ed25519_dalek::SigningKey;

pub(super) fn device_key(org: OrgId) -> SigningKey {
    SigningKey::from_bytes(&Hash::plain(&org.bits()).0)
}

pub(super) fn chain(org: OrgId, root: &SigningKey) -> Vec<Certificate> {
    let device = public_key(&device_key(org));
    vec![Certificate::issue(root, server(), org, device, Use::Admin)]
}
