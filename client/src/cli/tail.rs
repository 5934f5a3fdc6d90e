//! Reading a room from the command line.

use super::{Context, args::Page, exit::Failure, show};
use crate::{
    client::{Client, ClientError},
    link::LinkState,
    replica::{Change, Logged},
};
use rialto_shared::{entry::Seq, id::RoomId, limits, protocol::Want};

/// The largest page.
pub(super) fn page_max() -> u32 {
    u32::try_from(limits::PAGE_ENTRIES_MAX).unwrap_or(u32::MAX)
}

fn print(context: &Context, client: &Client, logged: &[Logged]) -> Result<(), Failure> {
    for one in logged {
        let (json, words) = show::entry(client.console().replica(), one);
        context.output.data(&json, &words)?;
    }
    Ok(())
}

/// The entries in memory after this one.
fn after(client: &Client, room: RoomId, seq: Seq) -> Vec<Logged> {
    let held = client.console().replica().room(room);
    held.map_or_else(Vec::new, |held| {
        let later = held.log().filter(|logged| logged.entry.seq > seq);
        later.cloned().collect()
    })
}

pub(super) async fn tail(
    context: &Context,
    room: &str,
    from: Option<u64>,
    limit: u32,
    count: Option<usize>,
) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, room).await?;
    client.open(room, 0).await?;
    let mut left = count.unwrap_or(usize::MAX);
    let mut last = if let Some(from) = from {
        catch_up(&mut client, room, Seq(from)).await?;
        Seq(from)
    } else {
        let page = client
            .page(room, Want::Before(Seq::ZERO), limit.clamp(1, page_max()))
            .await?;
        page.seqs.first().map_or_else(
            || {
                client
                    .console()
                    .replica()
                    .room(room)
                    .map_or(Seq::ZERO, |held| held.room.head.seq)
            },
            |first| first.previous(),
        )
    };
    loop {
        let mut fresh = after(&client, room, last);
        fresh.truncate(left);
        print(context, &client, &fresh)?;
        left = left.saturating_sub(fresh.len());
        if left == 0 {
            return Ok(client.close()?);
        }
        last = fresh.last().map_or(last, |logged| logged.entry.seq);
        if next(context, &mut client, room).await? {
            // A room that came anew brings no messages with it.
            catch_up(&mut client, room, last).await?;
        }
    }
}

/// Loads everything after this entry.
async fn catch_up(client: &mut Client, room: RoomId, from: Seq) -> Result<(), Failure> {
    let mut from = from;
    loop {
        let page = client.page(room, Want::After(from), page_max()).await?;
        let Some(last) = page.seqs.last().filter(|_| page.more) else {
            return Ok(());
        };
        from = *last;
    }
}

/// Waits until the room changed, or the connection is back: then the answer is true. Interrupts end the program as they do.
async fn next(context: &Context, client: &mut Client, room: RoomId) -> Result<bool, Failure> {
    loop {
        for change in client.turn().await? {
            match change {
                Change::Room(of) if of == room => return Ok(false),
                Change::Gone(of) if of == room => {
                    let refusal = rialto_shared::rejection::Rejection::NoSuchRoom;
                    return Err(ClientError::Refused((&refusal).into()).into());
                }
                Change::Ready => return Ok(true),
                Change::Link => say(context, client)?,
                Change::Room(_)
                | Change::Gone(_)
                | Change::Me
                | Change::Cards
                | Change::Presence(_)
                | Change::Answered { .. }
                | Change::Page { .. }
                | Change::Found { .. }
                | Change::GoingAway { .. }
                | Change::Refused { .. }
                | Change::Back { .. }
                | Change::Misfit { .. } => {}
            }
        }
    }
}

/// Tells the person who waits how the connection is.
fn say(context: &Context, client: &Client) -> Result<(), ClientError> {
    match client.console().link_state() {
        LinkState::Connecting => {}
        LinkState::Live { .. } => context.output.talk("connected"),
        LinkState::Down { why, again_in } => context.output.talk(&format!(
            "not connected: {why}; again in {} s",
            again_in.as_secs()
        )),
        LinkState::Refused { shut: true, .. } => return Err(ClientError::ShutOut),
        LinkState::Refused { why, shut: false } => {
            context.output.talk(&format!("not connected: {why}"));
        }
    }
    Ok(())
}

pub(super) async fn page(context: &Context, page: Page) -> Result<(), Failure> {
    let mut client = context.client().await?;
    let room = show::room(&mut client, &page.room).await?;
    client.open(room, 0).await?;
    if page.all {
        whole(&mut client, room).await?;
        print(
            context,
            &client,
            &client
                .console()
                .store()
                .before(room, Seq(u64::MAX), usize::MAX)?,
        )?;
        return Ok(client.close()?);
    }
    let want = match (page.before, page.after, page.thread) {
        (_, _, Some(root)) => Want::Thread(Seq(root)),
        (_, Some(after), None) => Want::After(Seq(after)),
        (before, None, None) => Want::Before(Seq(before.unwrap_or(0))),
    };
    let came = client
        .page(room, want, page.limit.clamp(1, page_max()))
        .await?;
    let held = client.console().replica().room(room);
    let logged: Vec<Logged> = held.map_or_else(Vec::new, |held| {
        came.seqs
            .iter()
            .filter_map(|seq| held.entry(*seq).cloned())
            .collect()
    });
    print(context, &client, &logged)?;
    if came.more {
        context.output.talk("there is more");
    }
    Ok(client.close()?)
}

/// Has a room's whole log in the store, as far as this seat may see it.
pub(super) async fn whole(client: &mut Client, room: RoomId) -> Result<(), Failure> {
    let since = client
        .console()
        .replica()
        .room(room)
        .map_or(Seq::ZERO, |held| held.since);
    catch_up(client, room, since.previous()).await
}
