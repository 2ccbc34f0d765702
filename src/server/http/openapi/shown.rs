//! The description as the page shows it. All of it is read out of the document, so that people and programs read the same.

use serde_json::{Value, json};

use crate::model::api_docs::{
    Answer, ApiDocs, Content, ErrorAnswer, Field, Group, Kind, Operation, Type, Word,
};

const SCHEMAS: &str = "#/components/schemas/";

/// What the page shows of a document.
pub fn show(api: &Value) -> ApiDocs {
    let operations: Vec<(String, Operation)> = members(&api["paths"])
        .flat_map(|(path, methods)| members(methods).map(move |it| (path, it)))
        .map(|(path, (method, it))| (text(&it["tags"][0]), operation(path, method, it)))
        .collect();
    let groups = list(&api["tags"]).map(|tag| {
        let name = text(&tag["name"]);
        let own = operations.iter().filter(|(of, _)| *of == name);
        Group {
            about: text(&tag["description"]),
            operations: own.map(|(_, operation)| operation.clone()).collect(),
            name,
        }
    });
    let components = &api["components"];
    ApiDocs {
        about: paragraphs(&api["info"]["description"]),
        groups: groups.collect(),
        types: members(&components["schemas"]).map(of_type).collect(),
        errors: errors(&components["responses"]),
    }
}

fn operation(path: &str, method: &str, it: &Value) -> Operation {
    let all: Vec<(&str, &Value)> = members(&it["responses"]).collect();
    let (errors, answers): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(_, answer)| answer.get("$ref").is_some());
    let body = it.get("requestBody");
    Operation {
        id: text(&it["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&it["summary"]),
        about: paragraphs(&it["description"]),
        role: it.get("x-role").map(text),
        parameters: list(&it["parameters"]).map(parameter).collect(),
        body: body.map(content),
        answers: answers.into_iter().map(answer).collect(),
        errors: errors
            .into_iter()
            .map(|(status, _)| status.to_owned())
            .collect(),
        curl: curl(path, method, it),
    }
}

fn parameter(it: &Value) -> Field {
    Field {
        name: text(&it["name"]),
        place: text(&it["in"]),
        kind: kind(&it["schema"]),
        is_required: it["required"] == true,
        about: text(&it["description"]),
    }
}

fn answer((status, it): (&str, &Value)) -> Answer {
    Answer {
        status: status.to_owned(),
        headers: members(&it["headers"])
            .map(|(name, header)| format!("{name}: {}", text(&header["description"])))
            .collect(),
        content: content(it),
    }
}

fn content(it: &Value) -> Content {
    let first = members(&it["content"]).next().map(|(_, content)| content);
    let example = first.and_then(|content| content.get("example"));
    Content {
        about: text(&it["description"]),
        media: members(&it["content"])
            .map(|(media, _)| media.to_owned())
            .collect(),
        kind: first.map_or_else(Kind::default, |content| kind(&content["schema"])),
        example: example.map(written),
    }
}

fn of_type((name, schema): (&str, &Value)) -> Type {
    let mut fields = Vec::new();
    let mut others = Vec::new();
    for part in parts(schema) {
        if part.get("properties").is_some() {
            fields.extend(members(&part["properties"]).map(|(name, member)| Field {
                name: name.to_owned(),
                place: String::new(),
                kind: kind(member),
                is_required: list(&part["required"]).any(|it| it == name),
                about: text(&member["description"]),
            }));
        } else {
            others.push(kind(part));
        }
    }
    Type {
        name: name.to_owned(),
        about: text(&schema["description"]),
        kind: joined(others, " and "),
        members: fields,
    }
}

/// A schema, or those that it is all of.
fn parts(schema: &Value) -> Vec<&Value> {
    match schema.get("allOf") {
        Some(all) => list(all).collect(),
        None => vec![schema],
    }
}

/// What a value is: `text`, `list of ImportLog`, `"a" or "b"`, `number or nothing`.
fn kind(schema: &Value) -> Kind {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|it| it.strip_prefix(SCHEMAS))
    {
        return Kind(vec![Word::Type(name.to_owned())]);
    }
    for (choice, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if schema.get(choice).is_some() {
            let choices = list(&schema[choice]).filter(|it| it["enum"] != json!([""]));
            return joined(choices.map(kind).collect(), between);
        }
    }
    if schema.get("enum").is_some() {
        let words = list(&schema["enum"]).filter(|word| **word != "");
        return said(&words.map(written).collect::<Vec<_>>().join(", "));
    }
    let said_of = |name: &str| match name {
        "array" => {
            let mut words = vec![Word::Text("list of ".into())];
            words.extend(kind(&schema["items"]).0);
            Kind(words)
        }
        "object" => match schema.get("additionalProperties") {
            Some(of) if of.is_object() => {
                let mut words = vec![Word::Text("object, each member: ".into())];
                words.extend(kind(of).0);
                Kind(words)
            }
            _ => said("object"),
        },
        "null" => said("null"),
        "string" => match schema["format"].as_str() {
            Some("date") => said("day"),
            Some("date-time") => said("instant"),
            _ => said("text"),
        },
        "boolean" => said("true or false"),
        "integer" => said(&bounded(schema)),
        other => said(other),
    };
    match &schema["type"] {
        Value::String(name) => said_of(name),
        Value::Array(all) => {
            let all = all.iter().filter_map(Value::as_str);
            joined(all.map(said_of).collect(), " or ")
        }
        _ => said("any value"),
    }
}

