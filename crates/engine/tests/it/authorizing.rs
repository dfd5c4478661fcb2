//! The authorization endpoint: AS-02, AS-04, AS-06, AS-07, AS-16 to AS-19, AS-22, AS-23, TK-25, AU-25. AS-01 and AS-03: `redirect_uris`.

use std::collections::BTreeSet;

use portcullis::oauth::OAuthError;
use portcullis::oauth::authorize::{self, Refusal, Step};
use portcullis_types::application::{ApplicationBody, ApplicationKind, GrantTypeName, ResponseMode};

use crate::bed::{Bed, URL, on_both};
use crate::oauth_flow::{
    API, BINDING, CHALLENGE, REDIRECT, answer, application, asked, begin, code, code_of, decide, error,
    person, redeem, refusal, request, response, resume, shop, sign_in, waiting,
};

on_both!(
    as_02_as_22_without_a_known_client_and_redirect_uri_nobody_is_redirected,
    as_07_every_answer_has_the_issuer_and_the_state,
    as_04_as_06_what_is_wrong_is_told_to_the_application_with_its_code,
    as_18_only_registered_response_modes_are_answered_in,
    as_19_a_repeated_parameter_is_refused_and_the_application_told_if_it_is_known,
    as_16_prompt_none_shows_nothing_and_says_what_is_missing,
    as_17_prompt_login_and_max_age_need_a_fresh_sign_in,
    as_23_no_byte_of_a_waiting_request_can_change,
    as_23_a_waiting_request_is_of_no_use_in_another_browser_or_after_half_an_hour,
    a_request_is_resumed_on_another_node_and_where_nothing_was_stored,
    only_people_of_the_application_s_pool_get_a_code,
    a_hint_names_who_must_sign_in,
    who_cannot_sign_in_as_it_is_needed_is_told_so,
    pkce_can_be_left_out_only_where_that_is_configured,
    tk_25_au_25_an_essential_class_that_the_sign_in_does_not_have_is_refused,
);

