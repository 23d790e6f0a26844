-- What voices are trained on.

-- name: struck_reviews
SELECT review_id, who, why, at FROM voice_strike

-- name: strike_review
INSERT INTO voice_strike (review_id, who, why)
SELECT id, %(who)s, %(why)s FROM review WHERE id = %(review)s
ON CONFLICT (review_id) DO UPDATE SET who = EXCLUDED.who, why = EXCLUDED.why, at = now()

-- name: unstrike_review
DELETE FROM voice_strike WHERE review_id = %(review)s

-- name: keep_dataset
-- The same examples are the same dataset, though they may be of other reviews.
INSERT INTO voice_dataset (hash, built_by, card, train, validation, test, preferences, reviews)
VALUES (%(hash)s, %(who)s, %(card)s, %(train)s, %(validation)s, %(test)s, %(preferences)s,
        %(reviews)s)
ON CONFLICT (hash) DO UPDATE
SET card = EXCLUDED.card, reviews = EXCLUDED.reviews, built_by = EXCLUDED.built_by, built_at = now()

-- name: dataset
-- One whose hash begins so, or the latest; one whose texts were erased is none any more.
SELECT * FROM voice_dataset
WHERE hash LIKE %(hash)s || '%%'
  AND (reviews = '{}' OR train || validation || test || preferences <> '')
ORDER BY built_at DESC LIMIT 1

-- name: approved_wordings
-- What leads made of each wording of an answer, the last word on each: a row with its neutral parts
-- and those that were reviewed, the article families cited, and whether one has other words now.
-- An article's family is itself in all its languages.
WITH latest AS (
    SELECT DISTINCT ON (a.id)
           r.id AS review, r.verdict, r.wording, r.reviewed_at,
           a.id AS answer, a.voice, coalesce(a.neutral_id, a.id) AS neutral, a.question_id
    FROM review r JOIN answer a ON a.id = r.answer_id
    WHERE a.verdict = 'answered' AND r.undone_at IS NULL
    ORDER BY a.id, r.id DESC
)
SELECT latest.*, coalesce(q.standalone, q.text) AS question,
       array(SELECT p.text FROM part p WHERE p.answer_id = latest.neutral
             ORDER BY p.position) AS neutral_parts,
       array(SELECT p.text FROM part p WHERE p.answer_id = latest.answer
             ORDER BY p.position) AS reviewed_parts,
       (SELECT jsonb_object_agg(w.position, w.wording) FROM review_part w
        WHERE w.review_id = latest.review) AS wordings,
       coalesce(cited.families, '{}') AS families, coalesce(cited.stale, false) AS stale
FROM latest
JOIN question q ON q.id = latest.question_id
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT o.source_id || ':' || CASE
               WHEN right(o.external_id, length(v.locale) + 1)
                    IN ('-' || v.locale, '.' || v.locale, '_' || v.locale)
               THEN left(o.external_id, -length(v.locale) - 1) ELSE o.external_id END) AS families,
           bool_or(now.body IS NULL OR position(
               substr(v.body, c.start_offset + 1, c.end_offset - c.start_offset) IN now.body) = 0
           ) AS stale
    FROM citation c
    JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
    JOIN article_version v ON v.id = e.article_version_id
    JOIN article o ON o.id = v.article_id
    LEFT JOIN article_version now ON now.id = o.current_version_id
    WHERE c.answer_id = latest.neutral
) AS cited ON true
ORDER BY latest.review
