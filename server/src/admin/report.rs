//! A response as the shell shows it: data for programs and pipes, talk for the person beside them.

use super::{DeviceRow, InvitationRow, MemberRow, OrgRow, Response};
use crate::notices::NoticesReport;
use rialto_shared::{standing::Status, text::Text};
use std::fmt::Write as _;

/// What goes to stdout: one thing a line, columns in lists.
#[must_use]
pub fn data(response: &Response) -> String {
    match response {
        Response::Condition(condition) => {
            let vendor = condition
                .vendor
                .map_or("none yet".to_owned(), |id| id.to_string());
            table(&[
                ["version", &condition.version],
                ["server", &condition.server.to_string()],
                ["vendor", &vendor],
                ["since", &condition.since.to_rfc3339()],
                ["connected", &condition.connected.to_string()],
                ["organisations", &condition.orgs.to_string()],
                ["members", &condition.members.to_string()],
                ["rooms", &condition.rooms.to_string()],
                ["entries", &condition.entries.to_string()],
                ["bytes", &condition.bytes.to_string()],
            ])
        }
        Response::Created(org) => format!("{org}\n"),
        Response::Invited(invited) => format!("{}\n", invited.link),
        Response::Orgs(rows) => listed(
            ["ORGANISATION", "KIND", "STATUS", "MEMBERS", "NAME"],
            rows,
            org,
        ),
        Response::Invitations(rows) => listed(
            ["CODE HASH", "ORGANISATION", "ROLE", "UNTIL"],
            rows,
            invitation,
        ),
        Response::Members(rows) => listed(
            ["MEMBER", "ROLE", "STATUS", "DEVICES", "NAME"],
            rows,
            member,
        ),
        Response::Devices(rows) => listed(["DEVICE", "MEMBER", "SINCE", "STATUS"], rows, device),
        Response::Notices(report) => notices(report),
        Response::Imported(report) => report.lines(),
        Response::Done | Response::Trouble(_) => String::new(),
        Response::Kept(kept) => table(&kept.rows()),
        Response::Verdict(verdict) => {
            verdict
                .faults
                .iter()
                .fold(String::new(), |mut lines, fault| {
                    writeln!(lines, "{fault}").expect("a string takes all");
                    lines
                })
        }
    }
}

/// What to do where what is stored is not what was stored.
pub(crate) const WAY_OUT: &str = "stop the server, keep a copy of what is damaged, and go on from the last backup that `rialtod backup verify` finds \
    whole: `rialtod --data NEW-FOLDER restore BACKUP`";

/// What goes to stderr beside it.
#[must_use]
pub fn talk(response: &Response) -> String {
    let empty = |is: bool| if is { "none".to_owned() } else { String::new() };
    match response {
        Response::Condition(_) => String::new(),
        Response::Created(_) => "created; invite its first admin with: rialtod invite create --org <the id> --role admin".to_owned(),
        Response::Invited(invited) => {
            let until = invited.until.to_rfc3339();
            let words = invited.trouble.as_deref().unwrap_or_default();
            match invited.mailed {
                None => format!("invited, once, until {until}: hand this link to the person, and to nobody else"),
                Some(true) => format!("invited, once, until {until}: the mail server has the link for them"),
                Some(false) => format!(
                    "invited, once, until {until}, but not mailed ({words}): hand this link to the person, and to nobody else"
                ),
            }
        }
        Response::Notices(report) if !report.mail && !report.hook => {
            "nobody is told outside the console: see [mail] and [hook] in `rialtod config show`".to_owned()
        }
        Response::Notices(report) => report.trouble.clone().unwrap_or_default(),
        Response::Orgs(rows) => empty(rows.is_empty()),
        Response::Invitations(rows) => empty(rows.is_empty()),
        Response::Members(rows) => empty(rows.is_empty()),
        Response::Devices(rows) => empty(rows.is_empty()),
        Response::Imported(report) => report.words(),
        Response::Done => "done".to_owned(),
        Response::Verdict(verdict) => format!(
            "{} entries of {} rooms read: {}",
            verdict.entries,
            verdict.rooms,
            match verdict.faults.len() {
                0 => format!("all is well; state {}", verdict.state),
                count => format!("{count} faults; {WAY_OUT}"),
            }
        ),
        Response::Kept(kept) => kept.words(),
        Response::Trouble(trouble) => trouble.to_string(),
    }
}

