//! Text from outside as it may be shown and kept: whatever can't be seen, or changes what is seen beside it, is told by its
//! number instead. Nothing is lost by that: who needs the character itself finds which one it was.

use std::{borrow::Cow, fmt::Write as _};

/// The text with all that is invisible made visible.
///
/// Control characters become their pictures (`␊` for a line's end), and what changes the direction of the text around it,
/// takes no room, or breaks a line becomes its number: `photo⟨U+202E⟩gpj.exe`. Joiners, which some scripts can't do without,
/// stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\0'..='\x1F' => shown.push(picture(0x2400 + u32::from(character))),
            '\x7F' => shown.push(picture(0x2421)),
            hidden if is_hidden(hidden) => {
                // Writing into a text can't fail.
                let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(hidden));
            }
            seen => shown.push(seen),
        }
    }
    Cow::Owned(shown)
}

fn picture(number: u32) -> char {
    char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Whether a character can't be seen, or changes how others are.
const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        // Controls.
        '\0'..='\x1F' | '\x7F'..='\u{9F}'
        // A hyphen that is none, and a mark without room.
        | '\u{AD}' | '\u{34F}'
        // Directions: marks, embeddings, overrides, isolates.
        | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}'
        // Without room: spaces, fillers, operators, the byte order mark.
        | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{2060}'..='\u{2065}'
        | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        // Ends of lines and paragraphs.
        | '\u{2028}' | '\u{2029}'
        // Tags, which spell whole texts that nobody sees.
        | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_hidden_is_told() {
        for (text, shown) in [
            ("report.json", "report.json"),
            ("สำรอง ๒๕๖๘.json", "สำรอง ๒๕๖๘.json"),
            ("photo\u{202E}gpj.exe", "photo⟨U+202E⟩gpj.exe"),
            ("\u{2066}a\u{2069}b\u{200F}", "⟨U+2066⟩a⟨U+2069⟩b⟨U+200F⟩"),
            ("a\u{200B}b\u{FEFF}c\u{2060}", "a⟨U+200B⟩b⟨U+FEFF⟩c⟨U+2060⟩"),
            ("a\r\nb\0c\td\x7F", "a␍␊b␀c␉d␡"),
            ("\x1B[31mred\x1B[0m\u{9B}2J", "␛[31mred␛[0m⟨U+009B⟩2J"),
            ("a\u{2028}b\u{85}c", "a⟨U+2028⟩b⟨U+0085⟩c"),
            ("x\u{E0041}\u{E007F}", "x⟨U+E0041⟩⟨U+E007F⟩"),
            // An emoji of several, and what Persian needs.
            (
                "👨\u{200D}👩 می\u{200C}خواهم",
                "👨\u{200D}👩 می\u{200C}خواهم",
            ),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    proptest! {
        /// Nothing hidden is left, what was visible stays as it is and where it is, and showing twice changes nothing.
        #[test]
        fn what_was_visible_stays(text in any::<String>()) {
            let shown = visible(&text);
            prop_assert!(!shown.chars().any(|c| is_hidden(c) || c.is_control()));
            prop_assert_eq!(visible(&shown), shown.clone());
            let mut rest: &str = &shown;
            for seen in text.chars().filter(|c| !is_hidden(*c)) {
                let at = rest.find(seen);
                prop_assert!(at.is_some(), "{:?} is lost", seen);
                rest = &rest[at.unwrap_or_default() + seen.len_utf8()..];
            }
        }
    }
}
