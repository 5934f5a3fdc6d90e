//! Joining: from an invitation's link to an account, with the device's certificate made on the spot.
//!
//! The code in the link is also the seed of a key that an admin certified. Whoever knows it learns from the server what it
//! is to, certifies the own device with it, and joins. Where nobody has claimed the organisation yet, a new root key
//! certifies the device instead, and joining claims it; and so where the vendor seats an admin whose keys replace the old ones.

use super::{Endpoint, LinkError, STEP_TIMEOUT, handshake::Proof, socket::Socket};
use crate::{
    account::{About, Joining},
    route::{Route, Trust},
};
use rialto_shared::{
    command::Command,
    entry::{Facts, SaltedText, Worded},
    id::{Hash, OrgId},
    protocol::{Down, InviteLink, KnownKey, Up},
    rejection::Refusal,
    room::org::{self, device_of, invitation_code, invitation_key},
    standing::Role,
    statement::{Certificate, Use},
    text::Text,
};
use tokio::time::timeout;

/// Why joining did not come about.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The connection.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The server said no.
    #[error("{}", .0.words)]
    Refused(Refusal),
}

/// What an invitation is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The organisation.
    pub org: OrgId,
    /// Its name.
    pub org_name: Option<Text>,
    /// What the invited person will be.
    pub role: Role,
    /// Whether joining claims the organisation.
    pub claims: bool,
    /// Whether joining brings it a new root key.
    pub renews: bool,
    /// Whose next device it lets in, where it is no invitation of a person.
    pub person: Option<Text>,
    chain: Vec<Certificate>,
    certified: bool,
}

impl Offer {
    /// Whether the root key that is made here becomes the organisation's.
    const fn roots(&self) -> bool {
        self.claims || self.renews
    }
}

/// What came of joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The account's particulars.
    pub about: About,
    /// Whether the root key is the organisation's now.
    pub claimed: bool,
    /// The server's name.
    pub server_name: Text,
    /// The key that it proved itself by.
    pub known: KnownKey,
}

/// Somebody who is about to join: connected, with the server proven and nothing said but the code.
pub struct Joiner {
    socket: Socket,
    proof: Proof,
    link: InviteLink,
    route: Route,
    /// What the invitation is to; `Err` where the server no longer holds it open.
    pub offer: Result<Offer, Refusal>,
}

impl std::fmt::Debug for Joiner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joiner")
            .field("offer", &self.offer)
            .finish_non_exhaustive()
    }
}

impl Joiner {
    /// Reaches the server that the link names, has it prove itself, and asks what the invitation is to.
    ///
    /// # Errors
    /// Where it cannot be reached or is another one.
    pub async fn ask(link: &InviteLink, route: Route) -> Result<Self, JoinError> {
        let endpoint = Endpoint::of(link, route.clone());
        let mut socket = Socket::open(&endpoint).await?;
        let proof = socket.prove(&endpoint).await?;
        let code = link.code.to_string();
        socket.send(&Up::Invitation { code }).await?;
        let frame = answer(&mut socket).await?;
        let offer = if let Down::Invitation {
            org,
            org_name,
            role,
            chain,
            claimed,
            renews,
            person,
        } = frame
        {
            Ok(Offer {
                org,
                org_name,
                role,
                claims: !claimed,
                renews,
                person,
                certified: !chain.is_empty(),
                chain,
            })
        } else if let Down::Error { error, .. } = frame {
            Err(error)
        } else {
            return Err(LinkError::Unexpected("word about the invitation").into());
        };
        Ok(Self {
            socket,
            proof,
            link: link.clone(),
            route,
            offer,
        })
    }

