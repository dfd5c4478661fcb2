//! Signing in devices (RFC 8628): what they are told, who decides, and that it counts once (DV-02 to DV-06).

use std::time::Duration;

use portcullis::oauth::device::{self, DeviceQuestion};
use portcullis::oauth::{self, OAuthError, Parameters};
use portcullis::store::{OpenOptions, open};
use portcullis::{Portcullis, jose, session};
use portcullis_types::Sensitive;
use portcullis_types::application::{
    ApplicationBody, ApplicationKind, ClientAuthenticationMethod, GrantTypeName,
};
use portcullis_types::auth::ChangePasswordBody;
use portcullis_types::oauth::TokenResponse;
use serde_json::Value;

use crate::bed::{Bed, START, on_both, options, settings};
use crate::make_devices::{
    AUDIENCE, DEVICE_CODE, application, approve, decide, enter, enter_from, from, is_unknown, person, poll,
    poll_as, signed_in, start, start_with, television,
};
use crate::people::{GOOD, OTHER};

on_both!(
    a_device_gets_two_codes_and_where_to_enter_one,
    dv_02_a_device_is_told_to_wait_to_slow_down_or_to_stop,
    dv_02_the_first_poll_is_never_early_and_who_adds_a_second_is_satisfied,
    dv_02_an_expired_code_is_told_from_one_that_never_was,
    dv_03_who_entered_a_code_is_shown_who_asks_and_nothing_is_allowed_by_that,
    dv_04_only_the_session_that_entered_a_code_decides_it,
    dv_05_fifty_polls_at_once_give_one_family_of_tokens,
    dv_05_a_device_code_is_its_application_s_and_good_once,
    dv_04_of_twenty_sessions_that_enter_a_code_at_once_one_owns_it,
    a_code_is_entered_and_decided_over_a_single_connection,
    dv_05_tk_23_a_device_of_a_confidential_application_proves_who_it_is_each_time,
    dv_05_what_the_application_may_not_ask_for_any_more_is_not_redeemed,
    dv_06_who_may_not_sign_in_on_the_web_may_not_here,
    dv_06_what_changes_of_the_application_while_it_waits_counts,
    what_is_asked_for_beyond_the_application_is_refused,
    tokens_are_what_was_asked_for_and_are_refreshed,
    what_was_allowed_is_withdrawn_with_its_consent,
);

fn claims(token: &str) -> Value {
    Value::Object(jose::unverified_claims(token).unwrap())
}

async fn a_device_gets_two_codes_and_where_to_enter_one(bed: Bed) {
    let node = &bed.portcullis;
    let tv = application(&bed, television("tv")).await;
    let given = start(node, &tv).await;
    let (user_code, device_code) = (given.user_code.expose(), given.device_code.expose());
    assert_eq!((given.expires_in, given.interval), (600, 5), "dv_01");
    assert_eq!(given.verification_uri, format!("{}/device", node.public_url()));
    let complete = format!("{}/device?user_code={user_code}", node.public_url());
    assert_eq!(given.verification_uri_complete.expose(), complete);
    let (left, right) = user_code.split_once('-').unwrap();
    assert!([left, right].iter().all(|half| half.len() == 4));
    assert!(user_code.bytes().all(|byte| b"BCDFGHJKLMNPQRSTVWXZ-".contains(&byte)), "{user_code}");
    assert!(device_code.starts_with("dc_") && device_code.len() == 3 + 25 + 1 + 43);
    assert!(!format!("{given:?}").contains(user_code));
    // Neither is stored.
    let plain: String = user_code.chars().filter(|c| *c != '-').collect();
    let rows = "SELECT COUNT(*) FROM pc_device_code WHERE device_code_id = ";
    let (id, secret) = device_code.split_once('.').unwrap();
    assert_eq!(bed.number(&format!("{rows}'{id}'")).await, 1);
    for secret in [secret, &plain, user_code] {
        assert_eq!(bed.number(&format!("{rows}'{secret}'")).await, 0);
    }
}