async fn as_02_as_22_without_a_known_client_and_redirect_uri_nobody_is_redirected(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    // Whatever else is right or wrong.
    for more in [("state", "x"), ("response_type", "token"), ("prompt", "none"), ("scope", "no-such-scope")] {
        for browser in [None, Some(&alice)] {
            for client_id in ["", "Shop", "shop ", "sc_1", "nobody", &"x".repeat(5_000)] {
                let step = begin(node, &[("client_id", client_id), more], browser).await;
                assert!(matches!(refusal(step), Refusal::UnknownApplication), "{client_id}");
            }
            for redirect_uri in [
                "",
                "https://shop.example.org/callback",
                "https://shop.example.org/callback?from=here&x=1",
                "https://shop.example.org/callback?from=here#x",
                "https://shop.example.org/other/",
                "https://evil.example/callback?from=here",
                "javascript:alert(1)",
            ] {
                let step = begin(node, &[("redirect_uri", redirect_uri), more], browser).await;
                assert!(matches!(refusal(step), Refusal::UnknownRedirectUri), "{redirect_uri}");
            }
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_authorization_code").await, 0);
}

async fn as_07_every_answer_has_the_issuer_and_the_state(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let good = response(begin(node, &[], Some(&alice)).await);
    assert_eq!((good.redirect_uri.as_str(), good.mode), (REDIRECT, ResponseMode::Query));
    let names: Vec<_> = good.parameters.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    let location = good.location();
    assert!(location.starts_with("https://shop.example.org/callback?from=here&code=ac_"), "{location}");
    assert!(location.ends_with("&state=st%26te&iss=http%3A%2F%2F127.0.0.1%3A8443"), "{location}");
    let bad = answer(begin(node, &[("scope", "no-such-scope")], Some(&alice)).await);
    assert_eq!(
        (bad["error"].as_str(), bad["state"].as_str(), bad["iss"].as_str()),
        ("invalid_scope", "st&te", URL)
    );
    // Without a state none comes back.
    let bare = answer(begin(node, &[("state", "")], Some(&alice)).await);
    assert_eq!(bare.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(["code", "iss"]));
}

async fn as_04_as_06_what_is_wrong_is_told_to_the_application_with_its_code(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "machine", |body| {
        body.kind = ApplicationKind::Web;
        body.grant_types = Some(vec![GrantTypeName::ClientCredentials]);
    })
    .await;
    let alice = person(node, "alice@example.org").await;
    let long = "x".repeat(2_049);
    for (pairs, code) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "id_token token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "CODE")], "unsupported_response_type"),
        (&[("client_id", "machine")], "unauthorized_client"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("scope", "openid admin")], "invalid_scope"),
        (&[("scope", "openid \"")], "invalid_scope"),
        (&[("resource", "https://evil.example")], "invalid_target"),
        (&[("resource", API), ("audience", "https://other.example.org")], "invalid_target"),
        (&[("state", long.as_str())], "invalid_request"),
        (&[("state", "a\nb")], "invalid_request"),
        (&[("nonce", &long[..513])], "invalid_request"),
        (&[("login_hint", &long[..257])], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "+1")], "invalid_request"),
        (&[("max_age", "1.5")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "maybe")], "invalid_request"),
        (&[("claims", "[]")], "invalid_request"),
        (&[("claims", long.as_str())], "invalid_request"),
        (&[("id_token_hint", "x")], "invalid_request"),
        (&[("request", "x")], "request_not_supported"),
        (&[("request_uri", "https://evil.example/r")], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
    ] {
        for browser in [None, Some(&alice)] {
            let told = answer(begin(node, pairs, browser).await);
            assert_eq!(told["error"], code, "{pairs:?}");
            assert_eq!(told["iss"], URL);
            let echoed = pairs.iter().all(|(name, _)| *name != "state");
            assert_eq!(told.get("state").map(String::as_str), echoed.then_some("st&te"), "{pairs:?}");
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_authorization_code").await, 0);
    // What is not known, and what OpenID Connect lets us leave aside, changes nothing.
    let tolerated = [
        ("no_such_parameter", "x"),
        ("ui_locales", "de fr"),
        ("display", "touch"),
        ("acr_values", "9"),
        ("claims", r#"{"id_token":{"email":{"essential":true}}}"#),
    ];
    code(node, &tolerated, &alice).await;
}

async fn as_18_only_registered_response_modes_are_answered_in(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    for (id, modes) in
        [("both", vec![ResponseMode::Query, ResponseMode::FormPost]), ("post", vec![ResponseMode::FormPost])]
    {
        application(&bed, id, |body| {
            body.first_party = true;
            body.response_modes = Some(modes);
        })
        .await;
    }
    let alice = person(node, "alice@example.org").await;
    let ask = async |client: &str, mode: &str| {
        let step = begin(node, &[("client_id", client), ("response_mode", mode)], Some(&alice)).await;
        let response = response(step);
        (response.parameters[0].0, response.mode)
    };
    for (client, mode, expected) in [
        ("shop", "", ("code", ResponseMode::Query)),
        ("shop", "query", ("code", ResponseMode::Query)),
        ("shop", "form_post", ("error", ResponseMode::Query)),
        ("shop", "fragment", ("error", ResponseMode::Query)),
        ("shop", "Query", ("error", ResponseMode::Query)),
        ("both", "form_post", ("code", ResponseMode::FormPost)),
        ("both", "query", ("code", ResponseMode::Query)),
        ("post", "form_post", ("code", ResponseMode::FormPost)),
        ("post", "query", ("error", ResponseMode::FormPost)),
        ("post", "", ("error", ResponseMode::FormPost)),
    ] {
        assert_eq!(ask(client, mode).await, expected, "{client} {mode}");
    }
    // Errors come the same way.
    let pairs = [("client_id", "both"), ("response_mode", "form_post"), ("scope", "no-such-scope")];
    assert_eq!(response(begin(node, &pairs, None).await).mode, ResponseMode::FormPost);
}

async fn as_19_a_repeated_parameter_is_refused_and_the_application_told_if_it_is_known(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let standard = "response_type=code&scope=openid&code_challenge_method=S256&client_id=shop";
    let redirect = "redirect_uri=https%3A%2F%2Fshop.example.org%2Fother";
    let query = format!("{standard}&{redirect}&code_challenge={CHALLENGE}");
    let refused = async |more: &str| {
        let query = format!("{query}&{more}");
        let error = portcullis::oauth::Parameters::parse(query.as_bytes()).unwrap_err();
        authorize::refuse_unreadable(node, query.as_bytes(), error).await
    };
    for (more, state) in [
        ("scope=openid&state=s", Some("s")),
        ("scope=email", None),
        ("nonce=1&nonce=1&state=s", Some("s")),
        ("state=s&state=s", None),
        ("response_mode=query&response_mode=query&state=s", Some("s")),
        ("x=%zz&state=s", Some("s")),
    ] {
        let told = answer(refused(more).await);
        assert_eq!((told["error"].as_str(), told["iss"].as_str()), ("invalid_request", URL), "{more}");
        assert_eq!(told.get("state").map(String::as_str), state, "{more}");
    }
    for more in ["client_id=shop", &format!("{redirect}&state=s"), "redirect_uri=https://evil.example"] {
        assert!(matches!(refusal(refused(more).await), Refusal::Malformed(_)), "{more}");
    }
    let unknown = async |query: &'static [u8]| {
        authorize::refuse_unreadable(node, query, OAuthError::invalid_request("x")).await
    };
    assert!(matches!(refusal(unknown(b"client_id=x&a=1&a=2").await), Refusal::UnknownApplication));
    assert!(matches!(refusal(unknown(b"client_id=shop&a=1&a=2").await), Refusal::UnknownRedirectUri));
}

async fn as_16_prompt_none_shows_nothing_and_says_what_is_missing(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "guest", |_| {}).await;
    application(&bed, "phone", |body| {
        body.kind = ApplicationKind::Native;
        body.first_party = true;
        body.redirect_uris = vec!["com.example.phone:/cb".to_owned()];
    })
    .await;
    let phone = [("client_id", "phone"), ("redirect_uri", "com.example.phone:/cb"), ("prompt", "none")];
    let none = ("prompt", "none");
    assert_eq!(error(begin(node, &[none], None).await), "login_required");
    let alice = person(node, "alice@example.org").await;
    code(node, &[none], &alice).await;
    bed.clock.forward(100);
    code(node, &[none], &alice).await;
    assert_eq!(error(begin(node, &[none, ("max_age", "99")], Some(&alice)).await), "login_required");
    code(node, &[none, ("max_age", "100")], &alice).await;
    let guest = ("client_id", "guest");
    assert_eq!(error(begin(node, &[none, guest], None).await), "login_required");
    assert_eq!(error(begin(node, &[none, guest], Some(&alice)).await), "consent_required");
    let (waiting, _) = asked(begin(node, &[guest], Some(&alice)).await);
    code_of(decide(node, &waiting, &alice, true).await);
    code(node, &[none, guest], &alice).await;
    assert_eq!(
        error(begin(node, &[none, guest, ("scope", "openid profile")], Some(&alice)).await),
        "consent_required"
    );
    // RFC 8252 section 8.6: any program of the device may be behind the scheme.
    assert_eq!(error(begin(node, &phone, Some(&alice)).await), "interaction_required");
}

