-- What the guard decides by. Its twin is in the folder of the other database; a test compares the two.

-- Operations: `operation_id` is the name, and for a tenant's own `name@tenant`.
CREATE TABLE pc_operation (
    operation_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (operation_id)
) STRICT;

-- Attribute policies.
CREATE TABLE pc_policy (
    policy_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (policy_id)
) STRICT;

-- Overrides of single users.
CREATE TABLE pc_override (
    override_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    body TEXT NOT NULL,
    folded TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (override_id)
) STRICT;
CREATE INDEX pc_override_by_user ON pc_override (user_id, override_id);

-- Prices of operations that went on while the ledger did not answer; charged later, once each.
CREATE TABLE pc_deferred_charge (
    charge_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (charge_id)
) STRICT;
CREATE UNIQUE INDEX pc_deferred_charge_by_key ON pc_deferred_charge (idempotency_key);
CREATE INDEX pc_deferred_charge_by_due ON pc_deferred_charge (due_at, charge_id);
