//! What tokens of applications say, to whom they are worth something, and how they are given up: AS-06, AU-25, TK-06, TK-08, TK-09,
//! TK-13, TK-20, TK-25.

use portcullis::jose::Algorithm;
use portcullis::oauth::{self, Access, ClaimsRequest};
use portcullis::session::Device;
use portcullis::{application, session};
use portcullis_types::Caller;
use portcullis_types::oauth::TokenResponse;
use portcullis_types::protected_resource::VerifyAccessToken as _;
use serde_json::{Value, json};

use crate::bed::{Bed, START, URL, is_refused, on_both, sender};
use crate::make::body;
use crate::oauth_bed::{
    API, App, SCOPES, access, app, code, granted, header, introspect, is_active, parameters, payload,
    refresh, revoke, token,
};
use crate::sessions::person;

on_both!(
    tk_25_au_25_an_id_token_says_who_signed_in_how_and_for_whom_in_every_algorithm,
    tk_08_an_access_token_has_one_audience_of_the_application_s,
    tk_09_no_scope_is_granted_that_the_application_may_not_ask_for,
    tk_09_what_an_application_may_not_have_any_more_is_refused_in_living_tokens,
    tk_13_no_kind_of_token_stands_in_for_another,
    tk_20_only_whom_a_token_concerns_is_told_what_it_is_worth,
    tk_20_a_refresh_token_is_active_while_it_gives_something,
    tk_20_a_token_that_is_limited_to_statements_is_told_to_nobody,
    tk_11_a_token_of_another_issuer_is_worth_nothing_though_its_key_is_known,
    tk_06_a_token_is_given_up_by_its_own_application_only,
    as_06_there_is_no_password_grant_and_no_other_that_is_not_registered,
    an_application_acts_for_itself_until_its_token_is_revoked_or_it_is_deleted,
    userinfo_tells_what_was_granted_and_the_application_s_own_claims,
    what_the_claims_parameter_names_is_told_where_it_says,
);

async fn alice(bed: &Bed) -> App {
    person(bed, "alice").await;
    app(bed, "web", json!({})).await
}

fn id_token(tokens: &TokenResponse) -> &str {
    tokens.id_token.as_ref().unwrap().expose()
}

async fn for_resource(bed: &Bed, web: &App, resource: &str, scope: &str) -> TokenResponse {
    let wanted = Access { resource: Some(resource.to_owned()), ..access(web, "alice", scope) };
    oauth::grant_access(&bed.portcullis, Device::default(), wanted).await.unwrap()
}

async fn user_info(bed: &Bed, tokens: &TokenResponse) -> Result<Value, &'static str> {
    let answer = oauth::user_info(&bed.portcullis, tokens.access_token.expose()).await;
    answer.map(|claims| serde_json::to_value(claims).unwrap()).map_err(|error| error.code.as_str())
}

async fn tk_25_au_25_an_id_token_says_who_signed_in_how_and_for_whom_in_every_algorithm(bed: Bed) {
    person(&bed, "alice").await;
    for (name, algorithm) in
        [("EdDSA", Algorithm::EdDsa), ("RS256", Algorithm::Rs256), ("ES256", Algorithm::Es256)]
    {
        let web =
            app(&bed, &format!("web-{name}"), json!({"signingAlgorithm": name, "idTokenSecs": 120})).await;
        let wanted = Access { nonce: Some("n-1".to_owned()), ..access(&web, "alice", "openid email") };
        let tokens = oauth::grant_access(&bed.portcullis, Device::default(), wanted).await.unwrap();
        let said = payload(id_token(&tokens));
        let expected = json!({
            "iss": URL, "sub": "alice", "aud": web.id, "azp": web.id, "iat": START.secs(), "exp": START.secs() + 120,
            "auth_time": START.secs(), "acr": "1fa", "amr": ["pwd"], "nonce": "n-1",
            "at_hash": algorithm.half_hash(tokens.access_token.expose()),
            "email": "alice@example.org", "email_verified": said["email_verified"],
        });
        assert_eq!(said, expected, "{name}");
        for text in [id_token(&tokens), tokens.access_token.expose()] {
            assert_eq!(header(text)["alg"], name);
        }
        let kids: Vec<String> = bed.portcullis.jwks().keys.iter().map(|key| key.kid.clone()).collect();
        assert!(kids.iter().any(|kid| header(id_token(&tokens))["kid"] == **kid), "{name} is published");
        assert!(is_active(&bed.portcullis, &web, &tokens).await, "{name}");
    }
}

