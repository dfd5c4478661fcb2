//! The guard: in this process beside the decision that is in it, and over HTTP beside a bare axum handler.

use std::sync::Arc;

use portcullis::access::Question;
use portcullis::{Cx, Portcullis};
use portcullis_types::Guard;
use portcullis_types::guard::{GuardRequest, GuardResource};
use serde_json::json;

use crate::client::Client;
use crate::measure::{Samples, Table, cpu_ns};
use crate::pairs::{Side, compare};
use crate::people::member;
use crate::process::Server;
use crate::{Effort, Result, load};

/// The people who ask.
const PEOPLE: usize = 64;
/// Their documents, which are theirs by a record each.
const DOCUMENTS: usize = 8;

pub fn run(effort: Effort) -> Result<()> {
    println!("## The guard\n");
    in_process(effort)?;
    over_http(effort)
}

/// What the owner writes before anybody asks.
fn setup() -> Vec<(&'static str, serde_json::Value)> {
    let permission = json!({ "action": "documents:read", "allow": true, "grant": false, "delegate": false });
    let role = json!({ "roleId": "reader", "name": "reader", "permissions": [permission] });
    let operation = json!({
        "operation": "read_document", "permission": "documents:read", "resource": "documents/{id}",
    });
    vec![("/v1/roles", role), ("/v1/operations", operation)]
}

fn record(user: &str, document: &str) -> serde_json::Value {
    json!({
        "recordId": format!("rec_{document}"), "name": document, "users": [{ "userId": user }],
        "statements": [{ "roles": ["reader"], "resources": [{ "resourceUri": format!("documents/{document}") }] }],
    })
}

/// A service that may ask the guard, and nothing else: an owner is told why as well, which is more work.
fn asking(owner: &mut Client) -> Result<Client> {
    let permission = json!({ "action": "guard:evaluate", "allow": true, "grant": false, "delegate": false });
    owner.post("/v1/roles", &json!({ "roleId": "asker", "name": "asker", "permissions": [permission] }))?;
    let made = owner.exchange(&owner.posting("/v1/clients", &json!({ "name": "asker" })))?;
    let client_id = member(&made, "clientId")?.to_owned();
    owner.post(
        "/v1/records",
        &json!({
            "recordId": "rec_asker", "name": "asker", "users": [{ "userId": client_id }],
            "statements": [{ "roles": ["asker"], "resources": [{ "resourceUri": "Portcullis:Guard" }] }],
        }),
    )?;
    let path = format!("/v1/clients/{client_id}/access-keys");
    let key = owner.exchange(&owner.posting(&path, &json!({})))?;
    owner.with_key(member(&key, "accessKey")?)
}

fn over_http(effort: Effort) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = Server::start_open(folder.path(), None)?;
    let bare = Server::start_bare()?;
    let mut client = Client::owner(ours.address, folder.path())?;
    for (path, body) in setup() {
        client.post(path, &body)?;
    }
    let asking = asking(&mut client)?;
    let mut requests = Vec::new();
    for person in 0..PEOPLE {
        let email = format!("asker{person}@bench.example");
        let registration =
            json!({ "email": email, "password": format!("violet tractor {person} under glass") });
        let answer = client.exchange(&client.anonymous_post("/v1/auth/register", &registration))?;
        let user = answer["user"]["id"].as_str().ok_or("no id")?.to_owned();
        let token = member(&answer, "access_token")?.to_owned();
        for number in 0..DOCUMENTS {
            let document = format!("d{person}x{number}");
            client.post("/v1/records", &record(&user, &document))?;
            let body =
                json!({ "token": token, "operation": "read_document", "resource": { "id": document } });
            requests.push(asking.posting("/v1/guard", &body));
        }
    }
    let answer = client.exchange(requests.first().ok_or("no requests")?)?;
    if answer["allowed"] != json!(true) {
        return Err(format!("the guard should have said yes: {answer}").into());
    }
    println!("Over HTTP: {} bytes of answer, {PEOPLE} people.\n", answer.to_string().len());
    load::run(ours.address, &requests, 4, std::time::Duration::from_millis(500), &[200])?;
    let side = |server| Side { name: "guard", server, requests: &requests };
    compare(&side(&ours), &side(&bare), effort)?;
    ours.stop()?;
    bare.stop()
}

