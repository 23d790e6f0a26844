-- What happens to a question between being accepted and its answer being seen.

ALTER TABLE question
    ADD COLUMN attempts       int NOT NULL DEFAULT 0,  -- works begun on it; only the latest may post
    ADD COLUMN started_ts     text,          -- the message in which its answer is being written
    ADD COLUMN ended          text CHECK (ended IN ('stopped', 'deleted')),  -- nobody waits for it
    ADD COLUMN edited_text    text,          -- what its asker made of it since
    ADD COLUMN offered        boolean NOT NULL DEFAULT false,  -- to answer the edited text
    ADD COLUMN asked_again_at timestamptz;   -- answers from before are to another wording

-- 'unseen': it ended without a message, for there was nowhere to say anything or nothing to be said.
ALTER TABLE question DROP CONSTRAINT question_state_check;
ALTER TABLE question ADD CONSTRAINT question_state_check
    CHECK (state IN ('accepted', 'answered', 'failed', 'unseen'));

CREATE INDEX question_team ON question (team, id DESC);  -- how much was asked lately

-- A question may end without an answer: in a hint, a limit, or because somebody stopped it.
ALTER TABLE delivery ALTER COLUMN answer_id DROP NOT NULL;
