-- What calibration asks and keeps.

-- name: opening_passages
-- Passages to take questions from: one of each article before a second of any, in an order that
-- has nothing to do with them.
WITH chosen AS (
    SELECT id, row_number() OVER (PARTITION BY article_version_id ORDER BY md5(text_hash), id) AS turn,
           md5(text_hash) AS shuffled
    FROM passage
    ORDER BY turn, shuffled, id
    LIMIT %(limit)s
)
SELECT a.external_id, substr(v.body, p.start_offset + 1, p.end_offset - p.start_offset) AS text
FROM chosen c
JOIN passage p USING (id)
JOIN article_version v ON v.id = p.article_version_id
JOIN article a ON a.id = v.article_id
ORDER BY c.turn, c.shuffled, c.id

-- name: main_languages
-- To a model of one language two texts in another are alike for that alone, so languages of a few
-- articles would say more about the model than about the articles.
SELECT language FROM passage GROUP BY language
HAVING count(*) >= 0.2 * (SELECT count(*) FROM passage)

-- name: keep_calibration
INSERT INTO calibration (space_id, threshold, sure, articles)
VALUES (%(space)s, %(threshold)s, %(sure)s,
        (SELECT count(*) FROM article WHERE current_version_id IS NOT NULL))
ON CONFLICT (space_id) DO UPDATE
SET threshold = EXCLUDED.threshold, sure = EXCLUDED.sure, articles = EXCLUDED.articles,
    calibrated_at = now()

-- name: changed_since_calibration
-- The share of the articles that came, changed or went since a space was calibrated; none if never.
SELECT (abs(now_served.articles - c.articles) + now_served.newer)::float8
       / greatest(now_served.articles, c.articles, 1) AS share
FROM calibration c,
     LATERAL (SELECT count(*) AS articles,
                     count(*) FILTER (WHERE v.fetched_at > c.calibrated_at) AS newer
              FROM article a JOIN article_version v ON v.id = a.current_version_id) AS now_served
WHERE c.space_id = %(space)s

-- name: verdicts_on_scores
-- What leads have said on answers judged in the served space: whether they could be given. That an
-- article is wrong says nothing about it.
SELECT a.sufficiency AS score, (a.verdict = 'answered') = (r.verdict IN ('approve', 'amend')) AS answerable
FROM review r
JOIN answer a ON a.id = r.answer_id
JOIN calibration c ON c.space_id = %(space)s AND a.created_at >= c.since
WHERE r.verdict <> 'article_wrong' AND a.verdict <> 'failed'
  AND r.id = (SELECT max(id) FROM review latest WHERE latest.answer_id = r.answer_id)
