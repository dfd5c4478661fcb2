use std::io::Write as _;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn load_file(text: &str) -> Result<Config, ConfigError> {
    let file = file(text);
    let flags = Flags { config: Some(file.path().to_path_buf()), ..Flags::default() };
    Config::load(&flags, [])
}

#[test]
fn nothing_said_is_a_safe_configuration() {
    let config = Config::load(&Flags::default(), []).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, Path::new("./portcullis-data"));
    assert_eq!(config.database.expose(), "sqlite://./portcullis-data/portcullis.db");
    assert!(config.master_key.is_none() && !config.log.json);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = file("listen = \"127.0.0.1:1\"\npublic_url = \"http://file\"\nnode = \"of-file\"\n");
    let flags = Flags {
        config: Some(file.path().to_path_buf()),
        listen: Some("127.0.0.1:3".to_owned()),
        ..Flags::default()
    };
    let environment =
        environment(&[("PORTCULLIS_LISTEN", "127.0.0.1:2"), ("PORTCULLIS_PUBLIC_URL", "http://environment")]);
    let config = Config::load(&flags, environment).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.public_url.unwrap(), "http://environment");
    assert_eq!(config.node, "of-file");
}

#[test]
fn the_environment_may_name_the_file() {
    let file = file("node = \"a\"");
    let path = file.path().to_str().unwrap();
    let config = Config::load(&Flags::default(), environment(&[("PORTCULLIS_CONFIG", path)])).unwrap();
    assert_eq!(config.node, "a");
}

