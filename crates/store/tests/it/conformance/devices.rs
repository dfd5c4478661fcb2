use portcullis_domain::{DeviceCode, DeviceCodeState};
use portcullis_store::DeviceGuesses;

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    a_device_code_is_read_back_as_it_was_written,
    neither_code_of_a_device_is_given_twice,
    dv_04_who_enters_a_user_code_owns_it_and_decides_it_once,
    dv_05_a_device_code_is_redeemed_once_after_its_approval,
    nothing_is_made_of_an_expired_device_code,
    device_codes_are_counted_by_what_they_are_and_where_they_come_from,
    wrong_user_codes_are_counted_over_a_span_of_time,
    what_devices_left_behind_is_deleted_a_few_at_once,
];

async fn a_device_code_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let bare = DeviceCode { user_agent: None, ip: None, ..fixtures::device_code("dc_1", 1) };
    let full = DeviceCode {
        state: DeviceCodeState::Approved,
        owner: Some(fixtures::device_owner("ses_1", "alice")),
        decided_at: Some(NOW.plus_secs(1)),
        ..fixtures::device_code("dc_2", 2)
    };
    for code in [&bare, &full] {
        assert!(write!(store, insert_device_code(code)));
        assert_eq!(read!(store, device_code(&code.device_code_id)).as_ref(), Some(code));
        assert_eq!(read!(store, device_code_by_user_code(&code.user_code)).as_ref(), Some(code));
    }
    assert_eq!(read!(store, device_code("dc_3")), None);
}

async fn neither_code_of_a_device_is_given_twice(database: Database) {
    let store = database.store;
    assert!(write!(store, insert_device_code(&fixtures::device_code("dc_1", 1))));
    assert!(!write!(store, insert_device_code(&fixtures::device_code("dc_1", 2))));
    assert!(!write!(store, insert_device_code(&fixtures::device_code("dc_2", 1))));
    assert!(write!(store, insert_device_code(&fixtures::device_code("dc_2", 2))));
}

async fn dv_04_who_enters_a_user_code_owns_it_and_decides_it_once(database: Database) {
    let store = database.store;
    let code = fixtures::device_code("dc_1", 1);
    let (alice, bob) = (fixtures::device_owner("ses_1", "alice"), fixtures::device_owner("ses_2", "bob"));
    write!(store, insert_device_code(&code));
    let approve = DeviceCodeState::Approved;
    assert_eq!(write!(store, decide_device_code(&code.user_code, "ses_1", approve, NOW)), None);
    assert_eq!(write!(store, claim_device_code(&[0; 32], &alice, NOW)), None);
    let claimed = Some(DeviceCode { owner: Some(alice.clone()), ..code.clone() });
    for _ in 0..2 {
        assert_eq!(write!(store, claim_device_code(&code.user_code, &alice, NOW)), claimed);
    }
    assert_eq!(write!(store, claim_device_code(&code.user_code, &bob, NOW)), None);
    for state in [approve, DeviceCodeState::Denied] {
        assert_eq!(write!(store, decide_device_code(&code.user_code, "ses_2", state, NOW)), None);
    }
    assert_eq!(read!(store, device_code("dc_1")), claimed);
    let decided = write!(store, decide_device_code(&code.user_code, "ses_1", approve, NOW)).unwrap();
    assert_eq!((decided.state, decided.decided_at), (approve, Some(NOW)));
    assert_eq!(decided.owner, Some(alice.clone()));
    let deny = DeviceCodeState::Denied;
    assert_eq!(write!(store, decide_device_code(&code.user_code, "ses_1", deny, NOW)), None);
    assert_eq!(write!(store, claim_device_code(&code.user_code, &alice, NOW)), None);
}

async fn dv_05_a_device_code_is_redeemed_once_after_its_approval(database: Database) {
    let store = database.store;
    let pending = fixtures::device_code("dc_1", 1);
    let approved = DeviceCode { state: DeviceCodeState::Approved, ..fixtures::device_code("dc_2", 2) };
    let denied = DeviceCode { state: DeviceCodeState::Denied, ..fixtures::device_code("dc_3", 3) };
    for code in [&pending, &approved, &denied] {
        write!(store, insert_device_code(code));
    }
    let (digest, client) = (approved.digest, approved.client_id.as_str());
    for (id, digest, client) in [
        ("dc_1", digest, pending.client_id.as_str()),
        ("dc_3", digest, denied.client_id.as_str()),
        ("dc_2", [0; 32], client),
        ("dc_2", digest, "app_other"),
        ("dc_9", digest, client),
    ] {
        assert!(!write!(store, redeem_device_code((id, &digest), client, NOW)), "{id} {client}");
    }
    assert!(write!(store, redeem_device_code(("dc_2", &digest), client, NOW)));
    assert!(!write!(store, redeem_device_code(("dc_2", &digest), client, NOW)));
    assert_eq!(read!(store, device_code("dc_2")).unwrap().state, DeviceCodeState::Redeemed);
}

