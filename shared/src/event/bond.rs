//! What can hold of an entry under the signed command that caused it.

use serde::Serialize;

/// One thing that holds of an entry under the signed command that caused it. Fields are those of the entry's fact and of the
/// command's; a dot leads into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// The field is the same in both. What is absent is empty, and a list is a set: nobody signs an order.
    Same(&'static str),
    /// The entry's field is the command's of another name.
    As(&'static str, &'static str),
    /// The entry's field is this value.
    Is(&'static str, &'static str),
    /// The command's field is one of these values.
    Said(&'static str, &'static [&'static str]),
    /// The entry's field stands there, or does not.
    Has(&'static str, bool),
    /// The entry's field names the organisation that signed.
    Maker(&'static str),
    /// The entry's field names the room that the command was sent to.
    Sent(&'static str),
    /// The entry stands in the room that the command was sent to.
    There,
    /// The entry stands in the own room of the organisation that signed.
    Home,
    /// The entry's field names the organisation that signed, or the entry stands in its own room.
    Concerns(&'static str),
    /// The entry stands in the room that the command's field names.
    At(&'static str),
    /// The entry stands in the own room of the organisation that the command's field names.
    AtOrg(&'static str),
    /// The entry's field `parties` names two organisations, each with its root key: the one that signed, and the one that the
    /// command's field names. The room is their Relation.
    Parties(&'static str),
    /// The command was sent to the Relation of two organisations: the one whose own room this is, and the one that the entry's
    /// field names.
    Between(&'static str),
    /// The entry's field names, with or without their roles, the people of the command's field, and whoever signed.
    With(&'static str),
    /// One of the two lists holds, whole.
    Either(&'static [Self], &'static [Self]),
    /// The entry's texts are the command's.
    Texts,
    /// The entry's text in the slot of this field is the command's only one.
    Text(&'static str),
    /// The entry's field is a promise whose commitments the command holds as `shown` and `full`, and the entry's need is the
    /// promised one.
    Promise(&'static str),
    /// The statement answers an earlier entry of one of these kinds, and what is listed with it holds of the entry, with that
    /// earlier one in the command's place.
    Answers(&'static [(&'static str, &'static [Self])]),
    /// What is listed holds of the entry, with the one that its room begins with in the command's place.
    Opening(&'static [Self]),
    /// An earlier entry of this kind stands there, and what is listed holds of the entry, with it in the command's place.
    Follows(&'static str, &'static [Self]),
    /// Of an earlier entry: what is listed holds of it under the command.
    Itself(&'static [Self]),
    /// Of an earlier entry: the field is its number.
    Number(&'static str),
    /// Of an earlier entry: the field names the member who made it, or whom a deal's `handed_over` put in their place since.
    Author(&'static str),
    /// Of an earlier entry: the texts are those that the promise in its field holds back.
    HeldBack(&'static str),
    /// Of an earlier entry, which set a draft: the promise in the entry's field is that draft's.
    OfDraft(&'static str),
    /// Of an earlier entry, which proposed an agreement: `begins` is its first day, where that is still to come, and `expires`
    /// the end of its last.
    Term,
    /// Of an earlier entry, which offered a referral to a stranger or asked to connect: the command answers the request that
    /// went out with it. One that went with a referral may be answered for this many milliseconds.
    Requested(i64),
    /// Of a deal, as its log says: the vendor is present in one of these ways.
    Present(&'static [&'static str]),
    /// Of a deal, as its log says: every party has signed the proposed presence, and this field names the alliance managers who
    /// were called and lose their seats by it.
    Unanimous(&'static str),
    /// Of a deal, as its log says: this field names all people that the organisation of the entry has there.
    Everybody(&'static str),
}

impl Bond {
    /// What is compared, in a word.
    #[must_use]
    pub const fn of(self) -> &'static str {
        match self {
            Self::Same(field)
            | Self::As(field, _)
            | Self::Is(field, _)
            | Self::Said(field, _)
            | Self::Has(field, _)
            | Self::Maker(field)
            | Self::Sent(field)
            | Self::Concerns(field)
            | Self::At(field)
            | Self::AtOrg(field)
            | Self::With(field)
            | Self::Text(field)
            | Self::Between(field)
            | Self::Number(field)
            | Self::Author(field)
            | Self::OfDraft(field)
            | Self::Everybody(field)
            | Self::Promise(field) => field,
            Self::There | Self::Home => "the room",
            Self::Parties(_) => "the two parties",
            Self::Either(..) => "what it came to",
            Self::Texts | Self::HeldBack(_) => "the texts",
            Self::Answers(_) | Self::Requested(_) => "what it answers",
            Self::Opening(_) => "what its room began with",
            Self::Follows(kind, _) => kind,
            Self::Itself(_) => "what came before",
            Self::Term => "how long it is in force",
            Self::Present(_) => "how the vendor is present",
            Self::Unanimous(_) => "who has signed",
        }
    }
}
