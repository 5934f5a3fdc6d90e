//! Every bound, in one table. What has no limit here has none anywhere, and that is a bug.
//!
//! A bound stands here, with its unit last in its name and the reason beside it, so that what a room,
//! a message or a sum may cost is read in one place and changed in one place. Counts of characters are
//! counts of Unicode scalar values: what a person types and what `chars()` yields.

use crate::time::Span;

// --- text and money ---

/// A text that is there at all has something in it.
pub const TEXT_CHARS_MIN: usize = 1;
/// UTF-8 spends at most four bytes on a character: a bound in characters is one in bytes as well.
pub const UTF8_BYTES_PER_CHAR_MAX: usize = 4;

/// A person's or an organisation's name: it has to fit a roster line and still be told from its neighbour.
pub const NAME_CHARS_MAX: usize = 80;
/// A deal's, listing's or program's title: one line of a board. (AWS allows 40, which users find tight.)
pub const TITLE_CHARS_MAX: usize = 80;
/// A summary, a next step: the 255 that AWS Partner Central takes, so that an export never cuts.
pub const LINE_CHARS_MAX: usize = 255;
/// A few words beside an act: a knock, a reason, an answer.
pub const WORDS_CHARS_MAX: usize = 256;
/// The need that a referral shows before it is accepted: enough to judge it, too little to give the customer away.
pub const NEED_CHARS_MAX: usize = 280;
/// What an organisation says of itself (domain: description, 600).
pub const ABOUT_CHARS_MAX: usize = 600;
/// One message, or one listing's description.
pub const BODY_CHARS_MAX: usize = 4_000;
/// The full part of a referral lives in its room's state, which every command loads: bounded in bytes.
pub const FULL_BYTES_MAX: usize = 8 * 1024;
/// The longest text of any kind, in bytes: a body of four-byte characters.
pub const TEXT_BYTES_MAX: usize = BODY_CHARS_MAX * UTF8_BYTES_PER_CHAR_MAX;

/// Nonspacing marks on one letter. Four covers Burmese and pointed Hebrew; a tower of marks covers other lines.
pub const MARKS_MAX: usize = 4;
/// Joiners in one emoji sequence. The longest in use has three; unbounded, one "character" could fill a screen.
pub const EMOJI_JOINERS_MAX: usize = 4;

/// A channel's handle is typed after `#`: short enough to type, long enough to mean something.
pub const HANDLE_CHARS_MIN: usize = 2;
pub const HANDLE_CHARS_MAX: usize = 40;

/// Largest amount, in minor units, either side of zero. Below 2^53, so that a JSON reader
/// with nothing but doubles still gets it exactly; ten trillion euros, so that nobody meets it.
pub const MONEY_MINOR_MAX: i64 = 1_000_000_000_000_000;
/// Longest amount a person may type, in bytes: the largest one written out in full has 26.
pub const MONEY_TYPED_BYTES_MAX: usize = 40;

/// Dates outside these years are slips of the finger: no deal was registered before, none closes after.
pub const YEAR_MIN: i16 = 2000;
pub const YEAR_MAX: i16 = 2100;

/// A mail address: what fits the line of a form and the text of a name.
pub const MAIL_CHARS_MAX: usize = 80;
/// The name of a time zone; the longest in the IANA database has 32.
pub const ZONE_CHARS_MAX: usize = 40;

// --- the entry ---

/// Texts in one entry (DESIGN 2, "Fixed for ever").
pub const ENTRY_TEXTS_MAX: usize = 8;
/// Certificates from an organisation's root to a device. An admin who was invited stands two below whoever invited them, and
/// so does a second device: of an admin by an admin's invitation, somebody invited by that one, and their second device, the
/// last has seven. An admin nearer to the root shortens a chain by `certify`.
pub const CERTIFICATES_MAX: usize = 8;
/// Bytes of one command's facts; the largest lists (twelve organisations, named people) stay well below.
pub const FACTS_BYTES_MAX: usize = 16 * 1024;

// --- rooms ---

