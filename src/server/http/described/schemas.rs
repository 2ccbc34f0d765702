//! Schemas of single values.

use serde_json::json;
use utoipa::openapi::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type};

/// One of these words; or, where that asks for nothing, none.
pub fn words(all: &[&str], may_be_empty: bool) -> Schema {
    let empty = may_be_empty.then_some("");
    let all = all.iter().copied().chain(empty);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(all))
        .into()
}

/// A text.
pub fn text(example: &str) -> Schema {
    text_of(None, example)
}

/// A text of so many characters at least.
pub fn text_of(shortest: Option<usize>, example: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(shortest)
        .examples([example])
        .into()
}

/// Yes or no; no unless said.
pub fn flag() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(json!(false)))
        .into()
}

/// A whole number between these.
pub fn number(least: i64, most: i64) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(least))
        .maximum(Some(most))
        .into()
}

/// The same with what it is unless said.
pub fn with_default(schema: Schema, usual: serde_json::Value) -> Schema {
    match schema {
        Schema::Object(mut object) => {
            object.default = Some(usual);
            Schema::Object(object)
        }
        other => other,
    }
}

/// A day.
pub fn day() -> Schema {
    formatted(KnownFormat::Date)
}

/// A day, or an instant.
pub fn day_or_instant() -> Schema {
    OneOfBuilder::new()
        .item(formatted(KnownFormat::Date))
        .item(formatted(KnownFormat::DateTime))
        .into()
}

/// The same; or, where that asks for nothing, nothing.
pub fn or_empty(schema: Schema) -> Schema {
    let choices = match schema {
        Schema::OneOf(choices) => choices.into(),
        other => OneOfBuilder::new().item(other),
    };
    choices.item(words(&[""], false)).into()
}

fn formatted(format: KnownFormat) -> Schema {
    let example = match format {
        KnownFormat::Date => "2025-06-22",
        _ => "2025-06-22T10:00:00Z",
    };
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(format)))
        .examples([example])
        .into()
}
