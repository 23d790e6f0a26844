-- What writers are asked to mend, and what the desk's own golden set asks.

-- name: articles_to_mend
-- Articles that a standing review calls wrong: the ones the answer cites, else the nearest one.
-- Those not changed since come first, then those called wrong most. `spoiled` are the answers of
-- the last thirty days that cite them.
WITH wrong AS (
    SELECT r.id, r.answer_id, r.reviewer, r.reviewed_at, r.note
    FROM review r
    WHERE r.undone_at IS NULL AND r.verdict = 'article_wrong'
      AND NOT EXISTS (SELECT FROM review later WHERE later.answer_id = r.answer_id
                      AND later.id > r.id AND later.undone_at IS NULL)
), blamed AS (
    SELECT DISTINCT w.id, w.answer_id, w.reviewer, w.reviewed_at, w.note, v.article_id
    FROM wrong w
    CROSS JOIN LATERAL (
        SELECT e.article_version_id FROM evidence e
        WHERE e.answer_id = w.answer_id
          AND (EXISTS (SELECT FROM citation c WHERE c.answer_id = e.answer_id AND c.n = e.n)
               OR e.n = 1 AND NOT EXISTS (SELECT FROM citation c WHERE c.answer_id = e.answer_id))
        OFFSET 0  -- few articles are wrong, which the planner cannot know
    ) AS e
    JOIN article_version v ON v.id = e.article_version_id
), listed AS (
    SELECT article_id, count(*) AS told, max(reviewed_at) AS told_at,
           (array_agg(id ORDER BY reviewed_at DESC))[:%(reports)s] AS reviews
    FROM blamed GROUP BY article_id
), chosen AS (
    SELECT o.external_id AS article, o.id, latest.title, latest.url, l.told, l.told_at, l.reviews,
           o.current_version_id IS NULL AS gone,
           coalesce(latest.fetched_at > l.told_at, false) AS changed_since
    FROM listed l
    JOIN article o ON o.id = l.article_id
    JOIN LATERAL (SELECT title, url, fetched_at FROM article_version v
                  WHERE v.article_id = o.id ORDER BY v.version DESC LIMIT 1) AS latest ON true
    ORDER BY changed_since, l.told DESC, l.told_at DESC
    LIMIT %(limit)s
)
SELECT c.article, c.title, c.url, c.told, c.told_at, c.gone, c.changed_since,
       (SELECT jsonb_agg(jsonb_build_object('answer', r.answer_id, 'question', q.text,
                                            'note', r.note, 'reviewer', r.reviewer,
                                            'at', r.reviewed_at) ORDER BY r.reviewed_at DESC)
        FROM review r JOIN answer a ON a.id = r.answer_id JOIN question q ON q.id = a.question_id
        WHERE r.id = ANY(c.reviews)) AS reports,
       (SELECT count(DISTINCT a.id)
        FROM article_version v
        JOIN evidence e ON e.article_version_id = v.id
        JOIN answer a ON a.id = e.answer_id AND a.created_at > now() - interval '30 days'
        WHERE v.article_id = c.id
          AND EXISTS (SELECT FROM citation x WHERE x.answer_id = e.answer_id AND x.n = e.n)
       ) AS spoiled
FROM chosen c
ORDER BY c.changed_since, c.told DESC, c.told_at DESC

-- name: golden_set
-- Questions whose answer a lead has judged or picked: with the articles that were cited, or that
-- none covers them; and what was rejected, which should not be said again.
SELECT a.id AS answer, coalesce(q.standalone, q.text) AS question,
       a.verdict = 'answered' AS covered, r.verdict AS review,
       coalesce((SELECT array_agg(DISTINCT o.external_id)
                 FROM citation c
                 JOIN evidence e ON e.answer_id = c.answer_id AND e.n = c.n
                 JOIN article_version v ON v.id = e.article_version_id
                 JOIN article o ON o.id = v.article_id
                 WHERE c.answer_id = a.id), '{}') AS articles
FROM answer a
JOIN question q ON q.id = a.question_id
LEFT JOIN golden_pick g ON g.answer_id = a.id
LEFT JOIN LATERAL (SELECT verdict FROM review r WHERE r.answer_id = a.id AND r.undone_at IS NULL
                   ORDER BY r.id DESC LIMIT 1) AS r ON true
WHERE a.neutral_id IS NULL AND a.verdict <> 'failed'
  AND (r.verdict IN ('approve', 'amend', 'reject') OR g.answer_id IS NOT NULL)
  AND a.id IN (SELECT answer_id FROM review UNION SELECT answer_id FROM golden_pick)
ORDER BY a.id
