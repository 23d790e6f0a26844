-- Ingest runs: what was done, when, and why it stopped.

-- name: start_run
INSERT INTO ingest_run (source_id) VALUES (%(source)s) RETURNING id

-- name: finish_run
UPDATE ingest_run
SET finished_at = now(), state = %(state)s, counts = %(counts)s, failures = %(failures)s,
    reason = %(reason)s
WHERE id = %(run)s

-- name: latest_runs
SELECT r.id, s.name AS source, r.started_at, r.finished_at, r.state, r.counts, r.failures, r.reason
FROM ingest_run r JOIN source s ON s.id = r.source_id
ORDER BY r.id DESC LIMIT %(limit)s

-- name: lock_source
-- Held by the session of a run; a second run on the source does not get it.
SELECT pg_try_advisory_lock(7340002, %(source)s) AS free

-- name: unlock_source
SELECT pg_advisory_unlock(7340002, %(source)s)
