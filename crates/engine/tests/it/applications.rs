//! Applications: who may manage them, what they may be, and when a change counts.

use portcullis::application::{
    create, create_secret, delete, delete_secret, list, list_secrets, show, update,
};
use portcullis::apply::{ApplyDocument, apply};
use portcullis::{Cx, Error, PageRequest, Result, UnmodifiedSince, user};
use portcullis_types::Timestamp;
use portcullis_types::application::{Application, CreatedApplication};
use serde_json::{Value, json};

use crate::bed::{Bed, URL, on_both, user as whole, within_a_second};
use crate::make::{body, give, role as make_role};

on_both!(
    an_application_is_made_shown_changed_listed_and_deleted,
    az_01_each_use_case_takes_its_right_and_tells_strangers_nothing,
    az_02_nobody_hands_out_by_an_application_what_they_could_not_by_a_record,
    as_26_no_application_has_the_id_of_a_user_or_a_service_client,
    tk_19_a_secret_is_shown_once_and_there_are_at_most_two,
    what_an_application_names_must_exist,
    a_document_makes_applications_with_fixed_ids_and_secrets_and_leaves_them_alone,
    tk_24_the_key_of_an_application_is_published_before_it_asks_for_a_token,
);

pub(crate) async fn make(bed: &Bed, application: Value) -> Result<CreatedApplication> {
    create(&bed.portcullis, &bed.owner, body(application)).await
}

/// A confidential web application.
pub(crate) fn web(id: &str) -> Value {
    json!({"applicationId": id, "name": "Web", "kind": "web", "redirectUris": ["https://web.example/cb"]})
}

fn field<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome {
        Err(Error::Invalid(field)) => field.field,
        other => panic!("{other:?}"),
    }
}

async fn an_application_is_made_shown_changed_listed_and_deleted(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let made =
        make(&bed, json!({"name": "Minted", "kind": "native", "redirectUris": ["http://127.0.0.1/cb"]}))
            .await
            .unwrap();
    assert!(made.application.application_id.starts_with("app_") && made.secret.is_none());
    let made = make(&bed, web("web")).await.unwrap().application;
    assert!(matches!(make(&bed, web("web")).await, Err(Error::Conflict(_))));
    assert_eq!(show(node, owner, "web").await.unwrap(), made);
    assert_eq!(field(make(&bed, json!({"name": "x", "kind": "web"})).await), "redirectUris");
    bed.clock.forward(1);
    let mut changed = web("web");
    changed["name"] = json!("Other");
    let seen = UnmodifiedSince { at: made.last_updated, precision: 1 };
    let updated = update(node, owner, "web", body(changed.clone()), Some(seen)).await.unwrap();
    assert_eq!(
        updated,
        Application { name: "Other".to_owned(), last_updated: updated.last_updated, ..made.clone() }
    );
    assert!(updated.last_updated > made.last_updated);
    let late = update(node, owner, "web", body(changed.clone()), Some(seen)).await;
    assert!(matches!(late, Err(Error::ChangedSince { .. })));
    assert_eq!(field(update(node, owner, "other", body(changed), None).await), "applicationId");
    make(&bed, web("zzz")).await.unwrap();
    let page =
        list(node, owner, PageRequest { filter: Some("WEB".into()), ..PageRequest::first(1) }).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let next = PageRequest { cursor: page.next, filter: Some("WEB".into()), limit: Some(5) };
    assert_eq!(list(node, owner, next).await.unwrap().items.len(), 1);
    delete(node, owner, "web").await.unwrap();
    assert!(matches!(show(node, owner, "web").await, Err(Error::NotFound(_))));
    assert!(matches!(delete(node, owner, "web").await, Err(Error::NotFound(_))));
    let lines = bed
        .number("SELECT COUNT(*) FROM pc_audit WHERE target = 'web' AND action LIKE 'application.%'")
        .await;
    assert_eq!(lines, 3, "one line for each change");
}

