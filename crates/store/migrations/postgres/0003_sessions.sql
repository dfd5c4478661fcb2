-- Sign-ins. A session is alive while it was not ended and neither of its ends has come.
CREATE TABLE pc_session (
    session_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    pool TEXT COLLATE "C" NOT NULL,
    amr TEXT NOT NULL,
    device_name TEXT,
    user_agent TEXT,
    ip TEXT,
    created_at BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    idle_secs BIGINT NOT NULL,
    idle_expires_at BIGINT NOT NULL,
    absolute_expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT,
    PRIMARY KEY (session_id)
);
CREATE INDEX pc_session_by_user ON pc_session (user_id) WHERE ended_at IS NULL;
CREATE INDEX pc_session_by_expiry ON pc_session (idle_expires_at);

-- Refresh tokens: only digests, and of the one that replaced a used one, a copy that only who holds the used one can open.
CREATE TABLE pc_refresh_token (
    token_id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C",
    digest BYTEA NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    successor BYTEA,
    PRIMARY KEY (token_id)
);
CREATE INDEX pc_refresh_token_by_expiry ON pc_refresh_token (expires_at);

-- Access tokens that are refused before they expire.
CREATE TABLE pc_revoked_token (
    token_id TEXT COLLATE "C" NOT NULL,
    effective_at BIGINT NOT NULL,
    forget_at BIGINT NOT NULL,
    PRIMARY KEY (token_id)
);
CREATE INDEX pc_revoked_token_by_forgetting ON pc_revoked_token (forget_at);
