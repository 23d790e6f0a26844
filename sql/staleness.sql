-- Citations whose article has changed since, and the answers that stand on them.

-- name: look_for_staleness
-- One process at a time, until the transaction ends.
SELECT pg_advisory_xact_lock(7340004)

-- name: unseen_versions
-- Versions that are no longer their article's, and whose words have not been looked for in the one
-- that is; and since when answers may have been kept that the last look did not see. These may have
-- been found before, so an hour is gone over twice.
SELECT coalesce(array_agg(v.id), '{}') AS versions,
       (SELECT max(looked_at) FROM version_look) - interval '1 hour' AS since
FROM article_version v
JOIN article a ON a.id = v.article_id
LEFT JOIN version_look l ON l.version_id = v.id
WHERE v.id IS DISTINCT FROM a.current_version_id
  AND l.looked_in IS DISTINCT FROM coalesce(a.current_version_id, 0)

-- name: unjudged_stretches
-- What recent answers cite of these versions, and what answers kept since then cite of any version
-- that is no longer its article's: each stretch once.
WITH shown AS (
    SELECT answer_id, n, article_version_id AS version
    FROM evidence WHERE article_version_id = ANY(%(versions)s::bigint[])
    UNION
    SELECT e.answer_id, e.n, e.article_version_id
    FROM answer s JOIN evidence e ON e.answer_id = s.id
    WHERE s.created_at > %(since)s::timestamptz
), cited AS (
    SELECT DISTINCT shown.version, c.start_offset, c.end_offset
    FROM shown
    JOIN answer s ON s.id = shown.answer_id
    JOIN citation c ON c.answer_id = shown.answer_id AND c.n = shown.n
    WHERE s.created_at > now() - make_interval(days => %(days)s)
       OR s.id IN (SELECT answer_id FROM review  -- what was verified is watched for ever
                   WHERE undone_at IS NULL AND verdict IN ('approve', 'amend'))
)
SELECT a.current_version_id AS current, v.id AS version, cited.start_offset AS start,
       cited.end_offset AS end,
       substr(v.body, cited.start_offset + 1, cited.end_offset - cited.start_offset) AS words
FROM cited
JOIN article_version v ON v.id = cited.version
JOIN article a ON a.id = v.article_id AND a.current_version_id IS DISTINCT FROM v.id
ORDER BY a.id, v.id, cited.start_offset

-- name: note_look
-- All versions that are no longer their article's have been looked at.
INSERT INTO version_look (version_id, looked_in)
SELECT v.id, coalesce(a.current_version_id, 0)
FROM article_version v JOIN article a ON a.id = v.article_id
WHERE v.id IS DISTINCT FROM a.current_version_id
ON CONFLICT (version_id) DO UPDATE SET looked_in = EXCLUDED.looked_in, looked_at = now()
    WHERE version_look.looked_in <> EXCLUDED.looked_in

-- name: version_body
SELECT body FROM article_version WHERE id = %(version)s

-- name: judge_citations
-- Notes what became of stretches, where that is news; returns the answers that cite them, and
-- whether the citation was stale before and is now.
WITH judged AS (
    SELECT * FROM unnest(
        %(versions)s::bigint[], %(starts)s::int[], %(ends)s::int[], %(changes)s::text[],
        %(now)s::text[]) AS j (version, start_offset, end_offset, change, words_now)
), found AS MATERIALIZED (
    SELECT c.answer_id, c.position, c.n, c.change AS before, j.change, j.words_now
    FROM evidence e
    JOIN citation c ON c.answer_id = e.answer_id AND c.n = e.n
    JOIN judged j ON j.version = e.article_version_id AND j.start_offset = c.start_offset
                 AND j.end_offset = c.end_offset
    WHERE e.article_version_id = ANY(%(versions)s::bigint[])
      AND (c.change, c.words_now) IS DISTINCT FROM (j.change, j.words_now)
)
UPDATE citation c
SET change = found.change, words_now = found.words_now,
    changed_at = CASE WHEN found.change IS NOT NULL THEN now() END
FROM found
WHERE (c.answer_id, c.position, c.n) = (found.answer_id, found.position, found.n)
RETURNING c.answer_id, found.before IS NOT NULL AS was_stale, c.change IS NOT NULL AS is_stale

-- name: stale_citations
-- Every changed stretch of recent answers, of all or of some. Rewordings cite what the neutral answer cites.
SELECT s.id AS answer, q.text AS question, q.asked_at, q.channel, d.message_ts, c.n,
       o.external_id AS article, coalesce(now.title, v.title) AS title,
       coalesce(now.url, v.url) AS url, c.change,
       substr(v.body, c.start_offset + 1, c.end_offset - c.start_offset) AS words, c.words_now
FROM citation c
JOIN answer s ON s.id = c.answer_id
JOIN question q ON q.id = s.question_id
JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
JOIN article_version v ON v.id = e.article_version_id
JOIN article o ON o.id = v.article_id
LEFT JOIN article_version now ON now.id = o.current_version_id
LEFT JOIN delivery d ON d.question_id = q.id
WHERE c.change IS NOT NULL AND s.neutral_id IS NULL
  AND (%(answers)s::bigint[] IS NULL OR s.id = ANY(%(answers)s::bigint[]))
  AND s.created_at > now() - make_interval(days => %(days)s)
ORDER BY s.id DESC, c.position, c.n