/// Grants of one room's audience: bounds the row that every command on the room loads.
pub const GRANTS_MAX: usize = 256;
/// People of one organisation, those who left included.
pub const ORG_PEOPLE_MAX: usize = 1_000;
/// Devices of one member at a time (reliability: per device connections and keys stay few).
pub const MEMBER_DEVICES_MAX: usize = 4;
/// Devices that one member ever had: those that were revoked stay listed, so that nobody comes back with their keys.
pub const MEMBER_DEVICES_EVER_MAX: usize = 40;
/// Open invitations of one organisation (domain 6, row 16: 100 pending).
pub const ORG_INVITATIONS_MAX: usize = 100;
/// Used invitations of one organisation that it would notice a second try of; beyond it those that end first are forgotten.
pub const ORG_INVITATIONS_USED_MAX: usize = 100;
/// How long an invitation may be answered (DESIGN 3, "Identity").
pub const INVITATION_SPAN: Span = Span::days(7);
/// How long the people of an organisation know of it before somebody whom the vendor seats is their admin.
pub const SUCCESSION_NOTICE: Span = Span::hours(72);
/// What that is put off by at the start, once, where it ran out while the server was down.
pub const SUCCESSION_EXTENSION_SPAN: Span = Span::hours(1);
/// Root keys that one organisation ever has: its card lists them all, for logs from before start from the former ones.
pub const ORG_ROOTS_MAX: usize = 16;
/// Members of a Direct, the one who opens it included.
pub const DIRECT_MEMBERS_MAX: usize = 8;
/// Bookmarks in one Inbox.
pub const BOOKMARKS_MAX: usize = 500;
/// Cases that one member began and whose texts were not erased: their Inbox knows where each began.
pub const CASES_MAX: usize = 1_000;
/// Things that wait in one Inbox; beyond it the oldest that asks for nothing gives way.
pub const NEEDS_MAX: usize = 500;
/// Programs that one organisation is in.
pub const LEVELS_MAX: usize = 40;
/// Types of one organisation (domain: 1 to 4; an import merges the types of several memberships).
pub const TYPES_MAX: usize = 12;
/// Mutes in force in one room.
pub const MUTES_MAX: usize = 256;
/// How long one mute lasts at most.
pub const MUTE_SPAN_MAX: Span = Span::days(30);
/// Pinned messages of one room (domain: channel).
pub const PINS_MAX: usize = 50;
/// Slow mode's longest wait between two messages of one member (domain: channel, 21,600 s).
pub const SLOW_MODE_MAX: Span = Span::hours(6);

// --- talk ---

/// Members that one message mentions.
pub const MENTIONS_MAX: usize = 20;
/// Edits of one message; each is erased with it.
pub const EDITS_MAX: usize = 50;
/// Different emoji on one message.
pub const EMOJI_MAX: usize = 20;

// --- one command ---

/// What one command may ask of other rooms, in all; over it the whole command is refused. An organisation's people count as
/// one, however many they are: a command must not tell how many lead an organisation that may not even have heard of it.
pub const REACTIONS_MAX: usize = 512;
/// Rooms that one commit hands over: a deal of twelve parties asks for fifteen things, so that twenty stay well below
/// [`REACTIONS_MAX`]. Who has more in hand has the rest moved in the commits after it.
pub const HANDED_OVER_MAX: usize = 20;
/// Ids that one command may use up for what it opens.
pub const FRESH_MAX: usize = 4;

// --- lanes ---

/// Unanswered commands of one lane (DESIGN 3, "Commands are numbered by their sender").
pub const LANE_UNANSWERED_MAX: usize = 32;
/// Receipts kept for one lane: twice what may be unanswered.
pub const LANE_RECEIPTS: u64 = 64;
/// Lanes that a device may ever use. A lane is forgotten only with its device, when that is revoked: forgotten earlier, it
/// could come back and have an old number executed again. A client makes one for each of its few files, and a new one when
/// an outbox was taken over: a thousand are years. Beyond it a new lane's commands are refused; the old ones go on.
pub const DEVICE_LANES_MAX: u64 = 1_024;
/// Lanes that one connection names: its own, and those whose commands it took over.
pub const CONNECTION_LANES_MAX: usize = 64;

// --- the wire ---