async fn dv_02_a_device_is_told_to_wait_to_slow_down_or_to_stop(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let (approved, denied) = (start(node, &tv).await, start(node, &tv).await);
    for authorization in [&approved, &denied] {
        assert_eq!(poll(node, authorization).await.unwrap_err(), "authorization_pending");
        assert_eq!(poll(node, authorization).await.unwrap_err(), "slow_down");
        bed.clock.forward(10);
        assert_eq!(poll(node, authorization).await.unwrap_err(), "authorization_pending");
        enter(node, &alice, authorization).await.unwrap();
    }
    decide(node, &alice, &denied, false).await.unwrap();
    decide(node, &alice, &approved, true).await.unwrap();
    for _ in 0..2 {
        assert_eq!(poll(node, &denied).await.unwrap_err(), "access_denied");
    }
    // As early as it is.
    let tokens = poll(node, &approved).await.unwrap();
    assert!(tokens.refresh_token.is_some() && tokens.id_token.is_some());
    assert_eq!(poll(node, &approved).await.unwrap_err(), "invalid_grant");
}

async fn dv_02_the_first_poll_is_never_early_and_who_adds_a_second_is_satisfied(bed: Bed) {
    let (node, tv) = (&bed.portcullis, application(&bed, television("tv")).await);
    let given = start(node, &tv).await;
    bed.clock.forward_micros(1_100_000);
    assert_eq!(poll(node, &given).await.unwrap_err(), "authorization_pending");
    bed.clock.forward_micros(200_000);
    assert_eq!(poll(node, &given).await.unwrap_err(), "slow_down");
    for _ in 0..3 {
        bed.clock.forward(given.interval + 1);
        assert_eq!(poll(node, &given).await.unwrap_err(), "authorization_pending");
    }
    bed.clock.forward(given.interval - 1);
    assert_eq!(poll(node, &given).await.unwrap_err(), "authorization_pending", "a second less is not early");
    // Another device of the application has a pace of its own.
    assert_eq!(poll(node, &start(node, &tv).await).await.unwrap_err(), "authorization_pending");
}

async fn dv_02_an_expired_code_is_told_from_one_that_never_was(bed: Bed) {
    let node = &bed.portcullis;
    let short = bed.node_with("b", |settings| settings.devices.expires_secs = 1).await;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let (waiting, approved, brief) =
        (start(node, &tv).await, start(node, &tv).await, start(&short, &tv).await);
    assert_eq!(brief.expires_in, 1);
    approve(node, &alice, &approved).await;
    bed.clock.forward(1);
    assert_eq!(poll(node, &brief).await.unwrap_err(), "expired_token");
    assert!(is_unknown(&enter(node, &alice, &brief).await));
    bed.clock.forward(599);
    for given in [&waiting, &approved] {
        assert_eq!(poll(node, given).await.unwrap_err(), "expired_token");
        assert!(is_unknown(&enter(node, &alice, given).await));
    }
    // A second less: what is older may be gone by now, or not yet.
    bed.clock.forward(599);
    assert_eq!(poll(node, &waiting).await.unwrap_err(), "expired_token", "kept for ten minutes");
    for never in ["dc_", "x", &format!("dc_{}.{}", "0".repeat(25), "a".repeat(43))] {
        assert_eq!(poll_as(node, "tv", never).await.unwrap_err(), "invalid_grant");
    }
}

async fn dv_03_who_entered_a_code_is_shown_who_asks_and_nothing_is_allowed_by_that(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let given = start(node, &tv).await;
    let user_code = given.user_code.expose();
    let typed = user_code.to_lowercase().replace('-', " ");
    let question = enter_from(node, &alice, &typed, "198.51.100.1").await.unwrap();
    let expected = DeviceQuestion {
        user_code: user_code.to_owned(),
        application_name: "Television".to_owned(),
        scopes: vec!["openid".to_owned(), "offline_access".to_owned()],
        audience: AUDIENCE.to_owned(),
        ip: Some("192.0.2.7".to_owned()),
        user_agent: Some("tv/1".to_owned()),
        requested_at: START,
        expires_at: START.plus_secs(600),
        user: "alice@example.org".to_owned(),
    };
    assert_eq!(question, expected);
    assert_eq!(enter(node, &alice, &given).await.unwrap(), expected, "and again");
    assert_eq!(poll(node, &given).await.unwrap_err(), "authorization_pending");
}

