-- Cookies of browsers that are signed in: only digests. Each belongs to a session, which says whose it is and until when.
CREATE TABLE pc_browser_session (
    browser_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    session_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (browser_id)
) STRICT;
CREATE INDEX pc_browser_session_by_session ON pc_browser_session (session_id);
CREATE INDEX pc_browser_session_by_expiry ON pc_browser_session (expires_at);
