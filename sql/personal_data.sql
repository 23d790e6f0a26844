-- What is kept of people: given out, erased, and let go of when its time is over.

-- name: export_answers
-- Questions with their answers, what they cite, and what was made of them; in pages by number.
SELECT a.id, q.text AS question, q.standalone, q.asked_at, q.asker, q.channel, a.verdict, a.engine,
       a.model, a.voice, a.note, a.sufficiency, a.cost_usd::float8 AS cost_usd, a.created_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'text', p.text, 'support', p.support,
                   'cites', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                 'article', o.external_id, 'version', v.version, 'title', v.title,
                                 'words', substr(v.body, c.start_offset + 1,
                                                 c.end_offset - c.start_offset),
                                 'change', c.change) ORDER BY c.n), '[]')
                             FROM citation c
                             JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
                             JOIN article_version v ON v.id = e.article_version_id
                             JOIN article o ON o.id = v.article_id
                             WHERE c.answer_id = a.id AND c.position = p.position))
                   ORDER BY p.position), '[]')
        FROM part p WHERE p.answer_id = a.id) AS parts,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'voter', t.voter, 'helpful', t.helpful, 'at', t.voted_at)), '[]')
        FROM vote t WHERE t.answer_id = a.id) AS votes,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'reviewer', r.reviewer, 'verdict', r.verdict, 'wording', r.wording,
                   'reason', r.reason, 'note', r.note, 'at', r.reviewed_at,
                   'undone', r.undone_at IS NOT NULL) ORDER BY r.id), '[]')
        FROM review r WHERE r.answer_id = a.id) AS reviews
FROM answer a
JOIN question q ON q.id = a.question_id
WHERE a.id > %(after)s AND (%(person)s::text IS NULL OR q.asker = %(person)s)
ORDER BY a.id LIMIT %(limit)s

-- name: erasure
-- What hangs from a person's questions: it goes with them.
SELECT count(DISTINCT q.id) AS questions, count(DISTINCT a.id) AS answers,
       count(DISTINCT (v.answer_id, v.voter)) FILTER (WHERE v.voter IS NOT NULL) AS votes,
       count(DISTINCT r.id) AS reviews,
       count(DISTINCT r.id) FILTER (WHERE r.verdict IN ('approve', 'amend'))
           AS training_candidates
FROM question q
LEFT JOIN answer a ON a.question_id = q.id
LEFT JOIN vote v ON v.answer_id = a.id
LEFT JOIN review r ON r.answer_id = a.id
WHERE q.asker = %(person)s

-- name: erase_datasets
-- What a voice was trained on that holds a review of a person's question loses its texts.
UPDATE voice_dataset d SET train = '', validation = '', test = '', preferences = ''
WHERE d.train || d.validation || d.test || d.preferences <> '' AND EXISTS (
    SELECT FROM jsonb_object_keys(d.reviews) AS held (review)
    JOIN review r ON r.id = held.review::bigint
    JOIN answer a ON a.id = r.answer_id
    JOIN question q ON q.id = a.question_id
    WHERE q.asker = %(person)s)

-- name: erase_questions
DELETE FROM question WHERE asker = %(person)s

-- name: erase_votes
DELETE FROM vote WHERE voter = %(person)s

-- name: erase_reviewer
-- A verdict on another's question stays, without who gave it and what they noted.
UPDATE review
SET reviewer = CASE WHEN reviewer = %(person)s THEN 'erased' ELSE reviewer END,
    note = CASE WHEN reviewer = %(person)s THEN NULL ELSE note END,
    undone_by = CASE WHEN undone_by = %(person)s THEN 'erased' ELSE undone_by END
WHERE reviewer = %(person)s OR undone_by = %(person)s

-- name: erase_picker
UPDATE golden_pick SET picked_by = 'erased' WHERE picked_by = %(person)s

-- name: erase_claims
DELETE FROM review_claim WHERE reviewer = %(person)s

-- name: erase_skips
DELETE FROM review_skip WHERE reviewer = %(person)s

-- name: erase_person
-- With their sessions.
DELETE FROM person WHERE id = %(person)s

-- name: erase_jobs
DELETE FROM procrastinate_jobs
WHERE args ->> 'user' = %(person)s AND status NOT IN ('todo', 'doing')

-- name: expire_questions
-- Older than the desk keeps them, except those with a verified answer.
DELETE FROM question q
WHERE q.asked_at < now() - make_interval(days => %(days)s)
  AND NOT EXISTS (SELECT FROM answer a JOIN review r ON r.answer_id = a.id
                  WHERE a.question_id = q.id AND r.undone_at IS NULL
                    AND r.verdict IN ('approve', 'amend'))

-- name: expire_askers
-- What is verified stays, without who asked and where.
UPDATE question
SET asker = NULL, team = NULL, channel = NULL, thread_ts = NULL, message_ts = NULL, event_id = NULL
WHERE asked_at < now() - make_interval(days => %(days)s) AND asker IS NOT NULL

-- name: erase_preference
DELETE FROM preference WHERE person = %(person)s

-- name: erase_sharer
UPDATE shared_answer SET shared_by = 'erased' WHERE shared_by = %(person)s

-- name: erase_handing_over
UPDATE handoff SET handed_by = 'erased', note = NULL WHERE handed_by = %(person)s

-- name: erase_setter
UPDATE channel_setting SET changed_by = 'erased' WHERE changed_by = %(person)s