async fn tk_08_an_access_token_has_one_audience_of_the_application_s(bed: Bed) {
    let web = alice(&bed).await;
    let audience = |tokens: &TokenResponse| payload(tokens.access_token.expose())["aud"].clone();
    let userinfo = format!("{URL}/oauth2/userinfo");
    assert_eq!(audience(&granted(&bed.portcullis, &web, "alice", SCOPES).await), json!(userinfo));
    assert_eq!(audience(&for_resource(&bed, &web, API, "read").await), json!(API));
    let own = app(&bed, "own", json!({"defaultAudience": API})).await;
    assert_eq!(audience(&granted(&bed.portcullis, &own, "alice", "read").await), json!(API));
    for (named, why) in [
        (vec![("resource", "https://other.example")], "not its own"),
        (vec![("resource", API), ("resource", URL)], "two"),
        (vec![("resource", API), ("audience", URL)], "two names"),
        (vec![("resource", "https://api.example/")], "not byte for byte"),
    ] {
        let pairs: Vec<_> = [("grant_type", "client_credentials")].into_iter().chain(named).collect();
        assert_eq!(code(token(&bed.portcullis, &web, &pairs).await), "invalid_target", "{why}");
    }
    // A token for an API of somebody else opens nothing here.
    let foreign = for_resource(&bed, &web, API, "openid").await;
    assert!(is_refused(&sender(&bed.portcullis, foreign.access_token.expose()).await));
    assert_eq!(user_info(&bed, &foreign).await, Err("invalid_token"));
    let whole = for_resource(&bed, &web, URL, "openid").await;
    let caller = sender(&bed.portcullis, whole.access_token.expose()).await.unwrap();
    assert!(matches!(&caller, Caller::User { user_id, .. } if &**user_id == "alice"));
}

async fn tk_09_no_scope_is_granted_that_the_application_may_not_ask_for(bed: Bed) {
    let web = alice(&bed).await;
    for scope in ["admin", "openid admin", "OPENID", "read\"", "read\twrite"] {
        let asked =
            oauth::grant_access(&bed.portcullis, Device::default(), access(&web, "alice", scope)).await;
        assert_eq!(code(asked), "invalid_scope", "{scope}");
        let own = [("grant_type", "client_credentials"), ("scope", scope)];
        assert_eq!(code(token(&bed.portcullis, &web, &own).await), "invalid_scope", "{scope}");
    }
    let own = [("grant_type", "client_credentials"), ("scope", "openid")];
    assert_eq!(code(token(&bed.portcullis, &web, &own).await), "invalid_scope", "nobody signed in");
    // What the application may not ask for any more is not refreshed either.
    let tokens = granted(&bed.portcullis, &web, "alice", "openid offline_access read").await;
    let less = json!({"name": "web", "kind": "web", "authenticationMethod": "client_secret_post",
        "redirectUris": ["https://web.example/cb"], "grantTypes": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "offline_access"]});
    let less = serde_json::from_value(less).unwrap();
    application::update(&bed.portcullis, &bed.owner, "web", less, None).await.unwrap();
    let after = refresh(&bed.portcullis, &web, &tokens, &[]).await.unwrap();
    assert_eq!(after.scope.as_deref(), Some("openid offline_access"));
}

