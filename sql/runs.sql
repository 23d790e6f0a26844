-- Ingest runs: what was done, when, and why it stopped.

-- name: start_run
INSERT INTO ingest_run (source_id) VALUES (%(source)s) RETURNING id

-- name: close_lost_runs
-- Called with the source locked, so whoever began these is gone.
UPDATE ingest_run SET finished_at = now(), state = 'failed', reason = 'It ended without a word.'
WHERE source_id = %(source)s AND state = 'running'

-- name: finish_run
UPDATE ingest_run
SET finished_at = now(), state = %(state)s, counts = %(counts)s, failures = %(failures)s,
    reason = %(reason)s
WHERE id = %(run)s

-- name: latest_runs
SELECT r.id, s.name AS source, r.started_at, r.finished_at, r.state, r.counts, r.failures, r.reason
FROM ingest_run r JOIN source s ON s.id = r.source_id
ORDER BY r.id DESC LIMIT %(limit)s

-- name: lock_embeddings_shared
-- Held by each run: vectors are written in the served space, so it must not change meanwhile.
SELECT pg_try_advisory_lock_shared(7340002, 0) AS free

-- name: unlock_embeddings_shared
SELECT pg_advisory_unlock_shared(7340002, 0)

-- name: lock_embeddings
-- Held by a switch of the embedding model; free only when no run is at work.
SELECT pg_try_advisory_lock(7340002, 0) AS free

-- name: unlock_embeddings
SELECT pg_advisory_unlock(7340002, 0)

-- name: lock_source
-- Held by the session of a run; a second run on the source does not get it.
SELECT pg_try_advisory_lock(7340002, %(source)s) AS free

-- name: unlock_source
SELECT pg_advisory_unlock(7340002, %(source)s)