async fn nothing_is_made_of_an_expired_device_code(database: Database) {
    let store = database.store;
    let owner = fixtures::device_owner("ses_1", "alice");
    let pending = fixtures::device_code("dc_1", 1);
    let owned = DeviceCode { owner: Some(owner.clone()), ..fixtures::device_code("dc_2", 1) };
    let owned = DeviceCode { user_code: [8; 32], ..owned };
    let approved = DeviceCode { state: DeviceCodeState::Approved, ..owned.clone() };
    let approved = DeviceCode { device_code_id: "dc_3".to_owned(), user_code: [7; 32], ..approved };
    for code in [&pending, &owned, &approved] {
        write!(store, insert_device_code(code));
    }
    let end = pending.expires_at;
    assert_eq!(write!(store, claim_device_code(&pending.user_code, &owner, end)), None);
    let approve = DeviceCodeState::Approved;
    assert_eq!(write!(store, decide_device_code(&owned.user_code, "ses_1", approve, end)), None);
    let redeem = ("dc_3", &approved.digest);
    assert!(!write!(store, redeem_device_code(redeem, &approved.client_id, end)));
}

async fn device_codes_are_counted_by_what_they_are_and_where_they_come_from(database: Database) {
    let store = database.store;
    for n in 1..5 {
        let code = DeviceCode {
            created_at: NOW.plus_secs(i64::try_from(n).unwrap()),
            client_id: "app_tv".to_owned(),
            ..fixtures::device_code(&format!("dc_{n}"), n)
        };
        write!(store, insert_device_code(&code));
    }
    let elsewhere = DeviceCode { network: "192.0.2.2".to_owned(), ..fixtures::device_code("dc_5", 5) };
    let denied = DeviceCode { state: DeviceCodeState::Denied, ..fixtures::device_code("dc_6", 6) };
    write!(store, insert_device_code(&elsewhere));
    write!(store, insert_device_code(&denied));
    assert_eq!(read!(store, pending_device_codes(NOW, 100)), 5);
    assert_eq!(read!(store, pending_device_codes(NOW, 3)), 3);
    assert_eq!(read!(store, pending_device_codes(NOW.plus_secs(902), 100)), 3);
    let recent = |after| ("app_tv", "192.0.2.1", NOW.plus_secs(after));
    for (after, most, count) in [(0, 100, 4), (0, 2, 2), (2, 100, 2), (4, 100, 0)] {
        let (client, network, after) = recent(after);
        assert_eq!(read!(store, recent_device_codes(client, network, after, most)), count);
    }
    assert_eq!(read!(store, recent_device_codes("app_tv", "192.0.2.2", NOW.plus_secs(-1), 9)), 0);
}

async fn wrong_user_codes_are_counted_over_a_span_of_time(database: Database) {
    let store = database.store;
    for (n, session) in ["ses_1", "ses_1", "ses_2"].into_iter().enumerate() {
        let mut guess = fixtures::device_guess(&format!("dg_{n}"), session);
        guess.at = NOW.plus_secs(i64::try_from(n).unwrap());
        write!(store, insert_device_guess(&guess));
    }
    let some = |weight, secs| DeviceGuesses { weight, first_at: Some(NOW.plus_secs(secs)) };
    let none = DeviceGuesses::default();
    let before = NOW.plus_secs(-1);
    assert_eq!(read!(store, device_guesses_of_session("ses_1", before)), some(2, 0));
    assert_eq!(read!(store, device_guesses_of_session("ses_1", NOW)), some(1, 1));
    assert_eq!(read!(store, device_guesses_of_session("ses_3", before)), none);
    assert_eq!(read!(store, device_guesses_of_network("192.0.2.1", before)), some(3, 0));
    assert_eq!(read!(store, device_guesses_of_network("192.0.2.2", before)), none);
    assert_eq!(read!(store, device_guess_exposure(before, 9)), some(9, 0));
    assert_eq!(read!(store, device_guess_exposure(before, 2)), some(6, 0));
    assert_eq!(read!(store, device_guess_exposure(NOW.plus_secs(2), 9)), none);
}

async fn what_devices_left_behind_is_deleted_a_few_at_once(database: Database) {
    let store = database.store;
    for n in 0..5_usize {
        let at = NOW.plus_secs(i64::try_from(n).unwrap());
        let code = DeviceCode { expires_at: at, ..fixtures::device_code(&format!("dc_{n}"), n) };
        let mut guess = fixtures::device_guess(&format!("dg_{n}"), "ses_1");
        guess.at = at;
        write!(store, insert_device_code(&code));
        write!(store, insert_device_guess(&guess));
    }
    let before = NOW.plus_secs(3);
    for (limit, deleted) in [(3, 3), (3, 1), (3, 0)] {
        assert_eq!(write!(store, delete_past_device_codes(before, limit)), deleted);
        assert_eq!(write!(store, delete_old_device_guesses(before, limit)), deleted);
    }
    assert!(read!(store, device_code("dc_3")).is_none() && read!(store, device_code("dc_4")).is_some());
    assert_eq!(read!(store, device_guess_exposure(NOW.plus_secs(-1), 9)).weight, 3);
}
