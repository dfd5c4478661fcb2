//! Refresh tokens of applications: TK-01 to TK-05, TK-07, and what they are not good for.

use portcullis::session::{self, Device, Presented};
use portcullis::{browser, user};
use portcullis_types::Sensitive;
use portcullis_types::auth::ChangePasswordBody;
use portcullis_types::oauth::TokenResponse;
use serde_json::{Value, json};

use crate::bed::{Bed, URL, on_both, user as whole, within_a_second};
use crate::make::body;
use crate::oauth_bed::{
    API, App, SCOPES, access, app, code, granted, header, introspect, is_active, payload, refresh, revoke,
};
use crate::sessions::{is_good, person, sign_in};

on_both!(
    a_refresh_gives_every_token_anew_for_the_same_sign_in,
    tk_01_a_use_after_the_grace_ends_the_family_at_once,
    tk_02_fifty_uses_at_once_of_one_refresh_token_give_one_successor,
    tk_03_what_was_granted_ends_when_it_rests_or_lasts_too_long,
    tk_04_a_refresh_token_is_its_application_s_and_never_gives_more,
    tk_04_what_an_application_may_not_have_any_more_is_not_refreshed,
    tk_05_what_was_granted_survives_a_restart_a_failover_and_a_clock_that_is_moved,
    tk_07_se_05_what_ends_the_person_ends_what_they_granted,
    tk_07_another_password_ends_what_was_granted,
    tk_07_a_log_out_ends_what_was_granted_in_it_but_for_offline_access,
    an_application_s_refresh_token_is_unknown_to_a_person_s_own_endpoints,
    without_offline_access_there_is_no_refresh_token_unless_excepted,
    an_application_has_a_limited_number_of_sessions_of_one_user,
    what_applications_were_given_takes_no_room_of_a_person_s_own_sessions,
);

const DAY: i64 = 86_400;

async fn alice(bed: &Bed) -> App {
    person(bed, "alice").await;
    app(bed, "web", json!({})).await
}

fn text(tokens: &TokenResponse) -> String {
    tokens.refresh_token.clone().unwrap().into_inner()
}

async fn a_refresh_gives_every_token_anew_for_the_same_sign_in(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let first = granted(node, &web, "alice", SCOPES).await;
    bed.clock.forward(100);
    let second = refresh(node, &web, &first, &[]).await.unwrap();
    assert_ne!(text(&first), text(&second));
    assert_eq!((second.token_type.as_str(), second.scope.as_deref()), ("Bearer", Some(SCOPES)));
    let claims = |tokens: &TokenResponse| payload(tokens.id_token.as_ref().unwrap().expose());
    let (before, after) = (claims(&first), claims(&second));
    for name in ["iss", "sub", "aud", "azp", "auth_time", "amr", "acr"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64() && after.get("nonce").is_none());
    assert!(is_active(node, &web, &first).await && is_active(node, &web, &second).await);
}

async fn tk_01_a_use_after_the_grace_ends_the_family_at_once(bed: Bed) {
    let (here, web) = (&bed.portcullis, alice(&bed).await);
    let there = bed.node("b").await;
    let first = granted(here, &web, "alice", SCOPES).await;
    let second = refresh(here, &web, &first, &[]).await.unwrap();
    bed.clock.forward(9);
    assert_eq!(text(&refresh(&there, &web, &first, &[]).await.unwrap()), text(&second), "a retry");
    bed.clock.forward(2);
    assert_eq!(code(refresh(here, &web, &first, &[]).await), "invalid_grant");
    assert_eq!(code(refresh(here, &web, &second, &[]).await), "invalid_grant");
    assert!(!is_active(here, &web, &first).await && !is_active(here, &web, &second).await);
    // The grace may be longer for one application.
    let slow = app(&bed, "slow", json!({"exceptions": {"refreshGraceSecs": 60}})).await;
    let first = granted(here, &slow, "alice", SCOPES).await;
    let second = refresh(here, &slow, &first, &[]).await.unwrap();
    bed.clock.forward(59);
    assert_eq!(text(&refresh(here, &slow, &first, &[]).await.unwrap()), text(&second));
}

async fn tk_02_fifty_uses_at_once_of_one_refresh_token_give_one_successor(bed: Bed) {
    let (here, web) = (bed.portcullis.clone(), alice(&bed).await);
    let there = bed.node("b").await;
    let first = granted(&here, &web, "alice", SCOPES).await;
    let mut uses = tokio::task::JoinSet::new();
    for index in 0..50 {
        let (node, web, first) =
            (if index % 2 == 0 { &here } else { &there }.clone(), web.clone(), first.clone());
        uses.spawn(async move { refresh(&node, &web, &first, &[]).await });
    }
    let answers: Vec<String> =
        uses.join_all().await.into_iter().map(|answer| text(&answer.unwrap())).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_refresh_token").await, 2);
}