/// Connections of one device at a time (reliability: per device). The next one is closed with `crowded`.
pub const DEVICE_CONNECTIONS_MAX: u32 = 4;
/// Submissions of one connection that the writer has not answered; beyond it the connection is read later.
pub const CONNECTION_UNANSWERED_MAX: usize = 256;

/// Bytes of one message, either way (reliability T10).
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Entries of one page.
pub const PAGE_ENTRIES_MAX: usize = 100;
/// Rooms that one connection watches beside those it is seated in.
pub const WATCHED_MAX: usize = 64;
/// Cursors in one frame of a resume.
pub const CURSORS_MAX: usize = 400;
/// Frames of one resume: forty thousand rooms, as an organisation has that imported twenty thousand deals with their Sides.
pub const RESUME_FRAMES_MAX: usize = 100;
/// Entries that a resume sends one by one; further behind, a snapshot is sent instead.
pub const RESUME_ENTRIES_MAX: u64 = 1_000;
/// Results of one search.
pub const FOUND_MAX: usize = 50;
/// Bytes of one search's words.
pub const QUERY_BYTES_MAX: usize = 512;
/// Ids in one frame that asks for cards.
pub const CARDS_MAX: usize = 100;

/// How often a server's identity key may be replaced: the steps stand in every challenge, and each is verified.
pub const IDENTITY_ROTATIONS_MAX: usize = 32;

// --- connecting ---

/// How long a request to connect may be answered (domain: connection, 15 days).
pub const CONNECT_SPAN: Span = Span::days(15);
/// Requests of one organisation that nobody has answered yet (domain: connection, 100 open).
pub const CONNECT_OPEN_MAX: usize = 100;
/// Requests of one organisation in one day, by UTC (domain: connection, 20 a day). A referral offered to a stranger counts
/// among them; what bounds those is the number that is open.
pub const CONNECT_DAY_MAX: usize = 20;
/// Requests that wait in one organisation's room: its people read them all. Beyond it a request is not heard.
pub const KNOCKS_MAX: usize = 200;
/// Offers to strangers that an organisation's room remembers, to open them to both when the two connect: twice as many as
/// may have been asked.
pub const STRANGERS_MAX: usize = 2 * CONNECT_OPEN_MAX;
/// How many of them, the newest, one connection opens: each asks several things of other rooms.
pub const STRANGERS_JOINED_MAX: usize = 32;
/// Connections of one organisation: more than the partners of a large ecosystem.
pub const CONNECTIONS_MAX: usize = 2_000;
/// Organisations that one organisation excludes (domain: connect preference, 100).
pub const EXCLUDED_MAX: usize = 100;
/// People whom one answer names to work on a referral (domain: 10 of one organisation).
pub const ANSWER_PEOPLE_MAX: usize = 10;

// --- a Relation ---

/// Agreements of one Relation that are proposed, agreed or in force: twice over each kind, so that each can be renewed.
pub const AGREEMENTS_MAX: usize = 16;
/// How long a proposed agreement may be confirmed: signatures on paper take weeks.
pub const AGREEMENT_PROPOSAL_SPAN: Span = Span::days(30);
/// Deals that are told of one change in the commit that makes it. Two organisations may share more: the others are told in
/// the commits after it, so many in each, and neither the command nor anybody's wait depends on how many there are.
pub const DEALS_TOLD_MAX: usize = 100;

// --- an organisation's face ---

/// Regions and countries (domain: regions, 30).
pub const PLACES_MAX: usize = 30;
/// People whom an organisation names on its Profile, to be written to and called.
pub const CONTACTS_MAX: usize = 8;
/// Industries (domain: 10).
pub const INDUSTRIES_MAX: usize = 10;
/// Specialities (domain: tags, 30).
pub const SPECIALITIES_MAX: usize = 30;
/// One speciality: a tag, not a sentence.
pub const SPECIALITY_CHARS_MAX: usize = 40;

// --- referrals ---

