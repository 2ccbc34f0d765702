//! What a file is called: the name that a client gives, as it may be stored and shown.

use crate::model::visible::visible;

/// The longest name that the log has room for, in characters.
const LONGEST: usize = 255;

/// The name as it is kept, and so shown wherever it is: its last component, with all that is invisible made visible. It names
/// nothing but itself: no path is ever made of it. `None`: that leaves no name.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if matches!(last, "." | "..") {
        return None;
    }
    let shown: String = visible(last).chars().take(LONGEST).collect();
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
            ("..", None),
            ("/etc/.", None),
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
        for (name, kept) in [
            ("photo\u{202E}gpj.exe", "photo⟨U+202E⟩gpj.exe"),
            ("\u{2067}a\u{2069}.json", "⟨U+2067⟩a⟨U+2069⟩.json"),
            ("a\u{200B}.json", "a⟨U+200B⟩.json"),
            ("\x1B]0;title\x07\x1B[2J.json", "␛]0;title␇␛[2J.json"),
            ("../../etc/passwd\0.json", "passwd␀.json"),
        ] {
            assert_eq!(clean(name).as_deref(), Some(kept));
        }
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
