-- The lexicon over the passages that are served.

-- name: corpus_changed
UPDATE corpus SET stale = true

-- name: lock_corpus
-- One recount or index build at a time; the next one then sees what the former wrote.
SELECT FROM corpus FOR UPDATE

-- name: refresh_lexicon
-- Recount how many passages hold each term. Rows that do not change are not written.
WITH counted AS (
    SELECT term, language, count(*)::int AS passages
    FROM passage, unnest(terms) AS term
    GROUP BY term, language
), gone AS (
    DELETE FROM lexicon l
    WHERE NOT EXISTS (
        SELECT FROM counted c WHERE c.term = l.term AND c.language = l.language)
), written AS (
    INSERT INTO lexicon (term, language, passages)
    SELECT term, language, passages FROM counted
    ON CONFLICT (term, language) DO UPDATE SET passages = EXCLUDED.passages
    WHERE lexicon.passages <> EXCLUDED.passages
)
UPDATE corpus SET passages = now.passages, stale = false
FROM (SELECT count(*) AS passages FROM passage) AS now
WHERE corpus.stale OR corpus.passages <> now.passages

-- name: corpus
SELECT passages, stale FROM corpus

-- name: analyze_passages
ANALYZE passage, served_vector, lexicon, section, corpus
