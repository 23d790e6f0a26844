-- Embedding spaces and the vectors cached in them.

-- name: current_space
SELECT s.* FROM current_space c JOIN embedding_space s ON s.id = c.space_id

-- name: found_space
-- The first ingest makes the space and points at it; a second caller changes nothing.
WITH made AS (
    INSERT INTO embedding_space (provider, model, dimensions, fingerprint)
    VALUES (%(provider)s, %(model)s, %(dimensions)s, %(fingerprint)s)
    ON CONFLICT (provider, model, dimensions, fingerprint) DO UPDATE SET model = EXCLUDED.model
    RETURNING id
)
INSERT INTO current_space (space_id) SELECT id FROM made ON CONFLICT DO NOTHING

-- name: add_space
INSERT INTO embedding_space (provider, model, dimensions, fingerprint)
VALUES (%(provider)s, %(model)s, %(dimensions)s, %(fingerprint)s)
ON CONFLICT (provider, model, dimensions, fingerprint) DO UPDATE SET model = EXCLUDED.model
RETURNING id

-- name: point_at_space
UPDATE current_space SET space_id = %(space)s

-- name: empty_space
-- The cached vectors stay.
DELETE FROM served_vector WHERE space_id = %(space)s

-- name: all_spaces
-- Every space with what it holds; the served one first.
SELECT s.*, c.space_id IS NOT NULL AS served,
       (SELECT count(*) FROM embedding e WHERE e.space_id = s.id) AS cached
FROM embedding_space s LEFT JOIN current_space c ON c.space_id = s.id
ORDER BY served DESC, s.id

-- name: served_versions
-- Articles as served, a page at a time, for embedding them anew.
SELECT a.id AS article_id, a.external_id, a.path, v.id AS version_id, v.title, v.body, v.url,
       v.locale, v.product, v.audience, v.updated_at
FROM article a JOIN article_version v ON v.id = a.current_version_id
WHERE a.id > %(after)s
ORDER BY a.id LIMIT %(limit)s

-- name: served_texts
-- What has a vector in some versions: sections for their heading (no passage), and passages.
SELECT s.id AS section_id, NULL::bigint AS passage_id, s.heading_path, NULL::bytea AS text_hash
FROM section s WHERE s.article_version_id = ANY(%(versions)s::bigint[])
UNION ALL
SELECT p.section_id, p.id, NULL, p.text_hash
FROM passage p WHERE p.article_version_id = ANY(%(versions)s::bigint[])

-- name: cached_vectors
SELECT text_hash, vector FROM embedding
WHERE space_id = %(space)s AND text_hash = ANY(%(hashes)b::bytea[])

-- name: cache_vectors
INSERT INTO embedding (space_id, text_hash, vector)
SELECT %(space)s, hash, vector
FROM unnest(%(hashes)b::bytea[], %(vectors)b::halfvec[]) AS new (hash, vector)
ON CONFLICT DO NOTHING

-- name: vector_index
SELECT (SELECT count(*) FROM served_vector WHERE space_id = %(space)s) AS vectors,
       to_regclass(%(name)s) IS NOT NULL AS indexed

-- name: index_memory
SELECT set_config('maintenance_work_mem', '512MB', true)

-- name: index_vectors
CREATE INDEX {index} ON served_vector
USING hnsw ((vector::halfvec({dimensions})) halfvec_cosine_ops) WHERE space_id = {space}
