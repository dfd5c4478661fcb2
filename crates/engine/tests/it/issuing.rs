//! What is given to an application holds no longer than what it rests on: the application, its audiences, its user pool.

use portcullis::session::Device;
use portcullis::{application, oauth, session, token as user_token, user_pool};
use portcullis_types::oauth::TokenResponse;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bed::{Bed, URL, on_both, sender, user as whole, within_a_second};
use crate::make::{body, give, role as make_role};
use crate::oauth_bed::{API, App, access, app, code, granted, is_active, payload, refresh, revoke, token};
use crate::sessions::person;

on_both!(
    what_is_issued_while_the_application_is_deleted_ends_with_it,
    tk_08_an_audience_that_is_taken_away_counts_no_more,
    tk_09_a_user_of_another_pool_refreshes_nothing,
    tk_06_a_token_that_was_made_without_a_sign_in_is_given_up_too,
    no_scope_is_told_where_there_is_none,
    each_session_tells_the_name_of_its_application,
);

/// The settings of [`app`], but for these.
async fn change(bed: &Bed, web: &App, other: Value) {
    let mut settings = json!({
        "name": web.id, "kind": "web", "authenticationMethod": "client_secret_post", "audiences": [API, URL],
        "redirectUris": ["https://web.example/cb"],
        "grantTypes": ["authorization_code", "refresh_token", "client_credentials"],
        "scopes": ["openid", "profile", "email", "offline_access", "read", "write"],
    });
    settings.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    application::update(&bed.portcullis, &bed.owner, &web.id, body(settings), None).await.unwrap();
}

async fn for_resource(node: &portcullis::Portcullis, web: &App, resource: &str) -> TokenResponse {
    let wanted = access(web, "alice", "openid offline_access read");
    let wanted = oauth::Access { resource: Some(resource.to_owned()), ..wanted };
    oauth::grant_access(node, Device::default(), wanted).await.unwrap()
}

/// Whoever issues holds the application, so that its deletion either comes first, and nothing is issued, or finds the session.
async fn what_is_issued_while_the_application_is_deleted_ends_with_it(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let users = ["u0", "u1", "u2", "u3"];
    for user in users {
        person(&bed, user).await;
    }
    let alive = "SELECT COUNT(*) FROM pc_session WHERE ended_at IS NULL";
    for round in 0..12 {
        let web = app(&bed, &format!("web{round}"), json!({})).await;
        // From here on both have it in memory.
        for node in [here, there] {
            granted(node, &web, "u0", "openid offline_access").await;
        }
        let mut issuing = JoinSet::new();
        for (user, node) in users.into_iter().zip([here, there, here, there]) {
            let (node, wanted) = (node.clone(), access(&web, user, "openid offline_access"));
            issuing.spawn(async move { oauth::grant_access(&node, Device::default(), wanted).await });
        }
        application::delete(here, &bed.owner, &web.id).await.unwrap();
        for answer in issuing.join_all().await {
            if let Err(error) = answer {
                assert_eq!(error.code.as_str(), "invalid_client");
            }
        }
        assert_eq!(bed.number(alive).await, 0, "round {round}");
    }
    // The other node has not heard of a deletion that was just committed.
    let web = app(&bed, "last", json!({})).await;
    granted(there, &web, "u0", "openid").await;
    bed.execute("DELETE FROM pc_application_secret").await;
    bed.execute("DELETE FROM pc_application").await;
    let late = oauth::grant_access(there, Device::default(), access(&web, "u1", "openid")).await;
    assert_eq!(code(late), "invalid_client");
    assert_eq!(bed.number(alive).await, 1, "nothing was stored");
}

