//! The program `portcullis`, as it was built: commands, configuration, starting and stopping, several nodes. PostgreSQL is
//! found in `PORTCULLIS_TEST_POSTGRES`: run it with `cargo xtask test`.

#![cfg(test)]

mod applications;
mod apply;
mod catalog;
mod commands;
mod configuration;
mod credits;
mod guarding;
mod https;
mod nodes;
mod people;
mod remote;
mod serving;
mod starting;
#[path = "../support/mod.rs"]
mod support;

/// Makes a test a function and a database: `fn name(bed: Bed)` runs on both.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(
            #[test]
            fn $name() {
                super::$name($crate::support::Bed::sqlite());
            }
        )* }
        mod postgres { $(
            #[test]
            fn $name() {
                super::$name($crate::support::Bed::postgres());
            }
        )* }
    };
}
use on_both;
