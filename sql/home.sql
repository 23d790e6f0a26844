-- What the app's Home tab and /footnote status tell.

-- name: help_centre
-- How much is served, and when it was last brought up to date.
SELECT (SELECT count(*) FROM article WHERE current_version_id IS NOT NULL) AS articles,
       (SELECT max(finished_at) FROM ingest_run WHERE state = 'done') AS updated_at

-- name: recent_questions
-- A person's latest, each with its answer as it was first given, if it has one by now.
SELECT q.id, q.text, q.state, q.asked_at, a.id AS answer_id, a.verdict
FROM question q
LEFT JOIN answer a ON a.question_id = q.id AND a.neutral_id IS NULL
WHERE q.asker = %(asker)s AND q.text <> ''
ORDER BY q.id DESC LIMIT %(limit)s

-- name: liked_questions
-- Asked of late and found helpful, on public articles alone: suggested to whoever opens the app.
SELECT text FROM (
    SELECT DISTINCT ON (lower(q.text)) q.id, q.text
    FROM vote v
    JOIN answer a ON a.id = v.answer_id AND a.verdict = 'answered'
    JOIN question q ON q.id = a.question_id
    WHERE v.helpful AND v.voted_at > now() - interval '30 days'
      AND q.standalone IS NOT DISTINCT FROM q.text AND length(q.text) <= %(longest)s
      AND NOT EXISTS (
          SELECT FROM evidence e JOIN article_version w ON w.id = e.article_version_id
          WHERE e.answer_id = a.id AND w.audience <> 'public')
    ORDER BY lower(q.text), q.id DESC
) AS liked
ORDER BY id DESC LIMIT %(limit)s
