-- Sources, articles and their versions.

-- name: upsert_source
-- A template given now replaces the one remembered; none given keeps it.
INSERT INTO source (name, url_template) VALUES (%(name)s, %(url_template)s)
ON CONFLICT (name) DO UPDATE
    SET url_template = coalesce(EXCLUDED.url_template, source.url_template)
RETURNING id, url_template

-- name: source_by_name
SELECT id, name, url_template FROM source WHERE name = %(name)s

-- name: known_articles
SELECT a.id, a.external_id, a.path, v.url, a.content_hash, a.recipe, a.confirmed_at
FROM article a JOIN article_version v ON v.id = a.current_version_id
WHERE a.source_id = %(source)s

-- name: write_article
-- An article's version and what is served of it: all or nothing, in one round trip. No row, and
-- nothing written, when the lease is lost or another space is served; nobody can take the one or
-- switch the other until the end. The same text, cut otherwise, stays one version.
-- (LIMIT is for the planner. Beyond 4096 characters the driver parses it each time.)
WITH allowed AS (
  SELECT FROM lease l, current_space c
  WHERE l.name = %(lease)s AND l.token = %(token)s AND c.space_id = %(space)s
  LIMIT 1 FOR SHARE OF l, c
), former AS (
  -- First, for whoever fills a space.
  SELECT a.id, a.current_version_id AS version, a.content_hash = %(content_hash)s AS same
  FROM allowed, article a WHERE a.source_id = %(source)s AND a.external_id = %(external_id)s
  LIMIT 1 FOR UPDATE OF a
), chosen AS (
  SELECT coalesce(f.id, nextval('article_id_seq')) AS article, f.version AS former,
         CASE WHEN f.same THEN f.version ELSE nextval('article_version_id_seq') END AS version,
         array(SELECT nextval('section_id_seq')
               FROM generate_series(1, cardinality(%(positions)s::int[]))) AS sections
  FROM allowed LEFT JOIN former f ON true
), served AS (
  INSERT INTO article (id, source_id, external_id, path, current_version_id, content_hash, recipe,
    confirmed_at)
  OVERRIDING SYSTEM VALUE
  SELECT article, %(source)s, %(external_id)s, %(path)s, version, %(content_hash)s, %(recipe)s, now()
  FROM chosen
  ON CONFLICT (source_id, external_id) DO UPDATE
  SET path = %(path)s, current_version_id = EXCLUDED.current_version_id, recipe = %(recipe)s,
      content_hash = %(content_hash)s, confirmed_at = now(), removed_at = NULL
), versioned AS (
  INSERT INTO article_version (id, article_id, version, title, url, locale, product, audience,
    updated_at, body, content_hash)
  OVERRIDING SYSTEM VALUE
  SELECT version, article, (SELECT coalesce(max(v.version), 0) + 1
                            FROM article_version v WHERE v.article_id = chosen.article),
         %(title)s, %(url)s, %(locale)s, %(product)s, %(audience)s, %(updated_at)s, %(body)s,
         %(content_hash)s
  FROM chosen WHERE version IS DISTINCT FROM former
), gone AS (
  DELETE FROM section WHERE article_version_id = (SELECT former FROM chosen) RETURNING id
), headed AS (
  INSERT INTO section (id, article_version_id, position, heading_path, anchor, start_offset,
    end_offset)
  OVERRIDING SYSTEM VALUE
  SELECT sections[n], version, position,
         array(SELECT jsonb_array_elements_text(%(heading_paths)s::jsonb -> (n::int - 1))),
         anchor, start_offset, end_offset
  FROM (SELECT count(*) FROM gone) AS first, chosen,  -- positions are free again
       unnest(%(positions)s::int[], %(anchors)s::text[], %(section_starts)s::int[],
              %(section_ends)s::int[])
       WITH ORDINALITY AS s (position, anchor, start_offset, end_offset, n)
), cut AS (
  INSERT INTO passage (section_id, article_version_id, source_id, locale, language, product,
    audience, position, start_offset, end_offset, text_hash, terms, weights, pair_weights)
  SELECT sections[section], version, %(source)s, %(locale)s, %(language)s, %(product)s,
         %(audience)s, position, start_offset, end_offset, text_hash, terms::int[], weights, pairs
  FROM chosen,
       unnest(%(section_of)s::int[], %(places)s::int[], %(starts)s::int[],
              %(ends)s::int[], %(text_hashes)b::bytea[], %(terms)s::text[],
              %(weights)b::sparsevec[], %(pairs)b::sparsevec[])
       AS p (section, position, start_offset, end_offset, text_hash, terms, weights, pairs)
  RETURNING id, section_id, text_hash
), embedded AS (
  INSERT INTO served_vector (space_id, section_id, passage_id, vector)
  SELECT %(space)s, section_id, id,
         (SELECT vector FROM embedding e WHERE space_id = %(space)s AND e.text_hash = t.text_hash)
  FROM (SELECT NULL AS id, sections[n] AS section_id, text_hash
        FROM chosen, unnest(%(heading_hashes)b::bytea[]) WITH ORDINALITY AS h (text_hash, n)
        UNION ALL TABLE cut) AS t
)
SELECT set_config('synchronous_commit', 'off', true) FROM chosen

-- name: confirm_articles
UPDATE article SET confirmed_at = now()
WHERE source_id = %(source)s AND external_id = ANY(%(external_ids)s::text[])

-- name: move_articles
UPDATE article SET path = new.path
FROM unnest(%(ids)s::bigint[], %(paths)s::text[]) AS new (id, path)
WHERE article.id = new.id

-- name: remove_articles
-- What was served of them goes with their sections; the versions stay for the answers citing them.
WITH gone AS (
    SELECT id, current_version_id FROM article WHERE id = ANY(%(ids)s::bigint[]) FOR UPDATE
), unserved AS (
    DELETE FROM section USING gone WHERE section.article_version_id = gone.current_version_id
)
UPDATE article
SET current_version_id = NULL, content_hash = NULL, recipe = NULL, removed_at = now()
FROM gone WHERE article.id = gone.id

-- name: served_articles
SELECT count(*) AS articles FROM article WHERE current_version_id IS NOT NULL

-- name: served_headings
-- Titles and headings of what is served in a source, to ask questions from.
SELECT v.title, s.heading_path[cardinality(s.heading_path)] AS heading
FROM article a
JOIN source o ON o.id = a.source_id
JOIN article_version v ON v.id = a.current_version_id
JOIN section s ON s.article_version_id = v.id
WHERE o.name = %(source)s
ORDER BY a.id, s.position
