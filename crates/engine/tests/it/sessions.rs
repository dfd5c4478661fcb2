//! Sessions and their tokens: SE-01, SE-03 to SE-06, TK-01 to TK-03, TK-05, TK-07, TK-19, and what `app-auth.md` §7 asks for.

use portcullis::session::{self, Device, Presented};
use portcullis::{Error, Portcullis, Settings};
use portcullis_types::auth::TokenBody;
use portcullis_types::{AuthError, Caller, GuardCode, Sensitive};

use crate::bed::{Bed, on_both, sender, settings, user, within_a_second};

on_both!(
    ten_refreshes_in_a_row_work_and_the_session_is_the_same,
    w_25_what_a_token_says_of_its_user_is_read_again_at_every_refresh,
    tk_02_w_10_fifty_uses_at_once_of_one_refresh_token_give_one_successor,
    tk_01_w_10_a_use_after_the_grace_ends_the_session_at_once,
    tk_01_a_retry_within_the_grace_gets_the_same_successor_whatever_the_clocks,
    tk_19_another_form_of_a_refresh_token_changes_nothing,
    se_03_tk_03_a_session_ends_when_it_rests_or_lasts_too_long,
    se_03_using_an_access_token_keeps_a_session_awake,
    se_04_tk_07_a_log_out_ends_the_session_and_nothing_else,
    w_11_a_log_out_ends_what_lives_the_longest,
    w_09_nothing_forged_ends_a_session,
    w_05_after_a_log_out_everywhere_a_new_sign_in_of_the_same_instant_is_good,
    se_06_users_and_managers_list_and_end_sessions,
    w_21_fifty_sign_ins_at_once_leave_exactly_the_limit,
    w_03_a_lowered_limit_is_caught_up_with,
    a_bearer_is_refreshed_while_it_is_good_and_for_a_day_after,
    tk_05_everything_survives_a_restart_and_a_clock_that_is_moved,
    se_05_a_deleted_user_s_session_is_no_good,
    se_05_what_began_before_the_subject_s_epoch_is_no_good_whatever_its_row_says,
    w_12_a_storage_that_does_not_answer_refuses_and_is_no_verdict,
);

const DAY: i64 = 86_400;

pub(crate) async fn person(bed: &Bed, id: &str) {
    let new = portcullis::user::NewUser {
        user_id: id.to_owned(),
        name: Some(id.to_owned()),
        email: Some(format!("{id}@example.org")),
        ..portcullis::user::NewUser::default()
    };
    portcullis::user::create(&bed.portcullis, &bed.owner, new).await.unwrap();
}

pub(crate) async fn sign_in(node: &Portcullis, id: &str) -> TokenBody {
    session::open(node, Device::default(), id, &["pwd"]).await.unwrap()
}

pub(crate) fn refresh_token(body: &TokenBody) -> Presented {
    Presented { bearer: None, refresh_token: Some(body.refresh_token.clone().unwrap()) }
}

pub(crate) fn access_token(body: &TokenBody) -> Presented {
    Presented { bearer: Some(body.access_token.expose().to_owned()), refresh_token: None }
}

pub(crate) async fn refresh(node: &Portcullis, presented: Presented) -> Result<TokenBody, Error> {
    session::refresh(node, Device::default(), presented).await
}