async fn tk_09_what_an_application_may_not_have_any_more_is_refused_in_living_tokens(bed: Bed) {
    let (here, there, web) = (&bed.portcullis, &bed.node("b").await, alice(&bed).await);
    let settings = application::show(here, &bed.owner, "web").await.unwrap();
    let change = async |member: &str, value: Value| {
        let mut changed = serde_json::to_value(&settings).unwrap();
        changed[member] = value;
        application::update(here, &bed.owner, "web", body(changed), None).await.unwrap();
    };
    let of_a_person = granted(here, &web, "alice", "openid read").await;
    let its_own = [("grant_type", "client_credentials"), ("resource", URL), ("scope", "read")];
    let its_own = token(here, &web, &its_own).await.unwrap();
    let verified = async |node: &portcullis::Portcullis, tokens: &TokenResponse| {
        node.verify_access_token(tokens.access_token.expose()).await.is_ok()
    };
    let kept = settings.scopes.iter().filter(|scope| *scope != "read").collect::<Vec<_>>();
    portcullis::user_pool::put(here, &bed.owner, "staff", body(json!({}))).await.unwrap();
    // Which application's tokens are refused: of a person, and its own, which has no person.
    for (member, value, refused) in
        [("scopes", json!(kept), (true, true)), ("userPool", json!("staff"), (true, false))]
    {
        assert!(verified(there, &of_a_person).await && verified(there, &its_own).await);
        change(member, value).await;
        let good = (!verified(here, &of_a_person).await, !verified(here, &its_own).await);
        assert_eq!(good, refused, "{member}");
        assert_eq!(is_active(here, &web, &of_a_person).await, !refused.0);
        crate::bed::within_a_second("the other node hears of it", || async {
            !verified(there, &of_a_person).await
        })
        .await;
        // Given back, they are good again: nothing was revoked.
        change("name", json!("as it was")).await;
        crate::bed::within_a_second("the other node hears of it", || async {
            verified(there, &of_a_person).await && verified(there, &its_own).await
        })
        .await;
    }
    // The person leaves the pool, instead of the application.
    let moved = json!({"users": [{"userId": "alice", "pool": "staff"}]});
    portcullis::apply::apply(here, &bed.owner, body(moved), false).await.unwrap();
    assert!(!verified(here, &of_a_person).await);
    crate::bed::within_a_second("the other node hears of it", || async {
        !verified(there, &of_a_person).await
    })
    .await;
}

async fn tk_13_no_kind_of_token_stands_in_for_another(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let tokens = for_resource(&bed, &web, URL, SCOPES).await;
    let access_token = tokens.access_token.expose();
    // An ID token is no bearer, is not introspected, and opens no userinfo.
    assert!(is_refused(&sender(node, id_token(&tokens)).await));
    assert!(!introspect(node, &web, id_token(&tokens)).await.active);
    assert_eq!(oauth::user_info(node, id_token(&tokens)).await.unwrap_err().code.as_str(), "invalid_token");
    // An access token is no hint of who signs out, and no client assertion.
    let hint = parameters(&web, &[("id_token_hint", access_token)]);
    assert_eq!(
        code(oauth::end_session::begin(node, &hint, None, Device::default()).await),
        "invalid_request"
    );
    let jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for text in [access_token, id_token(&tokens)] {
        let asserted = [
            ("client_assertion_type", jwt_bearer),
            ("client_assertion", text),
            ("client_id", "web"),
            ("grant_type", "client_credentials"),
        ];
        let asserted = asserted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let asserted = oauth::Parameters::of(asserted).unwrap();
        assert_eq!(code(oauth::token(node, None, &asserted, Device::default()).await), "invalid_client");
    }
    // A token of the application itself is nobody's, and a refresh token no bearer.
    let own = token(node, &web, &[("grant_type", "client_credentials"), ("resource", URL)]).await.unwrap();
    assert_eq!(user_info(&bed, &own).await, Err("invalid_token"));
    assert!(matches!(sender(node, own.access_token.expose()).await, Ok(Caller::Application { .. })));
    assert!(is_refused(&sender(node, tokens.refresh_token.as_ref().unwrap().expose()).await));
    let as_refresh = TokenResponse { refresh_token: Some(tokens.access_token.clone()), ..tokens.clone() };
    assert_eq!(code(refresh(node, &web, &as_refresh, &[]).await), "invalid_grant");
}

