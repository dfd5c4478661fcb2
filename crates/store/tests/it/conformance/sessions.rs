use portcullis_domain::{ApplicationPart, EndReason, Session};
use portcullis_store::UserStanding;

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    a_session_is_read_back_as_it_was_written,
    a_session_is_ended_once_and_its_first_reason_stays,
    sessions_of_a_user_are_ended_together_but_for_one,
    what_an_application_was_given_ends_with_its_browser_session_or_its_application,
    live_sessions_are_the_user_s_own_and_the_last_seen_come_first,
    what_was_used_is_written_down_of_live_sessions_only,
    a_standing_joins_session_user_and_revocation,
    a_refresh_token_is_used_once_and_keeps_its_first_successor,
    an_access_token_stays_revoked_from_the_first_instant_on,
    a_cookie_is_found_by_its_secret_only_and_dies_with_the_others_of_its_session,
    what_is_past_its_time_is_deleted_a_few_at_once,
];

async fn a_session_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let full = fixtures::session("ses_1", "alice");
    let bare = Session {
        session_id: "ses_2".to_owned(),
        amr: vec![],
        device_name: None,
        user_agent: None,
        ip: None,
        ended_at: Some(NOW),
        end_reason: Some(EndReason::Evicted),
        ..full.clone()
    };
    let given = given("ses_4", "app_1", "openid");
    for session in [&full, &bare, &given] {
        assert!(write!(store, insert_session(session)));
        assert_eq!(read!(store, session(&session.session_id)).as_ref(), Some(session));
        assert_eq!(write!(store, session_for_update(&session.session_id)).as_ref(), Some(session));
    }
    assert!(!write!(store, insert_session(&full)));
    assert_eq!(read!(store, session("ses_3")), None);
    let seen = full.seen(NOW.plus_secs(50));
    write!(store, put_session_seen(&seen));
    assert_eq!(read!(store, session("ses_1")).as_ref(), Some(&seen));
    let proven = Session { amr: vec!["pwd".to_owned()], auth_time: NOW.plus_secs(60), ..seen };
    write!(store, put_session_proven(&proven));
    assert_eq!(read!(store, session("ses_1")), Some(proven));
}

async fn a_session_is_ended_once_and_its_first_reason_stays(database: Database) {
    let store = database.store;
    write!(store, insert_session(&fixtures::session("ses_1", "alice")));
    assert!(!write!(store, end_session("ses_9", EndReason::Logout, NOW)));
    assert!(write!(store, end_session("ses_1", EndReason::Logout, NOW)));
    assert!(!write!(store, end_session("ses_1", EndReason::Ended, NOW.plus_secs(1))));
    let ended = read!(store, session("ses_1")).unwrap();
    assert_eq!((ended.ended_at, ended.end_reason), (Some(NOW), Some(EndReason::Logout)));
}

async fn sessions_of_a_user_are_ended_together_but_for_one(database: Database) {
    let store = database.store;
    for (id, user) in [("ses_1", "alice"), ("ses_2", "alice"), ("ses_3", "alice"), ("ses_4", "bob")] {
        write!(store, insert_session(&fixtures::session(id, user)));
    }
    assert!(write!(store, end_session("ses_1", EndReason::Logout, NOW)));
    let ended = write!(store, end_sessions_of("alice", Some("ses_2"), EndReason::PasswordChanged, NOW));
    assert_eq!(ended, ["ses_3"]);
    assert_eq!(write!(store, end_sessions_of("alice", None, EndReason::UserDisabled, NOW)), ["ses_2"]);
    assert_eq!(read!(store, session("ses_1")).unwrap().end_reason, Some(EndReason::Logout));
    assert_eq!(read!(store, session("ses_4")).unwrap().ended_at, None);
}

/// What an application was given by alice in the browser session `ses_b`.
fn given(id: &str, client_id: &str, scope: &str) -> Session {
    let application = ApplicationPart {
        client_id: client_id.to_owned(),
        scope: scope.to_owned(),
        audience: "https://api.test".to_owned(),
        browser_session: Some("ses_b".to_owned()),
        claims: Some("{}".to_owned()),
    };
    Session { application: Some(application), ..fixtures::session(id, "alice") }
}