async fn az_01_each_use_case_takes_its_right_and_tells_strangers_nothing(bed: Bed) {
    let node = &bed.portcullis;
    make(&bed, web("web")).await.unwrap();
    make_role(node, &bed.owner, "reader", &[("READ", "a")]).await;
    make_role(node, &bed.owner, "writer", &[("*", "a")]).await;
    give(node, &bed.owner, "rec_1", "rita", (&["reader"], &["Portcullis:Applications/web"])).await;
    give(node, &bed.owner, "rec_2", "wim", (&["writer"], &["Portcullis:Applications/web"])).await;
    give(node, &bed.owner, "rec_3", "anna", (&["writer"], &["Portcullis:Applications"])).await;
    let class = |error: Error| match error {
        Error::Forbidden { .. } => "forbidden",
        Error::NotFound(_) => "not found",
        other => panic!("{other:?}"),
    };
    let refusals = async |cx: &Cx| {
        let say = |outcome: Result<()>| outcome.err().map_or("done", class);
        let new = json!({"name": "n", "kind": "native", "redirectUris": ["http://127.0.0.1/cb"]});
        [
            say(create(node, cx, body(new)).await.map(drop)),
            say(list(node, cx, PageRequest::first(9)).await.map(drop)),
            say(show(node, cx, "web").await.map(drop)),
            say(update(node, cx, "web", body(web("web")), None).await.map(drop)),
            say(list_secrets(node, cx, "web").await.map(drop)),
            say(create_secret(node, cx, "web").await.map(drop)),
            say(delete_secret(node, cx, "web", "none").await),
            say(delete(node, cx, "none").await),
        ]
    };
    let (no, nothing) = ("forbidden", "not found");
    assert_eq!(
        refusals(&whole("mallory")).await,
        [no, no, nothing, nothing, nothing, nothing, nothing, nothing]
    );
    assert_eq!(refusals(&whole("rita")).await, [no, no, "done", no, "done", no, no, nothing]);
    assert_eq!(refusals(&whole("wim")).await, [no, no, "done", "done", "done", "done", nothing, nothing]);
    assert_eq!(
        delete_secret(
            node,
            &bed.owner,
            "web",
            &list_secrets(node, &bed.owner, "web").await.unwrap()[1].secret_id
        )
        .await
        .ok(),
        Some(())
    );
    assert_eq!(
        refusals(&whole("anna")).await,
        ["done", "done", "done", "done", "done", "done", nothing, nothing]
    );
}

async fn az_02_nobody_hands_out_by_an_application_what_they_could_not_by_a_record(bed: Bed) {
    let node = &bed.portcullis;
    make_role(node, &bed.owner, "writer", &[("*", "a")]).await;
    make_role(node, &bed.owner, "reader", &[("read", "a")]).await;
    give(node, &bed.owner, "rec_1", "anna", (&["writer"], &["Portcullis:Applications"])).await;
    let anna = whole("anna");
    let forbidden = |outcome: Result<()>| matches!(outcome, Err(Error::Forbidden { .. }));
    // With this installation as its audience it acts with all that its users may do.
    let mut here = web("here");
    here["audiences"] = json!([URL]);
    assert!(forbidden(create(node, &anna, body(here.clone())).await.map(drop)));
    make(&bed, here.clone()).await.unwrap();
    assert!(
        forbidden(update(node, &anna, "here", body(web("here")), None).await.map(drop)),
        "before counts too"
    );
    assert!(forbidden(create_secret(node, &anna, "here").await.map(drop)));
    create(node, &anna, body(web("web"))).await.unwrap();
    assert!(forbidden(update(node, &anna, "web", body(json!({"name": "n", "kind": "web", "redirectUris": ["https://a.example/"], "audiences": [URL]})), None).await.map(drop)));
    // What records give the id, whoever makes it a credential's gets at.
    give(node, &bed.owner, "rec_2", "batch", (&["reader"], &["docs"])).await;
    assert!(forbidden(create(node, &anna, body(web("batch"))).await.map(drop)));
    make(&bed, web("batch")).await.unwrap();
    assert!(forbidden(create_secret(node, &anna, "batch").await.map(drop)));
    make_role(node, &bed.owner, "granter", &[("read", "ag")]).await;
    give(node, &bed.owner, "rec_3", "anna", (&["granter"], &["docs"])).await;
    create_secret(node, &anna, "batch").await.unwrap();
}

async fn as_26_no_application_has_the_id_of_a_user_or_a_service_client(bed: Bed) {
    let node = &bed.portcullis;
    let new = |id: &str| body(json!({"userId": id}));
    user::create(node, &bed.owner, new("alice")).await.unwrap();
    assert!(matches!(make(&bed, web("alice")).await, Err(Error::Conflict(_))));
    for id in ["usr_1", "sc_1", "cli:root", "a/b", ""] {
        assert_eq!(field(make(&bed, web(id)).await), "applicationId", "{id}");
    }
    make(&bed, web("web")).await.unwrap();
    assert!(matches!(user::create(node, &bed.owner, new("web")).await, Err(Error::Conflict(_))));
    let applied =
        async |document: Value| apply(node, &bed.owner, body::<ApplyDocument>(document), false).await;
    for document in [
        json!({"users": [{"userId": "web"}]}),
        json!({"clients": [{"clientId": "web", "name": "n"}]}),
        json!({"applications": [web("alice")]}),
        json!({"users": [{"userId": "new"}], "applications": [web("new")]}),
        json!({"clients": [{"clientId": "new", "name": "n"}], "applications": [web("new")]}),
    ] {
        assert!(matches!(applied(document.clone()).await, Err(Error::Conflict(_))), "{document}");
    }
    // Both at once, many times: one of the two is there.
    for round in 0..8 {
        let id = format!("id{round}");
        let (of_user, of_application) = (new(&id), web(&id));
        let (as_user, as_application) =
            tokio::join!(user::create(node, &bed.owner, of_user), make(&bed, of_application));
        assert!(as_user.is_ok() != as_application.is_ok(), "{as_user:?} {as_application:?}");
    }
}

