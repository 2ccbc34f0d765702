//! Values held against the schemas of the API's description, as far as it uses JSON Schema.

use serde_json::Value;

use crate::server::http::openapi::description;

/// What is wrong with a value; nothing: it fits.
pub fn misfits(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, value, "", &mut found);
    found
}

/// What a reference leads to.
pub fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(at) => {
            let target = description().pointer(at.trim_start_matches('#'));
            resolved(target.unwrap_or_else(|| panic!("{at} leads nowhere")))
        }
        None => schema,
    }
}

fn look(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(schema);
    for part in list(&schema["allOf"]) {
        look(part, value, at, found);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(choice) {
            let fits = list(choices).filter(|one| misfits(one, value).is_empty());
            if fits.count() == 0 {
                found.push(format!("{at}: {value} is none of the choices"));
            }
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    };
    if !types.is_empty() && !types.iter().any(|name| is(name)) {
        found.push(format!("{at}: {value} is no {types:?}"));
    }
    if let Some(words) = schema.get("enum")
        && !list(words).any(|word| word == value)
    {
        found.push(format!("{at}: {value} is none of {words}"));
    }
    if let (Some(format), Some(text)) = (schema["format"].as_str(), value.as_str()) {
        let fits = match format {
            "date" => text.parse::<chrono::NaiveDate>().is_ok(),
            "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            _ => true,
        };
        if !fits {
            found.push(format!("{at}: {value} is no {format}"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        if let Some(of) = schema.get("items").filter(|it| it.is_object()) {
            look(of, item, &format!("{at}[]"), found);
        }
    }
    if let Value::Object(members) = value {
        for name in list(&schema["required"]).filter_map(Value::as_str) {
            if !members.contains_key(name) {
                found.push(format!("{at}.{name} is missing"));
            }
        }
        for (name, member) in members {
            if let Some(of) = schema["properties"].get(name) {
                look(of, member, &format!("{at}.{name}"), found);
            }
        }
    }
}

/// The members that a value has and its schema doesn't know.
pub fn unknown(schema: &Value, value: &Value) -> Vec<String> {
    fn known(schema: &Value, names: &mut Vec<String>) -> bool {
        let schema = resolved(schema);
        let mut open = schema.get("properties").is_none()
            && !["allOf", "oneOf", "anyOf"]
                .iter()
                .any(|it| schema.get(*it).is_some());
        if let Some(own) = schema["properties"].as_object() {
            names.extend(own.keys().cloned());
        }
        for choice in ["allOf", "oneOf", "anyOf"] {
            for part in list(&schema[choice]) {
                let part_is_open = known(part, names);
                open |= part_is_open && choice != "allOf" && part["type"] != "null";
            }
        }
        open
    }
    let mut names = Vec::new();
    if known(schema, &mut names) {
        return Vec::new();
    }
    let members = value.as_object().into_iter().flatten();
    let others = members.filter(|(name, _)| !names.contains(name));
    others.map(|(name, _)| name.clone()).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
