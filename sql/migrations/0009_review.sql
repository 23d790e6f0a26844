-- Reviews by statement, who holds what, what a review makes of an answer, and the log of it all.

-- A review stands until it is undone or another one of the same answer takes its place.
ALTER TABLE review
    ADD reason text
        CHECK (reason IN ('wrong', 'outdated', 'wrong_source', 'incomplete', 'tone')),
    ADD undone_at timestamptz,
    ADD undone_by text;
CREATE INDEX review_at ON review (reviewed_at DESC) WHERE undone_at IS NULL;
CREATE INDEX review_good ON review (id) WHERE undone_at IS NULL AND verdict IN ('approve', 'amend');

-- How an amended statement reads; its citations stay those of the part. Empty: it is left out.
CREATE TABLE review_part (
    review_id  bigint NOT NULL REFERENCES review ON DELETE CASCADE,
    position   int NOT NULL,
    wording    text NOT NULL,
    PRIMARY KEY (review_id, position)
);

-- Who has an answer open, so that two leads do not do the same one.
CREATE TABLE review_claim (
    answer_id   bigint PRIMARY KEY REFERENCES answer ON DELETE CASCADE,
    reviewer    text NOT NULL,
    claimed_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
-- What a lead would rather leave to another.
CREATE TABLE review_skip (
    answer_id   bigint NOT NULL REFERENCES answer ON DELETE CASCADE,
    reviewer    text NOT NULL,
    skipped_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (answer_id, reviewer)
);
-- Answers a lead put into the golden set by hand, beside those approved or amended.
CREATE TABLE golden_pick (
    answer_id  bigint PRIMARY KEY REFERENCES answer ON DELETE CASCADE,
    picked_by  text NOT NULL,
    picked_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX part_weak ON part (answer_id) WHERE support IN ('partly', 'unsupported');
CREATE INDEX vote_voted ON vote (voted_at);
ALTER TABLE citation ADD changed_at timestamptz;
UPDATE citation SET changed_at = now() WHERE change IS NOT NULL;
CREATE INDEX question_asked ON question (asked_at);

-- The vectors of questions with a verified answer, by which the same question is known again.
CREATE TABLE verified_question (
    review_id  bigint NOT NULL REFERENCES review ON DELETE CASCADE,
    space_id   int NOT NULL REFERENCES embedding_space ON DELETE CASCADE,
    vector     halfvec NOT NULL,
    PRIMARY KEY (space_id, review_id)
);
-- The review whose answer was given again.
ALTER TABLE answer ADD verified_review_id bigint REFERENCES review ON DELETE SET NULL;
CREATE INDEX answer_verified ON answer (verified_review_id) WHERE verified_review_id IS NOT NULL;

-- The answers that wait for a verdict, the most pressing reason first: 1 voted down, 2 a statement
-- not borne out, 3 not covered, 4 stale, 5 close to not being given, 6 of a voice in its first two
-- weeks, 7 one in twenty of the others. An answer that was reviewed waits again when it is voted
-- down or what it cites changes after that. Kept as answers, votes, reviews and ingest come in.
CREATE TABLE review_wait (
    answer_id    bigint PRIMARY KEY REFERENCES answer ON DELETE CASCADE,
    reason       int NOT NULL,
    answered_at  timestamptz NOT NULL
);
CREATE INDEX review_wait_order ON review_wait (reason, answered_at DESC, answer_id DESC);
CREATE INDEX answer_voice_age ON answer (voice, created_at);

CREATE VIEW review_due AS
SELECT a.id AS answer_id, a.created_at AS answered_at,
       CASE WHEN down.at > coalesce(reviewed.at, '-infinity') THEN 1
            WHEN stale.at > reviewed.at THEN 4
            WHEN reviewed.at IS NOT NULL THEN NULL
            WHEN EXISTS (SELECT FROM part p WHERE p.answer_id = a.id
                         AND p.support IN ('partly', 'unsupported')) THEN 2
            WHEN a.verdict = 'not_covered' THEN 3
            WHEN stale.at IS NOT NULL THEN 4
            WHEN a.verified_review_id IS NOT NULL THEN NULL
            WHEN a.sufficiency < (SELECT c.sure FROM calibration c
                                  JOIN current_space s ON s.space_id = c.space_id) THEN 5
            WHEN a.voice <> 'neutral' AND a.created_at < interval '14 days'
                 + (SELECT min(o.created_at) FROM answer o WHERE o.voice = a.voice) THEN 6
            WHEN hashint8(a.id) % 20 = 0 THEN 7
       END AS reason
FROM answer a
LEFT JOIN LATERAL (SELECT max(voted_at) AS at FROM vote v
                   WHERE v.answer_id = a.id AND NOT v.helpful) AS down ON true
LEFT JOIN LATERAL (SELECT max(changed_at) AS at FROM citation c
                   WHERE c.answer_id = a.id AND c.change IS NOT NULL) AS stale ON true
LEFT JOIN LATERAL (SELECT max(reviewed_at) AS at FROM review r
                   WHERE r.answer_id = a.id AND r.undone_at IS NULL) AS reviewed ON true
WHERE a.verdict <> 'failed';

INSERT INTO review_wait (answer_id, reason, answered_at)
SELECT answer_id, reason, answered_at FROM review_due WHERE reason IS NOT NULL;

-- Questions the help centre does not cover, by what they have in common.
CREATE TABLE uncovered_vector (
    question_id  bigint NOT NULL REFERENCES question ON DELETE CASCADE,
    space_id     int NOT NULL REFERENCES embedding_space ON DELETE CASCADE,
    vector       halfvec NOT NULL,
    PRIMARY KEY (space_id, question_id)
);
CREATE TABLE gap (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    typical_id   bigint NOT NULL REFERENCES question ON DELETE CASCADE,
    found_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE gap_question (
    gap_id       bigint NOT NULL REFERENCES gap ON DELETE CASCADE,
    question_id  bigint NOT NULL REFERENCES question ON DELETE CASCADE,
    PRIMARY KEY (gap_id, question_id)
);
CREATE INDEX gap_question_question ON gap_question (question_id);

-- Who was ever signed in to the console, and who is: only a hash of the token is kept.
CREATE TABLE person (
    id       text PRIMARY KEY,
    name     text NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE web_session (
    token_hash  bytea PRIMARY KEY,
    person      text NOT NULL REFERENCES person ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);

-- Who did what and when; no words of questions or answers. Each row carries a hash over itself and
-- the row before, so that even whoever owns the table leaves a trace in it.
CREATE TABLE audit (
    id         bigint PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    answer_id  bigint,
    detail     jsonb NOT NULL DEFAULT '{}',
    hash       bytea NOT NULL
);
CREATE INDEX audit_answer ON audit (answer_id) WHERE answer_id IS NOT NULL;

CREATE FUNCTION audit_hash(before bytea, entry audit) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(before || convert_to(concat_ws(E'\x1f', entry.id, extract(epoch FROM entry.at),
        entry.actor, entry.action, coalesce(entry.answer_id, 0), entry.detail), 'UTF8'))
$$;
CREATE FUNCTION chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before audit;
BEGIN
    PERFORM pg_advisory_xact_lock(7340007);  -- one row after the other
    SELECT * INTO before FROM audit ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(before.id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.hash := audit_hash(coalesce(before.hash, '\x'), NEW);
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_chain BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION chain_audit();
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
-- Also while session_replication_role is 'replica', which turns ordinary triggers off.
ALTER TABLE audit
    ENABLE ALWAYS TRIGGER audit_chain,
    ENABLE ALWAYS TRIGGER audit_rows_stay,
    ENABLE ALWAYS TRIGGER audit_stays;
