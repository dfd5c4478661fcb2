use portcullis_domain::{Admission, Attempts, LockPolicy, UserPool, UserProfile};
use portcullis_store::{MailPurpose, MailToken, Page, StoredPassword};
use portcullis_types::Sensitive;
use portcullis_types::sign_in::{Registration, UserState};

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    a_profile_keeps_its_pool_and_state_in_columns,
    w_14_an_identifier_is_one_persons_in_a_pool,
    w_14_of_parallel_claims_one_wins,
    an_identifier_is_compared_by_its_bytes,
    a_person_is_disabled_and_enabled_once,
    an_epoch_only_grows,
    a_pools_users_are_listed_by_state,
    a_password_is_replaced_and_deleted,
    au_07_parallel_attempts_are_admitted_one_by_one,
    old_attempts_are_deleted,
    au_12_a_mail_token_is_used_once_and_only_for_its_purpose,
    au_12_of_parallel_uses_of_a_mail_token_one_succeeds,
    the_pool_main_is_there_and_pools_are_set,
];

async fn a_profile_keeps_its_pool_and_state_in_columns(database: Database) {
    let store = database.store;
    let user = UserProfile { pool: "shop".to_owned(), email_verified: true, ..fixtures::user("u", "n") };
    assert!(write!(store, insert_user(&user)));
    assert_eq!(read!(store, user("u")), Some(user.clone()));
    write!(store, disable_user("u", NOW));
    let changed = UserProfile { name: None, email_verified: false, ..user };
    write!(store, put_user(&changed));
    let stored = read!(store, user("u")).unwrap();
    assert_eq!((stored.disabled_at, stored.email_verified, stored.name), (Some(NOW), false, None));
}

async fn w_14_an_identifier_is_one_persons_in_a_pool(database: Database) {
    let store = database.store;
    for id in ["a", "b"] {
        write!(store, insert_user(&fixtures::user(id, "n")));
    }
    assert!(write!(store, claim_identifier("main", "a@b.c", "a")));
    assert!(write!(store, claim_identifier("main", "a@b.c", "a")), "again");
    assert!(!write!(store, claim_identifier("main", "a@b.c", "b")));
    assert!(write!(store, claim_identifier("shop", "a@b.c", "b")), "in another pool");
    let found = |pool: &'static str, identifier: &'static str| {
        let store = store.clone();
        async move { read!(store, user_by_identifier(pool, identifier)).map(|user| user.user_id) }
    };
    assert_eq!(found("main", "a@b.c").await.as_deref(), Some("a"));
    assert_eq!(found("shop", "a@b.c").await.as_deref(), Some("b"));
    assert!(write!(store, claim_identifier("main", "new@b.c", "a")));
    assert_eq!(found("main", "a@b.c").await, None, "given up for the new one");
    write!(store, delete_user("a"));
    assert!(write!(store, claim_identifier("main", "new@b.c", "b")));
    assert_eq!(found("main", "new@b.c").await.as_deref(), Some("b"));
    write!(store, release_identifier("b"));
    assert_eq!(found("main", "new@b.c").await, None);
}

async fn w_14_of_parallel_claims_one_wins(database: Database) {
    let store = database.store;
    let mut claims = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = store.clone();
        claims.spawn(async move { write!(store, claim_identifier("main", "a@b.c", &format!("u{n}"))) });
    }
    let won = claims.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

async fn an_identifier_is_compared_by_its_bytes(database: Database) {
    let store = database.store;
    for (n, identifier) in
        ["a@b.c", "A@b.c", "a\u{308}@b.c", "ä@b.c", "straße@b.c", "strasse@b.c"].iter().enumerate()
    {
        assert!(write!(store, claim_identifier("main", identifier, &format!("u{n}"))), "{identifier}");
    }
}

async fn a_person_is_disabled_and_enabled_once(database: Database) {
    let store = database.store;
    assert!(!write!(store, disable_user("u", NOW)));
    write!(store, insert_user(&fixtures::user("u", "n")));
    assert!(!write!(store, enable_user("u")));
    assert!(write!(store, disable_user("u", NOW)));
    assert!(!write!(store, disable_user("u", NOW.plus_secs(1))));
    assert_eq!(read!(store, user("u")).unwrap().disabled_at, Some(NOW));
    assert!(write!(store, enable_user("u")));
    assert_eq!(read!(store, user("u")).unwrap().disabled_at, None);
    assert!(write!(store, verify_user_email("u")) && !write!(store, verify_user_email("u")));
}

