use std::sync::atomic::{AtomicBool, Ordering};

use portcullis_jose::{Proof, VerifiedTokens};
use portcullis_types::Timestamp;

use crate::support::{NOW, Seeded};

const EXP: Timestamp = NOW.plus_secs(300);

fn cache(entries: usize, bytes: usize) -> VerifiedTokens<u64> {
    VerifiedTokens::new(entries, bytes, &Seeded::new(1)).unwrap()
}

fn insert(cache: &VerifiedTokens<u64>, token: &str, key_id: &str, value: u64) {
    cache.insert(token, Proof { key_id, exp: EXP, epoch: cache.epoch() }, value);
}

#[test]
fn a_kept_token_is_found_by_exactly_its_bytes() {
    let cache = cache(100, 1 << 20);
    insert(&cache, "token", "k1", 7);
    assert_eq!(cache.find("token", NOW), Some(7));
    for near in ["Token", "toke", "token ", "", "tokeN"] {
        assert_eq!(cache.find(near, NOW), None, "{near}");
    }
    insert(&cache, "token", "k1", 8);
    assert_eq!((cache.find("token", NOW), cache.len()), (Some(8), 1));
}

#[test]
fn tk_14_a_kept_token_is_not_found_at_its_expiry_or_later() {
    let cache = cache(100, 1 << 20);
    insert(&cache, "token", "k1", 7);
    assert_eq!(cache.find("token", Timestamp::from_micros(EXP.micros() - 1)), Some(7));
    assert_eq!(cache.find("token", EXP), None);
    assert_eq!(cache.find("token", EXP.plus_secs(1)), None);
}

#[test]
fn forgetting_a_key_forgets_all_it_verified_and_nothing_else() {
    let cache = cache(10_000, 1 << 24);
    for n in 0..1_000 {
        insert(&cache, &format!("token-{n}"), if n % 2 == 0 { "even" } else { "odd" }, n);
    }
    cache.forget_key("even");
    for n in 0..1_000 {
        assert_eq!(cache.find(&format!("token-{n}"), NOW), (n % 2 == 1).then_some(n));
    }
}

#[test]
fn tokens_are_forgotten_one_by_one_by_value_and_all_together() {
    let cache = cache(100, 1 << 20);
    for n in 0..10 {
        insert(&cache, &format!("token-{n}"), "k", n);
    }
    cache.drop_token("token-3");
    cache.forget_where(|&value| value >= 8);
    assert_eq!((cache.find("token-3", NOW), cache.find("token-9", NOW)), (None, None));
    assert_eq!((cache.find("token-4", NOW), cache.len()), (Some(4), 7));
    cache.clear();
    assert!(cache.is_empty() && cache.bytes() == 0);
}

#[test]
fn a_verification_that_began_before_something_was_forgotten_is_not_kept() {
    let forgettings: [fn(&VerifiedTokens<u64>); 3] =
        [|cache| cache.forget_key("k1"), |cache| cache.forget_where(|_| false), VerifiedTokens::clear];
    for forget in forgettings {
        let cache = cache(100, 1 << 20);
        let epoch = cache.epoch();
        forget(&cache);
        cache.insert("token", Proof { key_id: "k1", exp: EXP, epoch }, 7);
        assert_eq!(cache.find("token", NOW), None);
        insert(&cache, "token", "k1", 7);
        assert_eq!(cache.find("token", NOW), Some(7));
    }
}

#[test]
fn a_refused_token_that_is_dropped_delays_no_verification_of_another() {
    let cache = cache(100, 1 << 20);
    insert(&cache, "refused", "k", 1);
    let epoch = cache.epoch();
    cache.drop_token("refused");
    cache.drop_token("never kept");
    cache.insert("other", Proof { key_id: "k", exp: EXP, epoch }, 2);
    assert_eq!((cache.find("refused", NOW), cache.find("other", NOW)), (None, Some(2)));
}

#[test]
fn entries_and_bytes_stay_bounded() {
    for (entries, bytes) in
        [(1, 1 << 20), (63, 1 << 20), (1_000, 1 << 20), (100_000, 50_000), (100_000, 300_000)]
    {
        let cache = cache(entries, bytes);
        for n in 0..5_000 {
            insert(&cache, &format!("{n:0>700}"), "k", n);
            if n % 500 == 0 {
                assert!(cache.len() <= entries && cache.bytes() <= bytes, "{entries} {bytes}");
            }
        }
        assert!(cache.len() <= entries && cache.bytes() <= bytes && !cache.is_empty(), "{entries} {bytes}");
        assert_eq!(cache.find(&format!("{:0>700}", 4_999), NOW), Some(4_999), "the newest is there");
    }
}

#[test]
fn what_does_not_fit_is_not_kept() {
    for cache in [cache(0, 1 << 20), cache(100, 0), cache(100, 100)] {
        insert(&cache, &"x".repeat(100), "k", 1);
        assert!(cache.is_empty());
    }
}

#[test]
fn tokens_in_use_outlive_those_sent_once() {
    let cache = cache(50, 1 << 20);
    insert(&cache, "hot", "k", 1);
    for n in 0..1_000 {
        assert_eq!(cache.find("hot", NOW), Some(1), "after {n}");
        insert(&cache, &format!("once-{n}"), "k", n);
    }
}

#[test]
fn a_forgotten_key_stays_forgotten_while_others_verify() {
    let cache = cache(1_000, 1 << 20);
    let revoked = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cache, revoked) = (&cache, &revoked);
            scope.spawn(move || {
                for n in 0..20_000 {
                    let token = format!("{thread}-{}", n % 50);
                    let epoch = cache.epoch();
                    if revoked.load(Ordering::SeqCst) {
                        break;
                    }
                    cache.insert(&token, Proof { key_id: "k", exp: EXP, epoch }, n);
                    cache.find(&token, NOW);
                }
            });
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
        revoked.store(true, Ordering::SeqCst);
        cache.forget_key("k");
    });
    assert!(cache.is_empty());
}

#[test]
fn tokens_are_not_printed() {
    let cache = cache(10, 1 << 20);
    insert(&cache, "secret-token", "k", 1);
    assert!(!format!("{cache:?}").contains("secret"));
}
