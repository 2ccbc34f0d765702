//! What a file is called: the name that a client gives, as it may be stored and shown.

/// The longest name that the log has room for, in characters.
const LONGEST: usize = 255;

/// The name as it is kept: its last component, in which nothing is invisible and nothing changes the direction of the
/// text around it. `None`: that leaves no name.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().map(shown).take(LONGEST).collect();
    (!shown.trim().is_empty()).then_some(shown)
}

/// Undoes what browsers do to a name in a form (WHATWG HTML, "multipart/form-data encoding algorithm"). Nothing else
/// is escaped there, so a percent sign is otherwise itself.
#[must_use]
pub fn from_form(name: &str) -> String {
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// A character as it can be seen.
fn shown(character: char) -> char {
    match character {
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{2426}'),
        '\x7F' => '\u{2421}',
        '\u{80}'..='\u{9F}'
        | '\u{61C}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}' => '\u{2426}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_last_component_of_a_path() {
        for (name, kept) in [
            ("a b.json", Some("a b.json")),
            ("สำรอง-2025.json", Some("สำรอง-2025.json")),
            ("/home/me/a.json", Some("a.json")),
            ("C:\\fakepath\\a.json", Some("a.json")),
            ("../..\\a.json", Some("a.json")),
            ("folder/", None),
            ("", None),
            (" \u{3000} ", None),
            ("100%25.json", Some("100%25.json")),
        ] {
            assert_eq!(clean(name).as_deref(), kept, "{name:?}");
        }
    }

    #[test]
    fn what_is_invisible_is_shown() {
        assert_eq!(clean("a\0\t\n\x7Fb").as_deref(), Some("a␀␉␊␡b"));
        let marks = "\u{80}\u{9F}\u{61C}\u{200E}\u{200F}\u{202A}\u{202E}\u{2066}\u{2069}";
        assert_eq!(clean(marks), Some("\u{2426}".repeat(9)));
        // What stands next to them is no control character.
        let others = "\x20\x7E\u{A0}\u{61B}\u{200D}\u{2010}\u{2029}\u{202F}\u{2065}\u{206A}";
        assert_eq!(clean(others).as_deref(), Some(others));
    }

    #[test]
    fn a_name_is_cut_at_what_its_column_holds() {
        assert_eq!(clean(&"ก".repeat(255)), Some("ก".repeat(255)));
        assert_eq!(clean(&"ก".repeat(256)), Some("ก".repeat(255)));
    }

    #[test]
    fn what_a_form_escapes_is_undone_and_nothing_else() {
        let name = from_form("a%22b%0D%0Ac%20%2522.json");
        assert_eq!(name, "a\"b\r\nc%20%2522.json");
        assert_eq!(clean(&name).as_deref(), Some("a\"b␍␊c%20%2522.json"));
    }
}