    /// Joins under this name. Where an earlier attempt's answer was lost, logs in instead: the keys are the same.
    ///
    /// # Errors
    /// What the server says.
    pub async fn join(mut self, joining: &Joining, name: SaltedText) -> Result<Joined, JoinError> {
        let device = device_of(joining.key.public());
        let offer = match self.offer {
            Ok(offer) => offer,
            Err(refusal) if joining.again => {
                return recovered(&self.link, self.route, joining, refusal).await;
            }
            Err(refusal) => return Err(JoinError::Refused(refusal)),
        };
        let chain = certificates(&self.link, joining, &offer);
        let command = Command::Org(org::Command::Join {
            code: invitation_code(&self.link.code.0),
            key: joining.key.public(),
            chain: chain.clone(),
            root: offer.roots().then(|| joining.root.public()),
        });
        let worded = Worded::new(command, vec![name]);
        let facts = Facts::write(&worded);
        let join = Up::Join {
            code: self.link.code.to_string(),
            facts,
            texts: worded.texts,
            signature: self.proof.sign(&joining.key, device),
        };
        self.socket.send(&join).await?;
        let frame = answer(&mut self.socket).await?;
        if let (Down::Error { error, .. }, true) = (&frame, joining.again) {
            return recovered(&self.link, self.route, joining, error.clone()).await;
        }
        welcomed(&self.link, frame, chain, offer.roots(), self.proof.key)
    }

    /// Whether these keys, of an earlier attempt, have joined by this link already: asked before the link is tried again, for
    /// whoever invited is told of that.
    ///
    /// # Errors
    /// Where the server cannot be reached or is another one.
    pub async fn again(
        link: &InviteLink,
        route: Route,
        joining: &Joining,
    ) -> Result<Option<Joined>, JoinError> {
        let endpoint = Endpoint::of(link, route);
        let mut socket = Socket::open(&endpoint).await?;
        let proof = socket.prove(&endpoint).await?;
        let device = device_of(joining.key.public());
        socket.send(&proof.login(&joining.key, device)).await?;
        let frame = answer(&mut socket).await?;
        if matches!(frame, Down::Error { .. }) {
            return Ok(None);
        }
        let claimed = matches!(&frame,
            Down::Welcome { org, .. } if org.root == Some(joining.root.public()));
        let chain = if claimed {
            let Down::Welcome { org, .. } = &frame else {
                return Err(LinkError::Unexpected("welcome").into());
            };
            vec![claim(link.server, org.id, joining)]
        } else {
            // The organisation's own room holds them: the console takes them from there.
            vec![]
        };
        welcomed(link, frame, chain, claimed, proof.key).map(Some)
    }
}

/// The invitation is used up; perhaps by these very keys.
async fn recovered(
    link: &InviteLink,
    route: Route,
    joining: &Joining,
    refusal: Refusal,
) -> Result<Joined, JoinError> {
    let joined = Joiner::again(link, route, joining).await?;
    joined.ok_or(JoinError::Refused(refusal))
}

async fn answer(socket: &mut Socket) -> Result<Down, LinkError> {
    timeout(STEP_TIMEOUT, socket.next())
        .await
        .map_err(|_| LinkError::Slow("answer"))?
}

fn claim(server: Hash, org: OrgId, joining: &Joining) -> Certificate {
    Certificate::issue(
        joining.root.signing(),
        server,
        org,
        joining.key.public(),
        Use::Admin,
    )
}

/// The device's certificates: by a new root, by the invitation's key, or none where the operator invited.
fn certificates(link: &InviteLink, joining: &Joining, offer: &Offer) -> Vec<Certificate> {
    if offer.roots() {
        return vec![claim(link.server, offer.org, joining)];
    }
    if !offer.certified {
        return vec![];
    }
    // What the key in the code is for, not what its person is: an admin's own device may have been let in as another's.
    let admin = offer.chain.last().map(|link| link.to) == Some(Use::InviteAdmin);
    let to = if admin { Use::Admin } else { Use::Device };
    let last = Certificate::issue(
        &invitation_key(&link.code.0),
        link.server,
        offer.org,
        joining.key.public(),
        to,
    );
    offer.chain.iter().cloned().chain([last]).collect()
}

fn welcomed(
    link: &InviteLink,
    frame: Down,
    chain: Vec<Certificate>,
    claimed: bool,
    known: KnownKey,
) -> Result<Joined, JoinError> {
    if let Down::Error { error, .. } = frame {
        return Err(JoinError::Refused(error));
    }
    let Down::Welcome {
        member,
        org,
        device,
        server_name,
        ..
    } = frame
    else {
        return Err(LinkError::Unexpected("welcome").into());
    };
    Ok(Joined {
        about: About {
            server: link.server,
            transport: link.transport,
            host: link.host.clone(),
            port: link.port,
            member: member.id,
            org: org.id,
            device,
            chain,
            proxy: None,
            trust: Trust::Pinned,
        },
        claimed,
        server_name,
        known,
    })
}
