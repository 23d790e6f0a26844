-- What people made of answers.

-- name: vote
-- A changed vote replaces the old one.
INSERT INTO vote (answer_id, voter, helpful) VALUES (%(answer)s, %(voter)s, %(helpful)s)
ON CONFLICT (answer_id, voter) DO UPDATE SET helpful = EXCLUDED.helpful, voted_at = now()

-- name: add_review
INSERT INTO review (answer_id, reviewer, verdict, wording, note)
VALUES (%(answer)s, %(reviewer)s, %(verdict)s, %(wording)s, %(note)s)
RETURNING id
