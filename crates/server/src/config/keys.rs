//! Every setting there is. A new one is an entry here and a field of [`Config`](super::Config).

use super::key::{Key, Kind};

/// All settings, in the order of the manual.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "listen",
        kind: Kind::Address,
        default: Some("127.0.0.1:8080"),
        about: "Where to listen. Port 0 takes any free port, which is then printed.",
    },
    Key {
        name: "public_url",
        kind: Kind::Origin,
        default: None,
        about: "Under which origin clients reach this installation: the issuer of its tokens and the base of every link. \
                The bound address when absent.",
    },
    Key {
        name: "tls_cert",
        kind: Kind::Path,
        default: None,
        about: "The certificate of this server, PEM, followed by those between it and a root; HTTPS is served then, with TLS 1.2 and \
                1.3. Read again when the file changes. `portcullis dev-cert` makes one for development.",
    },
    Key { name: "tls_key", kind: Kind::Path, default: None, about: "The private key of `tls_cert`, PEM." },
    Key {
        name: "origin_aliases",
        kind: Kind::Origins,
        default: None,
        about: "Other origins that service clients may name as the issuer of the tokens that they sign.",
    },
    Key {
        name: "data_dir",
        kind: Kind::Path,
        default: Some("./portcullis-data"),
        about: "The folder for the master key, the bootstrap file and the default database.",
    },
    Key {
        name: "database",
        kind: Kind::Secret,
        default: None,
        about: "sqlite://PATH or postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE. A SQLite file in the data folder when absent.",
    },
    Key {
        name: "database_file",
        kind: Kind::Path,
        default: None,
        about: "A file that holds the value of `database`.",
    },
    Key {
        name: "database_connections",
        kind: Kind::Integer { min: 2, max: 1_000 },
        default: Some("16"),
        about: "The most connections to PostgreSQL at once.",
    },
    Key {
        name: "database_readers",
        kind: Kind::Integer { min: 1, max: 64 },
        default: Some("4"),
        about: "How many connections to SQLite read.",
    },
    Key {
        name: "master_key",
        kind: Kind::Secret,
        default: None,
        about: "What signing keys are sealed under: 32 bytes, as 64 hexadecimal digits or 44 characters of base64. The file \
                `master.key` of the data folder when absent.",
    },
    Key {
        name: "master_key_file",
        kind: Kind::Path,
        default: None,
        about: "A file that holds the value of `master_key`.",
    },
    Key {
        name: "node",
        kind: Kind::Text,
        default: Some("node"),
        about: "The name of this node in logs and in the audit trail; a part that is new with every start is added to it.",
    },
    Key {
        name: "log_format",
        kind: Kind::Choice(&["text", "json"]),
        default: Some("text"),
        about: "How the log on stderr is written.",
    },
    Key {
        name: "log_filter",
        kind: Kind::Text,
        default: Some("info"),
        about: "What the log holds: a level, or directives such as `info,portcullis=debug`.",
    },
    Key {
        name: "max_connections",
        kind: Kind::Integer { min: 1, max: 1_000_000 },
        default: Some("10000"),
        about: "The most open HTTP connections; more wait in the system's queue.",
    },
    Key {
        name: "max_header_bytes",
        kind: Kind::Integer { min: 8_192, max: 1_048_576 },
        default: Some("65536"),
        about: "The largest head of a request.",
    },
    Key {
        name: "header_timeout_secs",
        kind: Kind::Integer { min: 1, max: 3_600 },
        default: Some("30"),
        about: "How long a client may take to send the head of its next request, and then for its body.",
    },
    Key {
        name: "shutdown_timeout_secs",
        kind: Kind::Integer { min: 0, max: 3_600 },
        default: Some("30"),
        about: "How long requests in flight may take after SIGTERM.",
    },
    Key {
        name: "grant_cache_mib",
        kind: Kind::Integer { min: 1, max: 1_048_576 },
        default: Some("256"),
        about: "The most memory for compiled grants, in MiB.",
    },
    Key {
        name: "token_cache_entries",
        kind: Kind::Integer { min: 1, max: 100_000_000 },
        default: Some("10000"),
        about: "The most verified tokens to remember.",
    },
    Key {
        name: "trusted_proxies",
        kind: Kind::Words,
        default: None,
        about: "Addresses (10.0.0.7) and networks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed: who is behind \
                them is then counted by their own address.",
    },
    Key {
        name: "credential_rate_per_minute",
        kind: Kind::Integer { min: 0, max: 1_000_000 },
        default: Some("30"),
        about: "How many attempts at a credential (register, login, refresh, password, verification) one address may make a \
                minute, on each node; IPv6 is counted by network of /64. 0 for no limit.",
    },
    Key {
        name: "lockout_threshold",
        kind: Kind::Integer { min: 1, max: 100 },
        default: Some("10"),
        about: "After how many wrong passwords in a row an account is locked. After a hundred in a row it stays locked until \
                its password is reset.",
    },
    Key {
        name: "lockout_secs",
        kind: Kind::Integer { min: 1, max: 86_400 },
        default: Some("900"),
        about: "How long the first lock of an account lasts. Each further one lasts twice as long, up to a day.",
    },
    Key {
        name: "device_code_secs",
        kind: Kind::Integer { min: 1, max: 3_600 },
        default: Some("600"),
        about: "How long a person has to enter the code that a device shows, and to decide.",
    },
    Key {
        name: "device_poll_secs",
        kind: Kind::Integer { min: 1, max: 60 },
        default: Some("5"),
        about: "How long a device should wait between two polls.",
    },
    Key {
        name: "device_codes_per_minute",
        kind: Kind::Integer { min: 1, max: 1_000_000 },
        default: Some("30"),
        about: "How many devices an application may begin to sign in from one network a minute.",
    },
    Key {
        name: "device_codes_pending",
        kind: Kind::Integer { min: 1, max: 1_000_000 },
        default: Some("10000"),
        about: "How many devices may wait for a decision at once.",
    },
    Key {
        name: "device_guess_exposure",
        kind: Kind::Integer { min: 1, max: 1_000_000_000 },
        default: Some("24414"),
        about: "How many waiting codes the wrong ones that people enter within a day may have come near, summed over them, before nobody \
                may enter one. The default keeps the chance that anybody hits one by guessing below 2^-20 a day.",
    },
    Key {
        name: "oauth_prefixes",
        kind: Kind::Words,
        default: None,
        about: "Paths (/global) below which the older paths of the OAuth endpoints (/token, /oidc/device/code) are there too, for clients \
                that have them built in.",
    },
    Key {
        name: "registration",
        kind: Kind::Choice(&["open", "closed"]),
        default: Some("open"),
        about: "Whether people may register themselves in the user pool `main`, unless the pool says otherwise.",
    },
    Key {
        name: "require_verified_email",
        kind: Kind::Choice(&["no", "yes"]),
        default: Some("no"),
        about: "Whether only a verified e-mail address may sign in, unless the user pool says otherwise.",
    },
    Key {
        name: "password_min_length",
        kind: Kind::Integer { min: 8, max: 64 },
        default: Some("15"),
        about: "The fewest characters of a new password. Below 15 only where a password is never the only factor.",
    },
    Key {
        name: "password_min_score",
        kind: Kind::Integer { min: 0, max: 4 },
        default: Some("3"),
        about: "How hard to guess a new password must be: the least score of zxcvbn. 0 refuses only the most common ones.",
    },
    Key {
        name: "password_words",
        kind: Kind::Words,
        default: None,
        about: "Words that a new password must not be made of: the names of the product, the company, the team.",
    },
    Key {
        name: "password_breached_file",
        kind: Kind::Path,
        default: None,
        about: "A file of passwords that must not be set: SHA-1 digests in upper case, one a line, sorted, with or without \
                :COUNT, as Have I Been Pwned offers it.",
    },
    Key {
        name: "argon2_memory_kib",
        kind: Kind::Integer { min: 8, max: 4_194_304 },
        default: Some("19456"),
        about: "The memory that hashing a password takes, in KiB, for each thread of password_threads; at least 8 for each of \
                argon2_parallelism. Less than the default is for tests.",
    },
    Key {
        name: "argon2_iterations",
        kind: Kind::Integer { min: 1, max: 1_000 },
        default: Some("2"),
        about: "How often hashing a password passes over that memory. Hashes of another cost are made anew at the next login.",
    },
    Key {
        name: "argon2_parallelism",
        kind: Kind::Integer { min: 1, max: 64 },
        default: Some("1"),
        about: "How many lanes that memory has.",
    },
    Key {
        name: "password_threads",
        kind: Kind::Integer { min: 1, max: 64 },
        default: None,
        about: "How many threads hash passwords, at the lowest priority. Half of the cores when absent.",
    },
    Key {
        name: "password_queue",
        kind: Kind::Integer { min: 1, max: 65_536 },
        default: Some("64"),
        about: "How many passwords may wait to be hashed; further ones are answered with 503.",
    },
    Key {
        name: "mail",
        kind: Kind::Secret,
        default: None,
        about: "How mail is sent: none, file:FOLDER (a file for each, for development), smtps://[USER:PASSWORD@]HOST[:PORT], or \
                smtp://[USER:PASSWORD@]HOST[:PORT] with STARTTLS, ?tls=opportunistic or ?tls=none. None when absent.",
    },
    Key {
        name: "mail_file",
        kind: Kind::Path,
        default: None,
        about: "A file that holds the value of `mail`.",
    },
    Key {
        name: "mail_ca_file",
        kind: Kind::Path,
        default: None,
        about: "A file with certificates in PEM of a certificate authority of your own, which the SMTP server's certificate may come \
                from: they are trusted beside the public ones.",
    },
    Key {
        name: "mail_from",
        kind: Kind::MailAddress,
        default: None,
        about: "The address that mail is sent from. Needed when mail is sent.",
    },
    Key {
        name: "key_publish_secs",
        kind: Kind::Integer { min: 1, max: 2_592_000 },
        default: Some("600"),
        about: "For how long a new signing key is published before it signs. Longer than anybody keeps an older key set: ours says \
                300 seconds.",
    },
    Key {
        name: "access_token_secs",
        kind: Kind::Integer { min: 1, max: 2_592_000 },
        default: Some("900"),
        about: "How long an access token of a session is good. A user's own configuration wins.",
    },
    Key {
        name: "session_idle_secs",
        kind: Kind::Integer { min: 1, max: 31_536_000 },
        default: Some("1209600"),
        about: "How long a session may rest, neither used nor refreshed, before it ends.",
    },
    Key {
        name: "session_absolute_secs",
        kind: Kind::Integer { min: 1, max: 31_536_000 },
        default: Some("7776000"),
        about: "How long a session may last at all. A user's own configuration wins.",
    },
    Key {
        name: "sessions_per_user",
        kind: Kind::Integer { min: 1, max: 1_000 },
        default: Some("10"),
        about: "How many sessions a user may have at once. One more ends the one that was seen the longest ago.",
    },
    Key {
        name: "refresh_grace_secs",
        kind: Kind::Integer { min: 0, max: 60 },
        default: Some("10"),
        about: "For how long a used refresh token still gives the one that replaced it. Later use ends the session.",
    },
    Key {
        name: "unknown_operation",
        kind: Kind::Choice(&["deny", "allow_and_log"]),
        default: Some("deny"),
        about: "What the guard does about an operation that is neither registered nor named by a role: deny, or allow without \
                deciding and log it, for applications on their way to a registry.",
    },
    Key {
        name: "guard_fake_context",
        kind: Kind::Choice(&["no", "yes"]),
        default: Some("no"),
        about: "For development only: the guard believes every token that has the shape of a JWT and makes its context up. \
                Refused unless `listen` is a loopback address.",
    },
];

/// The setting of this name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
