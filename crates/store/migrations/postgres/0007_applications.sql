-- OAuth clients. Its twin is in the folder of the other database; a test compares the two.

CREATE TABLE pc_application (
    application_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (application_id)
);

-- Secrets that applications share with us: only their digests.
CREATE TABLE pc_application_secret (
    application_id TEXT COLLATE "C" NOT NULL,
    secret_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (application_id, secret_id)
);

-- Client assertions that were used, by the digest of their `jti`, until nobody would accept them any more.
CREATE TABLE pc_client_assertion (
    application_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    forget_at BIGINT NOT NULL,
    PRIMARY KEY (application_id, digest)
);
CREATE INDEX pc_client_assertion_by_forgetting ON pc_client_assertion (forget_at);
