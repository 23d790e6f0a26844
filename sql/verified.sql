-- Verified answers, and the questions they answer.

-- name: verified_without_vector
-- Approved and amended answers whose question has no vector in a space yet.
SELECT r.id AS review, coalesce(q.standalone, q.text) AS question
FROM review r
JOIN answer a ON a.id = r.answer_id AND a.neutral_id IS NULL AND a.verdict = 'answered'
JOIN question q ON q.id = a.question_id
LEFT JOIN verified_question v ON v.review_id = r.id AND v.space_id = %(space)s
WHERE r.undone_at IS NULL AND r.verdict IN ('approve', 'amend') AND v.review_id IS NULL
ORDER BY r.id DESC LIMIT %(limit)s

-- name: add_verified_vector
INSERT INTO verified_question (review_id, space_id, vector)
VALUES (%(review)s, %(space)s, %(vector)s)
ON CONFLICT DO NOTHING

-- name: verified_near
-- The nearest questions whose review stands and whose cited words are as they were. `unseen` are
-- those with an article that changed since its words were last looked for.
WITH near AS MATERIALIZED (
    SELECT review_id, -(vector <#> %(vector)s) AS similarity
    FROM verified_question
    WHERE space_id = %(space)s
    ORDER BY vector <#> %(vector)s
    LIMIT 4 * %(limit)s
)
SELECT r.id AS review, a.id AS answer, coalesce(q.standalone, q.text) AS question, r.reviewer,
       r.reviewed_at, n.similarity,
       EXISTS (
           SELECT FROM citation c
           JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
           JOIN article_version v ON v.id = e.article_version_id
           JOIN article o ON o.id = v.article_id
           LEFT JOIN version_look l ON l.version_id = v.id
           WHERE c.answer_id = a.id AND v.id IS DISTINCT FROM o.current_version_id
             AND l.looked_in IS DISTINCT FROM coalesce(o.current_version_id, 0)) AS unseen
FROM near n
JOIN review r ON r.id = n.review_id AND r.undone_at IS NULL
JOIN answer a ON a.id = r.answer_id
JOIN question q ON q.id = a.question_id
WHERE n.similarity >= %(floor)s
  AND NOT EXISTS (SELECT FROM review later
                  WHERE later.answer_id = a.id AND later.id > r.id AND later.undone_at IS NULL)
  AND NOT EXISTS (SELECT FROM citation c WHERE c.answer_id = a.id AND c.change IS NOT NULL)
ORDER BY n.similarity DESC, r.id DESC
LIMIT %(limit)s
