//! The OpenAPI document itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bed::Bed;

fn document() -> Value {
    serde_json::to_value(portcullis_http::openapi()).unwrap()
}

#[tokio::test]
async fn it_is_served_and_the_same_every_time() {
    let bed = Bed::start().await;
    let served = bed.nobody().get("/openapi.json").await;
    assert_eq!(served.json(), document());
    assert_eq!(portcullis_http::openapi().to_json().unwrap(), portcullis_http::openapi().to_json().unwrap());
    assert_eq!(document()["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_describes_its_parameters() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name.clone()), "{name} twice");
            assert!(operation["summary"].is_string(), "{name}");
            let no_parameters = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&no_parameters);
            let described: Vec<_> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let in_path: Vec<_> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(described, in_path, "{method} {path}");
            for parameter in parameters {
                assert!(parameter["schema"]["type"].is_string(), "{name} {parameter}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    fn walk(value: &Value, schemas: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let name = reference.strip_prefix("#/components/schemas/").unwrap();
                    assert!(schemas.get(name).is_some(), "{name}");
                }
                members.values().for_each(|value| walk(value, schemas));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, schemas)),
            _ => {}
        }
    }
    walk(&document, schemas);
}

/// Our requirements are numbered in documents that readers of the API do not have.
#[test]
fn no_text_names_a_requirement_by_its_number() {
    fn names_one(text: &str) -> bool {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words.into_iter().any(|word| {
            let Some((area, number)) = word.split_once('-') else { return false };
            let is_number = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
            area.len() == 2 && area.bytes().all(|byte| byte.is_ascii_uppercase()) && is_number
        })
    }
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if names_one(text) => found.push(text.clone()),
            Value::Object(members) => members.values().for_each(|value| walk(value, found)),
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    assert!(
        names_one("never (RFC 6750 §2, AS-20).")
            && names_one("AU-01 to AU-03")
            && !names_one("SHA-256, ES-2")
    );
    let mut found = Vec::new();
    walk(&document(), &mut found);
    assert_eq!(found, Vec::<String>::new());
}

/// RFC 9110 §15.5.9: every operation that reads a body may find that it does not come.
#[test]
fn what_takes_a_body_says_that_it_may_come_too_slowly_or_be_too_large() {
    let document = document();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut with_body = 0;
    for operation in operations.filter(|operation| operation.get("requestBody").is_some()) {
        for status in ["408", "413"] {
            assert!(operation["responses"].get(status).is_some(), "{status} {}", operation["operationId"]);
        }
        with_body += 1;
    }
    assert!(with_body > 20, "{with_body}");
}

/// RFC 6750 §2.1 and §2.2: the token comes in the header, or in the form.
#[test]
fn userinfo_needs_the_bearer_in_the_header_or_in_a_form_that_is_none_without_it() {
    let operations = &document()["paths"]["/oauth2/userinfo"];
    assert_eq!(operations["get"]["security"], json!([{"bearer": []}]));
    assert_eq!(operations["post"]["security"], json!([{"bearer": []}, {}]));
    let body = &operations["post"]["requestBody"];
    let form = &body["content"]["application/x-www-form-urlencoded"]["schema"];
    assert_eq!(*form, json!({"$ref": "#/components/schemas/UserInfoForm"}));
    assert_ne!(body["required"], json!(true));
}
