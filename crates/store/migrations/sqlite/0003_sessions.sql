-- Sign-ins. A session is alive while it was not ended and neither of its ends has come.
CREATE TABLE pc_session (
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    pool TEXT NOT NULL,
    amr TEXT NOT NULL,
    device_name TEXT,
    user_agent TEXT,
    ip TEXT,
    created_at INTEGER NOT NULL,
    auth_time INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle_secs INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    PRIMARY KEY (session_id)
) STRICT;
CREATE INDEX pc_session_by_user ON pc_session (user_id) WHERE ended_at IS NULL;
CREATE INDEX pc_session_by_expiry ON pc_session (idle_expires_at);

-- Refresh tokens: only digests, and of the one that replaced a used one, a copy that only who holds the used one can open.
CREATE TABLE pc_refresh_token (
    token_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    parent TEXT,
    digest BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    successor BLOB,
    PRIMARY KEY (token_id)
) STRICT;
CREATE INDEX pc_refresh_token_by_expiry ON pc_refresh_token (expires_at);

-- Access tokens that are refused before they expire.
CREATE TABLE pc_revoked_token (
    token_id TEXT NOT NULL,
    effective_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    PRIMARY KEY (token_id)
) STRICT;
CREATE INDEX pc_revoked_token_by_forgetting ON pc_revoked_token (forget_at);
