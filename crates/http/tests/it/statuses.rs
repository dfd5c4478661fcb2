//! The statuses of the tables in spec `authress-api.md` §3: clients take bodies of no other status.

use serde_json::{Value, json};

use crate::bed::{Bed, record};
use crate::wire::Answer;

async fn owner(bed: &Bed, method: &str, target: &str, body: Value) -> Answer {
    bed.owner().send(method, target, if body.is_null() { None } else { Some(body) }).await
}

#[tokio::test]
async fn a_check_is_200_404_or_403() {
    let bed = Bed::start().await;
    bed.grant("alice", "docs").await;
    let yes = bed.check("alice", "docs%2F1").await;
    assert_eq!((yes.status, yes.json()), (200, json!({})));
    let no = bed.check("bob", "docs").await;
    assert_eq!((no.status, no.code().as_str()), (404, "UserNotAuthorized"));
    assert_eq!(no.json().get("explanation"), None);
    let alice = bed.user("alice").await;
    assert_eq!(alice.get("/v1/users/alice/resources/docs/permissions/read").await.status, 200);
    assert_eq!(alice.get("/v1/users/bob/resources/docs/permissions/read").await.status, 403);
    assert_eq!(alice.get("/v1/users/alice/resources/docs/permissions/read?explain=true").await.status, 403);
}

#[tokio::test]
async fn both_answers_can_be_explained() {
    let bed = Bed::start().await;
    let id = bed.grant("alice", "docs").await;
    let ask = async |user: &str| {
        bed.owner().get(&format!("/v1/users/{user}/resources/docs/permissions/read?explain=true")).await
    };
    let yes = ask("alice").await;
    assert_eq!((yes.status, &yes.json()["explanation"]["allowedBy"]["recordId"]), (200, &json!(id)));
    let no = ask("bob").await;
    assert_eq!((no.status, no.code().as_str()), (404, "UserNotAuthorized"));
    assert_eq!(no.json()["explanation"]["decision"], "deny");
    assert!(
        bed.owner()
            .get("/v1/users/bob/resources/docs/permissions/read?explain=false")
            .await
            .json()
            .get("explanation")
            .is_none()
    );
}

#[tokio::test]
async fn the_other_questions_about_a_user() {
    let bed = Bed::start().await;
    bed.grant("alice", "docs").await;
    let permissions = bed.owner().get("/v1/users/alice/resources/docs%2F1/permissions").await;
    assert_eq!((permissions.status, &permissions.json()["permissions"][0]["action"]), (200, &json!("read")));
    assert_eq!(bed.owner().get("/v1/users/bob/resources/docs/permissions").await.status, 404);
    let roles = bed.owner().get("/v1/users/alice/resources/docs/roles").await;
    assert_eq!((roles.status, &roles.json()["roles"][0]["roleId"]), (200, &json!("ro_reader")));
    assert_eq!(bed.owner().get("/v1/users/alice/resources/docs%2F1/roles").await.status, 404);
    let users = bed.owner().get("/v1/resources/docs/users").await;
    assert_eq!((users.status, &users.json()["users"][0]["userId"]), (200, &json!("alice")));
}

#[tokio::test]
async fn records() {
    let bed = Bed::start().await;
    let mut body = record("alice", "docs");
    body["recordId"] = json!("rec_1");
    let made = owner(&bed, "POST", "/v1/records", body.clone()).await;
    assert_eq!((made.status, made.header("last-modified")), (201, made.json()["lastUpdated"].as_str()));
    assert_eq!(owner(&bed, "POST", "/v1/records", body.clone()).await.status, 409);
    assert_eq!(owner(&bed, "GET", "/v1/records/rec_1", Value::Null).await.status, 200);
    let put = owner(&bed, "PUT", "/v1/records/rec_1", body.clone()).await;
    assert_eq!(put.status, 202, "{put:?}");
    let posted = owner(&bed, "POST", "/v1/records/rec_1", body.clone()).await;
    assert_eq!((posted.status, &posted.json()["recordId"]), (200, &json!("rec_1")));
    assert_eq!(owner(&bed, "PUT", "/v1/records/rec_2", body).await.status, 400, "another id than the path's");
    assert_eq!(owner(&bed, "PUT", "/v1/records/rec_2", record("a", "b")).await.status, 404);
    let gone = owner(&bed, "DELETE", "/v1/records/rec_1", Value::Null).await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    let deleted = owner(&bed, "GET", "/v1/records/rec_1", Value::Null).await;
    assert_eq!((deleted.status, &deleted.json()["status"]), (200, &json!("DELETED")));
    let listed = owner(&bed, "GET", "/v1/records?status=DELETED", Value::Null).await.json();
    assert_eq!(listed["records"][0]["recordId"], "rec_1");
}