async fn as_17_prompt_login_and_max_age_need_a_fresh_sign_in(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let before = person(node, "alice@example.org").await;
    bed.clock.forward(60);
    for pairs in
        [[("prompt", "login")], [("prompt", "select_account")], [("max_age", "0")], [("max_age", "59")]]
    {
        let waits = waiting(begin(node, &pairs, Some(&before)).await);
        assert!(waits.reauthenticate, "{pairs:?}");
        assert_eq!((waits.application_name.as_str(), waits.user_pool.as_str()), ("The shop", "main"));
        // Loading the page again, or coming back with the same session, is no sign-in.
        bed.clock.forward(1);
        assert!(matches!(resume(node, &waits, Some(&before)).await, Step::SignIn(_)), "{pairs:?}");
        let after = sign_in(node, "alice@example.org").await;
        let code = code_of(resume(node, &waits, Some(&after)).await);
        let tokens = redeem(node, &code, &[]).await.unwrap();
        let told = crate::oauth_flow::claims(tokens.id_token.as_ref().unwrap());
        assert_eq!(told["auth_time"], after.session.auth_time.secs(), "{pairs:?}");
        bed.clock.forward(-1);
    }
    code(node, &[("max_age", "60")], &before).await;
    let waits = waiting(begin(node, &[("login_hint", "alice@example.org")], None).await);
    assert!(!waits.reauthenticate);
    assert_eq!(waits.login_hint.as_deref(), Some("alice@example.org"));
    assert_eq!(waits.redirect_uri, REDIRECT);
}

async fn as_23_no_byte_of_a_waiting_request_can_change(bed: Bed) {
    let node = &bed.portcullis;
    application(&bed, "shop", |_| {}).await;
    let alice = person(node, "alice@example.org").await;
    let waits = waiting(begin(node, &[], None).await);
    let (asks, _) = asked(begin(node, &[], Some(&alice)).await);
    for text in [&waits.request, &asks.request] {
        let mut altered: Vec<String> = (0..text.len())
            .map(|at| {
                let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
                format!("{}{other}{}", &text[..at], &text[at + 1..])
            })
            .collect();
        altered.extend([
            String::new(),
            text[1..].to_owned(),
            text[..text.len() - 1].to_owned(),
            format!("{text}A"),
        ]);
        for altered in altered {
            let resumed = authorize::resume(node, &altered, BINDING, Some(&alice)).await;
            assert!(matches!(refusal(resumed), Refusal::NotOfThisBrowser));
            let decided = authorize::decide(node, &altered, BINDING, &alice, true).await;
            assert!(matches!(refusal(decided), Refusal::NotOfThisBrowser));
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_authorization_code").await, 0);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_consent").await, 0);
    // Nothing of it can be read either, and no two are alike.
    for part in ["shop", "callback", "st&te", CHALLENGE] {
        assert!(!waits.request.contains(part));
    }
    assert_ne!(waiting(begin(node, &[], None).await).request, waits.request);
    code_of(decide(node, &asks, &alice, true).await);
}

