-- The log of who did what; it is only ever added to.

-- name: add_audit
-- The number, the time and the hash are the database's.
INSERT INTO audit (id, at, actor, action, answer_id, detail, hash)
VALUES (0, now(), %(actor)s, %(action)s, %(answer)s, %(detail)s, '')

-- name: audit_entries
SELECT id, at, actor, action, answer_id, detail FROM audit
WHERE (%(answer)s::bigint IS NULL OR answer_id = %(answer)s)
ORDER BY id DESC LIMIT %(limit)s

-- name: broken_audit
-- The first row that is not as it was written, or whose predecessor is gone.
SELECT id FROM (
    SELECT a.id, a.hash, lag(a.id) OVER (ORDER BY a.id) AS before_id,
           audit_hash(coalesce(lag(a.hash) OVER (ORDER BY a.id), '\x'), a) AS due
    FROM audit a
) AS checked
WHERE hash <> due OR id <> coalesce(before_id, 0) + 1
ORDER BY id LIMIT 1
