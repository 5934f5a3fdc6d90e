//! The border to the database: what goes wrong behind it is an error with words.
//!
//! redb reports most damage to its file as an error, and panics on some: a page that is not what its parent says it is breaks
//! an assertion, a length or an index somewhere in it. Nothing of ours runs behind this border but what reads and writes
//! rows, so a panic there means that the file is damaged (or a bug, which is no better): the transaction is dropped, and the
//! caller is told so.

use crate::ledger::LedgerError;
use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread is behind the border, until dropped; borders may lie within each other.
struct Within(bool);

impl Within {
    fn enter() -> Self {
        Self(GUARDED.replace(true))
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        GUARDED.set(self.0);
    }
}

/// Does this behind the border. A panic is [`LedgerError::Damaged`]; whatever was in use is not used again but dropped.
/// Closing a ledger belongs behind it too: redb then writes down which pages are free.
///
/// # Errors
/// As what is done; and where it panics.
pub fn guarded<T, E: From<LedgerError>>(act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let within = Within::enter();
    let outcome = catch_unwind(AssertUnwindSafe(act));
    drop(within);
    outcome.unwrap_or_else(|panic| Err(LedgerError::Damaged(words(panic.as_ref())).into()))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("it did not say what");
    format!(
        "{text} (where `rialtod verify` of the stopped server finds nothing, it is a fault of the program)"
    )
}

/// For a program's main: what is caught at the border is told as an error, and not also as a panic.
pub fn keep_quiet() {
    let before = take_hook();
    set_hook(Box::new(move |panic| {
        if !GUARDED.get() {
            before(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_behind_the_border_is_an_error_with_its_words() {
        let page = guarded::<(), LedgerError>(|| panic!("page {} is none", 3));
        let told = page.unwrap_err().to_string();
        assert!(
            told.contains("page 3 is none") && told.contains("damaged"),
            "{told}"
        );
        let within = guarded(|| {
            assert!(guarded::<(), LedgerError>(|| panic!("within")).is_err());
            assert!(GUARDED.get(), "still behind the outer border");
            Ok::<_, LedgerError>(7)
        });
        assert_eq!(within.unwrap(), 7);
        assert!(!GUARDED.get());
    }
}
