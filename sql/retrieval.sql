-- The one query between a question and its evidence.

-- name: retrieve
-- Dense and lexical candidates are joined, both exact scores are computed for all of them,
-- min-max normalised and mixed three to two (a convex combination; reciprocal ranks lose .017
-- nDCG@10). {space} and {dimensions} are literals so that a partial index fits, and {filtered} so that
-- questions with filters, whose plan depends on them, do not share one with those without.
WITH readings AS (
    -- Every reading of a word that the corpus knows searches, so that articles of all languages
    -- are found; a word that no passage holds is a reading without passages.
    SELECT q.word, q.term, coalesce(l.passages, 0) AS passages
    FROM unnest(%(words)s::int[], %(terms)s::int[], %(languages)s::text[]) AS q (word, term, language)
    LEFT JOIN LATERAL (
        SELECT passages FROM lexicon WHERE term = q.term AND language = q.language
        OFFSET 0  -- a few hundred look-ups are quicker than the hash join the planner would take
    ) AS l ON true
), weighed AS (
    SELECT r.term, max(r.word) AS word, max(r.passages) AS passages,
           ln(1 + (c.passages - least(max(r.passages), c.passages) + 0.5::float8)
                  / (max(r.passages) + 0.5)) AS idf
    FROM readings r, corpus c
    WHERE r.passages > 0
    GROUP BY r.term, c.passages
), asked AS MATERIALIZED (
    -- A word of the question weighs what its most frequent reading weighs.
    SELECT r.word,
           ln(1 + (c.passages - least(max(r.passages), c.passages) + 0.5::float8)
                  / (max(r.passages) + 0.5)) AS idf
    FROM readings r, corpus c
    GROUP BY r.word, c.passages
), wanted AS (
    -- Candidates are fetched by the rarest terms, as long as they bring no more than 12,000 rows
    -- together; the first always does. Frequent terms count for the score alone.
    SELECT array_agg(term) AS terms
    FROM (SELECT term, sum(passages) OVER (ORDER BY passages, term) AS together,
                 row_number() OVER (ORDER BY passages, term) AS position
          FROM weighed) AS rarest
    WHERE together <= 12000 OR position = 1
), paired AS (
    SELECT q.pair AS term, 0.2 * max(greatest(l.idf, r.idf)) AS idf
    FROM unnest(%(pairs)s::int[], %(lefts)s::int[], %(rights)s::int[]) AS q (pair, "left", "right")
    JOIN weighed l ON l.term = q."left"
    JOIN weighed r ON r.term = q."right"
    GROUP BY q.pair
), question_weights AS (
    SELECT (SELECT ('{{' || string_agg((term + 1) || ':' || idf, ',' ORDER BY term)
                    || '}}/1000000000')::sparsevec FROM weighed) AS idf,
           (SELECT ('{{' || string_agg((term + 1) || ':' || idf, ',' ORDER BY term)
                    || '}}/1000000000')::sparsevec FROM paired) AS pair_idf
), lexical AS (
    SELECT p.id
    FROM passage p
    WHERE p.terms && (SELECT terms FROM wanted)
      AND (NOT {filtered} OR in_scope(p, %(locales)s::text[], %(products)s::text[],
                                         %(audiences)s::text[], %(sources)s::int[]))
    ORDER BY p.weights <#> (SELECT idf FROM question_weights), p.id
    LIMIT 100
), allowed AS MATERIALIZED (
    -- What a filter leaves, if that is little.
    SELECT DISTINCT section_id FROM (
        SELECT section_id FROM passage p
        WHERE {filtered}
          AND in_scope(p, %(locales)s::text[], %(products)s::text[], %(audiences)s::text[],
                       %(sources)s::int[])
        LIMIT 5001) AS passages
), scope AS (
    SELECT {filtered} AND count(*) <= 5000 AS narrow FROM allowed
), nearest AS (
    -- A narrow filter's vectors are all compared: exact, and no index has to be searched for them.
    (SELECT v.section_id, v.passage_id
     FROM allowed JOIN served_vector v USING (section_id)
     WHERE (SELECT narrow FROM scope) AND v.space_id = {space}
     ORDER BY v.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions})
     LIMIT 100)
    UNION ALL
    -- Else they are walked along the HNSW index, where there is one, until a hundred pass.
    (SELECT v.section_id, v.passage_id
     FROM served_vector v
     WHERE NOT (SELECT narrow FROM scope) AND v.space_id = {space}
       AND (NOT {filtered} OR EXISTS (
            SELECT FROM passage p
            WHERE p.section_id = v.section_id
              AND in_scope(p, %(locales)s::text[], %(products)s::text[], %(audiences)s::text[],
                       %(sources)s::int[])))
     ORDER BY v.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions})
     LIMIT 100)
), candidate AS (
    SELECT id FROM lexical
    UNION
    SELECT passage_id FROM nearest WHERE passage_id IS NOT NULL
    UNION
    SELECT p.id FROM nearest n JOIN passage p USING (section_id) WHERE n.passage_id IS NULL
), scored AS (
    SELECT p.id,
           1 - (own.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions})) AS own,
           1 - (head.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions})) AS head,
           coalesce(-(p.weights <#> q.idf), 0) + coalesce(-(p.pair_weights <#> q.pair_idf), 0) AS bm25
    FROM candidate
    JOIN passage p USING (id)
    CROSS JOIN question_weights q
    JOIN served_vector own ON own.passage_id = p.id AND own.space_id = {space}
    LEFT JOIN served_vector head
        ON head.section_id = p.section_id AND head.passage_id IS NULL AND head.space_id = {space}
), mixed AS (
    SELECT id, own, head, bm25,
           greatest(own, head - 0.02) AS dense,
           min(greatest(own, head - 0.02)) OVER () AS dense_low,
           max(greatest(own, head - 0.02)) OVER () AS dense_high,
           min(bm25) OVER () AS bm25_low,
           max(bm25) OVER () AS bm25_high
    FROM scored
), ranked AS (
    SELECT *,
           0.6 * coalesce((dense - dense_low) / nullif(dense_high - dense_low, 0), 0)
         + 0.4 * coalesce((bm25 - bm25_low) / nullif(bm25_high - bm25_low, 0), 0) AS score
    FROM mixed
    ORDER BY score DESC, id
    LIMIT %(k)s
)
SELECT r.score, r.dense, r.own, r.head, r.bm25, (SELECT array_agg(idf ORDER BY word) FROM asked) AS idfs,
       p.article_version_id, v.article_id, o.external_id, v.version, v.title, v.url, v.locale,
       v.product, v.audience, v.updated_at, s.heading_path, s.anchor,
       s.start_offset AS section_start, s.end_offset AS section_end, p.start_offset, p.end_offset,
       substr(v.body, s.start_offset + 1, s.end_offset - s.start_offset) AS section_text,
       (SELECT space_id FROM current_space) AS served_space, c.threshold, c.sure,
       EXISTS (SELECT FROM review w
               WHERE w.verdict IN ('approve', 'amend') AND w.undone_at IS NULL) AS any_verified
FROM ranked r
JOIN passage p USING (id)
JOIN section s ON s.id = p.section_id
JOIN article_version v ON v.id = p.article_version_id
JOIN article o ON o.id = v.article_id
LEFT JOIN calibration c ON c.space_id = {space}
ORDER BY r.score DESC, r.id
