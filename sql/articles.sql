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

-- name: claim_article
-- The article's row, made if it is new, locked until the transaction ends, with ids for what will
-- be served of it. No row when the lease is lost or another space is served: then nothing may be
-- written. Until the end nobody can take the lease or switch the space.
INSERT INTO article (source_id, external_id, path)
SELECT %(source)s, %(external_id)s, %(path)s
FROM lease l, current_space c
WHERE l.name = %(lease)s AND l.token = %(token)s AND c.space_id = %(space)s
FOR SHARE OF l, c
ON CONFLICT (source_id, external_id) DO UPDATE SET path = EXCLUDED.path
RETURNING id, current_version_id, content_hash,
          array(SELECT nextval(pg_get_serial_sequence('section', 'id'))
                FROM generate_series(1, %(sections)s)) AS sections,
          array(SELECT nextval(pg_get_serial_sequence('passage', 'id'))
                FROM generate_series(1, %(passages)s)) AS passages

-- name: serve_new_version
WITH added AS (
    INSERT INTO article_version (
        article_id, version, title, url, locale, product, audience, updated_at, body, content_hash)
    SELECT %(article)s, coalesce(max(version), 0) + 1, %(title)s, %(url)s, %(locale)s, %(product)s,
           %(audience)s, %(updated_at)s, %(body)s, %(content_hash)s
    FROM article_version WHERE article_id = %(article)s
    RETURNING id
)
UPDATE article
SET current_version_id = added.id, content_hash = %(content_hash)s, recipe = %(recipe)s,
    removed_at = NULL, confirmed_at = now()
FROM added WHERE article.id = %(article)s
RETURNING added.id

-- name: serve_version_again
-- The same text, cut otherwise.
UPDATE article SET recipe = %(recipe)s, confirmed_at = now() WHERE id = %(article)s

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
