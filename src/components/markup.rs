//! Large tables as text: a view for each of thousands of cells would take several times as long to make and to send.

use std::fmt::Write as _;

use leptos::prelude::*;

/// Markup, of tags that stand in the program and of texts, which are escaped.
#[derive(Debug, Default)]
pub struct Markup(String);

impl Markup {
    /// Adds tags.
    pub fn tags(&mut self, tags: &'static str) -> &mut Self {
        self.0.push_str(tags);
        self
    }

    /// Adds a text, within an element or within an attribute's quotes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// Adds a number.
    pub fn number(&mut self, number: impl Into<i64>) -> &mut Self {
        // Writing into a text can't fail.
        let _ = write!(self.0, "{}", number.into());
        self
    }

    /// The table whose rows it holds.
    #[must_use]
    pub fn into_table(self, class: &'static str, labelled_by: &'static str) -> AnyView {
        view! { <table class=class aria-labelledby=labelled_by inner_html=self.0></table> }
            .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_show_what_they_say_and_no_markup() {
        let mut markup = Markup::default();
        markup
            .tags("<td title=\"")
            .text("a \"b\" & <c>")
            .tags("\">");
        markup.number(12).text("<td>");
        let written = "<td title=\"a &quot;b&quot; &amp; &lt;c&gt;\">12&lt;td&gt;";
        assert_eq!(markup.0, written);
    }
}
