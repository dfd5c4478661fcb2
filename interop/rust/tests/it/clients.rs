//! Service clients and access keys.

use std::collections::BTreeSet;

use authress::apis::service_clients_api::GetClientsParams;
use authress::models::{Client, ClientOptions};

use crate::bed::{Bed, next_cursor, refusal};

rules! {
    a_client_is_created_read_updated_and_deleted,
    a_key_works_as_a_bearer_until_it_is_deleted,
    a_client_has_five_keys_at_most,
    the_option_decides_whether_a_client_may_ask_about_others,
    paging_by_one_reaches_every_client_once,
}

fn client(name: &str) -> Client {
    let mut client = Client::new("placeholder".into());
    client.name = Some(Some(name.into()));
    client
}

async fn create(bed: &Bed, sent: Client) -> Client {
    bed.client.service_clients.create_client(sent).await.unwrap()
}

async fn new_key(bed: &Bed, client_id: &str) -> (String, String) {
    let key = bed.client.service_clients.request_access_key(client_id.into()).await.unwrap();
    assert_eq!(key.client_id, client_id);
    (key.key_id.unwrap(), key.access_key.unwrap())
}

/// The status of a check that a bearer makes about a user who may do nothing.
async fn check(bed: &Bed, bearer: &str, user_id: &str) -> u16 {
    let client = bed.with_bearer(bearer);
    refusal(
        client.user_permissions.authorize_user(user_id.into(), "docs".into(), "documents:read".into()).await,
    )
}

async fn a_client_is_created_read_updated_and_deleted(bed: &Bed) {
    let clients = &bed.client.service_clients;
    let made = create(bed, client("a client")).await;
    assert!(made.client_id.starts_with("sc_") && made.created_time.is_some());
    let id = made.client_id.clone();
    assert_eq!(clients.get_client(id.clone()).await.unwrap(), made);
    let changed = clients.update_client(id.clone(), client("renamed")).await.unwrap();
    assert_eq!(changed.name, Some(Some("renamed".into())));
    clients.delete_client(id.clone()).await.unwrap();
    assert_eq!(refusal(clients.get_client(id).await), 404);
}

async fn a_key_works_as_a_bearer_until_it_is_deleted(bed: &Bed) {
    let id = create(bed, client("a client")).await.client_id;
    let (key_id, access_key) = new_key(bed, &id).await;
    let listed = bed.client.service_clients.get_client(id.clone()).await.unwrap().verification_keys.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed.iter().all(|key| key.access_key.is_none() && key.client_secret.is_none()));
    assert_eq!(check(bed, &access_key, &id).await, 404);
    bed.client.service_clients.delete_access_key(id.clone(), key_id).await.unwrap();
    assert_eq!(check(bed, &access_key, &id).await, 401);
    assert_eq!(check(bed, "garbage", &id).await, 401);
}

async fn a_client_has_five_keys_at_most(bed: &Bed) {
    let id = create(bed, client("a client")).await.client_id;
    for _ in 0..5 {
        new_key(bed, &id).await;
    }
    let sixth = refusal(bed.client.service_clients.request_access_key(id).await);
    assert!([400, 409].contains(&sixth), "{sixth}");
}

async fn the_option_decides_whether_a_client_may_ask_about_others(bed: &Bed) {
    let plain = create(bed, client("plain")).await.client_id;
    let mut sent = client("trusted");
    let options =
        ClientOptions { grant_user_permissions_access: Some(Some(true)), grant_token_generation: None };
    sent.options = Some(Box::new(options));
    let trusted = create(bed, sent).await.client_id;
    assert_eq!(check(bed, &new_key(bed, &plain).await.1, "alice").await, 403);
    assert_eq!(check(bed, &new_key(bed, &trusted).await.1, "alice").await, 404);
}

async fn paging_by_one_reaches_every_client_once(bed: &Bed) {
    let mut made = BTreeSet::new();
    for _ in 0..2 {
        made.insert(create(bed, client("paged")).await.client_id);
    }
    made.insert(bed.server.bootstrap("client_id"));
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let params = GetClientsParams { limit: Some(1), cursor };
        let page = bed.client.service_clients.get_clients(Some(params)).await.unwrap();
        found.extend(page.clients.into_iter().map(|client| client.client_id));
        cursor = next_cursor(page.pagination);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 3);
    assert_eq!(BTreeSet::from_iter(found), made);
}
