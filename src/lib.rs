//! NumWatch: imports of lottery results, and a truthful log of every one of them.
//!
//! What runs in both worlds, the server's and the browser's:
//!
//! - [`app`]: the documents
//! - [`pages`] and [`components`]: what people see; [`browser`] does for them what only a browser can do
//! - [`server_fns`]: thin doors from pages to services
//! - [`model`] and [`error`]: the types that cross the wire; [`wire`]: how they do
//!
//! What runs only on the server stands in [`server`].

#![recursion_limit = "256"]

pub mod app;
pub mod browser;
pub mod components;
pub mod error;
pub mod model;
pub mod pages;
pub mod server_fns;
pub mod wire;

#[cfg(feature = "ssr")]
pub mod server;

#[cfg(all(test, feature = "ssr"))]
mod tests;

/// Takes over the page that the server has rendered: the one that its root names.
///
/// # Errors
/// When the page's root isn't there.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() -> Result<(), wasm_bindgen::JsError> {
    use wasm_bindgen::JsCast as _;

    console_error_panic_hook::set_once();
    let root = leptos::prelude::document()
        .get_element_by_id(app::ROOT)
        .ok_or_else(|| wasm_bindgen::JsError::new("the page has no root"))?;
    let page = root
        .get_attribute(app::PAGE)
        .and_then(|name| pages::LivePage::named(&name))
        .ok_or_else(|| wasm_bindgen::JsError::new("the root names no page"))?;
    leptos::mount::hydrate_from(root.unchecked_into(), move || app::live(page)).forget();
    Ok(())
}
