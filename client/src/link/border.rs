//! What of a frame is a bare string is made a harmless one before anybody sees it. Everything else that people wrote is a
//! `Text` and was checked while it was read.

use rialto_shared::{
    protocol::{Down, Hit, Outcome},
    rejection::Refusal,
    text::{Handle, TextKind, clean},
};

/// Longest words of a server that are shown, in characters.
const WORDS_CHARS_MAX: usize = 255;

fn line(words: &str) -> String {
    clean(TextKind::Line, words)
        .chars()
        .take(WORDS_CHARS_MAX)
        .collect()
}

fn refusal(refusal: &mut Refusal) {
    refusal.code = line(&refusal.code);
    refusal.field = line(&refusal.field);
    refusal.words = line(&refusal.words);
}

/// The frame with its bare strings cleaned; a channel whose name is none is no result.
pub(super) fn cleaned(mut frame: Down) -> Down {
    match &mut frame {
        Down::Answer {
            outcome: Outcome::Refused(words),
            ..
        }
        | Down::Error { error: words, .. } => refusal(words),
        Down::GoingAway { words, .. } => *words = line(words),
        Down::Found { hits, .. } => hits.retain(|hit| match hit {
            Hit::Channel { handle, .. } => handle.parse::<Handle>().is_ok(),
            Hit::Org { .. } | Hit::Person { .. } | Hit::Reader { .. } => true,
        }),
        Down::Challenge { .. }
        | Down::Invitation { .. }
        | Down::Welcome { .. }
        | Down::Ready { .. }
        | Down::Answer {
            outcome: Outcome::Accepted { .. },
            ..
        }
        | Down::Snapshot { .. }
        | Down::Entries { .. }
        | Down::Page { .. }
        | Down::Heads { .. }
        | Down::Closed { .. }
        | Down::Cards { .. }
        | Down::Presence { .. }
        | Down::Pong { .. } => {}
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_give_a_terminal_no_orders() {
        let frame = Down::Error {
            id: None,
            error: Refusal {
                code: "x".to_owned(),
                field: String::new(),
                words: "no\u{1b}[2J\u{202e}way\nthere".to_owned(),
            },
            fatal: false,
        };
        let Down::Error { error, .. } = cleaned(frame) else {
            panic!("still an error");
        };
        assert_eq!(error.words, "no[2Jway there");
    }
}