async fn an_epoch_only_grows(database: Database) {
    let store = database.store;
    write!(store, insert_user(&fixtures::user("u", "n")));
    for (at, expected) in [(5, 5), (3, 5), (9, 9)] {
        write!(store, set_not_before("u", NOW.plus_secs(at)));
        assert_eq!(read!(store, user("u")).unwrap().not_before, Some(NOW.plus_secs(expected)));
    }
}

async fn a_pools_users_are_listed_by_state(database: Database) {
    let store = database.store;
    for (id, pool) in [("a", "main"), ("b", "shop"), ("c", "main"), ("d", "main")] {
        let user = UserProfile { pool: pool.to_owned(), ..fixtures::user(id, &format!("Name {id}")) };
        write!(store, insert_user(&user));
    }
    write!(store, disable_user("c", NOW));
    let ids = |pool: &'static str, state, page: Page| {
        let store = store.clone();
        async move {
            let users = read!(store, list_pool_users(pool, state, &page));
            users.into_iter().map(|user| user.user_id).collect::<Vec<_>>()
        }
    };
    assert_eq!(ids("main", None, Page::first(9)).await, ["a", "c", "d"]);
    assert_eq!(ids("main", Some(UserState::Active), Page::first(9)).await, ["a", "d"]);
    assert_eq!(ids("main", Some(UserState::Disabled), Page::first(9)).await, ["c"]);
    assert_eq!(ids("main", None, Page::new(Some("a".to_owned()), Some("NAME"), 1)).await, ["c"]);
    assert_eq!(ids("shop", None, Page::new(None, Some("b@EXAMPLE"), 9)).await, ["b"]);
}

async fn a_password_is_replaced_and_deleted(database: Database) {
    let store = database.store;
    let password =
        |hash: &str, secs| StoredPassword { hash: Sensitive::new(hash), set_at: NOW.plus_secs(secs) };
    assert_eq!(read!(store, password("u")), None);
    write!(store, put_password("u", &password("one", 0)));
    write!(store, put_password("u", &password("two", 1)));
    assert_eq!(read!(store, password("u")), Some(password("two", 1)));
    assert_eq!(write!(store, password_for_update("u")), Some(password("two", 1)));
    write!(store, delete_password("u"));
    assert_eq!(read!(store, password("u")), None);
}

async fn au_07_parallel_attempts_are_admitted_one_by_one(database: Database) {
    let (store, policy) = (database.store, LockPolicy::new(7, 900));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        tasks.spawn(async move {
            let mut transaction = store.begin().await.unwrap();
            let queries = transaction.queries();
            let mut attempts = queries.attempts_for_update(&[1; 32], NOW).await.unwrap();
            let admission = attempts.admit(NOW, policy);
            queries.put_attempts(&[1; 32], &attempts).await.unwrap();
            transaction.commit().await.unwrap();
            admission
        });
    }
    let admitted = tasks.join_all().await.into_iter().filter(|one| *one == Admission::Admitted).count();
    assert_eq!(admitted, 7);
    let attempts = read!(store, attempts(&[1; 32])).unwrap();
    assert_eq!((attempts.undecided, attempts.failed, attempts.last_at), (7, 0, NOW));
    assert_eq!(read!(store, attempts(&[2; 32])), None);
}

async fn old_attempts_are_deleted(database: Database) {
    let store = database.store;
    for n in 0..5_u8 {
        write!(store, attempts_for_update(&[n; 32], NOW.plus_secs(n.into())));
    }
    let locked = Attempts { locked_until: Some(NOW.plus_secs(9)), ..Attempts::none(NOW.plus_secs(4)) };
    write!(store, put_attempts(&[4; 32], &locked));
    let most = Attempts { failed: 100, ..Attempts::none(NOW) };
    write!(store, attempts_for_update(&[9; 32], NOW));
    write!(store, put_attempts(&[9; 32], &most));
    let some = Attempts { failed: 3, ..Attempts::none(NOW) };
    write!(store, attempts_for_update(&[8; 32], NOW));
    write!(store, put_attempts(&[8; 32], &some));
    assert_eq!(write!(store, delete_old_attempts(NOW.plus_secs(64), 60, 100, 3)), 3);
    assert_eq!(write!(store, delete_old_attempts(NOW.plus_secs(64), 60, 100, 3)), 1);
    assert_eq!(write!(store, delete_old_attempts(NOW.plus_secs(64), 60, 100, 3)), 0);
    assert_eq!(read!(store, attempts(&[4; 32])), Some(locked));
    assert_eq!(read!(store, attempts(&[8; 32])), Some(some), "three failures are kept three times as long");
    assert_eq!(write!(store, delete_old_attempts(NOW.plus_secs(180), 180, 100, 3)), 0);
    write!(store, delete_empty_attempts(&[4; 32]));
    assert_eq!(read!(store, attempts(&[9; 32])), Some(most), "too many failures are never forgotten");
    write!(store, attempts_for_update(&[5; 32], NOW));
    for n in [4, 5, 9] {
        write!(store, delete_empty_attempts(&[n; 32]));
        assert_eq!(read!(store, attempts(&[n; 32])).is_none(), n == 5, "{n}");
    }
}

