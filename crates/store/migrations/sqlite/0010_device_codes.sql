-- Devices that ask for a sign-in (RFC 8628). `digest` is of the secret half of the device code, `user_code` a keyed digest.
-- The columns from `user_id` on are of whoever entered the user code.
CREATE TABLE pc_device_code (
    device_code_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    user_code BLOB NOT NULL,
    client_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    user_agent TEXT,
    ip TEXT,
    network TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    interval_secs INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    user_id TEXT,
    browser_session TEXT,
    auth_time INTEGER,
    amr TEXT,
    decided_at INTEGER,
    PRIMARY KEY (device_code_id)
) STRICT;
CREATE UNIQUE INDEX pc_device_code_by_user_code ON pc_device_code (user_code);
CREATE INDEX pc_device_code_by_origin ON pc_device_code (client_id, network, created_at);
CREATE INDEX pc_device_code_by_expiry ON pc_device_code (expires_at);

-- User codes that were entered and are nobody's. `exposure` is how many codes could have been hit.
CREATE TABLE pc_device_guess (
    guess_id TEXT NOT NULL,
    browser_session TEXT NOT NULL,
    network TEXT NOT NULL,
    exposure INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (guess_id)
) STRICT;
CREATE INDEX pc_device_guess_by_session ON pc_device_guess (browser_session, at);
CREATE INDEX pc_device_guess_by_network ON pc_device_guess (network, at);
CREATE INDEX pc_device_guess_by_time ON pc_device_guess (at, exposure);
