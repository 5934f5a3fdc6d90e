//! Keys to actions, read from the table once.
//!
//! A key is looked up in the scopes that hear it now, the narrowest first. Keys that begin a longer sequence wait for the
//! next one; Alt+Space and F4 begin a leader's sequence also where Space types a space.

use crate::app::{
    action::{Action, Scope, actions},
    input::{Chord, ChordError, Code},
};

/// One binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it is heard.
    pub scope: Scope,
    /// Its keys, one after another.
    pub keys: Vec<Chord>,
    /// What it does.
    pub action: Action,
}

/// All bindings.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

/// What keys pressed so far mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// This.
    Act(Action),
    /// The beginning of something.
    Begins,
    /// Nothing.
    Nothing,
}

impl Keymap {
    /// The standard preset: what the table says.
    ///
    /// # Errors
    /// A key in the table that cannot be read.
    pub fn standard() -> Result<Self, ChordError> {
        let mut bindings = vec![];
        for entry in actions() {
            for (scope, keys) in entry.keys {
                let keys: Result<Vec<Chord>, ChordError> =
                    keys.split(' ').map(str::parse).collect();
                bindings.push(Binding {
                    scope: *scope,
                    keys: keys?,
                    action: entry.action,
                });
            }
        }
        Ok(Self { bindings })
    }

    /// All bindings, in the order of the table.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// What these keys mean in these scopes, the narrowest first. `possible` says which actions can be done: a binding
    /// whose action cannot gives way to one in a wider scope.
    pub fn meaning(
        &self,
        scopes: &[Scope],
        keys: &[Chord],
        possible: impl Fn(Action) -> bool,
    ) -> Meaning {
        let mut begins = false;
        for scope in scopes {
            let heard = self.bindings.iter().filter(|one| one.scope == *scope);
            for one in heard {
                if one.keys == keys && possible(one.action) {
                    return Meaning::Act(one.action);
                }
                begins |= one.keys.len() > keys.len() && one.keys.starts_with(keys);
            }
            if begins {
                return Meaning::Begins;
            }
        }
        Meaning::Nothing
    }

    /// How these keys can go on: the next key and what it leads to.
    #[must_use]
    pub fn continuations(&self, scopes: &[Scope], keys: &[Chord]) -> Vec<(Chord, Action)> {
        let heard = self
            .bindings
            .iter()
            .filter(|one| scopes.contains(&one.scope));
        heard
            .filter(|one| one.keys.starts_with(keys))
            .filter_map(|one| Some((*one.keys.get(keys.len())?, one.action)))
            .collect()
    }

    /// The keys of an action as they are shown, heard in one of these scopes; the shortest first.
    #[must_use]
    pub fn label(&self, action: Action, scopes: &[Scope]) -> Option<String> {
        let heard = self
            .bindings
            .iter()
            .filter(|one| one.action == action && scopes.contains(&one.scope));
        // A letter is said before a chord or a function key that does the same.
        let plain =
            |chord: &Chord| matches!(chord.code, Code::Char(_)) && !chord.ctrl && !chord.alt;
        let rank = |one: &&Binding| (one.keys.len(), !one.keys.iter().all(plain));
        let keys = heard.min_by_key(rank)?;
        Some(shown(&keys.keys))
    }
}

/// Keys as they are shown: a letter after the leader stands beside it.
#[must_use]
pub fn shown(keys: &[Chord]) -> String {
    let keys: Vec<String> = keys.iter().map(Chord::to_string).collect();
    keys.join(" ")
}

