//! What `data-needs` says of a control: the least role that can use it. `style/main.css` hides it from the others; that isn't what
//! keeps them from it: services refuse them.

use crate::model::access::Role;

pub const OPERATOR: &str = Role::Operator.as_str();
pub const ADMIN: &str = Role::Admin.as_str();