async fn tk_20_only_whom_a_token_concerns_is_told_what_it_is_worth(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let api = app(&bed, "api", json!({"audiences": [API]})).await;
    let other = app(&bed, "other", json!({"audiences": ["https://else.example"]})).await;
    let public = json!({"kind": "browser", "authenticationMethod": "none", "audiences": [API],
        "grantTypes": ["authorization_code"]});
    let public = app(&bed, "public", public).await;
    let tokens = for_resource(&bed, &web, API, SCOPES).await;
    let text = tokens.access_token.expose();
    for asking in [&web, &api] {
        let told = introspect(node, asking, text).await;
        assert!(told.active, "{}", asking.id);
        assert_eq!((told.sub.as_deref(), told.client_id.as_deref()), (Some("alice"), Some("web")));
        assert_eq!((told.aud.as_deref(), told.scope.as_deref()), (Some(API), Some(SCOPES)));
        assert_eq!((told.iss.as_deref(), told.exp), (Some(URL), Some(START.secs() + 900)));
        assert_eq!(told.token_type.as_deref(), Some("Bearer"));
    }
    let nothing = |told| serde_json::to_value(told).unwrap() == json!({"active": false});
    assert!(nothing(introspect(node, &other, text).await));
    let refused = oauth::introspect(node, None, &parameters(&public, &[("token", text)])).await;
    assert_eq!(code(refused), "invalid_client");
    let impostor = App { secret: "pcs_wrong".to_owned(), ..web.clone() };
    let refused = oauth::introspect(node, None, &parameters(&impostor, &[("token", text)])).await;
    assert_eq!(code(refused), "invalid_client");
    // A refresh token concerns only its application; what is no token, nobody.
    let secret = tokens.refresh_token.as_ref().unwrap().expose();
    let told = introspect(node, &web, secret).await;
    assert_eq!((told.active, told.token_type.as_deref()), (true, Some("refresh_token")));
    assert!(nothing(introspect(node, &api, secret).await));
    for bad in ["x", "rt_x", &text[1..], &format!("{text}a"), "a.b.c"] {
        assert!(nothing(introspect(node, &web, bad).await), "{bad}");
    }
    // What is over is told so on every node, from memory too.
    let there = bed.node("b").await;
    assert!(introspect(&there, &api, text).await.active);
    session::end_every(node, &bed.owner, "alice").await.unwrap();
    assert!(nothing(introspect(node, &api, text).await) && nothing(introspect(node, &web, secret).await));
    crate::bed::within_a_second("the other node hears of it", || async {
        !introspect(&there, &api, text).await.active
    })
    .await;
}

async fn tk_20_a_refresh_token_is_active_while_it_gives_something(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let is_good = async |tokens: &TokenResponse| {
        introspect(node, &web, tokens.refresh_token.as_ref().unwrap().expose()).await.active
    };
    let give = async || granted(node, &web, "alice", SCOPES).await;
    let first = give().await;
    let second = refresh(node, &web, &first, &[]).await.unwrap();
    assert!(!is_good(&first).await && is_good(&second).await, "it was used");
    // An epoch counts by itself, whether or not the sessions before it were ended.
    bed.clock.forward(1);
    let mut tx = bed.store.begin().await.unwrap();
    tx.queries().set_not_before("alice", node.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!is_good(&second).await);
    assert_eq!(code(refresh(node, &web, &second, &[]).await), "invalid_grant");
    let third = give().await;
    assert!(is_good(&third).await, "opened since");
    bed.execute("UPDATE pc_user SET disabled_at = 1 WHERE user_id = 'alice'").await;
    assert!(!is_good(&third).await);
    assert_eq!(code(refresh(node, &web, &third, &[]).await), "invalid_grant");
    let refused = oauth::grant_access(node, Device::default(), access(&web, "alice", SCOPES)).await;
    assert_eq!(code(refused), "invalid_grant");
}

async fn tk_20_a_token_that_is_limited_to_statements_is_told_to_nobody(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let statements =
        json!({"statements": [{"roles": ["reader"], "resources": [{"resourceUri": "documents/2"}]}]});
    let request = serde_json::from_value(statements).unwrap();
    let limited = portcullis::token::create(node, &bed.owner, "alice", request).await.unwrap().token;
    assert!(sender(node, &limited).await.is_ok() && !introspect(node, &web, &limited).await.active);
    assert!(introspect(node, &web, &bed.mint("alice").await.token).await.active, "one that is not");
}