fn mail_token(id: &str, purpose: MailPurpose) -> MailToken {
    MailToken {
        token_id: id.to_owned(),
        digest: [9; 32],
        user_id: "u".to_owned(),
        purpose,
        address: "u@b.c".to_owned(),
        expires_at: NOW.plus_secs(600),
    }
}

async fn au_12_a_mail_token_is_used_once_and_only_for_its_purpose(database: Database) {
    use MailPurpose::{ResetPassword, VerifyEmail};
    let store = database.store;
    assert!(write!(store, insert_mail_token(&mail_token("t", ResetPassword))));
    assert!(!write!(store, insert_mail_token(&mail_token("t", ResetPassword))));
    let used = Some(("u".to_owned(), "u@b.c".to_owned()));
    assert_eq!(write!(store, consume_mail_token(("t", &[9; 32]), VerifyEmail, NOW)), None);
    assert_eq!(write!(store, consume_mail_token(("t", &[8; 32]), ResetPassword, NOW)), None);
    assert_eq!(write!(store, consume_mail_token(("t", &[9; 32]), ResetPassword, NOW.plus_secs(600))), None);
    let owner = |digest: u8, purpose, at| {
        let store = store.clone();
        async move { read!(store, mail_token_owner(("t", &[digest; 32]), purpose, at)) }
    };
    assert_eq!(owner(9, VerifyEmail, NOW).await, None);
    assert_eq!(owner(8, ResetPassword, NOW).await, None);
    assert_eq!(owner(9, ResetPassword, NOW.plus_secs(600)).await, None);
    assert_eq!(owner(9, ResetPassword, NOW).await.as_deref(), Some("u"));
    assert_eq!(write!(store, consume_mail_token(("t", &[9; 32]), ResetPassword, NOW)), used);
    assert_eq!(owner(9, ResetPassword, NOW).await, None, "used");
    assert_eq!(write!(store, consume_mail_token(("t", &[9; 32]), ResetPassword, NOW)), None);
    write!(store, insert_mail_token(&mail_token("r", ResetPassword)));
    write!(store, insert_mail_token(&mail_token("v", VerifyEmail)));
    write!(store, end_mail_tokens("u", ResetPassword, NOW));
    assert_eq!(write!(store, consume_mail_token(("r", &[9; 32]), ResetPassword, NOW)), None);
    assert_eq!(write!(store, consume_mail_token(("v", &[9; 32]), VerifyEmail, NOW)), used);
    assert_eq!(write!(store, delete_expired_mail_tokens(NOW.plus_secs(599), 9)), 0);
    assert_eq!(write!(store, delete_expired_mail_tokens(NOW.plus_secs(600), 9)), 3);
}

async fn au_12_of_parallel_uses_of_a_mail_token_one_succeeds(database: Database) {
    let store = database.store;
    write!(store, insert_mail_token(&mail_token("t", MailPurpose::ResetPassword)));
    let mut uses = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        uses.spawn(async move {
            write!(store, consume_mail_token(("t", &[9; 32]), MailPurpose::ResetPassword, NOW)).is_some()
        });
    }
    assert_eq!(uses.join_all().await.into_iter().filter(|used| *used).count(), 1);
}

async fn the_pool_main_is_there_and_pools_are_set(database: Database) {
    let store = database.store;
    let main = read!(store, user_pool("main")).unwrap();
    assert_eq!((main.registration, main.require_verified_email), (None, None));
    let shop = UserPool {
        pool_id: "shop".to_owned(),
        name: Some("Shop".to_owned()),
        registration: Some(Registration::Closed),
        require_verified_email: Some(true),
        created_at: NOW,
    };
    write!(store, put_user_pool(&shop));
    let changed =
        UserPool { registration: Some(Registration::Open), created_at: NOW.plus_secs(1), ..shop.clone() };
    write!(store, put_user_pool(&changed));
    let expected = UserPool { created_at: NOW, ..changed };
    assert_eq!(read!(store, list_user_pools(None, 9)), [main.clone(), expected.clone()]);
    assert_eq!(read!(store, list_user_pools(Some("main"), 1)), [expected]);
}
