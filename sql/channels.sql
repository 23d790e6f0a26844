-- Channels as leads have set them.

-- name: channel_setting
SELECT audiences, voice, products, locales, every_question, handoff_channel, handoff_group
FROM channel_setting WHERE channel = %(channel)s

-- name: keep_channel_setting
INSERT INTO channel_setting (channel, audiences, voice, products, locales, every_question,
                             handoff_channel, handoff_group, changed_by)
VALUES (%(channel)s, %(audiences)s, %(voice)s, %(products)s, %(locales)s, %(every_question)s,
        %(handoff_channel)s, %(handoff_group)s, %(changed_by)s)
ON CONFLICT (channel) DO UPDATE SET
    audiences = EXCLUDED.audiences, voice = EXCLUDED.voice, products = EXCLUDED.products,
    locales = EXCLUDED.locales, every_question = EXCLUDED.every_question,
    handoff_channel = EXCLUDED.handoff_channel, handoff_group = EXCLUDED.handoff_group,
    changed_by = EXCLUDED.changed_by, changed_at = now()

-- name: served_locales
SELECT DISTINCT v.locale FROM article a JOIN article_version v ON v.id = a.current_version_id

-- name: served_products
SELECT DISTINCT v.product FROM article a JOIN article_version v ON v.id = a.current_version_id
WHERE v.product IS NOT NULL ORDER BY v.product