async fn dv_04_only_the_session_that_entered_a_code_decides_it(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let (mallory, elsewhere) =
        (person(node, "mallory@example.org").await, signed_in(node, "alice@example.org").await);
    let given = start(node, &tv).await;
    for early in [&alice, &mallory] {
        assert!(is_unknown(&decide(node, early, &given, true).await), "nobody entered it yet");
    }
    enter(node, &alice, &given).await.unwrap();
    for other in [&mallory, &elsewhere] {
        assert!(is_unknown(&enter(node, other, &given).await));
        for approved in [true, false] {
            assert!(is_unknown(&decide(node, other, &given, approved).await));
        }
    }
    assert_eq!(poll(node, &given).await.unwrap_err(), "authorization_pending");
    decide(node, &alice, &given, true).await.unwrap();
    for approved in [true, false] {
        assert!(is_unknown(&decide(node, &alice, &given, approved).await), "decided once");
    }
    let tokens = poll(node, &given).await.unwrap();
    assert_eq!(claims(tokens.access_token.expose())["sub"], alice.user.user_id.as_str());
}

async fn dv_05_fifty_polls_at_once_give_one_family_of_tokens(bed: Bed) {
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let node = &nodes[0];
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let given = start(node, &tv).await;
    approve(node, &alice, &given).await;
    let polls: Vec<_> = (0..50)
        .map(|n| {
            let (node, given) = (nodes[n % 2].clone(), given.clone());
            tokio::spawn(async move { poll(&node, &given).await })
        })
        .collect();
    let mut tokens: Vec<TokenResponse> = Vec::new();
    for polled in polls {
        match polled.await.unwrap() {
            Ok(given) => tokens.push(given),
            Err(code) => assert_eq!(code, "invalid_grant"),
        }
    }
    assert_eq!(tokens.len(), 1);
    let sessions = "SELECT COUNT(*) FROM pc_session WHERE application_id = 'tv'";
    assert_eq!(bed.number(sessions).await, 1);
    assert_eq!(poll(node, &given).await.unwrap_err(), "invalid_grant", "and not within ten seconds either");
}

async fn dv_05_a_device_code_is_its_application_s_and_good_once(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    application(&bed, television("radio")).await;
    let given = start(node, &tv).await;
    approve(node, &alice, &given).await;
    let device_code = given.device_code.expose();
    assert_eq!(poll_as(node, "radio", device_code).await.unwrap_err(), "invalid_grant");
    let (id, secret) = device_code.split_once('.').unwrap();
    for changed in [
        format!("{id}.{}", secret.to_uppercase()),
        format!("{id}.{}A", &secret[..42]),
        device_code[..device_code.len() - 1].to_owned(),
        format!("{device_code}A"),
    ] {
        if changed != device_code {
            assert_eq!(poll_as(node, "tv", &changed).await.unwrap_err(), "invalid_grant", "tk_19 {changed}");
        }
    }
    assert!(poll(node, &given).await.is_ok(), "nothing of that has used it up");
    assert_eq!(poll(node, &given).await.unwrap_err(), "invalid_grant");
}