async fn what_an_application_was_given_ends_with_its_browser_session_or_its_application(database: Database) {
    let store = database.store;
    write!(store, insert_session(&fixtures::session("ses_b", "alice")));
    for (id, client, scope) in [
        ("ses_1", "app_1", "openid email"),
        ("ses_2", "app_1", "openid offline_access"),
        ("ses_3", "app_2", "offline_access_not offlineXaccess OFFLINE_ACCESS"),
        ("ses_4", "app_2", "offline_access"),
    ] {
        write!(store, insert_session(&given(id, client, scope)));
    }
    let mut ended = write!(store, end_sessions_from_browser("ses_b", EndReason::Logout, NOW));
    ended.sort();
    assert_eq!(ended, ["ses_1", "ses_3"]);
    assert_eq!(read!(store, session("ses_b")).unwrap().ended_at, None);
    let none: [&str; 0] = [];
    let of = EndReason::ApplicationDeleted;
    assert_eq!(write!(store, end_sessions_of_application("app_1", Some("bob"), of, NOW)), none);
    assert_eq!(write!(store, end_sessions_of_application("app_1", Some("alice"), of, NOW)), ["ses_2"]);
    assert_eq!(write!(store, end_sessions_of_application("app_2", None, of, NOW)), ["ses_4"]);
    assert_eq!(write!(store, end_sessions_of_application("app_2", None, of, NOW)), none);
}

async fn live_sessions_are_the_user_s_own_and_the_last_seen_come_first(database: Database) {
    let store = database.store;
    for (id, user, seen) in
        [("ses_1", "alice", 5), ("ses_2", "alice", 9), ("ses_3", "alice", 7), ("ses_4", "bob", 8)]
    {
        let session = fixtures::session(id, user).seen(NOW.plus_secs(seen));
        write!(store, insert_session(&session));
    }
    let ids = |sessions: Vec<Session>| sessions.into_iter().map(|one| one.session_id).collect::<Vec<_>>();
    assert_eq!(ids(read!(store, live_sessions("alice", NOW))), ["ses_2", "ses_3", "ses_1"]);
    assert_eq!(ids(read!(store, live_sessions("alice", NOW.plus_secs(105)))), ["ses_2", "ses_3"]);
    write!(store, end_session("ses_2", EndReason::Ended, NOW));
    assert_eq!(ids(read!(store, live_sessions("alice", NOW))), ["ses_3", "ses_1"]);
    assert!(read!(store, live_sessions("carol", NOW)).is_empty());
}

async fn what_was_used_is_written_down_of_live_sessions_only(database: Database) {
    let store = database.store;
    let ids: Vec<String> = (1..=4).map(|n| format!("ses_{n}")).collect();
    for id in &ids {
        write!(store, insert_session(&fixtures::session(id, "alice")));
    }
    write!(store, end_session("ses_2", EndReason::Ended, NOW));
    write!(store, put_session_seen(&fixtures::session("ses_3", "alice").seen(NOW.plus_secs(60))));
    let asked: Vec<String> = ids[..3].iter().cloned().chain(["ses_9".to_owned()]).collect();
    assert_eq!(write!(store, touch_sessions(&asked, NOW.plus_secs(50))), 1);
    let expected = fixtures::session("ses_1", "alice").seen(NOW.plus_secs(50));
    assert_eq!(read!(store, session("ses_1")), Some(expected));
    assert_eq!(read!(store, session("ses_4")), Some(fixtures::session("ses_4", "alice")));
    // Never past the last instant, and nothing that has timed out comes back.
    assert_eq!(write!(store, touch_sessions(&ids, NOW.plus_secs(149))), 2);
    assert_eq!(write!(store, touch_sessions(&ids, NOW.plus_secs(200))), 2);
    let kept = read!(store, session("ses_1")).unwrap();
    assert_eq!(kept.idle_expires_at, kept.absolute_expires_at);
    assert_eq!(write!(store, touch_sessions(&ids, NOW.plus_secs(250))), 0);
    assert_eq!(write!(store, touch_sessions(&[], NOW)), 0);
}

async fn a_standing_joins_session_user_and_revocation(database: Database) {
    let store = database.store;
    let session = fixtures::session("ses_1", "alice");
    write!(store, insert_session(&session));
    assert_eq!(read!(store, session_standing("ses_9", "at_1")), None);
    let standing = read!(store, session_standing("ses_1", "at_1")).unwrap();
    assert_eq!((standing.session, standing.user, standing.revoked_from), (session, None, None));
    write!(store, insert_user(&fixtures::user("alice", "n")));
    let pool = || fixtures::user("alice", "n").pool;
    let standing = read!(store, session_standing("ses_1", "at_1")).unwrap();
    assert_eq!(standing.user, Some(UserStanding { pool: pool(), disabled_at: None, not_before: None }));
    write!(store, disable_user("alice", NOW.plus_secs(3)));
    write!(store, set_not_before("alice", NOW.plus_secs(4)));
    write!(store, revoke_access_token("at_1", NOW.plus_secs(5), NOW.plus_secs(9)));
    let standing = read!(store, session_standing("ses_1", "at_1")).unwrap();
    let (disabled_at, not_before) = (Some(NOW.plus_secs(3)), Some(NOW.plus_secs(4)));
    assert_eq!(standing.user, Some(UserStanding { pool: pool(), disabled_at, not_before }));
    assert_eq!(standing.revoked_from, Some(NOW.plus_secs(5)));
    assert_eq!(read!(store, session_standing("ses_1", "at_2")).unwrap().revoked_from, None);
}

