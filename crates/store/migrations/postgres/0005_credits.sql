-- Credits: wallets, what was given to them, what is held, and the ledger. Its twin is in the folder of the other database.
-- Amounts are micro-credits. 9223372036854775807 as an instant is "never".

-- Wallets, one a currency: the row is the lock of everything in the wallet. `transaction` is the last number of its ledger;
-- at `due_at` something in it ends or begins by itself.
CREATE TABLE pc_credit_account (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL CHECK (held >= 0),
    waiting BIGINT NOT NULL CHECK (waiting >= 0),
    overdraft BIGINT NOT NULL CHECK (overdraft >= 0),
    overdraft_held BIGINT NOT NULL CHECK (overdraft_held >= 0 AND overdraft_held <= overdraft),
    overdraft_limit BIGINT NOT NULL CHECK (overdraft_limit >= 0 AND available + overdraft_limit >= 0),
    txn BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX pc_credit_account_by_name ON pc_credit_account (account_id, currency);
CREATE INDEX pc_credit_account_by_due ON pc_credit_account (due_at);

-- Grants. `phase`: 0 not yet effective, 1 live, 2 ended. `remaining` includes what is held.
CREATE TABLE pc_credit_grant (
    grant_id TEXT COLLATE "C" NOT NULL,
    wallet BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    remaining BIGINT NOT NULL CHECK (remaining >= held AND remaining <= amount),
    held BIGINT NOT NULL CHECK (held >= 0),
    category BIGINT NOT NULL CHECK (category IN (0, 1, 2, 3)),
    priority BIGINT NOT NULL CHECK (priority >= 0 AND priority <= 100),
    effective_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    source_ref TEXT,
    phase BIGINT NOT NULL CHECK (phase IN (0, 1, 2)),
    voided_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (grant_id)
);
CREATE INDEX pc_credit_grant_by_wallet ON pc_credit_grant (wallet, grant_id);
CREATE INDEX pc_credit_grant_by_burn_order ON pc_credit_grant (wallet, priority, expires_at, category, created_at, grant_id) WHERE phase = 1;
CREATE INDEX pc_credit_grant_by_expiry ON pc_credit_grant (wallet, expires_at) WHERE phase = 1;
CREATE INDEX pc_credit_grant_by_begin ON pc_credit_grant (wallet, effective_at) WHERE phase = 0;

-- Reservations. `state`: 0 pending, 1 committed, 2 released, 3 expired. `allocations` says which grants pay.
CREATE TABLE pc_credit_reservation (
    reservation_id TEXT COLLATE "C" NOT NULL,
    wallet BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    state BIGINT NOT NULL CHECK (state IN (0, 1, 2, 3)),
    allocations TEXT NOT NULL,
    operation TEXT,
    subject TEXT,
    terms TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    asked BIGINT,
    committed BIGINT,
    refunded BIGINT NOT NULL CHECK (refunded >= 0),
    PRIMARY KEY (reservation_id)
);
CREATE INDEX pc_credit_reservation_by_expiry ON pc_credit_reservation (wallet, expires_at, reservation_id) WHERE state = 0;

-- The ledger: append-only. The lines of one transaction sum to zero.
CREATE TABLE pc_ledger_entry (
    wallet BIGINT NOT NULL,
    txn BIGINT NOT NULL,
    line BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    ledger TEXT COLLATE "C" NOT NULL,
    grant_id TEXT COLLATE "C",
    reservation_id TEXT COLLATE "C",
    delta BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (wallet, txn, line)
);
CREATE FUNCTION pc_ledger_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''the ledger is append-only''; END';
CREATE TRIGGER pc_ledger_entry_no_update BEFORE UPDATE ON pc_ledger_entry
    FOR EACH ROW EXECUTE FUNCTION pc_ledger_entry_is_append_only();
CREATE TRIGGER pc_ledger_entry_no_delete BEFORE DELETE ON pc_ledger_entry
    FOR EACH ROW EXECUTE FUNCTION pc_ledger_entry_is_append_only();

-- What was answered under an idempotency key. Only what succeeded is kept, and that for good.
CREATE TABLE pc_idempotency (
    wallet BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (wallet, key)
);