async fn tk_03_what_was_granted_ends_when_it_rests_or_lasts_too_long(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let web =
        app(&bed, "web", json!({"refreshIdleSecs": 100, "refreshTokenSecs": 250, "accessTokenSecs": 60}))
            .await;
    let resting = granted(node, &web, "alice", SCOPES).await;
    let mut used = granted(node, &web, "alice", SCOPES).await;
    assert_eq!(used.expires_in, 60);
    bed.clock.forward(90);
    used = refresh(node, &web, &used, &[]).await.unwrap();
    bed.clock.forward(10);
    assert_eq!(code(refresh(node, &web, &resting, &[]).await), "invalid_grant");
    for _ in 0..2 {
        bed.clock.forward(70);
        used = refresh(node, &web, &used, &[]).await.unwrap();
    }
    assert!(used.expires_in <= 10, "no access token outlasts what was granted");
    bed.clock.forward(10);
    assert_eq!(code(refresh(node, &web, &used, &[]).await), "invalid_grant");
}

async fn tk_04_a_refresh_token_is_its_application_s_and_never_gives_more(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let other = app(&bed, "other", json!({})).await;
    let mut wanted = access(&web, "alice", "openid email offline_access read");
    wanted.resource = Some(API.to_owned());
    let first = portcullis::oauth::grant_access(node, Device::default(), wanted).await.unwrap();
    assert_eq!(code(refresh(node, &other, &first, &[]).await), "invalid_grant");
    for wider in ["openid profile", "openid write", "made_up"] {
        assert_eq!(code(refresh(node, &web, &first, &[("scope", wider)]).await), "invalid_scope", "{wider}");
    }
    assert_eq!(code(refresh(node, &web, &first, &[("resource", URL)]).await), "invalid_target");
    // None of that used it up or ended anything.
    let narrow = refresh(node, &web, &first, &[("scope", "read"), ("resource", API)]).await.unwrap();
    assert_eq!((narrow.scope.as_deref(), narrow.id_token), (Some("read"), None));
    let claims = payload(narrow.access_token.expose());
    assert_eq!((&claims["scope"], &claims["aud"]), (&json!("read"), &json!(API)));
    let again = refresh(node, &web, &TokenResponse { id_token: None, ..narrow }, &[]).await.unwrap();
    assert_eq!(again.scope.as_deref(), Some("openid email offline_access read"));
    assert_eq!(header(again.access_token.expose())["typ"], "at+jwt");
}

async fn tk_04_what_an_application_may_not_have_any_more_is_not_refreshed(bed: Bed) {
    let (node, there, web) = (&bed.portcullis, &bed.node("b").await, alice(&bed).await);
    let mut wanted = access(&web, "alice", "openid offline_access read");
    wanted.resource = Some(API.to_owned());
    let for_api = portcullis::oauth::grant_access(node, Device::default(), wanted).await.unwrap();
    let bare = granted(node, &web, "alice", "openid offline_access read").await;
    let settings = portcullis::application::show(node, &bed.owner, "web").await.unwrap();
    let change = async |member: &str, value: Value| {
        let mut changed = serde_json::to_value(&settings).unwrap();
        changed[member] = value;
        portcullis::application::update(node, &bed.owner, "web", body(changed), None).await.unwrap();
    };
    // Its resource: refused on every node, and nothing is used up or ended by that.
    change("audiences", json!(["https://else.example"])).await;
    assert_eq!(code(refresh(node, &web, &for_api, &[]).await), "invalid_grant");
    within_a_second("the other node hears of it", async || {
        refresh(there, &web, &for_api, &[]).await.is_err()
    })
    .await;
    refresh(node, &web, &bare, &[]).await.expect("userinfo is every application's");
    // Its scopes: left out.
    change("scopes", json!(["openid", "offline_access"])).await;
    let told = refresh(node, &web, &bare, &[]).await.unwrap();
    assert_eq!(told.scope.as_deref(), Some("openid offline_access"));
    assert_eq!(code(refresh(node, &web, &told, &[("scope", "read")]).await), "invalid_scope");
    // All that was granted: refused, since an answer without a scope would say that everything is as it was.
    change("scopes", json!(["offline_access", "read"])).await;
    let read = granted(node, &web, "alice", "offline_access read").await;
    change("scopes", json!(["read"])).await;
    let narrowed = refresh(node, &web, &read, &[]).await.unwrap();
    assert_eq!(narrowed.scope.as_deref(), Some("read"));
    assert_eq!(introspect(node, &web, &text(&narrowed)).await.scope.as_deref(), Some("read"));
    change("scopes", json!(["openid"])).await;
    assert_eq!(code(refresh(node, &web, &narrowed, &[]).await), "invalid_scope");
    assert!(!introspect(node, &web, &text(&narrowed)).await.active);
    change("scopes", json!(["openid", "offline_access", "read"])).await;
    refresh(node, &web, &narrowed, &[]).await.expect("nothing was used up by that");
    // Its people.
    portcullis::user_pool::put(node, &bed.owner, "staff", body(json!({}))).await.unwrap();
    change("userPool", json!("staff")).await;
    assert_eq!(code(refresh(node, &web, &told, &[]).await), "invalid_grant");
    // Its grant.
    change("grantTypes", json!(["authorization_code"])).await;
    assert_eq!(code(refresh(node, &web, &told, &[]).await), "unauthorized_client");
    change("name", json!("as it was")).await;
    refresh(node, &web, &for_api, &[]).await.unwrap();
}