async fn dv_04_of_twenty_sessions_that_enter_a_code_at_once_one_owns_it(bed: Bed) {
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let node = &nodes[0];
    let tv = application(&bed, television("tv")).await;
    let mut sessions = Vec::new();
    for n in 0..10 {
        let email = format!("person{n}@example.org");
        sessions.extend([person(node, &email).await, signed_in(node, &email).await]);
    }
    let given = start(node, &tv).await;
    let entered: Vec<_> = sessions
        .iter()
        .enumerate()
        .map(|(n, browser)| {
            let (node, browser, given) = (nodes[n % 2].clone(), browser.clone(), given.clone());
            tokio::spawn(async move {
                enter_from(&node, &browser, given.user_code.expose(), &format!("198.51.100.{n}")).await
            })
        })
        .collect();
    let mut owner = None;
    for (entered, browser) in entered.into_iter().zip(&sessions) {
        let entered = entered.await.unwrap();
        if entered.is_ok() {
            assert!(owner.replace(browser).is_none(), "two sessions own one code");
        } else {
            assert!(is_unknown(&entered), "{entered:?}");
        }
    }
    let owner = owner.unwrap();
    for browser in sessions.iter().filter(|one| one.session.session_id != owner.session.session_id) {
        assert!(is_unknown(&decide(node, browser, &given, true).await));
    }
    decide(node, owner, &given, true).await.unwrap();
    let tokens = poll(node, &given).await.unwrap();
    assert_eq!(claims(tokens.access_token.expose())["sub"], owner.user.user_id.as_str());
}

async fn a_code_is_entered_and_decided_over_a_single_connection(bed: Bed) {
    let one = OpenOptions { max_connections: 1, acquire_timeout: Duration::from_secs(2), ..options() };
    let store = open(&bed.url, one).await.unwrap();
    let node = Portcullis::start(store, settings(&bed.clock, "one", 9)).await.unwrap();
    let tv = application(&bed, television("tv")).await;
    let alice = person(&bed.portcullis, "alice@example.org").await;
    let given = start(&bed.portcullis, &tv).await;
    // This node has never heard of the application.
    enter(&node, &alice, &given).await.unwrap();
    decide(&node, &alice, &given, true).await.unwrap();
    assert!(poll(&node, &given).await.is_ok());
}

/// Asks an endpoint as `console`, with what it proves itself by, and gives what came of it.
async fn as_console(node: &Portcullis, proof: &str, device_code: Option<&str>) -> Result<String, String> {
    let form = match device_code {
        Some(code) => format!("grant_type={DEVICE_CODE}&device_code={code}&client_id=console{proof}"),
        None => format!("scope=openid+offline_access&client_id=console{proof}"),
    };
    let parameters = Parameters::parse(form.as_bytes()).unwrap();
    let said = |error: OAuthError| error.code.as_str().to_owned();
    if device_code.is_some() {
        let tokens = oauth::token(node, None, &parameters, session::Device::default()).await.map_err(said)?;
        return Ok(tokens.access_token.expose().to_owned());
    }
    let client = oauth::authenticate_client(node, None, &parameters).await.map_err(said)?;
    let given = device::start(node, &client, &parameters, &from("192.0.2.7")).await.map_err(said)?;
    Ok(format!("{} {}", given.device_code.expose(), given.user_code.expose()))
}

async fn dv_05_tk_23_a_device_of_a_confidential_application_proves_who_it_is_each_time(bed: Bed) {
    let node = &bed.portcullis;
    let alice = person(node, "alice@example.org").await;
    application(&bed, television("tv")).await;
    let console = ApplicationBody {
        authentication_method: Some(ClientAuthenticationMethod::ClientSecretPost),
        ..television("console")
    };
    let made = portcullis::application::create(node, &bed.owner, console).await.unwrap();
    let secret = format!("&client_secret={}", made.secret.unwrap().client_secret.expose());
    let (refused, wrong) = (Err("invalid_client".to_owned()), format!("{secret}x"));
    for proof in ["", &wrong, "&client_secret="] {
        assert_eq!(as_console(node, proof, None).await, refused, "{proof}");
    }
    let given = as_console(node, &secret, None).await.unwrap();
    let (device_code, user_code) = given.split_once(' ').unwrap();
    enter_from(node, &alice, user_code, "198.51.100.1").await.unwrap();
    device::decide(node, &alice, user_code, true, &from("198.51.100.1")).await.unwrap();
    for proof in ["", &wrong, "&client_secret="] {
        assert_eq!(as_console(node, proof, Some(device_code)).await, refused, "{proof}");
    }
    assert_eq!(
        poll_as(node, "tv", device_code).await.unwrap_err(),
        "invalid_grant",
        "of another application"
    );
    let token = as_console(node, &secret, Some(device_code)).await.unwrap();
    assert_eq!(claims(&token)["client_id"], "console");
    assert_eq!(claims(&token)["sub"], alice.user.user_id.as_str());
    assert_eq!(as_console(node, &secret, Some(device_code)).await.unwrap_err(), "invalid_grant");
}

