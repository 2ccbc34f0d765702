//! Reactive bricks that are compiled once per type of value instead of once per closure.
//!
//! The browser's half has to stay small, and each closure in a view is otherwise a copy of its whole machinery: packed,
//! an attribute's takes 115 bytes more than [`text`], a memo's 45 more than [`memo`]. Where a brick gains nothing,
//! plain Leptos stands.
//!
//! Texts that change stand in [`words`]: translators and extensions of browsers take text nodes away and put their own
//! in their place, and what Leptos writes into a text node that is no longer on the page nobody sees.

use leptos::prelude::*;

/// A memo.
pub fn memo<T>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    fn boxed<T>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| value())
    }
    boxed(Box::new(value))
}

/// A text for an attribute. Within an element it would be a text node: there [`words`] stand.
pub fn text<T: Into<String>>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || value().into())
}

/// A text that changes: the whole content of an element of its own, whatever others have made of it meanwhile.
pub fn words<T: Into<String>>(value: impl Fn() -> T + Send + Sync + 'static) -> AnyView {
    fn content(html: Signal<String>) -> AnyView {
        view! { <span inner_html=html></span> }.into_any()
    }
    content(Signal::derive(move || escaped(&value().into())))
}

/// The same for a text that is fixed, in a view that is built anew with others in its place.
#[must_use]
pub fn fixed(text: &str) -> AnyView {
    view! { <span inner_html=escaped(text)></span> }.into_any()
}

/// A text as HTML that shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// An attribute that may be absent.
pub fn maybe<T: Into<String>>(
    value: impl Fn() -> Option<T> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    Signal::derive(move || value().map(Into::into))
}

/// A condition, for a class or an attribute that is there or not.
pub fn whether(value: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(value)
}

/// A view that is there while a condition holds.
pub fn when(
    condition: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    either(condition, view, || ().into_any())
}

/// One view while a condition holds, else the other.
pub fn either(
    condition: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> AnyView + Send + 'static,
    other: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    fn boxed(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
        view.into_any()
    }
    let holds = memo(condition);
    boxed(Box::new(move || if holds.get() { view() } else { other() }))
}

/// A paragraph that is there while there is something to say.
pub fn said(sentence: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    let sentence = memo(sentence);
    when(
        move || sentence.with(Option::is_some),
        move || view! { <p>{words(move || sentence.get().unwrap_or_default())}</p> }.into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shows_what_it_says_and_no_markup() {
        assert_eq!(
            escaped("a < b && \"<img src=x>\""),
            "a &lt; b &amp;&amp; \"&lt;img src=x&gt;\""
        );
    }
}