#[test]
fn errors_of_a_file_name_it_and_the_setting_and_show_no_value() {
    let error = load_file("listne = \"127.0.0.1:1\"").unwrap_err().to_string();
    assert!(error.starts_with("unknown setting: listne in "), "{error}");
    let error = load_file("[log]\nformat = \"json\"").unwrap_err().to_string();
    assert!(error.starts_with("unknown setting: log in "), "{error}");
    let error = load_file("max_connections = 0").unwrap_err().to_string();
    assert!(error.contains("expected a whole number from 1 to"), "{error}");
    let error = load_file("node = \"a\"\nmaster_key = \"hunter2").unwrap_err().to_string();
    assert!(error.contains("line 2") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let flags = Flags { config: Some("/nowhere/portcullis.toml".into()), ..Flags::default() };
    let error = Config::load(&flags, []).unwrap_err();
    assert_eq!(error.to_string(), "cannot read /nowhere/portcullis.toml");
}

#[test]
fn secrets_may_be_files_and_one_source_gives_one() {
    let key = file("  c2VjcmV0\n");
    let path = key.path().to_str().unwrap();
    let config =
        Config::load(&Flags::default(), environment(&[("PORTCULLIS_MASTER_KEY_FILE", path)])).unwrap();
    let given = config.master_key.unwrap();
    assert_eq!((given.secret.expose(), given.origin.as_str()), ("c2VjcmV0", path));

    let both = environment(&[("PORTCULLIS_MASTER_KEY_FILE", path), ("PORTCULLIS_MASTER_KEY", "a")]);
    let error = Config::load(&Flags::default(), both).unwrap_err().to_string();
    assert!(error.contains("PORTCULLIS_MASTER_KEY and PORTCULLIS_MASTER_KEY_FILE"), "{error}");
}

#[test]
fn a_flag_wins_over_a_secret_file_of_the_environment() {
    let url = file("postgres://a");
    let variables = environment(&[("PORTCULLIS_DATABASE_FILE", url.path().to_str().unwrap())]);
    let from_file = Config::load(&Flags::default(), variables.clone()).unwrap();
    assert_eq!(from_file.database.expose(), "postgres://a");
    let flags = Flags { database: Some(SecretText::new("postgres://b")), ..Flags::default() };
    assert_eq!(Config::load(&flags, variables).unwrap().database.expose(), "postgres://b");
}

#[test]
fn signing_in_is_as_configured_and_safe_when_not() {
    use portcullis::sign_in::{LockPolicy, PoolDefaults};
    let config = load_file("").unwrap();
    assert_eq!(
        (config.sign_in.lock, config.sign_in.pools),
        (LockPolicy::new(10, 900), PoolDefaults::default())
    );
    let text = "lockout_threshold = 100\nlockout_secs = 1\nregistration = \"closed\"\nrequire_verified_email = \"yes\"";
    let given = load_file(text).unwrap().sign_in;
    assert_eq!(given.lock, LockPolicy::new(100, 1));
    assert!(given.pools.require_verified_email);
    assert_eq!(given.pools.registration, Registration::Closed);
    for wrong in
        ["lockout_threshold = 101", "lockout_threshold = 0", "lockout_secs = 0", "registration = \"ajar\""]
    {
        let name = wrong.split(' ').next().unwrap();
        assert!(load_file(wrong).unwrap_err().to_string().contains(name), "{wrong}");
    }
}

#[test]
fn passwords_are_as_configured_and_safe_when_not() {
    let config = Config::load(&Flags::default(), []).unwrap();
    assert_eq!((config.passwords.policy.min_length, config.passwords.cost.memory_kib), (15, 19_456));
    assert_eq!((config.passwords.queue, config.credential_rate_per_minute), (64, 30));
    let config = load_file(
        "password_words = [\"acme\", \"road runner\"]\npassword_min_length = 8\npassword_threads = 3\n\
         argon2_memory_kib = 64\nargon2_iterations = 1\ncredential_rate_per_minute = 0",
    )
    .unwrap();
    assert_eq!(config.passwords.policy.words, ["acme", "road runner"]);
    assert_eq!((config.passwords.policy.min_length, config.passwords.threads), (8, 3));
    assert_eq!((config.passwords.cost.memory_kib, config.credential_rate_per_minute), (64, 0));
    let words = environment(&[("PORTCULLIS_PASSWORD_WORDS", "acme, road runner")]);
    let words = Config::load(&Flags::default(), words).unwrap().passwords.policy.words;
    assert_eq!(words, ["acme", "road runner"]);
    let refused = load_file("password_min_length = 7").unwrap_err().to_string();
    assert!(refused.contains("expected a whole number from 8 to 64"), "{refused}");
}

#[test]
fn only_addresses_and_networks_are_trusted() {
    let config = load_file("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]").unwrap();
    assert_eq!(config.limits.trusted_proxies.len(), 2);
    let refused = load_file("trusted_proxies = [\"proxy\"]").unwrap_err().to_string();
    assert!(refused.starts_with("trusted_proxies: expected an address"), "{refused}");
}

#[test]
fn mail_goes_where_it_is_configured_and_comes_from_somebody() {
    let load = |text: &str| load_file(&format!("mail_from = \"id@example.org\"\n{text}"));
    assert!(matches!(load("").unwrap().mail, MailConfig::None));
    assert!(matches!(load("mail = \"none\"").unwrap().mail, MailConfig::None));
    let MailConfig::File { folder, from } = load("mail = \"file:mails\"").unwrap().mail else { panic!() };
    assert_eq!((folder.to_str(), from.as_str()), (Some("mails"), "id@example.org"));
    assert!(matches!(load("mail = \"smtp://h\"").unwrap().mail, MailConfig::Smtp { .. }));
    let secret = file("smtps://u:p@h");
    let from_file = load(&format!("mail_file = {:?}", secret.path())).unwrap().mail;
    assert!(matches!(from_file, MailConfig::Smtp { url, .. } if url.expose() == "smtps://u:p@h"));
    for wrong in ["sendmail", "file:", "http://h", "canary"] {
        let refused = load(&format!("mail = {wrong:?}")).unwrap_err().to_string();
        assert!(refused.contains("expected none, file:FOLDER") && !refused.contains("canary"), "{refused}");
    }
    let refused = load_file("mail = \"smtp://h\"").unwrap_err().to_string();
    assert_eq!(refused, "the setting mail_from is missing");
    let refused = load_file("mail_from = \"nobody\"").unwrap_err().to_string();
    assert!(refused.contains("expected an e-mail address"), "{refused}");
}

#[test]
fn no_secret_is_in_the_debug_form() {
    let variables = environment(&[
        ("PORTCULLIS_MASTER_KEY", "canary-key"),
        ("PORTCULLIS_DATABASE", "postgres://u:canary-password@h/d"),
        ("PORTCULLIS_MAIL", "smtps://u:canary-mail@h"),
        ("PORTCULLIS_MAIL_FROM", "id@example.org"),
    ]);
    let shown = format!("{:?}", Config::load(&Flags::default(), variables).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn the_public_url_is_the_bound_address_unless_said() {
    let config = Config::load(&Flags::default(), []).unwrap();
    assert_eq!(config.public_url_at("0.0.0.0:81".parse().unwrap()), "http://127.0.0.1:81");
    assert_eq!(config.public_url_at("[::]:81".parse().unwrap()), "http://[::1]:81");
    let flags = Flags { public_url: Some("https://id.example.org/".to_owned()), ..Flags::default() };
    let config = Config::load(&flags, []).unwrap();
    assert_eq!(config.public_url_at("0.0.0.0:81".parse().unwrap()), "https://id.example.org");
}

#[test]
fn a_data_folder_with_signs_of_urls_in_its_name_is_a_path() {
    let url = default_database(Path::new("/tmp/50% off?")).unwrap();
    assert_eq!(url, "sqlite:///tmp/50%25 off%3F/portcullis.db");
}

#[test]
fn sessions_live_as_long_as_configured_down_to_a_second() {
    let config = Config::load(&Flags::default(), []).unwrap();
    assert_eq!(config.sessions, SessionPolicy::default());
    let config = load_file(
        "access_token_secs = 1\nsession_idle_secs = 2\nsession_absolute_secs = 3\nsessions_per_user = 4\n\
         refresh_grace_secs = 0",
    )
    .unwrap();
    let sessions = config.sessions;
    assert_eq!((sessions.access_token_secs, sessions.idle_secs, sessions.absolute_secs), (1, 2, 3));
    assert_eq!((sessions.per_user, sessions.refresh_grace_secs), (4, 0));
    for wrong in ["access_token_secs = 0", "sessions_per_user = 0", "refresh_grace_secs = 61"] {
        assert!(load_file(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn az_05_unknown_operations_are_denied_unless_it_is_said_otherwise() {
    use portcullis::guard::UnknownOperation;
    let config = Config::load(&Flags::default(), []).unwrap();
    assert_eq!(config.unknown_operation, UnknownOperation::Deny);
    let config = load_file("unknown_operation = \"allow_and_log\"").unwrap();
    assert_eq!(config.unknown_operation, UnknownOperation::AllowAndLog);
    assert!(load_file("unknown_operation = \"allow\"").is_err());
}