async fn as_23_a_waiting_request_is_of_no_use_in_another_browser_or_after_half_an_hour(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let waits = waiting(begin(node, &[], None).await);
    let other_browser = BINDING.replacen('A', "B", 1);
    for binding in [other_browser.as_str(), "", &BINDING[1..]] {
        let step = authorize::resume(node, &waits.request, binding, Some(&alice)).await;
        assert!(matches!(refusal(step), Refusal::NotOfThisBrowser), "{binding}");
    }
    bed.clock.forward(30 * 60 - 1);
    code_of(resume(node, &waits, Some(&alice)).await);
    bed.clock.forward(1);
    assert!(matches!(refusal(resume(node, &waits, Some(&alice)).await), Refusal::Expired));
    // What is no longer registered is not redirected to either.
    let waits = waiting(begin(node, &[], None).await);
    let mut body = ApplicationBody::new("The shop", ApplicationKind::Browser);
    body.redirect_uris = vec!["https://shop.example.org/other".to_owned()];
    portcullis::application::update(node, &bed.owner, "shop", body, None).await.unwrap();
    assert!(matches!(refusal(resume(node, &waits, Some(&alice)).await), Refusal::UnknownRedirectUri));
    portcullis::application::delete(node, &bed.owner, "shop").await.unwrap();
    assert!(matches!(refusal(resume(node, &waits, Some(&alice)).await), Refusal::UnknownApplication));
}

async fn a_request_is_resumed_on_another_node_and_where_nothing_was_stored(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    shop(&bed).await;
    let tables = "SELECT (SELECT COUNT(*) FROM pc_authorization_code) + (SELECT COUNT(*) FROM pc_session)";
    let waits = waiting(begin(here, &[], None).await);
    assert_eq!(bed.number(tables).await, 0);
    let alice = person(there, "alice@example.org").await;
    let code = code_of(resume(there, &waits, Some(&alice)).await);
    assert!(redeem(here, &code, &[]).await.is_ok());
}

async fn only_people_of_the_application_s_pool_get_a_code(bed: Bed) {
    let node = &bed.portcullis;
    let pool = crate::make::body(serde_json::json!({"registration": "open"}));
    portcullis::user_pool::put(node, &bed.owner, "players", pool).await.unwrap();
    application(&bed, "shop", |body| {
        body.first_party = true;
        body.user_pool = Some("players".to_owned());
    })
    .await;
    let alice = person(node, "alice@example.org").await;
    let waits = waiting(begin(node, &[], Some(&alice)).await);
    assert_eq!((waits.reauthenticate, waits.user_pool.as_str()), (true, "players"));
    assert_eq!(error(begin(node, &[("prompt", "none")], Some(&alice)).await), "login_required");
    // A browser session that was read before its user was disabled.
    let mut disabled = alice.clone();
    disabled.user.disabled_at = Some(node.now());
    disabled.user.pool = "players".to_owned();
    disabled.session.pool = "players".to_owned();
    assert!(matches!(begin(node, &[], Some(&disabled)).await, Step::SignIn(_)));
}

