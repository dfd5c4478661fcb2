-- People who sign in: user pools, addresses, passwords, failures, and links in mails.

-- Namespaces of people. `registration` and `require_verified_email` are NULL where the settings decide.
CREATE TABLE pc_user_pool (
    pool_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    registration TEXT CHECK (registration IN ('open', 'closed')),
    require_verified_email BIGINT CHECK (require_verified_email IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id)
);
INSERT INTO pc_user_pool (pool_id, created_at) VALUES ('main', 0);

-- `not_before` is the subject's epoch: what was issued before is not good.
ALTER TABLE pc_user ADD COLUMN pool TEXT COLLATE "C" NOT NULL DEFAULT 'main';
ALTER TABLE pc_user ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1));
ALTER TABLE pc_user ADD COLUMN disabled_at BIGINT;
ALTER TABLE pc_user ADD COLUMN not_before BIGINT;
CREATE INDEX pc_user_by_pool ON pc_user (pool, user_id);
CREATE INDEX pc_user_disabled ON pc_user (pool, user_id) WHERE disabled_at IS NOT NULL;

-- Whose an address is in a pool, by its folded form. A table of its own, so that a conflict is found by the statement that
-- claims the address, also when a profile that exists gets another one.
CREATE TABLE pc_user_identifier (
    pool TEXT COLLATE "C" NOT NULL,
    identifier TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool, identifier)
);
CREATE INDEX pc_user_identifier_by_user ON pc_user_identifier (user_id);

-- Passwords, as PHC strings or in the form they were imported in.
CREATE TABLE pc_password (
    user_id TEXT COLLATE "C" NOT NULL,
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);

-- Attempts to sign in, by a keyed digest of pool and address: the same for people who exist and for those who do not.
CREATE TABLE pc_sign_in_attempt (
    subject BYTEA NOT NULL,
    round BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    undecided BIGINT NOT NULL,
    locked_until BIGINT,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (subject)
);
CREATE INDEX pc_sign_in_attempt_by_time ON pc_sign_in_attempt (last_at);

-- Links in mails; each is used once. `digest` is of the secret half of the token.
CREATE TABLE pc_mail_token (
    token_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    address TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (token_id)
);
CREATE INDEX pc_mail_token_by_user ON pc_mail_token (user_id, purpose);
CREATE INDEX pc_mail_token_by_expiry ON pc_mail_token (expires_at);
