-- The first schema. Its twin is in the folder of the other database; a test compares the two.
-- Keys are COLLATE "C": the order of bytes, as SQLite has it, whatever the cluster's locale.

-- Facts about the installation.
CREATE TABLE pc_meta (
    name TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);

-- Signing keys; `sealed` is the private half under the master key.
CREATE TABLE pc_signing_key (
    kid TEXT COLLATE "C" NOT NULL,
    algorithm TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    public BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (kid)
);

-- Roles. `body` is the entity as JSON; `folded` is its searchable text in lower case.
CREATE TABLE pc_role (
    role_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (role_id)
);

-- Groups.
CREATE TABLE pc_group (
    group_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (group_id)
);

-- Members of groups.
CREATE TABLE pc_group_user (
    group_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX pc_group_user_by_user ON pc_group_user (user_id, group_id);

-- Admins of groups.
CREATE TABLE pc_group_admin (
    user_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX pc_group_admin_by_group ON pc_group_admin (group_id);

-- Access records; deleted ones stay, with their grant rows.
CREATE TABLE pc_record (
    record_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (record_id)
);
CREATE INDEX pc_record_by_status ON pc_record (status, record_id);

-- Admins of records.
CREATE TABLE pc_record_admin (
    user_id TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, record_id)
);
CREATE INDEX pc_record_admin_by_record ON pc_record_admin (record_id);

-- What records grant, three row sets a statement: whom (`u` user, `g` group; `live` while the record is active) …
-- The principal leads the key: SQLite, which takes any first column for a rare one, would else search by the kind.
CREATE TABLE pc_grant_principal (
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('u', 'g')),
    principal TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    statement BIGINT NOT NULL,
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    PRIMARY KEY (principal, kind, record_id, statement)
);
CREATE INDEX pc_grant_principal_by_statement ON pc_grant_principal (record_id, statement, kind, principal);

-- … on what …
CREATE TABLE pc_grant_resource (
    record_id TEXT COLLATE "C" NOT NULL,
    statement BIGINT NOT NULL,
    uri TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (record_id, statement, uri)
);
CREATE INDEX pc_grant_resource_by_uri ON pc_grant_resource (uri, record_id, statement);

-- … and as what.
CREATE TABLE pc_grant_role (
    record_id TEXT COLLATE "C" NOT NULL,
    statement BIGINT NOT NULL,
    role_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (record_id, statement, role_id)
);
CREATE INDEX pc_grant_role_by_role ON pc_grant_role (role_id, record_id, statement);

-- Configurations of resources.
CREATE TABLE pc_resource_config (
    uri TEXT COLLATE "C" NOT NULL,
    claim_allow BIGINT NOT NULL CHECK (claim_allow IN (0, 1)),
    public_allow BIGINT NOT NULL CHECK (public_allow IN (0, 1)),
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (uri)
);
CREATE INDEX pc_resource_config_by_public ON pc_resource_config (uri) WHERE public_allow = 1;

-- Access requests.
CREATE TABLE pc_request (
    request_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (request_id)
);
CREATE INDEX pc_request_by_status ON pc_request (status, request_id);
CREATE INDEX pc_request_by_creator ON pc_request (created_by, request_id);

-- Invites; each is used once.
CREATE TABLE pc_invite (
    invite_id TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (invite_id)
);

-- Service clients.
CREATE TABLE pc_client (
    client_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (client_id)
);

-- Public halves of service clients' access keys.
CREATE TABLE pc_access_key (
    client_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    public_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, key_id)
);

-- Users' profiles.
CREATE TABLE pc_user (
    user_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);

-- Users' tokens that can be disabled.
CREATE TABLE pc_user_token (
    token_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (token_id)
);
CREATE INDEX pc_user_token_by_user ON pc_user_token (user_id);
CREATE INDEX pc_user_token_by_expiry ON pc_user_token (expires_at);
CREATE INDEX pc_user_token_by_revoked ON pc_user_token (token_id) WHERE revoked_at IS NOT NULL;

-- What nodes tell each other to forget. Ids are never used again.
CREATE TABLE pc_change (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    at BIGINT NOT NULL,
    node TEXT NOT NULL
);

-- The audit trail.
CREATE TABLE pc_audit (
    event_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT,
    node TEXT NOT NULL,
    request_id TEXT
);
CREATE INDEX pc_audit_by_actor ON pc_audit (actor, event_id);
CREATE INDEX pc_audit_by_target ON pc_audit (target, event_id);
CREATE INDEX pc_audit_by_action ON pc_audit (action, event_id);
