-- What lets a desk leave ingest alone at night.

-- Work that only one process may do at a time, wherever it runs. The token is raised each time
-- it is taken, and what an older holder still tries to write is refused.
CREATE TABLE lease (
    name   text PRIMARY KEY,
    token  bigint NOT NULL DEFAULT 0
);
-- In a table of its own, so that renewing one waits for no writer.
CREATE TABLE lease_holder (
    name        text PRIMARY KEY REFERENCES lease,
    holder      text NOT NULL,
    expires_at  timestamptz NOT NULL
);

-- When the served text was last seen at the source.
ALTER TABLE article ADD confirmed_at timestamptz;
UPDATE article a SET confirmed_at = v.fetched_at
FROM article_version v WHERE v.id = a.current_version_id;

-- `report` takes the place of counts and failures. `complete` runs read the whole source, so that
-- what they did not meet is gone. `removing` are the articles that a held run would have removed.
ALTER TABLE ingest_run DROP CONSTRAINT ingest_run_state_check;
ALTER TABLE ingest_run
    ADD CONSTRAINT ingest_run_state_check CHECK (state IN ('running', 'done', 'held', 'failed')),
    ADD complete bool NOT NULL DEFAULT true,
    ADD removing text[],
    ADD approved_by text;
ALTER TABLE ingest_run RENAME COLUMN counts TO report;
UPDATE ingest_run
SET report = report || jsonb_build_object('failures', coalesce(failures, '[]'), 'state', state)
          || '{"fetched": 0, "tokens": 0, "cost": 0, "held": [], "findings": [], "slowest": {}, "reason": null}'
WHERE report IS NOT NULL;
ALTER TABLE ingest_run DROP COLUMN failures;

-- Articles with text that addresses a model: not served until a lead lets them pass. A new text
-- is looked at anew.
CREATE TABLE article_hold (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id     int NOT NULL REFERENCES source,
    external_id   text NOT NULL,
    path          text NOT NULL,
    content_hash  text NOT NULL,
    sentence      text NOT NULL,
    held_at       timestamptz NOT NULL DEFAULT now(),
    passed_by     text,
    passed_at     timestamptz,
    UNIQUE (source_id, external_id, content_hash)
);
