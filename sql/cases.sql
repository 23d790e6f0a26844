-- What a lead sees of one answer, beside the answer itself.

-- name: case
SELECT q.id AS question_id, q.asked_at, q.asker, q.channel, q.thread_ts, a.created_at,
       a.neutral_id, a.verified_review_id,
       EXISTS (SELECT FROM golden_pick g WHERE g.answer_id = a.id) AS golden
FROM answer a JOIN question q ON q.id = a.question_id
WHERE a.id = %(answer)s

-- name: case_thread
-- What else was asked in the same thread, and what was answered first.
SELECT q.text AS question, q.asked_at,
       (SELECT min(a.id) FROM answer a WHERE a.question_id = q.id) AS answer
FROM question q
WHERE q.channel = %(channel)s AND q.thread_ts = %(thread_ts)s AND q.id <> %(question)s
ORDER BY q.id LIMIT 20

-- name: case_votes
SELECT voter, helpful, voted_at FROM vote WHERE answer_id = %(answer)s ORDER BY voted_at

-- name: case_changes
-- What became of the words that are cited.
SELECT position, n, change, words_now FROM citation
WHERE answer_id = %(answer)s AND change IS NOT NULL

-- name: case_articles
-- The articles behind the passages as they are now, where that is another version.
SELECT e.n, now.version, now.title, now.updated_at, then_.body AS body_then, now.body AS body_now,
       o.removed_at
FROM evidence e
JOIN article_version then_ ON then_.id = e.article_version_id
JOIN article o ON o.id = then_.article_id
LEFT JOIN article_version now ON now.id = o.current_version_id
WHERE e.answer_id = %(answer)s AND o.current_version_id IS DISTINCT FROM e.article_version_id

-- name: review_of
SELECT r.answer_id, r.reviewer, r.verdict, r.undone_at, q.text AS question
FROM review r JOIN answer a ON a.id = r.answer_id JOIN question q ON q.id = a.question_id
WHERE r.id = %(review)s