/// How long an offer may be answered (domain 2.1; DESIGN, "Clocks").
pub const REFERRAL_ACCEPT_SPAN: Span = Span::hours(168);
/// How long an accepted referral may wait until the customer is contacted.
pub const REFERRAL_CONTACT_SPAN: Span = Span::hours(72);
/// How long an accepted referral may be given back (domain 2.1: inside ten days).
pub const REFERRAL_RETURN_SPAN: Span = Span::days(10);
/// What an offer that ran out while the server was down is extended by at the start, once.
pub const REFERRAL_EXTENSION_SPAN: Span = Span::hours(1);
/// People whom the receiver names for one referral (domain: 10 of one organisation).
pub const REFERRAL_PEOPLE_MAX: usize = 10;
/// How often a customer is referred on, the first time included.
pub const REFERRAL_DEPTH_MAX: u8 = 3;
/// Offers of one case, one after the other: it stands in the room's state.
pub const CASE_OFFERS_MAX: usize = 50;
/// Organisations that a case is not offered to (domain: excluded, 100).
pub const CASE_EXCLUDED_MAX: usize = 100;
/// People of a Side beside those that its organisation's roles admit.
pub const SIDE_PEOPLE_MAX: usize = 50;
/// Basis points of the whole: no fee is more.
pub const FEE_BPS_MAX: u32 = 10_000;
/// For how many months a fee is owed at most: ten years.
pub const FEE_MONTHS_MAX: u16 = 120;

// --- deals ---

/// Organisations in one deal, those invited included (domain: deal room).
pub const DEAL_PARTIES_MAX: usize = 12;
/// Organisations that are or were in one deal: those that went stay listed with the key that they signed by.
pub const DEAL_PARTIES_EVER_MAX: usize = 36;
/// People of one organisation in one deal (domain: deal room).
pub const DEAL_PEOPLE_MAX: usize = 10;
/// How long an organisation may answer an invitation to a deal (domain: connection, 15 days).
pub const DEAL_INVITATION_SPAN: Span = Span::days(15);
/// How long a proposed presence of the vendor waits for every party's signature.
pub const DEAL_PRESENCE_SPAN: Span = Span::days(7);
/// Alliance managers on call in one deal.
pub const DEAL_CALLED_MAX: usize = 10;
/// Moves of the stage that one deal lists; earlier ones are counted.
pub const DEAL_MOVES_MAX: usize = 100;
/// Open tasks of one deal.
pub const DEAL_TASKS_MAX: usize = 100;
/// Closed tasks that one deal lists; earlier ones are counted.
pub const DEAL_TASKS_CLOSED_MAX: usize = 50;
/// Invitations to deals that one organisation has not answered (domain 6, row 16: 100 pending); over it one is not shown,
/// and looks unanswered to whoever sent it.
pub const ORG_DEAL_INVITATIONS_MAX: usize = 100;

// --- notices ---

/// How long a member's unread message waits before they are told of it outside the console.
pub const NOTICE_UNREAD_SPAN: Span = Span::millis(30 * 60 * 1_000);
/// How long a notice without a deadline is tried, and how far back the log is read where its place is not known: as long as
/// the longest time to answer.
pub const NOTICE_AGE_MAX: Span = Span::days(15);
/// Notices of one member that are not on their way yet: what their Inbox holds, with two clocks for each; beyond it new ones
/// are dropped, and the operator sees how many.
pub const NOTICES_MAX: usize = 3 * NEEDS_MAX;
/// Mails of one member in an hour; what comes beyond waits, and goes out together.
pub const NOTICE_MAILS_HOUR_MAX: usize = 12;
/// Notices that one mail names; the rest follows in the next.
pub const NOTICE_LINES_MAX: usize = 50;
/// Entries of the log that are read in one step.
pub const NOTICE_ENTRIES_MAX: u64 = 1_000;
/// Notices that are looked at in one step.
pub const NOTICE_STEP_MAX: usize = 256;
/// Mails that are handed over at the same time: a slow mail server holds up no more than these.
pub const NOTICE_HANDS_MAX: usize = 8;
/// Bytes that the operator's program is given on stdin: a mail's worth of lines.
pub const HOOK_BYTES_MAX: usize = 64 * 1024;
/// How long the operator's program may take at most, whatever is configured, in seconds.
pub const HOOK_SECONDS_MAX: u32 = 300;