fn bounded(schema: &Value) -> String {
    let bounds = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
    let bounds = match bounds {
        (Some(least), Some(most)) if most < i64::from(i32::MAX) => {
            format!("number, {least} to {most}")
        }
        _ => "number".to_owned(),
    };
    match schema.get("default") {
        Some(usual) => format!("{bounds}, {usual} unless given"),
        None => bounds,
    }
}

fn said(text: &str) -> Kind {
    Kind(vec![Word::Text(text.to_owned())])
}

fn joined(kinds: Vec<Kind>, between: &str) -> Kind {
    let mut words = Vec::new();
    for kind in kinds {
        if !words.is_empty() {
            words.push(Word::Text(between.to_owned()));
        }
        words.extend(kind.0);
    }
    Kind(words)
}

fn errors(answers: &Value) -> Vec<ErrorAnswer> {
    let mut errors: Vec<ErrorAnswer> = members(answers)
        .map(|(_, answer)| {
            let example = &answer["content"]["application/problem+json"]["example"];
            ErrorAnswer {
                status: example["status"].to_string(),
                about: text(&answer["description"]),
                example: text(&example["detail"]),
            }
        })
        .collect();
    errors.sort_by(|a, b| a.status.cmp(&b.status));
    errors
}

/// How it is asked for in a shell, with the parameters that it must have.
fn curl(path: &str, method: &str, it: &Value) -> String {
    let required = list(&it["parameters"]).filter(|one| one["required"] == true);
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for one in required {
        let (name, example) = (text(&one["name"]), example(one));
        if one["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &example);
        } else {
            query.push(format!("{name}={example}"));
        }
    }
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    let mut words = vec!["curl".to_owned()];
    if method != "get" {
        words.push(format!("-X {}", method.to_uppercase()));
    }
    if it.get("x-role").is_some() {
        words.push("-H \"Authorization: Bearer $TOKEN\"".into());
    }
    if let Some(body) = it.get("requestBody") {
        let contents = &body["content"];
        let example = &contents["application/json"]["example"];
        words.push("-H 'Content-Type: application/json'".into());
        words.push(match contents.get("application/octet-stream") {
            Some(_) => "-T backup.json".into(),
            None => format!("-d '{example}'"),
        });
    }
    words.push(format!("\"$NUMWATCH{path}{query}\""));
    words.join(" ")
}

fn example(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let first = schema["oneOf"].get(0).unwrap_or(schema);
    let example = parameter
        .get("example")
        .or_else(|| first["examples"].get(0));
    match example {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// JSON as people read it.
fn written(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, member)| (name.as_str(), member))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn paragraphs(value: &Value) -> Vec<String> {
    let text = value.as_str().unwrap_or_default();
    let parts = text.split("\n\n").map(str::trim);
    parts
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}