#[tokio::test]
async fn roles_and_groups() {
    let bed = Bed::start().await;
    let role = json!({ "roleId": "ro_1", "name": "r", "permissions": [] });
    assert_eq!(owner(&bed, "POST", "/v1/roles", role.clone()).await.status, 201);
    assert_eq!(owner(&bed, "POST", "/v1/roles", role.clone()).await.status, 409);
    assert_eq!(owner(&bed, "PUT", "/v1/roles/ro_1", role).await.status, 200);
    assert_eq!(owner(&bed, "DELETE", "/v1/roles/ro_1", Value::Null).await.status, 204);
    assert_eq!(owner(&bed, "GET", "/v1/roles/ro_1", Value::Null).await.status, 404);
    assert_eq!(owner(&bed, "DELETE", "/v1/roles/Authress%3AOwner", Value::Null).await.status, 409);
    let group = json!({ "groupId": "grp_1", "name": "g" });
    assert_eq!(owner(&bed, "POST", "/v1/groups", group.clone()).await.status, 201);
    assert_eq!(owner(&bed, "POST", "/v1/groups", group.clone()).await.status, 409);
    for method in ["PUT", "POST"] {
        assert_eq!(owner(&bed, method, "/v1/groups/grp_1", group.clone()).await.status, 200, "{method}");
    }
    let old = "If-Unmodified-Since: 2000-01-01T00:00:00Z\r\n";
    assert_eq!(
        bed.owner().call("PUT", b"/v1/groups/grp_1", old, group.to_string().as_bytes()).await.status,
        412
    );
    assert_eq!(owner(&bed, "DELETE", "/v1/groups/grp_1", Value::Null).await.status, 204);
}

#[tokio::test]
async fn clients_and_their_keys() {
    let bed = Bed::start().await;
    let made = owner(&bed, "POST", "/v1/clients", json!({ "name": "c" })).await;
    let id = made.json()["clientId"].as_str().unwrap().to_owned();
    let at = format!("/v1/clients/{id}");
    assert_eq!(made.status, 201);
    assert_eq!(owner(&bed, "PUT", &at, json!({ "name": "d" })).await.json()["name"], "d");
    let key = owner(&bed, "POST", &format!("{at}/access-keys"), Value::Null).await;
    assert_eq!(key.status, 201);
    let key_id = key.json()["keyId"].as_str().unwrap().to_owned();
    let published = bed.nobody().get(&format!("/{at}/.well-known/openid-configuration/jwks")).await;
    assert_eq!(published.json()["keys"][0]["kid"], json!(key_id));
    let found = bed.nobody().get(&format!("{at}/.well-known/openid-configuration")).await.json();
    assert_eq!(
        found["jwks_uri"],
        format!("http://{}{at}/.well-known/openid-configuration/jwks", bed.address)
    );
    assert_eq!(
        bed.nobody().get("/v1/clients/sc_unknown/.well-known/openid-configuration/jwks").await.status,
        404
    );
    assert_eq!(owner(&bed, "DELETE", &format!("{at}/access-keys/{key_id}"), Value::Null).await.status, 204);
    assert_eq!(owner(&bed, "DELETE", &format!("{at}/access-keys/{key_id}"), Value::Null).await.status, 404);
    assert_eq!(owner(&bed, "DELETE", &at, Value::Null).await.status, 204);
    assert_eq!(owner(&bed, "GET", &at, Value::Null).await.status, 404);
}

