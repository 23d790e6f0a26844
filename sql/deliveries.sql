-- From an accepted question to the one message in which its answer is seen.

-- name: open_questions
-- Accepted and not seen to be answered, without a job that would still do it: a crash came between.
SELECT q.id FROM question q
LEFT JOIN delivery d ON d.question_id = q.id
WHERE q.state <> 'unseen' AND d.question_id IS NULL AND q.channel IS NOT NULL
  AND q.asked_at > now() - interval '1 day'
  AND NOT EXISTS (
      SELECT FROM procrastinate_jobs j
      WHERE j.queueing_lock = 'question-' || q.id AND j.status IN ('todo', 'doing')
  )
ORDER BY q.id

-- name: sweep_alone
-- Whether nobody else is looking for open questions, until this transaction ends.
SELECT pg_try_advisory_xact_lock(7340003) AS alone

-- name: begin_question
-- Work on a question begins; any work begun before may post nothing from here on.
UPDATE question SET attempts = attempts + 1 WHERE id = %(question)s RETURNING *

-- name: start_answer
-- The message in which the answer is being written, noted as soon as there is one; by nobody whose
-- work on the question was taken over.
UPDATE question SET started_ts = %(message_ts)s
WHERE id = %(question)s AND attempts = %(attempts)s

-- name: known_messages
-- The messages of a thread that are some question's answer, or are becoming one.
SELECT q.started_ts AS ts FROM question q
WHERE q.channel = %(channel)s AND q.thread_ts = %(thread_ts)s AND q.started_ts IS NOT NULL
UNION
SELECT d.message_ts FROM question q JOIN delivery d ON d.question_id = q.id
WHERE q.channel = %(channel)s AND q.thread_ts = %(thread_ts)s

-- name: add_delivery
INSERT INTO delivery (question_id, answer_id, channel, message_ts)
VALUES (%(question)s, %(answer)s, %(channel)s, %(message_ts)s)
ON CONFLICT (question_id) DO UPDATE SET answer_id = EXCLUDED.answer_id

-- name: delivery
SELECT question_id, answer_id, channel, message_ts FROM delivery WHERE question_id = %(question)s

-- name: show_answer
-- Another wording of the answer is what its message shows now.
UPDATE delivery d SET answer_id = a.id
FROM answer a WHERE a.id = %(answer)s AND d.question_id = a.question_id

-- name: close_unseen
-- A question ends without a message: there is nowhere to say anything, or nothing to be said.
UPDATE question SET state = 'unseen' WHERE id = %(question)s

-- name: earliest_within_limit
-- Seconds until a person may ask again, where a question is one too many: the one that many
-- questions ago has to be an hour old. No row where it is within the limit.
SELECT extract(epoch FROM p.asked_at + interval '1 hour' - now())::float8 AS wait
FROM question q JOIN question p ON p.asker = q.asker AND p.id < q.id
WHERE q.id = %(question)s AND p.asked_at > q.asked_at - interval '1 hour'
ORDER BY p.id DESC OFFSET %(limit)s - 1 LIMIT 1

-- name: earliest_within_team_limit
-- The same for the workspace.
SELECT extract(epoch FROM p.asked_at + interval '1 hour' - now())::float8 AS wait
FROM question q JOIN question p ON p.team = q.team AND p.id < q.id
WHERE q.id = %(question)s AND p.asked_at > q.asked_at - interval '1 hour'
ORDER BY p.id DESC OFFSET %(limit)s - 1 LIMIT 1

-- name: end_deleted
-- A question whose message was deleted before its answer was seen.
UPDATE question q SET ended = 'deleted'
WHERE q.channel = %(channel)s AND q.message_ts = %(message_ts)s AND q.ended IS NULL
  AND NOT EXISTS (SELECT FROM delivery d WHERE d.question_id = q.id)
RETURNING q.id

-- name: end_stopped
-- What is being answered in a thread in which somebody pressed "stop".
UPDATE question q SET ended = 'stopped'
WHERE q.channel = %(channel)s AND q.thread_ts = %(thread_ts)s AND q.ended IS NULL
  AND q.state <> 'unseen' AND NOT EXISTS (SELECT FROM delivery d WHERE d.question_id = q.id)
RETURNING q.id

-- name: edit_question
-- Another wording: taken as it is while nobody has begun to answer, else kept to be offered.
UPDATE question SET
    text = CASE WHEN attempts = 0 THEN %(text)s ELSE text END,
    edited_text = CASE WHEN attempts = 0 THEN NULL ELSE %(text)s END,
    offered = false
WHERE channel = %(channel)s AND message_ts = %(message_ts)s AND ended IS NULL
  AND coalesce(edited_text, text) <> %(text)s AND asked_at > now() - %(window)s
RETURNING id, attempts

-- name: claim_offer
-- Whoever gets the row offers to answer the edited question: once it was answered, and once.
UPDATE question q SET offered = true
WHERE q.id = %(question)s AND q.edited_text IS NOT NULL AND NOT q.offered
  AND EXISTS (SELECT FROM delivery d WHERE d.question_id = q.id)
RETURNING q.*

-- name: ask_again
-- An edited question is open once more, to be answered in the message that it has already.
WITH shown AS (
    DELETE FROM delivery d USING question q
    WHERE d.question_id = %(question)s AND q.id = d.question_id AND q.edited_text IS NOT NULL
    RETURNING d.*
)
UPDATE question q SET
    text = q.edited_text, edited_text = NULL, standalone = NULL, state = 'accepted',
    asked_again_at = now(),
    started_ts = CASE WHEN shown.channel = q.channel THEN shown.message_ts END
FROM shown
WHERE q.id = shown.question_id
RETURNING q.*