async fn a_refresh_token_is_used_once_and_keeps_its_first_successor(database: Database) {
    let store = database.store;
    let mut token = fixtures::refresh_token("rt_1", "ses_1");
    assert!(write!(store, insert_refresh_token(&token)));
    assert!(!write!(store, insert_refresh_token(&token)));
    assert_eq!(read!(store, refresh_token("rt_1")), Some(token.clone()));
    assert!(!write!(store, use_refresh_token("rt_2", b"x", NOW)));
    assert!(write!(store, use_refresh_token("rt_1", b"first", NOW.plus_secs(1))));
    assert!(!write!(store, use_refresh_token("rt_1", b"second", NOW.plus_secs(2))));
    token.used_at = Some(NOW.plus_secs(1));
    token.successor = Some(b"first".to_vec());
    assert_eq!(read!(store, refresh_token("rt_1")), Some(token));
}

async fn an_access_token_stays_revoked_from_the_first_instant_on(database: Database) {
    let store = database.store;
    write!(store, insert_session(&fixtures::session("ses_1", "alice")));
    assert!(write!(store, revoke_access_token("at_1", NOW, NOW.plus_secs(9))));
    assert!(!write!(store, revoke_access_token("at_1", NOW.plus_secs(5), NOW.plus_secs(99))));
    assert_eq!(read!(store, session_standing("ses_1", "at_1")).unwrap().revoked_from, Some(NOW));
    assert_eq!(read!(store, access_token_revoked_from("at_1")), Some(NOW));
    assert_eq!(read!(store, access_token_revoked_from("at_2")), None);
    assert_eq!(write!(store, delete_past_revocations(NOW.plus_secs(8), 9)), 0);
    assert_eq!(write!(store, delete_past_revocations(NOW.plus_secs(9), 9)), 1);
}

async fn a_cookie_is_found_by_its_secret_only_and_dies_with_the_others_of_its_session(database: Database) {
    let store = database.store;
    for (id, session) in [("bs_1", "ses_1"), ("bs_2", "ses_1"), ("bs_3", "ses_2")] {
        assert!(write!(store, insert_browser_cookie(&fixtures::browser_cookie(id, session))));
    }
    assert!(!write!(store, insert_browser_cookie(&fixtures::browser_cookie("bs_1", "ses_2"))));
    assert_eq!(read!(store, browser_cookie_session("bs_1", &[9; 32])).as_deref(), Some("ses_1"));
    assert_eq!(read!(store, browser_cookie_session("bs_1", &[8; 32])), None);
    assert_eq!(read!(store, browser_cookie_session("bs_4", &[9; 32])), None);
    assert_eq!(write!(store, delete_browser_cookies_of("ses_1")), 2);
    assert_eq!(read!(store, browser_cookie_session("bs_1", &[9; 32])), None);
    assert_eq!(read!(store, browser_cookie_session("bs_3", &[9; 32])).as_deref(), Some("ses_2"));
    assert_eq!(write!(store, delete_expired_browser_cookies(NOW.plus_secs(249), 9)), 0);
    assert_eq!(write!(store, delete_expired_browser_cookies(NOW.plus_secs(250), 9)), 1);
}

async fn what_is_past_its_time_is_deleted_a_few_at_once(database: Database) {
    let store = database.store;
    for n in 0..5 {
        let mut session = fixtures::session(&format!("ses_{n}"), "alice");
        session.idle_expires_at = NOW.plus_secs(n);
        write!(store, insert_session(&session));
        let mut token = fixtures::refresh_token(&format!("rt_{n}"), "ses_1");
        token.expires_at = NOW.plus_secs(n);
        write!(store, insert_refresh_token(&token));
    }
    let before = NOW.plus_secs(3);
    assert_eq!(write!(store, delete_past_sessions(before, 3)), 3);
    assert_eq!(write!(store, delete_past_sessions(before, 3)), 1);
    assert!(read!(store, session("ses_3")).is_none() && read!(store, session("ses_4")).is_some());
    assert_eq!(write!(store, delete_expired_refresh_tokens(before, 3)), 3);
    assert_eq!(write!(store, delete_expired_refresh_tokens(before, 3)), 1);
    assert!(read!(store, refresh_token("rt_3")).is_none() && read!(store, refresh_token("rt_4")).is_some());
}
