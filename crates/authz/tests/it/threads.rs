//! Many threads ask while others change the facts: no answer is older than what was forgotten before the question.
//!
//! The facts have versions. Version `v` allows the things named after the last [`WINDOW`] versions up to `v`. So an answer
//! tells how old the facts were: whoever asks for thing `k` after version `k` was published must get a yes, and whoever asks
//! for a thing of the future a no.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use portcullis_authz::{
    AskedPath, Bits, Decider, Decision, Holder, LoadedGrants, StatementGrants, Unwatched,
};
use portcullis_types::authress::PermissionObject;

use crate::engine::decider;
use crate::world::Random;

const WINDOW: u64 = 12;
const READERS: usize = 3;
const VERSIONS: u64 = 300;

/// What happened, so that a test that proved nothing is noticed.
#[derive(Default)]
struct Seen {
    from_memory: AtomicUsize,
    loaded: AtomicUsize,
}

/// `publish(v)` brings the facts of version `v`; `ask(k)` asks for thing `k`.
fn never_older(publish: impl Fn(u64) + Sync, ask: impl Fn(u64) -> bool + Sync) {
    let (begun, done) = (AtomicU64::new(1), AtomicU64::new(1));
    let (asked, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    publish(1);
    std::thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                // Also when an assertion fails, so that the writer ends and the failure is shown.
                let _over = OnDrop(&over);
                while !over.load(Ordering::SeqCst) {
                    let floor = done.load(Ordering::SeqCst);
                    let allowed = ask(floor);
                    let ceiling = begun.load(Ordering::SeqCst);
                    assert!(
                        allowed || ceiling >= floor + WINDOW,
                        "version {floor} was published before the question, the answer is from an older one"
                    );
                    let future = ceiling + 3;
                    let allowed = ask(future);
                    assert!(!allowed || begun.load(Ordering::SeqCst) >= future, "an answer from the future");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _over = OnDrop(&over);
        let mut random = Random::new(1);
        for version in 2..VERSIONS {
            begun.store(version, Ordering::SeqCst);
            publish(version);
            done.store(version, Ordering::SeqCst);
            let until = asked.load(Ordering::Relaxed) + random.below(8);
            while asked.load(Ordering::Relaxed) < until && !over.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
        }
    });
}

struct OnDrop<'a>(&'a AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn window(version: u64) -> impl Iterator<Item = u64> {
    version.saturating_sub(WINDOW - 1)..=version
}

fn things(version: u64) -> Vec<StatementGrants> {
    vec![StatementGrants {
        record_id: "rec".into(),
        statement: 0,
        resources: window(version).map(|k| format!("things/{k}")).collect(),
        roles: vec!["reader".into()],
    }]
}

fn with_reader(max_bytes: usize) -> Decider {
    let decider = decider(max_bytes);
    decider.roles().put("reader", &[line("read".into())]).unwrap();
    decider
}

fn line(action: String) -> PermissionObject {
    PermissionObject { action, allow: true, grant: false, delegate: false }
}

/// Asks from memory; on a miss `load` is called, between the tickets as it must be.
fn ask(decider: &Decider, seen: &Seen, k: u64, load: impl Fn() -> LoadedGrants) -> bool {
    let uri = format!("things/{k}");
    let path = AskedPath::parse(decider.key(), &uri).unwrap();
    match decider.decide(Holder::User("alice"), &path, "read", Bits::ALLOW) {
        Decision::NotLoaded => {
            seen.loaded.fetch_add(1, Ordering::Relaxed);
            decider.decide_loaded(&load(), &path, "read", Bits::ALLOW, &mut Unwatched) == Decision::Allow
        }
        decided => {
            seen.from_memory.fetch_add(1, Ordering::Relaxed);
            decided == Decision::Allow
        }
    }
}

impl Seen {
    fn both(&self) {
        let (memory, loaded) =
            (self.from_memory.load(Ordering::Relaxed), self.loaded.load(Ordering::Relaxed));
        assert!(memory > 50 && loaded > 50, "{memory} from memory, {loaded} loaded: proves nothing");
    }
}

