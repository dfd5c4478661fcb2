//! Settings of passwords, from outside. What is computed is tested beside it (`src/password`), the flows in `sign_in`.

use std::sync::Arc;

use portcullis::{Error, HashCost, PasswordPolicy, PasswordSettings, PasswordWork, Portcullis, Settings};

use crate::bed::{Bed, on_both, settings};

on_both!(
    au_01_a_setting_that_is_out_of_bounds_stops_the_start_and_is_named,
    nothing_is_computed_before_somebody_asks
);

async fn start(bed: &Bed, passwords: PasswordSettings) -> Result<Portcullis, Error> {
    let settings = Settings { passwords, ..settings(&bed.clock, "b", 3) };
    Portcullis::start(Arc::clone(&bed.store), settings).await
}

async fn au_01_a_setting_that_is_out_of_bounds_stops_the_start_and_is_named(bed: Bed) {
    let policy = |policy| PasswordSettings { policy, ..PasswordSettings::default() };
    let cost = |cost| PasswordSettings { cost, ..PasswordSettings::default() };
    let default = PasswordPolicy::default;
    let wrong = [
        (policy(PasswordPolicy { min_length: 7, ..default() }), "password_min_length"),
        (policy(PasswordPolicy { min_score: 5, ..default() }), "password_min_score"),
        (policy(PasswordPolicy { breached: Some("/nowhere".into()), ..default() }), "password_breached_file"),
        (cost(HashCost { memory_kib: 7, ..HashCost::default() }), "argon2_memory_kib"),
        (cost(HashCost { memory_kib: 8, parallelism: 2, ..HashCost::default() }), "argon2_memory_kib"),
        (cost(HashCost { iterations: 0, ..HashCost::default() }), "argon2_iterations"),
        (PasswordSettings { threads: 0, ..PasswordSettings::default() }, "password_threads"),
        (PasswordSettings { queue: 0, ..PasswordSettings::default() }, "password_queue"),
    ];
    for (settings, name) in wrong {
        match start(&bed, settings).await {
            Err(Error::Invalid(refused)) => assert_eq!(refused.field, name),
            Err(error) => panic!("{name}: {error}"),
            Ok(_) => panic!("{name}: started"),
        }
    }
    start(&bed, cost(HashCost { memory_kib: 8, iterations: 1, parallelism: 1 })).await.unwrap().close().await;
}

async fn nothing_is_computed_before_somebody_asks(bed: Bed) {
    assert_eq!(bed.portcullis.password_work(), PasswordWork { hashed: 0, waiting: 0, refused: 0 });
}
