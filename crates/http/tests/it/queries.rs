//! Queries (spec `authress-api.md` §1.2, §1.7).

use crate::bed::Bed;

#[tokio::test]
async fn absurd_pages_are_400_and_named() {
    let bed = Bed::start().await;
    for list in [
        "/v1/records",
        "/v1/groups",
        "/v1/requests",
        "/v1/resources",
        "/v1/clients",
        "/v1/roles",
        "/v1/users",
        "/v1/users/alice/resources",
        "/v1/resources/docs/users",
        "/v1/audit",
    ] {
        for limit in [
            "0",
            "101",
            "-1",
            "x",
            "",
            "1e1",
            "4294967296",
            "99999999999999999999",
            "1&limit=1",
            "%zz",
            "%00",
        ] {
            let answer = bed.owner().get(&format!("{list}?limit={limit}")).await;
            assert_eq!((answer.status, answer.field().as_str()), (400, "limit"), "{list} {limit}");
        }
        for cursor in ["!", "%zz", "%ff", "%00", "a&cursor=a", "A"] {
            let answer = bed.owner().get(&format!("{list}?cursor={cursor}")).await;
            let named = answer.field();
            assert!(
                answer.status == 400 && (named == "cursor" || named == "before"),
                "{list} {cursor} {answer:?}"
            );
        }
        assert_eq!(
            bed.owner().get(&format!("{list}?unknown=%zz&unknown=2&limit=1")).await.status,
            200,
            "{list}"
        );
    }
}

#[tokio::test]
async fn wrong_choices_are_400_and_named() {
    let bed = Bed::start().await;
    for (target, field) in [
        ("/v1/records?status=open", "status"),
        ("/v1/records?status=", "status"),
        ("/v1/requests?status=ACTIVE", "status"),
        ("/v1/users/alice/resources?collectionConfiguration=ALL", "collectionConfiguration"),
        ("/v1/users/alice/resources?permissions=a::b", "permissions"),
        ("/v1/users/alice/resources?resourceUri=a//b", "resourceUri"),
        ("/v1/users/alice/resources?resourceUri=a&resourceUri=b", "resourceUri"),
        ("/v1/users/alice/resources/docs/permissions/read?explain=maybe", "explain"),
        ("/v1/audit?before=x", "before"),
        ("/v1/audit?actor=%00", "actor"),
    ] {
        let answer = bed.owner().get(target).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{target}");
    }
    let filter = "a".repeat(129);
    for list in ["/v1/records", "/v1/groups", "/v1/roles", "/v1/users"] {
        assert_eq!(bed.owner().get(&format!("{list}?filter={filter}")).await.field(), "filter");
    }
}

#[tokio::test]
async fn literal_undefined_and_null_are_absent() {
    let bed = Bed::start().await;
    bed.grant("alice", "docs").await;
    for absent in ["undefined", "null"] {
        let query = format!("resourceUri={absent}&permissions={absent}&cursor={absent}&limit={absent}");
        let answer = bed
            .owner()
            .get(&format!("/v1/users/alice/resources?{query}&collectionConfiguration={absent}"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["resources"][0]["resourceUri"], "docs");
    }
}

#[tokio::test]
async fn a_slash_and_a_wildcard_may_be_written_both_ways() {
    let bed = Bed::start().await;
    bed.grant("alice", "docs/1").await;
    for uri in ["docs/*", "docs%2F%2A", "docs%2f*", "/docs"] {
        let answer =
            bed.owner().get(&format!("/v1/users/alice/resources?resourceUri={uri}&permissions=read")).await;
        assert_eq!(answer.json()["resources"][0]["resourceUri"], "docs/1", "{uri}");
    }
}
