-- Ingest runs: what was done, when, and why it stopped.

-- name: start_run
-- `resumes`: the last run that was let write anything did not come to its end.
INSERT INTO ingest_run (source_id) VALUES (%(source)s)
RETURNING id, (SELECT r.state = 'failed' FROM ingest_run r
               WHERE r.source_id = %(source)s AND r.state <> 'held'
               ORDER BY r.id DESC LIMIT 1) AS resumes

-- name: close_lost_runs
-- Called with the lease taken, so whoever began these is gone.
UPDATE ingest_run SET finished_at = now(), state = 'failed', reason = 'It ended without a word.'
WHERE source_id = %(source)s AND state = 'running'

-- name: finish_run
UPDATE ingest_run
SET finished_at = now(), state = %(state)s, report = %(report)s, reason = %(reason)s,
    complete = %(complete)s, removing = %(removing)s
WHERE id = %(run)s

-- name: latest_runs
SELECT r.id, s.name AS source, r.started_at, r.finished_at, r.state, r.report, r.reason,
       r.approved_by
FROM ingest_run r JOIN source s ON s.id = r.source_id
ORDER BY r.id DESC LIMIT %(limit)s

-- name: look_at_schedule
-- What time it is: Postgres's, so that it is the same to all workers. Whoever else looks at the
-- schedule waits until this transaction ends, and sees what came of it.
SELECT now() AS now, pg_advisory_xact_lock(7340002) AS alone

-- name: last_runs
-- When the last run on each source began, or the last job that failed, perhaps before its run; and
-- whether it came to its end.
SELECT source, max(started_at) AS started_at,
       (array_agg(ended ORDER BY started_at DESC))[1] AS ended
FROM (
    SELECT s.name AS source, r.started_at, r.state IN ('done', 'held') AS ended
    FROM ingest_run r JOIN source s ON s.id = r.source_id
    UNION ALL
    SELECT j.args ->> 'source', e.at, false
    FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
    WHERE j.task_name = 'ingest' AND j.status IN ('failed', 'aborted') AND e.type = 'started'
) AS begun
GROUP BY source

-- name: sources_with_jobs
-- Sources whose scheduled run waits, or is at work.
SELECT args ->> 'source' AS source FROM procrastinate_jobs
WHERE task_name = 'ingest' AND status IN ('todo', 'doing')

-- name: fetched_since
-- From when on changes are enough for the next fetch: when the last run began, if all of it went
-- well and the whole source has been read within the day. Five minutes make up for clocks.
SELECT max(started_at) - interval '5 minutes' AS since
FROM ingest_run
WHERE source_id = %(source)s AND state = 'done'
HAVING max(started_at) FILTER (WHERE complete) > now() - interval '20 hours'
   AND (array_agg((report -> 'articles' ->> 'failed')::int ORDER BY id DESC))[1] = 0

-- name: approved_removals
-- What a person has let go since the source was last read as a whole.
SELECT unnest(r.removing) AS external_id
FROM ingest_run r
WHERE r.source_id = %(source)s AND r.approved_by IS NOT NULL
  AND NOT EXISTS (SELECT FROM ingest_run later
                  WHERE later.source_id = r.source_id AND later.id > r.id
                    AND later.state = 'done' AND later.complete)

-- name: approve_run
UPDATE ingest_run SET approved_by = %(by)s WHERE id = %(run)s AND state = 'held'

-- name: run_by_id
-- `empty`: its fetch brought nothing at all.
SELECT r.state, s.name AS source,
       coalesce((r.report ->> 'fetched')::int, 0) = 0 AS empty
FROM ingest_run r JOIN source s ON s.id = r.source_id WHERE r.id = %(run)s
