-- Embedding spaces and the vectors in them.

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

-- name: hold_current_space
-- No article is written until the transaction ends.
SELECT FROM current_space FOR UPDATE

-- name: point_at_space
WITH left_behind AS (
    UPDATE embedding_space s SET left_at = now() FROM current_space c WHERE s.id = c.space_id
)
UPDATE current_space SET space_id = %(space)s

-- name: space_left_last
SELECT s.* FROM embedding_space s
WHERE s.left_at IS NOT NULL AND s.id NOT IN (SELECT space_id FROM current_space)
ORDER BY s.left_at DESC LIMIT 1

-- name: drop_space
-- Its vectors go with it, the cached ones too.
DELETE FROM embedding_space s
WHERE s.id = %(space)s AND s.id NOT IN (SELECT space_id FROM current_space)

-- name: keep_recall
UPDATE embedding_space SET recall = %(recall)s, recall_questions = %(questions)s
WHERE id = %(space)s

-- name: all_spaces
-- Every space with what it holds; the served one first. `texts` are all that it should hold.
SELECT s.*, c.space_id IS NOT NULL AS served,
       (SELECT count(*) FROM embedding e WHERE e.space_id = s.id) AS cached,
       (SELECT count(*) FROM served_vector v WHERE v.space_id = s.id) AS vectors,
       (SELECT count(*) FROM section) + (SELECT count(*) FROM passage) AS texts
FROM embedding_space s LEFT JOIN current_space c ON c.space_id = s.id
ORDER BY served DESC, s.id

-- name: space_size
-- A vector for each section's heading and each passage is a full space.
SELECT (SELECT count(*) FROM section) + (SELECT count(*) FROM passage) AS texts,
       (SELECT count(*) FROM served_vector WHERE space_id = %(space)s) AS vectors

-- name: unfilled_versions
-- Articles as served of which a space lacks a vector, a page at a time.
SELECT a.id AS article_id, a.external_id, a.path, v.id AS version_id, v.title, v.body, v.url,
       v.locale, v.product, v.audience, v.updated_at
FROM article a JOIN article_version v ON v.id = a.current_version_id
WHERE a.id > %(after)s
  AND (SELECT count(*) FROM section s WHERE s.article_version_id = v.id)
    + (SELECT count(*) FROM passage p WHERE p.article_version_id = v.id)
   <> (SELECT count(*) FROM section s
       JOIN served_vector w ON w.section_id = s.id AND w.space_id = %(space)s
       WHERE s.article_version_id = v.id)
ORDER BY a.id LIMIT %(limit)s

-- name: hold_versions
-- Which of some versions are served still; they stay so until the transaction ends. Those of
-- articles that are being written are passed over, so that nobody waits for each other.
SELECT a.current_version_id AS version_id
FROM article a
WHERE a.id = ANY(%(articles)s::bigint[]) AND a.current_version_id = ANY(%(versions)s::bigint[])
FOR SHARE SKIP LOCKED

-- name: served_texts
-- What has a vector in some versions: sections for their heading (no passage), and passages.
SELECT s.id AS section_id, NULL::bigint AS passage_id, s.heading_path, NULL::bytea AS text_hash
FROM section s WHERE s.article_version_id = ANY(%(versions)s::bigint[])
UNION ALL
SELECT p.section_id, p.id, NULL, p.text_hash
FROM passage p WHERE p.article_version_id = ANY(%(versions)s::bigint[])

-- name: fill_space
-- Vectors of served texts from the cache; what is there already stays.
INSERT INTO served_vector (space_id, section_id, passage_id, vector)
SELECT e.space_id, t.section_id, t.passage_id, e.vector
FROM unnest(%(sections)s::bigint[], %(passages)s::bigint[], %(hashes)b::bytea[])
     AS t (section_id, passage_id, text_hash)
JOIN embedding e ON e.space_id = %(space)s AND e.text_hash = t.text_hash
ON CONFLICT DO NOTHING

-- name: uncached_texts
SELECT DISTINCT text_hash FROM unnest(%(hashes)b::bytea[]) AS wanted (text_hash)
WHERE NOT EXISTS (
    SELECT FROM embedding e WHERE e.space_id = %(space)s AND e.text_hash = wanted.text_hash)
ORDER BY text_hash

-- name: cache_vectors
-- Nothing, if the space was dropped meanwhile.
WITH alive AS (
    SELECT id FROM embedding_space WHERE id = %(space)s FOR KEY SHARE
)
INSERT INTO embedding (space_id, text_hash, vector)
SELECT alive.id, hash, vector
FROM alive, unnest(%(hashes)b::bytea[], %(vectors)b::halfvec[]) AS new (hash, vector)
ON CONFLICT DO NOTHING

-- name: headings_as_questions
-- Headings that one article alone has, in an order that has nothing to do with them.
SELECT heading AS question, min(external_id) AS article
FROM (SELECT s.heading_path[cardinality(s.heading_path)] AS heading, a.id, a.external_id
      FROM section s JOIN article a ON a.current_version_id = s.article_version_id) AS headings
WHERE heading <> ''
GROUP BY heading HAVING count(DISTINCT id) = 1
ORDER BY md5(heading) LIMIT %(limit)s

-- name: served_external_ids
SELECT external_id FROM article
WHERE current_version_id IS NOT NULL AND external_id = ANY(%(external_ids)s::text[])

-- name: nearest_passages
-- The articles of the passages whose vectors are nearest to a question's. Vectors of headings are
-- left out: a heading that is asked for is there word for word.
SELECT a.external_id AS article
FROM (SELECT v.passage_id FROM served_vector v
      WHERE v.space_id = {space} AND v.passage_id IS NOT NULL
      ORDER BY v.vector::halfvec({dimensions}) <=> %(vector)b::halfvec({dimensions})
      LIMIT %(k)s) AS nearest
JOIN passage p ON p.id = nearest.passage_id
JOIN article_version v ON v.id = p.article_version_id
JOIN article a ON a.id = v.article_id

-- name: vector_index
SELECT (SELECT count(*) FROM served_vector WHERE space_id = %(space)s) AS vectors,
       to_regclass(%(name)s) IS NOT NULL AS indexed

-- name: index_memory
SELECT set_config('maintenance_work_mem', '512MB', true)

-- name: index_vectors
CREATE INDEX {index} ON served_vector
USING hnsw ((vector::halfvec({dimensions})) halfvec_cosine_ops)
WITH (m = 24, ef_construction = 128) WHERE space_id = {space}

-- name: drop_vector_index
-- A space's vector index, without keeping readers waiting.
DROP INDEX CONCURRENTLY IF EXISTS {index}
