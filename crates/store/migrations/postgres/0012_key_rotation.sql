-- How signing keys take turns. Its twin is in the folder of the other database; a test compares the two.

-- From when a waiting key signs.
ALTER TABLE pc_signing_key ADD COLUMN activates_at BIGINT;
-- Until when a retired key verifies: no token that it signed lives longer.
ALTER TABLE pc_signing_key ADD COLUMN expires_at BIGINT;
-- `ALGORITHM/active`, `ALGORITHM/next`, or nothing of a retired key: however many nodes decide at once, one key of an algorithm
-- signs, and one waits.
ALTER TABLE pc_signing_key ADD COLUMN slot TEXT COLLATE "C";

-- No token lives longer than 30 days.
UPDATE pc_signing_key SET expires_at = retired_at + 2592300000000 WHERE state = 'retired';
UPDATE pc_signing_key SET slot = algorithm || '/' || state WHERE state <> 'retired';

CREATE UNIQUE INDEX pc_signing_key_by_slot ON pc_signing_key (slot);