async fn tk_19_a_secret_is_shown_once_and_there_are_at_most_two(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let made = make(&bed, web("web")).await.unwrap();
    let first = made.secret.unwrap();
    assert_eq!((first.client_secret.expose().len(), &first.client_secret.expose()[..4]), (47, "pcs_"));
    let second = create_secret(node, owner, "web").await.unwrap();
    assert_ne!(first.client_secret, second.client_secret);
    assert!(matches!(create_secret(node, owner, "web").await, Err(Error::Conflict(_))));
    let shown = serde_json::to_string(&list_secrets(node, owner, "web").await.unwrap()).unwrap();
    let settings = serde_json::to_string(&show(node, owner, "web").await.unwrap()).unwrap();
    for secret in [&first, &second] {
        assert!(shown.contains(&secret.secret_id) && !shown.contains(secret.client_secret.expose()));
        assert!(
            !settings.contains(secret.client_secret.expose())
                && !format!("{secret:?}").contains(secret.client_secret.expose())
        );
    }
    delete_secret(node, owner, "web", &first.secret_id).await.unwrap();
    assert!(matches!(delete_secret(node, owner, "web", &first.secret_id).await, Err(Error::NotFound(_))));
    create_secret(node, owner, "web").await.unwrap();
    // Whoever takes no secret keeps none.
    let mut public = web("web");
    public["authenticationMethod"] = json!("none");
    update(node, owner, "web", body(public), None).await.unwrap();
    assert!(list_secrets(node, owner, "web").await.unwrap().is_empty());
    assert!(matches!(create_secret(node, owner, "web").await, Err(Error::Conflict(_))));
    let mut chosen = web("other");
    chosen["secret"] = json!("s".repeat(40));
    assert_eq!(field(make(&bed, chosen).await), "secret", "secrets of the API are made by the server");
}