async fn tk_05_what_was_granted_survives_a_restart_a_failover_and_a_clock_that_is_moved(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let used = granted(node, &web, "alice", SCOPES).await;
    let next = refresh(node, &web, &used, &[]).await.unwrap();
    let given_up = granted(node, &web, "alice", SCOPES).await;
    revoke(node, &web, &text(&given_up)).await;
    let alone = granted(node, &web, "alice", SCOPES).await;
    revoke(node, &web, alone.access_token.expose()).await;
    let reused = granted(node, &web, "alice", SCOPES).await;
    let reused_next = refresh(node, &web, &reused, &[]).await.unwrap();
    bed.clock.forward(11);
    assert_eq!(code(refresh(node, &web, &reused, &[]).await), "invalid_grant");
    bed.clock.forward(-11);
    // Processes that have seen nothing of that: one that started again, and one that took over.
    node.close().await;
    let (again, there) = (&bed.node("a").await, &bed.node("b").await);
    for process in [again, there] {
        assert!(is_active(process, &web, &next).await);
        assert_eq!(text(&refresh(process, &web, &used, &[]).await.unwrap()), text(&next), "a retry");
        for dead in [&given_up, &alone, &reused, &reused_next] {
            assert!(!is_active(process, &web, dead).await);
        }
    }
    for process in [again, there] {
        // Forth and back, to before they were made too.
        for moved in [-3_600, 7_200, 40 * DAY, -40 * DAY - 3_600] {
            bed.clock.forward(moved);
            for dead in [&given_up, &reused, &reused_next] {
                assert!(!is_active(process, &web, dead).await, "{moved}");
                assert_eq!(code(refresh(process, &web, dead, &[]).await), "invalid_grant", "{moved}");
            }
            assert!(!is_active(process, &web, &alone).await, "{moved}");
        }
    }
    // Far before its use, a used one is reused, not retried: what it became is over on both.
    bed.clock.forward(-3_600);
    assert_eq!(code(refresh(again, &web, &used, &[]).await), "invalid_grant");
    assert_eq!(code(refresh(there, &web, &next, &[]).await), "invalid_grant");
}

async fn tk_07_se_05_what_ends_the_person_ends_what_they_granted(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    for end in 0..4 {
        let tokens = granted(node, &web, "alice", SCOPES).await;
        assert!(is_active(node, &web, &tokens).await);
        match end {
            0 => session::log_out_everywhere(node, &whole("alice")).await.unwrap(),
            1 => {
                session::end_every(node, &bed.owner, "alice").await.unwrap();
            }
            2 => {
                user::disable(node, &bed.owner, "alice").await.unwrap();
                assert_eq!(code(refresh(node, &web, &tokens, &[]).await), "invalid_grant");
                user::enable(node, &bed.owner, "alice").await.unwrap();
            }
            _ => user::delete(node, &bed.owner, "alice").await.unwrap(),
        }
        assert!(!is_active(node, &web, &tokens).await, "{end}");
        assert_eq!(code(refresh(node, &web, &tokens, &[]).await), "invalid_grant", "{end}");
    }
}

async fn tk_07_another_password_ends_what_was_granted(bed: Bed) {
    let node = &bed.portcullis;
    let web = app(&bed, "web", json!({})).await;
    let who = crate::oauth_flow::person(node, "alice@example.org").await;
    let tokens = granted(node, &web, &who.user.user_id, SCOPES).await;
    assert!(is_active(node, &web, &tokens).await);
    let change = ChangePasswordBody {
        current_password: Sensitive::new(crate::people::GOOD),
        new_password: Sensitive::new(crate::people::OTHER),
    };
    portcullis::sign_in::change_password(node, &who.cx(None), change).await.unwrap();
    assert!(!is_active(node, &web, &tokens).await);
    assert_eq!(code(refresh(node, &web, &tokens, &[]).await), "invalid_grant");
}

