-- Which answers a lead looks at first, and who has one open.

-- name: queue_answers
-- Finds anew whether answers wait for a verdict, and why.
WITH due AS (
    SELECT * FROM review_due WHERE answer_id = ANY(%(answers)s::bigint[])
), gone AS (
    DELETE FROM review_wait w WHERE w.answer_id = ANY(%(answers)s::bigint[])
        AND NOT EXISTS (SELECT FROM due WHERE due.answer_id = w.answer_id
                        AND due.reason IS NOT NULL)
)
INSERT INTO review_wait (answer_id, reason, answered_at)
SELECT answer_id, reason, answered_at FROM due WHERE reason IS NOT NULL
ON CONFLICT (answer_id) DO UPDATE SET reason = EXCLUDED.reason

-- name: waiting_answers
-- A page of the answers that wait for a verdict, and how many wait for each reason.
WITH waiting AS MATERIALIZED (
    SELECT w.answer_id, w.reason, w.answered_at
    FROM review_wait w
    WHERE (%(since)s::timestamptz IS NULL OR w.answered_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR w.answered_at < %(until)s)
      AND (%(voice)s::text IS NULL AND %(verdict)s::text IS NULL OR w.answer_id IN (
          SELECT a.id FROM answer a
          WHERE (%(voice)s::text IS NULL OR a.voice = %(voice)s)
            AND (%(verdict)s::text IS NULL OR a.verdict = %(verdict)s)))
      AND (%(channel)s::text IS NULL AND %(agent)s::text IS NULL OR w.answer_id IN (
          SELECT a.id FROM question q JOIN answer a ON a.question_id = q.id
          WHERE (%(channel)s::text IS NULL OR q.channel = %(channel)s)
            AND (%(agent)s::text IS NULL OR q.asker = %(agent)s)))
      AND (%(article)s::text IS NULL OR w.answer_id IN (
          SELECT e.answer_id FROM article o
          JOIN article_version v ON v.article_id = o.id
          JOIN evidence e ON e.article_version_id = v.id
          WHERE o.external_id = %(article)s))
      AND w.answer_id NOT IN (
          SELECT s.answer_id FROM review_skip s
          WHERE s.reviewer = %(reviewer)s AND s.skipped_at > now() - interval '7 days')
), counted AS (
    SELECT jsonb_object_agg(reason, answers) AS counts
    FROM (SELECT reason, count(*) AS answers FROM waiting GROUP BY reason)
), page AS (
    SELECT * FROM waiting
    WHERE %(reason)s::int IS NULL OR reason = %(reason)s
    ORDER BY reason, answered_at DESC, answer_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT p.answer_id AS id, p.reason, q.text AS question, q.asked_at, q.asker, q.channel, a.voice,
       a.verdict, c.reviewer AS held_by, counted.counts
FROM counted
LEFT JOIN page p ON true
LEFT JOIN answer a ON a.id = p.answer_id
LEFT JOIN question q ON q.id = a.question_id
LEFT JOIN review_claim c ON c.answer_id = p.answer_id AND c.expires_at > now()
                        AND c.reviewer <> %(reviewer)s
ORDER BY p.reason, p.answered_at DESC, p.answer_id DESC

-- name: reviewed_answers
-- What has been reviewed, the latest first.
SELECT a.id, 0 AS reason, q.text AS question, q.asked_at, q.asker, q.channel, a.voice, a.verdict,
       NULL AS held_by, r.verdict AS review, r.reviewer, r.reviewed_at
FROM review r
JOIN answer a ON a.id = r.answer_id
JOIN question q ON q.id = a.question_id
WHERE r.undone_at IS NULL
  AND (%(voice)s::text IS NULL OR a.voice = %(voice)s)
  AND (%(verdict)s::text IS NULL OR a.verdict = %(verdict)s)
  AND (%(since)s::timestamptz IS NULL OR a.created_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR a.created_at < %(until)s)
  AND (%(channel)s::text IS NULL OR q.channel = %(channel)s)
  AND (%(agent)s::text IS NULL OR q.asker = %(agent)s)
  AND (%(article)s::text IS NULL OR EXISTS (
      SELECT FROM evidence e
      JOIN article_version v ON v.id = e.article_version_id
      JOIN article o ON o.id = v.article_id
      WHERE e.answer_id = a.id AND o.external_id = %(article)s))
ORDER BY r.reviewed_at DESC, r.id DESC
LIMIT %(limit)s OFFSET %(offset)s

-- name: claim_answer
-- Whoever has the answer open from now on: who asks, unless somebody else has.
INSERT INTO review_claim (answer_id, reviewer, expires_at)
VALUES (%(answer)s, %(reviewer)s, now() + %(minutes)s * interval '1 minute')
ON CONFLICT (answer_id) DO UPDATE
SET reviewer = EXCLUDED.reviewer, expires_at = EXCLUDED.expires_at,
    claimed_at = CASE WHEN review_claim.reviewer = EXCLUDED.reviewer THEN review_claim.claimed_at
                      ELSE now() END
WHERE review_claim.reviewer = EXCLUDED.reviewer OR review_claim.expires_at <= now()
RETURNING reviewer

-- name: claim
SELECT reviewer, claimed_at FROM review_claim WHERE answer_id = %(answer)s AND expires_at > now()

-- name: release_claim
DELETE FROM review_claim WHERE answer_id = %(answer)s

-- name: skip_answer
INSERT INTO review_skip (answer_id, reviewer) VALUES (%(answer)s, %(reviewer)s)
ON CONFLICT (answer_id, reviewer) DO UPDATE SET skipped_at = now()

-- name: unskip_answer
DELETE FROM review_skip WHERE answer_id = %(answer)s AND reviewer = %(reviewer)s
