//! Pages: complete, with absolute links (spec `authress-api.md` §1.7).

use serde_json::json;

use crate::bed::Bed;

#[tokio::test]
async fn az_11_following_the_links_finds_every_entry_once() {
    let bed = Bed::start().await;
    let mut made = Vec::new();
    for n in 0..7 {
        let group = json!({ "groupId": format!("grp_{n}"), "name": "Staff" });
        assert_eq!(bed.owner().send("POST", "/v1/groups", Some(group)).await.status, 201);
        made.push(format!("grp_{n}"));
    }
    let base = format!("http://{}", bed.address);
    let (mut found, mut target) = (Vec::new(), "/v1/groups?limit=3&filter=staff&unknown=1".to_owned());
    loop {
        let page = bed.owner().get(&target).await.json();
        found.extend(
            page["groups"]
                .as_array()
                .unwrap()
                .iter()
                .map(|group| group["groupId"].as_str().unwrap().to_owned()),
        );
        assert!(page["links"]["self"]["href"].as_str().unwrap().starts_with(&base));
        let Some(next) = page["links"]["next"]["href"].as_str() else {
            assert!(page["pagination"].is_null());
            break;
        };
        let cursor = page["pagination"]["next"]["cursor"].as_str().unwrap();
        assert!(
            next.contains(&format!("cursor={cursor}")) && next.contains("limit=3&filter=staff"),
            "{next}"
        );
        target = next.strip_prefix(&base).unwrap().to_owned();
    }
    assert_eq!(found, made);
}

#[tokio::test]
async fn az_11_the_audit_trail_is_paged_by_event() {
    let bed = Bed::start().await;
    for n in 0..5 {
        let role = json!({ "roleId": format!("ro_{n}"), "name": "r", "permissions": [] });
        bed.owner().send("POST", "/v1/roles", Some(role)).await;
    }
    let base = format!("http://{}", bed.address);
    let (mut found, mut target) = (Vec::new(), "/v1/audit?action=role.create&limit=2".to_owned());
    while !target.is_empty() {
        let page = bed.owner().get(&target).await.json();
        found.extend(
            page["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["target"].as_str().unwrap().to_owned()),
        );
        target =
            page["links"]["next"]["href"].as_str().unwrap_or(&base).strip_prefix(&base).unwrap().to_owned();
    }
    assert_eq!(found, ["ro_4", "ro_3", "ro_2", "ro_1", "ro_0"]);
}

#[tokio::test]
async fn an_empty_page_has_its_list_and_its_links() {
    let bed = Bed::start().await;
    for (target, list) in [
        ("/v1/groups/", "groups"),
        ("/v1/requests", "records"),
        ("/v1/resources", "resources"),
        ("/v1/users", "users"),
        ("/v1/users/nobody/resources", "resources"),
        ("/v1/resources/docs%2F1/users", "users"),
    ] {
        let answer = bed.owner().get(target).await;
        assert_eq!(answer.status, 200, "{target} {answer:?}");
        assert_eq!(answer.json()[list], json!([]), "{target}");
        assert!(answer.json()["links"]["self"]["href"].is_string(), "{target}");
    }
}
