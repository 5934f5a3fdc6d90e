//! Who can read the room at hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::stage::{ANA, NORTHWIND, PRIYA, Stage, member, org, sent};
use rialto_shared::{
    entry::Seq,
    id::{MemberId, OrgId},
    protocol::{Down, Hit, Query, Up},
    standing::Role,
    text::Text,
};

/// Who can read a deal is asked of the server, and said with what the vendor and the operator see.
#[test]
fn who_reads_a_deal_is_one_key_away() {
    let mut stage = Stage::in_deal();
    let effects = stage.keys("w");
    let [Up::Find { id, query }] = &sent(&effects)[..] else {
        panic!("the server is asked: {effects:?}");
    };
    let room = stage.app.open_room().unwrap();
    assert_eq!(*query, Query::Readers { room, skip: 0 });
    stage.sees("asking the server");
    let hit = |member: MemberId, org: OrgId, org_name: &str, since| Hit::Reader {
        member,
        org,
        name: None,
        org_name: Some(Text::parse(org_name).unwrap()),
        role: Role::Lead,
        since: Seq(since),
        alliance: false,
    };
    let hits = [
        hit(member(ANA), org(11), "BrightPath", 0),
        hit(member(PRIYA), org(NORTHWIND), "Nordlicht", 4),
    ];
    let (id, first) = (*id, hits[..1].to_vec());
    stage.frame(Down::Found {
        id,
        hits: first,
        total: 2,
    });
    stage.sees("BrightPath");
    stage.sees("asking the server");
    let id = id + 1;
    stage.frame(Down::Found {
        id,
        hits: hits[1..].to_vec(),
        total: 2,
    });
    stage.sees("Nordlicht");
    stage.sees("from entry 4 on");
    stage.sees("technically read all of it");
    stage.sees_no("asking the server");
    stage.keys("<esc>");
    stage.sees_no("technically read");
}
