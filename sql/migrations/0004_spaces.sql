-- Spaces beside the served one.

-- When a space was last switched away from (the latest is what a rollback goes back to), and how
-- often it found the right article when it was last measured.
ALTER TABLE embedding_space
    ADD left_at timestamptz,
    ADD recall real,
    ADD recall_questions int;
