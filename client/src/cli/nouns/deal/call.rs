//! Whom a call for the vendor reaches: the alliance managers that the vendor's profile names as its contacts.

use super::super::{
    super::exit::Failure,
    profile::contacts,
    words::usage,
    work::{Work, meant},
};
use crate::replica::Unresolved;
use rialto_shared::{id::MemberId, room::deal::Deal};
use std::collections::BTreeSet;

/// The managers that are meant by these names; by none, all of the vendor's contacts who are not here already.
pub(super) async fn managers(
    work: &mut Work<'_>,
    deal: &Deal,
    names: &[String],
) -> Result<BTreeSet<MemberId>, Failure> {
    let vendor = work.replica().me.as_ref().and_then(|me| me.vendor);
    let vendor = vendor.ok_or_else(|| usage("this server has no vendor to call"))?;
    let listed = contacts(work, vendor).await?;
    let managers: Vec<(MemberId, String)> = listed
        .into_iter()
        .filter(|card| card.alliance)
        .map(|card| (card.id, work.person_name(card.id)))
        .collect();
    if names.is_empty() {
        return everyone(work, deal, managers, vendor);
    }
    let mut members = BTreeSet::new();
    for name in names {
        members.insert(one(work, name, &managers).await?);
    }
    Ok(members)
}

fn everyone(
    work: &Work<'_>,
    deal: &Deal,
    managers: Vec<(MemberId, String)>,
    vendor: rialto_shared::id::OrgId,
) -> Result<BTreeSet<MemberId>, Failure> {
    let vendor = work.org_name(vendor);
    if managers.is_empty() {
        return Err(usage(format!(
            "{vendor} names no alliance manager on its profile: there is nobody to call until its admins do \
             (`rialto profile set contacts`)"
        )));
    }
    let absent = managers.into_iter().map(|(member, _)| member);
    let absent: BTreeSet<MemberId> = absent
        .filter(|member| !deal.called.contains_key(member))
        .collect();
    if absent.is_empty() {
        return Err(usage(format!(
            "every alliance manager that {vendor} names is on call here already"
        )));
    }
    Ok(absent)
}

/// A contact by name; somebody whom one knows otherwise may be called as well, and the rule says who may not.
async fn one(
    work: &mut Work<'_>,
    name: &str,
    managers: &[(MemberId, String)],
) -> Result<MemberId, Failure> {
    let plain = name.trim_start_matches('@').replace('.', " ");
    match meant(&plain, managers.to_vec()) {
        Ok(member) => return Ok(member),
        Err(several @ Unresolved::Several { .. }) => return Err(several.into()),
        Err(Unresolved::Nothing(_)) => {}
    }
    let known = work.person(name).await;
    known.map_err(|failure| {
        let names: Vec<&str> = managers.iter().map(|(_, name)| name.as_str()).collect();
        let mut failure = failure;
        if !names.is_empty() {
            failure.words = format!("{}; you may call {}", failure.words, names.join(", "));
        }
        failure
    })
}