/// The response's content as JSON, on one line, without the name of its kind.
#[must_use]
pub fn json(response: &Response) -> String {
    let content = match response {
        Response::Condition(condition) => serde_json::to_string(condition),
        Response::Created(org) => serde_json::to_string(org),
        Response::Invited(invited) => serde_json::to_string(invited),
        Response::Orgs(rows) => serde_json::to_string(rows),
        Response::Invitations(rows) => serde_json::to_string(rows),
        Response::Members(rows) => serde_json::to_string(rows),
        Response::Devices(rows) => serde_json::to_string(rows),
        Response::Notices(report) => serde_json::to_string(report),
        Response::Imported(report) => serde_json::to_string(report),
        Response::Done => return String::new(),
        Response::Verdict(verdict) => serde_json::to_string(verdict),
        Response::Kept(kept) => serde_json::to_string(kept),
        Response::Trouble(trouble) => serde_json::to_string(trouble),
    };
    let mut text = content.expect("plain rows are JSON");
    text.push('\n');
    text
}

fn notices(report: &NoticesReport) -> String {
    let on = |on: bool| if on { "on" } else { "off" }.to_owned();
    let read = format!("{} of {}", report.position, report.entries);
    table(&[
        ["mail", &on(report.mail)],
        ["program", &on(report.hook)],
        ["log read", &read],
        ["waiting", &report.waiting.to_string()],
        ["under way", &report.under_way.to_string()],
        ["taken", &report.delivered.to_string()],
        ["not taken", &report.undelivered.to_string()],
        ["no place", &report.crowded.to_string()],
    ])
}

fn listed<T, const N: usize>(
    head: [&'static str; N],
    rows: &[T],
    cells: fn(&T) -> [String; N],
) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head = head.map(str::to_owned);
    let all: Vec<_> = std::iter::once(head)
        .chain(rows.iter().map(cells))
        .collect();
    table(&all)
}

/// Columns as wide as their widest cell, two blanks between, the last as it is.
fn table<S: AsRef<str>, const N: usize>(rows: &[[S; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.as_ref().chars().count());
        }
    }
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{:width$}", cell.as_ref()));
        let line = cells.collect::<Vec<_>>().join("  ");
        writeln!(text, "{}", line.trim_end()).expect("a string takes all");
        text
    })
}

fn name(name: Option<&Text>) -> String {
    name.map_or("(erased)".to_owned(), Text::to_string)
}

fn word<'a>(word: impl Into<&'a str>) -> String {
    word.into().to_owned()
}

fn org(row: &OrgRow) -> [String; 5] {
    let unclaimed = !row.claimed && row.status == Status::Active;
    let status = if unclaimed {
        "unclaimed".to_owned()
    } else {
        word(row.status)
    };
    [
        row.id.to_string(),
        word(row.kind),
        status,
        row.members.to_string(),
        name(row.name.as_ref()),
    ]
}

fn invitation(row: &InvitationRow) -> [String; 4] {
    let role = format!(
        "{}{}",
        row.role,
        if row.alliance { ", alliance" } else { "" }
    );
    [
        row.code.to_string(),
        row.org.to_string(),
        role,
        row.until.to_rfc3339(),
    ]
}

fn member(row: &MemberRow) -> [String; 5] {
    let role = format!(
        "{}{}",
        row.role,
        if row.alliance { ", alliance" } else { "" }
    );
    [
        row.id.to_string(),
        role,
        word(row.status),
        row.devices.to_string(),
        name(row.name.as_ref()),
    ]
}

fn device(row: &DeviceRow) -> [String; 4] {
    let status = if row.revoked { "revoked" } else { "active" };
    [
        row.id.to_string(),
        row.member.to_string(),
        row.since.to_rfc3339(),
        status.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rialto_shared::{id::OrgId, standing::OrgKind, text::TextKind};

    #[test]
    fn a_list_has_a_head_and_columns_and_an_empty_one_is_empty() {
        let row = |bits: u8, name: &str| OrgRow {
            id: OrgId::from_bits([bits; 16]),
            name: Some(TextKind::Name.parse(name).unwrap()),
            kind: OrgKind::Partner,
            status: Status::Active,
            claimed: bits == 1,
            members: bits.into(),
        };
        let response = Response::Orgs(vec![row(1, "Käse Söhne"), row(2, "B")]);
        let lines: Vec<_> = data(&response).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3);
        let at = |line: usize, word: &str| lines[line].find(word).unwrap();
        assert_eq!(at(0, "STATUS"), at(1, "active"));
        assert_eq!(at(0, "STATUS"), at(2, "unclaimed"));
        assert!(lines[1].ends_with("  Käse Söhne"));
        assert_eq!(data(&Response::Orgs(vec![])), "");
        assert_eq!(json(&Response::Orgs(vec![])), "[]\n");
        let back: Vec<OrgRow> = serde_json::from_str(&json(&response)).unwrap();
        assert_eq!(Response::Orgs(back), response);
    }
}
