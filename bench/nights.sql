-- What is served, article by article, for comparing nights; for the bench alone.

-- name: served_prints
-- A hash over every byte that is served of an article, its vectors aside; null once it is removed.
SELECT a.external_id, a.id, a.path, v.version,
       CASE WHEN v.id IS NOT NULL THEN md5(concat_ws('|', v.title, v.url, v.locale, v.body) || string_agg(
           concat_ws('|', s.position, s.heading_path, s.anchor, s.start_offset, s.end_offset,
                     p.position, p.start_offset, p.end_offset, p.text_hash, p.terms, p.weights,
                     p.pair_weights, p.language, p.audience,
                     substr(v.body, p.start_offset + 1, p.end_offset - p.start_offset)),
           '|' ORDER BY p.position)) END AS print
FROM source o
JOIN article a ON a.source_id = o.id
LEFT JOIN article_version v ON v.id = a.current_version_id
LEFT JOIN section s ON s.article_version_id = v.id
LEFT JOIN passage p ON p.section_id = s.id
WHERE o.name = %(source)s
GROUP BY a.id, v.id

-- name: kept_versions
-- The text of every version of an article, oldest first.
SELECT v.body FROM article a JOIN article_version v ON v.article_id = a.id
JOIN source o ON o.id = a.source_id
WHERE o.name = %(source)s AND a.external_id = %(article)s ORDER BY v.version

-- name: end_leases
-- As if the time of whoever was killed had passed.
UPDATE lease_holder SET expires_at = now()

-- name: how_far
SELECT r.state, (SELECT count(*) FROM article_version v WHERE v.fetched_at >= r.started_at) AS written
FROM ingest_run r ORDER BY r.id DESC LIMIT 1

-- name: drop_articles
-- The vectors in the cache stay.
TRUNCATE source, article, article_version, section, passage, served_vector, lexicon, ingest_run,
         article_hold CASCADE