#[tokio::test]
async fn requests_invites_claims_and_resources() {
    let bed = Bed::start().await;
    bed.grant("owner", "elsewhere").await;
    let access = json!({ "access": { "users": [{ "userId": "alice" }],
        "statements": [{ "roles": ["ro_reader"], "resources": [{ "resourceUri": "docs" }] }] } });
    let made = owner(&bed, "POST", "/v1/requests", access).await;
    assert_eq!((made.status, &made.json()["status"]), (201, &json!("OPEN")));
    let at = format!("/v1/requests/{}", made.json()["requestId"].as_str().unwrap());
    let empty = json!({ "access": { "users": [], "statements": [] } });
    assert_eq!(owner(&bed, "POST", "/v1/requests", empty).await.status, 422);
    let approve = json!({ "status": "APPROVED" });
    assert_eq!(owner(&bed, "PATCH", &at, approve.clone()).await.status, 200);
    assert_eq!(owner(&bed, "PATCH", &at, approve).await.status, 409);
    assert_eq!(bed.check("alice", "docs").await.status, 200);
    assert_eq!(owner(&bed, "DELETE", &at, Value::Null).await.status, 204);

    for body in [Value::Null, json!({}), json!({ "statements": [], "links": { "self": null } })] {
        let invite =
            json!({ "statements": [{ "roles": ["ro_reader"], "resources": [{ "resourceUri": "docs" }] }] });
        let made = owner(&bed, "POST", "/v1/invites", invite).await;
        assert_eq!(made.status, 201);
        let at = format!("/v1/invites/{}", made.json()["inviteId"].as_str().unwrap());
        assert_eq!(owner(&bed, "GET", &at, Value::Null).await.status, 200);
        let accepted = owner(&bed, "PATCH", &at, body).await;
        assert_eq!(accepted.status, 200, "{accepted:?}");
        assert!(accepted.json()["accountId"].is_string() && accepted.json()["company"].is_object());
        assert_eq!(owner(&bed, "DELETE", &at, Value::Null).await.status, 404);
    }

    let claimable = json!({ "permissions": [{ "action": "CLAIM", "allow": true }] });
    assert_eq!(owner(&bed, "PUT", "/v1/resources/rooms", claimable).await.status, 200);
    assert_eq!(owner(&bed, "GET", "/v1/resources/rooms", Value::Null).await.json()["resourceUri"], "rooms");
    assert_eq!(owner(&bed, "GET", "/v1/resources/other%2Fthing", Value::Null).await.status, 404);
    let claim = json!({ "collectionResource": "rooms", "resourceId": "r1" });
    assert_eq!(owner(&bed, "POST", "/v1/claims", claim.clone()).await.status, 201);
    assert_eq!(owner(&bed, "POST", "/v1/claims", claim).await.status, 409);
}

#[tokio::test]
async fn users_and_tokens() {
    let bed = Bed::start().await;
    let body =
        json!({ "statements": [{ "roles": ["Authress:Owner"], "resources": [{ "resourceUri": "docs" }] }] });
    let made = owner(&bed, "POST", "/v1/users/alice/tokens", body).await;
    assert_eq!(made.status, 200);
    let at = format!("/v1/users/alice/tokens/{}", made.json()["tokenId"].as_str().unwrap());
    assert_eq!(owner(&bed, "DELETE", &at, Value::Null).await.status, 204);
    assert_eq!(owner(&bed, "GET", "/v1/users/alice", Value::Null).await.status, 404);
    for target in ["/v1/users/alice", "/v1/users/alice/token-configuration"] {
        let body = json!({ "accessTokenDuration": "PT1H" });
        assert_eq!(owner(&bed, "PUT", target, body).await.status, 404, "{target}");
    }
    assert_eq!(owner(&bed, "DELETE", "/v1/users/alice", Value::Null).await.status, 404);
}

#[tokio::test]
async fn discovery_and_health_answer_everybody() {
    let bed = Bed::start().await;
    let document = bed.nobody().get("//.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], format!("http://{}", bed.address));
    let keys = bed.nobody().get("/.well-known/openid-configuration/jwks?kid=a&kid=b&iss=%zz").await;
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 1);
    for target in ["/health/live", "/health/ready"] {
        assert_eq!(bed.nobody().get(target).await.json(), json!({ "status": "ok" }));
    }
}