async fn what_an_application_names_must_exist(bed: Bed) {
    for (name, value, expected) in [
        ("userPool", json!("nowhere"), "userPool"),
        ("productId", json!("nothing"), "productId"),
        ("jwks", json!({"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}), "jwks.keys[0].k"),
    ] {
        let mut application = web("web");
        application[name] = value;
        if name == "jwks" {
            application["authenticationMethod"] = json!("private_key_jwt");
        }
        assert_eq!(field(make(&bed, application).await), expected);
    }
    let mut big = web("web");
    let uris: Vec<String> = (0..50).map(|n| format!("https://a.example/{n}/{}", "x".repeat(2000))).collect();
    big["redirectUris"] = json!(uris);
    assert!(make(&bed, big.clone()).await.is_ok(), "what is allowed fits");
    big["applicationId"] = json!("two");
    big["postLogoutRedirectUris"] = json!(uris);
    assert!(matches!(make(&bed, big).await, Err(Error::TooLarge(_))));
}

async fn a_document_makes_applications_with_fixed_ids_and_secrets_and_leaves_them_alone(bed: Bed) {
    let node = &bed.portcullis;
    let run = async |document: &Value, dry_run: bool| -> Result<Vec<String>> {
        let applied = apply(node, &bed.owner, body::<ApplyDocument>(document.clone()), dry_run).await?;
        Ok(applied.iter().map(ToString::to_string).collect())
    };
    let mut document = json!({"applications": [web("web"), {"applicationId": "cli", "name": "CLI", "kind": "native", "redirectUris": ["http://127.0.0.1/cb"]}]});
    document["applications"][0]["secret"] = json!("fixed-secret-of-at-least-32-bytes");
    let all = |verb: &str| vec![format!("{verb} application web"), format!("{verb} application cli")];
    assert_eq!(run(&document, true).await.unwrap(), all("create"));
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_application").await, 0);
    assert_eq!(run(&document, false).await.unwrap(), all("create"));
    let made = show(node, &bed.owner, "web").await.unwrap();
    bed.clock.forward(5);
    assert_eq!(run(&document, true).await.unwrap(), all("unchanged"));
    assert_eq!(run(&document, false).await.unwrap(), all("unchanged"));
    assert_eq!(show(node, &bed.owner, "web").await.unwrap(), made, "not even its instant");
    let secrets = list_secrets(node, &bed.owner, "web").await.unwrap();
    assert_eq!(secrets.iter().map(|secret| secret.secret_id.as_str()).collect::<Vec<_>>(), ["fixed"]);
    document["applications"][0]["secret"] = json!("another-secret-of-at-least-32-bytes");
    let said = run(&document, true).await.unwrap();
    assert_eq!(said, ["update application web", "unchanged application cli"]);
    assert_eq!(run(&document, false).await.unwrap(), said);
    assert_eq!(list_secrets(node, &bed.owner, "web").await.unwrap().len(), 1, "the one before is replaced");
    create_secret(node, &bed.owner, "web").await.unwrap();
    assert_eq!(run(&document, false).await.unwrap(), all("unchanged"), "others are left alone");
    for (place, value, expected) in [
        ("/applications/0/secret", json!("short"), "applications[0].secret"),
        ("/applications/0/redirectUris/0", json!("https://a.example/#x"), "applications[0].redirectUris[0]"),
        ("/applications/1/name", json!(""), "applications[1].name"),
    ] {
        let mut bad = document.clone();
        *bad.pointer_mut(place).unwrap() = value;
        assert_eq!(field(run(&bad, false).await), expected);
    }
    let mut public = document.clone();
    public["applications"][1]["secret"] = json!("s".repeat(32));
    assert_eq!(field(run(&public, false).await), "applications[1].secret");
    assert_eq!(
        field(run(&json!({"applications": [{"name": "n", "kind": "web"}]}), false).await),
        "applications[0].applicationId"
    );
}

async fn tk_24_the_key_of_an_application_is_published_before_it_asks_for_a_token(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let published = |node: &portcullis::Portcullis| -> Vec<String> {
        let mut algorithms: Vec<String> = node.jwks().keys.into_iter().filter_map(|key| key.alg).collect();
        algorithms.sort_unstable_by_key(|algorithm| algorithm.to_lowercase());
        algorithms
    };
    let of = |id: &str, algorithm: &str| {
        let mut application = web(id);
        application["signingAlgorithm"] = json!(algorithm);
        application
    };
    make(&bed, web("plain")).await.unwrap();
    assert_eq!(published(here), ["EdDSA"], "no key is made for nobody");
    // Whoever may not make an application makes no key by trying.
    let refused = create(here, &whole("alice"), body(of("web", "ES256"))).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let document = json!({"applications": [of("web", "ES256")]});
    apply(here, &bed.owner, body::<ApplyDocument>(document.clone()), true).await.unwrap();
    assert_eq!(published(here), ["EdDSA"], "a dry run writes nothing");

    make(&bed, of("web", "ES256")).await.unwrap();
    assert_eq!(published(here), ["EdDSA", "ES256"]);
    let mut changed = of("plain", "RS256");
    changed.as_object_mut().unwrap().remove("applicationId");
    assert!(matches!(
        update(here, &whole("alice"), "plain", body(changed.clone()), None).await,
        Err(Error::NotFound(_))
    ));
    let outdated = UnmodifiedSince { at: Timestamp::from_secs(0), precision: 1 };
    let outdated = update(here, &bed.owner, "plain", body(changed.clone()), Some(outdated)).await;
    assert!(matches!(outdated, Err(Error::ChangedSince { .. })), "{outdated:?}");
    let mut nowhere = of("nowhere", "RS256");
    nowhere["userPool"] = json!("nowhere");
    assert_eq!(field(make(&bed, nowhere).await), "userPool");
    assert!(matches!(make(&bed, of("web", "RS256")).await, Err(Error::Conflict(_))));
    assert_eq!(published(here).len(), 2, "no key is made for what is refused");
    update(here, &bed.owner, "plain", body(changed), None).await.unwrap();
    assert_eq!(published(here), ["EdDSA", "ES256", "RS256"]);
    within_a_second("the other node publishes them", async || published(there).len() == 3).await;
    make(&bed, of("another", "ES256")).await.unwrap();
    apply(there, &bed.owner, body::<ApplyDocument>(json!({"applications": [of("third", "RS256")]})), false)
        .await
        .unwrap();
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_signing_key").await, 3, "one each");
}
