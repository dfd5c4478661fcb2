//! The OpenAPI document itself.

use std::collections::BTreeSet;

use serde_json::Value;

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
