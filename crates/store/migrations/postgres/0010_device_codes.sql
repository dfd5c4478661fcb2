-- Devices that ask for a sign-in (RFC 8628). `digest` is of the secret half of the device code, `user_code` a keyed digest.
-- The columns from `user_id` on are of whoever entered the user code.
CREATE TABLE pc_device_code (
    device_code_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    user_code BYTEA NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    user_agent TEXT,
    ip TEXT,
    network TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    interval_secs BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    user_id TEXT COLLATE "C",
    browser_session TEXT COLLATE "C",
    auth_time BIGINT,
    amr TEXT,
    decided_at BIGINT,
    PRIMARY KEY (device_code_id)
);
CREATE UNIQUE INDEX pc_device_code_by_user_code ON pc_device_code (user_code);
CREATE INDEX pc_device_code_by_origin ON pc_device_code (client_id, network, created_at);
CREATE INDEX pc_device_code_by_expiry ON pc_device_code (expires_at);

-- User codes that were entered and are nobody's. `exposure` is how many codes could have been hit.
CREATE TABLE pc_device_guess (
    guess_id TEXT COLLATE "C" NOT NULL,
    browser_session TEXT COLLATE "C" NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    exposure BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (guess_id)
);
CREATE INDEX pc_device_guess_by_session ON pc_device_guess (browser_session, at);
CREATE INDEX pc_device_guess_by_network ON pc_device_guess (network, at);
CREATE INDEX pc_device_guess_by_time ON pc_device_guess (at, exposure);
