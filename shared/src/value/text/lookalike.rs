//! Which names a person could take for one another.
//!
//! UTS 39 gives every character a prototype that it looks like, and leaves letter case alone. Names are compared
//! without case, and there the two rules meet: capital I looks like l, so i and l have to share a key or
//! `PayPaI` is not found beside `paypal`. Cyrillic В looks like B although в looks like nothing Latin.

use unicode_normalization::UnicodeNormalization as _;

/// The key that look-alike names share. For comparing, never for showing: it is not readable.
///
/// Wide on purpose (`Mail` and `Mall` share one). Where the two cases of a letter look like two
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

/// The Latin letters that a character looks like as it stands, else those that it looks like in its other case.
fn prototype(c: char) -> Vec<char> {
    let own = looks_like(c);
    let small = || fold(c).flat_map(looks_like).collect();
    let capital = || c.to_uppercase().flat_map(looks_like).collect();
    let latin = |letters: &Vec<char>| letters.iter().all(char::is_ascii);
    let chosen = if latin(&own) {
        own
    } else {
        [small(), capital()].into_iter().find(latin).unwrap_or(own)
    };
    chosen.into_iter().flat_map(fold).collect()
}

fn looks_like(c: char) -> Vec<char> {
    unicode_security::skeleton(c.encode_utf8(&mut [0; 4])).collect()
}

/// By way of the capital, so that ß and ss, ς and σ fold alike.
fn fold(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    #[test]
    fn look_alikes_share_a_key() {
        let pairs = [
            ("Contoso", "contoso"),
            ("Contoso", "CONTOSO"),
            ("Contoso", "Соntоsо"), // Cyrillic
            ("PayPal", "PayPaI"),
            ("PAYPAL", "paypai"),
            ("Polo", "P0lo"),
            ("POLO", "p0lo"),
            ("modern", "modem"),
            ("MODERN", "rnodern"),
            ("Bob", "Вob"),     // Cyrillic capital Ve
            ("Nick", "Νick"),   // Greek capital Nu
            ("seven", "seνen"), // Greek nu
            ("Москва", "МОСКВА"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("Acme  Ltd", "Acme\u{A0}Ltd"),
            (" Acme", "Acme "),
            ("Ａｃｍｅ", "Acme"),
            ("ﬁnch", "finch"),
            ("café", "cafe\u{301}"),
            ("Acme", "Ac\u{200B}me"),
            ("Acme", "Acm\u{FE0F}e"),
            ("İnci", "i\u{307}nci"),
        ];
        for (one, other) in pairs {
            assert_eq!(skeleton(one), skeleton(other), "{one} and {other}");
        }
    }

    #[test]
    fn names_that_differ_to_the_eye_do_not() {
        for (one, other) in [
            ("Acme", "Acne"),
            ("Acme North", "Acme South"),
            ("Acme", "Acme 2"),
            ("Acme 2", "Acme 3"),
            ("AcmeNorth", "Acme North"),
            ("Resume", "Résumé"),
            ("Москва", "Минск"),
            ("日本", "中国"),
        ] {
            assert_ne!(skeleton(one), skeleton(other), "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn how_it_is_encoded_does_not_matter(name in samples::raw()) {
            let composed: String = name.nfc().collect();
            let decomposed: String = name.nfd().collect();
            prop_assert_eq!(skeleton(&composed), skeleton(&decomposed));
        }

        #[test]
        fn what_cannot_be_seen_does_not_matter(
            before in "[a-zA-Z0-9Ѐ-ӿΑ-ω ]{0,12}",
            after in "[a-zA-Z0-9Ѐ-ӿΑ-ω ]{0,12}",
            invisible in prop::sample::select(&['\u{200B}', '\u{200D}', '\u{AD}', '\u{FE0F}', '\u{202E}'][..]),
        ) {
            let hidden = format!("{before}{invisible}{after}");
            prop_assert_eq!(skeleton(&hidden), skeleton(&format!("{before}{after}")));
        }

        #[test]
        fn ascii_case_and_outer_space_do_not_matter(name in "[a-zA-Z0-9 ]{1,40}") {
            prop_assert_eq!(skeleton(&name.to_uppercase()), skeleton(&name.to_lowercase()));
            prop_assert_eq!(skeleton(&format!("  {name} ")), skeleton(&name));
        }
    }
}