/// Why it was refused.
fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> GuardCode {
    match answer {
        Err(Error::Unauthenticated { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

async fn verdict(node: &Portcullis, body: &TokenBody) -> Result<Caller, GuardCode> {
    sender(node, body.access_token.expose()).await.map_err(|error| match error {
        AuthError::Invalid { code, .. } => code,
        other => panic!("{other:?}"),
    })
}

pub(crate) async fn is_good(node: &Portcullis, body: &TokenBody) -> bool {
    verdict(node, body).await.is_ok()
}

pub(crate) async fn session_id(node: &Portcullis, body: &TokenBody) -> String {
    match verdict(node, body).await {
        Ok(Caller::User { session_id: Some(id), .. }) => id.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Another process on the same database: nothing of this one's memory is left.
async fn restarted(bed: &Bed) -> Portcullis {
    bed.node("restarted").await
}

async fn ten_refreshes_in_a_row_work_and_the_session_is_the_same(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let mut body = sign_in(node, "alice").await;
    let sid = session_id(node, &body).await;
    assert_eq!((body.token_type.as_str(), body.expires_in), ("Bearer", 900));
    let mut seen = vec![body.refresh_token.clone().unwrap().into_inner()];
    for round in 0..10 {
        bed.clock.forward(3_600);
        assert_eq!(verdict(node, &body).await, Err(GuardCode::TokenExpired), "{round}");
        body = refresh(node, refresh_token(&body)).await.unwrap();
        assert_eq!(session_id(node, &body).await, sid, "{round}");
        let new = body.refresh_token.clone().unwrap().into_inner();
        assert!(!seen.contains(&new), "{round}");
        seen.push(new);
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_refresh_token").await, 11);
    for token in seen {
        let (id, secret) = token.split_once('.').unwrap();
        assert_eq!((id.len(), secret.len()), (28, 43));
    }
}

async fn w_25_what_a_token_says_of_its_user_is_read_again_at_every_refresh(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let body = sign_in(node, "alice").await;
    let configuration = serde_json::from_value(serde_json::json!({ "accessTokenDuration": "PT1M" })).unwrap();
    portcullis::user::set_token_configuration(node, &bed.owner, "alice", configuration).await.unwrap();
    let body = refresh(node, refresh_token(&body)).await.unwrap();
    assert_eq!(body.expires_in, 60);
    assert_eq!(body.user.email.as_deref(), Some("alice@example.org"));
}

async fn tk_02_w_10_fifty_uses_at_once_of_one_refresh_token_give_one_successor(bed: Bed) {
    person(&bed, "alice").await;
    let (here, there) = (bed.portcullis.clone(), bed.node("b").await);
    let body = sign_in(&here, "alice").await;
    let mut uses = tokio::task::JoinSet::new();
    for index in 0..50 {
        let (node, presented) =
            (if index % 2 == 0 { here.clone() } else { there.clone() }, refresh_token(&body));
        uses.spawn(async move { refresh(&node, presented).await });
    }
    let answers: Vec<TokenBody> = uses.join_all().await.into_iter().map(Result::unwrap).collect();
    let first = answers[0].refresh_token.clone().unwrap();
    assert!(answers.iter().all(|answer| answer.refresh_token.as_ref() == Some(&first)));
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_refresh_token").await, 2);
    for answer in &answers {
        assert!(is_good(&here, answer).await && is_good(&there, answer).await);
    }
    assert!(refresh(&there, refresh_token(&answers[0])).await.is_ok());
}

async fn tk_01_w_10_a_use_after_the_grace_ends_the_session_at_once(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let other = sign_in(node, "alice").await;
    let stolen = sign_in(node, "alice").await;
    let second = refresh(node, refresh_token(&stolen)).await.unwrap();
    let third = refresh(node, refresh_token(&second)).await.unwrap();
    assert!(is_good(node, &third).await);
    bed.clock.forward(11);
    assert_eq!(code(refresh(node, refresh_token(&stolen)).await), GuardCode::TokenRevoked);
    // The whole family, remembered or not, and the newest refresh token too.
    for body in [&stolen, &second, &third] {
        assert_eq!(verdict(node, body).await, Err(GuardCode::TokenRevoked));
        assert_eq!(code(refresh(node, refresh_token(body)).await), GuardCode::TokenRevoked);
    }
    assert!(is_good(node, &other).await, "another session of the same user");
    let reason = "SELECT COUNT(*) FROM pc_audit WHERE action = 'session.end' AND detail = 'refresh_reuse'";
    assert_eq!(bed.number(reason).await, 1);
}

async fn tk_01_a_retry_within_the_grace_gets_the_same_successor_whatever_the_clocks(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let body = sign_in(node, "alice").await;
    bed.clock.forward(100);
    let successor = refresh(node, refresh_token(&body)).await.unwrap().refresh_token;
    // Another node's clock may be behind, and this one's ahead.
    for move_by in [-10, 20] {
        bed.clock.forward(move_by);
        assert_eq!(refresh(node, refresh_token(&body)).await.unwrap().refresh_token, successor);
    }
    bed.clock.forward_micros(1);
    assert_eq!(code(refresh(node, refresh_token(&body)).await), GuardCode::TokenRevoked);
}

async fn tk_19_another_form_of_a_refresh_token_changes_nothing(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let body = sign_in(node, "alice").await;
    let other = sign_in(node, "alice").await;
    let text = body.refresh_token.clone().unwrap().into_inner();
    let (id, secret) = text.split_once('.').unwrap();
    let (_, other_secret) = other.refresh_token.as_ref().unwrap().expose().split_once('.').unwrap();
    let swapped: String = secret
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    for forged in [
        String::new(),
        text[..text.len() - 1].to_owned(),
        format!("{text}A"),
        format!("{id}.{swapped}"),
        format!("{id}.{other_secret}"),
        format!("{}.{secret}", id.to_uppercase()),
        format!("{id}."),
        format!("{id}\0.{secret}"),
    ] {
        let presented = Presented { bearer: None, refresh_token: Some(Sensitive::new(forged)) };
        assert_eq!(code(refresh(node, presented.clone()).await), GuardCode::TokenInvalid);
        assert_eq!(code(session::log_out(node, Device::default(), presented).await), GuardCode::TokenInvalid);
    }
    assert!(is_good(node, &body).await && refresh(node, refresh_token(&body)).await.is_ok());
    // What is stored cannot be used.
    let leaked = bed.number("SELECT COUNT(*) FROM pc_refresh_token WHERE length(digest) <> 32").await;
    assert_eq!(leaked, 0);
}

async fn se_03_tk_03_a_session_ends_when_it_rests_or_lasts_too_long(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let resting = sign_in(node, "alice").await;
    bed.clock.forward(14 * DAY);
    assert_eq!(code(refresh(node, refresh_token(&resting)).await), GuardCode::TokenExpired);
    assert!(session::list(node, &user("alice"), "alice").await.unwrap().is_empty());
    let mut body = sign_in(node, "alice").await;
    for _ in 0..6 {
        bed.clock.forward(14 * DAY - 1);
        body = refresh(node, refresh_token(&body)).await.unwrap();
    }
    // 84 days less 6 seconds are over: six days and six seconds are left, however often it is refreshed.
    bed.clock.forward(6 * DAY + 5);
    body = refresh(node, refresh_token(&body)).await.unwrap();
    assert_eq!(body.expires_in, 1);
    assert!(is_good(node, &body).await);
    bed.clock.forward(1);
    assert_eq!(code(refresh(node, refresh_token(&body)).await), GuardCode::TokenExpired);
    assert_eq!(verdict(node, &body).await, Err(GuardCode::TokenExpired));
}

async fn se_03_using_an_access_token_keeps_a_session_awake(bed: Bed) {
    let mut short = settings(&bed.clock, "short", 9);
    short.sessions.idle_secs = 100;
    let node = &restart_with(&bed, short).await;
    person(&bed, "alice").await;
    let body = sign_in(node, "alice").await;
    let expires = async || session::list(node, &user("alice"), "alice").await.unwrap()[0].expires_at;
    assert_eq!(expires().await, bed.portcullis.now().plus_secs(100));
    for _ in 0..4 {
        assert!(is_good(node, &body).await);
        bed.clock.forward(60);
        assert!(is_good(node, &body).await, "remembered");
        let expected = bed.portcullis.now().plus_secs(100);
        within_a_second("the use is written down", async || expires().await == expected).await;
    }
    bed.clock.forward(100);
    assert_eq!(verdict(node, &body).await, Err(GuardCode::TokenExpired), "although its exp is far");
    assert_eq!(code(refresh(node, refresh_token(&body)).await), GuardCode::TokenExpired);
}

async fn restart_with(bed: &Bed, settings: Settings) -> Portcullis {
    let store = portcullis::store::open(&bed.url, crate::bed::options()).await.unwrap();
    Portcullis::start(store, settings).await.unwrap()
}

async fn se_04_tk_07_a_log_out_ends_the_session_and_nothing_else(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let log_out = async |presented: Presented| session::log_out(node, Device::default(), presented).await;
    let kept = sign_in(node, "alice").await;
    for by in [access_token, refresh_token] {
        let body = sign_in(node, "alice").await;
        let newer = refresh(node, refresh_token(&body)).await.unwrap();
        assert!(is_good(node, &body).await && is_good(node, &newer).await);
        log_out(by(&newer)).await.unwrap();
        for body in [&body, &newer] {
            assert_eq!(verdict(node, body).await, Err(GuardCode::TokenRevoked));
            assert_eq!(code(refresh(node, refresh_token(body)).await), GuardCode::TokenRevoked);
            assert_eq!(code(refresh(node, access_token(body)).await), GuardCode::TokenRevoked);
            assert_eq!(code(log_out(access_token(body)).await), GuardCode::TokenRevoked);
            assert_eq!(code(log_out(refresh_token(body)).await), GuardCode::TokenRevoked);
        }
    }
    assert!(is_good(node, &kept).await);
    // Both of one session, and the bearer expired beside a good refresh token.
    let body = sign_in(node, "alice").await;
    log_out(Presented { refresh_token: body.refresh_token.clone(), ..access_token(&body) }).await.unwrap();
    let body = sign_in(node, "alice").await;
    bed.clock.forward(901);
    log_out(Presented { refresh_token: body.refresh_token.clone(), ..access_token(&body) }).await.unwrap();
    assert_eq!(code(log_out(Presented::default()).await), GuardCode::TokenMissing);
    // A token that has no session is disabled.
    let minted = bed.mint("alice").await.token;
    log_out(Presented { bearer: Some(minted.clone()), refresh_token: None }).await.unwrap();
    assert!(crate::bed::is_refused(&sender(node, &minted).await));
}

async fn w_11_a_log_out_ends_what_lives_the_longest(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let body = sign_in(node, "alice").await;
    session::log_out(node, Device::default(), refresh_token(&body)).await.unwrap();
    for _ in 0..13 {
        bed.clock.forward(7 * DAY);
        assert!(matches!(
            code(refresh(node, refresh_token(&body)).await),
            GuardCode::TokenRevoked | GuardCode::TokenInvalid
        ));
    }
}

async fn w_09_nothing_forged_ends_a_session(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let victim = sign_in(node, "alice").await;
    let text = victim.access_token.expose();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let none = base64_of(r#"{"typ":"at+jwt","alg":"none","kid":"x"}"#);
    let flipped: String = signature.chars().rev().collect();
    for forged in [
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}.{flipped}"),
        payload.to_owned(),
    ] {
        let presented = Presented { bearer: Some(forged.clone()), refresh_token: None };
        assert!(session::log_out(node, Device::default(), presented.clone()).await.is_err(), "{forged}");
        assert!(refresh(node, presented).await.is_err(), "{forged}");
    }
    assert!(is_good(node, &victim).await);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_session WHERE ended_at IS NOT NULL").await, 0);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_revoked_token").await, 0);
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

async fn w_05_after_a_log_out_everywhere_a_new_sign_in_of_the_same_instant_is_good(bed: Bed) {
    let node = &bed.portcullis;
    for id in ["alice", "bob"] {
        person(&bed, id).await;
    }
    let old = [sign_in(node, "alice").await, sign_in(node, "alice").await];
    let others = sign_in(node, "bob").await;
    let minted = bed.mint("alice").await.token;
    for body in &old {
        assert!(is_good(node, body).await);
    }
    session::log_out_everywhere(node, &user("alice")).await.unwrap();
    let new = sign_in(node, "alice").await;
    for body in &old {
        assert_eq!(verdict(node, body).await, Err(GuardCode::TokenRevoked));
        assert_eq!(code(refresh(node, refresh_token(body)).await), GuardCode::TokenRevoked);
    }
    assert!(crate::bed::is_refused(&sender(node, &minted).await));
    assert!(is_good(node, &new).await && refresh(node, refresh_token(&new)).await.is_ok());
    assert!(is_good(node, &others).await);
    assert!(matches!(session::log_out_everywhere(node, &bed.owner).await, Err(Error::Forbidden { .. })));
}

async fn se_06_users_and_managers_list_and_end_sessions(bed: Bed) {
    let node = &bed.portcullis;
    for id in ["alice", "bob"] {
        person(&bed, id).await;
    }
    let device = Device {
        name: Some("Laptop".to_owned()),
        user_agent: Some("x".repeat(300)),
        ip: Some("192.0.2.7".parse().unwrap()),
        request_id: None,
    };
    let first = session::open(node, device, "alice", &["pwd"]).await.unwrap();
    bed.clock.forward(1);
    let second = sign_in(node, "alice").await;
    let asking = verdict(node, &second).await.unwrap();
    let listed = session::list(node, &crate::bed::cx(asking), "alice").await.unwrap();
    assert_eq!(listed.iter().map(|one| one.current).collect::<Vec<_>>(), [true, false]);
    assert_eq!(listed[1].device_name.as_deref(), Some("Laptop"));
    assert_eq!(listed[1].user_agent.as_ref().unwrap().len(), 256);
    assert_eq!(listed[1].ip.as_deref(), Some("192.0.2.7"));
    let id = session_id(node, &first).await;
    // Others see nothing, and end nothing.
    for stranger in [user("bob"), crate::bed::client("sc_other"), crate::bed::limited("alice", "tok_x")] {
        assert!(matches!(session::list(node, &stranger, "alice").await, Err(Error::NotFound(_))));
        assert!(matches!(session::end(node, &stranger, &id).await, Err(Error::NotFound(_))));
    }
    assert!(matches!(session::end(node, &user("bob"), &id).await, Err(Error::NotFound(_))));
    assert!(is_good(node, &first).await);
    session::end(node, &user("alice"), &id).await.unwrap();
    assert_eq!(verdict(node, &first).await, Err(GuardCode::TokenRevoked));
    assert!(matches!(session::end(node, &user("alice"), &id).await, Err(Error::NotFound(_))));
    // The owner may.
    assert_eq!(session::list(node, &bed.owner, "alice").await.unwrap().len(), 1);
    let id = session_id(node, &second).await;
    session::end(node, &bed.owner, &id).await.unwrap();
    assert_eq!(verdict(node, &second).await, Err(GuardCode::TokenRevoked));
    let third = sign_in(node, "alice").await;
    assert_eq!(session::end_every(node, &bed.owner, "alice").await.unwrap(), 1);
    assert!(!is_good(node, &third).await);
    let long = Device { name: Some("x".repeat(129)), ..Device::default() };
    assert!(matches!(session::open(node, long, "alice", &["pwd"]).await, Err(Error::Invalid(_))));
}

async fn w_21_fifty_sign_ins_at_once_leave_exactly_the_limit(bed: Bed) {
    person(&bed, "alice").await;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let mut signing_in = tokio::task::JoinSet::new();
    for index in 0..50 {
        let node = nodes[index % 2].clone();
        signing_in.spawn(async move { sign_in(&node, "alice").await });
    }
    let bodies = signing_in.join_all().await;
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_session WHERE ended_at IS NULL").await, 10);
    assert_eq!(session::list(&nodes[0], &user("alice"), "alice").await.unwrap().len(), 10);
    let good = async || {
        let mut good = 0;
        for body in &bodies {
            good += usize::from(is_good(&nodes[0], body).await);
        }
        good == 10
    };
    within_a_second("the evicted ones are refused", good).await;
}

async fn w_03_a_lowered_limit_is_caught_up_with(bed: Bed) {
    person(&bed, "alice").await;
    let mut bodies = Vec::new();
    for _ in 0..5 {
        bodies.push(sign_in(&bed.portcullis, "alice").await);
        bed.clock.forward(1);
    }
    // The first one is seen last.
    bodies[0] = refresh(&bed.portcullis, refresh_token(&bodies[0])).await.unwrap();
    let mut strict = settings(&bed.clock, "strict", 9);
    strict.sessions.per_user = 2;
    let node = restart_with(&bed, strict).await;
    bodies.push(sign_in(&node, "alice").await);
    let good: Vec<bool> = futures_in_order(&node, &bodies).await;
    assert_eq!(good, [true, false, false, false, false, true]);
}

async fn futures_in_order(node: &Portcullis, bodies: &[TokenBody]) -> Vec<bool> {
    let mut good = Vec::new();
    for body in bodies {
        good.push(is_good(node, body).await);
    }
    good
}

async fn a_bearer_is_refreshed_while_it_is_good_and_for_a_day_after(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let first = sign_in(node, "alice").await;
    let second = refresh(node, access_token(&first)).await.unwrap();
    assert!(second.refresh_token.is_none() && second.access_token != first.access_token);
    assert_eq!(session_id(node, &second).await, session_id(node, &first).await);
    bed.clock.forward_micros(29_999_999);
    assert!(is_good(node, &first).await, "within the leeway");
    assert!(refresh(node, access_token(&first)).await.is_ok());
    bed.clock.forward_micros(1);
    assert_eq!(verdict(node, &first).await, Err(GuardCode::TokenRevoked));
    assert_eq!(code(refresh(node, access_token(&first)).await), GuardCode::TokenRevoked);
    // A clock that is set back does not bring it back for longer than the leeway was.
    bed.clock.forward(-61);
    assert_eq!(verdict(node, &first).await, Err(GuardCode::TokenRevoked));
    bed.clock.forward(61);
    // Expired for nearly a day, and for a day.
    bed.clock.forward(900 + DAY - 31);
    assert_eq!(verdict(node, &second).await, Err(GuardCode::TokenExpired));
    let third = refresh(node, access_token(&second)).await.unwrap();
    bed.clock.forward(31);
    assert_eq!(code(refresh(node, access_token(&second)).await), GuardCode::TokenExpired);
    assert!(is_good(node, &third).await);
    // An expired bearer beside a refresh token does not count.
    let both = Presented { refresh_token: first.refresh_token.clone(), ..access_token(&first) };
    assert!(refresh(node, both).await.is_ok());
    // Tokens without a session are not refreshed.
    let minted = Presented { bearer: Some(bed.mint("alice").await.token), refresh_token: None };
    assert_eq!(code(refresh(node, minted).await), GuardCode::TokenInvalid);
    assert_eq!(code(refresh(node, Presented::default()).await), GuardCode::TokenMissing);
}

async fn tk_05_everything_survives_a_restart_and_a_clock_that_is_moved(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let used = sign_in(node, "alice").await;
    let next = refresh(node, refresh_token(&used)).await.unwrap();
    let ended = sign_in(node, "alice").await;
    session::log_out(node, Device::default(), access_token(&ended)).await.unwrap();
    let again = restarted(&bed).await;
    assert!(is_good(&again, &next).await && !is_good(&again, &ended).await);
    assert_eq!(
        refresh(&again, refresh_token(&used)).await.unwrap().refresh_token,
        next.refresh_token,
        "a retry on another process"
    );
    for moved in [-3_600, 7_200, 40 * DAY, -40 * DAY - 3_600] {
        bed.clock.forward(moved);
        assert!(!is_good(&again, &ended).await, "{moved}");
        assert!(refresh(&again, refresh_token(&ended)).await.is_err(), "{moved}");
    }
    // Far before its use, a used token is reused, not retried.
    bed.clock.forward(-3_600);
    assert_eq!(code(refresh(&again, refresh_token(&used)).await), GuardCode::TokenRevoked);
    assert_eq!(code(refresh(&again, refresh_token(&next)).await), GuardCode::TokenRevoked);
}

async fn se_05_a_deleted_user_s_session_is_no_good(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    person(&bed, "alice").await;
    let body = sign_in(here, "alice").await;
    assert!(is_good(here, &body).await && is_good(there, &body).await);
    portcullis::user::delete(here, &bed.owner, "alice").await.unwrap();
    assert!(!is_good(here, &body).await);
    within_a_second("the other node", async || !is_good(there, &body).await).await;
    assert!(refresh(there, refresh_token(&body)).await.is_err());
}

async fn w_12_a_storage_that_does_not_answer_refuses_and_is_no_verdict(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let (known, unknown) = (sign_in(node, "alice").await, sign_in(node, "alice").await);
    assert!(is_good(node, &known).await);
    bed.execute("ALTER TABLE pc_session RENAME TO pc_session_away").await;
    let asked = sender(node, unknown.access_token.expose()).await;
    assert_eq!(asked, Err(AuthError::Unavailable));
    let verified = session::verify(node, unknown.access_token.expose()).await;
    assert_eq!(code(verified), GuardCode::VerificationUnavailable);
    assert!(matches!(
        refresh(node, refresh_token(&unknown)).await,
        Err(Error::Internal(_) | Error::Unavailable(_))
    ));
    bed.execute("ALTER TABLE pc_session_away RENAME TO pc_session").await;
    // Nothing was remembered of the outage.
    assert!(is_good(node, &unknown).await && refresh(node, refresh_token(&unknown)).await.is_ok());
    let answer = session::verify(node, known.access_token.expose()).await.unwrap();
    assert_eq!((answer.active, answer.sub.as_deref()), (true, Some("alice")));
    for dead in ["", "x", &bed.key.reveal()] {
        assert!(!session::verify(node, dead).await.unwrap().active);
    }
}

async fn se_05_what_began_before_the_subject_s_epoch_is_no_good_whatever_its_row_says(bed: Bed) {
    person(&bed, "alice").await;
    let body = sign_in(&bed.portcullis, "alice").await;
    bed.clock.forward(1);
    let epoch = bed.portcullis.now();
    bed.execute(&format!("UPDATE pc_user SET not_before = {}", epoch.micros())).await;
    let node = &restarted(&bed).await;
    assert_eq!(verdict(node, &body).await, Err(GuardCode::TokenRevoked));
    assert_eq!(code(refresh(node, refresh_token(&body)).await), GuardCode::TokenRevoked);
    assert_eq!(code(refresh(node, access_token(&body)).await), GuardCode::TokenRevoked);
    // One that is opened at the epoch itself is good, also by a clock that is behind.
    bed.clock.forward(-1);
    let body = sign_in(node, "alice").await;
    assert!(is_good(node, &body).await);
    let body = refresh(node, refresh_token(&body)).await.unwrap();
    bed.execute("UPDATE pc_user SET disabled_at = 1").await;
    assert_eq!(code(refresh(node, refresh_token(&body)).await), GuardCode::UserInactive);
}