fn in_process(effort: Effort) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (portcullis, tokens) = runtime.block_on(embedded())?;
    let guard: Arc<dyn Guard> = Arc::new(portcullis.clone());
    let (rounds, times) = if effort.smoke { (3, 2) } else { (15, 200) };
    let resources: Vec<Vec<GuardResource>> = (0..PEOPLE)
        .map(|person| {
            let resource = |number| GuardResource {
                id: Some(format!("d{person}x{number}")),
                ..GuardResource::default()
            };
            (0..DOCUMENTS).map(resource).collect()
        })
        .collect();
    let (mut whole, mut who, mut decision) = <(Samples, Samples, Samples)>::default();
    let per = |ns: u64| ns as f64 / (times * PEOPLE * DOCUMENTS) as f64;
    for _ in 0..=rounds {
        // One thread, its own processor time: what waits for nothing never leaves it.
        let spent: Result<_> = runtime.block_on(async {
            let start = cpu_ns();
            for _ in 0..times {
                for (token, resources) in tokens.iter().zip(&resources) {
                    for resource in resources {
                        let request = GuardRequest {
                            resource: Some(resource),
                            ..GuardRequest::new(&token.1, "read_document")
                        };
                        let outcome = guard.check(request).await;
                        assert!(outcome.is_allowed(), "{outcome:?}");
                    }
                }
            }
            let guarded = cpu_ns();
            for _ in 0..times * DOCUMENTS {
                for (_, token) in &tokens {
                    assert!(guard.check(GuardRequest::who(token)).await.is_allowed());
                }
            }
            let named = cpu_ns();
            let cx = Cx::local("bench");
            for _ in 0..times {
                for (person, (user, _)) in tokens.iter().enumerate() {
                    for number in 0..DOCUMENTS {
                        let uri = format!("documents/d{person}x{number}");
                        let question =
                            Question { user_id: user, resource: &uri, permission: "documents:read" };
                        let answer = portcullis::access::check(&portcullis, &cx, question).await;
                        assert!(answer?);
                    }
                }
            }
            Ok((per(guarded - start), per(named - guarded), per(cpu_ns() - named)))
        });
        let (a, b, c) = spent?;
        whole.push(a);
        who.push(b);
        decision.push(c);
    }
    let mut table = Table::new(&["in this process, warm", "ns of processor time"]);
    table.row(&["guard: token, context, operation, permission".to_owned(), whole.to_string()]);
    table.row(&["guard without an operation: token and context".to_owned(), who.to_string()]);
    table.row(&["the check alone, its path written first".to_owned(), decision.to_string()]);
    println!("{PEOPLE} people, {DOCUMENTS} documents each, all allowed, no price:\n\n{table}");
    Ok(())
}

/// An engine without a server, and people with their tokens.
async fn embedded() -> Result<(Portcullis, Vec<(String, String)>)> {
    let portcullis = Portcullis::open("sqlite::memory:").await?;
    let cx = Cx::local("bench");
    for (path, body) in setup() {
        match path {
            "/v1/roles" => {
                drop(portcullis::role::create(&portcullis, &cx, serde_json::from_value(body)?).await?)
            }
            _ => drop(portcullis::operation::create(&portcullis, &cx, serde_json::from_value(body)?).await?),
        }
    }
    let mut tokens = Vec::new();
    for person in 0..PEOPLE {
        let user = format!("asker{person}");
        for number in 0..DOCUMENTS {
            let body = serde_json::from_value(record(&user, &format!("d{person}x{number}")))?;
            portcullis::record::create(&portcullis, &cx, body).await?;
        }
        let token = portcullis::token::mint(&portcullis, &cx, &user, 3_600).await?;
        tokens.push((user, token.token));
    }
    Ok((portcullis, tokens))
}
