//! Reactive bricks that are compiled once per type of value instead of once per closure.
//!
//! The browser's half has to stay small, and each closure in a view is otherwise a copy of its whole machinery.

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

/// A text, for a node or an attribute.
pub fn text<T: Into<String>>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || value().into())
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
    let holds = memo(condition);
    built(Box::new(move || if holds.get() { view() } else { other() }))
}

/// A view that is built anew when what it reads changes.
pub fn built(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    view.into_any()
}

/// A paragraph that is there while there is something to say.
pub fn said(sentence: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    let sentence = memo(sentence);
    when(
        move || sentence.with(Option::is_some),
        move || view! { <p>{text(move || sentence.get().unwrap_or_default())}</p> }.into_any(),
    )
}
