-- What people made of answers.

-- name: vote
-- A changed vote replaces the old one, and what was said with it.
WITH gone AS (
    DELETE FROM vote_reason WHERE answer_id = %(answer)s AND voter = %(voter)s
)
INSERT INTO vote (answer_id, voter, helpful)
SELECT id, %(voter)s, %(helpful)s FROM answer WHERE id = %(answer)s
ON CONFLICT (answer_id, voter) DO UPDATE
SET helpful = EXCLUDED.helpful, comment = NULL, voted_at = now()

-- name: explain_vote
WITH against AS (
    UPDATE vote SET comment = %(comment)s
    WHERE answer_id = %(answer)s AND voter = %(voter)s AND NOT helpful
    RETURNING answer_id, voter
), gone AS (
    DELETE FROM vote_reason
    WHERE answer_id = %(answer)s AND voter = %(voter)s AND reason <> ALL(%(reasons)s)
)
INSERT INTO vote_reason (answer_id, voter, reason)
SELECT answer_id, voter, unnest(%(reasons)s::text[]) FROM against
ON CONFLICT DO NOTHING

-- name: votes_against
-- How many did not find answers helpful, and why.
SELECT v.answer_id, count(DISTINCT v.voter) AS count,
       coalesce(array_agg(DISTINCT r.reason) FILTER (WHERE r.reason IS NOT NULL), '{}') AS reasons,
       max(v.comment) AS comment
FROM vote v
LEFT JOIN vote_reason r ON r.answer_id = v.answer_id AND r.voter = v.voter
WHERE v.answer_id = ANY(%(answers)s) AND NOT v.helpful
GROUP BY v.answer_id

-- name: lock_answer
-- Reviews of one answer come one after the other.
SELECT id FROM answer WHERE id = %(answer)s FOR UPDATE

-- name: add_review
INSERT INTO review (answer_id, reviewer, verdict, wording, reason, note)
VALUES (%(answer)s, %(reviewer)s, %(verdict)s, %(wording)s, %(reason)s, %(note)s)
RETURNING id

-- name: add_review_part
INSERT INTO review_part (review_id, position, wording)
VALUES (%(review)s, %(position)s, %(wording)s)

-- name: standing_review
SELECT id, reviewer, verdict, wording, reason, note, reviewed_at, undone_at, undone_by
FROM review WHERE answer_id = %(answer)s AND undone_at IS NULL
ORDER BY id DESC LIMIT 1

-- name: reviews
-- All that were ever made of an answer, the latest first.
SELECT id, reviewer, verdict, wording, reason, note, reviewed_at, undone_at, undone_by
FROM review WHERE answer_id = %(answer)s ORDER BY id DESC

-- name: review_parts
SELECT position, wording FROM review_part WHERE review_id = %(review)s ORDER BY position

-- name: undo_review
UPDATE review SET undone_at = now(), undone_by = %(person)s
WHERE id = %(review)s AND undone_at IS NULL AND (reviewer = %(person)s OR %(any)s)
RETURNING answer_id

-- name: pick_golden
INSERT INTO golden_pick (answer_id, picked_by) VALUES (%(answer)s, %(person)s)
ON CONFLICT (answer_id) DO NOTHING

-- name: unpick_golden
DELETE FROM golden_pick WHERE answer_id = %(answer)s
