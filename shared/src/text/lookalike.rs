//! Which names a person could take for one another.
//!
//! UTS 39 gives every character a prototype that it looks like, and leaves letter case alone. Names are compared
//! without case, and there the two rules meet: capital I looks like l, so i and l have to share a key or
//! `PayPaI` is not found beside `paypal`. Cyrillic В looks like B although в looks like nothing Latin.

use unicode_normalization::UnicodeNormalization as _;

/// The key that look-alike names share. For comparing, never for showing: it is not readable.
///
/// Wide on purpose (`Mail` and `Mall` share one). Where a script has two cases that look like two
/// different Latin letters, as Greek Ν and ν do, a change of case changes the key.
pub fn skeleton(name: &str) -> String {
    let prototypes: String = name.nfkc().nfd().flat_map(prototype).collect();
    // Prototypes may be more than one letter, and those have prototypes of their own.
    let key: String = unicode_security::skeleton(&prototypes)
        .flat_map(fold)
        .map(|c| if c == 'i' { 'l' } else { c })
        .collect();
    key.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a character looks like, whatever its case: itself, else its capital, else itself without case.
fn prototype(c: char) -> Vec<char> {
    let own = looks_like(c);
    if own.iter().all(char::is_ascii) {
        return own.into_iter().flat_map(fold).collect();
    }
    let capital: Vec<char> = c.to_uppercase().flat_map(looks_like).collect();
    if capital.iter().all(char::is_ascii) {
        return capital.into_iter().flat_map(fold).collect();
    }
    own.into_iter().flat_map(fold).collect()
}

fn looks_like(c: char) -> Vec<char> {
    unicode_security::skeleton(c.encode_utf8(&mut [0; 4])).collect()
}

/// By way of the capital, so that ß and ss, ς and σ fold alike.
fn fold(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}