async fn a_hint_names_who_must_sign_in(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "other", |body| body.first_party = true).await;
    let (alice, bob) = (person(node, "alice@example.org").await, person(node, "bob@example.org").await);
    let tokens = redeem(node, &code(node, &[], &alice).await, &[]).await.unwrap();
    // An ID token that is over names somebody all the same.
    bed.clock.forward(40 * 86_400);
    let (alice, bob) =
        (sign_in(node, &alice.user.email.unwrap()).await, sign_in(node, &bob.user.email.unwrap()).await);
    let hint = ("id_token_hint", tokens.id_token.as_ref().unwrap().expose());
    let claims = format!(r#"{{"id_token":{{"sub":{{"value":"{}"}}}}}}"#, alice.user.user_id);
    for named in [hint, ("claims", &claims)] {
        code(node, &[named], &alice).await;
        code(node, &[named, ("prompt", "none")], &alice).await;
        assert_eq!(error(begin(node, &[named, ("prompt", "none")], Some(&bob)).await), "login_required");
        bed.clock.forward(1);
        let waits = waiting(begin(node, &[named], Some(&bob)).await);
        assert!(waits.reauthenticate);
        code_of(resume(node, &waits, Some(&alice)).await);
        // Whoever signs in as somebody else all the same is not asked for ever.
        let again = sign_in(node, "bob@example.org").await;
        assert_eq!(error(resume(node, &waits, Some(&again)).await), "login_required");
    }
    let access = ("id_token_hint", tokens.access_token.expose());
    assert_eq!(error(begin(node, &[access], Some(&alice)).await), "invalid_request");
    let (signed, _) = hint.1.rsplit_once('.').unwrap();
    for forged in [signed.to_owned(), format!("{signed}."), format!("{signed}.AAAA")] {
        assert_eq!(error(begin(node, &[("id_token_hint", &forged)], Some(&alice)).await), "invalid_request");
    }
    let of_another = [hint, ("client_id", "other")];
    assert_eq!(error(begin(node, &of_another, Some(&alice)).await), "invalid_request");
    let somebody_else = claims.replace(&alice.user.user_id, &bob.user.user_id);
    let two_persons = [hint, ("claims", somebody_else.as_str())];
    assert_eq!(error(begin(node, &two_persons, Some(&alice)).await), "invalid_request");
}

async fn who_cannot_sign_in_as_it_is_needed_is_told_so(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["2fa"]}}}"#;
    let step = begin(node, &[("claims", essential)], Some(&alice)).await;
    assert_eq!(error(step), "unmet_authentication_requirements");
    code(node, &[("claims", &essential.replace("true", "false"))], &alice).await;
}

async fn pkce_can_be_left_out_only_where_that_is_configured(bed: Bed) {
    let node = &bed.portcullis;
    application(&bed, "old", |body| {
        body.kind = ApplicationKind::Web;
        body.first_party = true;
        body.require_pkce = false;
    })
    .await;
    let alice = person(node, "alice@example.org").await;
    let bare = [("client_id", "old"), ("code_challenge", ""), ("code_challenge_method", "")];
    code_of(begin(node, &bare, Some(&alice)).await);
    // Even there, `plain` is refused.
    let plain = [("client_id", "old"), ("code_challenge_method", "plain")];
    assert_eq!(error(begin(node, &plain, Some(&alice)).await), "invalid_request");
    assert!(request(&[]).find("code_challenge").is_some());
}

async fn tk_25_au_25_an_essential_class_that_the_sign_in_does_not_have_is_refused(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "guest", |_| {}).await;
    let alice = person(node, "alice@example.org").await;
    let wish = |acr: serde_json::Value| serde_json::json!({"id_token": {"acr": acr}}).to_string();
    let unmet = "unmet_authentication_requirements";
    for (acr, met) in [
        (serde_json::json!({"essential": true, "value": "2fa"}), false),
        (serde_json::json!({"essential": true, "values": ["2fa", "urn:mace:incommon:iap:silver"]}), false),
        (serde_json::json!({"essential": true, "values": ["2fa", "1fa"]}), true),
        (serde_json::json!({"essential": true}), true),
        (serde_json::json!({"values": ["2fa"]}), true),
        (serde_json::Value::Null, true),
    ] {
        let claims = wish(acr);
        let asks = ("claims", claims.as_str());
        for pairs in [&[asks][..], &[asks, ("prompt", "none")]] {
            let told = answer(begin(node, pairs, Some(&alice)).await);
            assert_eq!((told.contains_key("code"), told["iss"].as_str()), (met, URL), "{claims}");
            assert_eq!(told.get("error").map(String::as_str), (!met).then_some(unmet), "{claims}");
            if let Some(code) = told.get("code") {
                let tokens = redeem(node, code, &[]).await.unwrap();
                for token in [tokens.id_token.as_ref().unwrap(), &tokens.access_token] {
                    assert_eq!(crate::oauth_flow::claims(token)["acr"], "1fa", "what really happened");
                }
            }
        }
        // Whoever is asked to sign in first is told afterwards, and nobody is asked to consent in vain.
        let guest = [asks, ("client_id", "guest")];
        let waits = waiting(begin(node, &guest, None).await);
        let after = resume(node, &waits, Some(&alice)).await;
        if met { drop(asked(after)) } else { assert_eq!(error(after), unmet, "{claims}") }
    }
    // `acr_values` is a wish only (Core section 3.1.2.1).
    code(node, &[("acr_values", "2fa")], &alice).await;
}
