-- The dashboard's figures over the last so many days. Rewordings of an answer are no new questions.

-- name: questions_by_day
SELECT created_at::date AS day,
       count(*) FILTER (WHERE verdict = 'answered' AND verified_review_id IS NULL) AS answered,
       count(*) FILTER (WHERE verified_review_id IS NOT NULL) AS verified,
       count(*) FILTER (WHERE verdict = 'not_covered') AS not_covered,
       count(*) FILTER (WHERE verdict = 'failed') AS failed
FROM answer
WHERE neutral_id IS NULL AND created_at > now() - make_interval(days => %(days)s)
GROUP BY day ORDER BY day

-- name: times_by_stage
-- Half and 95 in 100 of the answers took no longer, in milliseconds.
WITH told AS (
    SELECT timings_ms AS t FROM answer
    WHERE neutral_id IS NULL AND verdict <> 'failed'
      AND created_at > now() - make_interval(days => %(days)s)
), measured AS (
    SELECT count(*) AS answers,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY (t -> 'embed')::float8) AS embed,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY (t -> 'retrieve')::float8) AS retrieve,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY (t -> 'generate')::float8) AS generate,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY (t -> 'verify')::float8) AS verify,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY (t -> 'total')::float8) AS total
    FROM told
)
SELECT stage, round(times[1]) AS p50, round(times[2]) AS p95
FROM measured, LATERAL (VALUES ('understand', embed), ('retrieve', retrieve),
                               ('write', generate), ('check', verify), ('in all', total)
                       ) AS stages (stage, times)
WHERE answers > 0

-- name: votes_by_day
SELECT voted_at::date AS day, count(*) FILTER (WHERE helpful) AS helpful,
       count(*) FILTER (WHERE NOT helpful) AS not_helpful
FROM vote WHERE voted_at > now() - make_interval(days => %(days)s)
GROUP BY day ORDER BY day

-- name: verdicts_by_day
SELECT reviewed_at::date AS day, count(*) FILTER (WHERE verdict = 'approve') AS approved,
       count(*) FILTER (WHERE verdict = 'amend') AS amended,
       count(*) FILTER (WHERE verdict = 'reject') AS rejected,
       count(*) FILTER (WHERE verdict = 'article_wrong') AS article_wrong
FROM review
WHERE undone_at IS NULL AND reviewed_at > now() - make_interval(days => %(days)s)
GROUP BY day ORDER BY day

-- name: weak_by_day
SELECT a.created_at::date AS day, count(*) FILTER (WHERE p.support = 'partly') AS partly,
       count(*) FILTER (WHERE p.support = 'unsupported') AS unsupported
FROM part p JOIN answer a ON a.id = p.answer_id
WHERE p.support IN ('partly', 'unsupported')
  AND a.created_at > now() - make_interval(days => %(days)s)
GROUP BY day ORDER BY day

-- name: most_cited
WITH cited AS (
    SELECT e.article_version_id AS version, count(*) AS answers
    FROM answer a
    JOIN evidence e ON e.answer_id = a.id
    WHERE a.neutral_id IS NULL AND a.verdict = 'answered'
      AND a.created_at > now() - make_interval(days => %(days)s)
      AND EXISTS (SELECT FROM citation c WHERE c.answer_id = e.answer_id AND c.n = e.n)
    GROUP BY e.article_version_id
)
SELECT max(v.title) AS article, sum(cited.answers)::bigint AS answers
FROM cited JOIN article_version v ON v.id = cited.version
GROUP BY v.article_id ORDER BY answers DESC, article LIMIT 10

-- name: most_spoiling
-- Articles by the answers citing them that were voted down, rejected or blamed on the article.
WITH bad AS (
    SELECT answer_id FROM vote
    WHERE NOT helpful AND voted_at > now() - make_interval(days => %(days)s)
    UNION
    SELECT answer_id FROM review
    WHERE undone_at IS NULL AND verdict IN ('reject', 'article_wrong')
      AND reviewed_at > now() - make_interval(days => %(days)s)
)
SELECT max(v.title) AS article, count(DISTINCT bad.answer_id) AS answers
FROM bad
CROSS JOIN LATERAL (
    SELECT e.article_version_id AS version FROM citation c
    JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
    WHERE c.answer_id = bad.answer_id
    OFFSET 0  -- few are bad, which the planner cannot know
) AS cited
JOIN article_version v ON v.id = cited.version
GROUP BY v.article_id ORDER BY answers DESC, article LIMIT 10

-- name: stale_by_day
SELECT changed_at::date AS day, count(DISTINCT answer_id) FILTER (WHERE change = 'changed') AS changed,
       count(DISTINCT answer_id) FILTER (WHERE change = 'removed') AS removed,
       count(DISTINCT answer_id) FILTER (WHERE change = 'gone') AS gone
FROM citation
WHERE change IS NOT NULL AND changed_at > now() - make_interval(days => %(days)s)
GROUP BY day ORDER BY day

-- name: cost_per_approved
-- What all answers cost, shared out among those a lead approved or amended.
WITH good AS (
    SELECT DISTINCT answer_id FROM review
    WHERE undone_at IS NULL AND verdict IN ('approve', 'amend')
)
SELECT coalesce(a.model, 'quotes') || ', ' || a.voice AS model_and_voice, count(*) AS answers,
       count(good.answer_id) AS approved, round(sum(a.cost_usd), 4) AS cost_usd,
       round(sum(a.cost_usd) / nullif(count(good.answer_id), 0), 4) AS per_approved_usd
FROM answer a LEFT JOIN good ON good.answer_id = a.id
WHERE a.created_at > now() - make_interval(days => %(days)s)
GROUP BY 1 ORDER BY answers DESC LIMIT 20

-- name: recent_runs
SELECT r.started_at, s.name AS source, r.state,
       coalesce((r.report -> 'articles' ->> 'added')::int, 0) AS added,
       coalesce((r.report -> 'articles' ->> 'changed')::int, 0) AS changed,
       coalesce((r.report -> 'articles' ->> 'removed')::int, 0) AS removed,
       round(coalesce((r.report ->> 'seconds')::numeric,
                      extract(epoch FROM r.finished_at - r.started_at)), 1) AS seconds
FROM ingest_run r JOIN source s ON s.id = r.source_id
WHERE r.started_at > now() - make_interval(days => %(days)s)
ORDER BY r.started_at DESC LIMIT 30
