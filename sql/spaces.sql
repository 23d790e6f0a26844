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

-- name: cached_vectors
SELECT text_hash, vector FROM embedding
WHERE space_id = %(space)s AND text_hash = ANY(%(hashes)s::bytea[])

-- name: cache_vectors
INSERT INTO embedding (space_id, text_hash, vector)
SELECT %(space)s, hash, vector
FROM unnest(%(hashes)s::bytea[], %(vectors)s::halfvec[]) AS new (hash, vector)
ON CONFLICT DO NOTHING
