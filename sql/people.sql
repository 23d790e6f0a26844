-- Who is signed in to the console.

-- name: note_person
INSERT INTO person (id, name) VALUES (%(person)s, %(name)s)
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, seen_at = now()

-- name: people_names
SELECT id, name FROM person

-- name: open_session
INSERT INTO web_session (token_hash, person, expires_at)
VALUES (%(token_hash)s, %(person)s, now() + %(hours)s * interval '1 hour')

-- name: session
SELECT s.person, p.name FROM web_session s JOIN person p ON p.id = s.person
WHERE s.token_hash = %(token_hash)s AND s.expires_at > now()

-- name: close_session
DELETE FROM web_session WHERE token_hash = %(token_hash)s RETURNING person

-- name: drop_expired_sessions
DELETE FROM web_session WHERE expires_at <= now()
