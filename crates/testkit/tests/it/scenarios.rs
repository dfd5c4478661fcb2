use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portcullis_testkit::TestServer;
use portcullis_testkit::scenario::{Answer, Collection, Facts, Permission, Scenario, load_all};
use portcullis_types::Explanation;
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::{Api, segment};

#[tokio::test(flavor = "multi_thread")]
async fn az_11_every_scenario_is_answered_as_written_over_http() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let scenarios = load_all(&folder).unwrap();
    assert!(scenarios.len() > 40, "the scenarios are found");
    let mut wrong = Vec::new();
    for (name, scenario) in scenarios {
        let server = TestServer::start().await.unwrap();
        let found = ask_everything(&Api::new(&server), &scenario).await;
        wrong.extend(found.into_iter().map(|found| format!("{name} ({}): {found}", scenario.rule)));
        server.shutdown().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn ask_everything(api: &Api<'_>, scenario: &Scenario) -> Vec<String> {
    let (_, records) = api.read("/v1/records").await;
    // The owner's own record is in every installation; scenarios do not know it.
    let owners = records["records"][0]["recordId"].as_str().unwrap().to_owned();
    bring(api, &scenario.facts).await;
    let mut wrong = Vec::new();
    checks(api, scenario, &owners, &mut wrong).await;
    permissions_and_roles(api, scenario, &mut wrong).await;
    lists(api, scenario, &mut wrong).await;
    wrong
}

async fn bring(api: &Api<'_>, facts: &Facts) {
    for role in facts.role_bodies() {
        api.done(Method::POST, "/v1/roles", Some(&role)).await;
    }
    for group in &facts.groups {
        api.done(Method::POST, "/v1/groups", Some(&json!(group))).await;
    }
    for record in &facts.records {
        api.done(Method::POST, "/v1/records", Some(&json!(record))).await;
    }
    for record_id in &facts.deleted {
        api.done(Method::DELETE, &format!("/v1/records/{}", segment(record_id)), None).await;
    }
    for (uri, config) in facts.resource_bodies() {
        api.done(Method::PUT, &format!("/v1/resources/{}", segment(uri)), Some(&config)).await;
    }
}

fn of(user: &str, resource: &str) -> String {
    format!("/v1/users/{}/resources/{}", segment(user), segment(resource))
}

async fn checks(api: &Api<'_>, scenario: &Scenario, owners: &str, wrong: &mut Vec<String>) {
    for check in &scenario.checks {
        let path = format!("{}/permissions/{}", of(&check.user, &check.resource), segment(&check.permission));
        let expected = if check.answer == Answer::Allow { StatusCode::OK } else { StatusCode::NOT_FOUND };
        // Once from the database, once from memory.
        for _ in 0..2 {
            let (status, answer) = api.read(&path).await;
            if status != expected {
                wrong.push(format!("{check:?}: {status} {answer}"));
            }
        }
        let (status, answer) = api.read(&format!("{path}?explain=true")).await;
        let mut told: Explanation = serde_json::from_value(answer["explanation"].clone()).unwrap();
        told.nearest.retain(|miss| miss.record_id.as_deref() != Some(owners));
        let differs = check.because.as_ref().is_some_and(|because| !because.is_told_by(&told));
        let agrees = (told.decision == "allow") == (status == StatusCode::OK);
        if status != expected || !agrees || differs {
            wrong.push(format!("{check:?}: explained with {status} as {told:?}"));
        }
    }
}

/// The members of a list, or none when there is nothing to list.
fn members<T: DeserializeOwned>(status: StatusCode, answer: &Value, list: &str) -> Vec<T> {
    if status == StatusCode::NOT_FOUND {
        return Vec::new();
    }
    assert_eq!(status, StatusCode::OK, "{answer}");
    serde_json::from_value(answer[list].clone()).unwrap()
}

async fn permissions_and_roles(api: &Api<'_>, scenario: &Scenario, wrong: &mut Vec<String>) {
    let lower = |line: &Permission| Permission { action: line.action.to_lowercase(), ..line.clone() };
    for question in &scenario.permissions {
        let (status, answer) =
            api.read(&format!("{}/permissions", of(&question.user, &question.resource))).await;
        let told: Vec<Permission> = members(status, &answer, "permissions");
        let told: BTreeSet<Permission> = told.iter().map(lower).collect();
        if told != question.expect.iter().map(lower).collect() {
            wrong.push(format!("{question:?}: {told:?}"));
        }
    }
    for question in &scenario.roles {
        let (status, answer) = api.read(&format!("{}/roles", of(&question.user, &question.resource))).await;
        let told: Vec<Value> = members(status, &answer, "roles");
        if role_ids(&told) != question.expect.iter().cloned().collect() {
            wrong.push(format!("{question:?}: {told:?}"));
        }
    }
}

fn role_ids(roles: &[Value]) -> BTreeSet<String> {
    roles.iter().map(|role| role["roleId"].as_str().unwrap().to_owned()).collect()
}

async fn lists(api: &Api<'_>, scenario: &Scenario, wrong: &mut Vec<String>) {
    for question in &scenario.resources {
        let collection = match question.collection {
            Collection::TopLevelOnly => "TOP_LEVEL_ONLY",
            Collection::IncludeNested => "INCLUDE_NESTED",
        };
        let permission = question
            .permission
            .as_ref()
            .map_or_else(String::new, |permission| format!("&permissions={}", segment(permission)));
        for limit in [1, 20] {
            let path = format!(
                "/v1/users/{}/resources?resourceUri={}&collectionConfiguration={collection}&limit={limit}{permission}",
                segment(&question.user),
                segment(&question.query),
            );
            let listed = api.all_pages(&path, "resources").await;
            let listed: Vec<&str> = listed.iter().map(|one| one["resourceUri"].as_str().unwrap()).collect();
            if listed != question.expect {
                wrong.push(format!("{question:?}: {listed:?} in pages of {limit}"));
            }
        }
    }
    for question in &scenario.users {
        for limit in [1, 20] {
            let path = format!("/v1/resources/{}/users?limit={limit}", segment(&question.resource));
            let users = api.all_pages(&path, "users").await;
            let told: BTreeMap<&str, BTreeSet<String>> = users
                .iter()
                .map(|user| {
                    let roles = user["roles"].as_array().map(Vec::as_slice).unwrap_or_default();
                    (user["userId"].as_str().unwrap(), role_ids(roles))
                })
                .collect();
            let expected: BTreeMap<&str, BTreeSet<String>> = question
                .expect
                .iter()
                .map(|(user, roles)| (user.as_str(), roles.iter().cloned().collect()))
                .collect();
            if told != expected {
                wrong.push(format!("{question:?}: {told:?} in pages of {limit}"));
            }
        }
    }
}
