-- What the checks at ingest read, and the articles they hold back.

-- name: source_articles
-- What is served of a source, a page at a time.
SELECT a.id, a.external_id, v.title, v.body AS text, v.url, a.path, v.locale, v.product, v.audience,
       v.updated_at
FROM article a JOIN article_version v ON v.id = a.current_version_id
WHERE a.source_id = %(source)s AND a.id > %(after)s
ORDER BY a.id LIMIT %(limit)s

-- name: served_addresses
-- Of all sources: articles link to one another across them.
SELECT v.url FROM article a JOIN article_version v ON v.id = a.current_version_id

-- name: removed_addresses
-- Every address that a removed article ever had.
SELECT DISTINCT ON (v.url) v.url, v.title, a.removed_at
FROM article a JOIN article_version v ON v.article_id = a.id
WHERE a.removed_at IS NOT NULL AND starts_with(v.url, 'http')
ORDER BY v.url, a.removed_at DESC, v.version DESC

-- name: hold_article
INSERT INTO article_hold (source_id, external_id, path, content_hash, sentence)
VALUES (%(source)s, %(external_id)s, %(path)s, %(content_hash)s, %(sentence)s)
ON CONFLICT (source_id, external_id, content_hash) DO UPDATE SET path = EXCLUDED.path

-- name: forget_outdated_holds
-- Of texts that the source has no longer; without external ids the whole source was read.
DELETE FROM article_hold h
WHERE h.source_id = %(source)s AND h.passed_by IS NULL
  AND (%(external_ids)s::text[] IS NULL OR h.external_id = ANY(%(external_ids)s))
  AND h.content_hash <> ALL(%(held)s::text[])

-- name: passed_articles
SELECT external_id, content_hash FROM article_hold
WHERE source_id = %(source)s AND passed_by IS NOT NULL

-- name: held_articles
SELECT h.id, s.name AS source, h.path, h.sentence, h.held_at
FROM article_hold h JOIN source s ON s.id = h.source_id
WHERE h.passed_by IS NULL
ORDER BY h.id

-- name: pass_article
UPDATE article_hold h SET passed_by = %(by)s, passed_at = now()
FROM source s WHERE h.id = %(hold)s AND s.id = h.source_id
RETURNING s.name AS source, h.path
