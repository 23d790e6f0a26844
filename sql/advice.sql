-- What a desk's own data says about voices.

-- name: answers_by_voice
-- Of the last days: how many, what they cost, how long they took in all, by voice.
SELECT a.voice, count(*) AS answers, avg(a.cost_usd)::float AS cost_usd,
       percentile_cont(0.5) WITHIN GROUP (
           ORDER BY (n.timings_ms ->> 'total')::float + coalesce(u.ms, 0)) AS p50_ms,
       avg((EXISTS (SELECT FROM part p WHERE p.answer_id = coalesce(a.neutral_id, a.id)
                    AND p.support IN ('partly', 'unsupported')))::int)::float AS unfounded
FROM answer a
JOIN answer n ON n.id = coalesce(a.neutral_id, a.id)
LEFT JOIN LATERAL (SELECT ms FROM voice_use WHERE answer_id = n.id AND voice = a.voice
                   ORDER BY id DESC LIMIT 1) AS u ON true
WHERE a.verdict = 'answered' AND a.created_at > now() - make_interval(days => %(days)s)
GROUP BY a.voice ORDER BY a.voice = 'neutral' DESC, a.voice

-- name: texts_by_voice
-- The latest wordings of each voice, a statement a line.
SELECT voice, texts FROM (SELECT DISTINCT voice FROM answer) AS v,
LATERAL (
    SELECT array_agg(said) AS texts FROM (
        SELECT (SELECT string_agg(p.text, E'\n' ORDER BY p.position) FROM part p
                WHERE p.answer_id = a.id) AS said
        FROM answer a WHERE a.voice = v.voice AND a.verdict = 'answered'
        ORDER BY a.id DESC LIMIT %(limit)s) AS latest
) AS found
WHERE texts IS NOT NULL

-- name: uses_by_voice
SELECT voice, count(*) AS uses,
       avg((outcome IN ('neutral', 'unavailable'))::int)::float AS fell_back,
       avg((outcome = 'partly')::int)::float AS partly,
       avg(cost_usd)::float AS cost_usd,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50_ms
FROM voice_use WHERE used_at > now() - make_interval(days => %(days)s)
GROUP BY voice ORDER BY voice

-- name: edits_by_month
-- Of the articles that answers have cited: how many had a new text in each month.
WITH cited AS (
    SELECT DISTINCT v.article_id FROM citation c
    JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
    JOIN article_version v ON v.id = e.article_version_id
)
SELECT to_char(month, 'YYYY-MM') AS month, count(DISTINCT v.article_id) AS edited,
       (SELECT count(*) FROM cited) AS cited
FROM generate_series(date_trunc('month', now()) - interval '5 months',
                     date_trunc('month', now()), interval '1 month') AS month
LEFT JOIN article_version v
    ON date_trunc('month', v.fetched_at) = month AND v.version > 1
   AND v.article_id IN (SELECT article_id FROM cited)
GROUP BY month ORDER BY month