/// The installation had another address before, or has two.
async fn tk_11_a_token_of_another_issuer_is_worth_nothing_though_its_key_is_known(bed: Bed) {
    let (here, web) = (&bed.portcullis, alice(&bed).await);
    let there = bed.node_with("b", |settings| settings.public_url = "https://other.example".to_owned()).await;
    let wanted = Access { resource: Some(API.to_owned()), ..access(&web, "alice", "openid") };
    let foreign = oauth::grant_access(&there, Device::default(), wanted).await.unwrap();
    let (text, id_token) = (foreign.access_token.expose(), id_token(&foreign));
    assert_eq!(payload(text)["iss"], json!("https://other.example"));
    assert!(here.jwks().find(header(text)["kid"].as_str().unwrap()).is_some(), "the key is the same");
    assert!(introspect(&there, &web, text).await.active && !introspect(here, &web, text).await.active);
    assert_eq!(user_info(&bed, &foreign).await, Err("invalid_token"));
    assert!(is_refused(&sender(here, text).await));
    revoke(here, &web, text).await;
    assert!(introspect(&there, &web, text).await.active);
    let hinted = parameters(&web, &[("id_token_hint", id_token)]);
    let refused = oauth::end_session::begin(here, &hinted, None, Device::default()).await;
    assert_eq!(code(refused), "invalid_request");
}

async fn tk_06_a_token_is_given_up_by_its_own_application_only(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let other = app(&bed, "other", json!({})).await;
    let (one, two) = (granted(node, &web, "alice", SCOPES).await, granted(node, &web, "alice", SCOPES).await);
    let secret = |tokens: &TokenResponse| tokens.refresh_token.clone().unwrap().into_inner();
    for text in [secret(&one).as_str(), one.access_token.expose(), "rt_x", "x", "a.b.c"] {
        revoke(node, &other, text).await;
        assert!(is_active(node, &web, &one).await);
    }
    revoke(node, &web, one.access_token.expose()).await;
    assert!(!is_active(node, &web, &one).await && is_active(node, &web, &two).await);
    let one = refresh(node, &web, &one, &[]).await.expect("an access token goes alone");
    revoke(node, &web, &secret(&one)).await;
    assert!(!is_active(node, &web, &one).await);
    assert_eq!(code(refresh(node, &web, &one, &[]).await), "invalid_grant");
    revoke(node, &web, &secret(&one)).await;
    assert!(is_active(node, &web, &two).await);
    // A used one gives its whole family up.
    let next = refresh(node, &web, &two, &[]).await.unwrap();
    revoke(node, &web, &secret(&two)).await;
    assert!(!is_active(node, &web, &next).await);
}

async fn as_06_there_is_no_password_grant_and_no_other_that_is_not_registered(bed: Bed) {
    let (node, web) = (&bed.portcullis, alice(&bed).await);
    let person = [("username", "alice@example.org"), ("password", crate::people::GOOD)];
    for name in ["password", "implicit", "", "Refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"] {
        let pairs: Vec<_> = [("grant_type", name)].into_iter().chain(person).collect();
        let expected = if name.is_empty() { "invalid_request" } else { "unsupported_grant_type" };
        assert_eq!(code(token(node, &web, &pairs).await), expected, "{name}");
    }
    let narrow = app(&bed, "narrow", json!({"grantTypes": ["authorization_code"]})).await;
    for name in ["client_credentials", "refresh_token"] {
        assert_eq!(
            code(token(node, &narrow, &[("grant_type", name)]).await),
            "unauthorized_client",
            "{name}"
        );
    }
}