#[test]
fn az_06_what_was_read_before_a_forget_is_not_kept_after_it() {
    let decider = with_reader(1 << 20);
    let path = AskedPath::parse(decider.key(), "things/1").unwrap();
    let forget: [&dyn Fn(Holder<'_>); 2] = [&|holder| decider.forget(holder), &|_| decider.forget_all()];
    for holder in [Holder::User("alice"), Holder::Group("grp_staff"), Holder::Token("t")] {
        for forget in forget {
            for was_loaded in [false, true] {
                if was_loaded {
                    decider.finish_load(decider.begin_load(holder), &[], &[]);
                }
                let ticket = decider.begin_load(holder);
                let read = things(1);
                forget(holder);
                decider.finish_load(ticket, &read, &[]);
                let decided = decider.decide(holder, &path, "read", Bits::ALLOW);
                assert_eq!(decided, Decision::NotLoaded, "{holder:?}");
            }
        }
    }
}

#[test]
fn az_06_no_answer_is_older_than_a_user_that_was_forgotten() {
    let (decider, stored, seen) = (with_reader(1 << 16), AtomicU64::new(0), Seen::default());
    never_older(
        |version| {
            stored.store(version, Ordering::SeqCst);
            decider.forget(Holder::User("alice"));
        },
        |k| {
            ask(&decider, &seen, k, || {
                let ticket = decider.begin_load(Holder::User("alice"));
                let own = decider.finish_load(ticket, &things(stored.load(Ordering::SeqCst)), &[]);
                LoadedGrants { own, groups: Vec::new() }
            })
        },
    );
    seen.both();
}

#[test]
fn az_06_no_answer_is_older_than_a_group_that_was_forgotten() {
    let (decider, stored, seen) = (with_reader(1 << 16), AtomicU64::new(0), Seen::default());
    let everything = AtomicBool::new(false);
    never_older(
        |version| {
            stored.store(version, Ordering::SeqCst);
            // Both ways to forget, in turn.
            if everything.fetch_xor(true, Ordering::Relaxed) {
                decider.forget_all();
            } else {
                decider.forget(Holder::Group("grp_staff"));
            }
        },
        |k| {
            ask(&decider, &seen, k, || {
                let own = decider.begin_load(Holder::User("alice"));
                let own = decider.finish_load(own, &[], &["grp_staff".into()]);
                let group = decider.begin_load(Holder::Group("grp_staff"));
                let group = decider.finish_load(group, &things(stored.load(Ordering::SeqCst)), &[]);
                LoadedGrants { own, groups: vec![group] }
            })
        },
    );
    seen.both();
}

#[test]
fn az_06_no_answer_is_older_than_a_role_that_was_replaced() {
    let decider = decider(1 << 16);
    let grants = StatementGrants {
        record_id: "rec".into(),
        statement: 0,
        resources: vec!["things".into()],
        roles: vec!["reader".into()],
    };
    decider.finish_load(decider.begin_load(Holder::User("alice")), &[grants], &[]);
    never_older(
        |version| {
            let lines: Vec<_> = window(version).map(|k| line(format!("a:{k}"))).collect();
            decider.roles().put("reader", &lines).unwrap();
        },
        |k| {
            let path = AskedPath::parse(decider.key(), "things/1").unwrap();
            let decided = decider.decide(Holder::User("alice"), &path, &format!("a:{k}"), Bits::ALLOW);
            assert_ne!(decided, Decision::NotLoaded, "a role's change unloads nobody");
            decided == Decision::Allow
        },
    );
}

#[test]
fn az_06_no_answer_is_older_than_the_list_of_what_is_public() {
    let decider = decider(1 << 16);
    decider.finish_load(decider.begin_load(Holder::User("alice")), &[], &[]);
    never_older(
        |version| decider.set_public(&window(version).map(|k| format!("things/{k}")).collect::<Vec<_>>()),
        |k| {
            let uri = format!("things/{k}");
            let path = AskedPath::parse(decider.key(), &uri).unwrap();
            decider.decide(Holder::User("alice"), &path, "x", Bits::ALLOW) == Decision::Allow
        },
    );
}

#[test]
fn threads_that_load_different_users_into_a_small_cache_never_mix_them_up() {
    let decider = with_reader(6_000);
    let evicted = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let (decider, evicted) = (&decider, &evicted);
            scope.spawn(move || {
                let mut random = Random::new(seed);
                for _ in 0..1_000 {
                    let (user, other) = (random.below(40), random.below(40));
                    let (id, uri) = (format!("u{user}"), format!("home/{other}/x"));
                    let path = AskedPath::parse(decider.key(), &uri).unwrap();
                    let holder = Holder::User(&id);
                    let decided = decider.decide(holder, &path, "read", Bits::ALLOW);
                    if decided == Decision::NotLoaded {
                        evicted.fetch_add(1, Ordering::Relaxed);
                        let ticket = decider.begin_load(holder);
                        let own = StatementGrants {
                            resources: vec![format!("home/{user}")],
                            ..things(1).remove(0)
                        };
                        decider.finish_load(ticket, &[own], &[]);
                    } else {
                        assert_eq!(decided == Decision::Allow, user == other, "{id} on {uri}");
                    }
                    assert!(decider.cache().size().1 <= 6_000);
                }
            });
        }
    });
    assert!(evicted.load(Ordering::Relaxed) > 80, "nothing was ever driven out");
}
