-- The first schema. Its twin is in the folder of the other database; a test compares the two.

-- Facts about the installation.
CREATE TABLE pc_meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT;

-- Signing keys; `sealed` is the private half under the master key.
CREATE TABLE pc_signing_key (
    kid TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL,
    public BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (kid)
) STRICT;

-- Roles. `body` is the entity as JSON; `folded` is its searchable text in lower case.
CREATE TABLE pc_role (
    role_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (role_id)
) STRICT;

-- Groups.
CREATE TABLE pc_group (
    group_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (group_id)
) STRICT;

-- Members of groups.
CREATE TABLE pc_group_user (
    group_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_group_user_by_user ON pc_group_user (user_id, group_id);

-- Admins of groups.
CREATE TABLE pc_group_admin (
    user_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_group_admin_by_group ON pc_group_admin (group_id);

-- Access records; deleted ones stay, with their grant rows.
CREATE TABLE pc_record (
    record_id TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (record_id)
) STRICT;
CREATE INDEX pc_record_by_status ON pc_record (status, record_id);

-- Admins of records.
CREATE TABLE pc_record_admin (
    user_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    PRIMARY KEY (user_id, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_record_admin_by_record ON pc_record_admin (record_id);

-- What records grant, three row sets a statement: whom (`u` user, `g` group; `live` while the record is active) …
-- The principal leads the key: SQLite, which takes any first column for a rare one, would else search by the kind.
CREATE TABLE pc_grant_principal (
    kind TEXT NOT NULL CHECK (kind IN ('u', 'g')),
    principal TEXT NOT NULL,
    record_id TEXT NOT NULL,
    statement INTEGER NOT NULL,
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    PRIMARY KEY (principal, kind, record_id, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_grant_principal_by_statement ON pc_grant_principal (record_id, statement, kind, principal);

-- … on what …
CREATE TABLE pc_grant_resource (
    record_id TEXT NOT NULL,
    statement INTEGER NOT NULL,
    uri TEXT NOT NULL,
    PRIMARY KEY (record_id, statement, uri)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_grant_resource_by_uri ON pc_grant_resource (uri, record_id, statement);

-- … and as what.
CREATE TABLE pc_grant_role (
    record_id TEXT NOT NULL,
    statement INTEGER NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (record_id, statement, role_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pc_grant_role_by_role ON pc_grant_role (role_id, record_id, statement);

-- Configurations of resources.
CREATE TABLE pc_resource_config (
    uri TEXT NOT NULL,
    claim_allow INTEGER NOT NULL CHECK (claim_allow IN (0, 1)),
    public_allow INTEGER NOT NULL CHECK (public_allow IN (0, 1)),
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (uri)
) STRICT;
CREATE INDEX pc_resource_config_by_public ON pc_resource_config (uri) WHERE public_allow = 1;

-- Access requests.
CREATE TABLE pc_request (
    request_id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_by TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (request_id)
) STRICT;
CREATE INDEX pc_request_by_status ON pc_request (status, request_id);
CREATE INDEX pc_request_by_creator ON pc_request (created_by, request_id);

-- Invites; each is used once.
CREATE TABLE pc_invite (
    invite_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    body TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (invite_id)
) STRICT;

-- Service clients.
CREATE TABLE pc_client (
    client_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (client_id)
) STRICT;

-- Public halves of service clients' access keys.
CREATE TABLE pc_access_key (
    client_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, key_id)
) STRICT, WITHOUT ROWID;

-- Users' profiles.
CREATE TABLE pc_user (
    user_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id)
) STRICT;

-- Users' tokens that can be disabled.
CREATE TABLE pc_user_token (
    token_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    body TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (token_id)
) STRICT;
CREATE INDEX pc_user_token_by_user ON pc_user_token (user_id);
CREATE INDEX pc_user_token_by_expiry ON pc_user_token (expires_at);
CREATE INDEX pc_user_token_by_revoked ON pc_user_token (token_id) WHERE revoked_at IS NOT NULL;

-- What nodes tell each other to forget. Ids are never used again.
CREATE TABLE pc_change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    node TEXT NOT NULL
) STRICT;

-- The audit trail.
CREATE TABLE pc_audit (
    event_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT,
    node TEXT NOT NULL,
    request_id TEXT
) STRICT;
CREATE INDEX pc_audit_by_actor ON pc_audit (actor, event_id);
CREATE INDEX pc_audit_by_target ON pc_audit (target, event_id);
CREATE INDEX pc_audit_by_action ON pc_audit (action, event_id);