async fn an_application_acts_for_itself_until_its_token_is_revoked_or_it_is_deleted(bed: Bed) {
    let (here, web) = (&bed.portcullis, app(&bed, "web", json!({})).await);
    let there = bed.node("b").await;
    let own = async |web: &App| {
        token(here, web, &[("grant_type", "client_credentials"), ("resource", URL), ("scope", "read")])
            .await
            .unwrap()
    };
    let rows = "SELECT (SELECT COUNT(*) FROM pc_session) + (SELECT COUNT(*) FROM pc_user_token)";
    let (one, two) = (own(&web).await, own(&web).await);
    assert_eq!(bed.number(rows).await, 0, "nothing of it is stored");
    assert_eq!((one.refresh_token.clone(), one.id_token.clone()), (None, None));
    let said = payload(one.access_token.expose());
    assert_eq!(
        (&said["sub"], &said["client_id"], &said["scope"]),
        (&json!("web"), &json!("web"), &json!("read"))
    );
    let good = async |node: &portcullis::Portcullis, tokens: &TokenResponse| {
        let caller = sender(node, tokens.access_token.expose()).await;
        matches!(caller, Ok(Caller::Application { client_id }) if &*client_id == "web")
    };
    for node in [here, &there] {
        assert!(good(node, &one).await && good(node, &two).await);
    }
    revoke(here, &web, one.access_token.expose()).await;
    assert!(!good(here, &one).await && good(here, &two).await && is_active(here, &web, &two).await);
    crate::bed::within_a_second("the other node hears of the token", || async { !good(&there, &one).await })
        .await;
    application::delete(here, &bed.owner, "web").await.unwrap();
    assert!(!good(here, &two).await);
    crate::bed::within_a_second("the other node hears of the application", || async {
        !good(&there, &two).await
    })
    .await;
    // Another application that gets the same id later does not revive it.
    bed.clock.forward(2);
    let again = app(&bed, "web", json!({})).await;
    assert!(!good(here, &two).await && good(here, &own(&again).await).await);
}

async fn userinfo_tells_what_was_granted_and_the_application_s_own_claims(bed: Bed) {
    person(&bed, "alice").await;
    let claims = json!([
        {"name": "https://example.org/plan", "value": "gold", "tokens": ["userinfo", "access_token"]},
        {"name": "https://example.org/mail", "source": "user.email", "tokens": ["id_token", "userinfo"]},
    ]);
    let web = app(&bed, "web", json!({"claims": claims})).await;
    let tokens = granted(&bed.portcullis, &web, "alice", "openid profile").await;
    let expected = json!({"sub": "alice", "name": "alice", "https://example.org/plan": "gold",
        "https://example.org/mail": "alice@example.org"});
    assert_eq!(user_info(&bed, &tokens).await, Ok(expected));
    let (id, access) = (payload(id_token(&tokens)), payload(tokens.access_token.expose()));
    assert_eq!(
        (&id["https://example.org/mail"], &id["https://example.org/plan"]),
        (&json!("alice@example.org"), &Value::Null)
    );
    assert_eq!((&access["https://example.org/plan"], &access["email"]), (&json!("gold"), &Value::Null));
    let bare = granted(&bed.portcullis, &web, "alice", "read").await;
    assert_eq!(user_info(&bed, &bare).await, Err("insufficient_scope"));
    bed.clock.forward(901);
    assert_eq!(user_info(&bed, &tokens).await, Err("invalid_token"));
}

async fn what_the_claims_parameter_names_is_told_where_it_says(bed: Bed) {
    person(&bed, "alice").await;
    let web = app(&bed, "web", json!({"firstParty": true})).await;
    let narrow = app(&bed, "narrow", json!({"firstParty": true, "scopes": ["openid"]})).await;
    let stranger = app(&bed, "stranger", json!({})).await;
    let claims = json!({"id_token": {"email": {"essential": true}}, "userinfo": {"name": null}});
    let claims = ClaimsRequest::parse(&claims.to_string()).unwrap();
    for (app, told) in [(&web, true), (&narrow, false), (&stranger, false)] {
        let wanted = Access { claims: Some(claims.clone()), ..access(app, "alice", "openid") };
        let tokens = oauth::grant_access(&bed.portcullis, Device::default(), wanted).await.unwrap();
        let (id, info) = (payload(id_token(&tokens)), user_info(&bed, &tokens).await.unwrap());
        assert_eq!((id.get("email").is_some(), info.get("name").is_some()), (told, told), "{}", app.id);
        assert!(id.get("name").is_none() && info.get("email").is_none());
    }
}