/// The leader, whichever of its keys this is.
#[must_use]
pub fn leads(chord: Chord) -> bool {
    chord == Chord::plain(Code::F(4)) || (chord.alt && !chord.ctrl && chord.code == Code::Char(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::{Group, Headless, Why};
    use std::collections::{BTreeMap, BTreeSet};
    use strum::VariantArray as _;

    #[test]
    fn the_table_has_every_action_once_and_its_keys_can_be_read() {
        let names: BTreeSet<_> = actions().map(|entry| entry.name).collect();
        assert_eq!(names.len(), actions().count());
        for action in Action::VARIANTS {
            let count = actions().filter(|entry| entry.action == *action).count();
            assert_eq!(count, 1, "{action:?}");
        }
        let keys: usize = actions().map(|entry| entry.keys.len()).sum();
        assert_eq!(Keymap::standard().unwrap().bindings().len(), keys);
    }

    #[test]
    fn no_two_actions_have_the_same_keys_in_one_scope_nor_the_beginning_of_another() {
        let keymap = Keymap::standard().unwrap();
        let mut seen: BTreeMap<(Scope, Vec<Chord>), Action> = BTreeMap::new();
        for one in keymap.bindings() {
            let before = seen.insert((one.scope, one.keys.clone()), one.action);
            assert_eq!(before, None, "{:?}: {}", one.scope, shown(&one.keys));
        }
        for (scope, keys) in seen.keys() {
            for other in keymap
                .bindings()
                .iter()
                .filter(|other| other.scope == *scope)
            {
                let hidden = other.keys.len() > keys.len() && other.keys.starts_with(keys);
                assert!(!hidden, "{} hides {}", shown(keys), shown(&other.keys));
            }
        }
    }

    #[test]
    fn every_ctrl_and_alt_chord_has_another_way() {
        let keymap = Keymap::standard().unwrap();
        for one in keymap.bindings() {
            let modified = one.keys.iter().any(|chord| chord.alt);
            let others = keymap
                .bindings()
                .iter()
                .filter(|other| other.action == one.action);
            let plain = others
                .filter(|other| !other.keys.iter().any(|chord| chord.alt))
                .count();
            assert!(
                !modified || plain > 0,
                "{:?} can be reached by Alt alone",
                one.action
            );
        }
        for forbidden in ["ctrl+h", "ctrl+i", "ctrl+m", "ctrl+["] {
            let chord: Chord = forbidden.parse().unwrap();
            assert!(
                !keymap
                    .bindings()
                    .iter()
                    .any(|one| one.keys.contains(&chord))
            );
        }
    }

    /// Words in capitals stand for what a person gives; nothing else does.
    fn named(words: &[&str]) -> Vec<String> {
        let given = |word: &&&str| word.chars().all(|c| c.is_ascii_uppercase());
        words
            .iter()
            .filter(given)
            .map(ToString::to_string)
            .collect()
    }

    /// What a command may be given and works without: nobody's name, and what there is to be read instead of set.
    const OPTIONAL: [&str; 2] = ["PERSON", "REFERENCE"];

    #[test]
    fn every_action_has_a_command_or_is_a_move_on_the_screen() {
        for entry in actions() {
            match entry.headless {
                Headless::Command(command) => {
                    let words: Vec<&str> = command.split(' ').collect();
                    if let Err(told) = crate::cli::understands(&words) {
                        panic!("{}: rialto {command}: {told}", entry.name);
                    }
                    // Nothing of it is spare: without its last word it is another command, or none.
                    for placed in named(&words) {
                        let without: Vec<&str> = words
                            .iter()
                            .copied()
                            .filter(|word| *word != placed && !OPTIONAL.contains(word))
                            .collect();
                        let optional = OPTIONAL.contains(&placed.as_str());
                        assert!(
                            optional || crate::cli::understands(&without).is_err(),
                            "{}: rialto {command}: {placed} is not needed",
                            entry.name
                        );
                    }
                }
                Headless::Screen(why) => {
                    let fits = match why {
                        Why::Look => {
                            matches!(entry.group, Group::Go | Group::Move | Group::Console)
                                || entry.action == Action::Unfold
                        }
                        Why::Draft => entry.group == Group::Write,
                        Why::Console => entry.group == Group::Console,
                        Why::Outbox => entry.action == Action::Discard,
                    };
                    assert!(fits, "{} changes what is kept", entry.name);
                }
            }
        }
    }
}
