//! The commands: one file each, with its flags, what it does and what it prints.
//!
//! To add one: the file, a variant of [`Command`], and its line in [`Command::run`]. Where nothing but create, list, show, update and
//! delete is done with a kind of thing, the file has its flags and the rest is `entity.rs`.

mod application;
mod apply;
mod audit;
mod backend;
mod bootstrap;
mod change;
mod check;
mod client;
mod config_schema;
mod credits;
mod dev_cert;
mod document;
mod entity;
mod group;
mod guard;
mod keys;
mod migrate;
mod nested;
mod openapi;
mod operating_user;
mod operation;
mod organization;
mod plan;
mod policy;
mod product;
mod record;
mod remote;
mod role;
mod serve;
mod session;
mod subscription;
mod target;
mod token;
mod user;
mod user_override;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{Error, Result, output};

/// Who is this, may they do it, and can they pay for it.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, disable_help_subcommand = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 yes or done, 1 no, 2 wrong usage or a failure.\n\
    Settings: flags, then PORTCULLIS_* variables, then the file of --config (see `portcullis config-schema`).";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Bootstrap(bootstrap::Args),
    Migrate(migrate::Args),
    Apply(apply::Args),
    Check(check::Args),
    Why(why::Args),
    Guard(guard::Args),
    Token(token::Args),
    User(user::Args),
    Client(client::Args),
    Application(application::Args),
    /// Roles: named sets of permissions; the built-in ones are listed too
    Role(entity::Args<role::Create>),
    /// Groups: lists of users that records can name
    Group(entity::Args<group::Create>),
    /// Access records: who has which roles on which resources. A deleted one stops to grant and can still be shown
    Record(entity::Args<record::Create>),
    Session(session::Args),
    Organization(organization::Args),
    /// Products: what is sold. One with plans cannot be deleted
    Product(entity::Args<product::Create>),
    Plan(plan::Args),
    Subscription(subscription::Args),
    Credits(credits::Args),
    /// Operations: the names by which applications ask their guard. What has no flag (a price, …) comes from a file; a deleted one is
    /// denied as unknown
    Operation(entity::Args<operation::Create>),
    /// Policies: rules over attributes, which the guard asks after roles. Their conditions come from a file
    Policy(entity::Args<policy::Create>),
    /// Overrides: exceptions for one user, which the guard asks before roles
    Override(entity::Args<user_override::Create>),
    Audit(audit::Args),
    Keys(keys::Args),
    DevCert(dev_cert::Args),
    Openapi(openapi::Args),
    ConfigSchema(config_schema::Args),
}

impl Command {
    async fn run(self) -> Result {
        match self {
            Self::Serve(args) => Box::pin(serve::run(args)).await,
            Self::Bootstrap(args) => Box::pin(bootstrap::run(args)).await,
            Self::Migrate(args) => Box::pin(migrate::run(args)).await,
            Self::Apply(args) => Box::pin(apply::run(args)).await,
            Self::Check(args) => Box::pin(check::run(args)).await,
            Self::Why(args) => Box::pin(why::run(args)).await,
            Self::Guard(args) => Box::pin(guard::run(args)).await,
            Self::Token(args) => Box::pin(token::run(args)).await,
            Self::User(args) => Box::pin(user::run(args)).await,
            Self::Client(args) => Box::pin(client::run(args)).await,
            Self::Application(args) => Box::pin(application::run(args)).await,
            Self::Role(args) => Box::pin(args.run()).await,
            Self::Group(args) => Box::pin(args.run()).await,
            Self::Record(args) => Box::pin(args.run()).await,
            Self::Session(args) => Box::pin(session::run(args)).await,
            Self::Organization(args) => Box::pin(organization::run(args)).await,
            Self::Product(args) => Box::pin(args.run()).await,
            Self::Plan(args) => Box::pin(plan::run(args)).await,
            Self::Subscription(args) => Box::pin(subscription::run(args)).await,
            Self::Credits(args) => Box::pin(credits::run(args)).await,
            Self::Operation(args) => Box::pin(args.run()).await,
            Self::Policy(args) => Box::pin(args.run()).await,
            Self::Override(args) => Box::pin(args.run()).await,
            Self::Audit(args) => Box::pin(audit::run(args)).await,
            Self::Keys(args) => Box::pin(keys::run(args)).await,
            Self::DevCert(args) => dev_cert::run(&args),
            Self::Openapi(args) => openapi::run(&args),
            Self::ConfigSchema(args) => config_schema::run(&args),
        }
    }
}

/// Runs the program with its command line, the program's name included, and says how it ended: 0 for yes or done, 1 for no,
/// 2 for wrong usage or a failure.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with 0, wrong usage to stderr with 2; a closed pipe changes neither.
            let _printed = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Error::Stdio).and_then(|runtime| runtime.block_on(cli.command.run()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::failure(&error.line());
            ExitCode::from(error.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn storage_flags_may_follow_the_verb() {
        let line = "portcullis role list --data-dir d --json";
        assert!(Cli::try_parse_from(line.split(' ')).is_ok());
        let line = "portcullis token create alice --ttl 1h --json --data-dir d --database sqlite://x";
        assert!(Cli::try_parse_from(line.split(' ')).is_ok());
    }

    #[test]
    fn a_server_and_a_database_exclude_each_other() {
        let line = "portcullis check a b c --server http://h --database sqlite://x";
        assert_eq!(Cli::try_parse_from(line.split(' ')).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn secrets_of_the_command_line_are_not_in_its_debug_form() {
        let line = "portcullis check a b c --server http://h --key canary";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        assert!(!format!("{cli:?}").contains("canary"));
    }
}