async fn dv_05_what_the_application_may_not_ask_for_any_more_is_not_redeemed(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let (less, none) = (start(node, &tv).await, start(node, &tv).await);
    approve(node, &alice, &less).await;
    approve(node, &alice, &none).await;
    let scopes = Some(vec!["openid".to_owned()]);
    let narrow = ApplicationBody { scopes: scopes.clone(), ..television("tv") };
    portcullis::application::update(node, &bed.owner, "tv", narrow, None).await.unwrap();
    let tokens = poll(node, &less).await.unwrap();
    assert_eq!((tokens.scope.as_deref(), tokens.refresh_token.is_none()), (Some("openid"), true));
    let nothing = start(node, &tv).await;
    approve(node, &alice, &nothing).await;
    let other = ApplicationBody { scopes: Some(vec!["other".to_owned()]), ..television("tv") };
    portcullis::application::update(node, &bed.owner, "tv", other, None).await.unwrap();
    assert_eq!(poll(node, &nothing).await.unwrap_err(), "invalid_scope", "no answer without a scope");
    let elsewhere = ApplicationBody { scopes, audiences: Vec::new(), ..television("tv") };
    portcullis::application::update(node, &bed.owner, "tv", elsewhere, None).await.unwrap();
    assert_eq!(poll(node, &none).await.unwrap_err(), "invalid_grant");
}

async fn dv_06_who_may_not_sign_in_on_the_web_may_not_here(bed: Bed) {
    let node = &bed.portcullis;
    let tv = application(&bed, television("tv")).await;
    bed.execute("INSERT INTO pc_user_pool (pool_id, created_at) VALUES ('staff', 0)").await;
    let staff = ApplicationBody { user_pool: Some("staff".to_owned()), ..television("staff_tv") };
    let staff = application(&bed, staff).await;
    let alice = person(node, "alice@example.org").await;
    // Of another user pool.
    let given = start(node, &staff).await;
    assert_eq!(given.verification_uri, format!("{}/device?pool=staff", node.public_url()));
    assert!(given.verification_uri_complete.expose().contains("/device?pool=staff&user_code="));
    assert!(is_unknown(&enter(node, &alice, &given).await));
    // Disabled before they decide, and after.
    let (before, after, out) = (start(node, &tv).await, start(node, &tv).await, start(node, &tv).await);
    enter(node, &alice, &before).await.unwrap();
    approve(node, &alice, &after).await;
    let bob = person(node, "bob@example.org").await;
    approve(node, &bob, &out).await;
    portcullis::user::disable(node, &bed.owner, &alice.user.user_id).await.unwrap();
    assert!(decide(node, &alice, &before, true).await.is_err());
    assert!(enter(node, &alice, &before).await.is_err());
    assert_eq!(poll(node, &before).await.unwrap_err(), "authorization_pending");
    assert_eq!(poll(node, &after).await.unwrap_err(), "access_denied");
    portcullis::user::enable(node, &bed.owner, &alice.user.user_id).await.unwrap();
    assert_eq!(poll(node, &after).await.unwrap_err(), "access_denied", "what was before stays dead");
    // Another password, from another session, ends what was not fetched yet.
    let elsewhere = signed_in(node, "bob@example.org").await;
    let change =
        ChangePasswordBody { current_password: Sensitive::new(GOOD), new_password: Sensitive::new(OTHER) };
    portcullis::sign_in::change_password(node, &elsewhere.cx(None), change).await.unwrap();
    assert_eq!(poll(node, &out).await.unwrap_err(), "access_denied");
}

