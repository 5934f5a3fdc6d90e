//! Every bound of the rules, in one table.
//!
//! A bound stands here, with its unit last in its name and the reason beside it, so that what a room,
//! a message or a sum may cost is read in one place and changed in one place. Counts of characters are
//! counts of Unicode scalar values: what a person types and what `chars()` yields.

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
