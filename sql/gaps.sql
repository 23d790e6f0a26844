-- Content gaps: what is asked and not covered, by what it has in common.

-- name: uncovered_without_vector
-- Questions of lately whose last answer was that the help centre does not cover them.
SELECT q.id AS question, coalesce(q.standalone, q.text) AS text
FROM answer a
JOIN question q ON q.id = a.question_id
LEFT JOIN uncovered_vector v ON v.question_id = q.id AND v.space_id = %(space)s
WHERE a.verdict = 'not_covered' AND a.created_at > now() - make_interval(days => %(days)s)
  AND v.question_id IS NULL
  AND NOT EXISTS (SELECT FROM answer later WHERE later.question_id = q.id AND later.id > a.id)
ORDER BY a.id DESC LIMIT %(limit)s

-- name: add_uncovered_vector
INSERT INTO uncovered_vector (question_id, space_id, vector)
VALUES (%(question)s, %(space)s, %(vector)s) ON CONFLICT DO NOTHING

-- name: uncovered_vectors
SELECT v.question_id AS question, v.vector
FROM uncovered_vector v
JOIN question q ON q.id = v.question_id
WHERE v.space_id = %(space)s AND q.asked_at > now() - make_interval(days => %(days)s)
  AND (SELECT a.verdict FROM answer a WHERE a.question_id = q.id ORDER BY a.id DESC LIMIT 1)
      = 'not_covered'
ORDER BY q.id DESC LIMIT %(limit)s

-- name: drop_gaps
DELETE FROM gap

-- name: add_gap
WITH made AS (INSERT INTO gap (typical_id) VALUES (%(typical)s) RETURNING id)
INSERT INTO gap_question (gap_id, question_id)
SELECT made.id, unnest(%(questions)s::bigint[]) FROM made

-- name: gaps
-- The largest first, with how often each was asked in the last thirty days and the thirty before.
SELECT g.id, t.text AS label, g.found_at, count(*) AS questions,
       count(*) FILTER (WHERE q.asked_at > now() - interval '30 days') AS lately,
       count(*) FILTER (WHERE q.asked_at <= now() - interval '30 days'
                          AND q.asked_at > now() - interval '60 days') AS before,
       min(q.asked_at) AS first_at, max(q.asked_at) AS last_at,
       (array_agg(q.text ORDER BY q.asked_at DESC))[:%(examples)s] AS examples,
       (array_agg((SELECT max(a.id) FROM answer a WHERE a.question_id = q.id)
                  ORDER BY q.asked_at DESC))[:%(examples)s] AS answers,
       (SELECT v.title FROM answer a
        JOIN evidence e ON e.answer_id = a.id AND e.n = 1
        JOIN article_version v ON v.id = e.article_version_id
        WHERE a.question_id = g.typical_id ORDER BY a.id DESC LIMIT 1) AS nearest
FROM gap g
JOIN question t ON t.id = g.typical_id
JOIN gap_question m ON m.gap_id = g.id
JOIN question q ON q.id = m.question_id
GROUP BY g.id, t.text
HAVING count(*) >= %(fewest)s
ORDER BY questions DESC, last_at DESC
LIMIT %(limit)s

-- name: gap_news
-- When gaps were last found, and how many questions came since that are in none.
SELECT (SELECT max(found_at) FROM gap) AS found_at, count(*) AS newer
FROM answer a
WHERE a.verdict = 'not_covered'
  AND a.created_at > coalesce((SELECT max(found_at) FROM gap), '-infinity')