async fn dv_06_what_changes_of_the_application_while_it_waits_counts(bed: Bed) {
    let node = &bed.portcullis;
    let tv = application(&bed, television("tv")).await;
    bed.execute("INSERT INTO pc_user_pool (pool_id, created_at) VALUES ('staff', 0)").await;
    let alice = person(node, "alice@example.org").await;
    let (asked, approved) = (start(node, &tv).await, start(node, &tv).await);
    enter(node, &alice, &asked).await.unwrap();
    approve(node, &alice, &approved).await;
    let changed = async |body: ApplicationBody| {
        portcullis::application::update(node, &bed.owner, "tv", body, None).await.unwrap();
    };
    // It may not ask for `offline_access` any more, which was allowed it a moment ago.
    changed(ApplicationBody { scopes: Some(vec!["openid".to_owned()]), ..television("tv") }).await;
    assert!(poll(node, &approved).await.unwrap().refresh_token.is_none());
    // It is for people of another pool from now on.
    changed(ApplicationBody { user_pool: Some("staff".to_owned()), ..television("tv") }).await;
    assert!(is_unknown(&decide(node, &alice, &asked, true).await));
    assert_eq!(poll(node, &asked).await.unwrap_err(), "authorization_pending");
}

async fn what_is_asked_for_beyond_the_application_is_refused(bed: Bed) {
    let node = &bed.portcullis;
    let tv = application(&bed, television("tv")).await;
    let web = ApplicationBody {
        application_id: Some("web".to_owned()),
        redirect_uris: vec!["https://app.example.org/cb".to_owned()],
        ..ApplicationBody::new("Web", ApplicationKind::Web)
    };
    let web = application(&bed, web).await;
    assert!(!web.has_grant_type(GrantTypeName::DeviceCode));
    for (application, form, code) in [
        (&tv, "scope=openid+admin", "invalid_scope"),
        (&tv, "scope=%22", "invalid_scope"),
        (&tv, "audience=https://elsewhere.example.org", "invalid_target"),
        (&tv, "resource=https://api.example.org&audience=https://elsewhere.example.org", "invalid_target"),
        (&web, "scope=openid", "unauthorized_client"),
    ] {
        let refused = start_with(node, application, form, &from("192.0.2.7")).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.status()), (code, 400), "{form}");
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_device_code").await, 0);
}

async fn tokens_are_what_was_asked_for_and_are_refreshed(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let given = start(node, &tv).await;
    bed.clock.forward(60);
    approve(node, &alice, &given).await;
    bed.clock.forward(5);
    let tokens = poll(node, &given).await.unwrap();
    let (access, id) =
        (claims(tokens.access_token.expose()), claims(tokens.id_token.as_ref().unwrap().expose()));
    assert_eq!((&access["aud"], &access["client_id"]), (&AUDIENCE.into(), &"tv".into()));
    assert_eq!(access["scope"], "openid offline_access");
    assert_eq!((&id["aud"], &id["auth_time"]), (&"tv".into(), &START.secs().into()));
    assert_eq!((id.get("sid"), id["sub"].as_str()), (None, Some(alice.user.user_id.as_str())));
    let form = format!(
        "grant_type=refresh_token&client_id=tv&refresh_token={}",
        tokens.refresh_token.unwrap().expose()
    );
    let parameters = Parameters::parse(form.as_bytes()).unwrap();
    let again = oauth::token(node, None, &parameters, session::Device::default()).await.unwrap();
    assert!(again.refresh_token.is_some() && again.id_token.is_some() && again.expires_in > 600);
    // Only an access token, for what the pod of another person proves with it.
    let plain = start_with(node, &tv, "", &from("192.0.2.7")).await.unwrap();
    approve(node, &alice, &plain).await;
    let tokens = poll(node, &plain).await.unwrap();
    assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
}

async fn what_was_allowed_is_withdrawn_with_its_consent(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let given = start(node, &tv).await;
    approve(node, &alice, &given).await;
    oauth::consent::withdraw(node, &alice.cx(None), &alice.user.user_id, "tv").await.unwrap();
    assert_eq!(poll(node, &given).await.unwrap_err(), "access_denied");
}
