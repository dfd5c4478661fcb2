-- What an application was given by a person is a session too. All of these are NULL in a person's own sessions, and
-- browser_session also where no browser of the person took part.
ALTER TABLE pc_session ADD COLUMN application_id TEXT COLLATE "C";
ALTER TABLE pc_session ADD COLUMN scope TEXT COLLATE "C";
ALTER TABLE pc_session ADD COLUMN audience TEXT COLLATE "C";
ALTER TABLE pc_session ADD COLUMN browser_session TEXT COLLATE "C";
ALTER TABLE pc_session ADD COLUMN claims TEXT COLLATE "C";
CREATE INDEX pc_session_by_application ON pc_session (application_id) WHERE ended_at IS NULL;
CREATE INDEX pc_session_by_browser ON pc_session (browser_session) WHERE ended_at IS NULL;
