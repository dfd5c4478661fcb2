//! Raw paths (spec `authress-api.md` §1.2).

use serde_json::json;

use crate::bed::Bed;

#[tokio::test]
async fn az_07_every_way_to_write_a_path_means_the_same() {
    let bed = Bed::start().await;
    bed.grant("auth0|a@x.test", "docs/*").await;
    for path in [
        "/v1/users/auth0%7Ca%40x.test/resources/docs%2F1/permissions/read",
        "/v1/users/auth0%7ca%40x.test/resources/docs%2f1/permissions/read",
        "/v1/users/auth0|a@x.test/resources/docs%2F1/permissions/read",
        "/v1/users/auth0|a@x.test/resources/%2Fdocs%2F%2A/permissions/READ",
        "/v1/users/auth0|a@x.test/resources/docs%2F*/permissions/read:deep",
        "/v1/users/auth0|a@x.test/resources/docs%2F1/permissions/read/",
        "//v1/users/auth0|a@x.test/resources/docs%2F1/permissions/read",
        "//v1/users/auth0|a@x.test/resources/docs%2F1/permissions/read/",
        "http://elsewhere.test/v1/users/auth0|a@x.test/resources/docs%2F1/permissions/read",
    ] {
        let answer = bed.owner().get(path).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]), "{path} {answer:?}");
    }
}

#[tokio::test]
async fn az_07_a_segment_is_decoded_exactly_once() {
    let bed = Bed::start().await;
    bed.grant("alice", "a/b").await;
    assert_eq!(bed.check("alice", "a%2Fb").await.status, 200);
    // Decoded once it is `a%2Fb`, and `%` is in no resource.
    assert_eq!(bed.check("alice", "a%252Fb").await.status, 400);
    // A real slash is another segment of the path, so this is another path.
    assert_eq!(bed.owner().get("/v1/users/alice/resources/a/b/permissions/read").await.code(), "NotFound");
    // A dot segment is a name.
    assert_eq!(bed.check("alice", "a%2Fb%2F..%2F..").await.status, 200);
    assert_eq!(bed.check("alice", "x%2F..%2Fa%2Fb").await.status, 404);
    assert_eq!(bed.check("alice", "A%2Fb").await.status, 404);
}

#[tokio::test]
async fn a_plus_in_a_path_is_a_plus() {
    let bed = Bed::start().await;
    bed.grant("a+b@x.test", "docs").await;
    for user in ["a+b@x.test", "a%2Bb%40x.test"] {
        assert_eq!(bed.check(user, "docs").await.status, 200, "{user}");
    }
    assert_eq!(bed.check("a%20b@x.test", "docs").await.status, 400);
}

#[tokio::test]
async fn ids_with_reserved_characters_are_one_segment() {
    let bed = Bed::start().await;
    for user in ["auth0|u", "a:b", "~x", "Authress:ServiceClients/sc_x"] {
        bed.grant(user, "docs").await;
        let written = user.replace('/', "%2F");
        assert_eq!(bed.check(&written, "docs").await.status, 200, "{user}");
    }
    let role = json!({ "roleId": "a:b@c.d", "name": "r", "permissions": [] });
    assert_eq!(bed.owner().send("POST", "/v1/roles", Some(role)).await.status, 201);
    assert_eq!(bed.owner().get("/v1/roles/a:b@c.d").await.status, 200);
    assert_eq!(bed.owner().get("/v1/roles/Authress%3AOwner").await.status, 200);
}

#[tokio::test]
async fn az_07_what_cannot_be_decoded_is_400_and_named() {
    let bed = Bed::start().await;
    for broken in ["%", "%4", "%zz", "%FF", "%C3", "%00", "a%00b", "%C0%AF", "%ED%A0%80"] {
        for (target, field) in [
            (format!("/v1/users/{broken}/resources/docs/permissions/read"), "userId"),
            (format!("/v1/users/alice/resources/{broken}/permissions/read"), "resourceUri"),
            (format!("/v1/users/alice/resources/docs/permissions/{broken}"), "permission"),
            (format!("/v1/records/{broken}"), "recordId"),
            (format!("/v1/clients/{broken}/access-keys/k"), "clientId"),
        ] {
            let method = if target.contains("access-keys") { "DELETE" } else { "GET" };
            let answer = bed.owner().send(method, &target, None).await;
            assert_eq!((answer.status, answer.field().as_str()), (400, field), "{target}");
        }
    }
}

#[tokio::test]
async fn az_07_malformed_names_are_400_and_named() {
    let bed = Bed::start().await;
    let long = "a".repeat(513);
    for (user, resource, permission, field) in [
        ("alice", "a%2F%2Fb", "read", "resourceUri"),
        ("alice", "a%20b", "read", "resourceUri"),
        ("alice", "%25", "read", "resourceUri"),
        ("alice", long.as_str(), "read", "resourceUri"),
        ("alice", "docs", "a::b", "permission"),
        ("alice", "docs", "a:", "permission"),
        ("alice", "docs", "a.b", "permission"),
        ("a%20b", "docs", "read", "userId"),
        ("%C3%A9", "docs", "read", "userId"),
    ] {
        let path = format!("/v1/users/{user}/resources/{resource}/permissions/{permission}");
        let answer = bed.owner().get(&path).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{path}");
    }
    assert_eq!(bed.owner().get("/v1/users/alice/resources//permissions/read").await.field(), "resourceUri");
    assert_eq!(bed.owner().get("/v1/records/a%2Fb").await.field(), "recordId");
}

#[tokio::test]
async fn bytes_that_are_no_path_never_fail_the_server() {
    let bed = Bed::start().await;
    let raw: [&[u8]; 6] = [
        b"/v1/users/\xff/resources/docs/permissions/read",
        b"/v1/users/\xc3\xa9/resources/docs/permissions/read",
        b"/v1/users/a\0b/resources/docs/permissions/read",
        b"/v1/users/a b/resources/docs/permissions/read",
        b"v1/roles",
        b"*",
    ];
    for target in raw {
        let answer = bed.owner().call("GET", target, "", b"").await;
        assert!((400..500).contains(&answer.status), "{target:?} {answer:?}");
    }
    let endless = format!("/v1/roles/{}", "a".repeat(70_000));
    let answer = bed.owner().get(&endless).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
}
