//! What the console wants done outside itself: values, so that tests assert on them and only the terminal carries them
//! out. What goes to the account's own store does not leave the console and is no effect.

use crate::link::Order;

/// Something to be done.
#[derive(Debug)]
pub enum Effect {
    /// For the link.
    Order(Order),
    /// Rings.
    Bell,
    /// Tells the desktop, by way of the terminal. Words of our own and names; never what was said in a deal.
    Notify(super::words::Shown),
    /// Puts a text where the terminal's paste takes it from.
    Copy(String),
    /// Opens the editor on this text; [`super::input::Input::Edited`] answers.
    Edit(String),
    /// Gives the terminal back to the shell until it says go on.
    Suspend,
    /// Draws everything anew.
    Repaint,
    /// Listens to the mouse, or lets the terminal have it.
    Mouse(bool),
    /// Ends.
    Quit,
}
