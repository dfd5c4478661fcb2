//! What a token costs when everything else is taken away: digests, signatures, and the rows of the server's own tables in transactions
//! of the same number.

use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use crate::Result;
use crate::server::bare_rows::{Bare, Statement, bytes, number, text};

/// About as long as the claims of a token.
const CLAIMS: usize = 500;

pub struct Floor<'a> {
    runtime: &'a Runtime,
    bare: Bare,
    key: SigningKey,
}

impl<'a> Floor<'a> {
    pub fn new(runtime: &'a Runtime, bare: Bare) -> Result<Self> {
        Ok(Self { runtime, bare, key: SigningKey::from_bytes(&[7; 32]) })
    }

    /// One signature and one durable write, although ours writes nothing.
    pub fn client_credentials(&mut self, round: usize) -> Result<()> {
        self.cryptography(1, 1);
        let id = format!("jti_{round:025}");
        self.write(&[same(
            "INSERT INTO pc_revoked_token (token_id, effective_at, forget_at) VALUES ($1, 0, 0)",
            vec![text(&id)],
        )])
    }

    /// The digests of the secret, of the token and of its successor; two signatures; one transaction.
    pub fn refresh(&mut self, round: usize) -> Result<()> {
        self.cryptography(3, 2);
        let (session, old, new) = names(round);
        let mut statements = vec![
            same(
                "UPDATE pc_refresh_token SET used_at = 1, successor = $2 WHERE token_id = $1",
                vec![text(&old), bytes(96)],
            ),
            same(
                "UPDATE pc_session SET last_seen_at = 1, idle_expires_at = 2 WHERE session_id = $1",
                vec![text(&session)],
            ),
        ];
        statements.push(refresh_token(&new, &session));
        self.write(&statements)
    }

    /// The digests of the cookie, of the code, of its verifier, of the secret and of the refresh token; two signatures; one transaction for
    /// the code, one for what it is redeemed for.
    pub fn code_flow(&mut self, round: usize) -> Result<()> {
        self.cryptography(5, 2);
        let (session, old, _) = names(round);
        let code = format!("ac_{round:025}");
        self.write(&[same(
            "INSERT INTO pc_authorization_code (code_id, digest, client_id, user_id, browser_session, auth_time, body, issued_at, \
             expires_at) VALUES ($1, $2, 'bench', 'bench', 'bench', 0, $3, 0, 60000000)",
            vec![text(&code), bytes(32), text(&"x".repeat(400))],
        )])?;
        self.write(&[
            same(
                "UPDATE pc_authorization_code SET used_at = 1, session_id = $2 WHERE code_id = $1 AND used_at IS NULL",
                vec![text(&code), text(&session)],
            ),
            same(
                "INSERT INTO pc_session (session_id, user_id, pool, amr, created_at, auth_time, last_seen_at, idle_secs, \
                 idle_expires_at, absolute_expires_at, application_id, scope, audience, browser_session) \
                 VALUES ($1, 'bench', 'main', 'pwd', 0, 0, 0, 1, $2, $2, 'bench', 'openid', 'bench', 'bench')",
                vec![text(&session), number(i64::MAX)],
            ),
            refresh_token(&old, &session),
            same(
                "INSERT INTO pc_audit (at, actor, action, target, outcome, node) \
                 VALUES (0, 'bench', 'session.open', $1, 'ok', 'bare')",
                vec![text(&session)],
            ),
        ])
    }

    fn cryptography(&self, digests: u8, signatures: u8) {
        for n in 0..digests {
            std::hint::black_box(Sha256::digest([n; 64]));
        }
        for n in 0..signatures {
            std::hint::black_box(self.key.sign(&[n; CLAIMS]));
        }
    }

    fn write(&mut self, statements: &[Statement]) -> Result<()> {
        self.runtime.block_on(self.bare.transact(statements))
    }
}

/// A session, its refresh token, and that one's successor.
fn names(round: usize) -> (String, String, String) {
    (format!("ses_{round:025}"), format!("rt_{round:025}"), format!("rs_{round:025}"))
}

fn refresh_token(id: &str, session: &str) -> Statement {
    same(
        "INSERT INTO pc_refresh_token (token_id, session_id, digest, issued_at, expires_at) VALUES ($1, $2, $3, 0, $4)",
        vec![text(id), text(session), bytes(32), number(i64::MAX)],
    )
}

fn same(sql: &'static str, values: Vec<crate::server::bare_rows::Value>) -> Statement {
    (sql, sql, values)
}
