//! Questions before something that can't be undone by itself. The browser opens them (`commandfor`), so that they work
//! without JavaScript; a hydrated page does it itself, since not every browser knows that yet.

use leptos::{html::Dialog, prelude::*};

/// Opens it, unless it is open.
pub fn show(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked()
        && !dialog.open()
    {
        // It fails only on a dialog that is open or not in the document.
        let _ = dialog.show_modal();
    }
}

/// Closes it, if it is still there: the focus goes back to the button that opened it.
pub fn close(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.try_get_untracked().flatten() {
        dialog.close();
    }
}
