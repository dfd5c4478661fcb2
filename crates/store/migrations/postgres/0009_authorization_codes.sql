-- Authorization codes: only digests. A used one is kept for a while, to tell a second use from a guess.
CREATE TABLE pc_authorization_code (
    code_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    browser_session TEXT COLLATE "C" NOT NULL,
    auth_time BIGINT NOT NULL,
    body TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    session_id TEXT COLLATE "C",
    PRIMARY KEY (code_id)
);
CREATE INDEX pc_authorization_code_unused ON pc_authorization_code (user_id, client_id) WHERE used_at IS NULL;
CREATE INDEX pc_authorization_code_by_expiry ON pc_authorization_code (expires_at);

-- What users allowed applications, for one audience each.
CREATE TABLE pc_consent (
    user_id TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    audience TEXT COLLATE "C" NOT NULL,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id, audience)
);
CREATE INDEX pc_consent_by_client ON pc_consent (client_id);
