-- Authorization codes: only digests. A used one is kept for a while, to tell a second use from a guess.
CREATE TABLE pc_authorization_code (
    code_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    browser_session TEXT NOT NULL,
    auth_time INTEGER NOT NULL,
    body TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    session_id TEXT,
    PRIMARY KEY (code_id)
) STRICT;
CREATE INDEX pc_authorization_code_unused ON pc_authorization_code (user_id, client_id) WHERE used_at IS NULL;
CREATE INDEX pc_authorization_code_by_expiry ON pc_authorization_code (expires_at);

-- What users allowed applications, for one audience each.
CREATE TABLE pc_consent (
    user_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    scopes TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, client_id, audience)
) STRICT;
CREATE INDEX pc_consent_by_client ON pc_consent (client_id);
