-- Leases: work that only one process may do at a time.

-- name: make_lease
INSERT INTO lease (name) VALUES (%(name)s) ON CONFLICT DO NOTHING

-- name: take_lease
-- The new token, if nobody holds the lease; raising it waits for writes under the old one.
WITH held AS (
    INSERT INTO lease_holder (name, holder, expires_at)
    VALUES (%(name)s, %(holder)s, now() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE
        SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
        WHERE lease_holder.expires_at <= now()
    RETURNING name
)
UPDATE lease SET token = token + 1 FROM held WHERE lease.name = held.name RETURNING token

-- name: lease_holder
SELECT holder, expires_at FROM lease_holder WHERE name = %(name)s

-- name: renew_lease
UPDATE lease_holder h SET expires_at = now() + %(seconds)s * interval '1 second'
FROM lease l
WHERE h.name = %(name)s AND l.name = h.name AND l.token = %(token)s

-- name: return_lease
DELETE FROM lease_holder h USING lease l
WHERE h.name = %(name)s AND l.name = h.name AND l.token = %(token)s

-- name: hold_lease
-- In the transaction of a write: no row if the lease is lost, and none can take it until the end.
SELECT token FROM lease WHERE name = %(name)s AND token = %(token)s FOR SHARE
