//! A client that asks faster than the writer answers waits, and nothing of it is lost.

use super::{Limits, pair};
use rialto_shared::limits::CONNECTION_UNANSWERED_MAX;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test(start_paused = true)]
async fn a_client_that_the_writer_owes_many_answers_is_read_later() {
    let limits = Limits {
        frames_per_second: 10_000,
        burst: 100_000,
        ..Limits::default()
    };
    let (client, lone) = pair(limits).await;
    let mut client = client.login().await;
    let all = 3 * CONNECTION_UNANSWERED_MAX;
    for n in 0..all {
        client.say(&format!("ask {n}")).await;
    }
    // Nothing comes, however long one waits: time here passes when nobody has anything to do.
    let silence = timeout(Duration::from_secs(1), client.hear()).await;
    assert!(silence.is_err());
    let asked = lone.town.asked.lock().unwrap().len();
    // A turn that has begun is taken whole.
    assert!(
        (CONNECTION_UNANSWERED_MAX..all / 2).contains(&asked),
        "{asked}"
    );
    for n in 0..all {
        lone.town.answer_all();
        assert_eq!(client.hear().await, format!("answer {n}"));
    }
}