async fn tk_08_an_audience_that_is_taken_away_counts_no_more(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    person(&bed, "alice").await;
    let web = app(&bed, "web", json!({})).await;
    let (whole, api) = (for_resource(here, &web, URL).await, for_resource(here, &web, API).await);
    let own = [("grant_type", "client_credentials"), ("resource", URL)];
    let own = token(here, &web, &own).await.unwrap();
    let opens = async |node: &portcullis::Portcullis, tokens: &TokenResponse| {
        sender(node, tokens.access_token.expose()).await.is_ok()
    };
    for node in [here, there] {
        assert!(opens(node, &whole).await && opens(node, &own).await);
    }
    change(&bed, &web, json!({"audiences": [API]})).await;
    assert!(!opens(here, &whole).await && !opens(here, &own).await, "at once");
    within_a_second("the other node hears of it", async || {
        !opens(there, &whole).await && !opens(there, &own).await
    })
    .await;
    assert!(!is_active(here, &web, &whole).await && is_active(here, &web, &api).await);
    for node in [here, there] {
        assert_eq!(code(refresh(node, &web, &whole, &[]).await), "invalid_grant");
    }
    let next = refresh(here, &web, &api, &[]).await.unwrap();
    assert_eq!(payload(next.access_token.expose())["aud"], json!(API));
    // It was refused, not used up.
    change(&bed, &web, json!({})).await;
    assert!(opens(here, &refresh(here, &web, &whole, &[]).await.unwrap()).await);
}

async fn tk_09_a_user_of_another_pool_refreshes_nothing(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let web = app(&bed, "web", json!({})).await;
    let tokens = granted(node, &web, "alice", "openid offline_access").await;
    user_pool::put(node, &bed.owner, "own", body(json!({"name": "Own"}))).await.unwrap();
    change(&bed, &web, json!({"userPool": "own"})).await;
    assert_eq!(code(refresh(node, &web, &tokens, &[]).await), "invalid_grant");
    change(&bed, &web, json!({})).await;
    assert!(refresh(node, &web, &tokens, &[]).await.is_ok());
}

async fn tk_06_a_token_that_was_made_without_a_sign_in_is_given_up_too(bed: Bed) {
    let node = &bed.portcullis;
    let (web, other) = (app(&bed, "web", json!({})).await, app(&bed, "other", json!({})).await);
    make_role(node, &bed.owner, "minter", &[("CREATE", "a")]).await;
    give(node, &bed.owner, "rec", "web", (&["minter"], &["Authress:UserTokens/alice"])).await;
    let caller = portcullis_types::Caller::Application { client_id: "web".into() };
    let minted = user_token::mint(node, &crate::bed::cx(caller), "alice", 600).await.unwrap().token;
    assert!(sender(node, &minted).await.is_ok());
    revoke(node, &other, &minted).await;
    assert!(sender(node, &minted).await.is_ok(), "another's");
    revoke(node, &web, &minted).await;
    assert!(sender(node, &minted).await.is_err());
    assert!(sender(&bed.node("b").await, &minted).await.is_err(), "and not only from memory");
}

async fn no_scope_is_told_where_there_is_none(bed: Bed) {
    let (node, web) = (&bed.portcullis, app(&bed, "web", json!({"scopes": []})).await);
    person(&bed, "alice").await;
    let own = token(node, &web, &[("grant_type", "client_credentials")]).await.unwrap();
    assert_eq!((own.scope, granted(node, &web, "alice", "").await.scope), (None, None));
}

async fn each_session_tells_the_name_of_its_application(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    crate::sessions::sign_in(node, "alice").await;
    for id in ["web", "mail"] {
        let one = app(&bed, id, json!({"name": format!("The \"{id}\" é")})).await;
        for _ in 0..2 {
            granted(node, &one, "alice", "openid").await;
        }
    }
    let listed = session::list(node, &whole("alice"), "alice").await.unwrap();
    let mut named: Vec<_> =
        listed.iter().map(|one| (one.application_id.as_deref(), one.application_name.as_deref())).collect();
    named.sort_unstable();
    named.dedup();
    let expected =
        [(None, None), (Some("mail"), Some("The \"mail\" é")), (Some("web"), Some("The \"web\" é"))];
    assert_eq!((listed.len(), named.as_slice()), (5, expected.as_slice()));
    let connected = oauth::consent::list(node, &whole("alice"), "alice").await.unwrap();
    let names: Vec<_> =
        connected.iter().map(|one| (one.application_id.as_str(), one.name.as_str())).collect();
    assert_eq!(names, [("mail", "The \"mail\" é"), ("web", "The \"web\" é")]);
}