async fn tk_07_a_log_out_ends_what_was_granted_in_it_but_for_offline_access(bed: Bed) {
    let node = &bed.portcullis;
    let web = app(&bed, "web", json!({"exceptions": {"refreshWithoutOfflineAccess": true}})).await;
    let who = crate::people::registered(node, "alice@example.org").await.user_id;
    let credentials = portcullis::sign_in::Credentials {
        pool: None,
        email: "alice@example.org".to_owned(),
        password: Sensitive::new(crate::people::GOOD),
    };
    let signed_in = browser::sign_in(node, Device::default(), credentials, None).await.unwrap();
    let sid = signed_in.browser.session.session_id.clone();
    let with = |scope: &str| {
        let mut wanted = access(&web, &who, scope);
        wanted.browser_session = Some(sid.clone());
        portcullis::oauth::grant_access(node, Device::default(), wanted)
    };
    let (online, offline) = (with("openid").await.unwrap(), with("openid offline_access").await.unwrap());
    assert_eq!(payload(online.id_token.as_ref().unwrap().expose())["sid"], json!(sid));
    assert_ne!(payload(online.access_token.expose())["sid"], json!(sid));
    browser::sign_out(node, Device::default(), signed_in.cookie.expose()).await.unwrap();
    assert!(!is_active(node, &web, &online).await && is_active(node, &web, &offline).await);
    assert_eq!(code(refresh(node, &web, &online, &[]).await), "invalid_grant");
    refresh(node, &web, &offline, &[]).await.unwrap();
    assert_eq!(code(with("openid").await), "invalid_grant", "nothing is granted in a session that is over");
}

async fn an_application_s_refresh_token_is_unknown_to_a_person_s_own_endpoints(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let mut wanted = access(&web, "alice", SCOPES);
    wanted.resource = Some(URL.to_owned());
    let tokens = portcullis::oauth::grant_access(node, Device::default(), wanted).await.unwrap();
    let presented = || Presented { bearer: None, refresh_token: tokens.refresh_token.clone() };
    assert!(session::refresh(node, Device::default(), presented()).await.is_err());
    assert!(session::log_out(node, Device::default(), presented()).await.is_err());
    let bearer = Some(tokens.access_token.expose().to_owned());
    let bearer = Presented { bearer, refresh_token: None };
    assert!(session::refresh(node, Device::default(), bearer).await.is_err());
    // And the other way round.
    let own = sign_in(node, "alice").await;
    let own = TokenResponse { refresh_token: own.refresh_token, ..tokens.clone() };
    assert_eq!(code(refresh(node, &web, &own, &[]).await), "invalid_grant");
    refresh(node, &web, &tokens, &[]).await.unwrap();
}

async fn without_offline_access_there_is_no_refresh_token_unless_excepted(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let tokens = granted(node, &web, "alice", "openid").await;
    assert!(tokens.refresh_token.is_none() && is_active(node, &web, &tokens).await);
    bed.clock.forward(901);
    assert!(!is_active(node, &web, &tokens).await);
    let listed = session::list(node, &whole("alice"), "alice").await.unwrap();
    assert!(listed.is_empty(), "what cannot be used is not listed: {listed:?}");
}

async fn an_application_has_a_limited_number_of_sessions_of_one_user(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let own = sign_in(node, "alice").await;
    let first = granted(node, &web, "alice", SCOPES).await;
    for _ in 0..20 {
        bed.clock.forward(1);
        granted(node, &web, "alice", SCOPES).await;
    }
    assert!(!is_active(node, &web, &first).await);
    assert!(is_good(node, &own).await, "a person's own are not counted");
    let listed = session::list(node, &whole("alice"), "alice").await.unwrap();
    assert_eq!(listed.iter().filter(|one| one.application_id.as_deref() == Some("web")).count(), 20);
}

async fn what_applications_were_given_takes_no_room_of_a_person_s_own_sessions(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let first = sign_in(node, "alice").await;
    let mut given = Vec::new();
    for _ in 0..12 {
        bed.clock.forward(1);
        given.push(granted(node, &web, "alice", SCOPES).await);
    }
    let mut own = vec![first];
    for _ in 0..9 {
        bed.clock.forward(1);
        own.push(sign_in(node, "alice").await);
    }
    for body in &own {
        assert!(is_good(node, body).await, "ten of one's own are within the limit");
    }
    own.push(sign_in(node, "alice").await);
    assert!(!is_good(node, &own[0]).await && is_good(node, &own[1]).await);
    for tokens in &given {
        assert!(is_active(node, &web, tokens).await, "and end nothing that applications were given");
    }
}
