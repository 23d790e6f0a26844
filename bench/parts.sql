-- The sides of the query `retrieve` by themselves, exact and as shipped, for the bench alone.

-- name: dense_side
SELECT v.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions}) AS distance
FROM served_vector v
WHERE v.space_id = {space}
ORDER BY v.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions})
LIMIT %(k)s

-- name: lexical_side
-- `wanted` are the terms that fetch candidates: those in few passages as shipped, all for exact.
WITH weighed AS (
    SELECT l.term, l.passages, ln(1 + (c.passages - l.passages + 0.5::float8) / (l.passages + 0.5)) AS idf
    FROM lexicon l, corpus c
    WHERE l.term = ANY(%(terms)s::int[]) AND l.language = 'en'
), question_weights AS (
    SELECT ('{{' || string_agg((term + 1) || ':' || idf, ',' ORDER BY term) || '}}/1000000000'
           )::sparsevec AS idf
    FROM weighed
), wanted AS (
    SELECT array_agg(term) AS terms
    FROM (SELECT term, sum(passages) OVER (ORDER BY passages, term) AS together,
                 row_number() OVER (ORDER BY passages, term) AS position
          FROM weighed) AS rarest
    WHERE %(exact)s OR together <= 12000 OR position = 1
)
SELECT p.weights <#> q.idf AS distance FROM passage p, question_weights q
WHERE p.terms && (SELECT terms FROM wanted)
ORDER BY p.weights <#> q.idf, p.id
LIMIT %(k)s

-- name: plan_each_time
-- These queries leave more to the planner than the shipped one.
SELECT set_config('plan_cache_mode', 'force_custom_plan', false)

-- name: exactly
SELECT set_config('enable_indexscan', %(on)s, false), set_config('enable_bitmapscan', %(on)s, false)

-- name: sizes
SELECT pg_total_relation_size('served_vector') AS vectors,
       pg_total_relation_size('passage') AS passages,
       pg_relation_size('passage_terms') AS gin,
       coalesce(pg_relation_size(to_regclass('served_vector_hnsw_1')), 0) AS hnsw
