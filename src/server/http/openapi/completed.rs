//! What the rules add to the annotations: who may, which errors can come, and the examples.

use serde_json::{Map, Value, json};

use super::{
    examples,
    listed::{SESSION, TOKEN},
    problems::{self, OF_ALL, OF_ASKING, OF_CHANGING, OF_KNOWN},
};
use crate::model::access::{Action, Role};

/// By these two an annotation names the action that a door asks for, and the errors that are its own.
const ACTION: &str = "x-action";
const PROBLEMS: &str = "x-problems";

/// A parameter by which one asks whether something is still the same.
const KNOWN: &str = "If-None-Match";

/// Completes the description.
pub fn complete(mut api: Value) -> Value {
    if let Some(paths) = api["paths"].as_object_mut() {
        for operations in paths.values_mut().filter_map(Value::as_object_mut) {
            for (method, operation) in operations.iter_mut() {
                if let Some(operation) = operation.as_object_mut() {
                    complete_one(method, operation);
                }
            }
        }
    }
    api["components"]["responses"] = problems::answers();
    plain(&mut api);
    api
}

fn complete_one(method: &str, operation: &mut Map<String, Value>) {
    let action = operation.get(ACTION).and_then(Value::as_str);
    let action: Option<Action> = action.and_then(|it| it.parse().ok());
    let own = operation.remove(PROBLEMS);
    let own = own.as_ref().and_then(Value::as_array).cloned();
    let own = own.into_iter().flatten();
    let own = own.filter_map(|status| status.as_u64().and_then(|it| u16::try_from(it).ok()));
    let mut statuses: Vec<u16> = own.chain(OF_ALL).collect();
    let reads = method == "get";
    if operation.contains_key("parameters") || operation.contains_key("requestBody") {
        statuses.extend(OF_ASKING);
    }
    if !reads {
        statuses.extend(OF_CHANGING);
    }
    if let Some(action) = action {
        statuses.extend(OF_KNOWN);
        say_who_may(operation, action.least());
        operation.insert("security".into(), json!([{ TOKEN: [] }, { SESSION: [] }]));
    } else {
        operation.insert("security".into(), json!([]));
    }
    let asks_what_is_known = operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|one| one["name"] == KNOWN));
    let example = operation.get("operationId").and_then(Value::as_str);
    let examples = example.and_then(examples::of);
    let Some(answers) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    if let Some(examples) = examples {
        give_examples(answers, examples);
    }
    if asks_what_is_known {
        let tag = json!({ "ETag": {
            "description": "By this the answer is known again.",
            "schema": { "type": "string" },
        }});
        if let Some(Value::Object(headers)) = answers.get_mut("200").map(|it| &mut it["headers"]) {
            headers.insert("ETag".into(), tag["ETag"].clone());
        } else if let Some(answer) = answers.get_mut("200") {
            answer["headers"] = tag.clone();
        }
        let same = json!({ "description": "It is still the same.", "headers": tag });
        answers.insert("304".into(), same);
    }
    for status in statuses {
        answers.insert(status.to_string(), problems::reference(status));
    }
}

/// Says in the words of the one table which role it takes.
fn say_who_may(operation: &mut Map<String, Value>, role: Role) {
    operation.insert("x-role".into(), json!(role));
    let said = operation.get("description").and_then(Value::as_str);
    let said = said.unwrap_or_default();
    if !Role::Viewer.is_at_least(role) {
        let takes = format!("{said}\n\nTakes the role {role}.");
        operation.insert("description".into(), json!(takes.trim()));
    }
}

/// Gives each answer the example that there is for its status.
fn give_examples(answers: &mut Map<String, Value>, examples: &Value) {
    for (status, answer) in answers.iter_mut() {
        let Some(example) = examples.get(status) else {
            continue;
        };
        let contents = answer["content"].as_object_mut();
        for content in contents.into_iter().flat_map(Map::values_mut) {
            content["example"] = example.clone();
        }
    }
}

/// Turns what is for whoever reads the sources into words for whoever reads answers.
fn plain(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if name == "description" => {
                        *text = text
                            .replace("[`", "`")
                            .replace("`]", "`")
                            .replace("`None`", "`null`");
                    }
                    other => plain(other),
                }
            }
        }
        Value::Array(members) => members.iter_mut().for_each(plain),
        _ => {}
    }
}
