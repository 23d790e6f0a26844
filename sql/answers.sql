-- Questions and answers as they are kept.

-- name: accept_question
-- The same event again, or the same message by another event, stores nothing.
INSERT INTO question (text, asker, team, channel, thread_ts, message_ts, event_id)
VALUES (%(text)s, %(asker)s, %(team)s, %(channel)s, %(thread_ts)s, %(message_ts)s, %(event_id)s)
ON CONFLICT DO NOTHING
RETURNING id

-- name: add_question
INSERT INTO question (text, standalone, asker) VALUES (%(text)s, %(standalone)s, %(asker)s)
RETURNING id

-- name: question
SELECT * FROM question WHERE id = %(question)s

-- name: earlier_questions
-- An answer that was shared into the thread, or began it, brings its question along.
SELECT text FROM (
    SELECT id, coalesce(standalone, text) AS text FROM question
    WHERE channel = %(channel)s AND thread_ts = %(thread_ts)s AND id < %(question)s
    UNION
    SELECT q.id, coalesce(q.standalone, q.text)
    FROM shared_answer s
    JOIN answer a ON a.id = s.answer_id
    JOIN question q ON q.id = a.question_id
    WHERE s.channel = %(channel)s AND s.thread_ts = %(thread_ts)s AND q.id < %(question)s
) AS asked
ORDER BY id DESC LIMIT 5

-- name: close_question
UPDATE question SET state = %(state)s, standalone = %(standalone)s WHERE id = %(question)s

-- name: neutral_answer
-- The answer to a question as it is worded now.
SELECT a.id FROM answer a JOIN question q ON q.id = a.question_id
WHERE q.id = %(question)s AND a.neutral_id IS NULL
  AND (q.asked_again_at IS NULL OR a.created_at > q.asked_again_at)
ORDER BY a.id LIMIT 1

-- name: add_answer
INSERT INTO answer (question_id, neutral_id, verdict, engine, model, voice, prompt_version, note,
                    sufficiency, timings_ms, cost_usd, verified_review_id)
VALUES (%(question)s, %(neutral)s, %(verdict)s, %(engine)s, %(model)s, %(voice)s,
        %(prompt_version)s, %(note)s, %(sufficiency)s, %(timings_ms)s, %(cost_usd)s,
        %(verified)s)
RETURNING id

-- name: add_evidence
INSERT INTO evidence (answer_id, n, article_version_id, heading_path, anchor, start_offset,
                      end_offset, score)
VALUES (%(answer)s, %(n)s, %(article_version)s, %(heading_path)s, %(anchor)s, %(start)s, %(end)s,
        %(score)s)

-- name: add_part
INSERT INTO part (answer_id, position, kind, text, support)
VALUES (%(answer)s, %(position)s, %(kind)s, %(text)s, %(support)s)

-- name: add_citation
INSERT INTO citation (answer_id, position, n, start_offset, end_offset, support)
VALUES (%(answer)s, %(position)s, %(n)s, %(start)s, %(end)s, %(support)s)

-- name: answer
SELECT a.*, q.text AS question, q.standalone, r.reviewer AS verified_by, r.reviewed_at AS verified_at
FROM answer a JOIN question q ON q.id = a.question_id LEFT JOIN review r ON r.id = a.verified_review_id
WHERE a.id = %(answer)s

-- name: answer_in_voice
-- The wording of an answer in a voice: itself, a rewording of it, or what it was reworded from.
SELECT other.id
FROM answer this
JOIN answer other ON other.id = coalesce(this.neutral_id, this.id)
                  OR other.neutral_id = coalesce(this.neutral_id, this.id)
WHERE this.id = %(answer)s AND other.voice = %(voice)s

-- name: evidence
SELECT e.n, e.article_version_id, o.external_id, v.version, v.title, v.url, v.audience,
       v.locale, v.updated_at, e.heading_path, e.anchor, e.start_offset, e.end_offset, e.score,
       substr(v.body, e.start_offset + 1, e.end_offset - e.start_offset) AS text,
       EXISTS (SELECT FROM citation c WHERE c.answer_id = e.answer_id AND c.n = e.n
                                        AND c.change IS NOT NULL) AS stale
FROM evidence e
JOIN article_version v ON v.id = e.article_version_id
JOIN article o ON o.id = v.article_id
WHERE e.answer_id = %(answer)s
ORDER BY e.n

-- name: parts
SELECT position, kind, text, support FROM part WHERE answer_id = %(answer)s ORDER BY position

-- name: citations
SELECT position, n, start_offset, end_offset, support FROM citation WHERE answer_id = %(answer)s
ORDER BY position, n
